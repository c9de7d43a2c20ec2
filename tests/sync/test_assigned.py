"""The centre hands people over in a station's place; the receiver may still say no
(sync.md 4.11)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import handover, movement
from app.kit.refusal import Refusal
from app.kit.who import Desk
from models.exchange import Downlink, new_epoch
from models.handover import DECLINED, OFFERED, TAKEN, WITHDRAWN, Handover
from models.kit.db import Store
from models.kit.ids import new_id
from models.movement import Movement
from models.retiree import DEAD, LOST, MANAGED
from models.ruling import OTHER
from sync.centre.telling.moves import UNNAMED
from sync.message import decode_item
from tests.sync.move_parts import ON, first_offer, held_of, take, two_stations, whole
from tests.sync.parts import Node, World, edit, register
from tests.sync.people import choose

WHY = "区民政局〔2026〕18号文，桂苑二区划归"


@pytest.fixture
def here(centre_store: Store | None, tmp_path: Path) -> Iterator[World]:
    """On both databases of a centre, with its head at the desk."""
    made = with_a_head(two_stations(tmp_path, centre_store))
    yield made
    made.centre.store.close()


def with_a_head(made: World) -> World:
    desk = made.node.desk
    made.node.desk = Desk(desk.account, "陈主任", desk.office_id, frozenset({"centre_head"}))
    return made


def assigned(here: World, *people: str) -> str:
    """Both stations have heard of it."""
    old, new = here.stations
    said: str = here.node.do(handover.assign, people, new.desk.office_id, ON, WHY)
    for node in (old, new):
        here.sync(node)
    return said


def two_people(here: World) -> tuple[str, str]:
    old = here.stations[0]
    first: str = old.do(whole)
    second: str = old.do(register, name="符阿妹", id_no="519902195003081232")
    here.sync(old)
    return first, second


def offers(node: Node) -> list[Any]:
    return list(node.do(handover.handovers).rows)


def state_of(node: Node) -> list[str]:
    chosen = select(Handover.state).order_by(Handover.id)
    return node.get(lambda session: list(session.scalars(chosen)))  # type: ignore[no-any-return]


def test_several_people_are_assigned_and_both_stations_see_who_said_so(here: World) -> None:
    old, new = here.stations
    people = two_people(here)
    assert assigned(here, *people) == f"已指定 2 人转往 {new.code}社区，两边的站点下次联系时收到"
    for told in (offers(new), old.do(handover.handovers, handover.SENT).rows):
        assert {(one.name, one.by, one.basis, one.is_assigned) for one in told} == {
            ("王秀英", "陈主任", WHY, True),
            ("符阿妹", "陈主任", WHY, True),
        }
    assert held_of(new, people[0]) == {}
    assert old.person(people[0]).manage_state == MANAGED  # type: ignore[union-attr]
    with pytest.raises(Refusal, match="区中心已指定"):
        old.do(movement.moved_out, people[0], ON, f"{new.code}社区", "子女同住")


def test_whoever_is_taken_over_comes_whole_and_the_register_explains_it(here: World) -> None:
    old, new = here.stations
    key, _ = two_people(here)
    old.do(edit, key, manage_state=LOST)
    here.sync(old)
    assigned(here, key)
    old.do(edit, key, door_note="敲三下")  # before it knows that they went
    take(here, new)
    for node in (old, new):
        here.sync(node)
    assert held_of(old, key) == {"retiree": 1}
    assert held_of(new, key) == held_of(here.node, key)
    assert new.person(key).manage_state == LOST  # type: ignore[union-attr]
    assert new.do(handover.waiting)["late"] == 1
    went, came = here.node.get(moved_lines)
    assert (went.from_state, came.to_state) == (LOST, LOST)
    assert (went.office_id, came.office_id) == (old.desk.office_id, new.desk.office_id)


@pytest.mark.parametrize("state", [TAKEN, DECLINED])
def test_whoever_hears_of_an_offer_and_of_its_answer_at_once_has_both(
    here: World, state: str
) -> None:
    """The old station speaks last."""
    old, new = here.stations
    key, _ = two_people(here)
    here.node.do(handover.assign, [key], new.desk.office_id, ON, WHY)
    here.sync(new)
    if state == TAKEN:
        take(here, new)
    else:
        new.do(handover.decline, new.get(first_offer), "查无此人")
        here.sync(new)
    here.sync(old)
    assert state_of(old) == state_of(here.node) == [state]


def moved_lines(session: Session) -> list[Movement]:
    return list(session.scalars(select(Movement).order_by(Movement.change_type.desc())))


def test_the_receiver_may_decline_and_the_centre_reads_why(here: World) -> None:
    old, new = here.stations
    key, _ = two_people(here)
    assigned(here, key)
    new.do(handover.decline, new.get(first_offer), "查无此住址")
    for node in (new, old):
        here.sync(node)
    (told,) = here.node.do(handover.overseen, "refused").rows
    assert (told.giver, told.offer.other, told.offer.state, told.offer.reason) == (
        f"{old.code}社区", f"{new.code}社区", DECLINED, "查无此住址",
    )  # fmt: skip
    counts = here.node.do(handover.overseen_counts)
    assert counts == {"open": 0, "refused": 1, "late": 0, "over": 0}
    assert old.person(key).office_id == old.desk.office_id  # type: ignore[union-attr]
    assert "没有人可以" not in assigned(here, key)  # and may be assigned once more
    counts = here.node.do(handover.overseen_counts)
    assert counts == {"open": 1, "refused": 0, "late": 0, "over": 1}


def test_what_the_centre_took_back_can_no_longer_be_taken(here: World) -> None:
    old, new = here.stations
    key, _ = two_people(here)
    assigned(here, key)
    (open_one,) = here.node.do(handover.overseen).rows
    assert open_one.can_take_back
    with pytest.raises(Refusal, match="原因"):
        here.node.do(handover.take_back, open_one.id, " ")
    here.node.do(handover.take_back, open_one.id, "弄错了人")
    new.do(handover.take, open_one.id)  # before it has heard
    for node in (new, old):
        here.sync(node)
    assert "refused" in new.outcomes()
    assert state_of(old) == state_of(new) == state_of(here.node) == [WITHDRAWN]
    assert here.node.person(key).office_id == old.desk.office_id  # type: ignore[union-attr]
    assert offers(new) == []


def test_what_was_taken_can_no_longer_be_taken_back(here: World) -> None:
    new = here.stations[1]
    key, _ = two_people(here)
    assigned(here, key)
    take(here, new)
    (over,) = here.node.do(handover.overseen, "over").rows
    assert (over.offer.state, over.can_take_back) == (TAKEN, False)
    with pytest.raises(Refusal, match="已由对方接收"):
        here.node.do(handover.take_back, over.id, "弄错了人")


def test_what_ended_before_the_receiver_heard_of_it_is_not_open_there(here: World) -> None:
    old, new = here.stations
    key, other = two_people(here)
    here.node.do(handover.assign, [key, other], new.desk.office_id, ON, WHY)
    old.do(edit, key, manage_state=DEAD)
    here.sync(old)
    back = next(one for one in here.node.do(handover.overseen).rows if one.offer.person_id == other)
    here.node.do(handover.take_back, back.id, "弄错了人")
    for node in (new, old):
        here.sync(node)
    assert offers(new) == []
    assert [one.state for one in old.do(handover.handovers, handover.SENT).rows] == [WITHDRAWN] * 2


@pytest.mark.parametrize("how", ["declined", "taken back", "taken back unheard", "dead", "anew"])
def test_an_offer_that_came_to_nothing_leaves_no_name_at_the_receiver(
    here: World, how: str
) -> None:
    no_name_is_left(here, how)


def a_death_leaves_no_name(here: World) -> None:
    no_name_is_left(here, "dead")


def no_name_is_left(here: World, how: str) -> None:
    old, new = here.stations
    key, _ = two_people(here)
    here.node.do(handover.assign, [key], new.desk.office_id, ON, WHY)
    if how != "taken back unheard":
        here.sync(new)
    if how == "dead":
        old.do(edit, key, manage_state=DEAD)
        here.sync(old)
    elif how.startswith("taken back"):
        here.node.do(handover.take_back, here.node.do(handover.overseen).rows[0].id, "弄错了人")
    else:
        new.do(handover.decline, new.get(first_offer), "查无此住址")
    here.sync(new)
    if how == "anew":
        with here.node.store.apply() as session:
            new_epoch(session)
        here.sync(new)
    nodes = [new, here.new_pc(new)]
    here.sync(nodes[1])
    for node in nodes:
        found = node.get(lambda s: s.scalars(select(Handover)).all())
        (left,) = ((one.name, one.id_no, one.birth_on, one.basis) for one in found)
        assert left == (UNNAMED, None, None, None)
    told = select(Downlink.body).where(Downlink.office_id == new.desk.office_id)
    bodies = here.node.get(lambda s: s.scalars(told).all())
    said = [one for one in map(decode_item, bodies) if getattr(one, "entity", "") == "handover"]
    assert said
    assert "王秀英" not in repr(said)
    for node in (old, here.node):
        assert node.get(lambda s: s.scalars(select(Handover.name)).all()) in ([], ["王秀英"])


@pytest.mark.parametrize("end", [{"manage_state": DEAD}, {"is_void": True}])
def test_death_and_void_close_what_is_open(here: World, end: dict[str, Any]) -> None:
    the_end_closes_what_is_open(here, end)


def a_death_closes_what_is_open(here: World) -> None:
    the_end_closes_what_is_open(here, {"manage_state": DEAD})


def the_end_closes_what_is_open(here: World, end: dict[str, Any]) -> None:
    old, new = here.stations
    key, other = two_people(here)
    assigned(here, key, other)
    old.do(edit, key, **end)
    new.do(handover.take, next(one.id for one in offers(new) if one.person_id == key))
    here.sync(old)
    assert sorted(state_of(here.node)) == [OFFERED, WITHDRAWN]
    for node in (new, old):
        here.sync(node)
    assert "refused" in new.outcomes()
    assert [one.person_id for one in offers(new)] == [other]
    sent = old.do(handover.handovers, handover.SENT).rows
    assert {one.reason for one in sent} == {"", "已登记去世" if "manage_state" in end else "已作废"}


def test_a_death_that_is_ruled_closes_what_is_open_at_once(here: World) -> None:
    old, new = here.stations
    key, other = two_people(here)
    assigned(here, key, other)
    here.node.do(edit, key, manage_state=LOST)
    old.do(edit, key, manage_state=DEAD)
    here.sync(old)
    assert state_of(here.node) == [OFFERED, OFFERED]
    choose(here, key, OTHER)
    assert sorted(state_of(here.node)) == [OFFERED, WITHDRAWN]
    for node in (new, old):
        here.sync(node)
    assert [one.person_id for one in offers(new)] == [other]
    sent = old.do(handover.handovers, handover.SENT).rows
    assert {one.reason for one in sent} == {"", "已登记去世"}


def test_a_station_neither_takes_back_nor_invents_what_the_centre_assigns(here: World) -> None:
    old, new = here.stations
    key, other = two_people(here)
    assigned(here, key)

    def meddle(session: Session) -> None:
        found = session.scalars(select(Handover)).one()
        found.state = WITHDRAWN

    def invent(session: Session) -> None:
        made = {"person_id": other, "name": "符阿妹", "moved_on": ON, "basis": WHY}
        session.add(
            Handover(id=new_id(), to_office_id=new.desk.office_id, assigned_by="陈主任", **made)
        )

    old.do(meddle)
    old.do(invent)
    here.sync(old)
    assert old.outcomes()[-2:] == ["refused", "refused"]
    assert state_of(here.node) == [OFFERED]


def test_only_the_centre_assigns_and_only_whom_it_can(here: World) -> None:
    old, new = here.stations
    key, other = two_people(here)
    there, centre = new.desk.office_id, here.node
    with pytest.raises(Refusal, match="只有区中心"):
        old.do(handover.assign, [key], there, ON, WHY)
    for wrong in ((there, ON, " "), ("", ON, WHY), (there, None, WHY)):
        with pytest.raises(Refusal):
            centre.do(handover.assign, [key], *wrong)
    with pytest.raises(Refusal, match="已经在这个站点"):
        centre.do(handover.assign, [key], old.desk.office_id, ON, WHY)
    centre.do(handover.assign, [key], there, ON, WHY)
    said = centre.do(handover.assign, [key, other], there, ON, WHY)
    assert "1 人没有转：王秀英 已经在转接中" in said
    (row,) = centre.do(handover.assignable, old.desk.office_id, "王秀英").rows
    assert (row.to, row.office, row.id_no) == (
        f"{new.code}社区", f"{old.code}社区", "519902********0269",
    )  # fmt: skip
    assert set(centre.do(handover.assignable_ids)) == {key, other}
