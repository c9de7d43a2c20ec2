"""Bytes of a file: magic, header length, header, signature, age payload. The same on network and
stick; nothing in here touches a database."""

import hashlib
import struct
from dataclasses import dataclass

import msgspec
import zstandard

from models.kit.stream import GARBLED, digest_of
from sync.fault import Fault, broken, forged, not_ours, too_new
from sync.keys import Keys, is_signed, seal
from sync.message import (
    ANSWER,
    BODY_LIMIT,
    FILE_LIMIT,
    FORMAT,
    HEADER_LIMIT,
    MOST_ENTRIES,
    MOST_PROOFS,
    PLAIN_LIMIT,
    RECEIVED,
    Body,
    Header,
)

MAGIC = b"SANGYU\x01\n"
_length = struct.Struct(">I")
SIGNATURE, DIGEST = 64, 32
CHANGES = "changes"
WINDOW = 2**23
"""What every reader of zstd has to have room for (RFC 8878); ours need a quarter of it."""
HEAD = len(MAGIC) + _length.size + HEADER_LIMIT + SIGNATURE
"""So many bytes of a file are enough to read its header."""

_NOTHING = msgspec.Raw(b"\x90")
_headers = msgspec.json.Decoder(Header)
_bodies = msgspec.msgpack.Decoder(Body)
_encode_body = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True, slots=True)
class Packet:
    """A file taken apart but not yet believed: call ``check`` before ``body``."""

    header: Header
    signed: bytes
    signature: bytes
    sealed: bytes

    @property
    def is_emptied(self) -> bool:
        """Is this not the payload that was signed? Of a file we keep ourselves: see `refill`."""
        return hashlib.sha256(self.sealed).hexdigest() != self.header.sha256

    def check(self, public: bytes, *, emptied: bool = False) -> None:
        """Raises Fault unless the key's owner signed the header and this is its payload, or what
        we ourselves put in its place."""
        if not is_signed(public, self.signature, self.signed):
            raise forged()
        if not emptied and self.is_emptied:
            raise broken()

    def plain(self, keys: Keys, *, emptied: bool = False) -> bytes:
        """The payload as it was before sealing; bounded by what the header promises."""
        if self.header.size > (BODY_LIMIT if self.header.kind == CHANGES else PLAIN_LIMIT):
            raise broken()
        return inflate(keys.open(self.sealed), None if emptied else self.header.size)

    def body(self, keys: Keys, *, emptied: bool = False) -> Body:
        """The payload understood; raises Fault when it does not repeat the header's names."""
        plain = self.plain(keys, emptied=emptied)
        if self.header.kind == CHANGES:
            self._bound(plain)
        try:
            body = _bodies.decode(plain)
        except GARBLED:
            raise broken() from None
        if (body.sender, body.recipient) != (self.header.sender, self.header.recipient):
            raise forged()
        return lengthen(body)

    def _bound(self, plain: bytes) -> None:
        """Before anything is made of it: what anybody sends holds no more than its header says, and
        than an honest file could."""
        most = min(max(0, self.header.last - self.header.first + 1), MOST_ENTRIES)
        try:
            seen = _outlines.decode(plain)
        except GARBLED:
            raise broken() from None
        counts = {"entries": most, "cut": most, "proof": MOST_PROOFS}
        for name in ("entries", "items", "own", "cut", "proof"):
            if _length_of(getattr(seen, name)) > counts.get(name, 0):
                raise broken()


class _Outline(msgspec.Struct, array_like=True, frozen=True):
    """A `Body` of which nothing is made."""

    sender: str
    recipient: str
    entries: msgspec.Raw = _NOTHING
    items: msgspec.Raw = _NOTHING
    own: msgspec.Raw = _NOTHING
    cut: msgspec.Raw = _NOTHING
    card: msgspec.Raw = _NOTHING
    proof: msgspec.Raw = _NOTHING


_outlines = msgspec.msgpack.Decoder(_Outline)


