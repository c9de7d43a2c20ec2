"""What is said all the time goes straight to the driver, and nobody who asks can tell."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import and_, bindparam, case, event, exists, func, literal, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from models.exchange import Dispatch, Replica, Stream
from models.kit.among import among_given
from models.kit.base import table_of
from models.kit.bulk import insert_rows, settle
from models.kit.db import Store
from models.kit.direct import ask, ask_one, find, for_each
from models.retiree import Retiree
from tests.models.kit.test_bulk import person
from tests.models.kit.test_bulk import store as store  # noqa: PLC0414 - on either database

PEOPLE = table_of(Retiree)
ALL = select(PEOPLE).order_by(PEOPLE.c.id)
SOME = select(
    func.count(), exists().where(PEOPLE.c.id == ""), PEOPLE.c.name, literal(7).label("seven")
).where(among_given(PEOPLE.c.id, "wanted"), PEOPLE.c.name == bindparam("name"))
SOME = SOME.group_by(PEOPLE.c.name)
STREAMS = (
    select(Stream, Dispatch, Stream.contiguous + 1)
    .outerjoin(Dispatch, and_(Dispatch.office_id == Stream.office_id, Dispatch.seq > 3))
    .order_by(Stream.office_id)
)
MOVED = update(PEOPLE).where(PEOPLE.c.name > bindparam("after")).values(no_phone=bindparam("to"))


def put(store: Store, count: int = 3) -> list[dict[str, Any]]:
    rows = [person(number) for number in range(count)]
    with store.apply() as session:
        insert_rows(session, PEOPLE, rows)
    return rows


def streams(store: Store) -> None:
    with store.apply() as session:
        for name, seq in (("a", 3), ("b", 4)):
            session.add(Stream(office_id=name, incarnation="i", replica="r", contiguous=seq))
            session.add(Dispatch(office_id=name, seq=seq, own_seen=0))


def test_a_row_is_what_sqlalchemy_reads(store: Store) -> None:
    rows = put(store)
    given = {"wanted": [one["id"] for one in rows[1:]], "name": rows[2]["name"]}
    with store.look() as session:
        assert ask(session, ALL) == [*map(tuple, session.execute(ALL))]
        assert ask(session, ALL)[0]._asdict() == session.execute(ALL).mappings().first()
        assert ask(session, SOME, given) == [*map(tuple, session.execute(SOME, given))]
        assert ask(session, SOME, given)[0].seven == 7
        assert ask_one(session, SOME, given) == 1
        assert ask_one(session, SOME, {**given, "wanted": []}) is None


def test_what_it_binds_must_be_given(store: Store) -> None:
    with store.look() as session, pytest.raises(KeyError):
        ask(session, SOME, {"wanted": []})


def test_objects_are_those_of_the_session(store: Store) -> None:
    streams(store)
    with store.look() as session:
        read: list[Any] = [tuple(row) for row in session.execute(STREAMS)]
        assert find(session, STREAMS) == read
        assert [at and at.seq for _, at, _ in read] == [None, 4]
    with store.look() as session:
        made = find(session, STREAMS)
        assert [tuple(row) for row in session.execute(STREAMS)] == made
        assert {one.office_id: one.__dict__.keys() for one, *_ in made}
    for ours in (Replica, Stream, Dispatch):
        with store.look() as session:
            (first,) = session.execute(select(ours)).first() or [None]
            held = {**vars(first)} if first else {}
        with store.look() as session:
            (again,) = next(iter(find(session, select(ours))), [None])
            said = {**vars(again)} if again else {}
        held.pop("_sa_instance_state", None), said.pop("_sa_instance_state", None)
        assert said == held


def test_an_object_that_was_found_is_written_like_any_other(store: Store) -> None:
    streams(store)
    with store.apply() as session:
        (one, _, _), (other, at, _) = find(session, STREAMS)
        one.contiguous, at.seq = 8, 9
        assert find(session, STREAMS)[0] == (one, None, 9)  # what was set is there for whoever asks
        settle(session, other, at)
    with store.look() as session:
        assert [(one.contiguous, at and at.seq) for one, at, _ in find(session, STREAMS)] == [
            (8, None),
            (4, 9),
        ]


def test_it_is_said_how_many_rows_were_met(store: Store) -> None:
    rows = put(store)
    with store.apply() as session:
        assert for_each(session, MOVED, []) == 0
        assert for_each(session, MOVED, [{"after": rows[0]["name"], "to": True}]) == 2
    with store.look() as session:
        assert [one.no_phone for one in ask(session, ALL)].count(True) == 3


def test_an_error_is_sqlalchemys_and_quotes_nobody(store: Store) -> None:
    rows = put(store)
    with store.apply() as session, pytest.raises(IntegrityError) as caught:
        insert_rows(session, PEOPLE, rows[:1])
    assert rows[0]["name"] not in str(caught.value)
    with store.look() as session:
        assert len(ask(session, ALL)) == len(rows)


def test_so_is_one_that_comes_only_with_the_rows(store: Store) -> None:
    """A page of the file that cannot be read, or a row that cannot be worked out."""
    put(store)
    number = PEOPLE.c.name == "反斜\\杠\t制表\n换行2"
    if store.engine.dialect.name == "sqlite":
        late = select(func.abs(case((number, -(2**63)), else_=1)))
    else:
        late = select(literal(1) / case((number, 0), else_=1))
    with store.look() as session, pytest.raises(DBAPIError):
        ask(session, late.select_from(PEOPLE))


def test_whoever_listens_hears_every_statement(store: Store) -> None:
    rows, heard = put(store), list[str]()

    def hear(_connection: object, _cursor: object, said: str, *_more: Sequence[object]) -> None:
        heard.append(said.split(maxsplit=1)[0])

    event.listen(store.engine, "before_cursor_execute", hear)
    with store.apply() as session:
        assert [one.id for one in ask(session, ALL)] == sorted(one["id"] for one in rows)
        for_each(session, MOVED, [{"after": "", "to": False}, {"after": "", "to": True}])
    assert heard[-2:] == ["SELECT", "UPDATE"]
