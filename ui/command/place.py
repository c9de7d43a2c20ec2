"""``sangyu centre address``: where a centre or a city is reached (联网地址)."""

from argparse import Namespace
from collections.abc import Callable
from typing import Any

from app import centre as verbs
from ui.command.opened import centre, write_new
from ui.command.parser import Answer, Rooms, address, command, folder
from ui.kit import own_place


def add_words(inner: Rooms, database: Callable[[Any], None]) -> None:
    """What a centre says of itself."""
    made = command(inner, "address", "看或改联网地址，各站从回执里得知", tell)
    made.add_argument("--url", type=address, metavar="URL", help="新的联网地址")
    made.add_argument("--out", type=folder, metavar="FILE", help="另写一份换地址文件，带给站点")
    database(made)


def tell(args: Namespace) -> Answer:
    """Where we are, and who knows it."""
    with centre(args, args.database) as opened:
        if args.url:
            own_place.move(opened, args.url, verbs.moves)
        shown = own_place.shown(opened)
        data = own_place.card_file(opened) if args.out else b""
    said = {"url": shown.url, "known": shown.known, "stations": shown.peers, "file": args.out}
    lines = [f"联网地址：{shown.url}", shown.knowing]
    if shown.warning:
        lines.append(shown.warning)
    if args.out:
        write_new(args.out, data)
        lines.append(f"换地址文件：{args.out}")
    return Answer(said, lines)
