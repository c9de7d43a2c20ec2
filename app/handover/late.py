"""What the old station wrote too late is taken or left by the new one, an action at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app import nouns, office, person
from app.circles import allow_fields, hidden_in
from app.clock_off import ClockOff, clock_off
from app.kit.listing import SIZE
from app.kit.refusal import Refusal
from app.kit.who import at_desk
from app.nouns import KEPT, POINTERS
from models.cert_task import DONE, CertTask
from models.certification import ALIVE, Certification, holding
from models.entities import BY_NAME
from models.handover import ADOPTED, LEFT, WAITING, LateEdit
from models.kit.base import Record, facts, from_wire
from models.kit.masks import masked
from models.retiree import Retiree
from models.schema import upcast
from models.visit_plan import VisitPlan

FOLLOWS = KEPT | {Retiree.__tablename__}
"""What is put after the records it follows from."""
HIDDEN = "不在您的查看范围"


@dataclass(frozen=True, slots=True)
class Changed:
    """One field of a late change: what stands now, and what was written. ``is_new``: nothing stands
    there, the whole record was written late."""

    record: str
    noun: str
    label: str
    now: str
    late: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class LateAction:
    """What one action of the old station, ``office``, said of one person; taken or left as a whole
    by the new one, ``to``. ``clock`` is what was measured of the clock that wrote it, which only
    the centre knows."""

    id: str
    retiree_id: str
    name: str
    office: str
    to: str
    by: str
    at: datetime | None
    fields: tuple[Changed, ...]
    clock: ClockOff | None = None

    @property
    def labels(self) -> str:
        """手机、居住地址、新的走访记录 …"""
        words = (f"新的{one.noun}" if one.is_new else one.label for one in self.fields)
        return "、".join(dict.fromkeys(words))


Where = tuple[ColumnElement[bool], ...]
UNANSWERED: Where = (LateEdit.state == WAITING, LateEdit.is_void.is_(False))


def open_ones(session: Session) -> Where:
    """What makes a late change this station's to answer."""
    return LateEdit.office_id == at_desk(session).office_id, *UNANSWERED


def actions(session: Session, start: int, where: Where) -> list[LateAction]:
    """A page of them, the oldest first."""
    wanted = session.scalars(
        select(LateEdit.action)
        .where(*where)
        .group_by(LateEdit.action)
        .order_by(func.min(LateEdit.said_at), LateEdit.action)
        .offset(start)
        .limit(SIZE)
    ).all()
    names = office.names(session)
    found = [parts for one in wanted if (parts := _parts(session, one, where))]
    off = clock_off(session, {parts[0].change_id: None for parts in found})
    return [
        replace(_late_action(session, parts, names), clock=off.get(parts[0].change_id))
        for parts in found
    ]


def _parts(session: Session, action: str, where: Where) -> Sequence[LateEdit]:
    return session.scalars(
        select(LateEdit)
        .where(LateEdit.action == action, *where)
        .order_by(LateEdit.retiree_id, LateEdit.place)
    ).all()


def _late_action(
    session: Session, parts: Sequence[LateEdit], names: Mapping[str, str]
) -> LateAction:
    first = parts[0]
    people = [session.get_one(Retiree, key) for key in {one.retiree_id for one in parts}]
    return LateAction(
        first.action,
        first.retiree_id,
        "、".join(sorted(one.name for one in people)),
        names.get(first.from_office_id, ""),
        names.get(first.office_id, ""),
        first.said_by or "",
        first.said_at,
        tuple(field for one in parts for field in _fields(session, one)),
    )


NOT_SHOWN = frozenset({"id", "office_id", "retiree_id", "created_at", "created_by", "is_void"})


def _fields(session: Session, one: LateEdit) -> list[Changed]:
    """What a person can read of it; the program's own notes beside it are not shown."""
    entity = BY_NAME.get(one.entity)
    if entity is None or one.entity in KEPT:
        return []
    record, words = _in_use(session, entity, one.record_id), _said(one)
    hidden = hidden_in(session, entity, _closing(entity, record, words))
    known, noun = facts(entity), nouns.of(one.entity).word
    is_new, found = record is None, []
    for name in known:
        if name in NOT_SHOWN | POINTERS or name not in words or known[name].link is not None:
            continue
        if name in hidden:
            now, late = HIDDEN, HIDDEN
        else:
            stands, said = getattr(record, name, None), from_wire(entity, name, words[name])
            if stands == said:
                continue
            now, late = _shown(entity, name, stands), _shown(entity, name, said)
        found.append(Changed(one.record_id, noun, known[name].label, now, late, is_new))
    return found


def _in_use(session: Session, entity: type[Record], key: str) -> Record | None:
    """The record it is about; of a registration that was joined meanwhile the one that is kept."""
    found = session.get(entity, key)
    if isinstance(found, Retiree) and found.is_void and found.void_reason == person.JOINED:
        return person.in_use(session, found) or found
    return found


