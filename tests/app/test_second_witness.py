"""SQLite's own session extension looks over the shoulder of the change log: whatever the verbs of
the station write is in the stream, field for field and value for value, and nothing else is.

The witness shares no code with the capture: it compares two copies of the file, row by row.
Hypothesis prints the verbs of a failure and how to repeat it.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from shutil import copy
from typing import Any

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from sqlalchemy import select, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Session

from app import (
    account,
    attachment,
    audit,
    certification,
    consent,
    employer,
    handover,
    imports,
    movement,
    printed,
    retiree,
    seed,
    survey,
    suspicion,
    voided,
)
from app import undo as taking_back
from app import visit as visits
from app.attachment import New
from app.daily import daily
from app.kit.pictures import JPEG, Picture
from app.kit.refusal import Refusal, Refusals
from app.kit.who import Desk
from app.printed import Item
from models.attachment import Attachment
from models.cert_task import CertTask
from models.certification import Certification
from models.consent import Consent
from models.entities import BY_NAME
from models.exchange import STREAM, Change, Replica
from models.imports import Import
from models.kit import clock
from models.kit.base import Flow, Record, Writer, from_wire, table_of, wire_fields
from models.kit.changes import insert_many, update_many
from models.kit.db import Store, open_file
from models.kit.ids import new_id
from models.kit.stream import read_head, read_payload
from models.retiree import Retiree
from models.suspicion import Suspicion
from models.visit import Visit
from tests.conftest import NOW
from tests.make import Station, an_id_number, retiree_values, visit_values

TRAVELLING = {name: one for name, one in BY_NAME.items() if one.flow is not Flow.LOCAL}
DIALECT = sqlite.dialect()
Key = tuple[str, str]


# ---- the two witnesses ----------------------------------------------------------------------


@dataclass
class Row:
    """What one of the two says of one record: as stored, JSON text for JSON."""

    born: bool
    values: dict[str, Any] = field(default_factory=dict)


def seen(before: Path, after: Path) -> dict[Key, Row]:
    """What the session extension finds between two copies of the file."""
    connection = apsw.Connection(str(after))
    connection.execute("ATTACH ? AS before", (str(before),))
    found: dict[Key, Row] = {}
    for name, entity in TRAVELLING.items():
        watch = apsw.Session(connection, "main")
        watch.attach(name)
        watch.diff("before", name)
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({name})")]
        for change in apsw.Changeset.iter(watch.changeset()):
            assert change.op != "DELETE", f"{name}: records are voided, never deleted"
            assert change.new is not None
            news = dict(zip(columns, change.new, strict=True))
            key = (change.old or change.new)[columns.index("id")]
            born = change.op == "INSERT"
            found[name, str(key)] = Row(born, dict(_told(entity, news, born=born)))
        watch.close()
    connection.close()
    return found


def _told(entity: type[Record], news: dict[str, Any], *, born: bool) -> Iterator[tuple[str, Any]]:
    for name in wire_fields(entity.__table__):
        value = news[name]
        if value is not apsw.no_change and not (born and value is None):
            yield name, value


def logged(session: Session, after: int) -> dict[Key, Row]:
    """What the stream says since a number, one change upon the other."""
    found: dict[Key, Row] = {}
    query = select(Change).where(Change.seq > after).order_by(Change.seq)
    for change in session.scalars(query):
        head, said = read_head(change.head), read_payload(change.payload or b"").values
        row = found.setdefault((head.entity, head.entity_id), Row(head.op == "insert"))
        row.values |= {name: _stored(head.entity, name, said[name]) for name in said}
    return found


def _stored(noun: str, name: str, value: Any) -> Any:
    """A wire value as SQLite keeps it."""
    entity = BY_NAME[noun]
    kept = from_wire(entity, name, value)
    bind = table_of(entity).c[name].type.dialect_impl(DIALECT).bind_processor(DIALECT)
    return bind(kept) if bind else kept


def same(one: Any, other: Any) -> bool:
    """JSON may be spaced in two ways."""
    if one == other:
        return True
    if isinstance(one, str) and isinstance(other, str) and one[:1] in ("[", "{"):
        return bool(json.loads(one) == json.loads(other))
    return False


def compare(witness: dict[Key, Row], log: dict[Key, Row], before: Path) -> None:
    """The log misses nothing and invents nothing."""
    assert witness.keys() == log.keys()
    for key, row in witness.items():
        told = log[key]
        assert row.born == told.born, key
        missed = {
            name for name, value in row.values.items() if not same(told.values.get(name), value)
        }
        assert not missed, f"{key} lacks {missed}"
        for name in told.values.keys() - row.values.keys():  # there and back in one action
            assert same(told.values[name], None if row.born else _was(before, key, name)), (
                key,
                name,
            )


def _was(before: Path, key: Key, name: str) -> Any:
    connection = apsw.Connection(str(before))
    found = connection.execute(f'SELECT "{name}" FROM {key[0]} WHERE id = ?', (key[1],)).get  # noqa: S608
    connection.close()
    return found


# ---- a station that is watched --------------------------------------------------------------


class Watched:
    """A plain file, copied before and after each verb."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.folder, self.copies = store, folder, 0
        with store.look() as session:
            office_id = session.query(Replica).one().office_id
        self.station = Station(store, Desk(new_id(), "刘桂兰", office_id, frozenset({"head"})))
        self.last = self.copy()

    def copy(self) -> Path:
        self.copies += 1
        path = self.folder / f"{self.copies}.db"
        with self.store.engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert raw is not None
            raw.execute("VACUUM INTO ?", (str(path),))  # no transaction may be open
        return path

    def do(self, verb: Callable[..., Any], *args: Any) -> None:
        """One action, after which both witnesses are heard; a refused one leaves no trace."""
        with self.store.look() as session:
            seq = session.scalars(select(Replica.seq)).one()
        with suppress(Refusal, Refusals):
            self.station.do(verb, *args)
        before, self.last = self.last, self.copy()
        with self.store.look() as session:
            compare(seen(before, self.last), logged(session, seq), before)
        before.unlink()


