"""Is what a backup brings back this station's own, and the same as today but for what was written
since? Both sides are read in one order, side by side."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, literal_column, select
from sqlalchemy.orm import Session

from app.kit.refusal import Refusal
from app.kit.rehearsal import ANEW, Unfit
from models.entities import ENTITIES, personal
from models.exchange import Change, Erased, Replica
from models.kit.among import among
from models.kit.base import Flow, Record, table_of, wire_fields
from models.kit.stream import GARBLED, GENESIS, link, matches, read_head
from models.retiree import Retiree

Found = Row[*tuple[Any, ...]]
ENTERED = (None, "applied", "superseded", "conflict-kept")
"""Outcomes of an entry whose record is among the records."""
BATCH = 500
KEEP = "备份没有受影响；请不要删备份，现在就联系技术支持"
BEFORE = "最新的备份是这份资料恢复或另起续报以前的，演练不说明问题。请先“立即备份”，再演练"


def compare(then: Session, now: Session, day: str) -> tuple[int, int]:
    """How many people and records agree. Raises `Unfit` where something does not."""
    old, me = then.scalars(select(Replica)).first(), now.scalars(select(Replica)).one()
    if old is None or old.office_id != me.office_id:
        raise Unfit(f"{day}的备份是别的站点的。{ANEW}")
    if old.incarnation != me.incarnation:
        raise Refusal(BEFORE)
    if not _same_log(then, now, old):
        if not _is_proved(now, me):
            raise Unfit(f"今天的资料里上报记录缺了或者变了，原因不明。{KEEP}")
        raise Unfit(f"{day}的备份里的上报记录和今天的对不上。{ANEW}")
    both = _Both(then, now, old, me)
    people = both.read(Retiree)
    records = people + sum(
        both.read(one) for one in ENTITIES if one.flow is not Flow.LOCAL and one is not Retiree
    )
    if both.lost:
        raise Unfit(f"今天的资料比{day}的备份少了 {both.lost} 条记录，原因不明。{KEEP}")
    if both.odd:
        said = f"{day}的备份有 {both.odd} 条记录和今天的资料对不上，看不出是哪一边不对。"
        raise Unfit(f"{said}两边都原样留着；请不要删备份，现在就联系技术支持")
    if both.short:
        raise Unfit(f"{day}的备份缺了 {both.short} 条记录。{ANEW}")
    return people, records


def _paired(
    old: Iterable[Found], now: Iterable[Found], key: Callable[[Found], Any]
) -> Iterator[tuple[Found | None, Found | None]]:
    """Two sorted sides, each row beside its twin."""
    left, right = iter(old), iter(now)
    one, other = next(left, None), next(right, None)
    while one is not None or other is not None:
        if other is None or (one is not None and key(one) < key(other)):
            yield one, None
            one = next(left, None)
        elif one is None or key(other) < key(one):
            yield None, other
            other = next(right, None)
        else:
            yield one, other
            one, other = next(left, None), next(right, None)


def _same_log(then: Session, now: Session, old: Replica) -> bool:
    """Is every entry of the backup in today's log, and what this computer wrote proved by its
    chain? What the centre gave back of another life or computer has no chain value here."""
    chains = _Chains()
    for one, other in _paired(_log(then, old), _log(now, old), lambda row: tuple(row[:2])):
        if one is None:
            continue
        if other is None or (one.hash, one.head) != (other.hash, other.head) or not _is_said(one):
            return False
        if not chains.goes_on(one):
            return False
    return chains.lead_to(old)


def _is_proved(side: Session, me: Replica) -> bool:
    """Is what this computer wrote whole in itself?"""
    chains = _Chains()
    return all(map(chains.goes_on, _log(side, me))) and chains.lead_to(me)


@dataclass
class _Chains:
    """How far each life of this computer is proved, entry after entry."""

    ends: dict[str, tuple[int, bytes]] = field(default_factory=dict)

    def goes_on(self, one: Found) -> bool:
        """Also of an entry that has no chain here."""
        if not one.hash:
            return True
        at, head = self.ends.get(one.incarnation, (0, GENESIS))
        self.ends[one.incarnation] = one.seq, one.hash
        return (at + 1, link(head, one.head)) == (one.seq, one.hash)

    def lead_to(self, me: Replica) -> bool:
        return self.ends.get(me.incarnation, (0, GENESIS)) == (me.seq, me.head)


def _log(session: Session, old: Replica) -> Iterator[Found]:
    query = (
        select(Change.incarnation, Change.seq, Change.hash, Change.head, Change.payload)
        .where(Change.office_id == old.office_id)
        .order_by(Change.incarnation, Change.seq)
    )
    yield from session.execute(query).yield_per(BATCH)


def _is_said(entry: Any) -> bool:
    try:
        head = read_head(entry.head)
    except GARBLED:
        return False
    return entry.payload is None or matches(head, entry.payload, whole=False)


@dataclass
class _Both:
    """The records of both sides; ``odd`` do not agree, ``short`` is the backup by so many, ``lost``
    are only in the backup, and nothing says why."""

    then: Session
    now: Session
    old: Replica
    me: Replica
    odd: int = 0
    short: int = 0
    lost: int = 0
    whose: dict[type[Record], str] = field(default_factory=lambda: dict(personal()))

    def read(self, entity: type[Record]) -> int:
        """How many records of a noun the backup has."""
        names, count = _names(entity), 0
        lost, fresh = list[Found](), list[Found]()
        query = _raw(entity, names)
        for one, other in _paired(
            self.then.execute(query).yield_per(BATCH),
            self.now.execute(query).yield_per(BATCH),
            lambda row: row[0],
        ):
            count += one is not None
            if other is None and one is not None:
                lost.append(one)
            elif one is None and other is not None:
                fresh.append(other)
            elif one is not None and other is not None and one[2:] != other[2:]:
                self.odd += self._is_odd(one, other, names)
        self.lost += sum(not told for told in self._accounted(entity, names, lost))
        self.short += self._left_out(entity, names, fresh)
        return count

    def _is_odd(self, one: Found, other: Found, names: Sequence[str]) -> bool:
        """Other values under the same stamps. What was erased or understood since has none."""
        if (self.old.erased, self.old.schema) != (self.me.erased, self.me.schema):
            return False
        seen = ("office_id", "is_void")
        moved = any(one[names.index(name)] != other[names.index(name)] for name in seen)
        return not moved and _stamps(one) == _stamps(other)

    def _accounted(
        self, entity: type[Record], names: Sequence[str], lost: Sequence[Found]
    ) -> Iterator[bool]:
        """Is it known of each why it went: erased, of somebody who left, kept out by the centre, or
        told by a centre that has begun anew?"""
        if not lost:
            return
        people = self._people(entity, names, lost)
        ids = {row[0] for row in lost} | set(people)
        erased = set(self.now.scalars(select(Erased.id).where(among(Erased.id, ids))))
        here = self._ours(self.now, people)
        made = {_stamps(row).get("*", "") for row in lost}
        out = self._made(self.now, made, entered=False)
        anew = self.old.centre_epoch != self.me.centre_epoch
        for row, person in zip(lost, people, strict=True):
            gone = bool(person) and person not in here and entity is not Retiree
            yield anew or gone or row[0] in erased or _stamps(row).get("*") in out

    def _left_out(self, entity: type[Record], names: Sequence[str], fresh: Sequence[Found]) -> int:
        """Records that are not in the backup, though its log has the entry that made them and the
        person was ours at the time."""
        made = {_stamps(row).get("*", "") for row in fresh}
        known = self._made(self.then, made, entered=True)
        rows = [row for row in fresh if _stamps(row).get("*") in known]
        if entity is Retiree or not rows:
            return len(rows)
        people = self._people(entity, names, rows)
        here = self._ours(self.then, people)
        return sum(not person or person in here for person in people)

    def _people(
        self, entity: type[Record], names: Sequence[str], rows: Sequence[Found]
    ) -> list[str]:
        """Whose each is; empty where it is nobody's."""
        name = self.whose.get(entity)
        return [row[names.index(name)] or "" if name else "" for row in rows]

    def _ours(self, side: Session, people: Iterable[str]) -> set[str]:
        """Which of these people were in our care."""
        mine = select(Retiree.id).where(among(Retiree.id, set(people)))
        return set(side.scalars(mine.where(Retiree.office_id == self.me.office_id)))

    def _made(self, side: Session, changes: Iterable[str], *, entered: bool) -> set[str]:
        """Which of these entries a log has, with their records among the records or not."""
        rows = side.execute(
            select(Change.change_id, Change.outcome).where(among(Change.change_id, set(changes)))
        ).all()
        inside = {row.change_id for row in rows if row.outcome in ENTERED}
        return inside if entered else {row.change_id for row in rows} - inside


def _names(entity: type[Record]) -> list[str]:
    return ["id", "stamps", *wire_fields(table_of(entity))]


def _raw(entity: type[Record], names: Sequence[str]) -> Select[*tuple[Any, ...]]:
    """As the file has them: both are SQLite, and nothing is to be understood."""
    table = table_of(entity)
    columns: list[ColumnElement[Any]] = [literal_column(f'"{name}"') for name in names]
    return select(*columns).select_from(table).order_by(table.c.id)


def _stamps(row: Found) -> dict[str, str]:
    found: dict[str, str] = json.loads(row[1] or "{}")
    return found
