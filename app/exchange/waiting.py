"""What waits for its verdict, as a person would tell it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, not_, select
from sqlalchemy.orm import Session

from app import nouns, person
from app.circles import hidden_fields
from app.exchange.otherwise import kept_count
from app.imports.giving_back import UNDONE
from app.nouns import NOUNS, Line, Noun
from models import attachment as contents
from models.entities import BY_NAME
from models.exchange import Change, Contact, Replica
from models.kit.base import facts, table_of
from models.kit.stream import Head, moment_of
from models.retiree import ADDRESS_PARTS, Retiree
from models.schema import today

UNREACHABLE = "连不上区中心"
NAMED, PEEK = 3, 200


@dataclass(frozen=True, slots=True)
class Group:
    """One line of the queue; ``size`` in bytes."""

    icon: str
    tone: str
    title: str
    at: datetime
    count: int
    size: int


@dataclass(frozen=True, slots=True)
class Queue:
    """What has no verdict yet; ``total`` counts single entries."""

    total: int
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Bottom:
    """The two facts at the bottom of the side bar; the oldest of what waits is of ``since``, and
    ``kept`` of what was decided otherwise nobody has looked at."""

    saved_at: datetime | None
    waiting: int
    offline: bool
    since: datetime | None = None
    kept: int = 0


def bottom(session: Session) -> Bottom:
    """Of this moment."""
    return Bottom(
        last_saved(session),
        waiting(session),
        offline(session),
        since(session),
        kept_count(session),
    )


def last_saved(session: Session) -> datetime | None:
    """When something was entered here last."""
    me = session.scalars(select(Replica)).one()
    last = session.scalar(
        select(Change.hlc).where(
            Change.office_id == me.office_id,
            Change.incarnation == me.incarnation,
            Change.seq == me.seq,
        )
    )
    return moment_of(last) if last else None


def waiting(session: Session) -> int:
    """Own entries without a verdict, and contents of attachments without a receipt, also those
    that are not here."""
    count = session.scalar(select(func.count()).select_from(Change).where(*_waiting(session)))
    return (count or 0) + contents.owed_count(session) + contents.missed_count(session)


def since(session: Session) -> datetime | None:
    """Since when the oldest of it waits; None where nothing does."""
    oldest = session.scalar(select(func.min(Change.hlc)).where(*_waiting(session)))
    both = [moment_of(oldest) if oldest else None, contents.waits_since(session)]
    return min(filter(None, both), default=None)


def offline(session: Session) -> bool:
    """Was the centre out of reach at the last attempt?"""
    last = session.scalars(
        select(Contact).where(Contact.way == "网络").order_by(Contact.at.desc()).limit(1)
    ).first()
    return last is not None and last.result == "failed" and UNREACHABLE in (last.message or "")


def _waiting(session: Session) -> tuple[ColumnElement[bool], ...]:
    own = session.scalars(select(Replica.office_id)).one()
    return Change.outcome.is_(None), Change.office_id == own


def queue(session: Session) -> Queue:
    """The waiting entries as a person would tell them, newest first."""
    mine = _waiting(session)
    imports, voids = _imports(session, mine), _voids(session, mine)
    rest = (*mine, *(_outside(one) for one in (*imports, *voids)))
    groups = [_import_group(session, one) for one in imports]
    groups += [_void_group(session, one) for one in voids]
    sizes = {
        entity: (count, hlc, size)
        for entity, count, hlc, size in session.execute(
            select(
                Change.entity,
                func.count(),
                func.max(Change.hlc),
                func.sum(func.length(Change.head) + func.coalesce(func.length(Change.payload), 0)),
            )
            .where(*rest)
            .group_by(Change.entity)
        )
    }
    if people := sizes.pop("retiree", None):
        groups += _people(session, rest, people)
    for entity, noun in NOUNS.items():
        if entity in sizes and noun.queue is not None:
            groups.append(_group(session, rest, entity, noun, noun.queue, sizes[entity]))
    groups += [*_bookkeeping(sizes), *_contents(session)]
    groups.sort(key=lambda one: one.at, reverse=True)
    return Queue(waiting(session), tuple(groups))


def counts(session: Session) -> list[tuple[str, int]]:
    """(noun, entries) of what `waiting` counts and we have, for the slip that goes with a stick."""
    rows = session.execute(
        select(Change.entity, func.count()).where(*_waiting(session)).group_by(Change.entity)
    )
    told = sorted((nouns.of(entity).word, count) for entity, count in rows)
    owed = contents.owed_count(session)
    return [*told, ("附件内容", owed)] if owed else told


@dataclass(frozen=True, slots=True)
class _Action:
    head: Head
    values: Mapping[str, Any]
    incarnation: str
    first: int


def _imports(session: Session, mine: tuple[ColumnElement[bool], ...]) -> list[_Action]:
    """Whole rosters: one action of thousands of entries each."""
    return [one for one in _actions(session, mine, "import", 20) if one.head.op == "insert"]


def _voids(session: Session, mine: tuple[ColumnElement[bool], ...]) -> list[_Action]:
    """People voided with all that was noted of them."""
    return [
        one
        for one in _actions(session, mine, "retiree", PEEK)
        if one.head.part == 0 and one.values.get("is_void") and one.head.op != "insert"
        and one.values.get("void_reason") != UNDONE
    ]  # fmt: skip


def _actions(
    session: Session, mine: tuple[ColumnElement[bool], ...], entity: str, limit: int
) -> Iterable[_Action]:
    rows = session.execute(
        select(Change.head, Change.payload, Change.incarnation, Change.seq)
        .where(*mine, Change.entity == entity)
        .order_by(Change.seq.desc())
        .limit(limit)
    )
    for row in rows:
        head, values = today(row.head, row.payload)
        yield _Action(head, values, row.incarnation, row.seq - head.part)


def _inside(one: _Action) -> ColumnElement[bool]:
    last = one.first + one.head.parts - 1
    return and_(Change.incarnation == one.incarnation, Change.seq.between(one.first, last))


def _outside(one: _Action) -> ColumnElement[bool]:
    return not_(_inside(one))


def _size(session: Session, one: _Action) -> int:
    length = func.sum(func.length(Change.head) + func.length(Change.payload))
    return int(session.scalar(select(length).where(_inside(one))) or 0)


def _void_group(session: Session, one: _Action) -> Group:
    name = person.names(session, [one.head.entity_id]).get(one.head.entity_id, "")
    at, count = moment_of(one.head.hlc), one.head.parts
    return Group("circle-x", "warn", f"{name} 登记作废", at, count, _size(session, one))


def _import_group(session: Session, one: _Action) -> Group:
    name = one.values.get("employer_name") or one.values.get("file_name") or ""
    title = f"导入名册 {one.values.get('n_good', 0)} 人" + (f"（{name}）" if name else "")
    count = one.head.parts
    at = moment_of(one.head.hlc)
    return Group("file-spreadsheet", "pri", title, at, count, _size(session, one))


def _people(
    session: Session, rest: tuple[ColumnElement[bool], ...], sizes: tuple[int, int, int]
) -> list[Group]:
    """New people together; edits by person while they are few."""
    count, hlc, size = sizes
    told = list(_told(session, rest, "retiree"))
    new = [head.entity_id for head, _ in told if head.op == "insert"]
    edits: dict[str, list[tuple[Head, Mapping[str, Any]]]] = {}
    for head, values in told:
        if head.op != "insert" and head.entity_id not in new:
            edits.setdefault(head.entity_id, []).append((head, values))
    each = size // max(1, count)
    names, hidden = person.names(session, [*new, *edits]), hidden_fields(session, Retiree)
    found = []
    if new:
        more = count - len(told)
        title = f"新登记 {len(new) + more} 人{_some(names.get(one, '') for one in new)}"
        at = moment_of(max(head.hlc for head, _ in told if head.op == "insert"))
        found.append(Group("user-plus", "pri", title, at, len(new), each * len(new)))
    if len(edits) > 2 * NAMED:
        entries = sum(len(one) for one in edits.values())
        title = f"资料更正 {len(edits)} 人{_some(names.get(one, '') for one in edits)}"
        found.append(Group("pencil", "neu", title, moment_of(hlc), entries, each * entries))
        return found
    for key, entries_ in edits.items():
        at = moment_of(max(head.hlc for head, _ in entries_))
        title = f"{names.get(key, '')} {_edited(entries_, hidden)}".strip()
        found.append(Group("pencil", "neu", title, at, len(entries_), each * len(entries_)))
    return found


def _edited(entries: Sequence[tuple[Head, Mapping[str, Any]]], hidden: frozenset[str]) -> str:
    """联系电话更正; the first labels, then 等; without what is outside one's circles."""
    if any("is_void" in values for _, values in entries):
        return "恢复登记"
    known = facts(Retiree)
    labels = dict.fromkeys(
        known[name].label
        for _, values in entries
        for name in values
        if name in known and known[name].link is None and name not in ADDRESS_PARTS | hidden
    )
    words = "、".join(list(labels)[:2])
    more = "等" if len(labels) > 2 else ""
    return f"{words}{more}更正" if words else "资料更正"


