"""D3: the centre's word on a station's certification: confirmed, or sent back with the reason."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from app import roles
from app.certification.record import OURS
from app.kit.refusal import Overtaken, Refusal
from app.kit.who import at_desk
from models.certification import CONFIRMED, REFUSED, Certification
from models.kit import clock, codes
from models.kit.among import among
from models.office import Office
from models.retiree import Retiree

LONGEST = 200


@dataclass(frozen=True, slots=True)
class Told:
    """A certification the centre has spoken about, or may speak about."""

    id: str
    name: str
    office: str
    form_no: str
    certified_on: str
    method: str
    state: str
    reason: str


def waiting(session: Session, office_id: str = "", *, every: bool = False) -> list[Told]:
    """Certifications without a word from the centre, or all of them; oldest first."""
    roles.allow(at_desk(session), "certification", "see")
    query = _rows().order_by(Certification.certified_on, Certification.id)
    if office_id:
        query = query.where(Certification.office_id == office_id)
    if not every:
        query = query.where(*waits())
    return [_told(*row) for row in session.execute(query)]


def waits() -> tuple[ColumnElement[bool], ...]:
    """What a station said and the centre has not spoken about. Nobody confirms what the agency
    said."""
    said = (CONFIRMED, REFUSED)
    return Certification.source == OURS, Certification.report_state.not_in(said)


def confirm(session: Session, which: str) -> Told:
    """It stands; ``which`` is an id or the number of a form."""
    one = _meant(session, which)
    if one.report_state == REFUSED:
        raise Refusal(f"{_label(session, one)} 已经退回，不能再确认；请站里重新认证后再报")
    if one.report_state != CONFIRMED:
        one.report_state, one.confirmed_on = CONFIRMED, clock.today()
    return _of(session, one)


def confirm_several(session: Session, ids: Collection[str]) -> int:
    """Those that still wait for a word; how many."""
    roles.allow(at_desk(session), "certification", "confirm")
    found = session.scalars(
        select(Certification).where(
            among(Certification.id, ids), Certification.is_void.is_(False), *waits()
        )
    ).all()
    if not found:
        raise Overtaken("选中的认证都已经有人处理过了")
    for one in found:
        one.report_state, one.confirmed_on = CONFIRMED, clock.today()
    return len(found)


def refuse(session: Session, which: str, reason: str) -> Told:
    """It does not stand: at the station the task is open again with this reason."""
    said = reason.strip()
    if not said:
        raise Refusal("请写明退回的原因，站里要照着重新办", "reason")
    if len(said) > LONGEST:
        raise Refusal(f"退回的原因最多 {LONGEST} 个字，现在 {len(said)} 个", "reason")
    one = _meant(session, which)
    if one.report_state == REFUSED:
        raise Refusal(f"{_label(session, one)} 已经退回过，不用再退")
    one.report_state, one.confirmed_on, one.void_reason = REFUSED, None, said
    return _of(session, one)


def _meant(session: Session, which: str) -> Certification:
    roles.allow(at_desk(session), "certification", "confirm")
    key = which.strip()
    found = session.scalars(
        select(Certification)
        .where(
            Certification.is_void.is_(False),
            (Certification.id == key.lower()) | (Certification.form_no == key.upper()),
        )
        .order_by(Certification.certified_on.desc(), Certification.id.desc())
        .limit(1)
    ).first()
    if found is None:
        raise Refusal(f"没有编号为 {key} 的认证，请核对认证表上的编号，或先接收站里的上报")
    return found


def _rows() -> Select[Certification, str, str]:
    return (
        select(Certification, Retiree.name, Office.name)
        .join(Retiree, Retiree.id == Certification.retiree_id)
        .join(Office, Office.id == Certification.office_id, isouter=True)
        .where(Certification.is_void.is_(False))
    )


def _of(session: Session, one: Certification) -> Told:
    session.flush()
    return _told(*session.execute(_rows().where(Certification.id == one.id)).one())


def _label(session: Session, one: Certification) -> str:
    told = _of(session, one)
    return f"{told.name} {told.certified_on} 的认证"


def _told(one: Certification, name: str, office: str | None) -> Told:
    return Told(
        one.id,
        name,
        office or "",
        one.form_no or "",
        one.certified_on.isoformat(),
        codes.table("CERT_METHOD").name(one.method),
        codes.table("REPORT_STATE").name(one.report_state),
        one.void_reason or "",
    )
