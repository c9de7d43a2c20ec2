"""Opening a station or a centre for a command, and saying what went wrong in one way."""

import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from app import retiree
from app.daily import daily
from app.exchange import start_anew
from app.kit.paths import Home
from app.kit.refusal import Refusal
from app.kit.run import look
from app.station import Station, open_centre, open_station
from sync.fault import Fault
from ui.command.parser import password
from ui.kit.exchange import Exchange


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
        yield opened


@contextmanager
def centre(args: Namespace, url: str | None = None) -> Iterator[Station]:
    """The centre of ``--home``, with ``--as`` at the desk."""
    home = Home(args.home, side="centre")
    with refusing(), open_centre(home, args.person, password(), url=url, alone=False) as opened:
        yield opened


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
    return Exchange.of(
        opened.store,
        opened.program,
        opened.vault,
        opened.office.code,
        opened.home.inbox,
        daily,
        start_anew,
    )


def write_new(path: Path, data: bytes) -> Path:
    """Write a file the person named, whole or not at all."""
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        reason = error.strerror or "不能写入"
        raise Refusal(f"文件 {path.name} 写不进去：{reason}。请换一个位置再试") from None
    return path


def refused_files(found: Sequence[tuple[str, str]]) -> dict[str, list[dict[str, str]]]:
    """Files of a stick that were not taken, for scripts."""
    return {"refused_files": [{"file": name, "reason": reason} for name, reason in found]}


def refusal_of(found: Sequence[tuple[str, str]]) -> str:
    """The same for a person."""
    return "；".join(f"{name}：{reason}" for name, reason in found)
