"""Offering people to another station, and taking an offer back (sync.md 4.11)."""

import re
from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.kit.refusal import Refusal
from app.kit.who import at_desk
from models.attachment import Attachment
from models.certification import Certification
from models.family import Family
from models.handover import OFFERED, TAKEN, WITHDRAWN, Handover
from models.kit import clock, plain
from models.kit.ids import new_id
from models.office import Office
from models.retiree import Retiree
from models.visit import Visit

STATION = "3"
_OFFICIAL = re.compile(r"(?:社区|居委会|居民委员会|退休人员|服务站|站)+$")
BRINGS = ((Certification, "认证记录"), (Visit, "走访记录"), (Family, "家属"), (Attachment, "附件"))


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


def station_called(session: Session, name: str) -> tuple[str, str]:
    """The station of the district that is meant, as (id, name), also where 社区 or 服务站 is left
    out; for any other place no id, and the place as it was said."""
    said, every = name.strip(), stations(session)
    meant = [one for one in every if one[1] == said]
    meant = meant or [one for one in every if _short(one[1]) == _short(said)]
    return meant[0] if len(meant) == 1 else ("", said)


def _short(name: str) -> str:
    """What people call a station: 临春社区服务站 is 临春."""
    return _OFFICIAL.sub("", plain.tight(name)) or name


def offer(session: Session, who: Retiree, to: str, on: date, basis: str) -> str:
    """Offer the person to another station; they stay in our care until it has taken them over."""
    found = open_offer(session, who.id)
    if found is not None and found.assigned_by:
        raise Refusal(f"区中心已指定转接 {who.name}，请等对方答复；指定错了请告诉区中心撤回")
    if found is not None:
        raise Refusal(f"{who.name} 已经在转接中，请等对方答复，或先撤回")
    made = between(session, who, to, on, basis)
    made.offered_by = at_desk(session).name[:50]
    session.flush()
    return made.id


def between(session: Session, who: Retiree, to: str, on: date, basis: str) -> Handover:
    """An open offer of a person to a station."""
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
        state=OFFERED,
    )
    session.add(made)
    return made


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
    return next(iter(_open(session, retiree_id)), None)


def _open(session: Session, retiree_id: str) -> Sequence[Handover]:
    """More than one where two computers, or the centre and we, offered them at once."""
    return session.scalars(
        select(Handover)
        .where(
            Handover.person_id == retiree_id,
            Handover.state == OFFERED,
            Handover.is_void.is_(False),
            Handover.office_id == at_desk(session).office_id,
        )
        .order_by(Handover.id)
    ).all()


def withdraw(session: Session, retiree_id: str) -> bool:
    """The person stays after all: nothing is offered any longer. What the centre assigned is the
    centre's to take back. Was anything of ours withdrawn?"""
    ours = [one for one in _open(session, retiree_id) if not one.assigned_by]
    for one in ours:
        one.state = WITHDRAWN
    return bool(ours)


def has_left(session: Session, who: Retiree) -> bool:
    """Was the person handed over, so that only a stub is left here?"""
    here = at_desk(session).office_id
    if who.office_id == here:
        return False
    taken = select(Handover.id).where(
        Handover.person_id == who.id, Handover.office_id == here, Handover.state == TAKEN
    )
    return session.scalar(taken.limit(1)) is not None
