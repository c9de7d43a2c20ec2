"""找回: what an old database, a backup or a forgotten stick holds that this station does not, and
offering exactly that again (sync.md 4.9), under the same change ids, so that it can never count
twice: where the centre had it all the time, its first verdict stands."""

import contextlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from models import emptying
from models.entities import GOES_ALONG, key_of
from models.exchange import REOFFERED, Change, Packed, Replica
from models.kit import clock
from models.kit.base import table_of
from models.kit.db import Store
from models.kit.stream import Head, link, matches, millis_of, read_head
from models.schema import heard, values_of
from sync import blobs, files, pack
from sync.fault import Fault
from sync.keys import Keys
from sync.order import behind_bases
from sync.records import Unreadable, Write, entity_of, load, understand, write

PATIENCE = 200
NAMED = 5
OURS = (pack.CHANGES, blobs.KIND)
Bring = Callable[[Sequence[str]], Iterable[bytes]]
"""Reads contents of attachments, by their digests, from an old place."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One change as some old place has it."""

    incarnation: str
    seq: int
    head: Head
    raw: bytes
    payload: bytes


def _nothing(_names: Sequence[str]) -> Iterable[bytes]:
    return ()


@dataclass(slots=True)
class Salvage:
    """What an old place holds. ``lacking`` are whole actions this station has not got, in their
    old order; ``torn`` entries belong to actions of which a part is missing, ``spoilt`` could not
    be read; ``elsewhere`` are files of another computer of this office. ``contents`` of attachments
    are there and not here, ``absent`` are in neither place; ``bring`` reads some from there."""

    known: int = 0
    lacking: list[list[Entry]] = field(default_factory=list)
    torn: int = 0
    spoilt: int = 0
    contents: list[str] = field(default_factory=list)
    absent: int = 0
    elsewhere: int = 0
    bring: Bring = _nothing

    @property
    def is_any(self) -> bool:
        """Is there something to bring back?"""
        return bool(self.lacking or self.contents)

    @property
    def entries(self) -> list[Entry]:
        """All that would be offered."""
        return [one for action in self.lacking for one in action]

    @property
    def span(self) -> tuple[datetime, datetime] | None:
        """When the first and the last of it was written, by the clock of that time."""
        at = [millis_of(one.head.hlc) for one in self.entries]
        return (_moment(min(at)), _moment(max(at))) if at else None

    def records(self, noun: str) -> list[str]:
        """Ids of this noun's records that are touched."""
        return list(dict.fromkeys(e.head.entity_id for e in self.entries if e.head.entity == noun))


def _moment(millis: int) -> datetime:
    return clock.from_millis(millis)


def of_store(old: Store, office_id: str) -> tuple[list[Entry], int]:
    """Every own entry of an old database, also of a damaged one: what its pages still give, and
    how many entries they do not. Raises Fault for another station's, and where nothing at all can
    be read."""
    try:
        return _of_store(old, office_id)
    except DatabaseError:
        said = "这份文件坏得读不出来，没有找回。文件请留着，换一份备份或U盘再找"
        raise Fault("unreadable", said) from None


def _of_store(old: Store, office_id: str) -> tuple[list[Entry], int]:
    with old.look() as session:
        with contextlib.suppress(DatabaseError):
            whose = session.scalar(select(Replica.office_id))
            if whose is not None and whose != office_id:
                raise Fault("other_station", "这份资料是别的站点的，没有读入。请找本站自己的")
        try:
            return list(_rows(session, office_id)), 0
        except DatabaseError:
            return _one_by_one(session, office_id)


def _rows(session: Session, office_id: str, *where: object) -> Iterator[Entry]:
    change = table_of(Change).c
    query = select(change.incarnation, change.seq, change.head, change.payload).where(
        change.office_id == office_id
    )
    for row in session.execute(query.where(*where)):  # type: ignore[arg-type]
        yield Entry(row.incarnation, row.seq, read_head(row.head), row.head, row.payload or b"")


def _one_by_one(session: Session, office_id: str) -> tuple[list[Entry], int]:
    """Around pages that cannot be read any more."""
    found: list[Entry] = []
    spoilt = 0
    for incarnation in _incarnations(session, office_id):
        last = _last(session, office_id, incarnation)
        seq = missed = 0
        while seq < last or (missed < PATIENCE and not last):
            seq += 1
            here = (table_of(Change).c.incarnation == incarnation, table_of(Change).c.seq == seq)
            try:
                one = next(_rows(session, office_id, *here), None)
            except DatabaseError:
                one, spoilt = None, spoilt + 1
            missed = 0 if one else missed + 1
            found += [one] if one else []
    return found, spoilt


