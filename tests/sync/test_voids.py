"""Voiding against what its author had not seen, and back again (sync.md 4.5)."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.event import listen
from sqlalchemy.orm import Session

from app import certification, exchange, retiree, ruling, undo, voided
from app.kit.refusal import Refusal
from models.certification import Certification
from models.employer import Employer
from models.exchange import Conflict
from models.family import Family
from models.kit import clock
from models.kit.base import Record
from models.kit.changes import update_many
from models.retiree import Retiree
from models.ruling import NOW, OTHER
from sync.merge import Result
from sync.station import outbox
from tests.sync.parts import Node, World, edit, register
from tests.sync.people import HERS, choose, propose, rename, seat, seen, slip_of, turn
from tests.sync.programs import meet, program, start, visit
from tests.sync.views import compared, outcomes_of, pictures, same


def known(here: World) -> tuple[Node, str, str]:
    """A station, a person with a daughter, both known to the centre."""
    station = here.station("519902001001")
    seat(here.node, "centre_head")
    seat(station, "head")
    key = str(station.do(register, id_no=HERS))
    family = station.do(daughter, key)
    here.sync(station)
    return station, key, family


def daughter(session: Session, key: str) -> str:
    made = Family(retiree_id=key, name="王小梅", relation="22")
    session.add(made)
    session.flush()
    return made.id


def void_all(session: Session, key: str, family: str) -> None:
    """The person and what hangs on her, one action, as an import is undone."""
    gone = {"is_void": True, "void_reason": "撤销导入"}
    update_many(session, Retiree, {key: gone})
    update_many(session, Family, {family: gone})


def states(node: Node, *keys: tuple[type[Record], str]) -> list[bool]:
    return node.get(lambda s: [s.get_one(entity, key).is_void for entity, key in keys])  # type: ignore[no-any-return]


def both_sides(here: World, station: Node) -> None:
    for entity in (Retiree, Family):
        mine, centres = (pictures(node, select(entity)) for node in (station, here.node))
        same(mine, centres)


def disputes(here: World) -> list[tuple[str, bool]]:
    rows = here.node.get(lambda s: list(s.scalars(select(Conflict))))
    return [(one.field, one.needs_person) for one in rows]


def test_a_voiding_that_had_not_seen_an_edit_waits_for_a_person(here: World) -> None:
    station, key, family = known(here)
    here.node.do(edit, key, door_note="按铃")
    station.do(void_all, key, family)
    here.sync(station)
    assert outcomes_of(station)[-2:] == [Result.CASE] * 2
    assert states(station, (Retiree, key), (Family, family)) == [False, False]
    both_sides(here, station)
    assert disputes(here) == [("is_void", True)]
    item = slip_of(here, key).items[0]
    assert (item.label, item.now.shown) == ("作废", "没有作废")
    assert [(one.shown, one.also) for one in item.others] == [
        ("作废（撤销导入）", ("一起作废：家属",))
    ]
    assert item.papers == ()
    (told,) = station.get(seen(station, exchange.kept))
    assert [(one.label, one.mine, one.now) for one in told.fields] == [
        ("作废", "作废（撤销导入）", "没有作废")
    ]
    assert compared(here, station)


@pytest.mark.parametrize(("choice", "reason"), [(OTHER, "撤销导入"), (NOW, None)])
def test_it_goes_or_stays_whole_as_ruled(here: World, choice: str, reason: str | None) -> None:
    station, key, family = known(here)
    here.node.do(edit, key, door_note="按铃")
    station.do(void_all, key, family)
    here.sync(station)
    choose(here, key, choice)
    here.sync(station)
    for node in (station, here.node):
        assert states(node, (Retiree, key), (Family, family)) == [reason is not None] * 2
        person = node.person(key)
        assert person is not None
        assert (person.door_note, person.void_reason) == ("按铃", reason)
    both_sides(here, station)
    assert here.node.get(ruling.chips)["open"] == 0


def test_a_record_that_hangs_on_the_person_counts_like_an_edit(here: World) -> None:
    """The centre's list had certified her when the station took her off its books."""
    station, key, family = known(here)
    office = station.desk.office_id
    here.node.do(certified, key, office)
    station.do(void_all, key, family)
    here.sync(station)
    assert states(station, (Retiree, key), (Family, family)) == [False, False]
    assert disputes(here) == [("is_void", True)]


