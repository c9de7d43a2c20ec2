"""W4: who of a roster is registered already, asked before anything is written (与在册核对)."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import circles, person
from app.kit.importing import Known
from app.roster_rules import NAMELESS
from models.kit.among import among
from models.kit.base import facts
from models.movement import Movement
from models.retiree import DEAD, MOVED_OUT, Retiree

_STATES = {DEAD: "dead", MOVED_OUT: "left"}
_SYSTEM = frozenset({"created_at", "created_by", "void_reason", "import_id", "employer_id"})


def known_people(session: Session, numbers: Collection[str]) -> dict[str, Known]:
    """Who is registered under these numbers, for the check before anything is written."""
    found: dict[str, Known] = {}
    unseen = _SYSTEM | circles.hidden_fields(session, Retiree)
    compared = [name for name in facts(Retiree) if name not in unseen]
    wanted = among(Retiree.id_no, filter(None, numbers))
    query = select(Retiree).where(wanted, Retiree.is_void.is_(False))
    cared_for_first = (Retiree.manage_state == DEAD, Retiree.manage_state == MOVED_OUT, Retiree.id)
    people = session.scalars(query.order_by(*cared_for_first)).all()
    beside = _beside(session, [who.id for who in people])
    for who in people:
        if who.id_no not in found:
            found[who.id_no] = _known(session, who, compared, beside[who.id])
    return found


def _beside(session: Session, ids: Collection[str]) -> dict[str, dict[str, object]]:
    """Whom to call and the tags, as Known has what a sheet may add to."""
    families, tags = person.families(session, ids), person.tags(session, ids)
    hidden = circles.hidden_tags(session)
    found: dict[str, dict[str, object]] = {}
    for key in ids:
        names = frozenset(one.name for one in families[key]) | {*NAMELESS.values()}
        phones = tuple(dict.fromkeys(one.phone for one in families[key] if one.phone))
        found[key] = {"tags": frozenset(tags[key]) - hidden}
        for contact in NAMELESS:
            found[key] |= {f"{contact}_name": names, f"{contact}_phone": phones}
    return found


def _known(
    session: Session, who: Retiree, compared: Sequence[str], beside: dict[str, object]
) -> Known:
    state = _STATES.get(who.manage_state, "here")
    values = {name: getattr(who, name) for name in compared} | beside
    since = _since(session, who) if state != "here" else ""
    return Known(who.id, who.name, state, person.place(who), since, values)


def _since(session: Session, who: Retiree) -> str:
    on = session.scalar(
        select(Movement.changed_on)
        .where(Movement.retiree_id == who.id, Movement.to_state == who.manage_state)
        .order_by(Movement.changed_on.desc())
        .limit(1)
    )
    return on.isoformat() if on else ""