def _incarnations(session: Session, office_id: str) -> list[str]:
    """Raises DatabaseError where neither the log nor the replica's own row can say."""
    with contextlib.suppress(DatabaseError):
        query = select(Change.incarnation).where(Change.office_id == office_id).distinct()
        return list(session.scalars(query))
    known = dict.fromkeys(session.scalars(select(Replica.incarnation)))
    with contextlib.suppress(DatabaseError):
        known |= dict.fromkeys(session.scalars(select(Packed.incarnation)))
    return list(known)


def _last(session: Session, office_id: str, incarnation: str) -> int:
    """The highest number that anything there still tells of; 0 where nothing does."""
    known = [0]
    for query in (
        select(func.max(Change.seq)).where(
            Change.office_id == office_id, Change.incarnation == incarnation
        ),
        select(Replica.seq).where(Replica.incarnation == incarnation),
        select(func.max(Packed.last)).where(Packed.incarnation == incarnation),
    ):
        with contextlib.suppress(DatabaseError):
            known.append(session.scalar(query) or 0)
    return max(known)


def of_folder(store: Store, keys: Keys, folder: Path) -> tuple[list[Entry], int, int]:
    """Every own entry in the files of a stick; then how many files could not be read, and how many
    another computer of this office wrote, which only the centre can read."""
    found: list[Entry] = []
    spoilt = elsewhere = 0
    with store.look() as session:
        me = session.scalars(select(Replica)).one()
    for path in files.found(folder):
        try:
            packet = pack.read(files.get(path))
            header = packet.header
            if header.kind not in OURS or header.sender_office != me.office_id:
                continue
            if header.sender != me.id:
                elsewhere += 1
                continue
            packet.check(keys.public)
            entries = packet.body(keys).entries if header.kind == pack.CHANGES else []
        except Fault:
            spoilt += 1
            continue
        for seq, (raw, payload) in enumerate(entries, header.first):
            found.append(Entry(header.incarnation, seq, read_head(raw), raw, payload))
    return found, spoilt, elsewhere


def compare(
    session: Session, entries: Iterable[Entry], spoilt: int = 0, elsewhere: int = 0
) -> Salvage:
    """What of it is not in our own log."""
    known = set(session.scalars(select(Change.change_id)))
    given = list(entries)
    fresh = [one for one in given if one.head.change_id not in known]
    done = whole_actions(_without_erased(session, fresh))
    done.known, done.spoilt = len(given) - len(fresh), done.spoilt + spoilt
    done.elsewhere = elsewhere
    return done


def _without_erased(session: Session, entries: list[Entry]) -> list[Entry]:
    """What an old place says of people who were erased is emptied: the heads are offered all the
    same, so that actions stay whole and every change gets its verdict."""
    if not session.scalars(select(Replica.erased)).first():
        return entries
    said = [emptying.subjects(one.head.entity, one.head.entity_id, one.payload) for one in entries]
    gone = emptying.known(session, {each for some in said for each in some}).keys()
    return [
        one if gone.isdisjoint(some) else replace(one, payload=b"")
        for one, some in zip(entries, said, strict=True)
    ]


def whole_actions(entries: Iterable[Entry]) -> Salvage:
    """Put actions together again, in their old order; an emptied entry holds its place."""
    done, actions = Salvage(), dict[str, dict[int, Entry]]()
    for one in sorted(entries, key=lambda each: (each.incarnation, each.seq)):
        if not one.payload or matches(one.head, one.payload):
            parts = actions.setdefault(one.head.tx, {})
            known = parts.get(one.head.part)
            if known is None or not known.payload:
                parts[one.head.part] = one
        else:
            done.spoilt += 1
    heads = ((parts, [one.head for one in parts.values()]) for parts in actions.values())
    for parts in behind_bases(heads):
        first = next(iter(parts.values()))
        if len(parts) == first.head.parts:
            done.lacking.append([parts[number] for number in range(first.head.parts)])
        else:
            done.torn += len(parts)
    return done


