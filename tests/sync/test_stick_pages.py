"""One trip of a stick brings all that the centre has to say, however many pages that is, as far as
the stick has room."""

from collections import deque
from pathlib import Path

import pytest
from sqlalchemy import func, select

from models.exchange import Downlink, Replica
from models.retiree import Retiree
from sync.centre import sticks
from sync.centre.telling import paging
from sync.fault import Fault
from sync.files import SPARE
from sync.station.stick import Stick, pack_stick, unpack_stick
from tests.disks import small
from tests.make import an_id_number
from tests.sync.parts import Node, World, edit, register, world

PEOPLE, PAGE = 7, 2


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(paging, "PAGE_ITEMS", PAGE)
    return world(tmp_path)


def a_new_pc(here: World) -> Node:
    """Of an office whose register the centre has."""
    old = here.station("519902001001")
    for number in range(PEOPLE):
        key = old.do(register, name=f"人{number}", id_no=an_id_number(sequence=number))
        here.sync(old)
        here.node.do(edit, key, door_note=f"{number}楼")
    return here.new_pc(old)


def there(node: Node, stick: Path, here: World) -> None:
    pack_stick(node.store, node.keys, stick, node.code)
    sticks.unpack_stick(here.centre, stick)


def back(node: Node, stick: Path, here: World) -> Stick:
    inbox = here.folder / f"inbox-{node.path.stem}"
    return unpack_stick(node.store, node.keys, stick, inbox, node.code)


def people(node: Node) -> int:
    return node.get(lambda s: s.scalar(select(func.count()).select_from(Retiree)))  # type: ignore[no-any-return]


def spans(stick: Path, node: Node) -> list[tuple[int, int]]:
    """What the answers on it carry for whom the newest files are."""
    own = node.get(lambda s: s.scalars(select(Replica.incarnation)).one())[-8:]
    names = [path.stem.split("-D")[1].split("-") for path in stick.glob(f"*{own}-D*")]
    return sorted((int(first), int(last)) for first, last in names)


def test_one_trip_brings_everything(here: World, stick: Path) -> None:
    made = a_new_pc(here)
    there(made, stick, here)
    done = sticks.pack_stick(here.centre, stick)
    said = here.node.get(
        lambda s: s.scalar(
            select(func.max(Downlink.seq)).where(Downlink.office_id == made.desk.office_id)
        )
    )
    found = spans(stick, made)
    assert len(found) > PEOPLE / PAGE
    assert found[0][0] == 1
    assert found[-1][1] == said
    assert done.entries >= said
    read = back(made, stick, here)
    assert read.refused == []
    assert read.exchanged.pending == 0
    assert people(made) == PEOPLE


def test_stopped_in_the_middle_the_next_trip_goes_on(here: World, stick: Path) -> None:
    """From what was read, and what was read goes from the stick."""
    made = a_new_pc(here)
    there(made, stick, here)
    mine = {made.get(lambda s: s.scalars(select(Replica.id)).one())}
    done = sticks.pack_stick(here.centre, stick, mine, lambda number, *_: number > 2)
    assert done.stopped
    first = spans(stick, made)
    assert len(first) == 2
    back(made, stick, here)
    assert people(made) < PEOPLE
    there(made, stick, here)
    steps = deque[tuple[int, int]]()

    def watched(number: int, total: int, _name: str) -> bool:
        steps.append((number, total))
        return False

    sticks.pack_stick(here.centre, stick, mine, watched)
    assert spans(stick, made)[0][0] == first[-1][1] + 1
    assert all(number <= total for number, total in steps)
    assert back(made, stick, here).refused == []
    assert people(made) == PEOPLE


def test_where_the_stick_is_full_what_is_on_it_is_read(here: World, tmp_path: Path) -> None:
    made = a_new_pc(here)
    with small(tmp_path / "small", 2) as stick:
        there(made, stick, here)
        used = sum(path.stat().st_blocks * 512 for path in stick.iterdir())
        (stick / "照片.bin").write_bytes(bytes(2 * 2**20 - used - SPARE - 16 * 2**10))
        with pytest.raises(Fault) as fault:
            sticks.pack_stick(here.centre, stick)
        assert fault.value.kind == "no_room"
        assert spans(stick, made)
        back(made, stick, here)
        (stick / "照片.bin").unlink()
        there(made, stick, here)
        sticks.pack_stick(here.centre, stick)
        assert back(made, stick, here).refused == []
    assert people(made) == PEOPLE


def test_everybody_has_a_first_page_before_anybody_has_a_second(here: World, stick: Path) -> None:
    made = a_new_pc(here)
    other = here.station("519902001002")
    key = other.do(register, name="别站", id_no=an_id_number(sequence=90))
    here.sync(other)
    for number in range(PEOPLE):
        here.node.do(edit, key, door_note=f"{number}楼")
    for node in (made, other):
        there(node, stick, here)
    done = sticks.pack_stick(here.centre, stick, step=lambda number, *_: number > 3)
    assert done.stopped
    assert [len(spans(stick, node)) for node in (made, other)] == [1, 1]
