"""What support gets to read."""

import logging
from pathlib import Path

import pytest

from app.kit import log
from app.kit.paths import Home


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("519902195203140269", "519***"),
        ("51990219520314026X", "519***"),
        ("电话 13800002617。", "电话 138***。"),
        ("row 123456", "row 123456"),
        ("01a20eac5f667396a4d39d48bff176a3", "01a20eac5f667396a4d39d48bff176a3"),
        ("2026-11-23 14:32:05,123", "2026-11-23 14:32:05,123"),
    ],
)
def test_numbers_of_people_are_blotted_out(line: str, kept: str) -> None:
    assert log.blot(line) == kept


def test_the_log_is_in_the_home_folder_and_blotted_in_tracebacks_too(tmp_path: Path) -> None:
    kept = log.keep(Home(tmp_path / "s"), "sangyu-test")
    logger = logging.getLogger("sangyu-test")
    try:
        raise ValueError("519902195203140269")
    except ValueError:
        logger.exception("failed")
    logger.removeHandler(kept)
    kept.close()
    text = (tmp_path / "s" / "log" / "sangyu-test.log").read_text("utf-8")
    assert "519***" in text
    assert "519902195203140269" not in text
    assert "Traceback" in text


def test_a_log_that_cannot_be_written_says_nothing_to_whoever_is_at_the_desk(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = log.keep(Home(tmp_path / "s"), "sangyu-test")
    logger = logging.getLogger("sangyu-test")
    (tmp_path / "s" / "log" / "sangyu-test.log").mkdir()
    logger.error("failed")
    logger.removeHandler(kept)
    kept.close()
    assert capsys.readouterr().err == ""
