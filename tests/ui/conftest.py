"""Fixtures of the screens' tests: a filled station of one's own, quickly."""

import gc
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from models.kit import clock
from tests.conftest import NOW
from tests.ui import station
from tests.ui.station import Filled, Station
from ui.kit.tokens import scale

Opener = Callable[..., Station]


@pytest.fixture(autouse=True)
def _no_window_stays(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a test opened is gone after it: a window that stays is styled and laid out again at each
    later change of the text size, and whoever signs out must take everything along."""
    before, failed = _windows(), request.session.testsfailed
    yield
    left = [one for one in _windows() if one not in before]
    if left:  # perhaps held by references in a circle only
        left.clear()
        gc.collect()
        left = [one for one in _windows() if one not in before]
    if request.session.testsfailed == failed:  # else the report holds what the test held
        assert not left, [f"{type(one).__name__} {one.objectName()}" for one in left]


@pytest.fixture(autouse=True)
def _usual_letters() -> Iterator[None]:
    """The text size is the whole program's: whatever a test chose is put back after it."""
    yield
    scale.set(1.0)


def _windows() -> list[QWidget]:
    """Every window and every part without a home, once all that asked to go has gone."""
    if QApplication.instance() is None:
        return []
    QApplication.sendPostedEvents(None, int(QEvent.Type.DeferredDelete.value))
    return QApplication.topLevelWidgets()


@pytest.fixture(scope="session")
def people(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """The drawn people in an encrypted database, to be copied."""
    with clock.freeze(NOW):
        return station.filled(tmp_path_factory.mktemp("people") / "station.db")


@pytest.fixture
def at_work(
    qtbot: QtBot, tmp_path: Path, people: Filled, stopped_clock: object
) -> Iterator[Opener]:
    """`at_work(visit=visit.dialog, …)` opens a station where these screens open by name."""
    with ExitStack() as open_ones:

        def opened(**factories: Callable[..., QWidget | None]) -> Station:
            path = tmp_path / "station.db"
            return open_ones.enter_context(station.station(path, factories, like=people))

        yield opened
