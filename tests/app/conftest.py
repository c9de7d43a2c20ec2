"""The nouns are tried on a real encrypted station, on the Monday of the drawn screens."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from shutil import copy

import pytest

from app.kit.who import Desk
from models.exchange import Replica
from models.kit.ids import new_id
from tests.make import Station, station_file, station_store


@pytest.fixture(scope="session")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty encrypted station, made once."""
    return station_file(tmp_path_factory.mktemp("encrypted") / "station.db")


@pytest.fixture
def station(encrypted: Path, tmp_path: Path, stopped_clock: datetime) -> Iterator[Station]:
    """A station of one's own; 刘桂兰, its head, is at the desk."""
    with station_store(Path(copy(encrypted, tmp_path / "station.db"))) as store:
        with store.look() as session:
            office_id = session.query(Replica).one().office_id
        yield Station(store, Desk(new_id(), "刘桂兰", office_id, frozenset({"head"})))