def certified(session: Session, key: str, office_id: str) -> None:
    session.add(
        Certification(
            retiree_id=key, office_id=office_id, certified_on=clock.today(), method="01", result="1"
        )
    )


@pytest.mark.parametrize("choice", [OTHER, NOW])
def test_a_registration_and_what_went_with_it_are_one_question(here: World, choice: str) -> None:
    """Voided while the centre confirmed her certification: both of them are in dispute, and the
    person stands for all."""
    station, key, _ = known(here)
    made = station.do(certification.certify, key, {"docs_checked": ["1"]}).id
    here.sync(station)
    here.node.do(certification.confirm, made)
    station.do(retiree.void_registration, key, "登记重了")
    waits = station.get(seen(station, exchange.queue)).groups
    assert [one.title for one in waits] == ["王秀英 登记作废"]
    here.sync(station)
    assert disputes(here) == [("is_void", True)] * 2
    (item,) = slip_of(here, key).items
    assert item.key[0] == "retiree"
    (told,) = station.get(seen(station, exchange.kept))
    assert [one.mine for one in told.fields] == ["作废（登记重了）"]
    choose(here, key, choice)
    here.sync(station)
    for node in (station, here.node):
        gone = states(node, (Retiree, key), (Certification, made))
        assert gone == [choice == OTHER] * 2
    assert here.node.get(ruling.chips) == {"open": 0, "auto": 0, "ruled": 1}
    (told,) = station.get(seen(station, exchange.kept))
    assert "裁定作废" in told.ruling
    station.do(exchange.read, told.change_id)
    assert station.get(seen(station, exchange.kept)) == []
    if choice == OTHER:
        station.do(voided.restore, "retiree", key)
        here.sync(station)
        assert states(here.node, (Retiree, key), (Certification, made)) == [False, False]
    both_sides(here, station)


def test_what_the_voider_had_seen_or_said_does_not_stand_in_the_way(here: World) -> None:
    station, key, family = known(here)
    here.node.do(edit, key, door_note="按铃")
    here.sync(station)
    station.do(edit, key, door_note="敲门")
    other = station.do(daughter, key)
    station.do(void_all, key, family)
    here.sync(station)
    assert set(outcomes_of(station)) == {Result.APPLIED}
    assert states(here.node, (Retiree, key), (Family, family)) == [True, True]
    assert states(here.node, (Family, other)) == [False]
    assert disputes(here) == []


@pytest.mark.parametrize("on", ["herself", "a visit"])
def test_nobody_rules_that_what_only_a_newer_program_shows_goes(here: World, on: str) -> None:
    station, key, family = known(here)
    with program(2):
        if on == "herself":
            station.do(edit, key, door_note="按铃")
        else:
            station.do(visit, key)
    meet(here, station, station_is=2, centre_is=1)
    here.node.do(edit, key, mobile="4")
    with program(2):
        station.do(void_all, key, family)
    meet(here, station, station_is=2, centre_is=1)
    with program(1), pytest.raises(Refusal, match="先升级程序"):
        choose(here, key, OTHER)
    assert states(here.node, (Retiree, key), (Family, family)) == [False, False]
    start(here, 2)
    with program(2):
        choose(here, key, OTHER)
    meet(here, station, station_is=2, centre_is=2)
    for node in (station, here.node):
        assert states(node, (Retiree, key), (Family, family)) == [True, True]
    both_sides(here, station)


def brought_back(here: World) -> tuple[Node, str, str]:
    """The centre had voided her and hers when the station's edit came."""
    station, key, family = known(here)
    here.node.do(void_all, key, family)
    station.do(edit, key, door_note="按铃")
    here.sync(station)
    return station, key, family


