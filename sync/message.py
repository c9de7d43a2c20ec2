"""The wire: headers, downlink items and their limits."""

from collections.abc import Iterable
from typing import Annotated, Any

import msgspec

from models.kit.stream import link

FORMAT = 2
SUITE = "ed25519+age1"
MIN_READER, SHORT_HEADS = 1, 2
"""Formats that can be read by programs from then on; digests are cut out since 2."""
PART_BYTES = 16 * 2**20
FILE_LIMIT = 64 * 2**20
PLAIN_LIMIT = 256 * 2**20
HEADER_LIMIT = 16 * 2**10
BODY_LIMIT = 3 * PART_BYTES
"""What changes unpack to; a part ends after the entry with which it is long enough."""
MOST_ENTRIES = PART_BYTES // 128 + 1
"""In one part: the ids in a head alone are longer than that."""
MOST_PROOFS = 16
PAGE_ITEMS = 5000
PAGE_BYTES = 8 * 2**20


MOST_SCHEMA = 2**31 - 1
"""More than this nobody knows apart: it is what a column holds."""

# fits every database's whole numbers
Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class Header(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Readable by anybody, signed by the sender: who, to whom, which stretch, what follows.

    Only strings and integers, so that there is one way to write it. ``first`` .. ``last`` is the
    stretch of the sender's stream (for answers: of the downlink), empty when last < first.
    ``seen``/``seen_hash`` is how far the sender has read the other side; an answer's ``seen`` is
    how far the centre has the reader's ``incarnation`` without a gap. ``card`` is which word of the
    centre about its address the sender knows (`sync.told_card`), empty for the invitation's.
    ``prove``: the answer says nothing new, since what the reader claims to have read needs proof.
    """

    kind: str
    batch: str
    sender: str
    sender_office: str
    incarnation: str
    recipient: str
    sha256: str
    size: Count
    made: Count
    format: Count = FORMAT
    suite: str = SUITE
    schema: Count = 1
    min_reader: Count = MIN_READER
    app: str = ""
    first: Count = 1
    last: Count = 0
    before: str = ""
    after: str = ""
    part: Count = 1
    parts: Count = 1
    count: Count = 0
    seen: Count = 0
    seen_hash: str = ""
    epoch: Count = 1
    fork: Count = 0
    remaining: Count = 0
    receipt: str = ""
    office_code: Annotated[str, msgspec.Meta(pattern="^[0-9A-Za-z]{0,20}$")] = ""
    card: Annotated[str, msgspec.Meta(max_length=40)] = ""
    prove: Count = 0


ANSWER, RECEIVED = "answer", "received"
"""What the centre says to changes: its verdicts, or first only that it has stored them."""


class Body(msgspec.Struct, array_like=True, frozen=True):
    """The sealed part. Sender and recipient stand inside once more, so that a file cannot be sent
    on as somebody else's. ``entries`` are (head, payload) pairs; ``items`` downlink items;
    ``own`` are entries of the reader's earlier incarnations it may have lost:
    (incarnation, seq, head, payload). ``cut`` says of each entry where in its head the digest of
    its payload was taken out, 0 where it was not: the payload is beside it. ``card`` is the file
    with which the centre tells where it is reached, for whoever does not know it yet. ``proof`` are
    headers the reader itself signed, where the file claims to know more than it may remember.
    ``orders`` go with items that erase somebody (`sync.erase_order`), by person."""

    sender: str
    recipient: str
    entries: list[tuple[bytes, bytes]] = []
    items: list[bytes] = []
    own: list[tuple[str, int, bytes, bytes]] = []
    cut: list[int] = []
    card: bytes = b""
    proof: list[bytes] = []
    orders: dict[str, bytes] = {}


class Applied(msgspec.Struct, array_like=True, frozen=True, tag="a"):
    """Every entry of this stretch of the reader's stream was applied as it was said."""

    incarnation: str
    first: int
    last: int


class Verdict(msgspec.Struct, array_like=True, frozen=True, tag="v"):
    """One entry that was not simply applied, and why."""

    incarnation: str
    seq: int
    change_id: str
    result: str
    reason: str


class State(msgspec.Struct, array_like=True, frozen=True, tag="s"):
    """What the centre now holds in some fields of one record. ``stamps`` names the change behind
    each value; a record the reader does not have is made from it. ``schema`` is the one its values
    are said in; ``newer`` that of values a newer program said, which it only keeps."""

    entity: str
    entity_id: str
    values: dict[str, Any]
    stamps: dict[str, str]
    newer: dict[str, int] = {}
    schema: int = 1


class Whole(msgspec.Struct, array_like=True, frozen=True, tag="w"):
    """One record as the centre holds it, in place of whatever the reader holds: a field that is
    not named is empty. Said where the centre begins to count anew."""

    entity: str
    entity_id: str
    values: dict[str, Any]
    stamps: dict[str, str]
    newer: dict[str, int] = {}
    schema: int = 1


class AllTold(msgspec.Struct, array_like=True, frozen=True, tag="t"):
    """Everything that stood at the start of an epoch has been said."""

    epoch: int


class Gone(msgspec.Struct, array_like=True, frozen=True, tag="g"):
    """A person is in the care of another office, by the named change: the reader lets go of
    everything but papers, movements and these values."""

    person_id: str
    office_id: str
    change_id: str
    values: dict[str, Any]


class Emptied(msgspec.Struct, array_like=True, frozen=True, tag="x"):
    """An item whose values are nobody's business any longer; ``hash`` is the chain value after it,
    which it keeps."""

    hash: bytes


class Erase(msgspec.Struct, array_like=True, frozen=True, tag="e"):
    """A person's data are erased by order of the centre: the reader lets go of all of it. ``ids``,
    for who once wrote of them, are their records: a log of actions may name what is not there."""

    person_id: str
    ids: list[str] = []


class Reported(msgspec.Struct, array_like=True, frozen=True, tag="k"):
    """The city has the reader's stream as far as this, by its own signed answer."""

    incarnation: str
    last: int


Item = Applied | Verdict | State | Whole | AllTold | Gone | Emptied | Erase | Reported

encode_item = msgspec.msgpack.Encoder().encode
_items: msgspec.msgpack.Decoder[Item] = msgspec.msgpack.Decoder(Item)


def decode_item(data: bytes) -> Item:
    """Raises one of ``GARBLED`` on anything else."""
    return _items.decode(data)


_EMPTIED, _ERASE = (encode_item(one)[:3] for one in (Emptied(b""), Erase("")))
_emptied = msgspec.msgpack.Decoder(Emptied)


def follow(head: bytes, body: bytes) -> bytes:
    """The chain value after an item, also where that was emptied since. Raises as above."""
    return _emptied.decode(body).hash if body.startswith(_EMPTIED) else link(head, body)


def erased_in(items: Iterable[bytes]) -> list[str]:
    """Whom these items of a downlink erase."""
    said = [decode_item(one) for one in items if one.startswith(_ERASE)]
    return [one.person_id for one in said if isinstance(one, Erase)]
