"""A small station at work, for tests of screens: a real encrypted store, verbs on their lane, the
invented people of the drawn screens, a window to show pages and dialogs in."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from shutil import copy
from typing import Any, TypeVar

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QWidget
from sqlalchemy.orm import Session

from app import certification, retiree, suspicion
from app.kit.paths import Home
from app.kit.run import look, run
from app.kit.vault import Vault
from app.kit.who import Desk
from app.seed import people
from app.station import OfficeInfo
from app.station import Station as Installation
from app.undo import undo
from app.visit.plan import plan_visits, put_plan
from models.exchange import STREAM, Replica
from models.kit import clock
from models.kit.base import facts
from models.kit.db import Store, open_file
from models.kit.id_number import check_digit
from models.kit.ids import new_id
from models.migrations.run import upgrade
from models.office import Office
from models.retiree import Retiree
from ui.kit.ask import ask
from ui.kit.context import Context
from ui.kit.focus_ring import FocusRing
from ui.kit.layout import Scroll
from ui.kit.toast import Toast
from ui.kit.tokens import GUTTER, room
from ui.kit.work import Work

D = TypeVar("D", bound=QDialog)
KEY = bytes(range(32))
KNOWN = set(facts(Retiree)) - {"last_certified_on"}


@dataclass(frozen=True)
class Drawn:
    """One person of the drawn screens; ``due`` and ``visit`` are days from today."""

    name: str
    sex: str
    born: str
    address: str
    certified: str | None = "2025-12-05"
    tags: tuple[str, ...] = ()
    visit: int | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


DRAWN = (
    Drawn("许春梅", "2", "19480318", "桂苑一区 3栋 201", "2025-11-03", ("T03",), -41),
    Drawn("罗素琴", "2", "19580609", "桂苑一区 3栋 202", "2025-12-11", visit=1),
    Drawn("谢金水", "1", "19530720", "桂苑一区 3栋 301", "2025-12-02", visit=-9),
    Drawn("冯玉珠", "2", "19550214", "桂苑一区 3栋 302", None, visit=3),
    Drawn("曾庆云", "1", "19361128", "桂苑一区 3栋 401", "2025-12-20", ("T01",), visit=3),
    Drawn("潘惠芬", "2", "19600801", "桂苑一区 3栋 402", None, visit=1),
    Drawn("罗玉梅", "2", "19490412", "桂苑一区 3栋 501", "2025-12-15"),
    Drawn("王秀英", "2", "19461123", "桂苑一区 3栋 502", "2025-12-01", ("T01", "T03"), -18,
          {"mobile": "13800002617", "contacts": (("陈志明", "20", "13900006208"),)}),
    Drawn("张德明", "1", "19500507", "滨江路 18号 502", "2025-10-20", ("T03",), -6),
    Drawn("陈玉兰", "2", "19530930", "桂苑二区 1栋 101", "2025-12-08", ("T05",), 0),
    Drawn("吴国华", "1", "19520101", "桂苑二区 7栋 302", "2025-12-18"),
    Drawn("何美珍", "2", "19591126", "桂苑二区 7栋 303", "2026-03-02", visit=3),
    Drawn("李建国", "1", "19510715", "桂苑二区 7栋 301", "2025-12-28"),
    Drawn("蔡振邦", "1", "19411202", "桂苑三区 2栋 103", "2026-05-06", ("T06",), visit=2),
    Drawn("周桂芳", "2", "19470921", "桂苑三区 2栋 204", "2025-12-09"),
)  # fmt: skip


def number(born: str, sex: str, place: int) -> str:
    """A number nobody has: area 519902."""
    first = f"519902{born}{2 * place + (sex == '1'):03d}"
    return first + check_digit(first)


def fresh(path: Path) -> Store:
    """A new encrypted station database with its office."""
    store = open_file(path, KEY, STREAM, fresh=True)
    with store.engine.begin() as connection:
        upgrade(connection)
    office = Office(
        id=new_id(), code="519902001001", name="桂苑社区服务站", level="3", phone="0876-0000-218"
    )
    office.office_id = office.id
    with store.apply() as session:
        session.add(office)
        session.add(Replica(id=new_id(), office_id=office.id, incarnation=new_id()))
    return store


def head_of(store: Store) -> Desk:
    """刘桂兰, head of the station."""
    with store.look() as session:
        office_id = session.query(Replica).one().office_id
    return Desk(new_id(), "刘桂兰", office_id, frozenset({"head"}))


def installed(home: Home, store: Store, desk: Desk) -> Installation:
    """The open installation, as if somebody had signed in."""
    with store.look() as session:
        one = session.get_one(Office, desk.office_id)
        replica = session.query(Replica).one().id
    office = OfficeInfo(one.id, one.code, one.name, one.level, phone=one.phone or "")
    return Installation(home, store, Vault(home, desk.account, KEY), desk, office, replica)


def settle_in(store: Store, desk: Desk, more: int = 0) -> dict[str, str]:
    """The drawn people, and so many others; returns ids by name."""
    ids = run(store, desk, _drawn).result
    if more:
        run(store, desk, _others, more)
    run(store, desk, certification.open_tasks)
    run(store, desk, certification.refresh_states)
    return ids


def _drawn(session: Session) -> dict[str, str]:
    ids = {}
    for place, one in enumerate(DRAWN, 20):
        extra = dict(one.values)
        kin = extra.pop("contacts", ())
        values = {
            "name": one.name,
            "id_no": number(one.born, one.sex, place),
            "mobile": f"1380000{1000 + 37 * place}",
            "live_address": one.address,
            "hukou_address": one.address,
            "employer_name": "市棉纺织厂",
            "nation": "01",
            "retired_on": "1996-11",
            "retiree_kind": "2",
            "pension_scheme": "1",
            "last_certified_on": date.fromisoformat(one.certified) if one.certified else None,
            **extra,
        }
        contacts = [
            {"name": name, "relation": relation, "phone": tel, "contact_order": 1}
            for name, relation, tel in kin
        ]
        ids[one.name] = retiree.register(session, values, contacts=contacts, tags=one.tags).id
    plan_visits(session)
    for one in DRAWN:
        if one.visit is not None:
            on = clock.today() + timedelta(days=one.visit)
            last = on - timedelta(days=90)
            why = "高龄独居，每月一次" if "T03" in one.tags else "每年一次"
            put_plan(session, ids[one.name], last_on=last, next_on=on, reason=why)
    return ids


def _others(session: Session, count: int) -> None:
    today = clock.today()
    for place, one in enumerate(people(count, seed=7)):
        values = {
            name: value
            for name, value in one.items()
            if name not in {"tags", "last_certified_on", "employer_kind"}
            and not name.startswith("contact1_")
        }
        if place % 7:
            values["last_certified_on"] = today - timedelta(days=place * 37 % 360)
        tags: Any = one["tags"]
        retiree.register(session, values, tags=tags)


def doubt(store: Store, desk: Desk, retiree_id: str, reason: str, detail: str) -> str:
    """An open suspicion."""
    return run(store, desk, suspicion.open_suspicion, retiree_id, reason, detail).result


def task_of(store: Store, desk: Desk, name: str) -> certification.DueRow:
    """The due row of a person."""
    rows = look(store, desk, certification.due_rows, certification.DueFilter())
    return next(one for one in rows if one.name == name)


class Shown(QMainWindow):
    """Stands where the real window would: a page in its scroll area, the toast over it."""

    def __init__(self) -> None:
        super().__init__()
        self.toast, self.ring = Toast(self), FocusRing(self)

    def show_page(self, page: QWidget) -> None:
        own = getattr(page, "own_scroll", False)
        self.setCentralWidget(Scroll(page, gutter=0 if own else GUTTER))
        page.setObjectName(page.objectName() or "window")
        fit = getattr(page, "fit", None)
        if callable(fit):
            fit(room(self.width()))


@dataclass
class Station:
    """What a test holds: the store, the desk, everybody's id, the context, and what was opened."""

    home: Home
    store: Store
    desk: Desk
    ids: dict[str, str]
    work: Work
    window: Shown
    factories: dict[str, Callable[..., QWidget | None]]
    opened: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    context: Context = field(init=False)

    def __post_init__(self) -> None:
        here = installed(self.home, self.store, self.desk)
        self.context = Context(self.work, ask, self.open, self.toast, here)

    def open(self, name: str, /, **arguments: Any) -> QWidget | None:
        self.opened.append((name, arguments))
        if name not in self.factories:
            return None
        made = self.factories[name](self.context, **arguments)
        if isinstance(made, QDialog):
            made.open()
        elif made is not None:
            self.window.show_page(made)
        return made

    def toast(self, text: str, tx: str = "") -> None:
        self.said.append(text)
        back = partial(self.work.do, undo, tx, done=self.toast)
        self.window.toast.say(text, back if tx else None)

    def dialog(self, kind: type[D] = QDialog) -> D:  # type: ignore[assignment]
        """The dialog in front."""
        shown = [each for each in self.window.findChildren(kind) if each.isVisible()]
        return shown[-1]

    def look(self, query: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return look(self.store, self.desk, query, *args, **kwargs)

    def run(self, verb: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return run(self.store, self.desk, verb, *args, **kwargs).result

    def show(self, page: QWidget, width: int = 1366, height: int = 688) -> None:
        """On the screen as wide as the window's content beside the side bar."""
        self.window.resize(width, height)
        self.window.show_page(page)
        self.window.show()
        self.settle()

    def settle(self) -> None:
        """Until every question is answered and everything is drawn."""
        for _ in range(3):
            QApplication.processEvents()
            self.work.wait()


@dataclass(frozen=True)
class Filled:
    """A station database with people in it, closed, to be copied."""

    path: Path
    desk: Desk
    ids: dict[str, str]


def filled(path: Path, more: int = 0) -> Filled:
    """Filling takes seconds, copying milliseconds."""
    store = fresh(path)
    desk = head_of(store)
    ids = settle_in(store, desk, more)
    store.close()
    return Filled(path, desk, ids)


@contextmanager
def station(
    path: Path,
    factories: Mapping[str, Callable[..., QWidget | None]],
    more: int = 0,
    like: Filled | None = None,
) -> Iterator[Station]:
    """A filled station with a window; the clock has to stand still already."""
    known = like or filled(path, more)
    if known.path != path:
        copy(known.path, path)
    store, desk, ids = open_file(path, KEY, STREAM), known.desk, known.ids
    work = Work(store, desk)
    made = Station(Home(path.parent), store, desk, ids, work, Shown(), dict(factories))
    try:
        yield made
    finally:
        work.wait()
        work.close()
        made.window.close()
        made.window.deleteLater()  # and its dialogs, now: the next test has windows of its own
        QApplication.sendPostedEvents(None, int(QEvent.Type.DeferredDelete.value))
        store.close()
