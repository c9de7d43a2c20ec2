"""A stick that is not the one, as Joplin's list of sync targets has it (sync.md 5.2): empty, never
at the centre, another's, an older round's, full of things that only look alike. Nothing is counted
as delivered, nothing of anybody goes away, and the right stick still ends it.

Told elsewhere: a stick that fails (test_files), damaged files on it (test_hostile), a
newer format (test_versions), stopping half way (test_http_endpoints), what both sides did meanwhile
(test_conflict_matrix). Without meaning here: locks on the target (each file has its own name) and
encryption switched on or off (there is no off).
"""

import errno
import shutil
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from models.exchange import Contact, Packed
from sync import pack
from sync.centre import sticks
from sync.centre.keeping import blobs as at_centre
from sync.fault import Fault, not_kept
from sync.station import outbox
from sync.station.stick import Stick, pack_stick, unpack_stick
from tests import disks
from tests.sync.parts import Node, copy_of, put_back, register, world
from tests.sync.people import hang, has, noise
from tests.sync.views import agree

CODE = "460203198001"


class Round:
    """A station that has packed; ``right`` is the stick with the centre's answers, ``old`` the one
    of the round before."""

    def __init__(self, folder: Path) -> None:
        self.here = world(folder)
        self.folder = folder
        self.station = self.here.station(CODE)
        self.right, self.old = self.stick("right"), self.stick("old")
        self.station.do(register, name="甲")
        self.carry(self.station, self.right)
        shutil.copytree(self.right, self.old, dirs_exist_ok=True)
        self.read(self.right)
        self.station.do(register, name="乙")
        self.write(self.station, self.right)

    def stick(self, name: str) -> Path:
        made = self.folder / name
        made.mkdir()
        return made

    def write(self, node: Node, stick: Path) -> None:
        pack_stick(node.store, node.keys, stick, node.code)

    def carry(self, node: Node, stick: Path) -> None:
        self.write(node, stick)
        sticks.unpack_stick(self.here.centre, stick)
        sticks.pack_stick(self.here.centre, stick)

    def read(self, stick: Path) -> Stick:
        node = self.station
        return unpack_stick(node.store, node.keys, stick, self.folder / "inbox", node.code)


def empty(_round: Round, _stick: Path) -> None: ...


def only_our_own(at: Round, stick: Path) -> None:
    at.write(at.station, stick)


def another_stations(at: Round, stick: Path) -> None:
    other = at.here.station("460203198002")
    other.do(register)
    at.carry(other, stick)


def of_another_centre(at: Round, stick: Path) -> None:
    folder = at.stick("elsewhere")
    other = world(folder)
    node = other.station(CODE)
    node.do(register)
    pack_stick(node.store, node.keys, stick, node.code)
    sticks.unpack_stick(other.centre, stick)
    sticks.pack_stick(other.centre, stick)


def of_the_round_before(at: Round, stick: Path) -> None:
    shutil.copytree(at.old, stick, dirs_exist_ok=True)


def things_that_look_alike(_at: Round, stick: Path) -> None:
    (stick / "a.sangyu").write_bytes(b"")
    (stick / "b.sangyu").mkdir()
    (stick / "c.sangyu").symlink_to(stick / "nowhere")
    (stick / "d.sangyu").write_bytes(b"SANGYU\x01\n\xff\xff\xff\xff{}")
    (stick / "e.sangyu.part").write_bytes(b"half")
    (stick / "照片.jpg").write_bytes(b"\xff\xd8")


WRONG: tuple[Callable[[Round, Path], None], ...] = (
    empty,
    only_our_own,
    another_stations,
    of_another_centre,
    of_the_round_before,
    things_that_look_alike,
)


@pytest.mark.parametrize("wrong", WRONG)
def test_a_stick_that_is_not_the_one_changes_nothing(
    wrong: Callable[[Round, Path], None], tmp_path: Path
) -> None:
    at = Round(tmp_path)
    stick = at.stick("wrong")
    wrong(at, stick)
    before = (at.station.outcomes(), sorted(stick.iterdir()))
    done = at.read(stick)
    assert at.station.outcomes() == before[0]
    assert set(before[0]) == {"applied", None}
    assert (done.removed, done.exchanged.pending) == ([], 1)
    assert {*before[1]} <= {*stick.iterdir()}
    waiting = select(Packed.name).where(Packed.confirmed_at.is_(None))
    assert len(set(at.station.get(lambda s: list(s.scalars(waiting))))) == 1
    sticks.unpack_stick(at.here.centre, at.right)
    sticks.pack_stick(at.here.centre, at.right)
    assert at.read(at.right).exchanged.pending == 0
    if wrong is not another_stations:  # who has not read its own
        agree(at.here)