def offer(session: Session, found: Salvage, gone: Collection[str] = ()) -> set[str]:
    """Put the lacking actions at the end of our stream, byte for byte, and their values on screen
    where nothing newer stands, but for what went with people who have ``gone``; the centre decides
    by what their authors saw. Returns the names of the tables that changed. To be called within one
    transaction."""
    me = session.scalars(select(Replica).with_for_update()).one()
    rows, seq, chain = [], me.seq, me.head
    for one in found.entries:
        seq, chain = seq + 1, link(chain, one.raw)
        rows.append(
            {
                "office_id": me.office_id,
                "incarnation": me.incarnation,
                "seq": seq,
                "change_id": one.head.change_id,
                "entity": one.head.entity,
                "entity_id": one.head.entity_id,
                "hash": chain,
                "head": one.raw,
                "payload": one.payload or None,
                "hlc": one.head.hlc,
            }
        )
    if not rows:
        return set()
    session.execute(insert(table_of(Change)), rows)
    if written := _written(session, me, found, rows):
        session.execute(insert(table_of(Change)), written)
    replica = table_of(Replica)
    newest = max(me.hlc, *(one.head.hlc for one in found.entries))
    session.execute(
        update(replica).where(replica.c.id == me.id).values(seq=seq, head=chain, hlc=newest)
    )
    return {entity for one in found.entries for entity in _show(session, one, gone)}


def _written(
    session: Session, me: Replica, found: Salvage, rows: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The same in the place where it was written, unless something stands there, so that the log
    tells in which order all was said."""
    streams = {one.incarnation for one in found.entries} - {me.incarnation}
    there = session.execute(
        select(Change.incarnation, Change.seq).where(
            Change.office_id == me.office_id, Change.incarnation.in_(streams)
        )
    )
    taken, kept = {(row.incarnation, row.seq) for row in there}, []
    for one, row in zip(found.entries, rows, strict=True):
        at = one.incarnation, one.seq
        if one.incarnation in streams and at not in taken:
            taken.add(at)
            place = {"incarnation": one.incarnation, "seq": one.seq, "hash": b""}
            kept.append({**row, **place, "outcome": REOFFERED})
    return kept


def _show(session: Session, one: Entry, gone: Collection[str]) -> set[str]:
    """The entry's values in the record, field by field where its author's base still stands."""
    head = heard(one.head)
    if not one.payload:
        return set()
    try:
        entity = entity_of(head.entity)
        values = understand(entity, values_of(head, one.payload))
    except Unreadable:
        return set()
    there = load(session, entity, [head.entity_id], ("stamps",))
    if head.op == "insert":
        if there or (entity in GOES_ALONG and values.get(key_of(entity)) in gone):
            return set()
        put = Write(values, {"*": head.change_id})
    elif not there:
        return set()
    else:
        stamps: Mapping[str, str] = there[head.entity_id]["stamps"]
        fits = [name for name in values if _now(stamps, name) in ("", head.bases.get(name, ""))]
        put = Write({name: values[name] for name in fits}, dict.fromkeys(fits, head.change_id))
    write(session, entity, {head.entity_id: put}, there)
    return {head.entity}


def _now(stamps: Mapping[str, str], name: str) -> str:
    return stamps.get(name) or stamps.get("*", "")


# in words -------------------------------------------------------------------------------------


def names(found: Salvage) -> list[str]:
    """People who were registered there, as far as the entries say a name."""
    said = (
        values_of(one.head, one.payload).get("name")
        for one in found.entries
        if one.head.entity == "retiree" and one.payload
    )
    return list(dict.fromkeys(str(name) for name in said if name))


def lines(found: Salvage) -> list[str]:
    """One sentence each: what is lacking, whom it is about, what cannot be brought back."""
    told = []
    if found.span is None:
        told.append(
            f"有 {len(found.contents)} 份照片和附件的内容是这台电脑上没有的"
            if found.contents
            else "里面的录入这台电脑上都有，没有要找回的"
            if found.known or not (found.elsewhere or found.spoilt or found.torn)
            else "这台电脑没有读到要找回的录入"
        )
    else:
        first, last = (clock.local(at) for at in found.span)
        told.append(
            f"有 {len(found.entries)} 条录入是这台电脑上没有的，"
            f"写于 {first:%Y-%m-%d} 至 {last:%Y-%m-%d}"
        )
        told += _about(found)
        if found.contents:
            told.append(f"连同照片和附件的内容 {len(found.contents)} 份")
        told.append("找回后会重新上报；区中心已经有的不会重复，后来改过的以后来的为准")
    if found.absent:
        told.append(f"还有 {found.absent} 份照片和附件的内容不在里面，请再从别的备份或U盘里找")
    if found.elsewhere:
        told.append(f"有 {found.elsewhere} 个数据包是本站另一台电脑写的，请带到区中心读入")
    lost = found.torn + found.spoilt
    if lost:
        told.append(f"另有 {lost} 条已经不完整，找不回来。原来的文件请留着")
    return told


def _about(found: Salvage) -> list[str]:
    people, named = found.records("retiree"), names(found)
    if not people:
        return []
    more = "等" if len(people) > min(len(named), NAMED) else ""
    shown = f"：{'、'.join(named[:NAMED])}{more}" if named else ""
    return [f"涉及 {len(people)} 人{shown}"]