def _group(
    session: Session,
    rest: tuple[ColumnElement[bool], ...],
    entity: str,
    noun: Noun,
    line: Line,
    sizes: tuple[int, int, int],
) -> Group:
    words, unit = line.words or noun.word, line.unit
    count, hlc, size = sizes
    told = list(_told(session, rest, entity))
    records = len({head.entity_id for head, _ in told})
    if entity == "certification" and any(values.get("form_no") for _, values in told):
        words = "认证回收"
    number = _people_in(session, rest, entity) if unit == "人" else records + count - len(told)
    names = person.names(session, _retirees(session, entity, told))
    said = _some(names.values()) if number <= NAMED else ""
    return Group(
        noun.icon, line.tone, f"{words} {number} {unit}{said}", moment_of(hlc), count, size
    )


def _people_in(session: Session, rest: tuple[ColumnElement[bool], ...], entity: str) -> int:
    """How many people entries of this noun are about."""
    noun = BY_NAME[entity]
    whose = func.coalesce(table_of(noun).c.retiree_id, Change.entity_id)
    query = select(func.count(func.distinct(whose))).select_from(Change)
    joined = query.outerjoin(noun, noun.id == Change.entity_id)
    return session.scalar(joined.where(*rest, Change.entity == entity)) or 0


def _bookkeeping(sizes: Mapping[str, tuple[int, int, int]]) -> list[Group]:
    own = [sizes[one] for one in sizes if nouns.of(one).queue is None]
    if not own:
        return []
    count, size = sum(one[0] for one in own), sum(one[2] for one in own)
    title = f"任务、计划、打印和操作日志 {count} 条"
    return [Group("scroll-text", "neu", title, moment_of(max(one[1] for one in own)), count, size)]


