"""The centre's own signature over how far it had us, and how far it had told us. A centre that was
put back has forgotten both and believes nobody's word for it (sync.md 4.9)."""

from operator import attrgetter

from models.exchange import Replica
from models.kit.stream import GENESIS
from sync.message import ANSWER, Header
from sync.pack import Packet, apart

WHO = ("sender", "recipient", "incarnation", "epoch", "fork")
ACKED, TOLD = (*WHO, "seen", "seen_hash"), (*WHO, "kind", "last", "after")


def keep(me: Replica, packet: Packet) -> None:
    """Keep the header of an answer that was just taken in, for what we claim from now on; one that
    says nothing else than what is kept leaves that as it is."""
    header, signed = packet.header, packet.signed + packet.signature
    if header.seen == me.acked_seq and not _says(me.acked_by, header, ACKED):
        me.acked_by = signed
    at = (me.down_seq, me.down_head.hex())
    is_told = header.kind == ANSWER and (header.last, header.after) == at
    if is_told and not _says(me.told_by, header, TOLD):
        me.told_by = signed


def _says(kept: bytes | None, header: Header, what: tuple[str, ...]) -> bool:
    said = attrgetter(*what)
    return kept is not None and bool(said(apart(kept).header) == said(header))


def of(me: Replica) -> list[bytes]:
    """What proves our claims; mostly one answer proves both."""
    return [*dict.fromkeys(one for one in (me.acked_by, me.told_by) if one)]


def chain(me: Replica) -> bytes:
    """The chain value of our stream where the centre had it, by its own word; what the log says of
    it comes first."""
    said = apart(me.acked_by).header if me.acked_by and me.acked_seq else None
    return bytes.fromhex(said.seen_hash) if said and said.seen == me.acked_seq else GENESIS
