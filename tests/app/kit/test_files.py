"""A file is written whole, and what killed writes left beside it goes with the next one."""

import os
from pathlib import Path

from app.kit.files import ABANDONED, write_whole


def aged(path: Path, seconds: float) -> Path:
    """A file whose last write was so many seconds ago."""
    path.write_bytes(b"half")
    then = path.stat().st_mtime - seconds
    os.utime(path, (then, then))
    return path


def test_a_part_whose_writer_is_long_gone_goes_with_the_next_write(tmp_path: Path) -> None:
    left = aged(tmp_path / "名册[1].xlsx.0badcafe.part", ABANDONED + 60)
    write_whole(tmp_path / "名册[1].xlsx", b"whole")
    assert (tmp_path / "名册[1].xlsx").read_bytes() == b"whole"
    assert not left.exists()


def test_a_part_somebody_may_still_be_writing_and_other_files_stay(tmp_path: Path) -> None:
    beside = aged(tmp_path / "a.xlsx.0badcafe.part", ABANDONED / 2)
    other = aged(tmp_path / "b.xlsx.0badcafe.part", ABANDONED * 2)
    alike = aged(tmp_path / "a.xlsx.bak", ABANDONED * 2)
    write_whole(tmp_path / "a.xlsx", b"whole")
    assert beside.exists()
    assert other.exists()
    assert alike.exists()
