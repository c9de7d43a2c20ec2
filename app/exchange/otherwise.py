"""What was decided otherwise than it was said here: both values, and what a person makes of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, not_, or_, select
from sqlalchemy.orm import Session

from app import acts, audit, nouns, person, roles
from app.circles import hidden_in
from app.clock_off import ClockOff, clock_off
from app.kit.refusal import Refusal
from app.kit.who import at_desk
from app.nouns import KEPT, POINTERS
from app.retiree.register import edit
from app.ruling import aside
from app.ruling import ground as grounds
from app.ruling.aside import VOID
from app.undo import UNDO_REASON
from models.entities import BY_NAME
from models.exchange import CASE, Change, Replica
from models.kit import clock
from models.kit.among import among
from models.kit.base import Record, fact_of, facts, from_wire, policy
from models.kit.changes import base_of
from models.kit.fields import Merge
from models.kit.ids import new_id
from models.kit.masks import masked
from models.kit.stream import Head, moment_of, read_head
from models.kit.validate import problem_of
from models.local_note import LocalNote
from models.retiree import ADDRESS_PARTS, Retiree
from models.ruling import NOW, OTHER, Ruling
from models.schema import today

SHORTEST = 2
READ, BACK = "conflict read", "ruling taken back"
OTHERWISE = ("conflict-kept", CASE, "refused", "quarantined")
WHOLE = ("refused", "quarantined")
"""Verdicts of a whole action, which one of its entries stands for."""
SIDES = frozenset({"conflict-kept", CASE})
"""Verdicts with another value to show beside the own one."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field: what was said here, and what stands now."""

    name: str
    label: str
    mine: str
    now: str


@dataclass(frozen=True, slots=True)
class Kept:
    """An own entry that the centre decided otherwise; ``brief``: 男 82岁 · 519902********0571.
    ``open`` whether one may say it again; ``ruling`` what its people decided since, with their
    ground, ``withdrawn`` what they took back of that; ``also`` what else was said in the same
    action, which waits with it; ``ground`` and ``their_ground`` what either value rests on;
    ``clock`` what was measured of the clock that wrote ``at``."""

    change_id: str
    result: str
    entity: str
    noun: str
    retiree_id: str
    name: str
    at: datetime
    who: str
    decided_at: datetime | None
    reason: str
    fields: tuple[Field, ...]
    open: bool
    ruling: str = ""
    withdrawn: str = ""
    also: tuple[str, ...] = ()
    brief: str = ""
    ground: str = ""
    their_ground: str = ""
    clock: ClockOff | None = None

    @property
    def has_sides(self) -> bool:
        """Is there another value to show beside the own one?"""
        return self.result in SIDES


def kept_count(session: Session) -> int:
    """Own entries decided otherwise that nobody has looked at; of a whole action one."""
    return session.scalar(select(func.count()).select_from(Change).where(*_otherwise(session))) or 0


def _otherwise(session: Session) -> tuple[ColumnElement[bool], ...]:
    found = _unread()
    return *found, not_(among(Change.change_id, _beside_another(session, found)))


def _beside_another(session: Session, unread: Sequence[ColumnElement[bool]]) -> set[str]:
    """Entries of an action set aside whole, but for the first that is not of the program's own
    books: that one stands for all. For what goes with a person that is voided, the person does."""
    stands: dict[str, Head] = {}
    beside = _with_somebody(session, unread)
    for raw in session.scalars(
        select(Change.head).where(*unread, Change.outcome.in_(WHOLE)).order_by(Change.seq)
    ):
        head = read_head(raw)
        first = stands.setdefault(head.tx, head)
        if first is not head and first.entity in KEPT and head.entity not in KEPT:
            stands[head.tx], head = head, first
        if stands[head.tx] is not head:
            beside.add(head.change_id)
    return beside


def _with_somebody(session: Session, unread: Sequence[ColumnElement[bool]]) -> set[str]:
    cases = select(Change.head).where(*unread, Change.outcome == CASE)
    heads = [read_head(raw) for raw in session.scalars(cases)]
    gone = {one.tx for one in heads if _voids_somebody(one)}
    return {one.change_id for one in heads if one.tx in gone and not _voids_somebody(one)}


