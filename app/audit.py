"""Who did or saw what (操作日志), append-only.

An entry that travels is chained as part of the installation's stream, which is hashed and signed;
`altered` compares the table with the stream. What stays on this PC carries the digest of the entry
before it.
"""

import json
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit.who import at_desk
from models.exchange import Change
from models.kit import clock
from models.kit.base import to_wire, wire_fields
from models.kit.ids import new_id
from models.kit.stream import matches, read_head, read_payload
from models.parameter import Audit, LocalNote

LOCAL = "audit"


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
