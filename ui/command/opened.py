"""Opening a station or a centre for a command, and saying what went wrong in one way."""

import errno
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app import retiree, settings
from app.daily import daily
from app.kit import log
from app.kit.files import put, write_whole
from app.kit.log_lines import Lines
from app.kit.paths import Home
from app.kit.refusal import Refusal
from app.kit.run import look, run
from app.station import Station, open_centre, open_station
from sync import own_card
from sync.desktop import Serving
from sync.fault import Fault, not_ours
from sync.message import FILE_LIMIT
from sync.station.inbox import after_upgrade
from sync.uplink import Uplink
from ui.command.parser import password
from ui.exchange.enrolment import keys_of
from ui.exchange.with_centre import Exchange

if TYPE_CHECKING:
    from sync.centre.service import Centre

REASONS = {
    errno.ENOSPC: "没有空间了",
    errno.EDQUOT: "没有空间了",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EROFS: "这个位置是只读的",
    errno.ENAMETOOLONG: "文件名太长",
}


@contextmanager
def refusing() -> Iterator[None]:
    """A fault of the exchange is a refusal of the command."""
    try:
        yield
    except Fault as fault:
        raise Refusal(fault.message) from None


@contextmanager
def station(args: Namespace) -> Iterator[Station]:
    """The station of ``--home``, with ``--as`` at the desk."""
    with refusing(), open_station(Home(args.home), args.person, password(), alone=False) as opened:
        if opened.renewed is not None:
            print(opened.renewed.sentence, file=sys.stderr)  # noqa: T201
        after_upgrade(opened.store)
        yield opened


@contextmanager
def centre(args: Namespace, url: str | None = None) -> Iterator[Station]:
    """The centre of ``--home``, with ``--as`` at the desk."""
    home = Home(args.home, side="centre")
    with (
        refusing(),
        open_centre(home, args.person, password(), url=url, alone=False) as opened,
        log.kept(home, "sync", Lines()),
    ):
        service = service_of(opened)
        brought = recall_centre(service)
        if brought:
            print(brought, file=sys.stderr)  # noqa: T201
        catch_up_centre(service)
        at_its_place(opened)
        yield opened
        service.keep()


def service_of(opened: Station) -> "Centre":
    """The exchange service of an open centre."""
    from sync.centre.keeping.journal import Journal  # noqa: PLC0415 - needs the centre extra
    from sync.centre.service import Centre  # noqa: PLC0415 - needs the centre extra

    journal = Journal(opened.home.raw)
    return Centre(opened.store, keys_of(opened), opened.desk.office_id, journal)


def at_its_place(opened: Station) -> None:
    """What the vault knows and the database does not is told, and a certificate near its end gets
    another in its place."""
    from sync.centre.serving import renewal  # noqa: PLC0415 - needs the centre extra

    def settle(session: Session) -> None:
        keys = keys_of(opened)
        own_card.follow(session, keys, opened.vault)
        done = renewal.settle(session, keys, opened.vault, opened.office.name)
        if done:
            settings.network(session, done)

    run(opened.store, opened.program, settle)


def way_of(opened: Station) -> Uplink:
    """An open district's way to its city."""
    from sync.centre.relay.way import Way  # noqa: PLC0415 - only the centre needs it

    return Way(service_of(opened))


def serving_of(opened: Station) -> Serving:
    """What the desktop of an open centre has done by the server's code."""
    from sync.centre.desktop import Served  # noqa: PLC0415 - only the centre needs it

    return Served(service_of(opened), partial(at_its_place, opened))


def recall_centre(service: "Centre") -> str:
    """What a database that was put back to an older copy lacks comes out of what is kept beside
    it; the sentence for the person, if any."""
    from sync.centre.recall import recall  # noqa: PLC0415 - needs the centre extra

    done = recall(service)
    return done.sentence if done else ""


def catch_up_centre(service: "Centre") -> None:
    """What waited for a newer program is taken in by it."""
    from sync.centre.upgrade import after_upgrade  # noqa: PLC0415 - needs the centre extra

    after_upgrade(service)


def person_of(opened: Station, words: str) -> str:
    """The id of the one person meant."""
    found = look(opened.store, opened.desk, retiree.find, words, 2)
    if len(found) == 1:
        return found[0].id
    if found:
        raise Refusal(f"“{words}”不止一人，请用完整证号")
    try:
        look(opened.store, opened.desk, retiree.person, words)
    except Refusal:
        raise Refusal(f"没有找到“{words}”，请用姓名、完整证号或人员编号") from None
    return words


def exchange_of(opened: Station) -> Exchange:
    """The station's way to its centre."""
    return Exchange.of(opened, opened.program, daily)


def read_file(path: Path) -> bytes:
    """A file of the exchange the person named."""
    try:
        if path.stat().st_size > FILE_LIMIT:
            raise not_ours()
        return path.read_bytes()
    except OSError:
        said = f"文件 {path.name[:60]} 读不出来，U盘可能松了，或者没有权限。请换一份再试"
        raise Refusal(said) from None


def write_new(path: Path, data: bytes) -> Path:
    """Write a file the person named, whole or not at all; never over a folder or a device."""
    _writable(path)
    try:
        write_whole(path, data)
    except OSError as error:
        raise _unwritten(path, error) from None
    return path


def ready_for(path: Path) -> None:
    """Refuse a place that cannot be written before the work begins that fills it."""
    _writable(path)
    trial = path.with_name(f"{path.name}.part")
    try:
        put(trial, b"")
        trial.unlink()
    except OSError as error:
        raise _unwritten(path, error) from None


def _writable(path: Path) -> None:
    try:
        if path.exists() and not path.is_file():
            raise Refusal(f"{path.name} 是文件夹或设备，不是文件。请换一个文件名再试")
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritten(path, error) from None


def _unwritten(path: Path, error: OSError) -> Refusal:
    why = REASONS.get(error.errno or 0, "位置不对，或者U盘松了")
    return Refusal(f"文件 {path.name[:60]} 写不进去：{why}。请换一个位置再试")


def refused_files(found: Sequence[tuple[str, str]]) -> dict[str, list[dict[str, str]]]:
    """Files of a stick that were not taken, for scripts."""
    return {"refused_files": [{"file": name, "reason": reason} for name, reason in found]}


def refusal_of(found: Sequence[tuple[str, str]]) -> str:
    """The same for a person."""
    return "；".join(f"{name}：{reason}" for name, reason in found)
