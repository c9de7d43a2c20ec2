"""A voiding and what only a newer program than the centre's understands: it comes out as if the
centre had understood it at once (sync.md 4.5, 4.10)."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.family import Family
from models.retiree import Retiree
from models.visit import Visit
from sync.merge import Result
from tests.sync.parts import Node, World, edit
from tests.sync.programs import meet, program, start, visit
from tests.sync.test_voids import disputes, known, states, void_all
from tests.sync.views import outcomes_of, pictures, same

OLD_AND_NEW = pytest.mark.parametrize("centre_is", [1, 2])


def a_visit(here: World, centre_is: int) -> tuple[Node, Node, str, str, str]:
    """Of somebody whom two computers of a station know, her daughter too; who has been visited."""
    station, key, family = known(here)
    other = here.new_pc(station)
    with program(2):
        made = station.do(visit, key)
    for node in (station, other):
        meet(here, node, station_is=2, centre_is=centre_is)
    return station, other, key, family, made


def all_upgraded(here: World, *nodes: Node) -> None:
    start(here, 2)
    for node in (*nodes, *nodes):
        meet(here, node, station_is=2, centre_is=2)
    for node in nodes:
        same(pictures(node, select(Visit)), pictures(here.node, select(Visit)))


def void(session: Session, made: str) -> None:
    one = session.get_one(Visit, made)
    one.is_void, one.void_reason = True, "登错了"


def note(session: Session, made: str) -> None:
    session.get_one(Visit, made).remark = "家里有人"


@OLD_AND_NEW
def test_a_person_goes_with_no_visit_that_was_not_seen(here: World, centre_is: int) -> None:
    station, other, key, family, _ = a_visit(here, centre_is)
    with program(2):
        station.do(visit, key)
        other.do(void_all, key, family)
    for node in (station, other):
        meet(here, node, station_is=2, centre_is=centre_is)
    assert outcomes_of(other).count(Result.CASE) == 2
    assert states(here.node, (Retiree, key)) == [False]
    assert disputes(here) == [("is_void", True)]
    all_upgraded(here, station, other)


@OLD_AND_NEW
def test_a_visit_brings_back_whom_the_centre_voided_meanwhile(here: World, centre_is: int) -> None:
    station, other, key, family, _ = a_visit(here, centre_is)
    here.node.do(void_all, key, family)
    with program(2):
        station.do(visit, key)
    meet(here, station, station_is=2, centre_is=centre_is)
    assert disputes(here) == [("is_void", True)]
    for node in (station, here.node):
        assert states(node, (Retiree, key), (Family, family)) == [False, False]
    all_upgraded(here, station, other)


@OLD_AND_NEW
@pytest.mark.parametrize("is_voided_first", [True, False])
def test_a_visit_that_one_voids_and_another_edits_stays(
    here: World, centre_is: int, *, is_voided_first: bool
) -> None:
    station, other, _, _, made = a_visit(here, centre_is)
    with program(2):
        station.do(void, made)
        other.do(note, made)
    for node in (station, other) if is_voided_first else (other, station):
        meet(here, node, station_is=2, centre_is=centre_is)
    assert disputes(here) == [("is_void", True)]
    all_upgraded(here, station, other)
    assert states(here.node, (Visit, made)) == [False]


@OLD_AND_NEW
def test_what_went_with_a_person_comes_back_with_her(here: World, centre_is: int) -> None:
    station, other, key, _, made = a_visit(here, centre_is)
    with program(2):
        station.do(void_them, key, made)
        other.do(edit, key, mobile="4")
    for node in (station, other):
        meet(here, node, station_is=2, centre_is=centre_is)
    assert disputes(here) == [("is_void", True)]
    all_upgraded(here, station, other)
    assert states(here.node, (Retiree, key), (Visit, made)) == [False, False]


def void_them(session: Session, key: str, made: str) -> None:
    void(session, made)
    edit(session, key, is_void=True, void_reason="登错了")