@contextmanager
def watched(template: Path, folder: Path) -> Iterator[Watched]:
    store = open_file(Path(copy(template, folder / "station.db")), None, STREAM)
    try:
        with clock.freeze(NOW):
            yield Watched(store, folder)
    finally:
        store.close()


# ---- what the people of a station do --------------------------------------------------------

Verb = Callable[[Session, int], Any]


def any_of(session: Session, entity: type[Record], n: int, *, void: bool = False) -> str:
    """One of those there are; nobody's name where there is none."""
    chosen = select(entity.id).where(entity.is_void.is_(void))
    ids = list(session.scalars(chosen.order_by(entity.created_at, entity.id)))
    return ids[n % len(ids)] if ids else ""


def registers(session: Session, n: int) -> None:
    values = retiree_values(id_no=an_id_number(sequence=n % 900 + 2), house_no=None)
    kin = {"name": "王小明", "relation": "21", "phone": "13900001234"}
    retiree.register(session, values, contacts=[kin] * (n % 3), tags=["T03"] * (n % 2))


def edits(session: Session, n: int) -> None:
    values = {"mobile": f"1380000{n % 9000 + 1000}", "door_note": "", "retired_on": "1997"}
    retiree.edit(session, any_of(session, Retiree, n), values)


def edits_there_and_back(session: Session, n: int) -> None:
    who = session.get(Retiree, any_of(session, Retiree, n))
    if who is not None:
        was, who.door_note = who.door_note, "狗"
        session.flush()
        who.door_note = was


def lists_the_family(session: Session, n: int) -> None:
    kin = [{"name": "王小明", "relation": "21"}, {"name": "王小红", "relation": "22"}]
    retiree.set_family(session, any_of(session, Retiree, n), kin[: n % 3])


def tags(session: Session, n: int) -> None:
    retiree.set_tags(session, any_of(session, Retiree, n), ["T02", "T05", "T11"][: n % 4])


