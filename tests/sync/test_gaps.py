"""The cases of gaps in a stream, as sync engines know them (sync.md 5.2), and all orders of a few
parts: whatever order they come in, what is without a gap is decided, the rest is parked, nothing is
skipped for being late and nothing counts twice."""

from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import func, select

from models.exchange import Change, Parked, Stream
from models.kit import clock
from models.retiree import Retiree
from sync.station import outbox
from tests.sync.parts import Node, World, register, world

PARTS = 5


@pytest.fixture
def station(here: World) -> Node:
    return here.station("460203198001")


@pytest.fixture
def files(here: World, station: Node, monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Five entries, each a file of its own."""
    monkeypatch.setattr(outbox, "PART_BYTES", 1)
    for number in range(PARTS):
        station.do(register, name=f"人{number}")
    with station.store.look() as session:
        parts = outbox.parts(session, station.keys, here.card, station.code)
    assert [part.count for part in parts] == [1] * PARTS
    return [part.data for part in parts]


def bring(here: World, files: list[bytes], order: str) -> tuple[int, list[int], int]:
    """Take the parts in this order, by number from 1; (without a gap up to, parked, people)."""
    for number in order:
        here.centre.accept(files[int(number) - 1])
    with here.centre.store.look() as session:
        streams = session.scalars(select(Stream).where(Stream.replica != here.card.id)).all()
        known = max((one.contiguous for one in streams), default=0)
        parked = sorted(session.scalars(select(Parked.seq)))
        people = session.scalar(select(func.count()).select_from(Retiree)) or 0
    return known, parked, people


@pytest.mark.parametrize(
    ("order", "known", "parked"),
    [
        pytest.param("123", 3, [], id="no gap at all"),
        pytest.param("13", 1, [3], id="a new gap"),
        pytest.param("135", 1, [3, 5], id="two gaps"),
        pytest.param("1354", 1, [3, 4, 5], id="the second gap is filled before the first"),
        pytest.param("1352", 3, [5], id="the first gap is filled, the second stays"),
        pytest.param("13524", 5, [], id="both gaps are filled"),
        pytest.param("5", 0, [5], id="only the last one came"),
        pytest.param("2345", 0, [2, 3, 4, 5], id="only the first one is missing"),
        pytest.param("23451", 5, [], id="the first one comes last"),
        pytest.param("54321", 5, [], id="all of it backwards"),
        pytest.param("1155", 1, [5], id="each of them twice around a gap"),
        pytest.param("15252", 2, [5], id="what is parked comes again when half the gap is filled"),
        pytest.param("123123", 3, [], id="the whole stretch twice"),
        pytest.param("12345135", 5, [], id="old parts after everything"),
    ],
)
def test_of_a_gap(
    here: World, files: list[bytes], order: str, known: int, parked: list[int]
) -> None:
    assert bring(here, files, order) == (known, parked, known)


def test_a_gap_is_never_given_up_however_long_it_stays(here: World, files: list[bytes]) -> None:
    assert bring(here, files, "1345") == (1, [3, 4, 5], 1)
    with clock.freeze(clock.now().replace(year=clock.now().year + 3)):
        assert bring(here, files, "5") == (1, [3, 4, 5], 1)
        assert bring(here, files, "2") == (PARTS, [], PARTS)


def test_with_one_exchange_the_gap_is_closed_whatever_came_before(
    here: World, station: Node, files: list[bytes]
) -> None:
    bring(here, files, "42")
    here.sync(station)
    assert station.outcomes() == ["applied"] * PARTS
    assert bring(here, files, "13542") == (PARTS, [], PARTS)


def test_every_order_of_three_parts_ends_the_same(here: World, files: list[bytes]) -> None:
    for order in permutations("123"):
        known, _, people = bring(here, files, "".join(order))
        assert known == people == 3


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(orders=some.lists(some.permutations("12345"), min_size=1, max_size=2))
def test_any_orders_and_repeats_end_with_each_entry_once(
    orders: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    here = world(tmp_path_factory.mktemp("gaps"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outbox, "PART_BYTES", 1)
        station = here.station("460203198001")
        for number in range(PARTS):
            station.do(register, name=f"人{number}")
        with station.store.look() as session:
            parts = outbox.parts(session, station.keys, here.card, station.code)
    order = "".join(one for some_order in orders for one in some_order)
    assert bring(here, [part.data for part in parts], order) == (PARTS, [], PARTS)
    changes = here.node.get(lambda s: list(s.scalars(select(Change.outcome))))
    assert changes.count("applied") >= PARTS
    station.store.close()
    here.node.store.close()
