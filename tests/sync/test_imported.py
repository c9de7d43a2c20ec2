"""Rosters taken in and taken back, with the centre hearing of it in between."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from app import certification, handover, imports, movement, seed, suspicion, trouble
from app.imports import Undone
from models.exchange import Change
from models.handover import Handover
from models.kit import clock
from models.retiree import Retiree
from tests.sync.parts import Node, World, register


def take(station: Node, count: int) -> str:
    """A roster of so many people, always the same."""
    rows = seed.people(count, 7)
    done = station.do(imports.import_rows, rows, "花名册.xlsx", "市棉纺织厂")
    return str(done.import_id)


def everybody(station: Node) -> int:
    living = select(func.count()).select_from(Retiree).where(Retiree.is_void.is_(False))
    return int(station.get(lambda session: session.scalar(living)))


def test_a_roster_of_another_station_goes_out_again_as_a_whole(here: World) -> None:
    """Each number then has a doubt at both stations, which nobody wrote: it holds nobody here."""
    right, wrong = here.station("460203198001"), here.station("460203198002")
    take(right, 4)
    mistaken = take(wrong, 4)
    for station in (right, wrong, right):
        here.sync(station)
    assert [one.get(suspicion.open_count) for one in (right, wrong)] == [4, 4]
    undone: Undone = wrong.do(imports.undo_import, mistaken)
    assert (undone.voided, undone.kept) == (4, ())
    assert (everybody(wrong), wrong.get(suspicion.open_count)) == (0, 0)
    here.sync(wrong)
    assert set(wrong.outcomes()) == {"applied"}
    assert everybody(here.node) == everybody(right) == 4
    head = replace(here.node, desk=replace(here.node.desk, roles=frozenset({"centre_head"})))
    assert head.do(trouble.chips)[trouble.TWICE] == 0


def test_a_doubt_that_somebody_answered_holds_the_person(here: World) -> None:
    right, wrong = here.station("460203198001"), here.station("460203198002")
    take(right, 2)
    mistaken = take(wrong, 2)
    for station in (right, wrong):
        here.sync(station)
    (first, *_) = wrong.do(suspicion.suspicions).rows
    wrong.do(suspicion.decide, first.id, suspicion.PASSED)
    undone: Undone = wrong.do(imports.undo_import, mistaken)
    assert (undone.voided, [reason for *_, reason in undone.kept]) == (1, ["列入过异常"])


def test_whom_the_centre_gave_to_another_station_stays(here: World) -> None:
    old, new = here.station("460203198001"), here.station("460203198002")
    done = take(old, 2)
    here.sync(old)
    key = old.get(lambda session: session.scalars(select(Retiree.id)).first())
    here.node.desk = replace(here.node.desk, roles=frozenset({"centre_head"}))
    here.node.do(handover.assign, [key], new.desk.office_id, clock.today(), "辖区调整")
    here.sync(old)
    undone: Undone = old.do(imports.undo_import, done)
    assert (undone.voided, [one[0] for one in undone.kept]) == (1, [key])


@pytest.mark.parametrize("of_centre", [False, True], ids=["another_computer", "the_centre"])
def test_whoever_was_edited_elsewhere_stays(here: World, *, of_centre: bool) -> None:
    station = here.station("460203198001")
    done = take(station, 2)
    here.sync(station)
    editor = here.node if of_centre else here.new_pc(station)
    if not of_centre:
        here.sync(editor)
    key = editor.get(lambda session: session.scalars(select(Retiree.id)).first())

    def edit(session: object) -> None:
        session.get_one(Retiree, key).mobile = "13900000009"  # type: ignore[attr-defined]

    editor.do(edit)
    if not of_centre:
        here.sync(editor)
    here.sync(station)
    undone: Undone = station.do(imports.undo_import, done)
    assert (undone.voided, [one[0] for one in undone.kept]) == (1, [key])
    here.sync(station)
    assert "case" not in station.get(lambda s: set(s.scalars(select(Change.outcome))))


def test_a_list_of_results_is_not_written_of_who_is_another_stations_now(here: World) -> None:
    """It would come there as a late edit, and the list would have called them matched."""
    old, new = here.station("460203198001"), here.station("460203198002")
    here.sync(old)
    old.desk = replace(old.desk, roles=frozenset({"head"}))
    who = old.do(register, manage_state="1")
    old.do(movement.moved_out, who, clock.today(), f"{new.code}社区", "子女同住")
    for station in (old, new):
        here.sync(station)
    new.do(handover.take, new.get(lambda s: s.scalars(select(Handover.id)).one()))
    for station in (new, old):
        here.sync(station)
    row = {"id_no": "519902194611230269", "name": "王秀英", "certified_on": clock.today()}
    done = old.do(certification.import_results, [row])
    assert (done.matched, [one.reason for one in done.unmatched]) == (
        0,
        ["已由别的站点接收，由那边导入"],
    )
    here.node.desk = replace(here.node.desk, roles=frozenset({"centre_head"}))
    assert here.node.do(certification.import_results, [row]).matched == 1
