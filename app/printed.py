"""Papers with a number: allotting it, and each print as an event."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import audit, roles
from app.kit.who import at_desk
from app.printing.kit import codes
from app.printing.kit.page import Imprint
from models.exchange import Replica
from models.kit import clock
from models.kit.among import among
from models.kit.changes import insert_many
from models.kit.ids import new_id
from models.local_note import LocalNote
from models.office import Office
from models.printed import Print

COUNTER = "paper counter"


@dataclass(frozen=True, slots=True)
class Item:
    """One printed paper: whose, which number, and what it said."""

    retiree_id: str | None
    number: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class PrintRow:
    """One print in the journal."""

    paper: str
    number: str
    printed_at: datetime
    times: int
    purpose: str


def next_numbers(session: Session, prefix: str, count: int) -> list[str]:
    """So many fresh numbers; the counter belongs to this incarnation of this installation."""
    if count == 0:
        return []
    incarnation = session.execute(select(Replica.incarnation)).scalar_one()
    year = clock.today().year
    counter = _counter(session, f"{prefix}{year}-{incarnation}")
    first = int(counter.value) + 1
    counter.value = first + count - 1
    return [codes.form_no(incarnation, at, year, prefix) for at in range(first, first + count)]


def _counter(session: Session, key: str) -> LocalNote:
    found = session.scalars(
        select(LocalNote).where(LocalNote.kind == COUNTER, LocalNote.key == key)
    ).first()
    if found is None:
        found = LocalNote(id=new_id(), kind=COUNTER, key=key, value=0)
        session.add(found)
        session.flush()
    return found


def printed(session: Session, paper: str, items: Sequence[Item], purpose: str = "") -> None:
    """Journal these prints; a number printed again counts up."""
    times = count(session, [one.number for one in items if one.number])
    insert_many(
        session,
        Print,
        [
            {
                "paper": paper,
                "number": one.number or None,
                "retiree_id": one.retiree_id,
                "printed_at": clock.now(),
                "times": times.get(one.number, 0) + 1,
                "digest": one.digest or None,
                "purpose": purpose or None,
            }
            for one in items
        ],
    )


def saved(session: Session, paper: str) -> None:
    """Journal that a paper left as a file, which nothing protects."""
    audit.note(session, "导出", detail=f"{paper}，存为 PDF，没有加密")


def count(session: Session, numbers: Sequence[str]) -> dict[str, int]:
    """How often each number was printed already."""
    rows = session.execute(
        select(Print.number, func.count())
        .where(among(Print.number, numbers), Print.is_void.is_(False))
        .group_by(Print.number)
    )
    return {number: n for number, n in rows if number}


def prints(session: Session, number: str) -> list[PrintRow]:
    """Every print of one number, newest first."""
    rows = session.scalars(
        select(Print)
        .where(Print.number == number, Print.is_void.is_(False))
        .order_by(Print.printed_at.desc())
    )
    return [
        PrintRow(one.paper, one.number or "", one.printed_at, one.times, one.purpose or "")
        for one in rows
    ]


def office(session: Session) -> Office:
    """The office at whose desk we are."""
    return session.get_one(Office, at_desk(session).office_id)


def imprint(session: Session, purpose: str = "") -> Imprint:
    """What every paper says of itself; refused to whoever may only look."""
    roles.allow(at_desk(session), "print", "print")
    here = office(session)
    return Imprint(
        station=here.name,
        printed_at=clock.now(),
        printed_by=at_desk(session).name,
        phone=here.phone or "",
        purpose=purpose,
    )
