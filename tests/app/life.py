"""Installations of invented people for the tests of their life."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from shutil import copytree

import pytest

from app import station
from app.kit import wrap
from app.kit.marker import Marker
from app.kit.paths import Home
from app.station import Created, Station
from models.kit.ids import new_id
from models.parameter import Parameter
from models.retiree import Retiree

NAME, PASSWORD = "刘桂兰", "Guiyuan-2026"
CENTRE_ID = "c" * 32


def invitation(recipient: str | None = None) -> dict[str, dict[str, str | None]]:
    office = {
        "id": "a" * 32,
        "office_id": "a" * 32,
        "code": "519902001001",
        "name": "桂苑社区服务站",
        "address": "桂苑路 1 号",
        "phone": "0898-0000001",
        "hours": "周一至周五 8:00—17:30",
        "level": "3",
        "parent_id": CENTRE_ID,
    }
    centre = {
        "id": "d" * 32,
        "name": "海棠区中心",
        "recovery_recipient": recipient,
        "phone": "0898-0000000",
    }
    return {"office": dict(office), "centre": centre}


def a_station(folder: Path, recipient: str | None = None) -> Created:
    return station.create_station(
        Home(folder), invitation(recipient), NAME, PASSWORD, secret=b"sync keys"
    )


def a_retiree(name: str = "王秀英", number: str = "519902195203140269") -> Retiree:
    return Retiree(id=new_id(), name=name, id_no=number)


QUICK = wrap.Work(memory_kib=64, passes=1, lanes=1)


@pytest.fixture(autouse=True)
def quick_vault(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cost of a guess is not what tests are about."""
    monkeypatch.setattr(wrap, "WORK", QUICK)


@pytest.fixture(scope="session")
def made_station(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed station as it is right after setting up."""
    folder = tmp_path_factory.mktemp("made") / "station"
    slow, wrap.WORK = wrap.WORK, QUICK
    try:
        a_station(folder).station.close()
    finally:
        wrap.WORK = slow
    return folder


@pytest.fixture
def station_home(made_station: Path, tmp_path: Path) -> Home:
    """A station of one's own, closed."""
    return at_home(Home(Path(copytree(made_station, tmp_path / "own"))))


@pytest.fixture
def here(station_home: Home) -> Iterator[Station]:
    """The same, open, with its head at the desk."""
    with station.open_station(station_home, None, PASSWORD) as opened:
        yield opened


def at_home(home: Home) -> Home:
    """As if it had been set up in this very folder: a copy would go on as another incarnation."""
    mark = Marker.of(home).path
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.write_bytes(b"")
    return home


def say_rule(
    here: Station, key: str, value: object, since: date | None = None, **more: object
) -> None:
    """The centre publishes a rule."""
    row = Parameter(id=new_id(), key=key, value=value, effective_from_on=since, stamps={})
    row.office_id = str(more.pop("office_id", "c" * 32))
    for name, one in more.items():
        setattr(row, name, one)
    with here.store.apply() as session:
        session.add(row)
