"""Drafts (草稿): what somebody was typing, kept on this PC only, never in the stream."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from app.kit.who import at_desk
from models.kit import clock
from models.kit.ids import new_id
from models.parameter import LocalNote

KIND = "draft"


@dataclass(frozen=True, slots=True)
class Draft:
    """``form`` names the form, ``subject`` what it was opened on (empty for a new one)."""

    id: str
    form: str
    subject: str
    title: str
    values: Mapping[str, Any]
    saved_at: datetime


def save(
    session: Session, form: str, subject: str, values: Mapping[str, Any], title: str = ""
) -> Draft:
    """Keep this state of a form, over the last one. Values are plain (what JSON holds)."""
    now = clock.now()
    said = {"values": dict(values), "title": title, "at": now.isoformat()}
    row = session.scalars(_mine(session).where(LocalNote.key == _key(form, subject))).first()
    if row is None:
        who = at_desk(session).account
        row = LocalNote(id=new_id(), kind=KIND, key=_key(form, subject), created_by=who)
        session.add(row)
    row.value = said
    session.flush()
    return _draft(row)


def find(session: Session, form: str, subject: str = "") -> Draft | None:
    """One's own draft of this form, for 继续填写 / 重新填."""
    row = session.scalars(_mine(session).where(LocalNote.key == _key(form, subject))).first()
    return _draft(row) if row else None


def waiting(session: Session) -> list[Draft]:
    """One's own drafts, newest first: 上次有 N 份未保存的登记."""
    drafts = [_draft(row) for row in session.scalars(_mine(session))]
    return sorted(drafts, key=lambda one: one.saved_at, reverse=True)


def drop(session: Session, form: str, subject: str = "") -> None:
    """After saving, or 重新填. Nothing of it stays."""
    rows = session.scalars(_mine(session).where(LocalNote.key == _key(form, subject))).all()
    session.execute(delete(LocalNote).where(LocalNote.id.in_([row.id for row in rows])))


def _key(form: str, subject: str) -> str:
    return f"{form}:{subject}"


def _mine(session: Session) -> Select[LocalNote]:
    return select(LocalNote).where(
        LocalNote.kind == KIND, LocalNote.created_by == at_desk(session).account
    )


def _draft(row: LocalNote) -> Draft:
    form, _, subject = (row.key or "").partition(":")
    said = row.value
    at = datetime.fromisoformat(said["at"])
    return Draft(row.id, form, subject, said["title"], said["values"], at)
