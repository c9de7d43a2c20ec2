"""Files on a stick: whole or not at all, whatever the stick does."""

import errno
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sync import files
from sync.fault import Fault

HALF_WAY = """
import resource, sys
from pathlib import Path
from sync import files
from sync.fault import Fault
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))  # the write fails after 1,000 bytes
try:
    files.put(Path(sys.argv[1]), "a.sangyu", b"new" * 1000)
except Fault as fault:
    print(fault.message)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit that only POSIX has")
def test_a_stick_that_fails_half_way_keeps_what_it_had_and_nothing_else(tmp_path: Path) -> None:
    files.put(tmp_path, "a.sangyu", b"old")
    said = subprocess.run(
        [sys.executable, "-c", HALF_WAY, tmp_path],
        capture_output=True, encoding="utf-8", check=True,
    ).stdout  # fmt: skip
    assert "U盘提前拔出" in said
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == {"a.sangyu": b"old"}


def test_what_does_not_read_back_as_it_was_written_is_not_left_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worn stick: it takes the bytes and gives back others."""
    monkeypatch.setattr(Path, "read_bytes", lambda _self: b"other")
    with pytest.raises(Fault, match="数据包不完整"):
        files.put(tmp_path, "a.sangyu", b"new")
    assert not list(tmp_path.iterdir())


class Holder:
    """A scanner that holds files for so many attempts at one of the steps."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, step: str, times: int) -> None:
        self.left, does = times, getattr(Path, step)

        def act(path: Path, *args: Any, **kwargs: Any) -> Any:
            if self.left:
                self.left -= 1
                raise PermissionError(errno.EACCES, "held", str(path))
            return does(path, *args, **kwargs)

        monkeypatch.setattr(Path, step, act)


@pytest.mark.parametrize("step", ["open", "replace", "read_bytes"])
def test_a_file_that_a_scanner_holds_for_a_moment_is_written_all_the_same(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder = Holder(monkeypatch, step, 4)
    files.put(tmp_path, "a.sangyu", b"new")
    assert holder.left == 0
    assert [one.name for one in tmp_path.iterdir()] == ["a.sangyu"]


@pytest.mark.parametrize("step", ["replace", "read_bytes"])
def test_a_file_that_stays_held_is_named_with_who_may_hold_it(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder = Holder(monkeypatch, step, 99)
    with pytest.raises(Fault, match=r"“a\.sangyu”被别的程序占着.*没有写入"):
        files.put(tmp_path, "a.sangyu", b"new")
    holder.left = 0
    assert not list(tmp_path.iterdir())
    files.put(tmp_path, "a.sangyu", b"new")


def test_a_file_held_while_it_is_read_is_waited_for_and_then_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.put(tmp_path, "a.sangyu", b"new")
    holder = Holder(monkeypatch, "read_bytes", 4)
    assert files.get(tmp_path / "a.sangyu") == b"new"
    holder.left = 99
    with pytest.raises(Fault, match=r"“a\.sangyu”被别的程序占着.*没有读入"):
        files.get(tmp_path / "a.sangyu")


def test_a_stick_that_takes_no_file_at_all_is_write_protected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Holder(monkeypatch, "open", 99)
    with pytest.raises(Fault, match="写保护"):
        files.put(tmp_path, "a.sangyu", b"new")


def test_a_file_that_cannot_be_read_is_said_to_be_just_that(tmp_path: Path) -> None:
    (tmp_path / "a.sangyu").mkdir()
    assert not list(files.found(tmp_path))
    with pytest.raises(Fault, match="都没有改动"):
        files.get(tmp_path / "a.sangyu")
