import re
from pathlib import Path

import pytest

from installer import run

ROOT = Path(run.__file__).parent.parent


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Instead of starting programs, remember them; the environment counts as made."""
    words: list[list[str]] = []
    monkeypatch.setattr(run, "set_up", lambda: 0)

    def remember(command: list[str]) -> int:
        words.append(command[1:])
        return 0

    monkeypatch.setattr(run, "run", remember)
    return words


def test_an_old_python_is_told_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.version_info", (3, 10, 13))
    assert run.main(["demo"]) == 2
    assert "需要 Python 3.11" in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["fly"]])
def test_an_unknown_chore_shows_how_to_call(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run.main(words) == 2
    assert "用法" in capsys.readouterr().err


def test_the_demo_runs_in_a_throw_away_folder(started: list[list[str]]) -> None:
    assert run.main(["demo", "--people", "50"]) == 0
    assert started[-1][:3] == ["-m", "ui.command", "demo"]
    assert started[-1][3:5] == ["--home", str(ROOT / ".home" / "demo")]
    assert started[-1][5:] == ["--people", "50"]


@pytest.mark.parametrize("home", [["--home", "x"], ["--home=x"]], ids=["two", "one"])
def test_the_demo_keeps_the_folder_it_is_given(started: list[list[str]], home: list[str]) -> None:
    run.main(["demo", *home])
    assert started[-1][3:] == home


def test_without_the_libraries_of_qt_the_demo_goes_headless_and_the_tests_do_not_start(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(command: list[str]) -> int:
        started.append(command[1:])
        return 2 if "ui.command.display" in command else 0

    monkeypatch.setattr(run, "run", refuse)
    assert run.main(["demo"]) == 0
    assert started[-1][-1] == "--headless"
    started.clear()
    assert run.main(["test"]) == 2
    assert started == [["-m", "ui.command.display"]]


@pytest.mark.parametrize("name", ["dev", "station", "centre"])
def test_every_pin_has_hashes_and_no_index_is_named(name: str) -> None:
    text = (ROOT / "installer" / "lock" / f"{name}.txt").read_text("utf-8")
    pins = re.findall(r"^\S+==\S+(?: ; [^\\\n]+)? \\\n    --hash=sha256:", text, re.MULTILINE)
    assert len(pins) == len(re.findall(r"^\w", text, re.MULTILINE)) > 20
    assert "://" not in text
    assert not re.search(r"^-", text, re.MULTILINE)


def test_the_pins_of_the_shipped_files_are_those_the_tests_ran_with() -> None:
    def pins(name: str) -> set[str]:
        text = (ROOT / "installer" / "lock" / f"{name}.txt").read_text("utf-8")
        return set(re.findall(r"^(\S+==\S+)", text, re.MULTILINE))

    assert pins("station") < pins("dev")
    assert pins("centre") < pins("dev")
    assert not {pin.split("==")[0] for pin in pins("station")} & {"starlette", "uvicorn", "psycopg"}
    assert "pyside6-essentials==6.11.3" in pins("station")
