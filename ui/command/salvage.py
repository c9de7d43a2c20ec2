"""`sangyu station salvage`: what an old database, backup or stick holds that this station has not,
offered to the centre again."""

from argparse import Namespace
from pathlib import Path

from app.kit.refusal import Refusal
from app.station import Station
from sync.salvage import Salvage, lines
from ui.command.opened import exchange_of, station
from ui.command.parser import Answer, old_password
from ui.exchange.with_centre import Exchange


def salvage(args: Namespace) -> Answer:
    """Look, tell, and take back unless only looking was asked for."""
    with station(args) as opened:
        way = exchange_of(opened)
        found = _find(opened, way, args.source)
        if found.is_any and not args.look:
            way.take_back(found)
        pending = way.standing().pending
    said = {
        "source": args.source,
        "lacking": len(found.entries),
        "known": found.known,
        "unreadable": found.torn + found.spoilt,
        "contents": len(found.contents),
        "contents_absent": found.absent,
        "of_another_computer": found.elsewhere,
        "taken_back": 0 if args.look else len(found.entries),
        "pending": pending,
    }
    return Answer(said, lines(found))


def _find(opened: Station, way: Exchange, source: Path) -> Salvage:
    if source.is_dir():
        return way.in_folder(source)
    try:
        return way.in_file(opened.vault, source)
    except Refusal as refusal:
        if refusal.field != "password":
            raise
    words = old_password(source)
    return way.in_file(opened.vault, source, name=opened.desk.name, password=words)
