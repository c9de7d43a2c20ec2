"""Who did or saw what (操作日志), append-only.

An entry that travels is chained as part of the installation's stream, which is hashed and signed;
`altered` compares the table with the stream. What stays on this PC carries the digest of the entry
before it.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from app import acts, circles, roles
from app.clock_off import ClockOff, clock_off
from app.kit.listing import SIZE, Page, cut
from app.kit.who import at_desk
from models.account import Account
from models.audit import Audit
from models.entities import BY_NAME, personal
from models.exchange import REOFFERED, Change
from models.kit import clock
from models.kit.base import to_wire, wire_fields
from models.kit.changes import base_of
from models.kit.ids import new_id
from models.kit.stream import matches, read_head, read_payload
from models.local_note import LocalNote
from models.printed import Print
from models.retiree import Retiree
from models.staff import Staff

LOCAL = "audit"
NEVER_ENTERED = (None, "erased", REOFFERED)
PRINTED = "打印"
_PRINT_WORDS = (Print.paper, Print.number, Print.purpose)
LOGINS = (LocalNote.kind == LOCAL, LocalNote.key == "login")
LOCAL_WORDS = {"login": "登录"}
GROUPS: dict[str, frozenset[str]] = {
    "login": frozenset({"login"}),
    "seen": frozenset({"查看"}),
    "papers": frozenset({PRINTED, "导出"}),
    "accounts": frozenset(
        {"新增账号", "改角色", "停用账号", "启用账号", "重置口令", "修改口令", "换恢复口令卡"}
    ),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of 操作日志; ``local`` entries stay on this PC. The others came by a ``change``; its
    own time is shown where the record has none, ``written_at``. ``clock`` is what was measured of
    the clock that gave the time."""

    id: str
    at: datetime
    who: str
    act: str
    detail: str
    succeeded: bool = True
    local: bool = False
    entity: str = ""
    entity_id: str = ""
    change: str = ""
    written_at: datetime | None = None
    clock: ClockOff | None = None


def note(
    session: Session,
    act: str,
    entity: str | None = None,
    entity_id: str | None = None,
    detail: str | None = None,
    *,
    succeeded: bool = True,
    people: Sequence[str] = (),
) -> None:
    """One entry about the person at the desk, in the transaction of what it tells; ``people`` are
    all who were in it, without them whose the record is."""
    session.add(
        Audit(
            id=new_id(),
            at=clock.now(),
            who=at_desk(session).name,
            act=act,
            entity=entity,
            entity_id=entity_id,
            detail=detail,
            succeeded=succeeded,
            people=list(people) or _whose(session, entity, entity_id),
        )
    )


def _whose(session: Session, entity: str | None, entity_id: str | None) -> list[str] | None:
    """The person a record is of; None of one that is nobody's, and of a person."""
    key = {one.__tablename__: name for one, name in personal()}.get(entity or "", "id")
    if entity is None or entity_id is None or key == "id":
        return None
    record = session.get(BY_NAME[entity], entity_id)
    return [getattr(record, key)] if record and getattr(record, key) else None


def local_note(session: Session, act: str, detail: dict[str, Any] | None = None) -> None:
    """An entry that never leaves this PC: logins, exchanges. Values are plain."""
    session.flush()
    before = session.scalars(
        select(LocalNote).where(LocalNote.kind == LOCAL).order_by(LocalNote.id.desc()).limit(1)
    ).first()
    said = {
        "at": clock.now().isoformat(),
        "who": at_desk(session).name,
        "act": act,
        "detail": detail or {},
        "before": digest(before.value) if before else "",
    }
    session.add(LocalNote(id=new_id(), kind=LOCAL, key=act, value=said))


