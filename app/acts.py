"""What was done lately, in words: read from the outgoing stream, which nothing escapes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import exists, func, select, tuple_
from sqlalchemy.orm import Session

from app import circles, nouns, person
from models.account import Account
from models.entities import BY_NAME
from models.exchange import Change, Replica
from models.imports import Import
from models.kit import codes
from models.kit.base import another, facts, from_wire
from models.kit.stream import Head, moment_of, read_head
from models.retiree import ADDRESS_PARTS, Retiree
from models.schema import today, values_of
from models.staff import PROGRAM, Staff

QUIET = ADDRESS_PARTS | {"employer_id"}
TASK, CERTIFICATION, DOUBT = "cert_task", "certification", "suspicion"
GONE = "已不在本站的人"  # who moved away or was erased: what was said of them is emptied
_PLACE = {name: place for place, name in enumerate(nouns.NOUNS)}


@dataclass(frozen=True, slots=True)
class Act:
    """One action: ``subject`` is the person's name, or how many things it touched."""

    at: datetime
    who: str
    subject: str
    words: str
    icon: str
    entity: str
    retiree_id: str


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a person's own data: the labels and new values, in words; ``tx`` is the action
    it was said in; ``turned`` says that their registration was voided, for what ``reason``, or
    brought back."""

    at: datetime
    who: str
    op: str
    fields: tuple[tuple[str, str], ...]
    change: str = ""
    tx: str = ""
    turned: str = ""
    reason: str = ""


Shown = TypeVar("Shown", bound=Act | Edit)


def names(session: Session) -> dict[str, str]:
    """The name behind every account the log mentions."""
    rows = session.execute(select(Account.id, Staff.name).join(Staff, Staff.id == Account.staff_id))
    desk = session.info.get("desk")
    found = {row.id: row.name for row in rows}
    return found if desk is None else {**found, desk.account: desk.name}


def recent(session: Session, limit: int = 8) -> list[Act]:
    """The last actions of people, one line each, however many changes an action holds; what the
    program does by itself is none. What was offered again counts where it was first written. Within
    a stream they are in its order; those of several, as of another computer of this office, by
    their clocks."""
    office_id = session.scalar(select(Replica.office_id))
    who = names(session)
    told = [_told(session, stream, who) for stream in _streams(session, office_id)]
    return list(islice(_newest_first(told), limit))


def _streams(session: Session, office_id: str | None) -> Iterator[tuple[str, str]]:
    """All that this office has written in, without going through what they hold."""
    last: str | None = ""
    first_after = select(func.min(Change.incarnation)).where(Change.office_id == office_id)
    while office_id and (last := session.scalar(first_after.where(Change.incarnation > last))):
        yield office_id, last


def _told(session: Session, stream: tuple[str, str], who: Mapping[str, str]) -> Iterator[Act]:
    """The actions of people in one stream, the last one first."""
    last = _before(session, stream)
    while last is not None:
        head = read_head(last.head)
        first = _begin(session, stream, head.bulk) or last.seq - head.part
        if head.who != PROGRAM:
            entries = _entries(session, *stream, first, last.seq)
            act = _act(session, entries, last.seq - first + 1, who)
            if act is not None:
                yield act
        last = _before(session, stream, first)


def _begin(session: Session, stream: tuple[str, str], bulk: str) -> int | None:
    """Where that begins which was done for many people at once; None of what was for one, or of
    which the beginning stands in another stream."""
    if not bulk:
        return None
    office_id, name = stream
    found = select(Change.seq).where(
        Change.change_id == bulk, Change.office_id == office_id, Change.incarnation == name
    )
    return session.scalar(found)


def _before(session: Session, stream: tuple[str, str], at: int | None = None) -> Any | None:
    """The entry written last before this place in a stream. What was offered again is passed over
    by its keys alone."""
    earlier = another(Change)
    again = exists().where(
        earlier.change_id == Change.change_id,
        tuple_(earlier.incarnation, earlier.seq) < tuple_(Change.incarnation, Change.seq),
    )
    office_id, name = stream
    query = select(Change.seq, Change.head).where(
        Change.office_id == office_id, Change.incarnation == name, ~again
    )
    if at is not None:
        query = query.where(Change.seq < at)
    return session.execute(query.order_by(Change.seq.desc()).limit(1)).first()


def _entries(
    session: Session, office_id: str, incarnation: str, first: int, last: int
) -> list[tuple[str, Head, bytes | None]]:
    """An action's changes; of a very large one only its beginning."""
    rows = session.execute(
        select(Change.entity, Change.head, Change.payload)
        .where(
            Change.office_id == office_id,
            Change.incarnation == incarnation,
            Change.seq.between(first, min(last, first + 40)),
        )
        .order_by(Change.seq)
    )
    return [(entity, read_head(head), payload) for entity, head, payload in rows]


