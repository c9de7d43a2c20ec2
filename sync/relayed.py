"""What goes between a district and its city: the stations' words under their own signatures, what
the district says of its records, and how far the city has come. In the same file as everything
else, on the line and on a stick."""

from typing import Any

import msgspec

from models.kit.stream import GARBLED
from sync.erase_order import Orders
from sync.fault import broken, forged
from sync.keys import Keys
from sync.pack import Packet

KIND, ANSWER = "relay", "relay-answer"
CONTENTS = "relay-blobs"
"""Photos and scans: a `sync.blobs.Parcel` of a district's."""


class Signer(msgspec.Struct, array_like=True, frozen=True):
    """The key of a station, for which the district vouches."""

    office_id: str
    replica: str
    key: bytes


class Words(msgspec.Struct, array_like=True, frozen=True):
    """A stretch of one stream: heads as they came, and of each payload what the city may see, empty
    where that is nothing. It ends where the station's header ended whose bytes and signature go
    along; the district's own words go under the signature of the file."""

    office_id: str
    incarnation: str
    replica: str
    first: int
    before: bytes
    after: bytes
    signed: bytes
    signature: bytes
    entries: list[tuple[bytes, bytes]]


class Took(msgspec.Struct, array_like=True, frozen=True, tag="t"):
    """Every entry of this stretch stands as it was said."""

    office_id: str
    incarnation: str
    first: int
    last: int


class Stands(msgspec.Struct, array_like=True, frozen=True, tag="s"):
    """One record as the district holds it, in place of whatever was held: which change stands in
    each field. ``values``, said in ``schema``, only for what no word of a station proves."""

    entity: str
    entity_id: str
    stamps: dict[str, str]
    values: dict[str, Any]
    schema: int = 1


Item = Took | Stands


class Unsigned(msgspec.Struct, array_like=True, frozen=True):
    """An entry that an item beside it builds on and no header of a station proves: the district's
    own account."""

    office_id: str
    incarnation: str
    seq: int
    head: bytes
    payload: bytes


class Relay(msgspec.Struct, array_like=True, frozen=True):
    """The sealed part of a district's file; ``city_epoch`` is the city's as the district knows it.
    ``needs`` are the words that the records among the items build on, here, in another file or said
    before, as (office, incarnation, last); ``digests`` are of all the city should hold once it has
    read these items (`sync.centre.relay.levels`). ``orders`` go with items that erase somebody
    (`sync.erase_order`), by person."""

    sender: str
    recipient: str
    city_epoch: int
    signers: list[Signer] = []
    words: list[Words] = []
    items: list[bytes] = []
    needs: list[tuple[str, str, int]] = []
    digests: dict[str, list[bytes]] = {}
    unsigned: list[Unsigned] = []
    orders: Orders = {}


class Reached(msgspec.Struct, array_like=True, frozen=True):
    """How far the city has one stream, without a gap."""

    office_id: str
    incarnation: str
    seq: int
    hash: bytes


class Told(msgspec.Struct, array_like=True, frozen=True):
    """The sealed part of the city's answer. The header's ``seen`` is the last item it has read of
    those the district numbered in ``district_epoch``. Where it could compare, ``rows`` are a digest
    of each record it holds in every bucket that differs. ``lacks`` are contents that its records
    name and that it does not have. ``card`` as in `sync.message.Body`. ``proof`` is the district's
    own signed header of what was read, where the district may have forgotten it. ``orders``, where
    they hold something else, are the district's to erase somebody, which it may have forgotten."""

    sender: str
    recipient: str
    district_epoch: int
    reached: list[Reached] = []
    compared: bool = False
    rows: list[tuple[str, int, dict[str, bytes]]] = []
    lacks: list[bytes] = []
    card: bytes = b""
    proof: bytes = b""
    orders: Orders = {}


encode = msgspec.msgpack.Encoder().encode
read_item: msgspec.msgpack.Decoder[Item] = msgspec.msgpack.Decoder(Item)


def item_in(raw: bytes) -> Item | None:
    """None for what was emptied since, or is no item."""
    try:
        return read_item.decode(raw)
    except GARBLED:
        return None


def decode(packet: Packet, keys: Keys, kind: type[Any]) -> Any:
    """The sealed part understood; raises Fault. Call ``packet.check`` before."""
    try:
        plain = packet.plain(keys, emptied=packet.is_emptied)
        said = msgspec.msgpack.decode(plain, type=kind)
    except GARBLED:
        raise broken() from None
    if (said.sender, said.recipient) != (packet.header.sender, packet.header.recipient):
        raise forged()
    return said
