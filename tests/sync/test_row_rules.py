"""What must hold across records (sync.md 4.4): an action that breaks it, since two sides acted at
once, stays outside whole until a person has put right what stands against it, and enters then."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import exchange, retiree, trouble
from models.cert_task import DONE, DUE, CertTask
from models.certification import ALIVE, Certification
from models.exchange import AFTER_DEATH, CLOSED_TWICE, Change, Held, Replica
from models.kit import clock
from models.movement import Movement
from models.retiree import DEAD, MANAGED, Retiree
from sync.merge import Result
from tests.sync.parts import Node, World, edit, register
from tests.sync.people import HERS, seat, seen
from tests.sync.views import compared, outcomes_of, pictures, same


def known(here: World) -> tuple[Node, str, str]:
    """A station, a person and her task, all known to the centre."""
    station = here.station("519902001001")
    seat(here.node, "centre_head")
    seat(station, "head")
    key = str(station.do(register, id_no=HERS))
    task = station.do(due, key)
    here.sync(station)
    return station, key, task


def due(session: Session, key: str) -> str:
    made = CertTask(retiree_id=key, state=DUE)
    session.add(made)
    session.flush()
    return made.id


def certify(session: Session, key: str, task: str, days: int = 0) -> str:
    """What the desk writes when somebody came: three changes, one action."""
    on = clock.today() - timedelta(days=days)
    made = Certification(
        retiree_id=key, task_id=task, certified_on=on, method="04", result=ALIVE, source="1"
    )
    session.add(made)
    session.flush()
    found = session.get_one(CertTask, task)
    found.state, found.closed_by = DONE, made.id
    edit(session, key, last_certified_on=on)
    return made.id


def died(session: Session, key: str, office_id: str, on: date) -> None:
    edit(session, key, manage_state=DEAD)
    noted = {"change_type": "4", "to_state": DEAD, "changed_on": on, "basis": "火化证明"}
    session.add(Movement(retiree_id=key, office_id=office_id, **noted))


def standing(node: Node, key: str, task: str) -> tuple[str, date | None, int]:
    """State of the task, last day, certifications that count."""

    def look(session: Session) -> tuple[str, date | None, int]:
        who = session.get_one(Retiree, key)
        valid = select(Certification.id).where(Certification.is_void.is_(False))
        count = len(session.scalars(valid).all())
        return session.get_one(CertTask, task).state, who.last_certified_on, count

    return node.get(look)  # type: ignore[no-any-return]


def all_the_same(here: World, station: Node) -> None:
    for entity in (Retiree, CertTask, Certification):
        mine, centres = (pictures(node, select(entity)) for node in (station, here.node))
        same(mine, centres)


def after_death(here: World) -> tuple[Node, str, str]:
    """The centre had noted her death when the station's certification came."""
    station, key, task = known(here)
    yesterday = clock.today() - timedelta(days=1)
    here.node.do(died, key, station.desk.office_id, yesterday)
    station.do(certify, key, task)
    here.sync(station)
    return station, key, task


def test_whoever_is_dead_is_not_certified_alive_and_a_person_sees_it(here: World) -> None:
    station, key, task = after_death(here)
    assert outcomes_of(station)[-3:] == [Result.QUARANTINED] * 3
    assert standing(here.node, key, task) == (DUE, None, 0)
    assert standing(station, key, task)[:2] == (DUE, None)
    found = here.node.get(seen(here.node, trouble.troubles)).rows
    assert [(one.reason, one.count) for one in found] == [(AFTER_DEATH, 3)]
    assert "会自己收下" in found[0].todo
    assert compared(here, station)


def test_what_waits_outside_is_one_thing_to_look_at_with_its_parts_inside(here: World) -> None:
    station, _, _ = after_death(here)
    (one,) = station.get(seen(station, exchange.kept))
    assert (one.noun, one.result) == ("认证记录", Result.QUARANTINED)
    assert [each.label for each in one.fields if "认证日期" in each.label] == ["认证日期"]
    assert one.also == (f"上次认证日期 {clock.today()}",)
    assert station.get(exchange.kept_count) == 1
    station.do(exchange.read, one.change_id)
    assert station.get(seen(station, exchange.kept)) == []
    assert station.get(exchange.kept_count) == 0