def _act(
    session: Session,
    entries: list[tuple[str, Head, bytes | None]],
    count: int,
    who: Mapping[str, str],
) -> Act | None:
    shown = [one for one in entries if _is_told(one[0])]
    if not shown:
        return None
    entity, head, payload = min(shown, key=lambda one: (rank(one[1]), one[1].op != "insert"))
    values = values_of(head, payload) if payload else {}
    if entity == Retiree.__tablename__:
        hidden = circles.hidden_fields(session, Retiree)
        values = {name: one for name, one in values.items() if name not in hidden}
    instead = any(one == entity and "is_void" in said.bases for one, said, _ in shown)
    words, icon = _words(entity, head.op, values, instead=instead)
    if not words:
        return None
    retiree_id = head.entity_id if entity == "retiree" else str(values.get("retiree_id") or "")
    if not retiree_id and head.op == "update" and entity in BY_NAME:
        record = session.get(BY_NAME[entity], head.entity_id)
        retiree_id = str(getattr(record, "retiree_id", "") or "")
    subject = _subject(session, head, retiree_id, values, count)
    by = who.get(head.who, "")
    return Act(moment_of(head.hlc), by, subject, words, icon, entity, retiree_id)


def _is_told(entity: str) -> bool:
    return entity == TASK or bool(nouns.of(entity).made)


def rank(head: Head) -> float:
    """What an action is named after has the least: a person that comes or goes before all that
    does so along, but for the import that brings or takes them."""
    if head.entity == "retiree" and (head.op == "insert" or "is_void" in head.bases):
        return _PLACE["import"] + 0.5
    return _PLACE.get(head.entity, len(_PLACE))


def _subject(
    session: Session, head: Head, retiree_id: str, values: Mapping[str, Any], parts: int
) -> str:
    if head.entity == "import":
        one = session.get(Import, head.entity_id)
        return (one.employer_name or one.file_name) if one is not None else ""
    if retiree_id:
        who = session.get(Retiree, retiree_id)
        return who.name if who else GONE
    noun = BY_NAME.get(head.entity)
    if not values and noun is not None and "retiree_id" in facts(noun):
        return GONE
    record = session.get(noun, head.entity_id) if noun is not None else None
    name = values.get("name") or getattr(record, "name", None)
    return str(name or (f"{parts} 项" if parts > 1 else ""))


def _words(entity: str, op: str, values: Mapping[str, Any], *, instead: bool) -> tuple[str, str]:
    """``instead``: one of its kind was voided in the same action, or brought back."""
    noun = nouns.of(entity)
    if entity == "retiree":
        return (noun.made, noun.icon) if op == "insert" else (_edited(values), "pencil")
    if entity == TASK:
        return _task_words(op, values)
    if "is_void" in values and op == "update":
        return f"{'作废' if values['is_void'] else '恢复作废的'}{noun.word}", "undo-2"
    if entity == DOUBT and values.get("decision", "") is None:
        return f"撤销{noun.edited}", "undo-2"
    if op == "update" or (instead and entity == CERTIFICATION):
        return noun.edited, noun.icon
    return _made(entity, values) or noun.made, noun.icon


