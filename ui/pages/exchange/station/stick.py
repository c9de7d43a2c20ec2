"""A station's stick to its centre, with the slip that goes along."""

from collections.abc import Sequence
from pathlib import Path

from app import exchange, printed, settings
from app.kit.moments import near
from app.kit.refusal import Refusal
from app.kit.run import Session, look
from app.printing import handover_slip
from app.printing.handover_slip import HandoverSlip, SlipFile
from app.station import Station
from models.kit import clock
from sync.centre_card import centre_card
from sync.link import Step, go_on
from sync.station.stick import Stick, Wrote
from ui.exchange.with_centre import told_words
from ui.kit.context import Context
from ui.pages.exchange.courier import Brought, Loaded, Waits, first_refused
from ui.pages.exchange.station.doing import exchange_of
from ui.pages.exchange.usb import UsbDialog


def dialog(context: Context) -> UsbDialog:
    return UsbDialog(context, ToCentre(context))


class ToCentre:
    """A station's stick."""

    title, peer = "用U盘交换数据", "区中心"

    def __init__(self, context: Context) -> None:
        self.station = context.station

    def waits(self, session: Session) -> Waits:
        counts, one = exchange.counts(session), exchange.carried(session)
        card = centre_card(session)
        told = f"{near(one.at)} 写入 {one.files[0] if one.files else ''}" if one else ""
        return Waits(sum(n for _, n in counts), card.name, card.phone, told, tuple(counts))

    def write(self, folder: Path, step: Step) -> Loaded:
        came, done = write_stick(self.station, folder, step)
        count = len(came.files)
        text = f"U盘里有 {count} 个区中心回执，已读入" if count else "U盘里没有新的区中心回执"
        told = told_words(came.exchanged)
        text += f"；{told}" if told else ""
        changed = frozenset({"contact", "packed", *came.exchanged.changed})
        text += first_refused(came.refused)
        got = done.exchanged
        return Loaded(done.files, got.sent, text, changed, done.wrote, got.stopped)

    def read(self, folder: Path, step: Step) -> Brought:
        done = read_stick(self.station, folder, step)
        got = done.exchanged
        changed = frozenset({"contact", "packed", *got.changed})
        if not done.files:
            return Brought.nothing(self.peer, "本站", done.refused, changed)
        told, more = told_words(got), first_refused(done.refused)
        if told and got.pending:
            return Brought("请再写一次U盘", told + more, "circle-alert", "warn", True, changed)
        arrived = exchange_of(self.station).standing().arrived
        is_there = 0 < got.pending == arrived
        if got.pending and not (got.decided or got.received or is_there):
            return Brought.read_before(self.peer, got.pending, more, changed)
        text = f"{got.decided} 条有了结论，收到 {got.received} 条。回执 {got.receipt}"
        if got.remaining:
            text += f"；{self.peer}还有 {got.remaining:,} 条要给本站，再写一次U盘带去，下次带回"
        left = got.pending or got.remaining
        text = (told or text) + more
        if is_there and not got.remaining:
            return Brought.stored(self.peer, text, arrived, changed)
        return Brought.answered(self.peer, text, got.pending, changed, is_all=not left)

    def slip(self, done: Loaded, folder: Path, waits: Waits) -> bytes:
        return slip(self.station, done.wrote, folder, waits.counts)


def write_stick(station: Station, folder: Path, step: Step = go_on) -> tuple[Stick, Stick]:
    """Read what the centre left on it, then write what waits: (read, written)."""
    way = exchange_of(station)
    if not way.standing().approved:
        raise Refusal("区中心还没有批准本站，先把回复文件交给区中心，读入批准文件以后再上报")
    settings.machine(station.home).remember("stick_folder", str(folder))
    came = way.unpack(folder)
    return came, way.pack(folder, step)


def read_stick(station: Station, folder: Path, step: Step = go_on) -> Stick:
    """The centre's answers for us."""
    settings.machine(station.home).remember("stick_folder", str(folder))
    return exchange_of(station).unpack(folder, step)


def slip(
    station: Station, wrote: Sequence[Wrote], folder: Path, counts: Sequence[tuple[str, int]]
) -> bytes:
    """The paper that goes with the stick, which may have gone already; the print is journalled."""
    written = [one.path for one in wrote]
    sheet = HandoverSlip(
        imprint=look(station.store, station.desk, printed.imprint, "U盘交接"),
        batch=written[0].stem if written else "",
        receiver=station.office.centre_name or exchange_of(station).card().name,
        made_at=clock.now(),
        change_from=_edge(written, -3),
        change_to=_edge(written, -2),
        counts=tuple(counts),
        files=tuple(SlipFile(one.path.name, one.size, one.sha256) for one in wrote),
        stick=folder.name,
    )
    return handover_slip.draw(sheet)


def _edge(written: Sequence[Path], part: int) -> int:
    """The first or last number of the stretch, as the file's own name says it."""
    numbers = [path.stem.split("-")[part] for path in written]
    found = [int(one) for one in numbers if one.isdigit()]
    return (min if part == -3 else max)(found, default=0)
