"""One living person, one record in the whole centre: a number that two stations
hold is never refused; both are told, with the name of the other (R27)."""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.certification import Suspicion
from models.exchange import STREAM
from models.kit import clock
from models.kit.changes import Recorder, insert_many
from models.kit.ids import named_id
from models.office import Office
from models.retiree import DEAD, MOVED_OUT, Retiree
from sync.centre.decide import Decided
from sync.merge import Result

CHUNK = 500
SAME_NUMBER = "06"
PROGRAM = "centre"
GONE = (DEAD, MOVED_OUT)


def suggest(session: Session, decided: Iterable[Decided], centre_office: str) -> bool:
    """Open a doubt at every station that shares a number with a newcomer. The centre's own words:
    they go down like any other edit of the centre. Was anything said?"""
    numbers = {
        str(one.values["id_no"])
        for one in decided
        if one.result in (Result.APPLIED, Result.CONFLICT)
        and one.entry.head.entity == Retiree.__tablename__
        and one.values.get("id_no")
    }
    rows = _doubts(session, numbers)
    if not rows:
        return False
    log = Recorder(PROGRAM, centre_office, STREAM)
    session.info["recorder"] = log
    try:
        insert_many(session, Suspicion, rows)
        log.finish(session)
    finally:
        del session.info["recorder"]
    return True


def _doubts(session: Session, numbers: Iterable[str]) -> list[dict[str, object]]:
    sharing: dict[str, list[Retiree]] = defaultdict(list)
    for who in _shared_by_offices(session, list(numbers)):
        sharing[who.id_no].append(who)
    rows: dict[str, dict[str, object]] = {}
    for people in sharing.values():
        for who in people:
            others = [one for one in people if one.office_id != who.office_id]
            for one in others:
                row = _doubt(session, who, one)
                rows[str(row["id"])] = row
    if not rows:
        return []
    known = set(session.scalars(select(Suspicion.id).where(Suspicion.id.in_(list(rows)))))
    return [row for key, row in rows.items() if key not in known]


def _shared_by_offices(session: Session, numbers: list[str]) -> list[Retiree]:
    """Living people whose number more than one office has; hardly ever any."""
    living = (Retiree.is_void.is_(False), Retiree.manage_state.not_in(GONE))
    shared: list[str] = []
    for at in range(0, len(numbers), CHUNK):
        shared += session.scalars(
            select(Retiree.id_no)
            .where(Retiree.id_no.in_(numbers[at : at + CHUNK]), *living)
            .group_by(Retiree.id_no)
            .having(func.min(Retiree.office_id) != func.max(Retiree.office_id))
        )
    found: list[Retiree] = []
    for at in range(0, len(shared), CHUNK):
        chosen = select(Retiree).where(Retiree.id_no.in_(shared[at : at + CHUNK]), *living)
        found += session.scalars(chosen.order_by(Retiree.created_at, Retiree.id))
    return found


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
