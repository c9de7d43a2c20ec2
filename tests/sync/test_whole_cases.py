"""What has effect in law is never merged by itself, and never half of an action: where it is in
dispute the whole action stays outside until a person takes it or leaves it (sync.md 4.4)."""

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import attachment, cert_task, exchange, ruling, trouble
from app.kit.refusal import Refusal
from app.visit import plan
from models import attachment as contents
from models.cert_task import CertTask
from models.employer import Employer
from models.exchange import LEFT_OUT, Conflict, Held
from models.family import Family
from models.kit import clock
from models.kit.base import Record
from models.kit.fields import Merge
from models.kit.ids import new_id
from models.movement import Movement
from models.retiree import LOST, MANAGED, SUSPECTED_DEAD, Retiree
from models.ruling import NOW, OTHER, Ruling
from models.visit_plan import VisitPlan
from sync.digests import plain
from sync.merge import Fate, Present, Rank, Result, decide
from tests.make import an_id_number
from tests.sync.parts import Node, World, edit, register
from tests.sync.people import HERS, OTHERS, THIRD, choose, has, picture, seat, seen, slip_of
from tests.sync.views import compared, outcomes_of, pictures, same

THEIRS, OURS = "13800002617", "13900004471"


def known(here: World) -> tuple[Node, str]:
    """A station and a person the centre knows."""
    station = here.station("519902001001")
    seat(here.node, "centre_head")
    seat(station, "head")
    key = str(station.do(register, id_no=HERS))
    here.sync(station)
    return station, key


def suspects(session: Session, key: str) -> str:
    """One action of several changes: the state, a telephone, a daughter, the event."""
    edit(session, key, manage_state=SUSPECTED_DEAD, mobile=OURS)
    made = Family(retiree_id=key, name="王小梅", relation="22", phone=THEIRS)
    basis = {"changed_on": date(2026, 11, 20), "basis": "女儿来电"}
    session.add_all((made, Movement(retiree_id=key, change_type="9", **basis)))
    session.flush()
    return made.id


def in_dispute(here: World) -> tuple[Node, str, str]:
    """The centre had lost sight of her when the station's action came."""
    station, key = known(here)
    here.node.do(edit, key, manage_state=LOST)
    family = station.do(suspects, key)
    here.sync(station)
    return station, key, family


def everything(session: Session, office_id: str) -> dict[str, Any]:
    """What counts of an office: the person and what hangs on her."""
    found: dict[str, Any] = {}
    for entity in (Retiree, Family, Movement):
        rows: list[Record] = list(
            session.scalars(
                select(entity).where(entity.office_id == office_id, entity.is_void.is_(False))
            )
        )
        found |= {one.id: (plain(one.stamps), getattr(one, "mobile", None)) for one in rows}
    return found


def both_show_the_same(here: World, station: Node) -> dict[str, Any]:
    mine = station.get(lambda s: everything(s, station.desk.office_id))
    assert mine == here.node.get(lambda s: everything(s, station.desk.office_id))
    return mine  # type: ignore[no-any-return]


def test_nothing_of_the_action_enters_and_the_station_shows_what_stands(here: World) -> None:
    station, key, _ = in_dispute(here)
    assert outcomes_of(station) == [Result.APPLIED, *[Result.CASE] * 3]
    assert set(both_show_the_same(here, station)) == {key}
    person = station.person(key)
    assert person is not None
    assert (person.manage_state, person.mobile) == (LOST, None)
    case = here.node.get(lambda s: s.scalars(select(Conflict)).one())
    assert (case.field, case.needs_person, case.about) == ("manage_state", True, key)
    assert compared(here, station)


def test_the_slip_and_the_station_show_what_else_was_said(here: World) -> None:
    station, key, _ = in_dispute(here)
    side = slip_of(here, key).items[0].others[0]
    assert side.shown == "疑似死亡"
    assert any(line.startswith("手机 139") for line in side.also)
    assert any(line.startswith("新登记家属") for line in side.also)
    (told,) = station.get(seen(station, exchange.kept))
    assert [(one.label, one.mine, one.now) for one in told.fields] == [
        ("管理状态", "疑似死亡", "失联")
    ]
    assert told.also == side.also
    assert station.get(exchange.kept_count) == 1


def test_it_is_taken_whole(here: World) -> None:
    station, key, family = in_dispute(here)
    choose(here, key, OTHER)
    here.sync(station)
    found = both_show_the_same(here, station)
    assert {key, family} < set(found)
    assert len(found) == 3
    person = station.person(key)
    assert person is not None
    assert (person.manage_state, person.mobile) == (SUSPECTED_DEAD, OURS)
    assert station.outcomes().count(Result.CASE) == 3
    assert compared(here, station)
    assert here.node.get(ruling.chips) == {"open": 0, "auto": 0, "ruled": 1}


