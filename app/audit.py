"""Who did or saw what (操作日志), append-only.

An entry that travels is chained as part of the installation's stream, which is hashed and signed;
`altered` compares the table with the stream. What stays on this PC carries the digest of the entry
before it.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, union_all
from sqlalchemy.orm import Session

from app import roles
from app.kit.listing import SIZE, Page, cut
from app.kit.who import at_desk
from models.exchange import Change
from models.kit import clock
from models.kit.base import to_wire, wire_fields
from models.kit.ids import new_id
from models.kit.stream import matches, read_head, read_payload
from models.parameter import Audit, LocalNote

LOCAL = "audit"
LOCAL_WORDS = {"login": "登录"}
GROUPS: dict[str, frozenset[str]] = {
    "login": frozenset({"login"}),
    "seen": frozenset({"查看"}),
    "papers": frozenset({"打印", "导出"}),
    "accounts": frozenset(
        {"新增账号", "改角色", "停用账号", "启用账号", "重置口令", "修改口令", "换恢复口令卡"}
    ),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of 操作日志; ``local`` entries stay on this PC."""

    id: str
    at: datetime
    who: str
    act: str
    detail: str
    succeeded: bool = True
    local: bool = False
    entity: str = ""
    entity_id: str = ""


def note(
    session: Session,
    act: str,
    entity: str | None = None,
    entity_id: str | None = None,
    detail: str | None = None,
    *,
    succeeded: bool = True,
) -> None:
    """One entry about the person at the desk, in the transaction of what it tells."""
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
        )
    )


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


def entries(session: Session, text: str = "", group: str = "", number: int = 1) -> Page[Entry]:
    """A page of the log, newest first; for the head and the auditor."""
    roles.allow(at_desk(session), "audit", "see")
    acts = GROUPS.get(group)
    travelling = select(Audit.id.label("id")).where(*_travelling(text, acts))
    here = select(LocalNote.id.label("id")).where(*_local(text, acts))
    both = union_all(travelling, here).subquery()
    total = session.scalar(select(func.count()).select_from(both)) or 0
    number = max(1, min(number, -(-total // SIZE) or 1))
    ids = session.scalars(
        select(both.c.id).order_by(both.c.id.desc()).limit(SIZE).offset((number - 1) * SIZE)
    ).all()
    return cut(_entries(session, ids), total, number)


def _travelling(text: str, acts: frozenset[str] | None) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Audit.is_void.is_(False)]
    if acts is not None:
        found.append(Audit.act.in_(acts))
    for word in text.split():
        places = (Audit.who, Audit.act, Audit.detail)
        found.append(or_(*(each.contains(word, autoescape=True) for each in places)))
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
        )
        for one in session.scalars(select(Audit).where(Audit.id.in_(wanted)))
    }
    for note in session.scalars(select(LocalNote).where(LocalNote.id.in_(wanted))):
        rows[note.id] = _local_entry(note)
    return [rows[key] for key in wanted if key in rows]


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
        select(Change.head, Change.payload, Change.entity_id).where(
            Change.entity == Audit.__tablename__
        )
    ).all()
    present = {row.id: row for row in session.scalars(select(Audit))}
    wrong, seen = [], set[str]()
    for change in changes:
        head, row = read_head(change.head), present.get(change.entity_id)
        seen.add(change.entity_id)
        genuine = change.payload is None or matches(head, change.payload)
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
