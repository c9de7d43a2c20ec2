"""Rows straight to the driver: any type, any amount, the same on SQLite and PostgreSQL."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import bindparam, select, update

from models.exchange import Parked, Stream
from models.kit.among import among
from models.kit.base import table_of
from models.kit.bulk import COPY_FROM, COPY_ROWS, insert_rows, settle
from models.kit.db import Store
from models.kit.direct import for_each
from models.kit.ids import new_id
from models.kit.search import found, index_edits, index_new
from models.retiree import Retiree

NOON = datetime(2026, 11, 23, 4, 0, 0, 5, tzinfo=UTC)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store(request: pytest.FixtureRequest, store: Store) -> Store:
    if request.param == "sqlite":
        return store
    server: Store = request.getfixturevalue("postgres_store")
    return server


def person(number: int) -> dict[str, Any]:
    scalar = (one for one in table_of(Retiree).columns if getattr(one.default, "is_scalar", False))
    return {
        **{one.name: getattr(one.default, "arg", None) for one in scalar},
        "id": new_id(),
        "office_id": "0" * 32,
        "name": f"反斜\\杠\t制表\n换行{number}",
        "id_no": f"{number:018d}",
        "birth_on": date(1946, 11, 23),
        "no_phone": number % 2 == 0,
        "created_at": NOON,
        "is_void": False,
        "row_version": 1,
        "stamps": {"*": new_id(), "姓名": '"\\'},
        "manage_state": "1",
        **({"mobile": ""} if number % 3 else {}),
    }


@pytest.mark.parametrize("count", [1, COPY_FROM - 1, COPY_FROM, 3 * COPY_FROM, 2 * COPY_ROWS + 1])
def test_every_value_comes_back_as_it_was_given(store: Store, count: int) -> None:
    given = {row["id"]: row for row in map(person, range(count))}
    with store.apply() as session:
        insert_rows(session, table_of(Retiree), list(given.values()))
    with store.look() as session:
        stored = session.execute(select(table_of(Retiree))).mappings().all()
    assert len(stored) == count
    for row in stored:
        assert {name: row[name] for name in given[row["id"]]} == given[row["id"]]
        assert row["mobile"] == given[row["id"]].get("mobile")


def test_an_edit_of_each_row_is_stored_as_it_was_given(store: Store) -> None:
    rows, table = [person(number) for number in range(3)], table_of(Retiree)
    names = ("name", "birth_on", "no_phone", "updated_at", "stamps", "mobile")
    edit = update(table).where(table.c.id == bindparam("own"))
    edit = edit.values({name: bindparam(name) for name in names})
    edit = edit.values(row_version=table.c.row_version + 1)
    with store.apply() as session:
        insert_rows(session, table, rows)
        said = [{**person(7), "own": row["id"], "updated_at": NOON, "mobile": ""} for row in rows]
        said[1] |= {"birth_on": None, "stamps": {"*": new_id()}}
        for_each(session, edit, said[:2])
        with pytest.raises(KeyError):
            for_each(session, edit, [{"own": rows[2]["id"]}])
    with store.look() as session:
        stored = {row["id"]: row for row in session.execute(select(table)).mappings()}
    for one in said[:2]:
        assert {name: stored[one["own"]][name] for name in names} == {
            name: one[name] for name in names
        }
        assert stored[one["own"]]["row_version"] == 2
    assert stored[rows[2]["id"]]["name"] == rows[2]["name"]


def test_bytes_are_kept_byte_for_byte(store: Store) -> None:
    rows = [
        {
            "office_id": "a",
            "incarnation": "b",
            "seq": number,
            "head": bytes([number % 256, 0, 92, 10]),
            "payload": b"",
            "received_at": NOON,
            "hash": None,
        }
        for number in range(300)
    ]
    with store.apply() as session:
        insert_rows(session, table_of(Parked), rows)
    with store.look() as session:
        stored = session.execute(select(table_of(Parked)).order_by("seq")).mappings().all()
    assert [dict(row) for row in stored] == rows


def test_records_are_found_among_more_ids_than_a_statement_has_places(store: Store) -> None:
    given = [person(number) for number in range(30)]
    with store.apply() as session:
        insert_rows(session, table_of(Retiree), given)
    some = [row["id"] for row in given[:10]]
    asked = [*(new_id() for _ in range(70_000)), *some]
    with store.look() as session:
        there = session.scalars(select(Retiree.id).where(among(Retiree.id, asked))).all()
        rest = session.scalars(select(Retiree.id).where(~among(Retiree.id, asked))).all()
        none = session.scalars(select(Retiree.id).where(among(Retiree.id, []))).all()
    assert sorted(there) == sorted(some)
    assert sorted(rest) == sorted(row["id"] for row in given[10:])
    assert none == []


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_what_is_among_many_is_found_by_the_index(store: Store) -> None:
    query = select(Retiree.id).where(among(Retiree.id, []))
    with store.look() as session:
        said = f"EXPLAIN QUERY PLAN {query.compile(session.get_bind())}"
        plan = session.connection().exec_driver_sql(said, ("[]",)).all()
    assert "SEARCH retiree" in str(plan)


TWICE, UNREADABLE = {"id": "a" * 32}, {"stamps": {"*": object()}}


@pytest.mark.parametrize(("wrong", "why"), [(TWICE, "UNIQUE|duplicate"), (UNREADABLE, "Encoding")])
def test_of_many_rows_none_is_stored_where_one_cannot_be(
    store: Store, wrong: dict[str, Any], why: str
) -> None:
    rows = [person(number) for number in range(3 * COPY_ROWS)]
    rows[0] |= TWICE
    broken = [*rows[:-1], {**rows[-1], **wrong}]
    with store.apply() as session:
        with pytest.raises(Exception, match=why), session.begin_nested():
            insert_rows(session, table_of(Retiree), broken)
        insert_rows(session, table_of(Retiree), rows[:2])
    with store.look() as session:
        assert sorted(session.scalars(select(Retiree.id))) == sorted(row["id"] for row in rows[:2])


def test_many_rows_that_were_lost_and_come_back_are_found_by_what_they_are_now(
    store: Store,
) -> None:
    rows = [{**person(number), "name": "王秀英"} for number in range(COPY_ROWS)]
    with store.apply() as session:
        index_new(session, Retiree, [{**rows[-1], "mobile": "13800001234"}])
    with store.apply() as session:
        index_new(session, Retiree, rows)
    with store.look() as session:
        there = session.scalars(found("xiuying", cap=2 * COPY_ROWS)).all()
        assert sorted(there) == sorted(row["id"] for row in rows)
        assert session.scalars(found("0001234")).all() == []


def test_a_row_that_was_lost_and_comes_back_is_found_by_what_it_is_now(store: Store) -> None:
    row = {**person(1), "name": "王秀英"}
    with store.apply() as session:
        index_new(session, Retiree, [{**row, "mobile": "13800001234"}])
    with store.apply() as session:
        insert_rows(session, table_of(Retiree), [row])
        index_new(session, Retiree, [row])
    with store.look() as session:
        assert session.scalars(found("xiuying")).all() == [row["id"]]
        assert session.scalars(found("0001234")).all() == []


def test_a_number_that_is_given_up_is_still_found_where_another_field_has_it(store: Store) -> None:
    row = {**person(1), "mobile": "13800001234", "phone": "13800001234"}
    with store.apply() as session:
        insert_rows(session, table_of(Retiree), [row])
        index_new(session, Retiree, [row])
    with store.apply() as session:
        index_edits(session, Retiree, ["mobile"], [{"id": row["id"], "mobile": None}])
    with store.look() as session:
        assert session.scalars(found("0001234")).all() == [row["id"]]


def test_any_run_of_digits_finds_its_person_and_nobody_else(store: Store) -> None:
    row = {**person(1), "id_no": "51990219461123002X", "phone": "0898-88123456", "mobile": None}
    other = {**person(2), "id_no": "519902195207148887", "building_text": "9栋", "mobile": None}
    with store.apply() as session:
        for one in (row, other):
            insert_rows(session, table_of(Retiree), [one])
            index_new(session, Retiree, [one])
    said = {row["id"]: [row["id_no"], "089888123456"], other["id"]: [other["id_no"]]}
    runs = {
        number[first:last]
        for numbers in said.values()
        for number in numbers
        for first in range(len(number) - 2)
        for last in range(first + 3, len(number) + 1)
    }
    with store.look() as session:
        for run in [*runs, "999", "88123457"]:
            wanted = {key for key, numbers in said.items() if any(run in one for one in numbers)}
            assert set(session.scalars(found(run))) == wanted, run
        assert session.scalars(found("栋")).all() == []
        assert session.scalars(found("9栋")).all() == [other["id"]]


def test_rows_that_moved_on_are_written_by_their_keys_and_read_anew(store: Store) -> None:
    with store.apply() as session:
        for name in "ab":
            session.add(Stream(office_id=name, incarnation="1", replica=name))
    with store.apply() as session:
        one, two = session.scalars(select(Stream).order_by(Stream.office_id))
        new = Stream(office_id="c", incarnation="1", replica="c", contiguous=3)
        session.add(new)
        one.contiguous, one.forked_at = 7, 5
        settle(session, one, two, new)
        two.contiguous = 9  # too late
        assert one not in session
        assert new in session
        assert session.get_one(Stream, ("a", "1")).contiguous == 7
    with store.look() as session:
        stored = select(Stream.contiguous, Stream.forked_at).order_by(Stream.office_id)
        assert [tuple(row) for row in session.execute(stored)] == [(7, 5), (0, None), (3, None)]