def visits_somebody(session: Session, n: int) -> None:
    values = visit_values(any_of(session, Retiree, n), visited_on=clock.today() - timedelta(n % 40))
    visits.record_visit(session, values, also_certify=n % 2 == 0)


def voids_a_visit(session: Session, n: int) -> None:
    visits.void_visit(session, any_of(session, Visit, n), "登记错了人")


def certifies(session: Session, n: int) -> None:
    certification.home_certify(session, any_of(session, Retiree, n), {})


def corrects_a_certification(session: Session, n: int) -> None:
    values = {"certified_on": clock.today() - timedelta(n % 30)}
    certification.amend(session, any_of(session, Certification, n), values, "日期写错")


def numbers_a_form(session: Session, n: int) -> None:
    certification.assign_form_numbers(session, [any_of(session, CertTask, n)])


def telephones(session: Session, n: int) -> None:
    certification.record_contact(session, any_of(session, CertTask, n), "1", "2", "没人接")


def asks_who_is_alive(session: Session, n: int) -> None:
    survey.record_survey(session, {"retiree_id": any_of(session, Retiree, n), "alive_state": "1"})


def hears_of_a_death(session: Session, n: int) -> None:
    movement.suspected_death(session, any_of(session, Retiree, n), clock.today(), "邻居电话告知")


def loses(session: Session, n: int) -> None:
    movement.lost(session, any_of(session, Retiree, n), clock.today(), "多次上门无人")


def finds(session: Session, n: int) -> None:
    movement.found(session, any_of(session, Retiree, n), clock.today(), "在儿子家")


def takes_a_doubt_away(session: Session, n: int) -> None:
    suspicion.decide(session, any_of(session, Suspicion, n), "1", "核实无误")


def takes_a_consent(session: Session, n: int) -> None:
    consent.record_consent(session, any_of(session, Retiree, n), ["1"], clock.today())


def gives_a_consent_back(session: Session, n: int) -> None:
    consent.withdraw(session, any_of(session, Consent, n))


def takes_in_a_roster(session: Session, n: int) -> None:
    imports.import_rows(session, seed.people(6, n % 5), "花名册.xlsx", "市棉纺织厂")


def takes_a_roster_back(session: Session, n: int) -> None:
    imports.undo_import(session, any_of(session, Import, n))


def proposes_an_employer(session: Session, n: int) -> None:
    employer.propose(session, f"第{n % 7}建筑公司")


def takes_back(session: Session, n: int) -> None:
    taking_back.undo(session)


def does_again(session: Session, n: int) -> None:
    taking_back.redo(session)


def begins_the_day(session: Session, n: int) -> None:
    daily(session)


def looks_at_a_number(session: Session, n: int) -> None:
    retiree.reveal(session, any_of(session, Retiree, n), "id_no")


def notes_for_this_computer_alone(session: Session, n: int) -> None:
    audit.local_note(session, "登录")


def writes_in_bulk(session: Session, n: int) -> None:
    update_many(
        session, Retiree, {any_of(session, Retiree, n): {"door_note": f"{n}", "remark": None}}
    )
    insert_many(
        session, Visit, [visit_values(any_of(session, Retiree, n), visited_on=clock.today())]
    )


def lets_somebody_in(session: Session, n: int) -> None:
    account.first(session, f"符秀{'英兰梅菊'[n % 4]}", ["clerk"])


def keeps_a_picture(session: Session, n: int) -> None:
    picture = Picture(f"照片 {n}".encode(), JPEG, 4, 3, 1, None)
    attachment.attach(session, any_of(session, Retiree, n), [New(picture, "02", "门口.jpg")])


def says_what_a_picture_is(session: Session, n: int) -> None:
    attachment.describe(session, any_of(session, Attachment, n), "02", "门口", clock.today())


def changes_a_portrait(session: Session, n: int) -> None:
    picture = Picture(f"证件照 {n}".encode(), JPEG, 3, 4, 1, None)
    attachment.set_portrait(session, any_of(session, Retiree, n), picture)


