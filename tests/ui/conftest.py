"""Fixtures of the screens' tests: a filled station of one's own, quickly."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from models.kit import clock
from tests.conftest import NOW
from tests.ui import station
from tests.ui.station import Filled, Station

Opener = Callable[..., Station]


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

        def opened(**factories: Callable[..., QWidget]) -> Station:
            path = tmp_path / "station.db"
            return open_ones.enter_context(station.station(path, factories, like=people))

        yield opened
