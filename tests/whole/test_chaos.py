"""Real commands of two stations and their centre, killed at any moment, with a stick that fails and
clocks that are wrong. Once all is well again every change has one verdict, both sides hold the
same, and nothing that was confirmed is lost or there twice.

``SANGYU_CHAOS_SEED=n pytest tests/whole/test_chaos.py`` does again what a seed had drawn.
"""

import os
import random
import secrets
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit.paths import Home
from app.kit.run import look
from app.station import Station, open_centre, open_station
from models.exchange import REOFFERED, Change, Held, Parked, Replica
from models.kit.stream import SCHEMA
from models.visit import Visit
from sync import digests
from tests.app.life import at_home
from tests.whole.chaos import Chaos
from tests.whole.commands import PASSWORD, done
from tests.whole.conftest import World, copied, enrol, free_port
from tests.whole.test_demo_killed import wholeness

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

SEED = int(os.environ.get("SANGYU_CHAOS_SEED", "0")) or secrets.randbelow(10**6)
PEOPLE = 4


def second(world: World, *centre: object) -> Path:
    """Another station of the same centre; a few people in each."""
    at, home = world.dir, world.dir / "other"
    world.centre("invite", "荔枝社区", "--out", at / "invitation2.sangyu", *centre)
    files = ("--invitation", at / "invitation2.sangyu", "--answer", at / "answer2.sangyu")
    done("station", "create", *files, "--as", "王桂英", home=home)
    world.centre("approve", at / "answer2.sangyu", "--out", at / "approval2.sangyu", *centre)
    done("station", "accept", at / "approval2.sangyu", home=home)
    file = at / "roster2.xlsx"
    done("roster", "--people", PEOPLE, "--seed", 11, "--out", file)
    done("station", "import", file, home=home)
    return home


def chaos(world: World, seed: int, *centre: str) -> Chaos:
    made = Chaos(world, (world.home, world.dir / "other"), random.Random(seed), centre)  # noqa: S311
    for home in made.homes:
        made.people[home] = [one["id"] for one in done("station", "people", home=home)["people"]]
    return made


def live(made: Chaos, rounds: int, seed: int) -> None:
    sys.stdout.write(f"SANGYU_CHAOS_SEED={seed}\n")
    try:
        made.rounds(rounds)
        made.heals()
    finally:
        made.close()
    holds_together(made)


# ---- what must hold -------------------------------------------------------------------------


@contextmanager
def opened(made: Chaos) -> Iterator[tuple[Station, list[Station]]]:
    """The centre and the stations."""
    url = made.centre[1] if made.centre else None
    home = Home(made.world.centre_home, side="centre")
    with open_centre(home, None, PASSWORD, url=url) as centre:
        one, two = (open_station(Home(home), None, PASSWORD) for home in made.homes)
        with one, two:
            yield centre, [one, two]


def verdicts(session: Session) -> dict[str, list[str | None]]:
    """What became of each change of ours; what was offered again is decided in its new place."""
    me = session.scalars(select(Replica)).one()
    found = defaultdict(list)
    rows = select(Change.change_id, Change.outcome).where(Change.office_id == me.office_id)
    for change, outcome in session.execute(rows):
        if outcome != REOFFERED:
            found[change].append(outcome)
    return dict(found)


def decided(session: Session) -> dict[str, set[str | None]]:
    found = defaultdict(set)
    for change, outcome in session.execute(select(Change.change_id, Change.outcome)):
        found[change].add(outcome)
    return dict(found)


def waiting(session: Session) -> list[object]:
    """What the centre has not decided yet."""
    return [*session.scalars(select(Held)), *session.scalars(select(Parked))]


def notes(session: Session) -> Counter[str]:
    return Counter(one for one in session.scalars(select(Visit.living_note)) if one)


def holds_together(made: Chaos) -> None:
    with opened(made) as (centre, stations):
        if not made.centre:
            assert look(centre.store, centre.desk, wholeness) == []
        known = look(centre.store, centre.desk, decided)
        assert look(centre.store, centre.desk, waiting) == []
        for one in stations:
            assert look(one.store, one.desk, wholeness) == []
            for change, outcomes in look(one.store, one.desk, verdicts).items():
                assert len(outcomes) == 1, (change, outcomes)
                assert outcomes[0] is not None, change
                assert known[change] == set(outcomes), change
            office = one.desk.office_id
            ours = look(one.store, one.desk, digests.buckets, office, SCHEMA)
            theirs = look(centre.store, centre.desk, digests.buckets, office, SCHEMA)
            assert ours == theirs
        at_centre = look(centre.store, centre.desk, notes)
        at_stations = sum((look(one.store, one.desk, notes) for one in stations), Counter[str]())
        assert at_centre == at_stations
        assert set(at_centre.values()) <= {1}
        assert made.sure <= set(at_centre) <= made.sure | made.maybe


# ---- the trials -----------------------------------------------------------------------------


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path / "world", f"https://127.0.0.1:{free_port()}")
    made.dir.mkdir()
    return made


def test_whatever_happens_it_ends_as_it_should(enrolled: World, tmp_path: Path) -> None:
    world = copied(enrolled, tmp_path / "world")
    second(world)
    live(chaos(world, SEED), 5, SEED)


@pytest.mark.soak
@pytest.mark.parametrize("number", range(8))
@pytest.mark.parametrize("on", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_for_longer_and_on_both_databases(
    on: str, number: int, world: World, request: pytest.FixtureRequest
) -> None:
    centre = ("--database", request.getfixturevalue("postgres_url")) if on != "sqlite" else ()
    enrol(world, *centre)
    second(world, *centre)
    file = world.dir / "roster.xlsx"
    done("roster", "--people", PEOPLE, "--seed", 7, "--out", file)
    world.station("import", file)
    at_home(Home(world.home))
    live(chaos(world, SEED + number, *centre), 25, SEED + number)
