"""A real centre for tests of its desktop: its own home and vault, on either database, with stations
that send real files."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.kit import wrap
from app.kit.paths import Home
from app.station import Station, create_centre
from sync.centre.service import Centre
from sync.keys import Keys
from tests.app.life import QUICK
from tests.make import an_id_number
from tests.sync.parts import Node, World, edit, register
from ui.command.centre import equip
from ui.exchange import enrolment

NAME, PASSWORD = "陈主任", "Haitang-2026"
OFFICE, CODE = "棠湖区退休人员服务中心", "519902000000"
HERS, OTHERS, THIRD = (an_id_number(sequence=n) for n in (26, 28, 24))


@dataclass
class Place:
    """The open centre, and the world of its stations around it."""

    opened: Station
    world: World

    @property
    def home(self) -> Home:
        return self.opened.home

    def disputed(self, code: str = "519902001001") -> tuple[Node, str]:
        """Her number was corrected here and there, differently."""
        station = self.world.station(code)
        key = str(station.do(register, id_no=HERS, mobile="13800002617"))
        self.world.sync(station)
        self.world.node.do(edit, key, id_no=OTHERS)
        station.do(edit, key, id_no=THIRD)
        self.world.sync(station)
        return station, key


@contextmanager
def place(folder: Path, url: str | None = None, level: str = "2") -> Iterator[Place]:
    """A centre, or a city, on its first day; guesses cost little."""
    slow, wrap.WORK = wrap.WORK, QUICK
    keys, home = Keys.new(), Home(folder / "centre", "centre")
    office = {"code": CODE, "name": OFFICE, "level": level}
    opened = create_centre(home, NAME, PASSWORD, office=office, url=url, secret=keys.dump()).station
    equip(opened, OFFICE, "https://127.0.0.1:9")
    node = Node(opened.store, keys, opened.desk, CODE, folder)
    service = Centre(opened.store, keys, opened.office.id)
    private = enrolment.own_of(opened).key.encode()
    try:
        yield Place(opened, World(folder, service, node, enrolment.card_of(opened), private))
    finally:
        opened.close()
        wrap.WORK = slow
