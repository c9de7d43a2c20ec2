"""What the settings read and do beside the person's work; every function may take long."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from app import certification, office, printed, settings
from app.kit import backup
from app.kit.files import write_whole
from app.kit.run import Session, look
from app.printing import certification_form, recovery_card
from app.printing.kit import codes
from app.station import Station, second_folder
from models.kit import clock
from resources import VERSION
from sync.centre_card import centre_card
from sync.desktop import How, Serving
from sync.station import run as talk
from sync.told_card import as_typed
from ui.exchange import reached

TEST_PAPER = "领取养老金资格认证表（空白）"
TEST_PURPOSE = "试打印"
CARD_PURPOSE = "存保险柜"


@dataclass(frozen=True)
class Facts:
    """站点信息, of one moment."""

    name: str
    code: str
    address: str
    phone: str
    hours: str
    centre: str
    centre_phone: str
    centre_url: str
    fingerprint: str
    centre_way: str
    approved: bool
    mark: str
    sample: str
    version: str


def facts(session: Session) -> Facts:
    """The office, its centre and this installation."""
    here, card = office.here(session), centre_card(session)
    sample = codes.form_no(_incarnation(session), 1, clock.today().year)
    return Facts(
        here.name,
        here.code,
        here.address or "",
        here.phone or "",
        here.hours or "",
        card.name,
        card.phone,
        card.url,
        card.fingerprint,
        reached.since(card),
        talk.standing(session).approved,
        sample.split("-")[1],
        sample,
        VERSION,
    )


def renew(station: Station, serving: Serving, how: How) -> None:
    """Another certificate of this centre."""
    reached.renew(station, serving, how, settings.network)


def write_card(station: Station, path: Path) -> Path:
    """换地址文件 of this centre."""
    write_whole(path, reached.card_file(station))
    return path


def move(station: Station, text: str) -> None:
    """This centre is reached elsewhere from now on."""
    reached.move(station, as_typed(text), settings.network)


def _incarnation(session: Session) -> str:
    return office.installation(session).incarnation


# papers -------------------------------------------------------------------------------------


def blank_form(station: Station) -> bytes:
    """A certification form nobody's: for a look at the printer."""
    paper = look(station.store, station.desk, certification.paper_of, (), TEST_PURPOSE)
    return certification_form.draw(replace(paper, people=(certification_form.Person(),)))


def new_card(station: Station) -> bytes:
    """Another recovery card, on paper; the one in the safe is worthless now."""
    code = station.new_card()
    today, own = clock.today(), station.office.code
    return recovery_card.draw(
        recovery_card.RecoveryCard(
            imprint=look(station.store, station.desk, printed.imprint, CARD_PURPOSE),
            code=code,
            made_on=today,
            serial=f"{own}-{today:%Y%m%d}",
            office_code=own,
        )
    )


# this PC ------------------------------------------------------------------------------------


def prefer(station: Station, name: str, value: Any) -> None:
    """Keep a setting of this PC."""
    settings.machine(station.home).set(name, value)


@dataclass(frozen=True)
class Devices:
    """What this PC prefers."""

    printer: str
    sound: bool


def devices(station: Station) -> Devices:
    """The printer chosen, and whether scanning makes a sound."""
    machine = settings.machine(station.home)
    return Devices(machine.get("printer"), machine.get("scanner_sound"))


# backups ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kept:
    """One copy as it is listed."""

    path: Path
    made_at: datetime
    shown: str
    reason: str
    people: int
    size: int
    whole: bool
    second: bool


@dataclass(frozen=True)
class Backups:
    """All copies and how many days they stay, the second place and whether it is there."""

    copies: tuple[Kept, ...]
    keep_days: int
    second: str
    second_there: bool


def backups(station: Station) -> Backups:
    """Read and counted byte by byte: a copy that is damaged says so."""
    second = second_folder(station.home)
    there = second is not None and second.is_dir()
    beside = {path.name for path in second.glob(f"*{backup.SUFFIX}")} if second and there else set()
    copies = backup.copies(station.home, second)
    return Backups(_kept(copies, beside), station.keep_days, str(second or ""), there)


def _kept(copies: Sequence[backup.Copy], beside: set[str]) -> tuple[Kept, ...]:
    return tuple(
        Kept(
            one.path, one.made_at, one.shown, backup.WORDS.get(one.reason, "备份"),
            one.rows.get("retiree", 0), one.path.stat().st_size, backup.whole(one.path),
            one.path.name in beside,
        )
        for one in copies
    )  # fmt: skip