def test_what_a_scanner_kept_off_the_stick_goes_with_the_next_attempt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = Round(tmp_path)
    stick, before = at.stick("held"), at.station.get(outbox.waiting)

    def refuse(path: Path, _target: Path) -> Path:
        raise PermissionError(errno.EACCES, "held", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", refuse)
        with pytest.raises(Fault, match="被别的程序占着"):
            at.write(at.station, stick)
    assert not list(stick.iterdir())
    assert at.station.get(outbox.waiting) == before
    at.carry(at.station, stick)
    assert at.read(stick).exchanged.pending == 0
    agree(at.here)


def test_a_stick_that_fills_up_half_way_leaves_the_rest_for_another(tmp_path: Path) -> None:
    at = Round(tmp_path)
    names = hang(at.station, 1, 1_800_000, of=noise)
    before = at.station.get(outbox.waiting)
    with disks.small(tmp_path / "small", 3) as small:
        (small / "others.bin").write_bytes(bytes(2**19))
        with pytest.raises(Fault, match="U盘空间不够"):
            at.write(at.station, small)
        assert at.station.get(outbox.waiting) == before
        kept = [one for one in small.iterdir() if one.name != "others.bin"]
        assert [pack.read(one.read_bytes()).header.kind for one in kept] == ["changes"]
        noted = at.station.get(lambda session: list(session.scalars(select(Packed.name))))
        assert {one.name for one in kept} <= {*noted}
        sticks.unpack_stick(at.here.centre, small)
        at.carry(at.station, at.right)
        sticks.unpack_stick(at.here.centre, small)
    assert at.read(at.right).exchanged.pending == 0
    assert has(at.here.node, at.station.desk.office_id, names) == {*names}
    agree(at.here)


def test_a_computer_whose_own_disk_is_full_does_not_blame_the_stick(tmp_path: Path) -> None:
    at = Round(tmp_path)
    at.carry(at.station, at.right)
    before = at.station.outcomes()
    with disks.small(tmp_path / "inner", 1) as inner:
        node = at.station
        done = unpack_stick(node.store, node.keys, at.right, inner / "inbox", node.code)
    assert [said for _, said in done.refused] == [not_kept().message]
    assert at.station.outcomes() == before
    assert at.read(at.right).exchanged.pending == 0
    agree(at.here)


def test_of_what_is_on_a_stick_one_file_at_a_time_is_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(at_centre, "ON_STICK", 2**20)
    at = Round(tmp_path)
    at.carry(at.station, at.right)
    at.read(at.right)
    old = copy_of(at.station)
    names = hang(at.station, 12, 900_000, of=noise)
    at.carry(at.station, at.right)
    at.read(at.right)
    put_back(at.station, old)
    at.carry(at.station, at.right)
    at.read(at.right)
    at.carry(at.station, at.right)
    tracemalloc.start()
    at.read(at.right)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 2**20
    assert has(at.station, at.station.desk.office_id, names) == {*names}


def test_what_was_read_before_the_stick_was_pulled_out_is_told_and_noted(tmp_path: Path) -> None:
    at = Round(tmp_path)
    at.carry(at.station, at.right)
    shutil.copytree(at.old, at.right, dirs_exist_ok=True)
    kept = at.stick("pulled")
    asked: list[str] = []

    def pulled(_number: int, words: str, _share: float = 0) -> bool:
        asked.append(words)
        if len(asked) == 3:
            at.right.rename(kept / "right")
        return False

    node = at.station
    done = unpack_stick(node.store, node.keys, at.right, tmp_path / "inbox", node.code, pulled)
    assert (len(done.files), len(done.refused)) == (2, 1)
    last = select(Contact.result).order_by(Contact.id.desc())
    assert node.get(lambda s: s.scalars(last).first()) == "done"
    assert at.read(kept / "right").exchanged.pending == 0


def test_a_stick_that_is_not_there_is_said_to_be_just_that(tmp_path: Path) -> None:
    at = Round(tmp_path)
    for act in (at.read, lambda stick: at.write(at.station, stick)):
        with pytest.raises(Fault, match="没有插好"):
            act(tmp_path / "nowhere")
    last = select(Contact.result).order_by(Contact.id.desc())
    assert at.station.get(lambda s: s.scalars(last).first()) == "packed"
