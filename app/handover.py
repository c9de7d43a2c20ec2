"""Handing people over between stations (人员转接): offered by the one that has them, taken over or
declined by the other; what the old one wrote too late is taken or left by the new (sync.md 4.11).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from app import audit, office, person, roles
from app.circles import allow_fields, hidden_fields
from app.kit.listing import SIZE, Page, cut
from app.kit.refusal import Refusal
from app.kit.who import Desk, at_desk
from models.attachment import Attachment
from models.certification import Certification
from models.entities import BY_NAME
from models.handover import (
    ADOPTED,
    DECLINED,
    LEFT,
    OFFERED,
    TAKEN,
    WAITING,
    WITHDRAWN,
    Handover,
    LateEdit,
)
from models.kit import clock, codes
from models.kit.base import Record, facts, from_wire
from models.kit.ids import new_id
from models.kit.masks import masked
from models.office import Office
from models.retiree import Family, Retiree
from models.visit import Visit

STATION = "3"
OFFERS, LATE, SENT = "offers", "late", "sent"
CHIPS = ((OFFERS, "待接收"), (LATE, "迟到的修改"), (SENT, "转出的人"))
HIDDEN = "不在您的查看范围"
BRINGS = ((Certification, "认证记录"), (Visit, "走访记录"), (Family, "家属"), (Attachment, "附件"))


@dataclass(frozen=True, slots=True)
class Offer:
    """One person between two stations; ``other`` is the station on the other side."""

    id: str
    person_id: str
    name: str
    words: str
    id_no: str
    other: str
    brings: str
    moved_on: date | None
    basis: str
    by: str
    state: str
    answered: str
    reason: str
    can_answer: bool


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
    """What one action of the old station said of one person; taken or left as a whole."""

    id: str
    retiree_id: str
    name: str
    office: str
    by: str
    at: datetime | None
    fields: tuple[Changed, ...]

    @property
    def labels(self) -> str:
        """手机、居住地址、新的走访记录 …"""
        words = (f"新的{one.noun}" if one.is_new else one.label for one in self.fields)
        return "、".join(dict.fromkeys(words))


Row = Offer | LateAction


# offering -----------------------------------------------------------------------------------


def stations(session: Session) -> list[tuple[str, str]]:
    """(id, name) of the other stations of the district, that somebody may be handed over to."""
    today = clock.today()
    rows = session.execute(
        select(Office.id, Office.name)
        .where(
            Office.level == STATION,
            Office.is_void.is_(False),
            Office.id != at_desk(session).office_id,
            or_(Office.valid_to.is_(None), Office.valid_to >= today),
        )
        .order_by(Office.name)
    )
    return [(row.id, row.name) for row in rows]


def station_called(session: Session, name: str) -> str:
    """The station of the district that is meant; empty for any other place."""
    said = name.strip()
    return next((key for key, known in stations(session) if known == said), "")


def offer(session: Session, who: Retiree, to: str, on: date, basis: str) -> str:
    """Offer the person to another station; they stay in our care until it has taken them over."""
    if open_offer(session, who.id) is not None:
        raise Refusal(f"{who.name} 已经在转接中，请等对方答复，或先撤回")
    made = Handover(
        id=new_id(),
        office_id=who.office_id,
        person_id=who.id,
        to_office_id=to,
        name=who.name,
        id_type=who.id_type,
        id_no=who.id_no,
        sex=who.sex,
        birth_on=who.birth_on,
        brings=_brings(session, who.id),
        moved_on=on,
        basis=basis[:100],
        offered_by=at_desk(session).name[:50],
        state=OFFERED,
    )
    session.add(made)
    session.flush()
    return made.id


def _brings(session: Session, retiree_id: str) -> str:
    parts = []
    for entity, word in BRINGS:
        count = session.scalar(
            select(func.count())
            .select_from(entity)
            .where(entity.retiree_id == retiree_id, entity.is_void.is_(False))
        )
        parts += [f"{word} {count} 条"] if count else []
    return "、".join(["全部资料", *parts])


def open_offer(session: Session, retiree_id: str) -> Handover | None:
    """The offer of a person that nobody has answered."""
    return session.scalars(
        select(Handover).where(
            Handover.person_id == retiree_id,
            Handover.state == OFFERED,
            Handover.is_void.is_(False),
            Handover.office_id == at_desk(session).office_id,
        )
    ).first()


def withdraw(session: Session, retiree_id: str) -> None:
    """The person stays after all: nothing is offered any longer."""
    found = open_offer(session, retiree_id)
    if found is not None:
        found.state = WITHDRAWN


def has_left(session: Session, who: Retiree) -> bool:
    """Was the person handed over, so that only a stub is left here?"""
    here = at_desk(session).office_id
    if who.office_id == here:
        return False
    taken = select(Handover.id).where(
        Handover.person_id == who.id, Handover.office_id == here, Handover.state == TAKEN
    )
    return session.scalar(taken.limit(1)) is not None


# answering ----------------------------------------------------------------------------------


def take(session: Session, handover_id: str) -> str:
    """Take the person over. The records come with the next answer of the centre; returns the
    sentence for the toast."""
    found = _ours_to_answer(session, handover_id)
    _answer(session, found, TAKEN)
    audit.note(session, "接收转入人员", "handover", found.id, found.name)
    return f"已接收 {found.name}，资料随下一次上报从区中心取回"


def decline(session: Session, handover_id: str, reason: str) -> str:
    """Leave the person with the station that offers them; returns the sentence for the toast."""
    if not reason.strip():
        raise Refusal("请写明不接收的原因", "reason")
    found = _ours_to_answer(session, handover_id)
    _answer(session, found, DECLINED)
    found.reason = reason.strip()[:200]
    audit.note(session, "不接收转入人员", "handover", found.id, f"{found.name}：{found.reason}")
    return f"已答复不接收 {found.name}，原因随下一次上报告诉迁出站"


def _ours_to_answer(session: Session, handover_id: str) -> Handover:
    found = session.get(Handover, handover_id)
    if found is None or found.to_office_id != at_desk(session).office_id:
        raise Refusal("没有找到这一项转接，请刷新")
    if found.is_void or found.state != OFFERED:
        word = codes.table("HANDOVER_STATE").name(WITHDRAWN if found.is_void else found.state)
        raise Refusal(f"{found.name} 的转接{word}，不用再办")
    return found


def _answer(session: Session, found: Handover, state: str) -> None:
    found.state, found.answered_on = state, clock.today()
    found.answered_by = at_desk(session).name[:50]


# lists --------------------------------------------------------------------------------------


def chips(session: Session) -> dict[str, int]:
    """How many of each kind; of those who left, whose answer is still open or was a no."""
    counted = {
        OFFERS: select(func.count()).select_from(Handover).where(*_offered(session)),
        LATE: select(func.count(LateEdit.action.distinct())).where(*_late(session)),
        SENT: select(func.count()).select_from(Handover).where(*_sent(session)),
    }
    return {key: session.scalar(query) or 0 for key, query in counted.items()}


def waiting(session: Session) -> dict[str, int]:
    """What is for this station to answer."""
    found = chips(session)
    return {OFFERS: found[OFFERS], LATE: found[LATE]}


def handovers(session: Session, chip: str = OFFERS, number: int = 1) -> Page[Row]:
    """One kind, the oldest first; of those who left, the newest."""
    roles.allow(at_desk(session), "handover", "see")
    count = chips(session)[chip]
    number = max(1, min(number, -(-count // SIZE) or 1))
    start = (number - 1) * SIZE
    rows: Sequence[Row] = (
        _late_actions(session, start) if chip == LATE else _offers(session, chip, start)
    )
    return cut(list(rows), count, number)


def _offered(session: Session) -> tuple[ColumnElement[bool], ...]:
    mine = Handover.to_office_id == at_desk(session).office_id
    return mine, Handover.state == OFFERED, Handover.is_void.is_(False)


def _sent(session: Session) -> tuple[ColumnElement[bool], ...]:
    return Handover.office_id == at_desk(session).office_id, Handover.is_void.is_(False)


def _late(session: Session) -> tuple[ColumnElement[bool], ...]:
    mine = LateEdit.office_id == at_desk(session).office_id
    return mine, LateEdit.state == WAITING, LateEdit.is_void.is_(False)


def _offers(session: Session, chip: str, start: int) -> list[Offer]:
    ours = chip == OFFERS
    where = _offered(session) if ours else _sent(session)
    order = Handover.id if ours else Handover.id.desc()
    rows = session.scalars(
        select(Handover).where(*where).order_by(order).offset(start).limit(SIZE)
    ).all()
    names = _office_names(session)
    return [_row(one, names, at_desk(session)) for one in rows]


def _office_names(session: Session) -> dict[str, str]:
    return {row.id: row.name for row in session.execute(select(Office.id, Office.name))}


def _row(one: Handover, names: Mapping[str, str], desk: Desk) -> Offer:
    ours = one.to_office_id == desk.office_id
    years = person.age(one.birth_on)
    words = (codes.table("SEX").name(one.sex), f"{years}岁" if years is not None else "")
    fact = facts(Handover)["id_no"]
    shown = masked(fact.mask, one.id_no) if one.id_no and fact.mask else ""
    when = f"{one.answered_on:%Y-%m-%d}" if one.answered_on else ""
    return Offer(
        one.id,
        one.person_id,
        one.name,
        "，".join(word for word in words if word),
        shown,
        names.get(one.office_id if ours else one.to_office_id, ""),
        one.brings or "",
        one.moved_on,
        one.basis or "",
        one.offered_by or "",
        one.state,
        " ".join(part for part in (when, one.answered_by or "") if part),
        one.reason or "",
        ours and one.state == OFFERED and roles.may(desk, "handover", "write"),
    )


def where_to(session: Session, retiree_id: str) -> Offer | None:
    """The last offer of a person by this station, for the head of the page."""
    found = session.scalars(
        select(Handover)
        .where(Handover.person_id == retiree_id, *_sent(session))
        .order_by(Handover.id.desc())
        .limit(1)
    ).first()
    return _row(found, _office_names(session), at_desk(session)) if found else None


# late changes -------------------------------------------------------------------------------


def _late_actions(session: Session, start: int) -> list[LateAction]:
    wanted = session.scalars(
        select(LateEdit.action)
        .where(*_late(session))
        .group_by(LateEdit.action)
        .order_by(func.min(LateEdit.said_at), LateEdit.action)
        .offset(start)
        .limit(SIZE)
    ).all()
    names = _office_names(session)
    return [
        _late_action(session, parts, names) for one in wanted if (parts := _parts(session, one))
    ]


def _parts(session: Session, action: str) -> Sequence[LateEdit]:
    return session.scalars(
        select(LateEdit)
        .where(LateEdit.action == action, *_late(session))
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
        first.said_by or "",
        first.said_at,
        tuple(field for one in parts for field in _fields(session, one)),
    )


NOT_SHOWN = frozenset({"id", "office_id", "retiree_id", "created_at", "created_by", "is_void"})
OWN_BOOKS = frozenset({"cert_task", "visit_plan"})


def _fields(session: Session, one: LateEdit) -> list[Changed]:
    """What a person can read of it; the program's own notes beside it are not shown."""
    entity = BY_NAME.get(one.entity)
    if entity is None or one.entity in OWN_BOOKS:
        return []
    record, hidden = session.get(entity, one.record_id), hidden_fields(session, entity)
    known, noun = facts(entity), roles.NOUNS.get(one.entity, "资料")
    is_new = record is None
    found = []
    for name in known:
        if name in NOT_SHOWN or name not in one.said or known[name].link is not None:
            continue
        if name in hidden:
            now, late = HIDDEN, HIDDEN
        else:
            stands, said = getattr(record, name, None), from_wire(entity, name, one.said[name])
            if stands == said:
                continue
            now, late = _shown(entity, name, stands), _shown(entity, name, said)
        found.append(Changed(one.record_id, noun, known[name].label, now, late, is_new))
    return found