def _contents(session: Session) -> list[Group]:
    """Contents travel by themselves after their records."""
    found, owed = list[Group](), contents.owed(session)
    if owed:
        title, size = f"附件内容 {len(owed)} 份", sum(length for _, length in owed)
        found.append(Group("image", "neu", title, contents.since(session), len(owed), size))
    if count := contents.missed_count(session):
        title, (size, at) = f"附件内容缺 {count} 份，交换后仍缺请“找回”", contents.missed(session)
        found.append(Group("cloud-off", "warn", title, at, count, size))
    return found


def _told(
    session: Session, rest: tuple[ColumnElement[bool], ...], entity: str
) -> Iterable[tuple[Head, Mapping[str, Any]]]:
    rows = session.execute(
        select(Change.head, Change.payload)
        .where(*rest, Change.entity == entity)
        .order_by(Change.seq.desc())
        .limit(PEEK)
    )
    for head, payload in rows:
        yield today(head, payload)


def _retirees(
    session: Session, entity: str, told: Sequence[tuple[Head, Mapping[str, Any]]]
) -> list[str]:
    found = []
    for head, values in told[:NAMED]:
        key = values.get("retiree_id")
        if not key and entity in BY_NAME:
            key = getattr(session.get(BY_NAME[entity], head.entity_id), "retiree_id", None)
        found.append(str(key or ""))
    return [one for one in found if one]


def _some(names: Iterable[str]) -> str:
    given = [one for one in names if one]
    if not given:
        return ""
    return f"（{'、'.join(given[:NAMED])}{'等' if len(given) > NAMED else ''}）"
