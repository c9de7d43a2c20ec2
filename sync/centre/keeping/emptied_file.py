"""A file that was received, with something taken out of it: header, signature and heads stay as
they came, and so does the chain of what a district says to its city."""

from collections.abc import Callable

import msgspec

from sync import pack, relayed
from sync.keys import Keys
from sync.message import Emptied, encode_item, follow
from sync.relayed import Relay, Stands, Unsigned

Pair = tuple[bytes, bytes]
Take = Callable[[list[Pair]], list[Pair]]
IsGone = Callable[[str], bool]


def without(packet: pack.Packet, keys: Keys, take: Take, is_gone: IsGone) -> bytes:
    """With what ``take`` leaves of the entries, and without what is said of records that are gone;
    empty where nothing was taken out. Raises Fault for a file nobody can read."""
    if packet.header.kind == pack.CHANGES:
        body = packet.body(keys, emptied=packet.is_emptied)
        left = take(body.entries)
        if left == body.entries:
            return b""
        kept = msgspec.structs.replace(body, entries=left)
        return pack.refill(packet, pack.encode_body(kept), [keys.recipient])
    if packet.header.kind != relayed.KIND:
        return b""
    said: Relay = relayed.decode(packet, keys, Relay)
    rest = msgspec.structs.replace(
        said,
        words=[msgspec.structs.replace(one, entries=take(one.entries)) for one in said.words],
        items=_items(said.items, bytes.fromhex(packet.header.before), is_gone),
        unsigned=_unsigned(said, take),
    )
    return pack.refill(packet, relayed.encode(rest), [keys.recipient]) if rest != said else b""


def pairs_in(packet: pack.Packet, keys: Keys) -> list[Pair]:
    """Every entry of a file. Raises Fault."""
    if packet.header.kind == relayed.KIND:
        said: Relay = relayed.decode(packet, keys, Relay)
        signed = [one for words in said.words for one in words.entries]
        return signed + [(one.head, one.payload) for one in said.unsigned]
    if packet.header.kind == pack.CHANGES:
        return packet.body(keys, emptied=packet.is_emptied).entries
    return []


def _unsigned(said: Relay, take: Take) -> list[Unsigned]:
    left = take([(one.head, one.payload) for one in said.unsigned])
    return [
        msgspec.structs.replace(one, payload=payload)
        for one, (_, payload) in zip(said.unsigned, left, strict=True)
    ]


def _items(raw: list[bytes], chain: bytes, is_gone: IsGone) -> list[bytes]:
    made = []
    for one in raw:
        chain = follow(chain, one)
        item = relayed.item_in(one)
        is_theirs = isinstance(item, Stands) and is_gone(item.entity_id)
        made.append(encode_item(Emptied(chain)) if is_theirs else one)
    return made
