"""Models and migrations say the same, on both kinds of database."""

from pathlib import Path

import msgspec
import pytest
from alembic import command
from sqlalchemy import insert, select

from models import exchange
from models.exchange import Downlink
from models.kit.base import table_of
from models.kit.db import Store, open_file, open_url
from models.kit.search import SearchKey
from models.migrations.run import config, current, differences, known, newest, upgrade


def test_a_migrated_station_is_what_the_models_say(store: Store) -> None:
    with store.engine.connect() as connection:
        assert current(connection) == newest()
        assert differences(connection) == []


@pytest.mark.postgres
def test_a_migrated_server_is_what_the_models_say(postgres_url: str) -> None:
    server = open_url(postgres_url, exchange.STREAM)
    with server.engine.begin() as connection:
        upgrade(connection)
        assert differences(connection) == []
    server.close()


def test_a_revision_of_a_newer_program_is_not_known() -> None:
    assert known("0001")
    assert not known("9999")


def test_what_was_said_before_is_known_by_the_record_it_is_about(tmp_path: Path) -> None:
    items: tuple[tuple[object, ...], ...] = (
        ("a", "i", 1, 2),
        ("s", "retiree", "p1", {}, {}),
        ("g", "p2", "o", "c", {}),
    )
    store = open_file(tmp_path / "old.db", b"k" * 32, exchange.STREAM, fresh=True)
    with store.engine.begin() as connection:
        command.upgrade(config(connection), "0008")
        said = [
            {"office_id": "o", "seq": seq, "hash": b"", "body": msgspec.msgpack.encode(item)}
            for seq, item in enumerate(items, 1)
        ]
        connection.execute(insert(table_of(Downlink)), said)
        upgrade(connection)
        about = connection.scalars(select(Downlink.about).order_by(Downlink.seq)).all()
    assert about == [None, "p1", "p2"]
    store.close()


NUMBER, PASSPORT, MOBILE = "51990219341217241X", "HK12345678", "13800000917"


def every_suffix(kind: str, number: str) -> list[dict[str, str]]:
    row = {"entity": "retiree", "entity_id": "p", "kind": kind}
    return [{**row, "key": number[at:]} for at in range(len(number) - 1)]


def keys_left(store: Store) -> list[str]:
    with store.engine.begin() as connection:
        command.upgrade(config(connection), "0016")
        rows = [
            *every_suffix("id_no", NUMBER),
            *every_suffix("phone", PASSPORT),
            *every_suffix("mobile", MOBILE),
        ]
        connection.execute(insert(table_of(SearchKey)), rows)
        command.upgrade(config(connection), "0017")
        found = connection.scalars(select(SearchKey.key).order_by(SearchKey.kind, SearchKey.key))
        return [*found]


LEFT = [
    *sorted(NUMBER[at:] for at in range(0, 17, 2)),
    *sorted(MOBILE[at:] for at in range(0, 10, 2)),
    *sorted(PASSPORT[at:] for at in range(9)),
]


def test_every_other_suffix_of_a_number_goes_and_none_of_another_document(tmp_path: Path) -> None:
    store = open_file(tmp_path / "old.db", b"k" * 32, exchange.STREAM, fresh=True)
    assert keys_left(store) == LEFT
    store.close()


@pytest.mark.postgres
def test_the_same_keys_go_from_a_server(postgres_url: str) -> None:
    server = open_url(postgres_url, exchange.STREAM)
    assert keys_left(server) == LEFT
    server.close()