def _voids_somebody(head: Head) -> bool:
    return head.entity == Retiree.__tablename__ and VOID in head.bases


def _unread() -> tuple[ColumnElement[bool], ...]:
    own = select(Replica.office_id).scalar_subquery()
    seen = _noted(READ)
    stands = Ruling.is_void.is_(False)
    ruled = exists().where(_of(Change.change_id), stands, Ruling.id.not_in(seen))
    back = exists().where(_of(Change.change_id), *_taken_back(), Ruling.id.not_in(_noted(BACK)))
    unread = or_(Change.change_id.not_in(seen), ruled, back)
    # of an action that was put aside whole, what is in dispute stands for all of it
    along = and_(Change.outcome == CASE, Change.reason.is_(None))
    # nobody signed it: we took back ourselves what was in dispute
    over = exists().where(
        Ruling.other_change == Change.change_id,
        Ruling.ruled_by.is_(None),
        Ruling.is_void.is_(False),
    )
    return Change.office_id == own, Change.outcome.in_(OTHERWISE), not_(along), not_(over), unread


def _taken_back() -> tuple[ColumnElement[bool], ...]:
    """What was read here, and the centre's people took back since."""
    undone = Ruling.is_void.is_(True) & (Ruling.void_reason == UNDO_REASON)
    return undone, Ruling.id.in_(_noted(READ))


def kept(session: Session, limit: int = 50) -> list[Kept]:
    """Own entries decided otherwise, with both values; newest first."""
    rows = session.scalars(
        select(Change).where(*_otherwise(session)).order_by(Change.decided_at.desc()).limit(limit)
    ).all()
    who = acts.names(session)
    off = clock_off(session, {row.change_id: None for row in rows})
    return [replace(_kept(session, row, who), clock=off.get(row.change_id)) for row in rows]


def _kept(session: Session, row: Change, who: Mapping[str, str]) -> Kept:
    head, values = today(row.head, row.payload)
    entity = BY_NAME.get(head.entity)
    record = session.get(entity, head.entity_id) if entity else None
    retiree_id = _person_of(head, values, record)
    somebody = session.get(Retiree, retiree_id) if retiree_id else None
    name = str(getattr(somebody or record, "name", "") or "")
    fields = _fields(session, entity, record, row, values) if entity else ()
    ruled = [_told_ruling(one, row.change_id) for one in _rulings(session, row.change_id)]
    back = [] if ruled else _rulings(session, row.change_id, *_taken_back())[-1:]
    return Kept(
        head.change_id,
        row.outcome or "",
        head.entity,
        nouns.of(head.entity).word,
        retiree_id,
        name,
        moment_of(head.hlc),
        who.get(head.who, ""),
        row.decided_at,
        row.reason or "",
        fields,
        record is not None and bool(_again(entity, row, values)),
        _joined(ruled),
        _joined(_told_ruling(one, row.change_id) for one in back),
        aside.also(
            session,
            _action(session, row),
            retiree_id,
            {(row.entity_id, each.name) for each in fields},
        ),
        person.brief(somebody) if somebody else "",
        *_grounds(session, record, row, retiree_id or head.entity_id, fields),
    )


def _grounds(
    session: Session, record: Record | None, row: Change, about: str, fields: Sequence[Field]
) -> tuple[str, str]:
    """Of what was said here, and of what stands; an entry set aside whole has no other side."""
    if record is None or row.outcome not in SIDES:
        return "", ""
    stands: dict[str, set[str]] = {}
    for one in fields:
        stands.setdefault(base_of(record.stamps, one.name), set()).add(one.name)
    theirs = (grounds.heard(session, key, about, names) for key, names in stands.items())
    return grounds.behind(session, row, about, {one.name for one in fields}), _joined(theirs)


def _joined(said: Iterable[str]) -> str:
    """Each once."""
    return "；".join(dict.fromkeys(filter(None, said)))


