"""What somebody does for many people at once is at the centre an action of each (sync.md 4.4): a
dispute about one keeps nobody else waiting."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import acts, imports, person, ruling, undo
from app.kit.refusal import Refusal
from models.exchange import Change
from models.kit.stream import read_head
from models.retiree import Retiree
from models.ruling import NOW, OTHER
from tests.make import an_id_number
from tests.sync.parts import Node, World, edit, register
from tests.sync.people import FOURTH, HERS, OTHERS, THIRD, choose, seat, seen, slip_of

FRESH = an_id_number(sequence=52)


@pytest.fixture
def station(here: World) -> Node:
    made = here.station("519902001001")
    seat(here.node, "centre_head")
    seat(made, "head")
    here.sync(made)
    return made


def two(station: Node) -> tuple[str, str]:
    """Two whom the centre knows."""
    return station.do(register, id_no=HERS), station.do(register, id_no=OTHERS, name="李海")


def number(node: Node, key: str) -> str | None:
    return node.get(lambda s: s.scalar(select(Retiree.id_no).where(Retiree.id == key)))  # type: ignore[no-any-return]


def mobile(node: Node, key: str) -> str | None:
    return node.get(lambda s: s.scalar(select(Retiree.mobile).where(Retiree.id == key)))  # type: ignore[no-any-return]


def at_once(session: Session, first: str, second: str) -> str:
    person.one_by_one(session)
    edit(session, first, id_no=THIRD, mobile="13800000001")
    edit(session, second, mobile="13800000002")
    made = register(session, id_no=FRESH, name="周文")
    edit(session, first, door_note="按铃")
    return made


def test_only_whose_number_is_in_dispute_waits(here: World, station: Node) -> None:
    first, second = two(station)
    here.sync(station)
    here.node.do(edit, first, id_no=FOURTH)
    fresh: str = station.do(at_once, first, second)
    here.sync(station)
    assert mobile(here.node, second) == "13800000002"
    assert number(here.node, fresh) == FRESH
    assert (number(here.node, first), mobile(here.node, first)) == (FOURTH, None)
    (item,) = slip_of(here, first).items
    assert item.others


@pytest.mark.parametrize(("choice", "stands"), [(OTHER, THIRD), (NOW, FOURTH)])
def test_the_ruling_takes_or_leaves_only_what_was_said_of_that_person(
    here: World, station: Node, choice: str, stands: str
) -> None:
    first, second = two(station)
    here.sync(station)
    here.node.do(edit, first, id_no=FOURTH)
    station.do(at_once, first, second)
    here.sync(station)
    here.node.do(edit, second, mobile="13900000009")
    choose(here, first, choice)
    here.sync(station)
    for node in (here.node, station):
        assert number(node, first) == stands
        assert mobile(node, first) == ("13800000001" if choice == OTHER else None)
        assert mobile(node, second) == "13900000009"
    assert not here.node.get(seen(here.node, ruling.slips, ruling.OPEN)).rows


def test_a_roster_is_an_action_of_each_of_its_people(here: World, station: Node) -> None:
    """What they hang on comes first; all of it says of which roster it is."""
    rows = [{"name": name, "id_no": one} for name, one in (("周文", FRESH), ("王秀英", HERS))]
    station.do(imports.import_rows, rows, "移交名册.xlsx", "市棉纺织厂")
    heads = station.get(
        lambda s: [*map(read_head, s.scalars(select(Change.head).order_by(Change.seq)))]
    )
    said: dict[str, set[str]] = {}
    for one in heads:
        said.setdefault(one.tx, set()).add(one.entity)
    people = [nouns for nouns in said.values() if "retiree" in nouns]
    assert len(people) == 2
    assert all({"cert_task", "movement"} <= nouns for nouns in people)
    assert [*said.values()][:2] == [{"employer"}, {"import"}]
    assert {one.bulk for one in heads} == {heads[0].change_id}
    here.sync(station)
    assert set(station.outcomes()) == {"applied"}


def test_what_was_done_for_many_is_told_and_taken_back_as_one(here: World, station: Node) -> None:
    first, second = two(station)
    here.sync(station)
    fresh: str = station.do(at_once, first, second)
    before = station.get(seen(station, acts.recent))
    assert len(before) == 3  # two who were registered, and this
    here.sync(station)
    station.do(undo.undo)
    assert station.get(lambda s: s.get_one(Retiree, fresh).is_void)
    assert (number(station, first), mobile(station, first)) == (HERS, None)
    assert mobile(station, second) is None
    station.do(undo.redo)
    assert not station.get(lambda s: s.get_one(Retiree, fresh).is_void)
    assert (number(station, first), mobile(station, second)) == (THIRD, "13800000002")
    here.sync(station)
    for node in (here.node, station):
        assert (number(node, first), mobile(node, second)) == (THIRD, "13800000002")
    assert set(station.outcomes()) == {"applied"}


def test_not_taken_back_where_somebody_has_another_value_by_now(here: World, station: Node) -> None:
    first, second = two(station)
    here.sync(station)
    here.node.do(edit, first, id_no=FOURTH)
    fresh: str = station.do(at_once, first, second)
    here.sync(station)
    with pytest.raises(Refusal, match="后来又改过"):
        station.do(undo.undo)
    assert mobile(station, second) == "13800000002"
    assert not station.get(lambda s: s.get_one(Retiree, fresh).is_void)
