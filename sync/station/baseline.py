"""The centre begins to count anew, since its database was put back to an older copy: what the
station does (sync.md 4.9). Nothing that was ever typed here depends on the centre having kept it.
"""

from collections import Counter, defaultdict
from typing import Any

from sqlalchemy import ColumnElement, and_, not_, or_, select, update
from sqlalchemy.orm import Session

from models.exchange import REOFFERED, Change, Replica
from models.kit.among import among
from models.kit.base import table_of, wire_fields
from models.kit.stream import GENESIS, SCHEMA, read_head
from models.schema import values_of
from sync import later
from sync.order import behind_bases, said_at
from sync.records import Write
from sync.salvage import Entry, offer, whole_actions
from sync.station import scope
from sync.versions import known

FIRST = 1
Said = dict[str, dict[str, dict[str, tuple[Any, str]]]]


def begin(session: Session, me: Replica, epoch: int) -> None:
    """Read the centre from its first word. Until its verdicts come by again, and with them the
    records as they stand, no entry of ours counts as decided."""
    me.centre_epoch, me.acked_seq = epoch, 0
    me.down_seq, me.down_head = 0, GENESIS
    later.forget_unread(session)
    scope.doubt(session, me)
    change = table_of(Change)
    session.execute(
        update(change)
        .where(
            change.c.office_id == me.office_id,
            change.c.outcome.is_not(None),
            change.c.outcome != REOFFERED,
            change.c.payload.is_not(None),  # of whoever left nothing can be offered again
            not_(and_(_is_earlier(me), among(change.c.change_id, _in_pieces(session, me)))),
        )
        .values(outcome=None, reason=None, decided_at=None)
    )


def _is_earlier(me: Replica) -> ColumnElement[bool]:
    return and_(Change.office_id == me.office_id, Change.incarnation != me.incarnation)


def _in_pieces(session: Session, me: Replica) -> set[str]:
    """What earlier streams, or those of another computer, said in an action of which a part is
    emptied or never came here: it could not be offered again whole, and would wait for ever."""
    rows = session.execute(
        select(Change.incarnation, Change.head).where(_is_earlier(me), Change.payload.is_not(None))
    )
    heads = [(row.incarnation, read_head(row.head)) for row in rows]
    there = Counter((incarnation, head.tx) for incarnation, head in heads)
    return {
        head.change_id for incarnation, head in heads if there[incarnation, head.tx] < head.parts
    }


def end(session: Session, me: Replica) -> set[str]:
    """Once all has been read: what the centre has forgotten is offered again, and shown. Returns
    the names of the tables that changed."""
    return _offer_again(session, me) | show(session, me)


def show(session: Session, me: Replica) -> set[str]:
    """What waits where the centre has told all it knew; what it applies from here on it does not
    say again. In its first epoch it has forgotten nothing yet."""
    return set() if me.centre_epoch == FIRST else _show_own_words(session, me)


def _show_own_words(session: Session, me: Replica) -> set[str]:
    """Where an entry of ours waits, its value is on screen, not a word the centre has forgotten
    that was said over it, nor what that had brought back: the entry may be applied without any more
    being said. Of whoever it says has left, a stub stays one."""
    changed, gone = set(), scope.left(session, me)
    for name, records in _own_words(session, me).items():
        writes = {}
        for key, stamps in later.standing(session, name, records.keys() - gone).items():
            put = Write()
            for field, (value, change) in records[key].items():
                if (stamps.get(field) or stamps.get("*", "")) != change:
                    put.values[field], put.stamps[field] = value, change
            if put.values:
                writes[key] = put
        if writes:
            later.put(session, me.office_id, name, writes)
            changed.add(name)
    return changed


def _own_words(session: Session, me: Replica) -> Said:
    """noun -> record -> field -> (value, change), our newest of each where that is undecided."""
    ours = Change.office_id == me.office_id
    waits = and_(Change.incarnation == me.incarnation, Change.outcome.is_(None))
    about = ours, Change.entity_id.in_(select(Change.entity_id).where(ours, waits))
    at = said_at(session, *about)
    rows = session.execute(
        select(
            Change.change_id,
            Change.entity,
            Change.entity_id,
            Change.head,
            Change.payload,
            Change.outcome,
        ).where(
            *about,
            or_(waits, Change.outcome != REOFFERED),
            Change.payload.is_not(None),
        )
    ).all()
    said: Said = defaultdict(lambda: defaultdict(dict))
    in_order = sorted(rows, key=lambda one: at[one.change_id])
    read = [(one, read_head(one.head)) for one in in_order]
    born = [head.entity_id for _, head in read if head.op == "insert"]
    kept = later.words_of(session, born) if later.is_any(session) else {}
    for one, head in behind_bases(((one, head), [head]) for one, head in read):
        values = values_of(head, one.payload)
        entity = known(one.entity, SCHEMA)
        if entity is not None and head.op == "insert":
            table = table_of(entity)
            empty = [name for name in wire_fields(table) if table.c[name].nullable]
            unread = kept.get((one.entity, one.entity_id), {}).keys() - {later.CREATED}
            values = {**dict.fromkeys((*empty, *sorted(unread))), **values}
        words = said[one.entity][one.entity_id]
        for name, value in values.items():
            if one.outcome is None:
                words[name] = (value, one.change_id)
            else:  # the centre's answer to it is on screen
                words.pop(name, None)
    return said


def _offer_again(session: Session, me: Replica) -> set[str]:
    """Entries of earlier streams the centre said nothing of go to the end of the present one, under
    the same change ids."""
    lost = _is_earlier(me), Change.outcome.is_(None)
    rows = session.execute(select(Change.change_id, Change.head, Change.payload).where(*lost)).all()
    if not rows:
        return set()
    at = said_at(session, *lost)
    found = whole_actions(
        Entry(*at[r.change_id], read_head(r.head), r.head, r.payload or b"") for r in rows
    )
    change, ids = table_of(Change), [one.head.change_id for one in found.entries]
    session.execute(
        update(change)
        .where(*lost, among(change.c.change_id, ids))
        .values(outcome=REOFFERED)
        .execution_options(synchronize_session=False)
    )
    session.flush()
    changed = offer(session, found, scope.left(session, me))
    session.refresh(me)
    return changed