def _action(session: Session, row: Change) -> list[aside.Part]:
    """What was said with it and stays outside with it."""
    if row.outcome in WHOLE:
        parts = aside.parts_of(session, row.change_id)
        return [one for one in parts if one.change_id != row.change_id]
    return aside.action_of(session, row.change_id)


def _rulings(session: Session, change_id: str, *where: ColumnElement[bool]) -> Sequence[Ruling]:
    """Those that stand, or those ``where``."""
    which = where or (Ruling.is_void.is_(False),)
    found = select(Ruling).where(_of(change_id), *which).order_by(Ruling.ruled_at)
    return session.scalars(found).all()


def _of(change: Any) -> ColumnElement[bool]:
    return or_(Ruling.other_change == change, Ruling.kept_change == change)


def _noted(kind: str) -> Select[str | None]:
    return select(LocalNote.key).where(LocalNote.kind == kind)


def _told_ruling(one: Ruling, own: str) -> str:
    """陈主任 11-23 裁定手机采用本站的值，依据：本人来站核对."""
    fact = fact_of(BY_NAME[one.entity], one.item) if one.entity in BY_NAME else None
    holds = {NOW: one.kept_change, OTHER: one.other_change}.get(one.choice)
    word = "采用本站的值" if holds == own else "采用另一方的值" if holds else "另定了一个值"
    when, label = clock.local(one.ruled_at), fact.label if fact else one.item
    if one.is_void:
        return f"{one.ruled_by or '区中心'} {when:%m-%d} 对{label}的裁定已撤回"
    return f"{one.ruled_by or '区中心'} {when:%m-%d} 裁定{label}{word}，依据：{one.ground}"


def _person_of(head: Head, values: Mapping[str, Any], record: Record | None) -> str:
    if head.entity == "retiree":
        return head.entity_id
    return str(values.get("retiree_id") or getattr(record, "retiree_id", "") or "")


def _lost(entity: type[Record], row: Change, values: Mapping[str, Any]) -> list[str]:
    """The names of the fields that lost; of an entry set aside whole, all of them."""
    known = facts(entity)
    if row.outcome not in SIDES:
        return [name for name in values if name in known and name not in ADDRESS_PARTS]
    labels = set((row.reason or "").split("、"))
    disputed = {name: fact for name in values if (fact := fact_of(entity, name)) is not None}
    return [name for name, fact in disputed.items() if fact.label in labels]


def _fields(
    session: Session,
    entity: type[Record],
    record: Record | None,
    row: Change,
    values: Mapping[str, Any],
) -> tuple[Field, ...]:
    part = aside.Part(row.change_id, read_head(row.head), dict(values))
    hidden = hidden_in(session, entity, aside.row_of(session, part))
    found = []
    for name in _lost(entity, row, values):
        fact = fact_of(entity, name)
        if fact is None or name in hidden | POINTERS or fact.link is not None:
            continue
        if name == "void_reason" and VOID in values:
            continue  # told with it
        now = getattr(record, name, None) if record is not None else None
        mine = from_wire(entity, name, values[name])
        if name == VOID:
            reasons = values.get("void_reason"), getattr(record, "void_reason", None)
            shown = aside.voided_words(mine, reasons[0]), aside.voided_words(now, reasons[1])
        else:
            shown = _beside(entity, name, mine, now)
        label = fact.label
        if name == VOID and entity is not Retiree:
            label += nouns.of(entity.__tablename__).word
        found.append(Field(name, label, *shown))
    return tuple(found)


def _beside(entity: type[Record], name: str, mine: Any, now: Any) -> tuple[str, str]:
    """Both values; whole where what tells them apart would be hidden."""
    hidden = _shown(entity, name, mine), _shown(entity, name, now)
    if hidden[0] != hidden[1] or mine == now:
        return hidden
    return str(mine), str(now)


def _shown(entity: type[Record], name: str, value: Any) -> str:
    if value in (None, "", []):
        return "暂无"
    fact = fact_of(entity, name)
    if fact is None or fact.mask is not None:
        return masked(fact.mask, str(value)) if fact and fact.mask else str(value)
    return fact.kind.show(value)


