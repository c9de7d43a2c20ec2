"""A file copied to a second computer, which works on unnoticed: two chains under one number.

Whatever order the parts come in, the centre takes only what somebody signed and freezes it; both
go on under a name of their own, nothing either of them wrote is lost, and the city hears it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from models.exchange import Change, Parked, RawBatch, Stream
from models.kit.base import table_of
from models.kit.db import Store
from models.retiree import Retiree
from sync import pack
from sync.station import outbox
from tests.sync.city_parts import Above, above, differences
from tests.sync.parts import Node, World, parts_of, register, second_pc, settle
from tests.sync.views import verdicts

COMMON = 5


@dataclass
class Twins:
    """A district under a city, with a station, its twin and one that has nothing to do with it."""

    above: Above
    here: World
    one: Node
    twin: Node
    other: Node
    files: dict[str, bytes]

    def bring(self, order: str) -> None:
        for name in order.split():
            self.here.centre.accept(self.files[name])

    def write(self, letter: str, node: Node, number: int) -> None:
        """So many people, each entry a file of its own; and all of them in one."""
        for at in range(number):
            node.do(register, name=f"{letter}{COMMON + 1 + at}")
        for part in parts_of(node):
            self.files[f"{letter}{pack.read(part).header.first}"] = part
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(outbox, "PART_BYTES", 10**6)
            (self.files[f"{letter}*"],) = parts_of(node)

    def stream(self) -> Stream:
        """The one both wrote."""
        (found,) = self.here.node.get(
            lambda s: s.scalars(select(Stream).where(Stream.forked_at.is_not(None))).all()
        )
        return found  # type: ignore[no-any-return]

    def settle(self) -> None:
        """Everybody speaks until nothing is left to say."""
        for node in (self.one, self.twin, self.one, self.twin):
            settle(self.here, node)


@contextmanager
def two_pcs(folder: Path, store: Store | None = None) -> Iterator[Twins]:
    """The first five are known to the centre; then one writes three people more, its twin five."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outbox, "PART_BYTES", 1)
        made = above(folder)
        here = made.district(store)
        one = here.station("460203198001")
        for number in range(COMMON):
            one.do(register, name=f"人{number}")
        here.sync(one)
        found = Twins(made, here, one, second_pc(one), here.station("460203198002"), {})
        found.write("a", found.one, 3)
        found.write("b", found.twin, 5)
        yield found
        for node in (found.one, found.twin, found.other, here.node, made.city.node):
            node.store.close()


@pytest.fixture
def twins(tmp_path: Path, centre_store: Store | None) -> Iterator[Twins]:
    with two_pcs(tmp_path, centre_store) as found:
        yield found


@pytest.mark.parametrize(
    ("order", "forked_at", "known"),
    [
        pytest.param("b9 b10 a6 a7 a8", 9, 8, id="one ends where the other's end waits"),
        pytest.param("b10 b9 a8 a7 a6", 9, 8, id="the same in reverse"),
        pytest.param("b9 b10 a*", 9, 8, id="and all at once"),
        pytest.param("a8 b6 b7", 8, 7, id="the shorter one waits"),
        pytest.param("a7 b7", 7, 5, id="both wait with the same number"),
        pytest.param("b8 b7 a8 a7", 8, 5, id="and in reverse"),
        pytest.param("b7 a*", 7, 5, id="what waits is passed over by what follows"),
        pytest.param("a6 b6", 6, 6, id="nothing waits"),
    ],
)
def test_two_that_write_one_stream_are_found_out_whatever_waits(
    twins: Twins, order: str, forked_at: int, known: int
) -> None:
    twins.bring(order)
    stream = twins.stream()
    assert (stream.forked_at, stream.contiguous) == (forked_at, known)
    assert waiting(twins.here) == 0
    ends = twins.here.node.get(lambda s: s.scalars(select(RawBatch.header)).all())
    assert any(stream.head.hex() in one for one in ends), "nobody signed where it ends"
    twins.settle()
    all_is_everywhere(twins)
    assert twins.above.relay().sent > 0
    assert differences(twins.above, twins.here) == []
    twins.settle()
    assert twins.above.relay().sent == 0


def waiting(here: World) -> int:
    count = select(func.count()).select_from(Parked)
    return here.node.get(lambda s: s.scalar(count))  # type: ignore[no-any-return]


def all_is_everywhere(twins: Twins) -> None:
    names = {f"人{at}" for at in range(COMMON)} | {f"a{6 + at}" for at in range(3)}
    names |= {f"b{6 + at}" for at in range(5)}
    mine = select(Retiree.name).where(Retiree.office_id == twins.one.desk.office_id)
    for node in (twins.here.node, twins.one, twins.twin):
        found = node.get(lambda s: s.scalars(mine).all())
        assert (set(found), len(found)) == (names, len(names))
    for node in (twins.one, twins.twin):
        assert None not in node.outcomes()
        assert verdicts(node) == verdicts(twins.here.node, node.desk.office_id)


def test_a_stretch_nobody_signed_stays_back_alone(twins: Twins) -> None:
    """What waited before its chain value was kept was set free after whatever came."""
    twins.bring("b9 b10")
    with twins.here.centre.store.apply() as session:
        session.execute(update(table_of(Parked)).values(hash=None))
    twins.bring("a6 a7 a8")
    key = twins.other.do(register, name="另一个站的人")
    twins.here.sync(twins.other)
    done = twins.above.mend()
    assert done.unproved == 1
    assert twins.above.city.node.person(key) is not None
    assert differences(twins.above, twins.here) == []
    twins.settle()
    all_is_everywhere(twins)
    twins.above.mend()
    assert twins.above.mend().differed == 0
    assert differences(twins.above, twins.here) == []
    people = twins.above.city.node.get(lambda s: s.scalars(select(Retiree.stamps)).all())
    signed = twins.above.city.node.get(lambda s: set(s.scalars(select(Change.change_id))))
    assert {one["*"] for one in people} <= signed
