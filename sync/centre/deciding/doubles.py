"""One living person, one record in the whole centre: a number that two stations
hold is never refused; both are told, with the name of the other (R27)."""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.kit import clock
from models.kit.among import among, among_given
from models.kit.ids import named_id
from models.office import Office
from models.retiree import DEAD, MOVED_OUT, Retiree
from models.suspicion import Suspicion
from sync.centre.deciding import voice
from sync.centre.deciding.decide import Decided
from sync.merge import ENTERED

SAME_NUMBER = "06"
LIVING = (Retiree.is_void.is_(False), Retiree.manage_state.not_in((DEAD, MOVED_OUT)))
SHARED = (
    select(Retiree.id_no)
    .where(among_given(Retiree.id_no, "wanted"), *LIVING)
    .group_by(Retiree.id_no)
    .having(func.min(Retiree.office_id) != func.max(Retiree.office_id))
)


def suggest(session: Session, decided: Iterable[Decided]) -> bool:
    """Open a doubt at every station that shares a number with a newcomer. Was anything said?"""
    numbers = {
        str(one.values["id_no"])
        for one in decided
        if one.result in ENTERED
        and one.entry.head.entity == Retiree.__tablename__
        and one.values.get("id_no")
    }
    rows = _doubts(session, numbers) if numbers else []
    return bool(rows) and voice.say(session, Suspicion, rows)


def _doubts(session: Session, numbers: Iterable[str]) -> list[dict[str, object]]:
    sharing: dict[str, list[Retiree]] = defaultdict(list)
    for who in _shared_by_offices(session, list(numbers)):
        sharing[who.id_no].append(who)
    if not sharing:
        return []
    places = {one.id: one.name for one in session.execute(select(Office.id, Office.name))}
    rows: dict[str, dict[str, object]] = {}
    for people in sharing.values():
        for who in people:
            others = [one for one in people if one.office_id != who.office_id]
            for one in others:
                row = _doubt(who, one, places.get(one.office_id, "另一个站"))
                rows[str(row["id"])] = row
    return list(rows.values())


def _shared_by_offices(session: Session, numbers: list[str]) -> list[Retiree]:
    """Living people whose number more than one office has; hardly ever any."""
    shared = session.scalars(SHARED, {"wanted": numbers}).all()
    if not shared:
        return []
    chosen = select(Retiree).where(among(Retiree.id_no, shared), *LIVING)
    return list(session.scalars(chosen.order_by(Retiree.created_at, Retiree.id)))


def _doubt(who: Retiree, other: Retiree, place: str) -> dict[str, object]:
    return {
        "id": named_id(who.id, other.id),
        "office_id": who.office_id,
        "retiree_id": who.id,
        "reason": SAME_NUMBER,
        "detail": f"同一身份证号在 {place} 也有登记（{other.name}），请两站核对由谁管理",
        "found_on": clock.today(),
    }