def _again(entity: type[Record] | None, row: Change, values: Mapping[str, Any]) -> list[str]:
    """Fields that may be said again: either side may write them and the later word counts."""
    if entity is None or row.outcome != "conflict-kept":
        return []
    return [one for one in _lost(entity, row, values) if policy(entity, one) is Merge.LWW]


def read(session: Session, change_id: str) -> None:
    """The centre's value is right; the entry has been looked at, or the action it stands for."""
    roles.allow(at_desk(session), "retiree", "write")
    whole = aside.parts_of(session, change_id, Change.outcome.in_(WHOLE))
    whole = whole or _gone_along(session, change_id)
    for key in [one.change_id for one in whole] or [change_id]:
        session.add(LocalNote(id=new_id(), kind=READ, key=key, value={"took": "centre"}))
        for ruled in _rulings(session, key):
            session.add(LocalNote(id=new_id(), kind=READ, key=ruled.id))
        for back in _rulings(session, key, *_taken_back()):
            session.add(LocalNote(id=new_id(), kind=BACK, key=back.id))


def _gone_along(session: Session, change_id: str) -> list[aside.Part]:
    parts = aside.action_of(session, change_id)
    stands = any(one.change_id == change_id and _voids_somebody(one.head) for one in parts)
    return parts if stands else []


def insist(session: Session, change_id: str) -> str:
    """Say it again, now knowing the other value; returns the sentence for the toast."""
    row, record, names = _open_dispute(session, change_id)
    entity, said = type(record), today(row.head, row.payload)[1]
    for name in names:
        setattr(record, name, from_wire(entity, name, said[name]))
    labels = _labels(entity, names)
    audit.note(session, "保留本机的值", row.entity, row.entity_id, labels)
    session.add(LocalNote(id=new_id(), kind=READ, key=change_id, value={"took": "mine"}))
    return f"{labels} 已改回本机的值，会重新上报"


def settle(session: Session, change_id: str, values: Mapping[str, Any], ground: str) -> str:
    """Neither side is right: other values, with what they rest on, go up as a new edit. Returns
    the sentence for the toast."""
    _, record, names = _open_dispute(session, change_id)
    entity, said = type(record), ground.strip()
    if set(values) - set(names):
        raise TypeError(f"not in dispute: {sorted(set(values) - set(names))}")
    if not values:
        raise Refusal("请填写正确的值，或在上面选一个", names[0])
    if isinstance(record, Retiree):
        edit(session, record.id, values)
    else:
        _put(record, values)
    if len(said) < SHORTEST:
        raise Refusal("请写明依据，例如“身份证原件”“本人来站核对”", "ground")
    labels = _labels(entity, list(values))
    note = grounds.noted(labels, said)
    audit.note(session, grounds.SETTLED, entity.__tablename__, record.id, note)
    session.add(LocalNote(id=new_id(), kind=READ, key=change_id, value={"took": "another"}))
    return f"{labels} 已另定，会重新上报"


def _put(record: Record, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        problem = problem_of(facts(type(record))[name], value)
        if problem is not None:
            raise Refusal(problem.message, name)
        setattr(record, name, value)


def _open_dispute(session: Session, change_id: str) -> tuple[Change, Record, list[str]]:
    """The own entry, its record and the fields this station may still speak about."""
    row = session.scalars(select(Change).where(Change.change_id == change_id).limit(1)).first()
    if row is None or row.payload is None:
        raise Refusal("没有找到这一项，请刷新")
    entity = BY_NAME[row.entity]
    roles.allow(at_desk(session), row.entity, "write")
    record = session.get(entity, row.entity_id)
    names = _again(entity, row, today(row.head, row.payload)[1])
    if record is None or not names:
        raise Refusal("这一项由区中心定，本站不能改。请打电话给区中心核对")
    return row, record, names


def _labels(entity: type[Record], names: Sequence[str]) -> str:
    return "、".join(facts(entity)[name].label for name in names)
