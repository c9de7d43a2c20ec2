"""`sangyu roster` as a person and as a script run it."""

import json
from pathlib import Path

import pytest

from app.kit import sheet
from ui.command import main

Captured = pytest.CaptureFixture[str]


def test_a_roster_is_written_and_counted(tmp_path: Path, capsys: Captured) -> None:
    out = tmp_path / "名册.xlsx"
    words = ["roster", "--people", "60", "--seed", "3", "--out", str(out), "--json"]
    assert main(words) == 0
    said = json.loads(capsys.readouterr().out)
    states = ("good", "must_fix", "confirm", "duplicate")
    assert said["file"] == str(out)
    assert sum(said[one] for one in states) == said["rows"] == 61
    assert {one.name for one in sheet.read(out)} == {"名册", "填表说明"}
    before = sheet.read(out)
    assert main(words) == 0
    assert sheet.read(out) == before
    assert [one.name for one in tmp_path.iterdir()] == ["名册.xlsx"]


@pytest.mark.parametrize(
    ("name", "words"), [("名册.doc", ".xlsx"), ("没有/名册.xlsx", "没有文件夹")]
)
def test_a_wrong_place_is_refused(tmp_path: Path, capsys: Captured, name: str, words: str) -> None:
    assert main(["roster", "--out", str(tmp_path / name)]) == 2
    assert words in capsys.readouterr().err
