"""Records of ours that the centre has lost together with every word that made them, and that
somebody else made: a person who came to us before it was put back, and whom the station before has
let go of. As they stand here they are made anew (sync.md 4.13): otherwise whatever we say of them
would wait there for ever."""

from collections.abc import Collection
from contextlib import suppress

from sqlalchemy import ColumnElement, and_, delete, false, not_, or_, select, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.entities import ENTITIES
from models.exchange import STREAM, Change, Replica
from models.handover import OFFERED, Handover
from models.kit.among import among
from models.kit.base import Flow, Record, Writer, table_of
from models.kit.changes import make_anew, spoken
from models.retiree import Retiree
from models.staff import PROGRAM


def made_elsewhere(
    session: Session, ids: Collection[str], unsure: Collection[str] = ()
) -> dict[type[Record], list[str]]:
    """Those of these records that nobody can be asked to say again: of ours to write, by noun, what
    others refer to first. Of somebody of whom it is ``unsure`` that they are in our care, none."""
    me = session.scalars(select(Replica)).one()
    ours = Retiree.office_id == me.office_id, not_(among(Retiree.id, unsure))
    people = select(Retiree.id).where(*ours)
    found: dict[type[Record], list[str]] = {}
    for entity in ENTITIES if ids else ():
        if not _is_ours_to_say(entity):
            continue
        table = table_of(entity)
        mine = [among(table.c.id, ids), table.c.office_id == me.office_id]
        if "retiree_id" in table.c:  # our papers of somebody who left are not for us to say now
            mine.append(or_(table.c.retiree_id.is_(None), table.c.retiree_id.in_(people)))
        rows = session.execute(select(table.c.id, table.c.stamps).where(*mine)).all()
        made = {row.id: row.stamps.get("*", "") for row in rows}
        said = among(Change.change_id, made.values()), Change.payload.is_not(None)
        own = set(session.scalars(select(Change.change_id).where(*said)))
        if keys := sorted(key for key, change in made.items() if change not in own):
            found[entity] = keys
    return found


def say(session: Session, records: dict[type[Record], list[str]]) -> None:
    """Each an action of its own."""
    me = session.scalars(select(Replica)).one()
    for entity, keys in records.items():
        for key in keys:
            with spoken(session, PROGRAM, me.office_id, STREAM):
                make_anew(session, entity, [key])
    session.refresh(me)


def _is_ours_to_say(entity: type[Record]) -> bool:
    is_sent = entity.flow not in (Flow.DOWN, Flow.LOCAL)
    return is_sent and entity.writer is not Writer.CENTRE and entity is not Handover


def let_go(session: Session, ids: Collection[str] = (), offers: Collection[str] = ()) -> None:
    """Of these, what the centre alone can say: it has forgotten that it ruled, told or assigned it,
    and its people say it once more; and ``offers`` of others to us that nobody knows any more. What
    a record still refers to goes once that is told as it is now."""
    for entity in reversed(ENTITIES) if ids or offers else ():  # what refers to others goes first
        table = table_of(entity)
        gone = and_(among(table.c.id, ids), _is_the_centres(entity))
        if entity is Handover:
            open_ones = and_(among(table.c.id, offers), table.c.state == OFFERED)
            gone = or_(gone, open_ones)
        with suppress(IntegrityError), session.begin_nested():
            session.connection().execute(delete(table).where(gone))


def _is_the_centres(entity: type[Record]) -> ColumnElement[bool]:
    if entity is Handover:
        return table_of(entity).c.assigned_by.is_not(None)
    return true() if entity.writer is Writer.CENTRE and entity.flow is Flow.DOWN else false()