def prints_a_slip(session: Session, n: int) -> None:
    items = [Item(any_of(session, Retiree, n) or None)]
    printed.printed(session, "温馨提示通知单", items, "到期提醒")


def offers_somebody(session: Session, n: int) -> None:
    who = session.get(Retiree, any_of(session, Retiree, n))
    if who is not None:
        handover.offer(session, who, new_id(), clock.today(), "搬走了")


def keeps_somebody_after_all(session: Session, n: int) -> None:
    handover.withdraw(session, any_of(session, Retiree, n))


def brings_a_visit_back(session: Session, n: int) -> None:
    voided.restore(session, "visit", any_of(session, Visit, n, void=True))


VERBS: list[Verb] = [
    registers, edits, edits_there_and_back, lists_the_family, tags, visits_somebody, voids_a_visit,
    certifies, corrects_a_certification, numbers_a_form, telephones, asks_who_is_alive,
    hears_of_a_death, loses, finds, takes_a_doubt_away, takes_a_consent, gives_a_consent_back,
    takes_in_a_roster, takes_a_roster_back, proposes_an_employer, takes_back, does_again,
    begins_the_day, looks_at_a_number, notes_for_this_computer_alone, writes_in_bulk,
    lets_somebody_in, keeps_a_picture, says_what_a_picture_is, changes_a_portrait, prints_a_slip,
    offers_somebody, keeps_somebody_after_all, brings_a_visit_back,
]  # fmt: skip

STEPS = some.lists(some.tuples(some.sampled_from(VERBS), some.integers(0, 9999)), max_size=25)


@pytest.mark.slow
@settings(max_examples=6)
@given(steps=STEPS)
def test_whatever_people_do_the_log_misses_nothing_and_invents_nothing(
    steps: list[tuple[Verb, int]], template: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with watched(template, tmp_path_factory.mktemp("watched")) as station:
        station.do(imports.import_rows, seed.people(4, 9), "花名册.xlsx")
        for verb, n in steps:
            station.do(verb, n)


@pytest.mark.parametrize("verb", VERBS, ids=lambda one: one.__name__)
def test_every_verb_is_seen_by_both(verb: Verb, template: Path, tmp_path: Path) -> None:
    with watched(template, tmp_path) as station:
        station.do(registers, 5)
        station.do(verb, 4)


NOT_BEGUN_HERE = {"late_edit"}
"""What is put before a station and only answered there (tests/sync/test_moves.py)."""


def test_nothing_that_a_station_writes_is_without_a_verb_here(
    template: Path, tmp_path: Path
) -> None:
    with watched(template, tmp_path) as station:
        for n in range(3):
            station.do(registers, n)
        for verb in VERBS:
            station.do(verb, 4)
        with station.store.look() as session:
            written = set(session.scalars(select(Change.entity).distinct()))
    of_a_station = {
        name for name, one in TRAVELLING.items() if one.writer in (Writer.STATION, Writer.EITHER)
    }
    assert of_a_station - written == NOT_BEGUN_HERE


def behind_the_log(session: Session) -> None:
    """A statement that neither the guard nor the log sees."""
    session.execute(update(table_of(Retiree)).values(door_note="没人知道"))


def with_a_field_left_out(session: Session) -> None:
    who = session.scalars(select(Retiree)).first()
    assert who is not None
    who.mobile, who.door_note = "13800001111", "三声"
    session.flush()
    session.info["recorder"].drafts[-1].values.pop("door_note")


def with_another_value(session: Session) -> None:
    with_a_field_left_out(session)
    session.info["recorder"].drafts[-1].values["door_note"] = "两声"


@pytest.mark.parametrize(
    "mistake",
    [behind_the_log, with_a_field_left_out, with_another_value],
    ids=lambda one: one.__name__,
)
def test_the_witness_sees_a_write(
    mistake: Callable[[Session], None], template: Path, tmp_path: Path
) -> None:
    with watched(template, tmp_path) as station:
        station.do(registers, 5)
        with pytest.raises(AssertionError):
            station.do(mistake)
