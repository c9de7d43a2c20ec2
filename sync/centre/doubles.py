"""One living person, one record in the whole centre: a number that two stations
hold is never refused; both are told, with the name of the other (R27)."""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.certification import Suspicion
from models.exchange import STREAM
from models.kit import clock
from models.kit.changes import Recorder, insert_many
from models.kit.ids import named_id
from models.office import Office
from models.retiree import DEAD, MOVED_OUT, Retiree
from sync.centre.apply import Decided
from sync.merge import Result

SAME_NUMBER = "06"
PROGRAM = "centre"
GONE = (DEAD, MOVED_OUT)


def suggest(session: Session, decided: Iterable[Decided], centre_office: str) -> None:
    """Open a doubt at every station that shares a number with a newcomer. The centre's own words:
    they go down like any other edit of the centre."""
    numbers = {
        str(one.values["id_no"])
        for one in decided
        if one.result in (Result.APPLIED, Result.CONFLICT)
        and one.entry.head.entity == Retiree.__tablename__
        and one.values.get("id_no")
    }
    rows = _doubts(session, numbers)
    if not rows:
        return
    log = Recorder(PROGRAM, centre_office, STREAM)
    session.info["recorder"] = log
    try:
        insert_many(session, Suspicion, rows)
        log.finish(session)
    finally:
        del session.info["recorder"]


def _doubts(session: Session, numbers: Iterable[str]) -> list[dict[str, object]]:
    sharing: dict[str, list[Retiree]] = defaultdict(list)
    wanted = list(numbers)
    for at in range(0, len(wanted), 500):
        for who in session.scalars(
            select(Retiree)
            .where(
                Retiree.id_no.in_(wanted[at : at + 500]),
                Retiree.is_void.is_(False),
                Retiree.manage_state.not_in(GONE),
            )
            .order_by(Retiree.created_at, Retiree.id)
        ):
            sharing[who.id_no].append(who)
    rows: dict[str, dict[str, object]] = {}
    for people in sharing.values():
        for who in people:
            others = [one for one in people if one.office_id != who.office_id]
            for one in others:
                row = _doubt(session, who, one)
                rows[str(row["id"])] = row
    known = set(session.scalars(select(Suspicion.id).where(Suspicion.id.in_(list(rows)))))
    return [row for key, row in rows.items() if key not in known]


def _doubt(session: Session, who: Retiree, other: Retiree) -> dict[str, object]:
    place = session.scalar(select(Office.name).where(Office.id == other.office_id)) or "另一个站"
    return {
        "id": named_id(who.id, other.id),
        "office_id": who.office_id,
        "retiree_id": who.id,
        "reason": SAME_NUMBER,
        "detail": f"同一身份证号在 {place} 也有登记（{other.name}），请两站核对由谁管理",
        "found_on": clock.today(),
    }
