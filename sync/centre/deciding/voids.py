"""Voiding against what its author had not seen (sync.md 4.5). An edit beats a voiding it did not
know of: where the edit was first, the voiding is in dispute; where the voiding was first, the
record comes back and a person decides. Either way nothing goes from sight unseen."""

from collections.abc import Iterable
from functools import cache
from hashlib import sha256

from sqlalchemy import select

from models.exchange import Conflict
from models.kit import clock
from models.kit.base import Record, facts, table_of
from models.kit.changes import base_of
from models.kit.stream import Head
from models.kit.voiding import belongings
from models.retiree import Retiree
from sync.centre.deciding.action import said_with
from sync.centre.deciding.said import Said
from sync.centre.deciding.stored import Key, Row, Stage, Stored
from sync.merge import Fate
from sync.records import entity_of, load

PAIR = ("is_void", "void_reason")


def fate(known: Stored, stage: Stage, said: Said, row: Row, base: str | None) -> tuple[Fate, str]:
    """Of a voiding, or of taking one back, over what its author had on screen; where it is in
    dispute, with the change it had not seen. Two of them at once are one."""
    head, at = said.entry.head, base_of(row.stamps, "is_void")
    is_known = at in ("", base, head.change_id)
    if not said.raw["is_void"]:
        return (Fate.SET if is_known else Fate.PASSED), ""
    if not is_known and known.goes_back_to(at, head.change_id, "is_void"):
        return Fate.PASSED, ""  # let in after its author had gone on
    hidden = _unseen(known, stage, said, row)
    if hidden:
        return Fate.CASE, hidden
    if not is_known and is_void(known, head.entity, head.entity_id, row):
        return Fate.PASSED, ""
    # what the same action brought back before goes after all
    stage.opened = [
        one
        for one in stage.opened
        if one.kept_change not in stage.ids
        or not (one.field == "is_void" and one.entity_id == head.entity_id)
    ]
    return Fate.SET, ""


def is_void(known: Stored, noun: str, key: str, row: Row) -> bool:
    """Is the record out of sight, as the action sees it?"""
    return "is_void" in row.stamps and known.value(noun, key, "is_void", row) is True


def _unseen(known: Stored, stage: Stage, said: Said, row: Row) -> str:
    """A change the voiding would take from sight and does not name; none where a program of before
    names nothing."""
    head = said.entry.head
    if not head.seen:
        return ""
    seen = known.seen_with(head.seen) | stage.ids
    stands = [row.stamps]
    for noun, key, stamps in known.under.get((head.entity, head.entity_id), ()):
        now = stage.get((noun, key)) or known.rows.get((noun, key))
        stands.append(now.stamps if now else dict(stamps))
    return next((one for stamps in stands for one in _heads(stamps) if one not in seen), "")


def _heads(stamps: dict[str, str]) -> Iterable[str]:
    return (one for name, one in stamps.items() if one and name not in PAIR)


def bring_back(known: Stored, stage: Stage, said: Said) -> tuple[Key, ...]:
    """What was voided before this change and unknown to its author is in sight again: the record
    itself, what it belongs to, and what went with that. Returns the records."""
    head, at = said.entry.head, (said.entry.head.entity, said.entry.head.entity_id)
    back: list[Key] = []
    if head.op != "insert" and _is_hidden(known, head, stage[at]) and _is_word_for(known, said):
        back += _restore(known, stage, head, said.entity, at)
    if head.op == "insert" or back:
        for noun, key in _owners(known, stage, said):
            owner = known.row(noun.__tablename__, key, stage)
            if (
                owner is not None
                and is_void(known, noun.__tablename__, key, owner)
                and _by_others(known, owner)
            ):
                back += _restore(known, stage, head, noun, (noun.__tablename__, key))
    return tuple(back)