def test_a_picture_of_it_is_still_there_when_it_is_taken_months_later(here: World) -> None:
    station, key = known(here)
    here.node.do(edit, key, manage_state=LOST)

    def found_dead(session: Session) -> None:
        suspects(session, key)
        attachment.attach(session, key, [attachment.New(picture(), "02")])

    station.do(found_dead)
    here.sync(station)
    with clock.freeze(clock.now() + timedelta(days=40)):
        for node in (station, here.node):
            node.do(attachment.let_go)
    choose(here, key, OTHER)
    here.sync(station)
    here.sync(station)
    name = contents.digest_of(picture().data)
    for node in (station, here.node):
        assert has(node, station.desk.office_id, [name]) == {name}


def test_it_is_left_whole(here: World) -> None:
    station, key, _ = in_dispute(here)
    choose(here, key, NOW)
    here.sync(station)
    assert set(both_show_the_same(here, station)) == {key}
    assert "采用另一方的值" in station.get(seen(station, exchange.kept))[0].ruling
    assert compared(here, station)


def test_what_the_author_said_later_is_not_taken_back_with_it(here: World) -> None:
    """The later edit rests on a change that never entered, so on what that rested on."""
    station, key = known(here)
    here.node.do(edit, key, manage_state=LOST)
    station.do(suspects, key)
    station.do(edit, key, mobile=THEIRS)
    here.sync(station)
    assert outcomes_of(station)[-1] == Result.APPLIED
    assert here.node.person(key).mobile == THEIRS  # type: ignore[union-attr]
    choose(here, key, OTHER)
    here.sync(station)
    assert both_show_the_same(here, station)[key][1] == THEIRS
    assert len(here.node.get(lambda s: s.scalars(select(Conflict)).all())) == 1


@pytest.mark.parametrize("choice", [NOW, OTHER])
@pytest.mark.parametrize("is_ruled_first", [True, False])
def test_whoever_is_found_again_is_due_again(
    here: World, choice: str, *, is_ruled_first: bool
) -> None:
    """The first time it was in dispute, and with it their task and the plan of their visits."""
    station, key = known(here)
    station.do(edit, key, manage_state=SUSPECTED_DEAD)
    here.sync(station)
    here.node.do(edit, key, manage_state=LOST)
    station.do(found_again, key)
    here.sync(station)
    assert station.get(due) == []
    if is_ruled_first:
        choose(here, key, choice)
        here.sync(station)
    station.do(edit, key, manage_state=LOST)
    station.do(found_again, key)
    here.sync(station)
    assert station.get(due) == [key] * 2
    if not is_ruled_first:
        choose(here, key, choice)
        here.sync(station)
    for node in (station, here.node):
        assert node.get(due) == [key] * 2
    assert compared(here, station)


def found_again(session: Session, key: str) -> None:
    edit(session, key, manage_state=MANAGED)
    cert_task.open_tasks(session, [key])
    plan.plan_visits(session, [key])


def due(session: Session) -> list[str]:
    """Whose tasks and plans of visits stand."""
    tasks = select(CertTask.retiree_id).where(CertTask.is_void.is_(False))
    plans = select(VisitPlan.retiree_id).where(VisitPlan.is_void.is_(False))
    return [*session.scalars(tasks), *session.scalars(plans)]


@pytest.mark.parametrize(("choice", "phone"), [(OTHER, OURS), (NOW, None)])
def test_what_rests_on_a_record_of_it_waits_for_the_answer(
    here: World, choice: str, phone: str | None
) -> None:
    station, key = known(here)
    here.node.do(edit, key, manage_state=LOST)
    family = station.do(suspects, key)
    station.do(_call, family)
    here.sync(station)
    assert here.node.get(lambda s: s.scalars(select(Held.waits_for)).all()) == [family]
    (waits,) = here.node.get(seen(here.node, partial(trouble.troubles, chip=trouble.HELD))).rows
    assert ("在等裁定" in waits.reason, waits.can_force) == (True, False)
    choose(here, key, choice)
    for _ in range(2):
        here.sync(station)
    assert not here.node.get(lambda s: s.scalars(select(Held)).all())
    found = here.node.get(lambda s: s.get(Family, family))
    assert (found.phone if found else None) == phone
    both_show_the_same(here, station)
    assert None not in station.outcomes()


