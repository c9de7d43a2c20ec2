"""Every screen and dialog drawn once, as `sangyu screens` does."""

import json
import re
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from tests.app.life import quick_vault
from ui import command
from ui.command import screens
from ui.command.centre_scene import centre_at_work
from ui.command.city_scene import city_over
from ui.shell import pictures
from ui.shell.pictures import Album, take
from ui.shell.screens import DIALOGS, PAGES, TABS

__all__ = ["quick_vault"]

SMALL = ((1366, 688),)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_every_screen_is_drawn_under_the_number_of_its_drawing(
    tmp_path: Path, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = _opened(monkeypatch)
    album = take(Album(tmp_path / "out", centre=centre_at_work, city=city_over))
    assert album.left == album.outgrown == album.restless == []
    assert sorted(path.name for path in album.folder.iterdir()) == album.made
    assert len(album.made) == len(set(album.made)) > 2 * 70
    assert all(re.fullmatch(r"\d\d-[a-z0-9-]+-(1366|1920)\.png", one) for one in album.made)
    assert opened >= (set(PAGES) | set(DIALOGS)) - {"print_pdf"}
    for one in ("08-login", "08-lock", "08-first-run-4-roster", "08-error-database",
                "08-toast-undo", "08-empty-list", "08-no-result", "02-find-ctrl-k",
                "04-certification-scan-ok", "07-import-4-result"):  # fmt: skip
        assert f"{one}-1366.png" in album.made
    for name, short in (("certification", "04-certification"), ("visits", "11-visits")):
        for tab in TABS[name]:
            assert f"{short}-{tab}-1366.png" in album.made
    pictures_ = {name: (album.folder / name).read_bytes() for name in album.made}
    assert len(set(pictures_.values())) == len(pictures_)
    picture = QImage(str(album.folder / "01-workbench-1366.png"))
    assert (picture.width(), picture.height()) == SMALL[0]


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("text", [1.25, 1.5])
def test_no_page_is_wider_or_taller_than_its_window_in_larger_letters(
    tmp_path: Path, qapp: QApplication, text: float
) -> None:
    """What the smallest window holds every window holds."""
    album = take(Album(tmp_path / "out", texts=(text,), sizes=SMALL))
    assert album.outgrown == album.restless == []


def _opened(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names of the screens that are opened from now on."""
    seen: set[str] = set()
    opening = pictures.Tour.open

    def remember(tour: pictures.Tour, name: str, **arguments: object) -> object:
        seen.add(name)
        return opening(tour, name, **arguments)

    monkeypatch.setattr(pictures.Tour, "open", remember)
    return seen


def test_what_fails_beside_the_main_line_fails_the_pictures(
    tmp_path: Path, qapp: QApplication
) -> None:
    album = Album(tmp_path, sizes=SMALL)
    with album.strict():
        import sys  # noqa: PLC0415 - the hook of this moment

        sys.excepthook(ValueError, ValueError("x"), None)
    assert len(album.errors) == 1


def test_screens_that_are_not_there_are_named(
    tmp_path: Path,
    qapp: QApplication,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def made(folder: Path, _texts: object, _say: object, *_above: object) -> Album:
        return Album(folder, made=["01-workbench-1366.png"], left=["09-statistics"])

    monkeypatch.setattr("ui.main.pictures", made)
    assert command.main(["screens", "--out", str(tmp_path), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["files"] == ["01-workbench-1366.png"]
    assert said["left_out"] == ["09-statistics"]
    assert command.main(["screens", "--out", str(tmp_path)]) == 0
    assert "09-statistics" in capsys.readouterr().out


def test_a_file_in_the_way_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    there = tmp_path / "file"
    there.write_text("x")
    assert command.main(["screens", "--out", str(there)]) == 2
    assert "不是文件夹" in capsys.readouterr().err
    assert screens.TEXTS["100"] == 1.0