def digest(said: Any) -> str:
    """What the next local entry carries of this one."""
    return sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def entries(
    session: Session, text: str = "", group: str = "", number: int = 1, retiree_id: str = ""
) -> Page[Entry]:
    """A page of the log, newest first; for the head and the auditor. Of one person: everything
    that was looked at, printed, taken out or changed."""
    roles.allow(at_desk(session), "audit", "see")
    wanted = GROUPS.get(group)
    if retiree_id:
        return _of_person(session, retiree_id, text, wanted, number)
    parts = [
        select(Audit.id.label("id")).where(*_travelling(text, wanted)),
        select(LocalNote.id.label("id")).where(*_local(text, wanted)),
    ]
    if wanted is None or PRINTED in wanted:
        parts.append(select(Print.id.label("id")).where(*_printed(text)))
    every = union_all(*parts).subquery()
    total = session.scalar(select(func.count()).select_from(every)) or 0
    number = max(1, min(number, -(-total // SIZE) or 1))
    ids = session.scalars(
        select(every.c.id).order_by(every.c.id.desc()).limit(SIZE).offset((number - 1) * SIZE)
    ).all()
    return cut(_with_clocks(session, _entries(session, ids)), total, number)


def _of_person(
    session: Session, key: str, text: str, wanted: frozenset[str] | None, number: int
) -> Page[Entry]:
    """One person's entries are few enough to be sorted here."""
    told = session.scalars(select(Audit.id).where(Audit.is_void.is_(False), _about(key)))
    prints = session.scalars(
        select(Print.id).where(Print.retiree_id == key, Print.is_void.is_(False))
    )
    found = [*_entries(session, [*told, *prints]), *_edits(session, key)]
    words = text.split()
    shown = [
        one
        for one in sorted(found, key=lambda one: (one.at, one.id), reverse=True)
        if (wanted is None or one.act in wanted)
        and all(word in f"{one.who} {one.act} {one.detail}" for word in words)
    ]
    number = max(1, min(number, -(-len(shown) // SIZE) or 1))
    rows = _with_clocks(session, shown[(number - 1) * SIZE : number * SIZE])
    return cut(rows, len(shown), number)


def _with_clocks(session: Session, rows: list[Entry]) -> list[Entry]:
    off = clock_off(session, {one.change: one.written_at for one in rows})
    return [replace(one, clock=off.get(one.change)) for one in rows]


def _about(key: str) -> ColumnElement[bool]:
    """The entry names the person, or a list with the person in it."""
    listed = cast(Audit.people, String).contains(f'"{key}"', autoescape=True)
    own = and_(Audit.entity == Retiree.__tablename__, Audit.entity_id == key)
    return or_(own, and_(Audit.people.is_not(None), listed))


def _edits(session: Session, key: str) -> list[Entry]:
    hidden = circles.hidden_fields(session, Retiree)
    return [
        Entry(
            one.at.isoformat(),
            one.at,
            one.who,
            "登记入册" if one.op == "insert" else one.turned or "修改资料",
            "、".join(filter(None, (one.reason, *(label for label, _ in one.fields)))),
            entity=Retiree.__tablename__,
            entity_id=key,
            change=one.change,
        )
        for one in acts.edits(session, key, hidden)
    ]


def people(session: Session, limit: int = 300) -> list[tuple[str, str]]:
    """(id, name) of those the log named last: whom one may look up."""
    roles.allow(at_desk(session), "audit", "see")
    named = select(Audit.entity_id.label("key"), Audit.id.label("at")).where(
        Audit.entity == Retiree.__tablename__, Audit.entity_id.is_not(None)
    )
    papers = select(Print.retiree_id, Print.id).where(Print.retiree_id.is_not(None))
    both = union_all(named, papers).subquery()
    last = select(both.c.key, func.max(both.c.at).label("at")).group_by(both.c.key).subquery()
    rows = session.execute(
        select(Retiree.id, Retiree.name)
        .join(last, last.c.key == Retiree.id)
        .order_by(last.c.at.desc())
        .limit(limit)
    )
    return [(row.id, row.name) for row in rows]


def _travelling(text: str, acts: frozenset[str] | None) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Audit.is_void.is_(False)]
    if acts is not None:
        found.append(Audit.act.in_(acts))
    for word in text.split():
        places = (Audit.who, Audit.act, Audit.detail)
        found.append(or_(*(each.contains(word, autoescape=True) for each in places)))
    return found


def _printed(text: str) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Print.is_void.is_(False)]
    for word in text.split():
        names = select(Retiree.id).where(Retiree.name.contains(word, autoescape=True))
        staff = select(Account.id).join(Staff, Staff.id == Account.staff_id)
        found.append(
            or_(
                *(one.contains(word, autoescape=True) for one in _PRINT_WORDS),
                Print.retiree_id.in_(names),
                Print.created_by.in_(staff.where(Staff.name.contains(word, autoescape=True))),
                literal(word == PRINTED),
            )
        )
    return found


def _local(text: str, acts: frozenset[str] | None) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [LocalNote.kind == LOCAL]
    if acts is not None:
        found.append(LocalNote.key.in_(acts))
    for word in text.split():
        named = [key for key, words in LOCAL_WORDS.items() if word in words]
        who = LocalNote.value["who"].as_string().contains(word, autoescape=True)
        found.append(or_(who, LocalNote.key.in_(named)))
    return [and_(*found)]


def _entries(session: Session, ids: Iterable[str]) -> list[Entry]:
    wanted = list(ids)
    rows: dict[str, Entry] = {
        one.id: Entry(
            one.id,
            one.at,
            one.who or "",
            one.act,
            one.detail or "",
            succeeded=one.succeeded,
            entity=one.entity or "",
            entity_id=one.entity_id or "",
            change=base_of(one.stamps, "id"),
            written_at=one.at,
        )
        for one in session.scalars(select(Audit).where(Audit.id.in_(wanted)))
    }
    for note in session.scalars(select(LocalNote).where(LocalNote.id.in_(wanted))):
        rows[note.id] = _local_entry(note)
    rows |= _print_entries(session, wanted)
    return [rows[key] for key in wanted if key in rows]


def _print_entries(session: Session, ids: Sequence[str]) -> dict[str, Entry]:
    names = acts.names(session)
    rows = session.execute(
        select(Print, Retiree.name)
        .join(Retiree, Retiree.id == Print.retiree_id, isouter=True)
        .where(Print.id.in_(ids))
    )
    return {
        one.id: Entry(
            one.id,
            one.printed_at,
            names.get(one.created_by or "", ""),
            PRINTED,
            _print_words(one, name),
            entity=Retiree.__tablename__ if one.retiree_id else "",
            entity_id=one.retiree_id or "",
            change=base_of(one.stamps, "id"),
            written_at=one.printed_at,
        )
        for one, name in rows
    }


def _print_words(one: Print, name: str | None) -> str:
    said = (
        f"{name} 的{one.paper}" if name else one.paper,
        f"编号 {one.number}" if one.number else "",
        f"第 {one.times} 次" if one.times > 1 else "",
        f"用途：{one.purpose}" if one.purpose else "",
    )
    return "，".join(part for part in said if part)


def _local_entry(note: LocalNote) -> Entry:
    said = note.value
    act = LOCAL_WORDS.get(said["act"], said["act"])
    wrong = said["detail"].get("wrong_before")
    told = f"此前输错 {wrong} 次口令" if wrong else ""
    at = datetime.fromisoformat(said["at"])
    return Entry(note.id, at, said["who"], act, told, local=True)


def altered(session: Session) -> list[str]:
    """Ids of entries that were changed, removed or put in behind the program's back."""
    return _altered_local(session) + _altered_travelling(session)


def _altered_local(session: Session) -> list[str]:
    rows = session.scalars(
        select(LocalNote).where(LocalNote.kind == LOCAL).order_by(LocalNote.id)
    ).all()
    wrong, before = [], ""
    for row in rows:
        if row.value["before"] != before:
            wrong.append(row.id)
        before = digest(row.value)
    return wrong


def _altered_travelling(session: Session) -> list[str]:
    changes = session.execute(
        select(Change.head, Change.payload, Change.entity_id, Change.outcome).where(
            Change.entity == Audit.__tablename__
        )
    ).all()
    present = {row.id: row for row in session.scalars(select(Audit))}
    wrong, seen = [], set[str]()
    for change in changes:
        head, row = read_head(change.head), present.get(change.entity_id)
        seen.add(change.entity_id)
        genuine = change.payload is None or matches(head, change.payload)
        if row is None and change.payload is None and change.outcome in NEVER_ENTERED:
            continue  # of somebody who was erased before the centre had decided it
        if row is None or head.op != "insert" or not genuine:
            wrong.append(change.entity_id)
        elif change.payload is not None and _said(row) != read_payload(change.payload).values:
            wrong.append(row.id)
    ours = {key for key, row in present.items() if row.stamps}
    return sorted({*wrong, *(ours - seen)})


def _said(row: Audit) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in wire_fields(Audit.__table__)}
    return {
        name: to_wire(Audit, name, value) for name, value in values.items() if value is not None
    }
