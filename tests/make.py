"""Valid records of invented people: override the word the test is about."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app import retiree, visit
from app.kit.run import run
from app.kit.who import Desk
from models.exchange import STREAM, Replica
from models.kit import id_number
from models.kit.db import Store, open_file
from models.kit.ids import new_id
from models.migrations.run import upgrade
from models.office import Office
from models.retiree import MOVED_OUT, Retiree

KEY = bytes(range(32))
AREA = "519902"


def an_id_number(born: str = "1946-11-23", sequence: int = 26) -> str:
    """A well-formed number that belongs to nobody; odd sequences are men's."""
    first = f"{AREA}{born.replace('-', '')}{sequence:03d}"
    return first + id_number.check_digit(first)


def retiree_values(**changes: Any) -> dict[str, Any]:
    """王秀英 of the drawn screens, eighty today; an entry of None is left out."""
    values: dict[str, Any] = {
        "name": "王秀英",
        "id_no": an_id_number(),
        "mobile": "13800002617",
        "live_address": "桂苑一区3栋502",
        "employer_name": "市棉纺织厂",
        "retired_on": "1996-11",
        "work_start": "1964-09",
    }
    return {name: one for name, one in {**values, **changes}.items() if one is not None}


def a_retiree(session: Session, **changes: Any) -> str:
    """Registered through the front door; `contacts` and `tags` go along."""
    beside = {name: changes.pop(name) for name in ("contacts", "tags") if name in changes}
    return retiree.register(session, retiree_values(**changes), **beside).id


def visit_values(retiree_id: str, **changes: Any) -> dict[str, Any]:
    """A visit at the door today, met in person."""
    values: dict[str, Any] = {
        "retiree_id": retiree_id,
        "visit_type": "12",
        "way": "1",
        "visitors": "刘桂兰、蔡文静",
        "met_in_person": True,
        "living_note": "一切正常",
    }
    return {**values, **changes}


def a_visit(session: Session, retiree_id: str, **changes: Any) -> str:
    """Recorded through the front door."""
    return visit.record_visit(session, visit_values(retiree_id, **changes)).id


def a_day(text: str) -> date:
    """2026-11-23."""
    return date.fromisoformat(text)


def station_file(path: Path, key: bytes | None = KEY) -> Path:
    """A migrated, empty, encrypted station database."""
    store = open_file(path, key, STREAM, fresh=True)
    with store.engine.begin() as connection:
        upgrade(connection)
    office = Office(id=new_id(), code="519902001001", name="桂苑社区服务站", level="3")
    office.office_id = office.id
    with store.apply() as session:
        session.add(office)
        session.add(Replica(id=new_id(), office_id=office.id, incarnation=new_id()))
    store.close()  # the last to close folds the write-ahead log into the file
    return path


@contextmanager
def station_store(path: Path, key: bytes | None = KEY) -> Iterator[Store]:
    """The store of a file made by `station_file`."""
    store = open_file(path, key, STREAM)
    try:
        yield store
    finally:
        store.close()


class Station:
    """A station and who is at its desk: `do` a verb, `ask` a question."""

    def __init__(self, store: Store, desk: Desk) -> None:
        self.store, self.desk = store, desk

    def do(self, verb: Any, *args: Any, **kwargs: Any) -> Any:
        """One action, kept."""
        return run(self.store, self.desk, verb, *args, **kwargs).result

    def ask(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        """One look."""
        with self.store.look() as session:
            session.info["desk"] = self.desk
            return query(session, *args, **kwargs)

    def sits(self, *roles: str) -> "Station":
        """Somebody with other rights takes the chair."""
        desk = Desk(self.desk.account, self.desk.name, self.desk.office_id, frozenset(roles))
        return Station(self.store, desk)

    def get(self, entity: Any, record_id: str) -> Any:
        """A record as it is stored now."""
        with self.store.look() as session:
            return session.get(entity, record_id)


def back_again(station: Station) -> str:
    """Who moved away and came back, and is registered twice under one number: the one here."""
    left: str = station.do(a_retiree)
    with station.store.apply() as session:
        session.get_one(Retiree, left).id_no = an_id_number("1950-01-02", 31)
    key: str = station.do(a_retiree)
    with station.store.apply() as session:
        gone = session.get_one(Retiree, left)
        gone.id_no, gone.manage_state = an_id_number(), MOVED_OUT
    return key
