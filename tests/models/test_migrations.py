"""Models and migrations say the same, on both kinds of database."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from alembic import command
from alembic.autogenerate import render_python_code
from alembic.operations.ops import CreateTableOp, UpgradeOps
from sqlalchemy import column, insert, select, table
from sqlalchemy.orm import Session

from models import exchange
from models.exchange import Downlink
from models.kit.base import table_of
from models.kit.bulk import insert_rows
from models.kit.db import Store, open_file, open_url
from models.kit.search import SearchKey, keys_of
from models.migrations.run import comparing, config, current, differences, known, newest, upgrade
from models.retiree import Retiree
from tests.models.kit.test_bulk import person


def test_a_migrated_station_is_what_the_models_say(store: Store) -> None:
    with store.engine.connect() as connection:
        assert current(connection) == newest()
        assert differences(connection) == []
        command.check(config(connection))  # raises where the next revision would say anything


@pytest.mark.postgres
def test_a_migrated_server_is_what_the_models_say(postgres_url: str) -> None:
    server = open_url(postgres_url, exchange.STREAM)
    with server.engine.begin() as connection:
        upgrade(connection)
        assert differences(connection) == []
    server.close()


def test_a_new_revision_says_false_as_both_kinds_of_database_take_it(store: Store) -> None:
    made = UpgradeOps([CreateTableOp.from_table(table_of(Retiree))])
    with store.engine.connect() as connection:
        written = render_python_code(made, render_item=comparing(connection)["render_item"])
    assert "sa.Column('is_void', sa.Boolean(), server_default=sa.false()" in written


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


OLD_KEY = table("search_key", *map(column, ("entity", "key", "entity_id", "kind")))


def old_keys(key: str, kind: str, *keys: str) -> list[dict[str, str]]:
    row = {"entity": "retiree", "entity_id": key, "kind": kind}
    return [{**row, "key": one} for one in keys]


def every_suffix(kind: str, number: str) -> list[dict[str, str]]:
    return old_keys("p", kind, *(number[at:] for at in range(len(number) - 1)))


def keys_left(store: Store) -> list[str]:
    with store.engine.begin() as connection:
        command.upgrade(config(connection), "0016")
        rows = [
            *every_suffix("id_no", NUMBER),
            *every_suffix("phone", PASSPORT),
            *every_suffix("mobile", MOBILE),
        ]
        connection.execute(insert(OLD_KEY), rows)
        command.upgrade(config(connection), "0017")
        query = select(OLD_KEY.c.key).order_by(OLD_KEY.c.kind, OLD_KEY.c.key)
        return [*connection.scalars(query)]


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


PEOPLE: list[dict[str, Any]] = [
    {"id": "a" * 32, "name": "王秀英", "mobile": "1234", "phone": "1234", "building_text": "9栋"},
    {"id": "b" * 32, "name": "玛丽A", "mobile": None, "phone": None, "building_text": None},
]
SPELLED = [
    ("王秀英", "秀英", "英", "wangxiuying", "xiuying", "ying", "wxy", "xy", "y"),
    ("玛丽a", "丽a", "a", "malia", "lia", "mla", "la"),
]


def keys_now(store: Store) -> list[tuple[str, str]]:
    with store.engine.begin() as connection:
        command.upgrade(config(connection), "0026")
        given = [{**person(number), **one} for number, one in enumerate(PEOPLE)]
        insert_rows(Session(connection), table_of(Retiree), given)
        rows = [
            *old_keys("a" * 32, "name", *SPELLED[0]),
            *old_keys("a" * 32, "mobile", "1234"),
            *old_keys("a" * 32, "phone", "1234"),
            *old_keys("a" * 32, "building_text", "9栋"),
            *old_keys("b" * 32, "name", *SPELLED[1]),
        ]
        connection.execute(insert(OLD_KEY), rows)
        upgrade(connection)
        found = connection.execute(select(SearchKey.entity_id, SearchKey.key))
        return sorted((whose, key) for whose, key in found)


NOW = sorted((one["id"], key) for one in PEOPLE for key in keys_of(Retiree, {**one, "id_no": None}))


def test_keys_lose_their_noun_and_field_and_find_the_same_people(tmp_path: Path) -> None:
    store = open_file(tmp_path / "old.db", b"k" * 32, exchange.STREAM, fresh=True)
    assert keys_now(store) == NOW
    store.close()


@pytest.mark.postgres
def test_the_keys_of_a_server_become_the_same(postgres_url: str) -> None:
    server = open_url(postgres_url, exchange.STREAM)
    assert keys_now(server) == NOW
    server.close()