def _made(entity: str, values: Mapping[str, Any]) -> str:
    """What kind of one it is, where people say so and it can still be read."""
    if not values:
        return ""
    if entity == CERTIFICATION:
        method = f"登记认证：{_code('CERT_METHOD', values.get('method'))}"
        return "认证表已回收" if values.get("form_no") else method
    if entity == "visit":
        return f"登记{_code('VISIT_WAY', values.get('way'))}走访"
    if entity == "movement":
        return f"登记{_code('CHANGE_TYPE', values.get('change_type'))}"
    return f"打印{values.get('paper') or ''}" if entity == "print" else ""


def _code(table: str, value: Any) -> str:
    return codes.table(table).name(str(value or ""))


def _task_words(op: str, values: Mapping[str, Any]) -> tuple[str, str]:
    """Tasks open and close by themselves; only what people do to them is told."""
    if op == "update" and values.get("attempts"):
        return "登记联系", "phone"
    if op == "update" and values.get("state") == "home_visit":
        return "安排上门核验", "house"
    if op == "update" and values.get("due_on"):
        return "填写认证到期日", "calendar-check"
    return "", ""


def _turned(values: Mapping[str, Any]) -> str:
    """Was the person's registration voided, or brought back?"""
    if values.get("void_reason") == person.JOINED:
        return "重复登记已合并"
    if "is_void" not in values:
        return ""
    return "登记作废" if values["is_void"] else "恢复作废的登记"


def _edited(values: Mapping[str, Any]) -> str:
    if turned := _turned(values):
        return turned
    labels = [label for label, _ in labelled("retiree", values)]
    if not labels:
        return "修改资料"
    return f"修改{'、'.join(labels[:3])}{'等' if len(labels) > 3 else ''}"


def labelled(entity: str, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(label, value in words) of what people would call a change."""
    known = facts(BY_NAME[entity])
    found = []
    for name, value in values.items():
        fact = known.get(name)
        if fact is not None and name not in QUIET and fact.link is None:
            shown = fact.kind.show(from_wire(BY_NAME[entity], name, value))
            found.append((fact.label, shown or "（空）"))
    return found


def edits(session: Session, retiree_id: str, hidden: Iterable[str] = ()) -> list[Edit]:
    """Every change of the person's own data that was entered here, newest first, in the order of
    `recent`. What was offered again is in the log twice, and was said where it stands first."""
    rows = session.execute(
        select(Change.incarnation, Change.head, Change.payload)
        .where(Change.entity_id == retiree_id, Change.entity == Retiree.__tablename__)
        .order_by(Change.incarnation, Change.seq)
    )
    who, streams, told = names(session), defaultdict[str, list[Edit]](list), set[str]()
    unseen = frozenset(hidden)
    for stream, said, payload in rows:
        head, words = today(said, payload)
        values = {name: one for name, one in words.items() if name not in unseen}
        reason = str(values.pop("void_reason", None) or "")
        is_edit = head.op == "update"
        fields = tuple(labelled("retiree", values)) if is_edit else ()
        turned = _turned(words) if is_edit else ""
        if (fields or turned or head.op == "insert") and head.change_id not in told:
            told.add(head.change_id)
            at, by = moment_of(head.hlc), who.get(head.who, "")
            known = (head.change_id, head.tx, turned, reason)
            streams[stream].append(Edit(at, by, head.op, fields, *known))
    return list(_newest_first(reversed(one) for one in streams.values()))


def _newest_first(streams: Iterable[Iterable[Shown]]) -> Iterator[Shown]:
    """Of streams, one begun after the other, each with its last in front."""
    return merge(*reversed([*streams]), key=lambda one: one.at, reverse=True)
