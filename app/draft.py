"""Drafts (草稿): what somebody was typing, and the pictures that wait beside it; kept on this PC
only, never in the stream."""

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, or_, select
from sqlalchemy.orm import Session

from app.kit.pictures import Picture
from app.kit.who import at_desk
from models.kit import clock
from models.kit.among import among
from models.kit.ids import new_id
from models.local_note import LocalNote
from models.retiree import Retiree

KIND = "draft"
PICTURE = "#"  # between the key of a form and the digest of a picture beside it


@dataclass(frozen=True, slots=True)
class Draft:
    """``form`` names the form, ``subject`` what it was opened on (empty for a new one);
    ``pictures`` by the name they were given."""

    id: str
    form: str
    subject: str
    title: str
    values: Mapping[str, Any]
    saved_at: datetime
    pictures: tuple[tuple[str, Picture], ...] = ()


def save(
    session: Session,
    form: str,
    subject: str,
    values: Mapping[str, Any],
    title: str = "",
    pictures: Sequence[tuple[str, Picture]] = (),
) -> Draft:
    """Keep this state of a form, over the last one. Values are plain (what JSON holds). A picture
    is written once, however often the form is kept."""
    now = clock.now()
    said = {"values": dict(values), "title": title, "at": now.isoformat()}
    row = session.scalars(_mine(session).where(LocalNote.key == _key(form, subject))).first()
    if row is None:
        who = at_desk(session).account
        row = LocalNote(id=new_id(), kind=KIND, key=_key(form, subject), created_by=who)
        session.add(row)
    row.value = said
    _keep_pictures(session, _key(form, subject), pictures)
    session.flush()
    return _draft(row)


def find(session: Session, form: str, subject: str = "") -> Draft | None:
    """One's own draft of this form, for 继续填写 / 重新填."""
    row = session.scalars(_mine(session).where(LocalNote.key == _key(form, subject))).first()
    if row is None:
        return None
    beside = session.scalars(_mine(session).where(_beside(_key(form, subject))))
    return _draft(row, sorted(beside, key=lambda one: int(one.value["place"])))


def waiting(session: Session) -> list[Draft]:
    """One's own drafts, newest first: 上次有 N 份未保存的登记."""
    forms = _mine(session).where(LocalNote.key.not_like(f"%{PICTURE}%"))
    drafts = [_draft(row) for row in session.scalars(forms)]
    return sorted(drafts, key=lambda one: one.saved_at, reverse=True)


def drop(session: Session, form: str, subject: str = "") -> None:
    """After saving, or 重新填. Nothing of it stays."""
    key = _key(form, subject)
    mine = _mine(session).with_only_columns(LocalNote.id)
    gone = mine.where(or_(LocalNote.key == key, _beside(key)))
    session.execute(delete(LocalNote).where(LocalNote.id.in_(session.scalars(gone).all())))


def hand_on(session: Session, form: str, subject: str, to: str) -> None:
    """What the form was opened on is known as another: everybody's draft of it is found there,
    where they have none of that yet."""
    old, new = _key(form, subject), _key(form, to)
    mine = select(LocalNote).where(LocalNote.kind == KIND, or_(LocalNote.key == old, _beside(old)))
    there = select(LocalNote.created_by).where(LocalNote.kind == KIND, LocalNote.key == new)
    have = set(session.scalars(there))
    for row in session.scalars(mine).all():
        if row.created_by not in have:
            row.key = new + (row.key or "").removeprefix(old)


def let_go(session: Session, before: datetime) -> None:
    """Nobody comes to a draft about a person whose registration was voided and not brought back
    since ``before``; its words and pictures go."""
    drafts = session.execute(select(LocalNote.id, LocalNote.key).where(LocalNote.kind == KIND))
    about = {row.id: _subject(row.key) for row in drafts}
    voided = select(Retiree.id).where(
        among(Retiree.id, set(about.values())),
        Retiree.is_void.is_(True),
        Retiree.void_reason.is_not(None),
        Retiree.updated_at < before,
    )
    gone = set(session.scalars(voided))
    old = [key for key, subject in about.items() if subject in gone]
    session.execute(delete(LocalNote).where(LocalNote.id.in_(old)))


def _subject(key: str | None) -> str:
    return (key or "").partition(":")[2].partition(PICTURE)[0]


def _key(form: str, subject: str) -> str:
    return f"{form}:{subject}"


def _mine(session: Session) -> Select[LocalNote]:
    return select(LocalNote).where(
        LocalNote.kind == KIND, LocalNote.created_by == at_desk(session).account
    )


def _beside(key: str) -> ColumnElement[bool]:
    return LocalNote.key.startswith(f"{key}{PICTURE}", autoescape=True)


def _keep_pictures(session: Session, key: str, pictures: Sequence[tuple[str, Picture]]) -> None:
    there = {row.key: row for row in session.scalars(_mine(session).where(_beside(key)))}
    for place, (name, one) in enumerate(pictures):
        mine = f"{key}{PICTURE}{sha256(one.data).hexdigest()}"
        known = there.pop(mine, None)
        if known is None:
            known = LocalNote(id=new_id(), kind=KIND, key=mine, created_by=at_desk(session).account)
            known.value = {**_plain(name, one), "place": place}
            session.add(known)
        elif known.value["place"] != place:
            known.value = {**known.value, "place": place}
    session.execute(delete(LocalNote).where(LocalNote.id.in_([row.id for row in there.values()])))


def _plain(name: str, one: Picture) -> dict[str, Any]:
    return {
        "name": name,
        "data": b64encode(one.data).decode(),
        "media_type": one.media_type,
        "size": [one.width, one.height, one.pages],
        "taken_on": one.taken_on.isoformat() if one.taken_on else None,
    }


def _picture(said: Mapping[str, Any]) -> tuple[str, Picture]:
    width, height, pages = said["size"]
    day = date.fromisoformat(said["taken_on"]) if said["taken_on"] else None
    data = b64decode(said["data"])
    return said["name"], Picture(data, said["media_type"], width, height, pages, day)


def _draft(row: LocalNote, beside: Sequence[LocalNote] = ()) -> Draft:
    form, _, subject = (row.key or "").partition(":")
    said = row.value
    at = datetime.fromisoformat(said["at"])
    pictures = tuple(_picture(one.value) for one in beside)
    return Draft(row.id, form, subject, said["title"], said["values"], at, pictures)
