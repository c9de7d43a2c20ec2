"""``sangyu centre address``, ``sangyu station address``: where a centre or a city is reached
(联网地址)."""

from argparse import Namespace
from collections.abc import Callable
from typing import Any

from app import settings
from app.kit.run import look
from sync.centre_card import centre_card, city_card
from ui.command.opened import centre, serving_of, station, write_new
from ui.command.parser import Answer, Rooms, address, command, existing_file, folder
from ui.exchange import reached


def add_words(inner: Rooms, database: Callable[[Any], None]) -> None:
    """What a centre says of itself."""
    made = command(inner, "address", "看或改联网地址，各站从回执里得知", tell)
    made.add_argument("--url", type=address, metavar="URL", help="新的联网地址")
    new = "换新证书：renew 先告知、都知道后启用；replace 立即启用，证书丢失或泄露时用"
    made.add_argument("--certificate", choices=("renew", "replace"), help=new)
    made.add_argument("--out", type=folder, metavar="FILE", help="另写一份换地址文件，带给站点")
    made.add_argument("--city", type=address, metavar="URL", help="电话里得知的市级新地址")
    made.add_argument("--card", type=existing_file, metavar="FILE", help="市级的换地址文件")
    database(made)


def add_stations(inner: Rooms) -> None:
    """What a station knows of its centre."""
    made = command(inner, "address", "看或改区中心的联网地址", know)
    made.add_argument("--url", type=address, metavar="URL", help="电话里得知的新地址")
    made.add_argument("--card", type=existing_file, metavar="FILE", help="区中心的换地址文件")


def know(args: Namespace) -> Answer:
    """Where the centre is, as far as the station knows."""
    with station(args) as opened:
        if args.card:
            reached.read_card(opened, args.card, settings.network)
        if args.url:
            reached.type_in(opened, args.url, settings.network)
        card = look(opened.store, opened.desk, centre_card)
    return Answer({"url": card.url, "reached": card.reached}, [f"区中心联网地址：{card.url}"])


def tell(args: Namespace) -> Answer:
    """Where we are, and who knows it."""
    with centre(args, args.database) as opened:
        if args.card:
            reached.read_card(opened, args.card, settings.network, reached.OF_CITY)
        if args.city:
            reached.type_in(opened, args.city, settings.network, reached.OF_CITY)
        if args.url:
            reached.move(opened, args.url, settings.network)
        if args.certificate:
            reached.renew(opened, serving_of(opened), args.certificate, settings.network)
        shown = reached.shown(opened)
        city = look(opened.store, opened.desk, city_card)
        data = reached.card_file(opened) if args.out else b""
    said = {"url": shown.url, "known": shown.known, "stations": shown.peers, "file": args.out}
    said["certificate_ends_at"] = shown.ends_at
    lines = [f"联网地址：{shown.url}", shown.knowing, f"证书：{shown.certificate}"]
    if city is not None:
        said["city"] = city.url
        lines.append(f"市级的联网地址：{city.url}")
    if shown.warning:
        lines.append(shown.warning)
    if args.out:
        write_new(args.out, data)
        lines.append(f"换地址文件：{args.out}")
    return Answer(said, lines)
