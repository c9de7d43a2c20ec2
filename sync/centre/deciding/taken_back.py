"""A question nobody needs to answer any more: whether a record goes, where whoever voided it has
taken all of that back. The program closes it by a ruling of its own (sync.md 4.5)."""

from collections.abc import Iterable, Sequence

from sqlalchemy import not_, select
from sqlalchemy.orm import Session

from models.audit import Audit
from models.exchange import Change, Conflict, Replica
from models.kit import clock
from models.kit.among import among
from models.kit.ids import named_id
from models.kit.stream import Head, read_head
from models.retiree import Retiree
from models.ruling import NOW, Ruling, concerned, is_ruled
from sync.centre.deciding import voice
from sync.centre.deciding.action import said_with
from sync.centre.deciding.decide import Decided
from sync.merge import ENTERED

GROUND = "作废的一方自己又恢复了，没有争议了，不用再定"


def close(session: Session, decided: Iterable[Decided]) -> bool:
    """The questions about a voiding on which its author went on with one of these. Was any?"""
    heads = (one.entry.head for one in decided if one.result in ENTERED)
    back = {one.bases["is_void"] for one in heads if "is_void" in one.bases}
    rows = []
    for case in _open(session) if back else ():
        action = said_with(session, case.other_change)
        if back & {one.change_id for one in action} and _is_taken_back(session, action):
            rows += _rulings(session, case)
    return bool(rows) and voice.say(session, Ruling, rows)


def _open(session: Session) -> Sequence[Conflict]:
    """Whether a record goes; hardly ever any."""
    asked = (Conflict.field == "is_void", Conflict.needs_person, not_(is_ruled()))
    return session.scalars(select(Conflict).where(*asked)).all()


def _is_taken_back(session: Session, action: Sequence[Head]) -> bool:
    """Did its author go on from everything it says, so that nothing of it is wanted still?"""
    said = [one for one in action if one.entity != Audit.__tablename__]
    entered = Change.outcome.in_(ENTERED)
    rows = session.scalars(
        select(Change.head).where(among(Change.entity_id, {one.entity_id for one in said}), entered)
    )
    later = {(base, name) for raw in rows for name, base in read_head(raw).bases.items()}
    return all(
        one.op != "insert" and all((one.change_id, name) in later for name in _names(one))
        for one in said
    )


def _names(head: Head) -> Iterable[str]:
    return ("is_void",) if "is_void" in head.bases else head.bases


def _rulings(session: Session, case: Conflict) -> list[dict[str, object]]:
    """One for each office that is told; nobody has signed it."""
    us = session.scalars(select(Replica.office_id)).one()
    is_person = session.get(Retiree, case.about) is not None
    return [
        {
            "id": named_id(case.id, office_id),
            "office_id": office_id,
            "retiree_id": case.about if is_person else None,
            "conflict_id": case.id,
            "entity": case.entity,
            "record_id": case.entity_id,
            "item": case.field,
            "kept_change": case.kept_change,
            "other_change": case.other_change,
            "choice": NOW,
            "ground": GROUND,
            "ruled_at": clock.now(),
        }
        for office_id in concerned(session, case, us)
    ]
