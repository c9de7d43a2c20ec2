import contextlib
import os
import socket
import sqlite3
import threading
from pathlib import Path

import pytest
from alembic import command
from pytest_socket import SocketConnectBlockedError
from sqlalchemy import create_engine, inspect

from models.exchange import STREAM, Replica
from models.kit import clock
from models.kit.db import Store, open_file
from models.migrations.run import config, current, newest
from tests import quick
from tests.conftest import NOW
from tests.make import station_file, station_store


def test_nobody_outside_this_machine_is_reached() -> None:
    with (
        socket.socket() as line,
        pytest.warns(UserWarning, match="192.0.2.1"),
        pytest.raises(SocketConnectBlockedError),
    ):
        line.connect(("192.0.2.1", 80))


def test_this_machine_is_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        caller = threading.Thread(
            target=lambda: socket.create_connection(server.getsockname(), timeout=5).close()
        )
        caller.start()
        server.accept()[0].close()
        caller.join()


def test_the_clock_stands_still_when_asked(stopped_clock: object) -> None:
    assert stopped_clock == NOW
    assert clock.today().isoformat() == "2026-11-23"


def test_each_test_has_an_empty_migrated_station(store: Store) -> None:
    with store.look() as session:
        assert session.query(Replica).count() == 1
        assert current(session.connection()) == newest()


def test_what_was_compiled_for_one_database_serves_the_next(store: Store, tmp_path: Path) -> None:
    other = station_file(tmp_path / "other.db")
    with store.look() as session:
        session.query(Replica).filter(Replica.seq == 3).count()
    with station_store(other) as opened, opened.look() as session:
        before = len(quick._compiled["sqlite"])
        session.query(Replica).filter(Replica.seq == 4).count()
        assert len(quick._compiled["sqlite"]) == before


def test_an_empty_file_gets_exactly_what_the_migrations_make(tmp_path: Path) -> None:
    found = []
    for number, make in enumerate((quick.migrated, command.upgrade, command.upgrade)):
        path = tmp_path / f"{number}.db"
        store = open_file(path, None, STREAM, fresh=True)
        with store.engine.begin() as connection:
            make(config(connection), "head")
        store.close()
        with contextlib.closing(sqlite3.connect(path)) as plain:
            found.append(sorted(plain.iterdump()))  # Alembic puts indexes in any order
    assert sum(line.startswith("CREATE TABLE") for line in found[0]) > 50
    assert found[0] == found[1] == found[2]


def test_qt_needs_no_display() -> None:
    assert os.environ["QT_QPA_PLATFORM"] == "offscreen"


@pytest.mark.postgres
def test_each_test_has_an_empty_postgresql(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == []
    engine.dispose()