def told(station: Node, key: str) -> tuple[str, str]:
    """What the station's screens say of her last certification."""
    (row,) = station.get(lambda session: retiree.person(at(station, session), key)).history
    (event,) = station.get(
        lambda session: retiree.timeline(at(station, session), key, "certification")
    ).page.rows
    return row.outside, event.title


def at(node: Node, session: Session) -> Session:
    session.info["desk"] = node.desk
    return session


def test_the_station_shows_what_waits_outside_until_its_outcome_comes(here: World) -> None:
    station, key, _ = after_death(here)
    assert told(station, key) == ("待区中心核定", "资格认证：符合（健在）（待区中心核定）")
    here.node.do(edit, key, manage_state=MANAGED)
    here.sync(station)
    assert told(station, key) == ("", "资格认证：符合（健在）")


def test_other_fields_of_the_person_flow_on(here: World) -> None:
    station, key, _ = after_death(here)
    station.do(edit, key, door_note="按铃")
    here.sync(station)
    assert outcomes_of(station)[-1] == Result.APPLIED
    assert here.node.person(key).door_note == "按铃"  # type: ignore[union-attr]


def test_it_enters_by_itself_once_the_state_was_put_right(here: World) -> None:
    station, key, task = after_death(here)
    here.sync(station)
    assert outcomes_of(station)[-1] == Result.QUARANTINED
    here.node.do(edit, key, manage_state=MANAGED)
    here.sync(station)
    assert set(outcomes_of(station)) == {Result.APPLIED}
    assert standing(here.node, key, task) == (DONE, clock.today(), 1)
    all_the_same(here, station)
    assert here.node.do(trouble.chips)[trouble.ASIDE] == 0
    assert compared(here, station)


def test_what_was_certified_before_the_death_counts(here: World) -> None:
    station, key, task = known(here)
    here.node.do(died, key, station.desk.office_id, clock.today())
    station.do(certify, key, task, 5)
    here.sync(station)
    assert set(outcomes_of(station)) == {Result.APPLIED}


def twice(here: World) -> tuple[Node, Node, str, str, str]:
    """Two computers of one office took back the form of one task."""
    first, key, task = known(here)
    second = here.new_pc(first)
    seat(second, "head")
    here.sync(second)
    made = first.do(certify, key, task, 1)
    second.do(certify, key, task)
    here.sync(first)
    here.sync(second)
    return first, second, key, task, made


def of_this_computer(node: Node) -> list[str | None]:
    mine = select(Replica.incarnation).scalar_subquery()
    chosen = select(Change.outcome).where(Change.incarnation == mine).order_by(Change.seq)
    return node.get(lambda s: list(s.scalars(chosen)))  # type: ignore[no-any-return]


def test_one_task_is_answered_by_one_certification(here: World) -> None:
    first, second, _, _, made = twice(here)
    assert set(outcomes_of(first)) == {Result.APPLIED}
    assert of_this_computer(second) == [Result.QUARANTINED] * 3
    found = here.node.get(seen(here.node, trouble.troubles)).rows
    assert [(one.reason, one.count) for one in found] == [(CLOSED_TWICE, 3)]
    assert here.node.get(lambda s: s.scalars(select(Certification.id)).all()) == [made]
    assert not here.node.get(lambda s: s.scalars(select(Held)).all())


def test_the_second_counts_when_the_first_was_voided(here: World) -> None:
    first, second, key, task, made = twice(here)
    first.do(void, made)
    for node in (first, second, first):
        here.sync(node)
    # the first computer's task and day were written without knowing of these
    assert of_this_computer(second)[0] == Result.APPLIED
    assert set(of_this_computer(second)) <= {Result.APPLIED, Result.CONFLICT}
    assert standing(here.node, key, task)[2] == 1
    assert here.node.do(trouble.chips)[trouble.ASIDE] == 0


def void(session: Session, key: str) -> None:
    one = session.get_one(Certification, key)
    one.is_void, one.void_reason = True, "扫错了"


def test_a_new_version_in_place_of_the_old_is_no_second_one(here: World) -> None:
    station, key, task = known(here)
    made = station.do(certify, key, task, 1)
    here.sync(station)

    def amended(session: Session) -> None:
        void(session, made)
        session.flush()
        certify(session, key, task)

    station.do(amended)
    here.sync(station)
    assert set(outcomes_of(station)) == {Result.APPLIED}
