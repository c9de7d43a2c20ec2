"""What was carried to the centre, and what is on its way."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import and_, not_, or_, select
from sqlalchemy.orm import Session

from app import audit, parameter
from app.kit.moments import days_since
from models.exchange import Contact, Packed, Replica, new_incarnation


@dataclass(frozen=True, slots=True)
class ContactRow:
    """One exchange in the history."""

    at: datetime
    way: str
    sent: int
    received: int
    result: str
    message: str
    receipt: str


@dataclass(frozen=True, slots=True)
class Carried:
    """A stick that was written and whose receipt has not come back, which by now is late."""

    files: tuple[str, ...]
    at: datetime
    folder: str
    is_late: bool


def history(session: Session, limit: int = 30) -> list[ContactRow]:
    """The last exchanges in which something was carried or went wrong, newest first: no stick was
    carried for nothing. What failed again in the same way is told once."""
    carried_none = and_(Contact.sent == 0, Contact.received == 0)
    idle = and_(Contact.result == "done", Contact.way == "网络", carried_none)
    rows = session.scalars(
        select(Contact).where(not_(idle)).order_by(Contact.at.desc()).limit(4 * limit)
    )
    found: list[ContactRow] = []
    for one in rows:
        row = ContactRow(
            one.at, one.way, one.sent, one.received, one.result, one.message or "",
            one.receipt or "",
        )  # fmt: skip
        if not (found and row.result == "failed" and replace(found[-1], at=row.at) == row):
            found.append(row)
    return found[:limit]


def carried(session: Session) -> Carried | None:
    """The last stick that was written and not confirmed."""
    me = session.scalars(select(Replica)).one()
    rows = session.scalars(
        select(Packed)
        .where(Packed.confirmed_at.is_(None), Packed.incarnation == me.incarnation)
        .where(or_(Packed.last > me.acked_seq, Packed.first > Packed.last))
        .order_by(Packed.at.desc())
    ).all()
    if not rows:
        return None
    newest = [one for one in rows if one.at == rows[0].at]
    patience = int(parameter.in_force(session, "receipt_days").value)
    late = days_since(rows[0].at) >= patience
    return Carried(tuple(one.name for one in newest), rows[0].at, rows[0].folder, late)


def start_anew(session: Session) -> int:
    """The centre saw our stream twice (a copied or set-back file): go on as a new incarnation and
    offer everything undecided again, and say so in the log. Returns how many entries wait."""
    offered = new_incarnation(session)
    audit.note(session, "换新编号", "exchange", None, f"重新上报 {offered} 条")
    return offered
