"""Where a centre is reached, told by itself: a file that it signs with the key its stations pin. It
comes inside an answer, on the line as on a stick, or is carried by itself (换地址文件). Only a
later word counts, whenever an earlier one is read.
"""

import hashlib
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from sqlalchemy.orm import Session

from models.kit import clock
from models.kit.db import Store
from models.kit.stream import GARBLED
from sync import files, pack
from sync.centre_card import CITY, KIND, CentreCard, Way, centre_card, city_card, rewrite
from sync.enrol import envelope
from sync.fault import Fault, broken
from sync.http_link import HttpLink
from sync.keys import Keys

CARD, BESIDE = "card", "card.sangyu"
MOST = 10**12
LONGEST = 2**13


class Told(msgspec.Struct, frozen=True):
    """The word itself, readable by anybody."""

    centre: str
    number: int
    token: str
    url: str
    certificate: str


def token(keys: Keys, number: int) -> str:
    """What only whoever was told this number by us can know."""
    return hashlib.sha256(keys.sign.sign(b"sangyu card %d" % number)).hexdigest()[:16]


def number_in(mark: str) -> int:
    """Of the mark in a header; 0 where there is none."""
    said = mark.partition("-")[0]
    return min(int(said), MOST) if said.isascii() and said.isdigit() else 0


def proved(keys: Keys, mark: str) -> int:
    """The number of our own word somebody says they know; 0 where they cannot have heard it."""
    number = number_in(mark)
    return number if number and mark == f"{number}-{token(keys, number)}" else 0


def write(keys: Keys, centre: str, number: int, way: Way) -> bytes:
    """The file with which a centre tells where it is."""
    told = Told(centre, number, token(keys, number), way.url, way.certificate)
    plain = msgspec.json.encode(told)
    return envelope(CARD, centre, "", keys, plain, plain, f"{number}-{told.token}")


def read(card: CentreCard, data: bytes, whose: str = "区中心") -> Told:
    """What the centre of this card tells; raises Fault where it is anybody else."""
    packet = pack.read(data)
    if packet.header.kind != CARD:
        raise Fault("not_card", f"这不是换地址文件，没有读入。请选择{whose}给的“换地址”文件")
    if packet.header.sender != card.id:
        raise Fault("foreign_centre", f"这份换地址文件来自另一个{whose}，没有读入")
    packet.check(card.sign)
    try:
        told = msgspec.json.decode(packet.sealed, type=Told)
    except GARBLED:
        raise broken() from None
    if told.centre != card.id or not 0 < told.number <= MOST or len(told.token) > 16:
        raise broken()
    _usable(msgspec.structs.replace(card, url=told.url, certificate=told.certificate))
    return told


def as_typed(text: str) -> str:
    """An address as people write it, whole; https only, since its certificate alone is trusted.
    Raises Fault."""
    said = text.strip()
    said = said if "://" in said or ":" not in said else f"https://{said}"
    try:
        parts = urlsplit(said)
        good = parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
        good = good and said.isascii() and said.isprintable() and " " not in said
        good = good and not parts.query + parts.fragment
    except ValueError:
        good = False
    if not good:
        raise Fault("address", f"联网地址应写成 https://10.0.0.5:8743，不是 {text[:60]}")
    return said.rstrip("/")


def _usable(card: CentreCard) -> None:
    is_short = len(card.url) + len(card.certificate) <= LONGEST
    # with no certificate at all, whatever the system trusts would do
    is_good = is_short and card.url.startswith("https://") and card.certificate
    with suppress(Fault):
        if is_good:
            return HttpLink(card).close()
    raise Fault("card", "联网地址或证书不能用，没有改。请再核对一遍")


def take(session: Session, data: bytes, kind: str = KIND) -> bool:
    """Follow the centre, or a district its city; was it news? Raises Fault."""
    card = _known(session, kind)
    told = read(card, data, "市级" if kind == CITY else "区中心")
    if told.number <= card.number:
        return False
    said = {"url": told.url, "certificate": told.certificate}
    _move(session, card, kind, number=told.number, token=told.token, **said)
    return True


def _known(session: Session, kind: str) -> CentreCard:
    card = city_card(session) if kind == CITY else centre_card(session)
    if card is None:
        raise Fault("no_city", "本区中心还没有加入市级，没有改。请先读入市级给的邀请文件")
    return card


def heard(session: Session, data: bytes, kind: str = KIND) -> bytes:
    """The same of what an answer brought: nothing in it keeps us from reading the rest."""
    try:
        return data if data and take(session, data, kind) else b""
    except Fault:
        return b""


def type_in(session: Session, url: str, kind: str = KIND) -> None:
    """An address that a person was told over the phone. Whoever is there must have the certificate
    we know, and the next word of the centre counts as before. Raises Fault."""
    card = _known(session, kind)
    if card.url == url:
        return
    _usable(msgspec.structs.replace(card, url=url))
    _move(session, card, kind, url=url)


def keep_beside(folder: Path, data: bytes) -> None:
    """What was told stays beside a database that may be put back."""
    with suppress(Fault):
        files.put(folder, BESIDE, data)


def take_beside(store: Store, folder: Path, kind: str = KIND) -> None:
    """A database that was put back knows where its centre, or its city, is all the same."""
    try:
        data = files.get(folder / BESIDE) if (folder / BESIDE).is_file() else b""
        mark = pack.read(data).header.card if data else ""
    except Fault:
        return
    with store.look() as session:
        card = city_card(session) if kind == CITY else centre_card(session)
    if card is not None and number_in(mark) > card.number:
        with store.apply() as session:
            heard(session, data, kind)


def _move(session: Session, card: CentreCard, kind: str, **said: object) -> None:
    before = card.way if card.url and (card.reached or card.before is None) else card.before
    moved = msgspec.structs.replace(card, since=clock.now(), reached=False, before=before, **said)
    if moved.way == card.way:  # told once more, under another number
        moved = msgspec.structs.replace(
            moved, since=card.since, reached=card.reached, before=card.before
        )
    rewrite(session, moved, kind)


def reached(session: Session, way: Way, kind: str = KIND) -> None:
    """The centre answered there."""
    card = _known(session, kind)
    if card.way == way and not card.reached:
        rewrite(session, msgspec.structs.replace(card, reached=True), kind)
