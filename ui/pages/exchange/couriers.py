"""Whose stick it is: what waits for it, how it is written and read, and what is said of that. The
steps one takes with it are the same (`usb`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app import delivery, exchange, settings
from app.kit.moments import near
from app.kit.run import Session, look
from sync.centre_card import CentreCard, centre_card, city_card
from sync.desktop import Serving
from sync.link import Step
from sync.station.stick import Wrote
from sync.uplink import Came, Uplink
from ui.exchange.with_centre import told_words
from ui.kit.context import Context
from ui.pages.exchange import doing


@dataclass(frozen=True)
class Waits:
    """What is to go, to whom, and the stick that is under way."""

    count: int
    name: str
    phone: str
    carried: str = ""
    counts: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Loaded:
    """A stick was written, all of it or until somebody ``stopped`` it; ``came`` is what was read
    from it before, ``wrote`` is for the slip."""

    files: Sequence[Path] = ()
    count: int = 0
    came: str = ""
    changed: frozenset[str] = frozenset()
    wrote: Sequence[Wrote] = ()
    stopped: bool = False


@dataclass(frozen=True)
class Brought:
    """A stick was read; ``is_over``: nothing is left to do with it."""

    title: str
    text: str
    icon: str
    tone: str
    is_over: bool
    changed: frozenset[str] = frozenset()


class Courier(Protocol):
    """``peer`` is whom it goes to; what is done with the stick may take long and raises Fault or
    Refusal. ``step`` may stop the writing between two files."""

    title: str
    peer: str
    has_slip: bool

    def waits(self, session: Session) -> Waits: ...
    def write(self, folder: Path, step: Step) -> Loaded: ...
    def read(self, folder: Path) -> Brought: ...


class ToCentre:
    """A station's stick."""

    title, peer, has_slip = "用U盘交换数据", "区中心", True

    def __init__(self, context: Context) -> None:
        self.station = context.station

    def waits(self, session: Session) -> Waits:
        counts, one = exchange.counts(session), exchange.carried(session)
        card = centre_card(session)
        told = f"{near(one.at)} 写入 {one.files[0] if one.files else ''}" if one else ""
        return Waits(sum(n for _, n in counts), card.name, card.phone, told, tuple(counts))

    def write(self, folder: Path, step: Step) -> Loaded:
        came, done = doing.write_stick(self.station, folder, step)
        count = len(came.files)
        text = f"U盘里有 {count} 个区中心回执，已读入" if count else "U盘里没有新的区中心回执"
        told = told_words(came.exchanged)
        text += f"；{told}" if told else ""
        changed = frozenset({"contact", "packed", *came.exchanged.changed})
        text += _refused(came.refused)
        got = done.exchanged
        return Loaded(done.files, got.sent, text, changed, done.wrote, got.stopped)

    def read(self, folder: Path) -> Brought:
        done = doing.read_stick(self.station, folder)
        got = done.exchanged
        changed = frozenset({"contact", "packed", *got.changed})
        if not done.files:
            return _nothing(self.peer, "本站", done.refused, changed)
        told, more = told_words(got), _refused(done.refused)
        if told and got.pending:
            return Brought("请再写一次U盘", told + more, "circle-alert", "warn", True, changed)
        if got.pending and not (got.decided or got.received):
            return _read_before(self.peer, got.pending, more, changed)
        text = f"{got.decided} 条有了结论，收到 {got.received} 条。回执 {got.receipt}"
        if got.remaining:
            text += f"；{self.peer}还有 {got.remaining:,} 条要给本站，再写一次U盘带去，下次带回"
        left = got.pending or got.remaining
        return _came(self.peer, (told or text) + more, got.pending, changed, is_all=not left)


class ToCity:
    """A district's stick. Whatever else on it is for us is read as well."""

    title, peer, has_slip = "用U盘上报市级", "市级", False

    def __init__(self, context: Context) -> None:
        self.context = context

    def waits(self, session: Session) -> Waits:
        card: CentreCard | None = city_card(session)
        found = delivery.relayed(session)
        at = found.carried_at if found else None
        told = f"{near(at)} 写入，市级还没有回执" if at else ""
        name, phone = (card.name, card.phone) if card else (self.peer, "")
        return Waits(found.waiting if found else 0, name, phone, told)

    def _way(self, folder: Path) -> Uplink:
        settings.machine(self.context.station.home).set("stick_folder", str(folder))
        serving: Serving = self.context.serving(self.context.station)
        return serving.city()

    def write(self, folder: Path, step: Step) -> Loaded:
        way = self._way(folder)
        came = way.read(folder)
        done = way.write(folder, step)
        text = "U盘里有市级的回执，已读入" if came.answer else "U盘里没有市级的回执"
        text += _others(came) + _refused(came.refused)
        changed = frozenset({"contact", "exchange"})
        return Loaded(done.files, done.entries, text, changed, stopped=done.stopped)

    def read(self, folder: Path) -> Brought:
        changed = frozenset({"contact", "exchange"})
        came = self._way(folder).read(folder)
        others = _others(came)
        if came.answer is None:
            return _nothing(self.peer, "本区中心", came.refused, changed, others)
        station = self.context.station
        found = look(station.store, station.desk, delivery.relayed)
        left = found.waiting if found else 0
        if left and not came.answer.streams:
            return _read_before(self.peer, left, others + _refused(came.refused), changed)
        text = f"已到市级 {found.at_city:,} 条" if found else ""
        said = "".join(came.answer.found("下次写U盘时会重新报送")).rstrip("。")
        text += (f"；{said}" if said else "") + others + _refused(came.refused)
        return _came(self.peer, text, left, changed, is_all=not left)


def _others(came: Came) -> str:
    return f"；另读入站点数据包 {came.files} 个，新收 {came.entries} 条" if came.files else ""


def _refused(found: Sequence[tuple[str, str]]) -> str:
    return f"；{found[0][0]}：{found[0][1]}" if found else ""


def _nothing(
    peer: str,
    whom: str,
    refused: Sequence[tuple[str, str]],
    changed: frozenset[str],
    others: str = "",
) -> Brought:
    reasons = (others.lstrip("；"), *(f"{name}：{why}" for name, why in refused))
    text = "；".join(filter(None, reasons)) or f"请看是不是拿错了U盘，或{peer}还没有写回执"
    return Brought(f"U盘里没有给{whom}的新回执", text, "circle-alert", "warn", False, changed)


def _read_before(peer: str, left: int, more: str, changed: frozenset[str]) -> Brought:
    """An answer, but not to what was written last."""
    text = f"{peer}还没有读最近写的数据包，还有 {left:,} 条等{peer}确认{more}"
    title = f"U盘里的{peer}回执以前读过"
    return Brought(title, text, "circle-alert", "warn", False, changed)


def _came(peer: str, text: str, left: int, changed: frozenset[str], *, is_all: bool) -> Brought:
    """Done is said only of what the other side has confirmed whole (R5, R67)."""
    if is_all:
        return Brought(f"上报完成，{peer}已确认", text, "check", "ok", True, changed)
    title = f"回执已读入，还有 {left:,} 条等{peer}确认" if left else "回执已读入，还没有取完"
    return Brought(title, text, "clock", "warn", True, changed)
