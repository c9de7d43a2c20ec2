"""R21: an action that stays outside as a whole because one of its values is in dispute (待裁定):
what else it says, and how it is taken or left. Never half of it."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from app import nouns
from app.circles import allow_fields, hidden_in
from app.kit.refusal import Refusal
from app.nouns import KEPT, POINTERS
from app.undo import UNDO_REASON
from models.entities import BY_NAME
from models.exchange import CASE, LATE, Change, Conflict, Deferred, Held
from models.kit import clock
from models.kit.among import among
from models.kit.base import SYSTEM, Record, fact_of, from_wire, table_of
from models.kit.changes import base_of
from models.kit.fields import Fact
from models.kit.masks import masked
from models.kit.stream import Head, read_head
from models.kit.voiding import belonging
from models.retiree import ADDRESS_PARTS, Retiree
from models.schema import today

QUIET = ADDRESS_PARTS | POINTERS | {"office_id", "created_at", "created_by"}
SHOWN, SAID = 6, 3
VOID = "is_void"
NEWER = "里面有新版程序的内容，请先升级程序再采用；不采用不受影响"


@dataclass(frozen=True, slots=True)
class Part:
    """One change of the action; ``values`` as the wire carries them, None once cleared."""

    change_id: str
    head: Head
    values: dict[str, Any] | None


def action_of(session: Session, change_id: str) -> list[Part]:
    """The whole action of a change that was put aside, in its order; empty where it entered."""
    return parts_of(session, change_id, Change.outcome == CASE)


def parts_of(session: Session, change_id: str, *where: ColumnElement[bool]) -> list[Part]:
    """The whole action of a change, in its order, but for what was late: that stands before
    another station."""
    one = session.scalars(
        select(Change).where(Change.change_id == change_id, *where).limit(1)
    ).first()
    return whole(session, one) if one is not None else []


def whole(session: Session, one: Change, only: Collection[str] = ()) -> list[Part]:
    """The same of a change at hand, or only what it says of these nouns."""
    head = read_head(one.head)
    first = one.seq - head.part
    return _between(session, one, first, first + head.parts - 1, only)


def of_all(session: Session, one: Change, bulk: str, only: Collection[str]) -> list[Part]:
    """What was said of nobody by him who wrote this change for one of many people: that comes
    first, and is of these nouns."""
    first = session.scalar(
        select(Change.seq).where(
            Change.change_id == bulk,
            Change.office_id == one.office_id,
            Change.incarnation == one.incarnation,
        )
    )
    return [] if first is None else _between(session, one, first, one.seq, only)


def _between(
    session: Session, one: Change, first: int, last: int, only: Collection[str]
) -> list[Part]:
    rows = session.execute(
        select(Change.change_id, Change.head, Change.payload)
        .where(
            Change.office_id == one.office_id,
            Change.incarnation == one.incarnation,
            Change.seq.between(first, last),
            Change.outcome.is_distinct_from(LATE),
            *([Change.entity.in_(only)] if only else []),
        )
        .order_by(Change.seq)
    )
    return [
        Part(row.change_id, head, values if row.payload else None)
        for row in rows
        for head, values in (today(row.head, row.payload),)
    ]


def cases_of(
    session: Session, parts: Sequence[Part], *where: ColumnElement[bool]
) -> Sequence[Conflict]:
    """Every dispute of the action."""
    said = [one.change_id for one in parts]
    return session.scalars(select(Conflict).where(Conflict.other_change.in_(said), *where)).all()


# in words -------------------------------------------------------------------------------------


def also(
    session: Session, parts: Sequence[Part], about: str, but: Collection[tuple[str, str]]
) -> tuple[str, ...]:
    """What it says besides the disputed values ``but`` (record, field), a line each; the program's
    own books are not told."""
    told = [part for part in parts if part.head.entity in BY_NAME and part.head.entity not in KEPT]
    gone = [one for one in told if _voids(one)]
    kinds = Counter(
        nouns.of(one.head.entity).word for one in gone if (one.head.entity_id, VOID) not in but
    )
    lines = [f"一起作废：{_counted(kinds)}"] if kinds else []
    rest = (one for one in told if one not in gone)
    lines += [line for part in rest for line in _lines(session, part, about, but)]
    more = len(lines) - SHOWN
    return (*lines[:SHOWN], f"另有 {more} 项") if more > 0 else tuple(lines)


def _voids(part: Part) -> bool:
    return part.head.op != "insert" and bool((part.values or {}).get(VOID))


def _counted(kinds: Mapping[str, int]) -> str:
    return "、".join(f"{noun} {n} 条" if n > 1 else noun for noun, n in kinds.items())


def voided_words(value: Any, reason: str | None) -> str:
    """作废（登记重了）, or that it is not."""
    if not value:
        return "没有作废"
    return f"作废（{reason}）" if reason else "作废"


def _lines(
    session: Session, part: Part, about: str, but: Collection[tuple[str, str]]
) -> Iterable[str]:
    head, entity = part.head, BY_NAME[part.head.entity]
    who = _whose(session, head, part.values or {}, about)
    noun = nouns.of(head.entity).word
    hidden = hidden_in(session, entity, row_of(session, part))
    said = [
        f"{fact.label} {shown(fact, from_wire(entity, name, value))}"
        for name, value in (part.values or {}).items()
        if (fact := fact_of(entity, name)) is not None
        and name not in QUIET | hidden
        and fact.link is None
        and (head.entity_id, name) not in but
        and (value or head.op != "insert")
    ]
    if head.op == "insert":
        inside = f"（{'、'.join(said[:SAID])}）" if said else ""
        yield f"{who}新登记{noun}{inside}"
    else:
        yield from (f"{who}{one}" for one in said)


def _whose(session: Session, head: Head, values: dict[str, Any], about: str) -> str:
    """Somebody else than the person it is all about is named."""
    key = head.entity_id if head.entity == Retiree.__tablename__ else values.get("retiree_id")
    found = session.get(Retiree, key) if key and key != about else None
    return f"{found.name}：" if found else ""


def row_of(session: Session, part: Part) -> Mapping[str, Any] | None:
    """What says whether a closed circle has the whole record; None where nobody knows."""
    entity, values = BY_NAME[part.head.entity], part.values or {}
    if entity.closing is None or entity.closing[0] in values or part.head.op == "insert":
        return values
    record = session.get(entity, part.head.entity_id)
    return {entity.closing[0]: getattr(record, entity.closing[0])} if record else None


def shown(fact: Fact, read: Any) -> str:
    """A value in a line."""
    if read in (None, "", []):
        return "没有填"
    return masked(fact.mask, str(read)) if fact.mask else fact.kind.show(read)


# taken or left --------------------------------------------------------------------------------


def take(session: Session, parts: Sequence[Part]) -> None:
    """All of it holds: as if it were said now, but for what its author said of it later."""
    for part in parts:
        entity = BY_NAME.get(part.head.entity)
        if part.values is None:
            raise Refusal("那次操作的内容已按要求清除，不能采用，请另定一个值")
        if entity is None or part.values.keys() - set(table_of(entity).c.keys()) - SYSTEM:
            raise Refusal(NEWER)
        allow_fields(session, entity, part.values)
        values = {name: from_wire(entity, name, one) for name, one in part.values.items()}
        record = session.get(entity, part.head.entity_id)
        _sees_all(session, part)
        if part.head.op == "insert" and record is None:
            session.add(entity(id=part.head.entity_id, **values))
        elif part.head.op == "insert" and record is not None:
            _bring_back(session, record, part)
        elif part.head.op != "insert" and record is not None:
            for name, value in values.items():
                if not _went_on(session, base_of(record.stamps, name), part.change_id, name):
                    setattr(record, name, value)
        session.flush()


def _bring_back(session: Session, record: Record, part: Part) -> None:
    """It was taken before, and the ruling taken back."""
    by = base_of(record.stamps, VOID)
    if record.void_reason == UNDO_REASON and not _went_on(session, by, part.change_id, VOID):
        record.is_void, record.void_reason = False, None


def void_again(session: Session, change_id: str, back: str) -> None:
    """What a voiding took from sight, and the action of ``back`` brought back, goes after all."""
    came = {part.change_id for part in parts_of(session, back)}
    for part in parts_of(session, change_id):
        entity, values = BY_NAME.get(part.head.entity), part.values or {}
        record = session.get(entity, part.head.entity_id) if entity else None
        _sees_all(session, part)
        if record and values.get("is_void") and base_of(record.stamps, "is_void") in came:
            record.is_void, record.void_reason = True, values.get("void_reason")


def _sees_all(session: Session, part: Part) -> None:
    """A voiding names what it takes from sight: what only a newer program shows, nobody here saw
    go."""
    entity, key = BY_NAME.get(part.head.entity), part.head.entity_id
    if entity is None or not _voids(part):
        return
    under = [one for _, _, one, _ in belonging(session, entity, [key])]
    hangs_on = Deferred.value == msgspec.msgpack.encode(key)
    if session.scalar(
        select(exists().where(or_(among(Deferred.entity_id, [key, *under]), hangs_on)))
    ):
        raise Refusal(NEWER)


def leave(session: Session, parts: Sequence[Part]) -> None:
    """None of it holds, so what rests on it never gets it."""
    born = [part.head.entity_id for part in parts if part.head.op == "insert"]
    for held in session.scalars(select(Held).where(Held.waits_for.in_(born))):
        held.forced_at = held.forced_at or clock.now()


def _went_on(session: Session, now: str, change_id: str, name: str) -> bool:
    """Was the present value written by somebody who knew of this change?"""
    passed: set[str] = set()
    while now and now not in passed:
        if now == change_id:
            return True
        passed.add(now)
        head = session.scalars(select(Change.head).where(Change.change_id == now).limit(1)).first()
        now = read_head(head).bases.get(name, "") if head else ""
    return False
