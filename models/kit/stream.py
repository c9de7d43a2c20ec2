"""The outgoing stream of this installation: numbers without gaps, hash-chained, in the data's own
transaction.

A change is two byte strings. The *head* says who changed what and carries the digest of the
*payload*, the clear values with a salt. Chain and signature cover heads only, so that a payload
can later be erased for privacy without breaking the chain. Bytes are hashed as stored and never
serialised again.

A payload with values of a closed circle (health, party, money) is two such strings in one frame:
the open one carries the digest of the one *apart*. Without the latter it still proves itself, to
whoever may not see those values (sync.md 4.12).
"""

import hashlib
import secrets
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import Select, Table, Update, bindparam, select, update
from sqlalchemy.orm import Session

from models.kit import clock
from models.kit.bulk import insert_tuples
from models.kit.direct import ask, for_each

SCHEMA = 1
"""Which nouns and fields this program knows. It rises by one with every release that adds some,
each of which says ``since``; nothing is ever taken away or given another meaning. An entry names
the schema it was written in and keeps its bytes for ever."""
GENESIS = b"\0" * 32
SPOKEN = 8
"""Digits of a place, when it is read over the telephone."""
LAST_MILLIS = 2**43


class Head(msgspec.Struct, array_like=True, frozen=True):
    """What a change says of itself. New fields are only ever added at the end.

    ``bases`` names, per field, the change whose value was on screen; empty for an insert, unless it
    makes anew what somebody else had made: then each value is the word of the change it names.
    ``title`` is the change that gave the record its present office. ``part``/``parts`` place the
    change in its action ``tx``, which is applied whole or set aside whole. ``rules`` are the merge
    policies of fields younger than schema 1, for a centre that does not know them yet. ``seen``: of
    a voiding, the changes it takes from sight; of another edit, the voiding its author knew of.
    ``bulk``: the first change of what somebody did for many people at once, of which this is one's.
    """

    change_id: str
    tx: str
    part: int
    parts: int
    entity: str
    entity_id: str
    op: str
    bases: dict[str, str]
    title: str
    schema: int
    hlc: int
    who: str
    digest: bytes
    rules: dict[str, str] = {}
    seen: tuple[str, ...] = ()
    bulk: str = ""


class Payload(msgspec.Struct, array_like=True, frozen=True):
    """The clear values behind a head's digest; ``apart`` is the digest of those kept apart."""

    salt: bytes
    values: dict[str, Any]
    apart: bytes = b""


class _Plain(msgspec.Struct, array_like=True, frozen=True):
    """A payload as it is written where nothing is kept apart."""

    salt: bytes
    values: dict[str, Any]