def _shown(entity: type[Record], name: str, value: Any) -> str:
    if value in (None, "", []):
        return "没有填"
    fact = facts(entity)[name]
    return masked(fact.mask, str(value)) if fact.mask else fact.kind.show(value)


def adopt(session: Session, action: str) -> str:
    """What the old station wrote holds; a new record keeps its identity. Returns the sentence."""
    parts = _open(session, action)
    for one in parts:
        _put(session, one)
        one.state, one.answered_by = ADOPTED, at_desk(session).name[:50]
    return "已采用，迁出站下次联系时会收到结果"


def leave(session: Session, action: str, reason: str = "") -> str:
    """What stands here holds; returns the sentence for the toast."""
    for one in _open(session, action):
        one.state, one.answered_by = LEFT, at_desk(session).name[:50]
        one.reason = reason.strip()[:200] or None
    return "没有采用，资料不变；迁出站下次联系时会收到结果"


def _open(session: Session, action: str) -> Sequence[LateEdit]:
    parts = _parts(session, action)
    if not parts:
        raise Refusal("这一项已经有人处理过了，请刷新")
    return parts


def _put(session: Session, one: LateEdit) -> None:
    entity = BY_NAME.get(one.entity)
    if entity is None or one.said.keys() - facts(entity).keys() - {"office_id", "is_void"}:
        raise Refusal("里面有新版程序的内容，请先升级程序再采用；不采用不受影响")
    allow_fields(session, entity, one.said)
    values = {
        name: from_wire(entity, name, value)
        for name, value in one.said.items()
        if name != "office_id"
    }
    record = session.get(entity, one.record_id)
    if record is None:
        if not one.is_new:
            return  # of a record that was taken back since
        office_id = office.here(session).id
        session.add(entity(id=one.record_id, office_id=office_id, **values))
    else:
        for name, value in values.items():
            setattr(record, name, value)
    session.flush()
