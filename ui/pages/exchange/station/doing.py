"""What a station's screens do beside the person's work; every function may take long."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from app import certification, exchange
from app.exchange import Bottom, Carried, ContactRow, Kept, Queue
from app.kit import backup
from app.kit.files import write_whole
from app.kit.refusal import Refusal
from app.kit.run import Session
from app.station import Station
from sync import enrol
from sync.centre_card import centre_card
from sync.link import Step
from sync.station import agree
from sync.station import run as talk
from sync.station.run import Exchanged, Standing
from ui.exchange import files, joining
from ui.exchange.with_centre import Exchange


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


# joining ------------------------------------------------------------------------------------


def answer(station: Station) -> bytes:
    """The file for the centre: the kept one, else written again from the kept invitation."""
    path = joining.answer_file(station.home, station.office.code)
    if path.exists():
        return path.read_bytes()
    invitation = joining.invitation_file(station.home)
    if not invitation.exists():
        raise Refusal("回复文件和邀请文件都不在了，请向区中心重新要一份邀请")
    invited, keys = enrol.read_invitation(invitation.read_bytes()), exchange_of(station).keys
    with station.store.look() as session:
        data = enrol.answer(session, keys, invited, station.vault.centre_box())
    write_whole(path, data)
    return data


def save_answer(station: Station, path: Path) -> Path:
    """Onto a stick; raises Refusal."""
    return files.save(path, answer(station))


def approve(station: Station, path: Path) -> str:
    """Read the centre's yes; returns the centre's name."""
    data = files.read(path)
    with station.store.apply() as session:
        card = centre_card(session)
        enrol.accept(session, exchange_of(station).keys, card, data)
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
