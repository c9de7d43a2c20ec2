"""``sangyu demo --faults``: what goes wrong in the field, done for real to the demo's own folder,
and how it heals (故障演练): a file put back, a copied computer, a lost stick, a centre put back.

Every scene leaves the folder sound. One that was stopped in the middle heals by the next run, since
that is what the program does with such a folder anyway.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import retiree, visit
from app.kit.marker import Marker
from app.kit.paths import Home
from app.kit.run import look, run
from app.retiree import People
from app.station import Station, open_station
from models.kit import clock
from models.visit import Visit
from ui.command.demo_places import PASSWORD, PLACES, Place
from ui.command.opened import exchange_of, recall_centre, service_of

NETWORK, STICK = PLACES
NEWER = "newer.db"


class Ground(Protocol):
    """A demo that has run: the folder and its sides, closed."""

    @property
    def home(self) -> Path:
        """All of it is in here."""

    @property
    def say(self) -> Callable[[str], None]:
        """Tells the person who watches."""

    def folder(self, name: str) -> Path:
        """A folder of the demo."""

    def centre(self) -> AbstractContextManager[Station]:
        """The centre, open."""

    def station(self, place: Place) -> AbstractContextManager[Station]:
        """A station, open."""

    def serving(self, opened: Station) -> AbstractContextManager[str]:
        """The centre's service, at this address."""


class Told(NamedTuple):
    """One scene: its name for scripts, its title, what was said on the way, and what was written
    in it that is not at both sides in the end, which is nothing."""

    fault: str
    title: str
    told: list[str]
    entered: int
    missing: int

    @property
    def ending(self) -> str:
        """The last line of the scene."""
        if self.missing:
            what = f"登记的 {self.entered} 次走访里有 {self.missing} 次没有找回"
            return f"结果：{what}，请把这个文件夹留好查原因"
        return f"结果：登记的 {self.entered} 次走访，本站和区中心都有，一次不少"


