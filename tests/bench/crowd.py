"""The centre in a process of its own: what it holds while one station sends years at once, and
every station at one moment."""

import gc
import multiprocessing
import resource
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from sqlalchemy import URL, func, select
from sqlalchemy.orm import Session

from models import exchange
from models.kit import clock, db
from models.kit.changes import insert_many
from models.retiree import Retiree
from models.visit import Visit
from sync.centre.service import Centre
from sync.centre.serving.main import Service
from sync.fault import Fault
from sync.http_link import HttpLink
from sync.station import run as talk
from sync.station.again import SOON
from tests.bench.exchange import crowd, invented, packed, server_store
from tests.bench.measure import Line, cpu_of, percentile
from tests.bench.senders import send
from tests.sync.parts import Node, World, world

MONTHS = 12
STORED = 4.0
"""Seconds in which 95 of 100 are to have been stored."""
VISIT = {"visit_type": "12", "way": "1", "visitors": "刘桂兰", "met_in_person": True}


@contextmanager
def apart(here: World, url: URL) -> Iterator[tuple[int, Connection]]:
    """The service in another process; the port, and a line on which it says at the end how many
    MB it held at first and at most."""
    here.centre.store.close()  # no connection is shared
    near, far = multiprocessing.Pipe()
    child = multiprocessing.get_context("fork").Process(target=_serve, args=(here, url, far))
    child.start()
    try:
        yield near.recv(), near
    finally:
        child.terminate()
        child.join()


def _serve(here: World, url: URL, line: Connection) -> None:
    gc.freeze()  # what the bench has made is none of the centre's
    centre = Centre(db.open_url(url, exchange.STREAM), here.centre.keys, here.centre.office_id)
    with Service(centre, here.card.certificate.encode(), here.private) as port:
        Path("/proc/self/clear_refs").write_text("5")  # the most it held counts from here
        before = _megabytes("VmRSS")
        line.send(port)
        line.recv()
    line.send((before, _megabytes("VmHWM")))


def _megabytes(name: str) -> int:
    text = Path("/proc/self/status").read_text()
    return int(text.partition(f"{name}:")[2].split()[0]) // 1024


def held(line: Connection) -> tuple[int, int]:
    line.send(None)
    before, most = line.recv()
    return before, most


def years_at_once(people: int) -> list[Line]:
    """One station that was never heard of brings one year, another three: what the centre holds
    does not grow with them."""
    found = [_years(people, years) for years in (1, 3)]
    (little, _), (much, size) = found
    return [
        Line(
            "T9",
            "three years of one station at once / one year: memory the centre takes",
            f"{much / max(1, little):.1f}x",
            "1.2x",
            f"{little} and {much} MB more than before it came; three years are {size:.0f} MB, "
            f"{people:,} people and a visit a month",
        )
    ]


def _years(people: int, years: int) -> tuple[int, float]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pg").mkdir()
        with server_store(folder) as (store, _):
            here = world(folder, store)
            station = here.station("460203198001")
            ids = station.do(_people, people)
            for _ in range(years * MONTHS):
                station.do(_visited, ids)
            size = station.get(lambda s: s.scalar(select(func.sum(SAID))))
            with apart(here, store.engine.url) as (port, line):
                all_over(station, here, port)
                before, most = held(line)
    return most - before, size / 2**20


SAID = func.length(exchange.Change.head) + func.length(exchange.Change.payload)


def _people(session: Session, count: int) -> list[str]:
    rows = list(invented(count, 3))
    insert_many(session, Retiree, rows)
    return [row["id"] for row in rows]


def _visited(session: Session, ids: list[str]) -> None:
    day = clock.today()
    insert_many(session, Visit, [{**VISIT, "retiree_id": key, "visited_on": day} for key in ids])


def all_over(station: Node, here: World, port: int, pause: float = 0.0) -> int:
    """Until everything is decided and the station has read so; how often it was turned away.
    Where it is not decided yet it comes again after so many seconds."""
    refused = 0
    link = HttpLink(msgspec.structs.replace(here.card, url=f"https://127.0.0.1:{port}"))
    try:
        while True:
            try:
                done = talk.sync_now(station.store, station.keys, link, station.code)
                if not done.pending:
                    return refused
                if done.waiting:
                    time.sleep(pause)
            except Fault as fault:
                if not fault.after:
                    raise
                refused += 1
                time.sleep(fault.after)
    finally:
        link.close()


def all_at_once(stations: int, changes: int) -> list[Line]:
    """The end of a month over HTTPS into PostgreSQL: nobody's changes are lost, whoever is turned
    away comes again when told to. The files lie ready and go out from one lean process, on the two
    cores that the centre has as well."""
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pg").mkdir()
        with server_store(folder) as (store, server):
            here = world(folder, store)
            first, *waiting = crowd(here, stations + 1, changes)
            with apart(here, store.engine.url) as (port, line), ThreadPoolExecutor(stations) as at:
                all_over(first, here, port, SOON)  # the service has been at work before
                files, spent = [packed(station) for station in waiting], cpu_of(server)
                sent = send(port, here.card.certificate, files, folder / "files")
                spent = cpu_of(server) - spent
                start = time.perf_counter()

                def told(station: Node) -> float:
                    all_over(station, here, port, SOON)
                    return time.perf_counter() - start

                waits = sorted(at.map(told, waiting))
                before, most = held(line)
            with store.look() as session:
                there = session.scalar(select(func.count()).select_from(Retiree)) or 0
            for station in (first, *waiting):
                station.store.close()
    return [
        Line(
            "T9",
            f"{stations} stations of {changes} at one moment over HTTPS: stored and acknowledged, "
            "p95 / 4 s",
            f"{percentile(sent.waits, 0.95) / STORED:.1f}x",
            "1.0x",
            f"{percentile(sent.waits, 0.5):.1f} s in the middle, {sent.waits[-1]:.1f} s the last; "
            f"turned away {sent.turned_away} times; what is measured is the centre, stations are "
            f"one lean process on the same cores ({sent.cpu:.1f} s CPU; PostgreSQL {spent:.1f})",
        ),
        Line(
            "T9",
            f"{stations} stations of {changes} at one moment over HTTPS: people at the centre",
            f"{there - changes:,} of {stations * changes:,}",
            "all",
            f"told in the middle {percentile(waits, 0.5):.0f} s later, all {waits[-1]:.0f} s, by "
            f"whole stations in one Python; the service held {most} MB, {before} before",
        ),
    ]
