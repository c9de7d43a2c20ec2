"""Undo and redo (撤销、重做): the inverse change is appended, never cut out.

What a field held before is found in the log: an edit names, per field, the change whose value was
on screen. Whoever touched the field since is not overruled.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby, takewhile
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app import acts, nouns, person, roles
from app.kit.refusal import Refusal
from app.kit.who import at_desk
from app.nouns import KEPT, Kept
from models.entities import BY_NAME, ENTITIES
from models.exchange import REOFFERED, Change, Replica
from models.kit import clock
from models.kit.base import Record, facts, from_wire
from models.kit.changes import base_of, recorder
from models.kit.ids import new_id
from models.kit.stream import Head, moment_of, read_former, read_head, whole_of
from models.local_note import LocalNote
from models.schema import heard, today, upcast, values_of

UNDONE, REDONE = "undo", "redo"
UNDO_REASON = "撤销"
"""Of a record whose making was taken back."""
# What printing notes beside its event: the number it allotted, the day of the print.
PRINTED = {"cert_task": frozenset({"form_no", "printed_at"})}
REPLANNED = frozenset({"visit_plan"})
VOIDING: Mapping[str, Any] = {"is_void": False, "void_reason": None}
"""What a voiding found, whoever made the record."""
WITHIN = timedelta(hours=24)
BACK, AT_ONCE = 400, 500


@dataclass(frozen=True, slots=True)
class Step:
    """One action that can be taken back or done again."""

    tx: str
    sentence: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """One change of an action; ``former`` is what its fields said before, where that was kept."""

    head: Head
    values: dict[str, Any]
    former: dict[str, Any] = field(default_factory=dict)


def last(session: Session) -> Step | None:
    """The last action of the person at the desk that Ctrl+Z would take back."""
    found = _last(session)
    return None if found is None or _refusal(found[1]) else _step(session, *found)


def _last(session: Session) -> tuple[str, list[Part]] | None:
    done = _notes(session, UNDONE)
    taken = set(done.values())
    for tx, parts in _own(session):
        if tx not in done and tx not in taken and not _only_events(parts):
            return tx, parts
    return None


def next_redo(session: Session) -> Step | None:
    """What Ctrl+Y would do again; nothing once something new was done."""
    undone, redone = _notes(session, UNDONE), set(_notes(session, REDONE).values())
    again = set(_notes(session, REDONE))
    for tx, parts in _own(session):
        if tx in undone and tx not in redone:
            return _step(session, tx, parts)
        if tx not in undone and tx not in again and not _only_events(parts):
            return None
    return None


def undo(session: Session, tx: str | None = None) -> str:
    """Take one action back (the last one): records it made are voided, fields it wrote get their
    former values. Returns the sentence for the toast."""
    if tx is None:
        found = _last(session)
        if found is None:
            raise Refusal("没有可以撤销的操作")
        tx = found[0]
    return _invert(session, tx, UNDONE, "已撤销")


def take_back_voiding(session: Session, record: Record) -> str:
    """Invert the whole action that voided a record, where it was done here and was about no more
    than that, however long ago. Returns the sentence; empty where it is not ours to invert, was
    changed since, or rested on what only the centre knows."""
    head = _head(session, base_of(record.stamps, "is_void"))
    parts = _parts(session, head.tx, whole=False) if head is not None else []
    if head is None or any(nouns.of(part.head.entity).no_undo for part in parts):
        return ""
    said = [part for part in parts if not _is_event(part)]
    if not all(_is_on_record(session, part) for part in said):
        return ""
    if any(_went_on(session, part) for part in said):
        return ""
    return _invert(session, head.tx, UNDONE, "已恢复", parts)


def changes_with(session: Session, change: str) -> frozenset[str]:
    """The changes said in one action with this one; none where it was said elsewhere."""
    head = _head(session, change)
    parts = _parts(session, head.tx, whole=False) if head is not None else ()
    return frozenset(part.head.change_id for part in parts)


def redo(session: Session) -> str:
    """Do again what was undone last."""
    step = next_redo(session)
    if step is None:
        raise Refusal("没有可以重做的操作")
    return _invert(session, step.tx, REDONE, "已重做")


def _invert(
    session: Session, tx: str, kind: str, word: str, one: Sequence[Part] | None = None
) -> str:
    """``one``: no more than this of it."""
    parts = _parts(session, tx) if one is None else one
    refusal = _refusal(parts)
    if refusal is not None:
        raise Refusal(refusal)
    if tx in _notes(session, kind).values():
        raise Refusal("这一步已经撤销过了" if kind == UNDONE else "这一步已经重做过了")
    subject = _subject(session, parts)
    log = recorder(session)
    if len({part.head.tx for part in parts}) > 1:
        person.one_by_one(session)
    before = len(log.drafts) if log else 0
    inverse = _notes(session, UNDONE) | _notes(session, REDONE)
    born = {part.head.entity_id for part in parts if part.head.op == "insert"}
    for part in reversed(parts):
        if not _is_event(part):
            roles.allow(at_desk(session), part.head.entity, "write")
            _take_back(session, part, born, inverse)
    session.flush()
    if log is None or len(log.drafts) == before:
        raise Refusal("这一步没有改动任何资料，不用撤销")
    made = log.name(session)
    session.add(LocalNote(id=new_id(), kind=kind, key=made, value={"of": tx}))
    return f"{word} {subject}"


def _take_back(session: Session, part: Part, born: set[str], inverse: dict[str, str]) -> None:
    entity = BY_NAME[part.head.entity]
    record = session.get(entity, part.head.entity_id)
    if record is None:
        raise Refusal(f"这条{_noun(part.head)}已经不在本站，不能撤销")
    if part.head.op == "insert":
        _untouched(session, record, part.head, set(record.stamps) - {"*"}, inverse)
        _unused(session, record, part.head, born)
        record.is_void, record.void_reason = True, UNDO_REASON
        return
    if part.head.entity in REPLANNED and not _is_mine(record, part):
        return
    _untouched(session, record, part.head, part.values, inverse)
    for name in part.values:
        if name in VOIDING and part.values.get("is_void"):
            setattr(record, name, VOIDING[name])
        else:
            setattr(record, name, _former(session, entity, name, part))


def _went_on(session: Session, part: Part) -> bool:
    """Was anything of it changed since?"""
    record = session.get(BY_NAME[part.head.entity], part.head.entity_id)
    inverse = _notes(session, UNDONE) | _notes(session, REDONE)
    try:
        if record is not None and part.head.entity not in REPLANNED:
            came = part.head.op == "insert" or part.values.get("is_void") is False
            names = set(record.stamps) - {"*"} if came else part.values
            _untouched(session, record, part.head, names, inverse)
    except Refusal:
        return True
    return record is None


def _is_on_record(session: Session, part: Part) -> bool:
    """Can what it changed be found: not so where that came from the centre."""
    names = part.values.keys() - VOIDING.keys() - part.former.keys()
    bases = [part.head.bases.get(name, "") for name in names]
    return part.head.op == "insert" or all(_head(session, base) is not None for base in bases)


def _is_mine(record: Record, part: Part) -> bool:
    return all(base_of(record.stamps, name) == part.head.change_id for name in part.values)


def _untouched(
    session: Session, record: Record, head: Head, names: Iterable[str], inverse: dict[str, str]
) -> None:
    for name in names:
        now = base_of(record.stamps, name)
        if _is_of(session, now, head) or _origin(session, name, now, inverse) == _origin(
            session, name, head.change_id, inverse
        ):
            continue
        said = f"{named(record)}的{_noun(head)}后来又改过，不能直接撤销。请打开后更正"
        raise Refusal(said)


def _is_of(session: Session, change: str, head: Head) -> bool:
    """Is it this change, another of its action, or our own word that takes one of them back?"""
    log = recorder(session)
    if change == head.change_id or (log and any(one.change_id == change for one in log.drafts)):
        return True
    said = _head(session, change)
    return said is not None and whole_of(said) == whole_of(head)


def _unused(session: Session, record: Record, head: Head, born: set[str]) -> None:
    """What others built on a record holds it; what the program keeps by itself does not."""
    for entity in ENTITIES:
        names = [key for key, one in facts(entity).items() if one.link == record.__tablename__]
        for name in names if entity.__tablename__ not in KEPT else ():
            users = session.scalars(
                select(entity.id).where(
                    getattr(entity, name) == record.id, entity.is_void.is_(False)
                )
            )
            if set(users) - born:
                noun = nouns.of(entity.__tablename__).word
                raise Refusal(f"{named(record)}的{_noun(head)}后面已经有{noun}，不能撤销")


def _origin(session: Session, name: str, change: str, inverse: dict[str, str]) -> str:
    """The change whose value a field shows: an inverse brought back what the action it inverts
    had found."""
    while (head := _head(session, change)) is not None and whole_of(head) in inverse:
        inverted = [
            part.head.bases[name]
            for part in _parts(session, inverse[whole_of(head)])
            if part.head.entity_id == head.entity_id and name in part.head.bases
        ]
        if not inverted:
            break
        change = inverted[0]
    return change


def _head(session: Session, change: str) -> Head | None:
    said = session.scalars(select(Change.head).where(Change.change_id == change).limit(1)).first()
    return read_head(said) if said else None


def _former(session: Session, entity: type[Record], name: str, part: Part) -> Any:
    """What a field said before; a birth that does not mention it left it empty."""
    if name in part.former:
        return from_wire(entity, name, part.former[name])
    base = part.head.bases.get(name, "")
    found = session.execute(
        select(Change.head, Change.payload).where(Change.change_id == base).limit(1)
    ).first()
    if found is None or found.payload is None:
        raise Refusal("原来的内容是区中心给的，本机没有留底，不能撤销。请打开后更正")
    head, values = today(found.head, found.payload)
    if name not in values and head.op != "insert":
        raise Refusal("找不到原来的内容，不能撤销。请打开后更正")
    return from_wire(entity, name, values.get(name))


# ---- the log -------------------------------------------------------------------------------


def _own(session: Session) -> Iterator[tuple[str, list[Part]]]:
    """Recent whole actions of the person at the desk, newest first."""
    me = session.scalars(select(Replica)).one()
    rows = session.execute(
        select(Change.head, Change.payload)
        .where(Change.office_id == me.office_id, Change.incarnation == me.incarnation)
        .order_by(Change.seq.desc())
        .limit(BACK)
    )
    since, mine = clock.now() - WITHIN, at_desk(session).account
    entries = ((read_head(row.head), row.payload) for row in rows)
    for tx, action in groupby(entries, lambda entry: whole_of(entry[0])):
        said = [*action]
        whole = [(head, payload) for head, payload in said if payload is not None]
        first = said[-1][0]
        if len(whole) != len(said) or first.change_id != tx or moment_of(first.hlc) < since:
            return
        if first.who == mine:
            yield (
                tx,
                [Part(heard(head), values_of(head, payload)) for head, payload in whole[::-1]],
            )


def action_of(session: Session, change: str) -> str:
    """The action in which a change was said here, for how many people ever; empty where it was said
    elsewhere."""
    head = _head(session, change)
    return whole_of(head) if head else ""


def edits_of(session: Session, tx: str) -> list[Part]:
    """The edits of one action, of whom is still here; what it made is not read."""
    rows = _rows(session, tx, Change.former.is_not(None))
    return [_read(row) for row in rows if row.payload is not None]


def _parts(session: Session, tx: str, *, whole: bool = True) -> list[Part]:
    """All of one action, which begins with the change it is named after; of one for many people
    that is what was done for all, unless ``whole`` is not asked for."""
    rows = _rows(session, tx, whole=whole)
    if any(row.payload is None for row in rows):
        raise Refusal("这一步里有人已经转到别的站点，不能撤销")
    return [_read(row) for row in rows]


def _rows(
    session: Session, tx: str, *which: ColumnElement[bool], whole: bool = True
) -> Sequence[Change]:
    first = session.scalars(
        select(Change)
        .where(
            Change.change_id == tx,
            (Change.outcome.is_(None)) | (Change.outcome != REOFFERED),
        )
        .limit(1)
    ).first()
    if first is None:
        raise Refusal("没有找到这一步操作")
    head = read_head(first.head)
    stream = {"office_id": first.office_id, "incarnation": first.incarnation}
    after = select(Change).filter_by(**stream).where(Change.seq >= first.seq, *which)
    after = after.order_by(Change.seq)
    if not (whole and head.bulk == tx):
        return session.scalars(after.where(Change.seq < first.seq + head.parts)).all()
    with session.scalars(after.execution_options(yield_per=AT_ONCE)) as rows:
        return [*takewhile(lambda row: read_head(row.head).bulk == tx, rows)]


def _read(row: Change) -> Part:
    head = read_head(row.head)
    former = upcast(head.entity, head.schema, read_former(row.former))
    return Part(*today(row.head, row.payload or b""), former)


def _refusal(parts: Sequence[Part]) -> str | None:
    if _only_events(parts):
        return "打印和查看只是留痕，不能撤销"
    return next(filter(None, map(_forbidden, parts)), None)


def _forbidden(part: Part) -> str:
    noun = nouns.of(part.head.entity)
    answers = part.head.op == "update" and part.values.keys() - VOIDING.keys()
    return noun.no_undo or (noun.answered if answers else "")


def _only_events(parts: Sequence[Part]) -> bool:
    return all(map(_is_event, parts))


def _is_event(part: Part) -> bool:
    if part.head.op == "update" and part.head.entity in PRINTED:
        return part.values.keys() <= PRINTED[part.head.entity]
    return nouns.of(part.head.entity).kept is Kept.EVENT


def _notes(session: Session, kind: str) -> dict[str, str]:
    """The inverse actions of a kind, and what each inverted."""
    rows = session.scalars(select(LocalNote).where(LocalNote.kind == kind))
    return {row.key or "": row.value["of"] for row in rows}


def _step(session: Session, tx: str, parts: Sequence[Part]) -> Step:
    return Step(tx, _subject(session, parts), moment_of(max(part.head.hlc for part in parts)))


# ---- words ---------------------------------------------------------------------------------


def _subject(session: Session, parts: Sequence[Part]) -> str:
    """王秀英 的走访记录, or 王秀英 等 3 条认证任务."""
    told = [part for part in parts if not _is_event(part)]
    main = min(told, key=lambda part: acts.rank(part.head))
    alike = {part.head.entity_id for part in told if part.head.entity == main.head.entity}
    record = session.get(BY_NAME[main.head.entity], main.head.entity_id)
    who = named(record) if record is not None else ""
    many = f"等 {len(alike)} 条" if len(alike) > 1 else "的"
    return f"{who} {many}{_noun(main.head)}" if who else _noun(main.head)


def named(record: Record) -> str:
    """Whom or what a record is about."""
    name = getattr(record, "name", None) or getattr(record, "title", None)
    person = getattr(record, "retiree_id", None)
    if person and not isinstance(record, BY_NAME["retiree"]):
        session = Session.object_session(record)
        found = session.get(BY_NAME["retiree"], person) if session else None
        name = getattr(found, "name", None) or name
    return str(name or "")


def _noun(head: Head) -> str:
    return nouns.of(head.entity).word