@dataclass
class Faults:
    """The scenes, on the folder of a demo that has run."""

    demo: Ground
    told: list[str] = field(default_factory=list)
    entered: list[str] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        """Where the scenes keep what they carry about."""
        return self.demo.folder("faults")

    def run(self) -> list[Told]:
        """All four, after whatever a run that was stopped has left."""
        self.recall()
        self.find_again()
        return [
            self.scene("rollback", "资料文件被换成较早的一份", NETWORK, self.rollback),
            self.scene("clone", "整个资料被复制到另一台电脑", NETWORK, self.clone),
            self.scene("stick", "U盘在路上丢了", STICK, self.lost_stick),
            self.scene("centre", "区中心的资料库恢复到较早的一份", NETWORK, self.centre_put_back),
        ]

    def scene(self, fault: str, title: str, place: Place, act: Callable[[], None]) -> Told:
        """One scene, told as it goes, and counted on both sides."""
        self.demo.say(f"演练：{title}（{place.name}）")
        self.told, self.entered = [], []
        act()
        entered = len(self.entered)
        done = Told(fault, title, self.told, entered, entered - self.arrived(place))
        self.demo.say(f"  {done.ending}")
        return done

    def tell(self, words: str) -> None:
        """One sentence of a scene."""
        self.told.append(words)
        self.demo.say(f"  {words}")

    # what goes wrong --------------------------------------------------------------------------

    def rollback(self) -> None:
        """An older copy in place of the file; what was never reported is found in the newer one."""
        database = Home(self.demo.home / NETWORK.key).database
        older, newer = self.folder / "older.db", self.folder / NEWER
        self.sync(NETWORK)
        copy(database, older)
        self.enter(NETWORK, "上门送米油")
        self.sync(NETWORK)
        self.enter(NETWORK, "电话问候")
        self.tell("留下一份旧文件后又登记 2 次走访：1 次已上报，1 次还没有")
        copy(database, newer)
        put(older, database)
        with self.demo.station(NETWORK) as opened:
            self.tell(opened.renewed.sentence if opened.renewed else "没有发现文件被换")
        self.sync(NETWORK)
        with self.demo.station(NETWORK) as opened:
            self.tell(f"交换一次，从区中心取回 {self.seen(opened)} 次走访")
        self.tell(f"从换下来的文件里找回没有上报的录入，共 {self.find_again()} 处改动")

    def find_again(self) -> int:
        """What the file that was replaced holds alone goes up; how many changes it was."""
        newer = self.folder / NEWER
        if not newer.exists():
            return 0
        with self.demo.station(NETWORK) as opened:
            way = exchange_of(opened)
            found = way.in_file(opened.vault, newer)
            if found.lacking:
                way.take_back(found)
        self.sync(NETWORK)
        newer.unlink()
        return len(found.entries)

    def clone(self) -> None:
        """Both copies go on working and reporting; the second one is put away in the end."""
        there = self.folder / "copy"
        self.put_away(there)
        self.sync(NETWORK)
        half = self.folder / "half"
        shutil.rmtree(half, ignore_errors=True)
        shutil.copytree(self.demo.home / NETWORK.key, half).rename(there)
        self.enter(NETWORK, "原来的电脑上登记")
        with self.open(there) as opened:
            self.tell(opened.renewed.sentence if opened.renewed else "没有发现是复制的")
            self.entered.append(record(opened, "复制出来的电脑上登记"))
        self.tell("两台电脑各登记 1 次走访，各自上报")
        self.sync(NETWORK)
        self.put_away(there)
        self.sync(NETWORK)

    def lost_stick(self) -> None:
        """The next stick carries everything again; the lost one, found later, adds nothing."""
        lost, other = self.folder / "lost-stick", self.folder / "other-stick"
        for one in (lost, other):
            shutil.rmtree(one, ignore_errors=True)
            one.mkdir()
        self.enter(STICK, "送药上门")
        with self.demo.station(STICK) as opened:
            sent = exchange_of(opened).pack(lost).exchanged.sent
        self.tell(f"第一个U盘写了 {sent} 处改动，丢了；写出不算送到，仍是待上报")
        self.enter(STICK, "陪同看病")
        self.carry(other)
        self.tell("第二个U盘带上了全部没有回执的，区中心收到并回执")
        with self.demo.centre() as opened:
            from sync.centre import sticks  # noqa: PLC0415 - needs the centre extra

            again = sticks.unpack_stick(service_of(opened), lost)
        self.tell(f"丢的U盘后来找到了，区中心照样读：新收到 {again.entries} 处，不会重复")
        for one in (lost, other):
            shutil.rmtree(one)

    def centre_put_back(self) -> None:
        """The database goes back; what it had heard since is beside it, and the stations ask on."""
        database = Home(self.demo.home / "centre", side="centre").database
        older = self.folder / "centre.db"
        self.sync(NETWORK)
        copy(database, older)
        self.enter(NETWORK, "节日慰问")
        self.sync(NETWORK)
        self.tell("区中心备份之后，站里又上报了 1 次走访")
        put(older, database)
        self.tell(self.recall() or "没有发现资料库被换")
        self.sync(NETWORK)
        self.carry(self.demo.folder("stick"))
        self.tell("两个站照常交换一次，两边已经一致")

    # what people do ---------------------------------------------------------------------------

    def enter(self, place: Place, words: str) -> None:
        """A visit."""
        with self.demo.station(place) as opened:
            self.entered.append(record(opened, words))

    def sync(self, place: Place) -> None:
        """Over the network."""
        with self.demo.station(place) as opened:
            self.talk(opened)

    def talk(self, opened: Station) -> None:
        """An open station with the centre."""
        with self.demo.centre() as centre, self.demo.serving(centre) as url:
            exchange_of(opened).sync(url=url)

    def carry(self, stick: Path) -> None:
        """From the station to the centre and back."""
        from sync.centre import sticks  # noqa: PLC0415 - needs the centre extra

        with self.demo.station(STICK) as opened:
            exchange_of(opened).pack(stick)
        with self.demo.centre() as opened:
            service = service_of(opened)
            sticks.unpack_stick(service, stick)
            sticks.pack_stick(service, stick)
        with self.demo.station(STICK) as opened:
            exchange_of(opened).unpack(stick)

    def recall(self) -> str:
        """What a centre does each time it is opened."""
        with self.demo.centre() as opened:
            return recall_centre(service_of(opened))

    def put_away(self, there: Path) -> None:
        """A copy reports what it has before it is taken away."""
        if there.exists():
            with self.open(there) as opened:
                self.talk(opened)
        Marker.of(Home(there)).path.unlink(missing_ok=True)
        shutil.rmtree(there, ignore_errors=True)

    @contextmanager
    def open(self, there: Path) -> Iterator[Station]:
        """The copied station."""
        with open_station(Home(there), NETWORK.head, PASSWORD) as opened:
            yield opened

    # how it ended -----------------------------------------------------------------------------

    def seen(self, opened: Station) -> int:
        """How many of the entries of this scene this side has."""
        return look(opened.store, opened.desk, _count, self.entered)

    def arrived(self, place: Place) -> int:
        """How many both sides have."""
        with self.demo.centre() as opened:
            there = self.seen(opened)
        with self.demo.station(place) as opened:
            return min(there, self.seen(opened))


def copy(file: Path, to: Path) -> None:
    """Whole or not at all."""
    half = to.with_suffix(".half")
    shutil.copyfile(file, half)
    half.replace(to)


def put(file: Path, place: Path) -> None:
    """A file in place of a database, behind the program's back."""
    for rest in place.parent.glob(f"{place.name}-*"):
        rest.unlink()
    file.replace(place)


def record(opened: Station, words: str) -> str:
    """One visit to the first person on the books; its id."""
    person = look(opened.store, opened.desk, retiree.people_ids, People())[0]
    values: dict[str, Any] = {
        "retiree_id": person,
        "visited_on": clock.today(),
        "visit_type": "12",
        "way": "1",
        "visitors": opened.desk.name,
        "met_in_person": True,
        "living_note": words,
    }
    return run(opened.store, opened.desk, visit.record_visit, values).result.id


def _count(session: Session, ids: list[str]) -> int:
    query = select(func.count()).select_from(Visit).where(Visit.id.in_(ids))
    return session.scalar(query) or 0


def lines(scenes: list[Told]) -> list[str]:
    """What the command says in the end."""
    return [f"  演练“{one.title}”：{one.ending.removeprefix('结果：')}" for one in scenes]
