"""R57: an installation that may no longer send (停用). The row goes down to every station with the
next answer; the service keeps such an installation's files as they came and takes nothing in."""

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app import audit, centre, roles
from app.kit.refusal import Overtaken, Refusal
from app.kit.who import at_desk
from models.exchange import Installation
from models.kit import clock
from models.office import Office
from models.revocation import Revocation

SHORTEST = 2


def revoke(session: Session, replica_id: str, reason: str) -> str:
    """Stop one installation for good. Returns the sentence for the toast."""
    desk = at_desk(session)
    roles.allow(desk, "revocation", "write")
    if len(reason.strip()) < SHORTEST:
        raise Refusal("请写明停用原因，例如“电脑丢失”“换了新电脑”", "reason")
    found = session.scalars(select(Installation).where(Installation.id == replica_id)).one()
    earlier = session.scalars(standing().where(Revocation.replica_id == replica_id)).first()
    if earlier is not None:
        raise Overtaken(f"这台电脑已由 {earlier.revoked_by or '区中心'} 停用，不用再停")
    here = session.get(Office, found.office_id)
    session.add(
        Revocation(
            replica_id=replica_id,
            # a district that has not reported yet is known under our own office
            station_id=here.id if here else desk.office_id,
            reason=reason.strip(),
            revoked_at=clock.now(),
            revoked_by=desk.name,
        )
    )
    name = here.name if here else centre.district_name(session, found.office_id)
    audit.note(session, "停用电脑", "revocation", replica_id, f"{name}：{reason.strip()}")
    return f"已停用 {name} 的这台电脑，它的数据包以后只留存、不收入"


def standing() -> Select[Revocation]:
    """The revocations in force."""
    return select(Revocation).where(Revocation.is_void.is_(False))