def _length_of(raw: msgspec.Raw) -> int:
    """Of a msgpack array, by its first bytes; 0 for what is none, which nothing is made of."""
    said = memoryview(raw)
    if 0x90 <= said[0] <= 0x9F:
        return said[0] & 0x0F
    width = {0xDC: 2, 0xDD: 4}.get(said[0], 0)
    return int.from_bytes(said[1 : 1 + width])


def shorten(body: Body) -> Body:
    """Ready to go: a third of what many small edits are is digests, which the payloads say."""
    entries, cut = [], []
    for head, payload in body.entries:
        at = _place(head, payload)
        cut.append(at)
        entries.append((head[:at] + head[at + DIGEST :] if at else head, payload))
    return msgspec.structs.replace(body, entries=entries, cut=cut)


def _place(head: bytes, payload: bytes) -> int:
    """Of the digest in a head, which is never where it begins; 0 where it is not there."""
    try:
        return max(0, head.find(digest_of(payload)))
    except GARBLED:
        return 0


def lengthen(body: Body) -> Body:
    """As it was said; raises Fault where it cannot have been."""
    if not body.cut:
        return body
    try:
        entries = [
            (head[:at] + digest_of(payload) + head[at:] if at else head, payload)
            for (head, payload), at in zip(body.entries, body.cut, strict=True)
        ]
    except (ValueError, *GARBLED):
        raise broken() from None
    return msgspec.structs.replace(body, entries=entries, cut=[])


def inflate(data: bytes, size: int | None) -> bytes:
    """Decompress to exactly ``size`` bytes, or what the frame says; of a bomb, whatever its frame
    says, no more is unpacked than that."""
    try:
        plain = zstandard.ZstdDecompressor(max_window_size=WINDOW).stream_reader(data)
        frame = zstandard.get_frame_parameters(data)
        size = min(frame.content_size, PLAIN_LIMIT) if size is None else size
        if frame.content_size != size:
            raise broken()
        out = plain.read(size + 1)
    except zstandard.ZstdError:
        raise broken() from None
    if len(out) != size:
        raise broken()
    return out


def encode_body(body: Body) -> bytes:
    """Ready for ``write``."""
    return _encode_body(body)


def write(keys: Keys, header: Header, plain: bytes, recipients: list[str]) -> bytes:
    """A whole file. The header's size and sha256 are filled in here."""
    sealed = seal(zstandard.ZstdCompressor(level=3).compress(plain), recipients)
    digest = hashlib.sha256(sealed).hexdigest()
    return close(keys, msgspec.structs.replace(header, size=len(plain), sha256=digest), sealed)


def refill(packet: Packet, plain: bytes, recipients: list[str]) -> bytes:
    """The same header and signature before another payload, from which something was taken out.
    Only for what we keep: nobody else believes it."""
    sealed = seal(zstandard.ZstdCompressor(level=3).compress(plain), recipients)
    return packet.signed + packet.signature + sealed


def close(keys: Keys, header: Header, sealed: bytes) -> bytes:
    """Sign a complete header and put the payload behind it."""
    text = msgspec.json.encode(header, order="sorted")
    signed = MAGIC + _length.pack(len(text)) + text
    return signed + keys.sign.sign(signed) + sealed


def read(data: bytes) -> Packet:
    """Take a file apart without trusting it; raises Fault, also for one this program is too old
    to read."""
    packet = apart(data)
    if packet.header.min_reader > FORMAT:
        for_a_station = packet.header.kind == RECEIVED or ANSWER in packet.header.kind
        raise too_new("本站" if for_a_station else "区中心")
    return packet


def apart(data: bytes) -> Packet:
    """The same, whatever program wrote it."""
    start = len(MAGIC) + _length.size
    if not data.startswith(MAGIC) or len(data) < start:
        raise not_ours()
    if len(data) > FILE_LIMIT:
        raise Fault("too_big", "数据包太大，没有读入。请让对方分成几个再写")
    (length,) = _length.unpack(data[len(MAGIC) : start])
    end = start + length
    if length > HEADER_LIMIT or len(data) < end + SIGNATURE:
        raise broken()
    try:
        header = _headers.decode(data[start:end])
    except GARBLED:
        raise broken() from None
    return Packet(header, data[:end], data[end : end + SIGNATURE], data[end + SIGNATURE :])
