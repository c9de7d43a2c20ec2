"""The centre over real HTTPS on loopback, on SQLite and on a real PostgreSQL."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import func, select

from models import exchange
from models.kit import db
from models.migrations.run import upgrade
from models.retiree import Retiree
from sync import run as talk
from sync.centre.main import Service
from sync.centre_card import CentreCard
from sync.fault import Fault
from sync.http_link import HttpLink
from tests.sync.parts import Node, World, edit, register, world


@dataclass
class Running:
    """A served centre."""

    here: World
    card: CentreCard

    def sync(self, node: Node) -> talk.Exchanged:
        link = HttpLink(self.card)
        try:
            return talk.sync_now(node.store, node.keys, link, node.code)
        finally:
            link.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Running]:
    store = None
    if request.param == "postgresql":
        store = db.open_url(request.getfixturevalue("postgres_url"), exchange.STREAM)
        with store.engine.begin() as connection:
            upgrade(connection)
    here = world(tmp_path, store)
    with Service(here.centre, here.card.certificate.encode(), here.private) as port:
        yield Running(here, msgspec.structs.replace(here.card, url=f"https://127.0.0.1:{port}"))
    here.node.store.close()


def test_a_station_reports_over_https_and_reads_its_outcomes(served: Running) -> None:
    station = served.here.station("460203198001")
    key = station.do(register, mobile="13800002617")
    done = served.sync(station)
    assert (done.sent, done.pending) == (1, 0)
    assert done.receipt.startswith("HZ-")
    assert served.here.node.person(key).mobile == "13800002617"  # type: ignore[union-attr]
    served.here.node.do(edit, key, mobile="13900006208")
    served.sync(station)
    assert station.person(key).mobile == "13900006208"  # type: ignore[union-attr]


def test_many_stations_at_once_are_all_answered(served: Running) -> None:
    stations = [served.here.station(f"46020319800{number}") for number in range(6)]
    for station in stations:
        for number in range(20):
            station.do(register, name=f"人{number}", id_no=f"{station.code}{number:06d}")
    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(served.sync, stations))
    assert [one.pending for one in done] == [0] * 6
    count = served.here.node.get(lambda s: s.scalar(select(func.count()).select_from(Retiree)))
    assert count == 120


def test_another_certificate_is_not_trusted(served: Running, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = world(tmp_path / "other").card.certificate
    station = served.here.station("460203198001")
    station.do(register)
    link = HttpLink(msgspec.structs.replace(served.card, certificate=other))
    with pytest.raises(Fault, match="连不上区中心"):
        talk.sync_now(station.store, station.keys, link, station.code)
    link.close()
    assert station.outcomes() == [None]


def test_a_station_without_approval_hears_why(served: Running) -> None:
    station = served.here.station("460203198001", approved=False)
    with pytest.raises(Fault, match="还没有批准"):
        served.sync(station)