@dataclass(slots=True)
class Draft:
    """A change that waits for the end of its action to be numbered; the values in ``apart`` are of
    a closed circle. ``former`` is what the fields said before: it stays here."""

    change_id: str
    entity: str
    entity_id: str
    op: str
    values: Mapping[str, Any]
    bases: dict[str, str] = attribute(default_factory=dict)
    title: str = ""
    rules: Mapping[str, str] = attribute(default_factory=dict)
    apart: frozenset[str] = frozenset()
    seen: tuple[str, ...] = ()
    former: Mapping[str, Any] = attribute(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Position:
    """How far a stream has come: its last number and the chain value there; and who was erased,
    with the token of that order in hex, empty where there is none."""

    incarnation: str
    seq: int
    head: bytes
    erased: Mapping[str, str] = attribute(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StreamTables:
    """The tables a stream lives in, handed in by the models; ``erased``: whose values went."""

    replica: Table
    change: Table
    erased: Table


def position(session: Session, tables: StreamTables) -> Position | None:
    """How far our own stream has come; None before an installation is set up."""
    me = tables.replica.c
    row = session.execute(select(me.incarnation, me.seq, me.head, me.erased)).first()
    if row is None:
        return None
    gone = tables.erased.c
    query = select(gone.id, gone.token).where(gone.id == gone.person_id)
    orders = session.execute(query).all() if row.erased else ()
    people = {key: (token or b"").hex() for key, token in orders}
    return Position(row.incarnation, row.seq, row.head, people)


def chain_value(session: Session, tables: StreamTables, incarnation: str, seq: int) -> bytes | None:
    """The chain value at a number of a stream of ours; None where it never came so far."""
    if seq == 0:
        return GENESIS
    me, change = tables.replica.c, tables.change.c
    return session.scalar(
        select(change.hash).where(
            change.office_id == select(me.office_id).scalar_subquery(),
            change.incarnation == incarnation,
            change.seq == seq,
        )
    )


def link(previous: bytes, head: bytes) -> bytes:
    """The chain value after a head."""
    return hashlib.sha256(previous + head).digest()


def tick(last: int, millis: int) -> int:
    """The next hybrid clock value: 48 bits of milliseconds, 16 bits of counter; never backwards.
    A wall that says a year after 2248 is not followed there: no database could count on."""
    return max(last + 1, min(millis, LAST_MILLIS) << 16)


def millis_of(hlc: int) -> int:
    """The milliseconds in a hybrid clock value."""
    return hlc >> 16


def moment_of(hlc: int) -> datetime:
    """When, by the clock of who wrote it; in UTC."""
    return clock.from_millis(millis_of(hlc))


# What msgspec raises on bytes of somebody else: text that is no UTF-8 and nests without end have
# errors of their own.
GARBLED = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)

_encode = msgspec.msgpack.Encoder().encode
_read_head = msgspec.msgpack.Decoder(Head).decode
_read_former = msgspec.msgpack.Decoder(dict[str, Any]).decode
_read_payload = msgspec.msgpack.Decoder(Payload).decode
_frame = struct.Struct(">BI")
_FRAMED = b"\xc1"  # no msgpack begins with it
_TWO = b"\x92"  # a list of two: nothing is kept apart


def read_head(data: bytes) -> Head:
    """Raises one of ``GARBLED`` on bytes that are no head."""
    return _read_head(data)


def read_payload(data: bytes) -> Payload:
    """All values together, as far as they are there. Raises one of ``GARBLED`` on bytes that are no
    payload."""
    opened, apart = _parts(data)
    said = _read_payload(opened)
    if not apart:
        return said
    more = _read_payload(apart).values
    if not said.values.keys().isdisjoint(more):
        raise msgspec.ValidationError("one field is said twice")
    return Payload(said.salt, {**said.values, **more}, said.apart)


def whole_of(head: Head) -> str:
    """The name of all that somebody did at once, be it for one person or for many."""
    return head.bulk or head.tx


def read_former(data: bytes | None) -> dict[str, Any]:
    """What the fields of an edit of ours said before it, as far as that was kept."""
    return _read_former(data) if data else {}


def matches(head: Head, payload: bytes, *, whole: bool = True) -> bool:
    """Do the clear values belong to this head? What is kept apart may only be missing where
    ``whole`` is not asked for."""
    try:
        opened, apart = _parts(payload)
        if hashlib.sha256(opened).digest() != head.digest:
            return False
        named = b"" if opened[:1] == _TWO else _read_payload(opened).apart
    except GARBLED:  # nobody can read it, but it may be what was said
        return hashlib.sha256(payload).digest() == head.digest
    if not apart:
        return not (named and whole)
    return hashlib.sha256(apart).digest() == named


def digest_of(payload: bytes) -> bytes:
    """As the head beside it carries it. Raises one of ``GARBLED``."""
    return hashlib.sha256(_parts(payload)[0]).digest()


def open_part(payload: bytes) -> bytes:
    """Without what is kept apart. Raises one of ``GARBLED``."""
    return _parts(payload)[0]


def _parts(payload: bytes) -> tuple[bytes, bytes]:
    if not payload.startswith(_FRAMED):
        return payload, b""
    start = _frame.size
    if len(payload) < start:
        raise msgspec.DecodeError("cut off")
    end = start + _frame.unpack(payload[:start])[1]
    if end >= len(payload):
        raise msgspec.DecodeError("cut off")
    return payload[start:end], payload[end:]


def _written(draft: Draft) -> tuple[bytes, bytes]:
    """The payload as it is stored, and the digest its head carries."""
    said = dict(draft.values)
    more = {name: said.pop(name) for name in draft.apart if name in said}
    if not more:
        plain = _encode(_Plain(secrets.token_bytes(16), said))
        return plain, hashlib.sha256(plain).digest()
    apart = _encode(_Plain(secrets.token_bytes(16), more))
    # where nothing is left the digest of what is apart is salt enough
    salt = secrets.token_bytes(16) if said else b""
    opened = _encode(Payload(salt, said, hashlib.sha256(apart).digest()))
    framed = _frame.pack(_FRAMED[0], len(opened)) + opened + apart
    return framed, hashlib.sha256(opened).digest()


def spoken(head: bytes) -> str:
    """A place of a stream in eight digits, to be read over the telephone."""
    digest = hashlib.sha256(b"spoken" + head).digest()
    return f"{int.from_bytes(digest[:8]) % 10**SPOKEN:0{SPOKEN}d}"


def seal(
    session: Session, tables: StreamTables, actions: Sequence[Sequence[Draft]], who: str
) -> int:
    """Number, chain and store an action's drafts, or those of many written at once; returns the
    last number.

    The replica's row is locked for the rest of the transaction, so that the stream of this
    installation never has a gap or a twin.
    """
    ours, moved_on = _our_row(tables.replica)
    (replica,) = ask(session, ours)
    seq, head, hlc = replica.seq, replica.head, replica.hlc
    millis = int(clock.now().timestamp() * 1000)
    bulk, rows = actions[0][0].change_id if len(actions) > 1 else "", []
    for drafts, part, draft in ((one, *each) for one in actions for each in enumerate(one)):
        seq, hlc = seq + 1, tick(hlc, millis)
        payload, digest = _written(draft)
        said = _encode(
            Head(
                draft.change_id,
                drafts[0].change_id,
                part,
                len(drafts),
                draft.entity,
                draft.entity_id,
                draft.op,
                draft.bases,
                draft.title,
                SCHEMA,
                hlc,
                who,
                digest,
                dict(draft.rules),
                draft.seen,
                bulk,
            )
        )
        head = link(head, said)
        rows.append(
            {
                "office_id": replica.office_id,
                "incarnation": replica.incarnation,
                "seq": seq,
                "change_id": draft.change_id,
                "entity": draft.entity,
                "entity_id": draft.entity_id,
                "hash": head,
                "head": said,
                "payload": payload,
                "former": _encode(dict(draft.former)) if draft.former else None,
                "hlc": hlc,
            }
        )
    names = tuple(rows[0])
    insert_tuples(session, tables.change, names, [tuple(row.values()) for row in rows])
    now = {"own": replica.id, "to_seq": seq, "to_head": head, "to_hlc": hlc}
    for_each(session, moved_on, [now])
    return int(seq)


@lru_cache
def _our_row(replica: Table) -> tuple[Select[Any], Update]:
    """How the one row is read for the rest of the transaction, and how it moves on."""
    to: dict[str, Any] = {name: bindparam(f"to_{name}") for name in ("seq", "head", "hlc")}
    moved_on = update(replica).where(replica.c.id == bindparam("own")).values(to)
    return select(replica).with_for_update(), moved_on


def heard(last: int, remote: int, now_millis: int, tolerance: int = 24 * 3600 * 1000) -> int:
    """The clock after hearing another's: follows it, but not further than a day ahead of ours,
    so that one wrong clock cannot drag the rest along. Where ours has run further ahead it was
    wrong, and comes back once another's says the same as the computer's does now."""
    farthest = (now_millis + tolerance) << 16
    if last > farthest and abs(millis_of(remote) - now_millis) <= tolerance:
        last = now_millis << 16
    return max(last, min(remote, farthest))
