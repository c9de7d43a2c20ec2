"""Own entries of earlier streams, as values to be set at their place among the centre's words: what
it gives back of those a restore took away, and what is read again after an upgrade."""

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from models.exchange import Change, Replica
from models.kit.among import among
from models.kit.base import table_of
from models.kit.stream import SCHEMA, Head, matches, read_head
from models.schema import values_of
from sync.message import Applied, Item, State, Verdict

Own = dict[tuple[str, int], State]
Places = frozenset[tuple[str, int]]


def again(session: Session, me: Replica, items: list[Item]) -> Own:
    """Own decided entries that these items speak of, as values to be set at their place."""
    found: Own = {}
    for item in items:
        if not isinstance(item, Applied | Verdict):
            continue
        first, last = (item.first, item.last) if isinstance(item, Applied) else (item.seq, item.seq)
        rows = session.scalars(
            select(Change).where(
                Change.office_id == me.office_id,
                Change.incarnation == item.incarnation,
                Change.seq.between(first, last),
                Change.payload.is_not(None),
            )
        )
        for row in rows:
            found[row.incarnation, row.seq] = _as_state(read_head(row.head), row.payload or b"")
    return found


def _as_state(head: Head, payload: bytes) -> State:
    values = values_of(head, payload)
    stamps = dict.fromkeys(values if head.op == "update" else ("*",), head.change_id)
    return State(head.entity, head.entity_id, values, stamps, schema=max(head.schema, SCHEMA))


def lost(
    session: Session, me: Replica, own: list[tuple[str, int, bytes, bytes]]
) -> tuple[Own, Places]:
    """Entries of our earlier incarnations that a restore took away: stored again, and given back
    as values to be set when their verdict comes by; with the places in which a copy of us wrote
    something else than we did."""
    if not own:
        return {}, frozenset()
    heads = [read_head(raw) for _, _, raw, _ in own]
    known = _known(session, [head.change_id for head in heads])
    taken = _taken(session, me, own)
    rows, states, twins = [], {}, set()
    for head, (incarnation, seq, raw, payload) in zip(heads, own, strict=True):
        at = incarnation, seq
        if taken.get(at, head.change_id) != head.change_id:
            twins.add(at)
        is_told_twice = at in states  # set aside first, and in after all
        if is_told_twice or head.change_id in known or not matches(head, payload):
            continue
        states[at] = _as_state(head, payload)
        if at in taken:  # a copy of us wrote it; our own archive stays as it is
            continue
        rows.append(
            {
                "office_id": me.office_id,
                "incarnation": incarnation,
                "seq": seq,
                "change_id": head.change_id,
                "entity": head.entity,
                "entity_id": head.entity_id,
                "hash": b"",
                "head": raw,
                "payload": payload,
                "hlc": head.hlc,
            }
        )
    if rows:
        session.execute(insert(table_of(Change)), rows)
    return states, frozenset(twins)


def _known(session: Session, ids: list[str]) -> set[str]:
    """Which of these changes we have."""
    return set(session.scalars(select(Change.change_id).where(among(Change.change_id, ids))))


def _taken(
    session: Session, me: Replica, own: list[tuple[str, int, bytes, bytes]]
) -> dict[tuple[str, int], str]:
    """Places of these streams where entries of our own stand already, and which."""
    places = [seq for _, seq, _, _ in own]
    rows = session.execute(
        select(Change.incarnation, Change.seq, Change.change_id).where(
            Change.office_id == me.office_id,
            Change.incarnation.in_({incarnation for incarnation, *_ in own}),
            Change.seq.between(min(places), max(places)),
        )
    )
    return {(row.incarnation, row.seq): row.change_id for row in rows}
