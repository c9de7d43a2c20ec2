"""``poe district 50 20000``: a whole district for three years (P15), the last station against the
first. Hours of CPU at that size, so it is no part of ``poe bench``."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from multiprocessing import active_children
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import select, text

from models.kit.db import Store
from models.retiree import Retiree
from tests.bench.crowd import all_over, apart, held
from tests.bench.exchange import VISITS_EACH, fill_all, invented, server_store
from tests.bench.measure import Cost, Line, cost, median, percentile, table
from tests.bench.register import HITS, full_rows, timed, words_typed
from tests.sync.parts import Node, World, edit, world

STATIONS, PEOPLE = 50, 20_000
EDITS = 30


@dataclass(frozen=True, slots=True)
class Met:
    """What one station cost the centre's service, PostgreSQL and itself: its first sync, the first
    load of a new computer, one edit there and back in the middle of several."""

    sync: Cost
    load: Cost
    edit: Cost


@dataclass(slots=True)
class District:
    """A centre that stations come to one after the other, each with so many people."""

    here: World
    store: Store
    server: int
    people: int
    taken: set[str] = field(default_factory=set)

    @property
    def records(self) -> int:
        """Of a station: a visit a year for each of its people."""
        return self.people * (1 + VISITS_EACH)

    def newcomers(self, seed: int) -> Iterator[dict[str, Any]]:
        """People none of whom has the number of another in the district."""
        drawn = invented(self.people * 5 // 4, seed)
        for one in islice((one for one in drawn if one["id_no"] not in self.taken), self.people):
            self.taken.add(str(one["id_no"]))
            yield one

    @contextmanager
    def service(self) -> Iterator[tuple[int, int, Connection]]:
        """Its port, its process, and the line on which it says what it held."""
        with apart(self.here, self.store.engine.url) as (port, line):
            (process,) = active_children()
            yield port, process.pid or 0, line

    def comes(self, number: int, port: int, service: int) -> tuple[Node, Cost]:
        """A station that was never heard of says all it has."""
        station = self.here.station(f"4602032{number:05d}")
        fill_all(station, self.newcomers(number))
        return station, self._cost(lambda: all_over(station, self.here, port), service)

    def met(self, number: int) -> tuple[Met, int]:
        """All that is measured of the next station, and the MB the service took for it."""
        with self.service() as (port, service, line):
            station, sync = self.comes(number, port, service)
            self._look_at_tables()
            edit = self._edits(station, port, service)
            made = self.here.new_pc(station)
            load = self._cost(lambda: all_over(made, self.here, port), service)
            before, most = held(line)
        leave(station, made)
        return Met(sync, load, edit), most - before

    def _edits(self, station: Node, port: int, service: int) -> Cost:
        """Of one, each over a line of its own."""
        ids = station.get(lambda session: list(session.scalars(select(Retiree.id).limit(EDITS))))

        def work(key: str, mobile: str) -> None:
            station.do(edit, key, mobile=mobile)
            all_over(station, self.here, port)

        def walls(mobile: str) -> list[float]:
            return [cost(partial(work, key, mobile)).wall for key in ids]

        walls("13800001111")
        found: list[float] = []
        whole = self._cost(lambda: found.extend(walls("13800002222")), service)
        return Cost(median(found), whole.cpu / EDITS)

    def _cost(self, work: Callable[[], Any], service: int) -> Cost:
        return cost(work, self.server, service)

    def _look_at_tables(self) -> None:
        """As the server does by itself, a minute after they have grown."""
        with self.store.engine.begin() as connection:
            connection.execute(text("analyze"))

    def searches(self) -> float:
        """Seconds until fifty full rows are there, in 95 of 100: names, initials, digits, and a
        single sign of each."""
        with self.store.look() as session:
            words = [*words_typed(session), "王", "w", "1"]
            return percentile([timed(session, full_rows(word)) for word in words], 0.95)

    @property
    def gigabytes(self) -> float:
        """Of the centre's database."""
        with self.store.engine.connect() as connection:
            size = connection.scalar(text("select pg_database_size(current_database())"))
        return float(size or 0) / 2**30


def leave(*stations: Node) -> None:
    """Nothing more is asked of these; a whole district of files is more than a disk has."""
    for one in stations:
        one.store.close()
        for end in ("", "-wal", "-shm"):
            Path(f"{one.path}{end}").unlink(missing_ok=True)


def scale(stations: int, people: int) -> list[Line]:
    """P15: snapshot, rate and memory at a centre that has the whole district, against one that has
    a station."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pg").mkdir()
        with server_store(folder) as (store, server):
            there = District(world(folder, store), store, server, people)
            with there.service() as (port, service, _):
                leave(there.comes(0, port, service)[0])
            first, little = there.met(1)
            with there.service() as (port, service, line):
                for number in range(2, stations - 1):
                    station, spent = there.comes(number, port, service)
                    leave(station)
                    rate = there.records / spent.wall
                    print(f"{number + 1} stations: {rate:,.0f} records/s", flush=True)
                before, most = held(line)
            last, much = there.met(stations - 1)
            size = there.gigabytes
            found = there.searches()
    whole = f"{stations * there.records:,} records of {stations * people:,} people"
    where = f"a centre of {whole} ({size:.1f} GB)"
    return [
        *_lines(first, last, there.records, where),
        Line(
            "P15",
            f"search at {where}: p95 with {HITS} full rows / 30 ms",
            f"{found / 0.03:.1f}x",
            "1.0x",
            f"{found * 1000:.1f} ms",
        ),
        Line(
            "P15",
            f"memory the service takes: {stations - 3} stations one after the other / one",
            f"{(most - before) / max(1, little):.1f}x",
            "1.5x",
            f"{most - before} and {little} MB; the last by itself {much}",
        ),
    ]


def _lines(first: Met, last: Met, records: int, where: str) -> Iterator[Line]:
    for what, old, new, each in (
        (f"first sync of {records:,} records", first.sync, last.sync, records),
        (f"first load of a new computer, {records:,} records", first.load, last.load, records),
        ("one edit there and back", first.edit, last.edit, 1),
    ):
        yield Line(
            "P15",
            f"{what}: at {where} / at one of two stations",
            f"{new.wall / old.wall:.2f}x wall, {new.cpu / old.cpu:.2f}x CPU",
            "1.2x",
            f"{new.wall / each * 1e6:,.0f} us and {new.cpu / each * 1e6:,.0f} us CPU of all three "
            f"each, {old.wall / each * 1e6:,.0f} and {old.cpu / each * 1e6:,.0f} before",
        )


def main() -> None:
    """So many stations of so many people."""
    given = [int(one) for one in sys.argv[1:3]] or [STATIONS, PEOPLE]
    print(table(scale(*given)))


if __name__ == "__main__":
    main()
