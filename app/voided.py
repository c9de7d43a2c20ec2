"""What was voided (已作废): kept, shown where one looks for it, restored by whoever may write it.

One list and one verb for every noun. What was voided here is restored with all that went in the
same action; what another computer or the centre voided, with what belongs to it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from app import acts, audit, cert_task, circles, nouns, person, roles, suspicion, undo
from app.certification.record import settle_again, uncount
from app.kit.listing import SIZE, Page, cut
from app.kit.refusal import Refusal
from app.kit.who import at_desk
from app.nouns import NOUNS, Voided
from app.visit.plan import replan
from models.attachment import PORTRAIT, Attachment
from models.cert_task import VOID, CertTask
from models.certification import ALIVE, REFUSED, Certification, holding
from models.entities import BY_NAME
from models.kit import search
from models.kit.base import Record, another, facts, table_of
from models.kit.changes import base_of
from models.kit.ids import named_id
from models.kit.voiding import belongings
from models.movement import Movement
from models.retiree import DEAD, Retiree
from models.survey import Survey
from models.tag import Tag
from models.visit import Visit

CHIPS: Mapping[str, str] = {
    "retiree": "人员",
    "family": "家属和标签",
    "certification": "认证",
    "visit": "走访",
    "attachment": "照片和附件",
    "movement": "变动和同意事项",
}
"""What people call them; which nouns are under each, `app.nouns` says."""
OF: Mapping[str, Voided] = {name: one.voided for name, one in NOUNS.items() if one.voided}
REPLACED = "更换照片"


@dataclass(frozen=True, slots=True)
class VoidedRow:
    """One voided record. ``who`` is empty where it was voided elsewhere."""

    id: str
    noun: str
    retiree_id: str
    name: str
    what: str
    reason: str
    at: datetime
    who: str
    may_restore: bool

    @property
    def label(self) -> str:
        """What kind of record it is."""
        return nouns.of(self.noun).word


def voided(
    session: Session, number: int = 1, *, group: str = "", text: str = "", retiree_id: str = ""
) -> Page[VoidedRow]:
    """What was voided last comes first. A record that hangs on one that was voided too is not
    told: that one comes back first."""
    rows = _rows(session, group, text, retiree_id).subquery()
    total = session.scalar(select(func.count()).select_from(rows)) or 0
    number = max(1, min(number, -(-total // SIZE) or 1))
    found = session.execute(
        select(rows).order_by(rows.c.at.desc(), rows.c.id).limit(SIZE).offset((number - 1) * SIZE)
    ).all()
    return cut(_told(session, found), total, number)


def counts(session: Session, retiree_id: str = "") -> dict[str, int]:
    """How many of each chip, and of all under an empty one."""
    rows = _rows(session, "", "", retiree_id).subquery()
    found = dict.fromkeys(("", *CHIPS), 0)
    for noun, count in session.execute(select(rows.c.noun, func.count()).group_by(rows.c.noun)):
        found[OF[noun].chip] += count
        found[""] += count
    return found


def restore(session: Session, noun: str, key: str) -> str:
    """Take back the voiding of a record, whoever voided it and however long ago. Returns the
    sentence for the toast."""
    record = session.get(BY_NAME[noun], key)
    if record is None or not record.is_void or record.void_reason is None:
        raise Refusal("这条记录没有作废，请刷新")
    if noun not in OF:
        raise Refusal(nouns.of(noun).no_undo or "这类记录作废以后不能恢复")
    roles.allow(at_desk(session), noun, "write")
    _owner_is_there(session, record)
    if noun in _RULES:
        _RULES[noun](session, record)
    reason = record.void_reason
    said = undo.take_back_voiding(session, record) if OF[noun].whole else ""
    if not said and reason == person.JOINED:
        said = _part(session, record)
    if not said:
        _bring_back(session, record)
        said = f"已恢复 {undo.named(record)} 的{nouns.of(noun).word}"
    if isinstance(record, Visit):
        replan(session, record)
    who = record.id if noun == "retiree" else getattr(record, "retiree_id", None)
    audit.note(
        session, "恢复", noun, key, f"{OF[noun].tell(record)}，作废原因：{reason}",
        people=[who] if who else (),
    )  # fmt: skip
    return said


# the list -----------------------------------------------------------------------------------


def _rows(session: Session, group: str, text: str, retiree_id: str) -> Select[Any]:
    told = [BY_NAME[name] for name, one in OF.items() if group in ("", one.chip)]
    desk = at_desk(session)
    chosen = [
        _of(session, noun, text, retiree_id)
        for noun in told
        if roles.may(desk, noun.__tablename__, "see")
    ]
    nobody = select(
        literal("").label("noun"),
        Retiree.id,
        Retiree.id.label("who"),
        Retiree.updated_at.label("at"),
    ).where(literal(0) == 1)
    return select(union_all(*chosen, nobody).subquery())


def _of(session: Session, noun: type[Record], text: str, retiree_id: str) -> Select[Any]:
    """Of one noun, at this office, with a reason: what waits for a ruling has none."""
    who: Any = noun.id if noun is Retiree else noun.retiree_id  # type: ignore[attr-defined]
    where: list[ColumnElement[bool]] = [
        noun.is_void.is_(True),
        noun.void_reason.is_not(None),
        noun.office_id == at_desk(session).office_id,
    ]
    if noun is not Retiree:
        where.append(_is_there(who, Retiree))
    if noun is Survey:
        where.append(Survey.visit_id.is_(None))
    columns = table_of(noun).c
    hangs = [(columns[link], whole) for link, whole in _hangs_on(noun)]
    where += [or_(link.is_(None), _is_there(link, whole)) for link, whole in hangs]
    if noun is Attachment:
        seen = [one.value for one in circles.seen(session)]
        where.append(Attachment.data_circle.is_(None) | Attachment.data_circle.in_(seen))
    if noun is Tag:
        where.append(Tag.code.not_in(circles.hidden_tags(session)))
    if retiree_id:
        where.append(who == retiree_id)
    if text.strip():
        where.append(who.in_(search.found(text)))
    name = literal(noun.__tablename__).label("noun")
    at = func.coalesce(noun.updated_at, noun.created_at).label("at")
    return select(name, noun.id, who.label("who"), at).where(*where)


def _hangs_on(noun: type[Record]) -> tuple[tuple[str, type[Record]], ...]:
    """The links to what one of this is told and restored with, besides its person."""
    links = ((name, one.link or "") for name, one in facts(noun).items())
    return tuple((name, BY_NAME[to]) for name, to in links if to in OF and to != "retiree")


def _is_there(key: Any, noun: type[Record]) -> ColumnElement[bool]:
    owner = another(noun)
    return select(owner.id).where(owner.id == key, owner.is_void.is_(False)).exists()


def _told(session: Session, found: Sequence[Any]) -> list[VoidedRow]:
    records: dict[tuple[str, str], Record] = {}
    for noun in {row.noun for row in found}:
        entity = BY_NAME[noun]
        ids = [row.id for row in found if row.noun == noun]
        records |= {
            (noun, one.id): one for one in session.scalars(select(entity).where(entity.id.in_(ids)))
        }
    people = {
        one.id: one.name
        for one in session.scalars(
            select(Retiree).where(Retiree.id.in_({row.who for row in found}))
        )
    }
    names, desk = acts.names(session), at_desk(session)
    return [
        VoidedRow(
            row.id,
            row.noun,
            row.who,
            people.get(row.who, ""),
            OF[row.noun].tell(one),
            one.void_reason or "",
            one.updated_at or one.created_at,
            names.get(one.updated_by or "", ""),
            roles.may(desk, row.noun, "write") and not roles.is_central(desk),
        )
        for row in found
        for one in (records[row.noun, row.id],)
    ]


# the rules ----------------------------------------------------------------------------------


def _owner_is_there(session: Session, record: Record) -> None:
    owner = session.get(Retiree, getattr(record, "retiree_id", "") or "")
    if owner is not None and owner.is_void:
        raise Refusal(f"{owner.name} 的人员资料也作废了，请先恢复人员资料")
    for link, noun in _hangs_on(type(record)):
        key = getattr(record, link)
        found = session.get(noun, key) if key else None
        if found is not None and found.is_void:
            word = nouns.of(noun.__tablename__).word
            raise Refusal(f"它所在的{word}也作废了，请先恢复那条{word}")


def _nobody_else(session: Session, record: Any) -> None:
    """One person, one registration; two that were joined may be two again."""
    if record.void_reason == person.JOINED:
        return
    twin = session.scalars(
        select(Retiree).where(
            Retiree.id_no == record.id_no,
            Retiree.id_no.is_not(None),
            Retiree.is_void.is_(False),
            Retiree.manage_state != DEAD,
        )
    ).first()
    if twin is not None:
        raise Refusal(f"这个身份证号现在登记在 {person.label(twin)} 名下，不能再恢复一份。请先核对")


def _not_answered(session: Session, record: Any) -> None:
    """Nobody has two certifications for one task, or one after the day of death. What was sent back
    by the centre is none."""
    if record.result != ALIVE or record.report_state == REFUSED:
        return
    other = session.scalars(
        select(Certification).where(
            Certification.retiree_id == record.retiree_id,
            *holding(),
            (Certification.certified_on == record.certified_on)
            | (Certification.task_id.is_not(None) & (Certification.task_id == record.task_id)),
        )
    ).first()
    if other is not None:
        raise Refusal(
            f"这一期已经有 {other.certified_on} 的认证，不能再恢复一份。要用这一份，先作废那一份"
        )
    who = session.get_one(Retiree, record.retiree_id)
    if not person.is_managed(who):
        raise Refusal(
            f"{who.name} 已登记{person.state_word(who)}，不能恢复认证。状态登错的，请先更正状态"
        )


def _no_such_tag(session: Session, record: Any) -> None:
    circles.allow_tags(session, [record.code])
    if record.code in person.tags(session, [record.retiree_id])[record.retiree_id]:
        raise Refusal(f"“{OF['tag'].tell(record)}”标签现在就有，不用恢复")


def _no_such_doubt(session: Session, record: Any) -> None:
    """The same doubt twice is one."""
    if record.decision is None and suspicion.waits(session, record.retiree_id, record.reason):
        raise Refusal("同样的异常现在就有一条待核查，不用恢复")


def _instead(session: Session, record: Any) -> None:
    """Of portraits there is one: the present one makes room. No content hangs twice."""
    same = (Attachment.retiree_id == record.retiree_id, Attachment.is_void.is_(False))
    if record.kind == PORTRAIT:
        for now in session.scalars(select(Attachment).where(*same, Attachment.kind == PORTRAIT)):
            now.is_void, now.void_reason = True, REPLACED
        return
    places = [
        getattr(Attachment, link) == getattr(record, link)
        for link in ("visit_id", "certification_id", "family_id")
    ]
    twice = select(Attachment.id).where(*same, Attachment.sha256 == record.sha256, *places)
    if session.scalars(twice.limit(1)).first() is not None:
        raise Refusal("同样的附件现在就有一份，不用恢复")


_RULES: Mapping[str, Callable[[Session, Any], None]] = {
    "retiree": _nobody_else,
    "certification": _not_answered,
    "tag": _no_such_tag,
    "suspicion": _no_such_doubt,
    "attachment": _instead,
}


# bringing back ------------------------------------------------------------------------------


def _bring_back(session: Session, record: Record) -> None:
    """The record and what went with it, where the action that voided it is not ours to invert."""
    if isinstance(record, Movement):
        raise Refusal("人员状态后来又变过，这条变动不能单独恢复。请重新登记这次变动")
    along = undo.changes_with(session, base_of(record.stamps, "is_void"))
    for one in (record, *_went_along(session, record, along)):
        one.is_void, one.void_reason = False, None
        if isinstance(one, CertTask) and one.state == VOID and _is_managed(session, one):
            cert_task.reopen(one)
    session.flush()
    if isinstance(record, Certification):
        settle_again(session, record)
    if isinstance(record, Retiree):
        cert_task.open_tasks(session, only=[record.id])


def _part(session: Session, record: Record) -> str:
    """Two registrations that were joined are two again: what was entered under the one that was
    kept goes from there, unless it was changed since. Returns the sentence."""
    _bring_back(session, record)
    for copy in [one for kept in _twins(session, record) for one in _copies(session, record, kept)]:
        copy.is_void, copy.void_reason = True, undo.UNDO_REASON
        if isinstance(copy, Certification):
            session.flush()
            uncount(session, copy, None)
    return f"已恢复 {undo.named(record)} 的登记，现在是两份"


def entered_as(
    session: Session, noun: type[Record], kept_id: str, key: str
) -> tuple[str, Record | None]:
    """The id under which one registration says what another's record does, and what is there. What
    came of a joining that was put aside keeps its id, and is not seen."""
    while True:
        key = named_id(kept_id, key)
        found = session.get(noun, key)
        if found is None or not found.is_void or found.void_reason is not None:
            return key, found


def _twins(session: Session, record: Any) -> Sequence[str]:
    """The registrations here one of which this was joined to, also where that one has died."""
    same = (Retiree.id_no == record.id_no, Retiree.office_id == record.office_id)
    others = select(Retiree.id).where(*same, Retiree.id != record.id, Retiree.is_void.is_(False))
    return session.scalars(others).all()


def as_entered(made: Record) -> bool:
    """Is it as a joining made it, the first time or once more?"""
    return set(made.stamps.values()) <= {base_of(made.stamps, name) for name in ("id", "is_void")}


def _copies(session: Session, record: Record, kept_id: str) -> Iterator[Record]:
    """What a joining made of the records of this person, as it made it."""
    for noun, link in belongings(Retiree):
        theirs = select(noun.id).where(table_of(noun).c[link] == record.id, noun.is_void.is_(False))
        for key in session.scalars(theirs).all():
            _, found = entered_as(session, noun, kept_id, key)
            if found is not None and not found.is_void and as_entered(found):
                yield found


def _is_managed(session: Session, task: CertTask) -> bool:
    """Else the task was frozen before, and stays so."""
    return person.is_managed(session.get_one(Retiree, task.retiree_id))


def _went_along(session: Session, record: Record, along: frozenset[str]) -> list[Record]:
    """In the same action; where that is not known here, for the same reason."""
    found: list[Record] = []
    for noun, link in _parts_of(type(record)):
        column = table_of(noun).c[link]
        rows = session.scalars(select(noun).where(column == record.id, noun.is_void.is_(True)))
        found += [
            one
            for one in rows
            if (
                base_of(one.stamps, "is_void") in along
                if along
                else one.void_reason == record.void_reason
            )
        ]
    return found


def _parts_of(noun: type[Record]) -> tuple[tuple[type[Record], str], ...]:
    if noun is Retiree:
        return belongings(noun)
    parts = [
        (BY_NAME[name], link) for name in OF for link, on in _hangs_on(BY_NAME[name]) if on is noun
    ]
    return (*parts, (Survey, "visit_id")) if noun is Visit else tuple(parts)
