"""What both sides say when they compare what they hold (核对, sync.md 4.13)."""

from typing import Any

import msgspec

from models.kit.stream import GARBLED
from sync import pack
from sync.digests import Row, Stamps
from sync.erase_order import Orders
from sync.fault import broken, forged
from sync.keys import Keys

CLAIM, REPLY = "agree", "agree-answer"
ROWS = 20_000
WANTS = 2_000
Records = list[tuple[str, str]]


class Claim(msgspec.Struct, array_like=True, frozen=True):
    """What the station holds, as of the position its header names. ``wants`` are records it found
    that differ: (noun, id). ``schema`` is the newest that both programs know: digests are over
    its nouns and fields only. ``holds``, by id: the changes behind what the station shows of a
    record it wants, and what it said of it itself and was told the verdict of. ``offers`` are those
    of others to the office that it may still answer. ``orders`` are the centre's to erase somebody
    (`sync.erase_order`), which it may have forgotten: once in each of its epochs."""

    sender: str
    recipient: str
    month: str
    digests: dict[str, list[bytes]] = {}
    wants: Records = []
    schema: int = 1
    holds: dict[str, tuple[Stamps, list[str]]] = {}
    offers: list[str] = []
    orders: Orders = {}


class Reply(msgspec.Struct, array_like=True, frozen=True):
    """``compared`` is False where one side has not heard all of the other yet. ``rows`` are the
    centre's of every bucket that differs; ``figures`` its own for the same month. ``mended`` are
    the records the station wanted, by id, once the centre has done what it can; ``unheard`` the
    station's changes of which it knows nothing; ``absent`` those of the records it wanted that it
    does not have, nor any word that made them; ``lacking`` contents that the office's records name
    and it has not got; ``forgotten`` those of the claim's offers of which it knows nothing."""

    sender: str
    recipient: str
    compared: bool
    rows: list[tuple[str, int, list[Row]]] = []
    figures: dict[str, int] = {}
    told: int = 0
    mended: list[str] = []
    unheard: list[str] = []
    absent: list[str] = []
    lacking: list[bytes] = []
    forgotten: list[str] = []


def decode(packet: pack.Packet, keys: Keys, kind: type[Any]) -> Any:
    """The sealed part understood; raises Fault. Call ``packet.check`` before."""
    try:
        said = msgspec.msgpack.decode(packet.plain(keys), type=kind)
    except GARBLED:
        raise broken() from None
    if (said.sender, said.recipient) != (packet.header.sender, packet.header.recipient):
        raise forged()
    return said
