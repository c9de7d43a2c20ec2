"""The centre over real HTTPS on loopback, on SQLite and on a real PostgreSQL."""

import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select, table, text
from sqlalchemy.orm import Session

from models.exchange import Contact, Replica
from models.kit import clock
from models.kit.changes import recorder
from models.kit.db import Store
from models.kit.ids import new_id
from models.kit.stream import Draft
from models.retiree import Retiree
from sync.centre.serving.main import bound
from sync.fault import Fault
from sync.http_link import HttpLink
from sync.station import run as talk
from tests.sync.conftest import Running
from tests.sync.parts import edit, register, steady_ids, world


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


def test_two_clocks_that_differ_are_told_and_lose_nothing(served: Running) -> None:
    station = served.here.station("460203198001")
    station.do(register)
    with clock.freeze(clock.now() + timedelta(days=3, minutes=1)):
        done = served.sync(station)
        said = station.get(lambda s: s.scalars(select(Contact.message)).one())
    assert (done.sent, done.pending) == (1, 0)
    assert "本机的时钟比区中心快 3 天" in said
    served.sync(station)
    assert station.get(lambda s: s.scalars(select(Contact.message)).all()) == [said, None]


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


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "王\0英"},
        {"name": "长" * 500},
        {"monthly_pension_fen": "很多"},
        {"injury_grade": 1 << 40},
        {"is_void": "是"},
        {"id_no": 519902194611230269},
    ],
    ids=["zero byte", "too long", "no number", "too large", "no yes or no", "no text"],
)
def test_a_value_no_column_can_hold_stays_outside_alone(
    served: Running, wrong: dict[str, Any]
) -> None:
    """Of one person of a station gone wrong; the others of the same file are taken in."""
    station = served.here.station("460203198001")
    station.do(register, name="甲", id_no="519902194001010001")
    bad = station.do(said_behind_the_fields, wrong)
    station.do(register, name="乙", id_no="519902194001010002")
    served.sync(station)
    assert sorted(map(str, station.outcomes())) == ["applied", "applied", "quarantined"]
    there = served.here.node.get(lambda s: set(s.scalars(select(Retiree.name))))
    assert there == {"甲", "乙"}
    assert served.here.node.person(bad) is None


def said_behind_the_fields(session: Session, wrong: dict[str, Any]) -> str:
    """An entry as no screen would write it."""
    key = new_id()
    values = {"office_id": session.scalars(select(Replica.office_id)).one(), "name": "丙", **wrong}
    log = recorder(session)
    assert log is not None
    log.drafts.append(Draft(new_id(), "retiree", key, "insert", values))
    return key


GROW = ("change", "stream", "raw_batch", "queued", "parked", "held", "downlink", "dispatch",
        "installation", "blob")  # fmt: skip


@pytest.mark.postgres
def test_the_tables_that_grow_can_be_partitioned_by_office_as_they_are(
    postgres_store: Store,
    stopped_clock: datetime,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    steady_ids(monkeypatch)  # who is in which part is then no luck
    store = postgres_store
    with store.engine.begin() as connection:
        for name in GROW:
            connection.execute(text(f"ALTER TABLE {name} RENAME TO whole"))
            like = "(LIKE whole INCLUDING ALL) PARTITION BY HASH (office_id)"
            connection.execute(text(f"CREATE TABLE {name} {like}"))
            for number in range(3):
                part = f"FOR VALUES WITH (MODULUS 3, REMAINDER {number})"
                connection.execute(text(f"CREATE TABLE {name}_{number} PARTITION OF {name} {part}"))
            connection.execute(text("DROP TABLE whole"))
    here = world(tmp_path, store)
    stations = [here.station(f"46020319800{number}") for number in range(4)]
    for number, station in enumerate(stations):
        key = station.do(register, id_no=f"51990219400101{number:04d}")
        here.sync(station)
        here.node.do(edit, key, mobile=f"1380000000{number}")
        station.do(edit, key, door_note="敲门")
        here.sync(station)
        assert station.outcomes() == ["applied"] * 2
        assert station.person(key).mobile == f"1380000000{number}"  # type: ignore[union-attr]
    with store.engine.connect() as connection:
        parts = [
            connection.scalar(select(func.count()).select_from(table(f"change_{number}")))
            for number in range(3)
        ]
    assert sum(one or 0 for one in parts) >= 8
    assert max(one or 0 for one in parts) < sum(one or 0 for one in parts)


def test_an_answer_does_not_wait_for_more_to_fill_a_packet() -> None:
    with bound("127.0.0.1", 0) as door, socket.create_connection(door.getsockname()):
        line, _ = door.accept()
        with line:
            assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
