"""Every screen and dialog drawn once, as `sangyu screens` does."""

from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from tests.app.life import quick_vault
from ui.shell.pictures import Album, take
from ui.shell.screens import DIALOGS, PAGES

__all__ = ["quick_vault"]


@pytest.mark.slow
def test_every_page_and_dialog_is_drawn(tmp_path: Path, qapp: QApplication) -> None:
    album = Album(tmp_path / "out", sizes=((1366, 688),))
    made = take(album)
    assert len(made) == len(list(album.folder.iterdir())) > 50
    names = [one.split("-", 1)[1] for one in made]
    for page in (set(PAGES) - {"import_roster"}) | {"import"}:
        assert any(one.startswith(page) for one in names), page
    for dialog in set(DIALOGS) - {"print_pdf"}:
        assert any(one.startswith(f"dialog-{dialog}") for one in names), dialog
    picture = QImage(str(album.folder / made[-1]))
    assert (picture.width(), picture.height()) == (1366, 688)