def _closing(
    entity: type[Record], record: Record | None, words: Mapping[str, Any]
) -> Mapping[str, Any] | None:
    """What says whether a closed circle has the whole record, now or as it was written."""
    if entity.closing is None or record is None or entity.closing[0] in words:
        return words
    return {entity.closing[0]: getattr(record, entity.closing[0])}


def _said(one: LateEdit) -> dict[str, Any]:
    """As today's program says it; whoever wrote it may have had any."""
    return upcast(one.entity, 1, one.said)


def _shown(entity: type[Record], name: str, value: Any) -> str:
    if value in (None, "", []):
        return "没有填"
    fact = facts(entity)[name]
    return masked(fact.mask, str(value)) if fact.mask else fact.kind.show(value)


def adopt(session: Session, action: str) -> str:
    """What the old station wrote holds; a new record keeps its identity. Returns the sentence."""
    parts = _open(session, action)
    for one in sorted(parts, key=lambda one: one.entity in FOLLOWS):
        _put(session, one)
    for one in parts:
        one.state, one.answered_by = ADOPTED, at_desk(session).name[:50]
    return "已采用，迁出站下次联系时会收到结果"


def leave(session: Session, action: str, reason: str = "") -> str:
    """What stands here holds; returns the sentence for the toast."""
    for one in _open(session, action):
        one.state, one.answered_by = LEFT, at_desk(session).name[:50]
        one.reason = reason.strip()[:200] or None
    return "没有采用，资料不变；迁出站下次联系时会收到结果"


def _open(session: Session, action: str) -> Sequence[LateEdit]:
    parts = _parts(session, action, open_ones(session))
    if not parts:
        raise Refusal("这一项已经有人处理过了，请刷新")
    return parts


def _put(session: Session, one: LateEdit) -> None:
    entity = BY_NAME.get(one.entity)
    said = _said(one)
    if entity is None or said.keys() - facts(entity).keys() - {"office_id", "is_void"}:
        raise Refusal("里面有新版程序的内容，请先升级程序再采用；不采用不受影响")
    record = _in_use(session, entity, one.record_id)
    hidden = hidden_in(session, entity, _closing(entity, record, said))
    if entity.closing is not None and hidden == facts(entity).keys():
        raise Refusal("里面有您没有权限看的资料，请找站长或管这一项的人办理")
    allow_fields(session, entity, said)
    values = {
        name: from_wire(entity, name, value) for name, value in said.items() if name != "office_id"
    }
    if record is None:
        if not one.is_new:
            return  # of a record that was taken back since
        if entity is Certification:
            _not_answered(session, one.action, values)
        office_id = office.here(session).id
        session.add(entity(id=one.record_id, office_id=office_id, **values))
    else:
        for name, value in values.items():
            if isinstance(record, CertTask) and name == "attempts":
                record.attempts = _calls(record.attempts or [], value or [])
            elif not _went_on(session, record, name, values):
                setattr(record, name, value)
    session.flush()


def _not_answered(session: Session, action: str, values: Mapping[str, Any]) -> None:
    """One certification for a task, and one a day: here they were certified meanwhile. One that the
    same action puts right may go with it."""
    same = select(LateEdit.record_id).where(LateEdit.action == action)
    ours = session.scalars(
        select(Certification).where(
            Certification.retiree_id == values["retiree_id"],
            *holding(),
            Certification.id.not_in(same),
            (Certification.certified_on == values["certified_on"])
            | (Certification.task_id == (values.get("task_id") or "")),
        )
    ).first()
    if ours is not None and values.get("result") == ALIVE:
        raise Refusal(f"本站 {ours.certified_on} 已登记这一期的认证，不能再采用一份，请点“不采用”")


def _went_on(session: Session, record: Record, name: str, said: Mapping[str, Any]) -> bool:
    """Has what the program keeps in step with the rest gone on here since, so that the word of the
    old station would put it back?"""
    if isinstance(record, VisitPlan):
        there, then = record.last_on, said.get("last_on")
        return there is not None and then is not None and then < there
    if isinstance(record, CertTask):
        by = session.get(Certification, record.closed_by) if record.closed_by else None
        return record.state == DONE and by is not None and not by.is_void
    if isinstance(record, Retiree) and name == "last_certified_on":
        there, then = record.last_certified_on, said[name]
        on_record = select(Certification.id).where(
            Certification.retiree_id == record.id, Certification.certified_on == there, *holding()
        )
        is_back = there is not None and (then is None or then < there)
        return is_back and session.scalar(on_record.limit(1)) is not None
    return False


def _calls(ours: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of both stations, in the order in which they were made."""
    return sorted([*ours, *(one for one in theirs if one not in ours)], key=lambda one: one["at"])
