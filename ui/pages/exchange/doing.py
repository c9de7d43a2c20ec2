"""What the exchange screens do beside the person's work; every function may take long."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from app import certification, exchange, office, printed, settings
from app.exchange import Bottom, Carried, ContactRow, Kept, Queue
from app.kit import backup
from app.kit.files import write_whole
from app.kit.refusal import Refusal
from app.kit.run import Session, look
from app.kit.sheet import Cell, write_xlsx
from app.printing import handover_slip
from app.printing.handover_slip import HandoverSlip, SlipFile
from app.station import Station
from models.kit import clock
from sync import enrol
from sync.centre_card import centre_card
from sync.fault import not_ours
from sync.keys import Keys
from sync.link import Step, go_on
from sync.message import FILE_LIMIT
from sync.station import agree
from sync.station import run as talk
from sync.station.run import Exchanged, Standing
from sync.station.stick import Stick, Wrote
from ui.exchange.with_centre import Exchange

RESULTS = {
    "done": ("成功", "ok", "circle-check"),
    "stopped": ("已停止，没发完的下次再发", "warn", "pause"),
    "waiting": ("{peer}已收好，结果稍后取回", "info", "clock"),
    "failed": ("没有成功", "bad", "circle-x"),
    "packed": ("已写入U盘，等{peer}回执", "info", "clock"),
    "carried": ("已写入U盘，{peer}后来已确认", "ok", "circle-check"),
}
ANSWER = "{code}-answer.sangyu"


def result_of(one: ContactRow, peer: str = "区中心") -> tuple[str, str, str]:
    """What came of an exchange with ``peer``, its tone and icon."""
    words, tone, icon = RESULTS.get(one.result, (one.result, "neu", "info"))
    if one.result in ("failed", "done") and one.message:
        return one.message, tone, icon
    return words.format(peer=peer), tone, icon


@dataclass(frozen=True)
class Facts:
    """Everything the page shows, of one moment."""

    queue: Queue
    kept: tuple[Kept, ...]
    history: tuple[ContactRow, ...]
    standing: Standing
    bottom: Bottom
    carried: Carried | None
    centre: str
    phone: str
    has_address: bool
    agreed: agree.Standing | None = None

    def is_past(self, failed_at: datetime) -> bool:
        """Did an exchange go well since then, by whatever way?"""
        well = [one.at for one in self.history if one.result != "failed"]
        return any(one and one > failed_at for one in (*well, self.standing.last_confirmed_at))


def facts(session: Session) -> Facts:
    """One question for the whole page."""
    card, under_way = centre_card(session), exchange.carried(session)
    return Facts(
        exchange.queue(session),
        tuple(exchange.kept(session)),
        tuple(_settled(one, under_way) for one in exchange.history(session)),
        talk.standing(session),
        exchange.bottom(session),
        under_way,
        card.name,
        card.phone,
        bool(card.url),
        agree.standing(session),
    )


def _settled(one: ContactRow, under_way: Carried | None) -> ContactRow:
    """A stick that was confirmed, by whatever way, waits for no receipt."""
    over = one.result == "packed" and (under_way is None or one.at < under_way.at)
    return replace(one, result="carried") if over else one


def exchange_of(station: Station) -> Exchange:
    """The station's way to its centre; raises Fault without keys."""
    return Exchange.of(station, station.desk, certification.close_from_centre)


def sync(station: Station, step: Step | None = None) -> Exchanged:
    """Over the network."""
    return exchange_of(station).sync(step)


def sync_quietly(station: Station) -> frozenset[str] | None:
    """By itself; None where there is nothing to do or nobody to talk to."""
    way = exchange_of(station)
    if not way.card().url or not way.standing().approved:
        return None
    return frozenset(sync(station).changed)


# sticks -------------------------------------------------------------------------------------


def write_stick(station: Station, folder: Path, step: Step = go_on) -> tuple[Stick, Stick]:
    """Read what the centre left on it, then write what waits: (read, written)."""
    way = exchange_of(station)
    if not way.standing().approved:
        raise Refusal("区中心还没有批准本站，先把回复文件交给区中心，读入批准文件以后再上报")
    settings.machine(station.home).set("stick_folder", str(folder))
    came = way.unpack(folder)
    return came, way.pack(folder, step)


def read_stick(station: Station, folder: Path) -> Stick:
    """The centre's answers for us."""
    settings.machine(station.home).set("stick_folder", str(folder))
    return exchange_of(station).unpack(folder)


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


# joining ------------------------------------------------------------------------------------


def answer(station: Station) -> bytes:
    """The file for the centre: the kept one, else written again from the kept invitation."""
    path = station.home.outbox / ANSWER.format(code=station.office.code)
    if path.exists():
        return path.read_bytes()
    invitation = station.home.inbox / "invitation.sangyu"
    if not invitation.exists():
        raise Refusal("回复文件和邀请文件都不在了，请向区中心重新要一份邀请")
    invited = enrol.read_invitation(invitation.read_bytes())
    with station.store.look() as session:
        data = enrol.answer(session, _keys(station), invited, station.vault.centre_box())
    write_whole(path, data)
    return data


def _keys(station: Station) -> Keys:
    return exchange_of(station).keys


def save_answer(station: Station, path: Path) -> Path:
    """Onto a stick; raises Refusal."""
    return save(path, answer(station))


def save(path: Path, data: bytes) -> Path:
    """A file the person named, whole or not at all."""
    try:
        write_whole(path, data)
    except OSError:
        raise Refusal(f"“{path.name}”写不进去，请看U盘是不是满了或开了写保护，再试一次") from None
    return path


def read(path: Path) -> bytes:
    """A file the person named; raises Refusal, and Fault for one that is too long to be ours."""
    try:
        if path.stat().st_size > FILE_LIMIT:
            raise not_ours()
        return path.read_bytes()
    except OSError:
        raise Refusal("这个文件读不出来，U盘可能松了。请重新插好再选一次") from None


def approve(station: Station, path: Path) -> str:
    """Read the centre's yes; returns the centre's name."""
    data = read(path)
    with station.store.apply() as session:
        card = centre_card(session)
        enrol.accept(session, _keys(station), card, data)
    return card.name


# backups ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Backups:
    """The newest copy and all of them, as one chooses; so many days they stay."""

    newest: datetime | None
    keep_days: int
    choices: tuple[tuple[str, str], ...]


def backups(station: Station) -> Backups:
    """Good copies, newest first."""
    copies = backup.copies(station.home)
    choices = tuple((str(one.path), _told(one)) for one in copies[:8])
    return Backups(copies[0].made_at if copies else None, station.keep_days, choices)


def _told(one: backup.Copy) -> str:
    people = one.rows.get("retiree", 0)
    return f"{one.shown} · {backup.WORDS.get(one.reason, '备份')} · {people} 人"


def history_sheet(rows: tuple[ContactRow, ...]) -> bytes:
    """交换记录 as a workbook."""
    columns = ("时间", "方式", "发出", "收到", "结果", "区中心回执")
    lines: list[list[Cell]] = [
        [f"{clock.local(one.at):%Y-%m-%d %H:%M}", one.way, one.sent, one.received,
         one.message or result_of(one)[0], one.receipt]
        for one in rows
    ]  # fmt: skip
    return write_xlsx(columns, lines, title="交换记录", name="交换记录")


def support(session: Session) -> str:
    """Whom to call."""
    return centre_card(session).phone or office.here(session).phone or ""