def test_what_comes_after_the_action_was_left_has_its_answer_at_once(here: World) -> None:
    station, key, family = in_dispute(here)
    station.do(_call, family)  # the station has not heard of the ruling
    choose(here, key, NOW)
    here.sync(station)
    assert not here.node.get(lambda s: s.scalars(select(Held)).all())
    assert outcomes_of(station)[-1] == Result.REFUSED
    found = here.node.get(seen(here.node, trouble.troubles)).rows
    assert [(one.reason, one.todo[:4]) for one in found] == [(LEFT_OUT, "不用处理")]


def _call(session: Session, family: str) -> None:
    session.get_one(Family, family).phone = OURS


def test_the_same_value_on_both_sides_is_no_dispute(here: World) -> None:
    station, key = known(here)
    for node in (here.node, station):
        node.do(edit, key, id_no=THIRD)
    here.sync(station)
    assert outcomes_of(station)[-1] == Result.SUPERSEDED
    assert here.node.get(lambda s: s.scalars(select(Conflict)).all()) == []
    same(pictures(station, select(Retiree)), pictures(here.node, select(Retiree)))


def two_numbers(session: Session, key: str) -> None:
    edit(session, key, id_no=THIRD, bank_account="6222000000000029")


def test_two_disputes_of_one_action_are_answered_alike(here: World) -> None:
    station, key = known(here)
    here.node.do(edit, key, id_no=OTHERS, bank_account="6222000000000011")
    station.do(two_numbers, key)
    here.sync(station)
    first, second = slip_of(here, key).items
    takes = ruling.Choice(first.key, OTHER, first.now.change_id, first.others[0].change_id)
    leaves = ruling.Choice(second.key, NOW, second.now.change_id, second.now.change_id)
    with pytest.raises(Refusal, match="都采用"):
        here.node.do(ruling.rule, key, [takes, leaves], "身份证原件")
    here.node.do(ruling.rule, key, [takes], "身份证原件")
    here.sync(station)
    person = station.person(key)
    assert person is not None
    assert (person.id_no, person.bank_account) == (THIRD, "6222000000000029")
    assert here.node.get(ruling.chips)["open"] == 0
    assert set(station.get(lambda s: s.scalars(select(Ruling.choice)).all())) == {OTHER}


def test_a_dispute_with_two_persons_is_one_action(here: World) -> None:
    station, key = known(here)
    other = str(station.do(register, id_no=an_id_number(sequence=30)))
    here.sync(station)
    here.node.do(edit, key, manage_state=LOST)
    station.do(both, key, other)
    here.sync(station)
    assert here.node.person(other).mobile is None  # type: ignore[union-attr]
    assert any("王秀英：手机" in line for line in slip_of(here, key).items[0].others[0].also)
    choose(here, key, OTHER)
    here.sync(station)
    for node in (station, here.node):
        assert node.person(other).mobile == OURS  # type: ignore[union-attr]


def both(session: Session, key: str, other: str) -> None:
    edit(session, key, manage_state=SUSPECTED_DEAD)
    edit(session, other, mobile=OURS)


def test_an_edit_released_after_its_author_had_gone_on_is_passed_over(here: World) -> None:
    """The first edit waits for its employer; the second, written over it, does not have to."""
    station, key = known(here)
    works = new_id()
    with station.store.apply() as session:  # heard of a centre that has lost it since
        session.add(Employer(id=works, office_id="", created_at=clock.now(), name="市棉纺织厂"))
    station.do(edit, key, mobile=OURS, employer_id=works)
    station.do(edit, key, mobile=THEIRS)
    here.sync(station)
    assert here.node.person(key).mobile == THEIRS  # type: ignore[union-attr]
    here.node.do(lambda session: session.add(Employer(id=works, name="市棉纺织厂")))
    for _ in range(2):
        here.sync(station)
    assert outcomes_of(station) == [Result.APPLIED, Result.SUPERSEDED, Result.APPLIED]
    for node in (station, here.node):
        person = node.person(key)
        assert person is not None
        assert (person.mobile, person.employer_id) == (THEIRS, works)
    assert here.node.get(lambda s: s.scalars(select(Conflict)).all()) == []


def test_the_owner_comes_before_what_was_on_screen() -> None:
    mine, theirs = Rank(2, "b"), Rank(1, "a")
    assert decide(Merge.OWNER, mine, None, owner=False) is Fate.LOST
    assert decide(Merge.OWNER, mine, None, owner=True) is Fate.SET
    assert decide(Merge.OWNER, theirs, Present(), owner=True) is Fate.WON
    assert decide(Merge.OWNER, theirs, Present(mine), owner=True) is Fate.LOST  # of one side