def _is_word_for(known: Stored, said: Said) -> bool:
    """Does an edit bring back what is voided? One that takes back a voiding only if that was put
    aside, and then ruled to hold: where two void at once and one takes it back, the other's
    stands."""
    if "is_void" not in said.raw:
        return True
    voided = known.past(said.entry.head.bases.get("is_void", ""))
    return not said.raw["is_void"] and voided is not None and not voided.is_in


def _is_hidden(known: Stored, head: Head, row: Row) -> bool:
    """Is the record voided by a change its editor did not know of, nor that of the edit?"""
    at = row.stamps.get("is_void", "")
    return (
        at not in head.seen
        and is_void(known, head.entity, head.entity_id, row)
        and not known.saw(at, head.change_id)
    )


def _by_others(known: Stored, row: Row) -> bool:
    """Was it voided elsewhere than at the author's office?"""
    voided = known.past(row.stamps["is_void"])
    return voided is None or voided.office_id != known.office_id


def _owners(known: Stored, stage: Stage, said: Said) -> Iterable[tuple[type[Record], str]]:
    """What the record belongs to and may be out of sight; asks nothing for what is new itself. What
    waits as a whole belongs to its person."""
    head, entity = said.entry.head, said.entity
    row = stage[head.entity, head.entity_id]
    if entity is None or row.shown is None:
        whose = known.value(head.entity, head.entity_id, "retiree_id", row)
        if isinstance(whose, str):
            known.fetch(Retiree.__tablename__, [whose])
            yield Retiree, whose
        return
    for name, noun in _links(entity):
        key = said.values.get(name)
        if key is None and head.op != "insert":
            key = load(known.session, entity, [head.entity_id], (name,))[head.entity_id][name]
            known.fetch(noun.__tablename__, [key])
        if key and "is_void" in known.stamps(noun.__tablename__, key, stage):
            yield noun, str(key)


@cache
def _links(entity: type[Record]) -> tuple[tuple[str, type[Record]], ...]:
    return tuple(
        (name, entity_of(fact.link))
        for name, fact in facts(entity).items()
        if fact.required and fact.link is not None
    )


def _restore(
    known: Stored, stage: Stage, head: Head, noun: type[Record] | None, at: Key
) -> Iterable[Key]:
    """A record and what went with it, in the same action, as belonging to it."""
    row, key = stage[at], at[1]
    voiding = row.stamps["is_void"]
    stage.opened.append(
        Conflict(
            id=sha256(f"{head.change_id}/{key}/is_void".encode()).hexdigest()[:32],
            office_id=row.office_id,
            entity=at[0],
            entity_id=key,
            field="is_void",
            kept_change=head.change_id,
            other_change=voiding,
            about=key,
            needs_person=True,
            opened_at=clock.now(),
        )
    )
    _put(row, head)
    yield at
    if noun is None:
        return
    along = {one.change_id for one in said_with(known.session, voiding)} if belongings(noun) else ()
    for other, link in belongings(noun) if along else ():
        table = table_of(other)
        chosen = select(table.c.id).where(table.c[link] == key, table.c.is_void.is_(True))
        ids = known.session.scalars(chosen).all()
        # what went along is no question of its own
        stage.opened = [
            one for one in stage.opened if one.entity_id not in ids or one.other_change not in along
        ]
        known.fetch(other.__tablename__, ids)
        for one in ids:
            beside = known.row(other.__tablename__, one, stage)
            if beside is not None and beside.stamps.get("is_void") in along:
                _put(beside, head)
                yield other.__tablename__, one
    for other_at in known.fetch_kept(key) if along else ():
        beside = known.row(*other_at, stage)
        if beside is not None and beside.stamps.get("is_void") in along:
            _put(beside, head)
            yield other_at


def _put(row: Row, head: Head) -> None:
    put = row.later if row.shown is None else row.write
    put.values |= {"is_void": False, "void_reason": None}
    mine = dict.fromkeys(PAIR, head.change_id)
    row.stamps |= mine
    put.stamps |= mine
    if put is row.later:
        put.newer = {**put.newer, **dict.fromkeys(PAIR, head.schema)}
