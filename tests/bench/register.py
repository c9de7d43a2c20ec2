"""T3, T6 and T8 on one register of 100,000 people: its size, its search, its list."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QApplication, QTableView
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.kit.paths import Home
from models.kit.base import table_of
from models.kit.bulk import learn
from models.kit.search import SearchKey, found
from models.retiree import Retiree
from tests.bench.exchange import VISITS_EACH, deliver, filled
from tests.bench.measure import Line, best, cost, median, percentile
from tests.sync.parts import Node, World, world
from tests.ui.station import Shown, Station
from ui.kit import style
from ui.kit.work import Work
from ui.pages import retirees

HITS, TRIES, COPIES = 50, 100, 10
NOBODY = ["龘龘", "没有人叫这个"] * 5
PEOPLE_AGAIN = """
INSERT INTO retiree (id, {names})
WITH RECURSIVE again(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM again WHERE n < ?)
SELECT printf('%08x', n) || substr(id, 9), {names} FROM again CROSS JOIN once
"""
KEYS_AGAIN = """
INSERT INTO search_key (key, entity_id)
WITH RECURSIVE again(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM again WHERE n < ?)
SELECT key, printf('%08x', n) || substr(entity_id, 9)
FROM again CROSS JOIN search_key WHERE key < '#' OR key >= '$' ORDER BY key, 2
"""


@contextmanager
def register(count: int) -> Iterator[tuple[World, Node]]:
    """A station with so many people and their visits, in an encrypted file; nothing sent yet."""
    with TemporaryDirectory() as name:
        here = world(Path(name))
        station = filled(here, "460203198001", count)
        station.do(learn)
        yield here, station


def growth(here: World, station: Node, count: int, small: int) -> list[Line]:
    """T3: a first sync into SQLite, large against small."""
    with register(small) as other:
        little = _per_record(*other, small)
    much = _per_record(here, station, count)
    many, few = (people * (1 + VISITS_EACH) for people in (count, small))
    return [
        Line(
            "T3",
            f"CPU per record at {many:,} / at {few:,} records",
            f"{much / little:.2f}x",
            "1.2x",
            f"{much * 1e6:.0f} us per record, both sides",
        )
    ]


def _per_record(here: World, station: Node, people: int) -> float:
    return cost(lambda: deliver(here, station)).cpu / (people * (1 + VISITS_EACH))


def search(station: Node, count: int) -> list[Line]:
    """T6: what people type, over the encrypted register: given names, the initials of a name, the
    last four digits of a number."""
    with station.store.look() as session:
        keys = [timed(session, _ids(word)) for word in words_typed(session)]
        wide = [timed(session, full_rows(word)) for word in words_typed(session)]
        given = _given(session)
        like = [timed(session, _like(word)) for word in given]
        named = [timed(session, _ids(word)) for word in given]
    slowest, rows = percentile(keys, 0.95) * 1000, percentile(wide, 0.95) * 1000
    return [
        Line(
            "T6",
            f"{count:,} people, encrypted, p95 of keys / 5 ms, with {HITS} full rows / 30 ms",
            f"{slowest / 5:.2f}x, {rows / 30:.2f}x",
            "1.0x, 1.0x",
            f"{slowest:.2f} ms, {rows:.1f} ms; LIKE / keys for a given name there "
            f"{median(like) / median(named):,.0f}x",
        )
    ]


def against_like(station: Node, count: int) -> list[Line]:
    """T6: the same register ten times over. The rows are those of the product with all its
    columns and indexes, and so are the keys of the names; those of numbers and telephones are not
    copied: nothing is asked of them here."""
    station.do(_multiply)
    with station.store.look() as session:
        given = _given(session)
        some, none = given[:20], NOBODY[:4]
        keys = [timed(session, _ids(word)) for word in (*some, *given)][len(some) :]
        like = [timed(session, _like(word)) for word in some]
        nobody = [timed(session, _ids(word)) for word in NOBODY]
        nowhere = [timed(session, _like(word)) for word in none]
    name, missing = median(like) / median(keys), median(nowhere) / median(nobody)
    return [
        Line(
            "T6",
            f"LIKE / keys, {count * COPIES:,} people, encrypted: given name, no hit",
            f"{name:,.0f}x, {missing:,.0f}x",
            "50x, 1000x",
            f"keys {median(keys) * 1000:.2f} and {median(nobody) * 1000:.2f} ms (p95 "
            f"{percentile(keys, 0.95) * 1000:.2f}), LIKE {median(like) * 1000:,.0f} and "
            f"{median(nowhere) * 1000:,.0f} ms; keys of names only",
        )
    ]


def _multiply(session: Session) -> None:
    connection, table = session.connection(), table_of(Retiree)
    names = ", ".join(f'"{one.name}"' for one in table.columns if one.name != "id")
    connection.exec_driver_sql("CREATE TEMP TABLE once AS SELECT * FROM retiree")
    connection.exec_driver_sql(PEOPLE_AGAIN.format(names=names), (COPIES - 1,))
    connection.exec_driver_sql(KEYS_AGAIN, (COPIES - 1,))


def _given(session: Session) -> list[str]:
    names = session.scalars(select(Retiree.name).order_by(Retiree.id).limit(10_000)).all()
    return [name[1:] for name in _some(names)]


def words_typed(session: Session) -> list[str]:
    """What people type: given names, initials, last digits, what nobody has."""
    numbers = session.scalars(select(Retiree.id_no).order_by(Retiree.id).limit(10_000)).all()
    initials = select(SearchKey.key).where(SearchKey.key.regexp_match("^[a-z]{3}$"))
    short = session.scalars(initials.limit(10_000)).all()
    return [*_given(session), *_some(short), *(number[-4:] for number in _some(numbers)), *NOBODY]


def _some(values: Any) -> list[Any]:
    return random.Random(1).choices(values, k=TRIES)  # noqa: S311 - which are asked


def _ids(word: str) -> Select[Any]:
    return found(word, HITS)


def full_rows(word: str) -> Select[Any]:
    """Of the people it finds, as many as fit."""
    return select(Retiree).where(Retiree.id.in_(_ids(word)))


def _like(word: str) -> Select[Any]:
    return select(Retiree.id).where(Retiree.name.like(f"%{word}%")).limit(HITS)


def timed(session: Session, chosen: Select[Any]) -> float:
    """Seconds, with nothing remembered."""
    session.expunge_all()
    start = time.perf_counter()
    session.execute(chosen).all()
    return time.perf_counter() - start


def first_page(station: Node, count: int) -> list[Line]:
    """T8: the screen of the register until its rows are painted, against one table that holds them
    all; each from the database, in windows of one size."""
    app = style.application()
    style.apply(app)
    desk = replace(station.desk, roles=frozenset({"head"}))
    work = Work(station.store, desk)
    place = Station(Home(station.path.parent), station.store, desk, {}, work, Shown(), {})
    with closing(work):
        ours = best(lambda: _screen(place), 3)
        work.wait()
        peer = cost(lambda: _all_rows(station))
    return [
        Line(
            "T8",
            f"{count:,} people: QStandardItemModel / our list, until the rows are seen",
            f"{peer.wall / ours.wall:.0f}x wall, {peer.cpu / ours.cpu:.0f}x CPU",
            "8x",
            f"{ours.wall * 1000:.0f} ms the whole screen, {peer.wall * 1000:,.0f} ms a bare table",
        )
    ]


def _screen(place: Station) -> None:
    page = retirees.page(place.context)
    place.window.resize(1366, 688)
    place.window.show_page(page)
    place.window.show()
    _until(lambda: bool(page.list.list.rows))
    place.window.grab()


def _all_rows(station: Node) -> None:
    fields = (Retiree.name, Retiree.id_no, Retiree.sex, Retiree.birth_on, Retiree.live_address,
              Retiree.mobile, Retiree.employer_name, Retiree.retired_on)  # fmt: skip
    model = QStandardItemModel()
    with station.store.look() as session:
        for row in session.execute(select(*fields)):
            model.appendRow([QStandardItem(str(value or "")) for value in row])
    table = QTableView()
    table.setModel(model)
    table.resize(1366, 688)
    table.show()
    table.grab()


def _until(done: Callable[[], bool]) -> None:
    while not done():
        QApplication.processEvents()