def test_an_edit_that_had_not_seen_the_voiding_brings_all_back(here: World) -> None:
    station, key, family = brought_back(here)
    assert set(outcomes_of(station)) == {Result.APPLIED}
    for node in (station, here.node):
        assert states(node, (Retiree, key), (Family, family)) == [False, False]
        assert node.person(key).door_note == "按铃"  # type: ignore[union-attr]
    both_sides(here, station)
    assert disputes(here) == [("is_void", True)]
    assert compared(here, station)


def test_the_voiding_can_still_be_taken_and_takes_all_along(here: World) -> None:
    station, key, family = brought_back(here)
    choose(here, key, OTHER)
    here.sync(station)
    for node in (station, here.node):
        assert states(node, (Retiree, key), (Family, family)) == [True, True]
    both_sides(here, station)


def test_a_new_record_of_whoever_was_voided_brings_her_back(here: World) -> None:
    station, key, family = known(here)
    here.node.do(void_all, key, family)
    other = station.do(daughter, key)
    here.sync(station)
    for node in (station, here.node):
        assert states(node, (Retiree, key), (Family, family), (Family, other)) == [False] * 3
    both_sides(here, station)
    assert disputes(here) == [("is_void", True)]


def test_a_voiding_is_taken_back_like_any_edit(here: World) -> None:
    station, key, _ = known(here)
    for is_void in (True, False, True):
        station.do(turn, key)
        here.sync(station)
        assert states(here.node, (Retiree, key)) == [is_void]
    here.node.do(turn, key)
    station.do(edit, key, door_note="按铃")  # knew of the voiding, not that it was taken back
    here.sync(station)
    assert states(here.node, (Retiree, key)) == states(station, (Retiree, key)) == [False]
    assert disputes(here) == []


def test_what_was_undone_is_done_again_with_ctrl_y(here: World) -> None:
    station, _, _ = known(here)
    key = str(station.do(register, id_no=HERS))
    here.sync(station)
    for verb, is_void in ((undo.undo, True), (undo.redo, False)):
        station.do(verb)
        here.sync(station)
        assert states(here.node, (Retiree, key)) == [is_void]
    assert disputes(here) == []


def test_two_voidings_at_once_are_one(here: World) -> None:
    station, key, _ = known(here)
    for node in (here.node, station):
        node.do(turn, key)
    here.sync(station)
    assert outcomes_of(station)[-1] == Result.SUPERSEDED
    assert states(station, (Retiree, key)) == [True]
    both_sides(here, station)
    assert disputes(here) == []


def test_what_all_share_comes_back_everywhere(here: World) -> None:
    stations: list[Any] = [here.station(f"51990200100{n}") for n in (1, 2, 3)]
    one, two, three = stations
    key = one.do(propose)
    for node in stations:
        here.sync(node)
    one.do(_void_works, key)
    here.sync(one)
    here.sync(three)
    assert states(three, (Employer, key)) == [True]
    two.do(rename, key, "二")
    for node in (two, one, three):
        here.sync(node)
        assert states(node, (Employer, key)) == [False]
        same(pictures(node, select(Employer)), pictures(here.node, select(Employer)))


def _void_works(session: Session, key: str) -> None:
    one = session.get_one(Employer, key)
    one.is_void, one.void_reason = True, "重复"


def families(session: Session, count: int) -> None:
    for _ in range(count):
        daughter(session, register(session, id_no=HERS))


@pytest.mark.parametrize("count", [10, 60])
def test_new_people_are_not_looked_up_one_by_one(here: World, count: int) -> None:
    station = here.station("519902001001")
    here.sync(station)
    station.do(families, count)
    with station.store.look() as session:
        (part,) = outbox.parts(session, station.keys, here.card, station.code)
    asked = []
    listen(here.node.store.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    here.centre.accept(part.data)
    assert len([one for one in asked if one.startswith("SELECT")]) < 30
