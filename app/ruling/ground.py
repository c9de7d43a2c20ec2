"""On what grounds a value was said (依据): what the same action wrote down of that."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import nouns
from app.circles import hidden_fields, hidden_in
from app.ruling import aside
from app.ruling.aside import Part
from models.audit import Audit
from models.entities import BY_NAME, personal
from models.exchange import Change
from models.kit.base import Record, facts, from_wire
from models.kit.changes import base_of
from models.kit.kinds import Text
from models.kit.stream import read_head
from models.schema import today

SETTLED, MARK = "另定一个值", "，依据："
SAYS: Mapping[str, tuple[str, ...]] = {
    "ruling": ("ground",),
    "import": ("file_name",),
    "movement": ("basis", "source_way"),
    "handover": ("basis",),
    "tag": ("evidence",),
    "suspicion": ("decided_note", "detail"),
    "certification": ("certified_on", "method", "docs_checked"),
    "survey": ("surveyed_on", "survey_way"),
    "visit": ("visited_on", "way"),
}
"""The fields that tell it; of several nouns in one action the first here speaks."""
WHOSE = {entity.__tablename__: name for entity, name in personal()}
OF_ALL = frozenset({Audit.__tablename__, *SAYS} - WHOSE.keys())
MANY, BREATH = 1000, 1000
"""Entries of an action, beyond which one looks only at what it says of all its people; milliseconds
within which an action is written."""


def noted(labels: str, said: str) -> str:
    """What the log keeps of a value that somebody set instead of both."""
    return f"{labels}{MARK}{said}"


def behind(session: Session, change: Change | None, about: str, fields: Collection[str]) -> str:
    """What these values of a change in the log here rest on; nothing once they were erased, nor of
    what the person at the desk may not see."""
    if change is None or change.payload is None:
        return ""
    head = read_head(change.head)
    parts = aside.whole(session, change, OF_ALL if head.parts > MANY else {*OF_ALL, *SAYS})
    parts += aside.of_all(session, change, head.bulk, OF_ALL) if head.bulk else []
    typed = _typed(session, change, parts)
    but = {(change.entity_id, one) for one in fields}
    return typed or next(_told(session, parts, about, but), "")


def heard(session: Session, change_id: str, about: str, fields: Collection[str]) -> str:
    """The same where the change may be another's. Of that only the records came, and not which of
    them are one action: those written in one breath are."""
    own = _in_log(session, change_id)
    if own is not None or not change_id:
        return behind(session, own, about, fields)
    return next(_told_by_records(session, change_id, about), "")


def _typed(session: Session, change: Change, parts: Sequence[Part]) -> str:
    """What was typed with it, where all it is about may be seen."""
    entity = BY_NAME.get(change.entity)
    said = today(change.head, change.payload)[1] if change.payload else {}
    if entity is None or said.keys() & hidden_fields(session, entity):
        return ""
    notes = (part.values for part in parts if part.head.entity == Audit.__tablename__)
    for note in notes:
        if note and (note.get("act"), note.get("entity_id")) == (SETTLED, change.entity_id):
            return str(note.get("detail") or "").partition(MARK)[2]
    return ""


def _told(
    session: Session, parts: Sequence[Part], about: str, but: Collection[tuple[str, str]]
) -> Iterator[str]:
    """Of an action with several people what is this one's or nobody's; not the values ``but``."""
    for noun, names in SAYS.items():
        for part in parts:
            if part.head.entity != noun or not _is_about(session, part, about):
                continue
            entity, values = BY_NAME[noun], part.values or {}
            told = {
                name: from_wire(entity, name, values[name])
                for name in names
                if values.get(name) and (part.head.entity_id, name) not in but
            }
            hidden = hidden_in(session, entity, aside.row_of(session, part))
            if said := _in_words(entity, told, hidden):
                yield said


def _is_about(session: Session, part: Part, about: str) -> bool:
    column = WHOSE.get(part.head.entity)
    if column is None:
        return True
    whose = (part.values or {}).get(column)
    if whose is None:
        record = session.get(BY_NAME[part.head.entity], part.head.entity_id)
        whose = getattr(record, column, None)
    return whose == about


def _told_by_records(session: Session, change_id: str, about: str) -> Iterator[str]:
    for noun, names in SAYS.items():
        if noun not in WHOSE:
            continue
        entity = BY_NAME[noun]
        theirs = select(entity).where(
            getattr(entity, WHOSE[noun]) == about, entity.is_void.is_(False)
        )
        for one in session.scalars(theirs):
            told = {
                name: getattr(one, name)
                for name in names
                if getattr(one, name) and _is_beside(session, one, name, change_id)
            }
            if said := _in_words(entity, told, hidden_in(session, entity, vars(one))):
                yield said


def _in_log(session: Session, change_id: str) -> Change | None:
    return session.scalars(select(Change).where(Change.change_id == change_id).limit(1)).first()


def _is_beside(session: Session, record: Record, name: str, change_id: str) -> bool:
    stamp = base_of(record.stamps, name)
    apart = abs(_millis(stamp) - _millis(change_id)) if stamp else BREATH
    return apart < BREATH and _in_log(session, stamp) is None


def _millis(change_id: str) -> int:
    """An id begins with when it was made."""
    return int(change_id[:12], 16)


def _in_words(entity: type[Record], told: Mapping[str, Any], hidden: frozenset[str]) -> str:
    """女儿来电（消息来源 邻居）, 认证记录（认证日期 2026-11-20、认证方式 上门）."""
    known, said = facts(entity), dict[str, str]()
    for name, value in told.items():
        words = aside.shown(known[name], value)
        if name not in hidden and words not in said.values():
            said[name] = words
    if not said:
        return ""
    first = next(iter(said))
    is_text = isinstance(known[first].kind, Text)
    begin = said.pop(first) if is_text else nouns.of(entity.__tablename__).word
    rest = "、".join(f"{known[name].label} {words}" for name, words in said.items())
    return f"{begin}（{rest}）" if rest else begin
