"""How the exchange (数据交换) stands, in words: what waits, what was decided otherwise, what has
been carried. Read from the stream and its verdicts; carrying is `sync`'s affair."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, not_, or_, select
from sqlalchemy.orm import Session

from app import aside, audit, roles
from app.circles import hidden_fields, hidden_tags
from app.kit.refusal import Refusal
from app.kit.who import at_desk
from app.retiree.register import edit
from models import attachment as contents
from models.decision import NOW, OTHER, Ruling
from models.entities import BY_NAME
from models.exchange import CASE, Change, Contact, Packed, Replica, new_incarnation
from models.kit import clock
from models.kit.base import Record, fact_of, facts, from_wire, policy
from models.kit.fields import Merge
from models.kit.ids import new_id
from models.kit.masks import masked
from models.kit.stream import Head, millis_of, read_head, read_payload
from models.kit.validate import problem_of
from models.parameter import LocalNote
from models.retiree import Retiree, Tag
from models.staff import Account, Staff

SHORTEST = 2
READ = "conflict read"
OTHERWISE = ("conflict-kept", CASE, "refused", "quarantined")
SIDES = frozenset({"conflict-kept", CASE})
"""Verdicts with another value to show beside the own one."""
UNREACHABLE = "连不上区中心"
NAMED, PEEK = 3, 200

# entity -> (icon, tone, words of a group, unit); what is not here is the program's own bookkeeping
_WORDS: Mapping[str, tuple[str, str, str, str]] = {
    "certification": ("badge-check", "pri", "资格认证", "人"),
    "visit": ("footprints", "pri", "走访记录", "条"),
    "movement": ("log-out", "warn", "人员变动", "条"),
    "survey": ("heart-pulse", "pri", "生存调查", "条"),
    "attachment": ("image", "neu", "照片和附件", "份"),
    "suspicion": ("file-warning", "warn", "异常核查", "条"),
    "consent": ("file-check", "neu", "告知与同意", "份"),
    "family": ("users", "neu", "家属资料", "条"),
    "tag": ("flag", "neu", "标签", "处"),
    "employer": ("building-2", "neu", "单位", "个"),
}
_OWN = ("print", "audit", "cert_task", "visit_plan", "mapping", "staff", "account", "import")


@dataclass(frozen=True, slots=True)
class Group:
    """One line of the queue; ``size`` in bytes."""

    icon: str
    tone: str
    title: str
    at: datetime
    count: int
    size: int


@dataclass(frozen=True, slots=True)
class Queue:
    """What has no verdict yet; ``total`` counts single entries."""

    total: int
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One field: what was said here, and what stands now."""

    name: str
    label: str
    mine: str
    now: str


@dataclass(frozen=True, slots=True)
class Kept:
    """An own entry that the centre decided otherwise. ``open`` whether one may say it again;
    ``ruling`` what its people decided since, with their ground; ``also`` what else was said in the
    same action, which waits with it."""

    change_id: str
    result: str
    entity: str
    noun: str
    retiree_id: str
    name: str
    at: datetime
    who: str
    decided_at: datetime | None
    reason: str
    fields: tuple[Field, ...]
    open: bool
    ruling: str = ""
    also: tuple[str, ...] = ()

    @property
    def has_sides(self) -> bool:
        """Is there another value to show beside the own one?"""
        return self.result in SIDES


@dataclass(frozen=True, slots=True)
class ContactRow:
    """One exchange in the history."""

    at: datetime
    way: str
    sent: int
    received: int
    result: str
    message: str
    receipt: str


@dataclass(frozen=True, slots=True)
class Bottom:
    """The two facts at the bottom of the side bar."""

    saved_at: datetime | None
    waiting: int
    offline: bool


@dataclass(frozen=True, slots=True)
class Carried:
    """A stick that was written and whose receipt has not come back."""

    files: tuple[str, ...]
    at: datetime
    folder: str


# what waits ---------------------------------------------------------------------------------


def bottom(session: Session) -> Bottom:
    """Saved when, waiting how many, and whether the centre was out of reach last time."""
    me = session.scalars(select(Replica)).one()
    last = session.scalar(
        select(Change.hlc).where(
            Change.office_id == me.office_id,
            Change.incarnation == me.incarnation,
            Change.seq == me.seq,
        )
    )
    return Bottom(_moment(last) if last else None, waiting(session), offline(session))


def waiting(session: Session) -> int:
    """Own entries without a verdict, and contents of attachments without a receipt."""
    count = session.scalar(select(func.count()).select_from(Change).where(*_waiting(session)))
    return (count or 0) + contents.owed_count(session)


def offline(session: Session) -> bool:
    """Was the centre out of reach at the last attempt?"""
    last = session.scalars(
        select(Contact).where(Contact.way == "网络").order_by(Contact.at.desc()).limit(1)
    ).first()
    return last is not None and last.result == "failed" and UNREACHABLE in (last.message or "")


def _waiting(session: Session) -> tuple[ColumnElement[bool], ...]:
    own = session.scalars(select(Replica.office_id)).one()
    return Change.outcome.is_(None), Change.office_id == own


def queue(session: Session) -> Queue:
    """The waiting entries as a person would tell them, newest first."""
    mine = _waiting(session)
    imports = _imports(session, mine)
    rest = (*mine, *(_outside(one) for one in imports))
    groups = [_import_group(session, one) for one in imports]
    sizes = {
        entity: (count, hlc, size)
        for entity, count, hlc, size in session.execute(
            select(
                Change.entity,
                func.count(),
                func.max(Change.hlc),
                func.sum(func.length(Change.head) + func.coalesce(func.length(Change.payload), 0)),
            )
            .where(*rest)
            .group_by(Change.entity)
        )
    }
    if "retiree" in sizes:
        groups += _people(session, rest, sizes["retiree"])
    for entity, (icon, tone, words, unit) in _WORDS.items():
        if entity in sizes:
            groups.append(_group(session, rest, entity, (icon, tone, words, unit), sizes[entity]))
    groups += [*_bookkeeping(sizes), *_contents(session)]
    groups.sort(key=lambda one: one.at, reverse=True)
    return Queue(waiting(session), tuple(groups))


def counts(session: Session) -> list[tuple[str, int]]:
    """(noun, entries) of what `waiting` counts, for the slip that goes with a stick."""
    rows = session.execute(
        select(Change.entity, func.count()).where(*_waiting(session)).group_by(Change.entity)
    )
    told = sorted((roles.NOUNS.get(entity, "其他"), count) for entity, count in rows)
    owed = contents.owed_count(session)
    return [*told, ("附件内容", owed)] if owed else told


@dataclass(frozen=True, slots=True)
class _Action:
    head: Head
    values: Mapping[str, Any]
    incarnation: str
    first: int


def _imports(session: Session, mine: tuple[ColumnElement[bool], ...]) -> list[_Action]:
    """Whole rosters: one action of thousands of entries each."""
    rows = session.execute(
        select(Change.head, Change.payload, Change.incarnation, Change.seq)
        .where(*mine, Change.entity == "import")
        .order_by(Change.seq.desc())
        .limit(20)
    )
    found = []
    for row in rows:
        head = read_head(row.head)
        values = read_payload(row.payload).values if row.payload else {}
        if head.op == "insert":
            found.append(_Action(head, values, row.incarnation, row.seq - head.part))
    return found


def _inside(one: _Action) -> ColumnElement[bool]:
    last = one.first + one.head.parts - 1
    return and_(Change.incarnation == one.incarnation, Change.seq.between(one.first, last))


def _outside(one: _Action) -> ColumnElement[bool]:
    return not_(_inside(one))


def _import_group(session: Session, one: _Action) -> Group:
    size = session.scalar(
        select(func.sum(func.length(Change.head) + func.length(Change.payload))).where(_inside(one))
    )
    name = one.values.get("employer_name") or one.values.get("file_name") or ""
    title = f"导入名册 {one.values.get('n_good', 0)} 人" + (f"（{name}）" if name else "")
    count = one.head.parts
    return Group("file-spreadsheet", "pri", title, _moment(one.head.hlc), count, int(size or 0))


def _people(
    session: Session, rest: tuple[ColumnElement[bool], ...], sizes: tuple[int, int, int]
) -> list[Group]:
    """New people together; edits by person while they are few."""
    count, hlc, size = sizes
    told = list(_told(session, rest, "retiree"))
    new = [head.entity_id for head, _ in told if head.op == "insert"]
    edits: dict[str, list[tuple[Head, Mapping[str, Any]]]] = {}
    for head, values in told:
        if head.op != "insert" and head.entity_id not in new:
            edits.setdefault(head.entity_id, []).append((head, values))
    each = size // max(1, count)
    names = _names(session, [*new, *edits])
    found = []
    if new:
        more = count - len(told)
        title = f"新登记 {len(new) + more} 人{_some(names.get(one, '') for one in new)}"
        found.append(Group("user-plus", "pri", title, _moment(hlc), len(new), each * len(new)))
    if len(edits) > 2 * NAMED:
        entries = sum(len(one) for one in edits.values())
        title = f"资料更正 {len(edits)} 人{_some(names.get(one, '') for one in edits)}"
        found.append(Group("pencil", "neu", title, _moment(hlc), entries, each * entries))
        return found
    for key, entries_ in edits.items():
        at = _moment(max(head.hlc for head, _ in entries_))
        title = f"{names.get(key, '')} {_edited(entries_)}".strip()
        found.append(Group("pencil", "neu", title, at, len(entries_), each * len(entries_)))
    return found


def _edited(entries: Iterable[tuple[Head, Mapping[str, Any]]]) -> str:
    """联系电话更正; the first labels, then 等."""
    known = facts(Retiree)
    labels = dict.fromkeys(
        known[name].label
        for _, values in entries
        for name in values
        if name in known and known[name].link is None and name not in _DERIVED
    )
    words = "、".join(list(labels)[:2])
    more = "等" if len(labels) > 2 else ""
    return f"{words}{more}更正" if words else "资料更正"


_DERIVED = frozenset({"estate", "building", "unit", "room", "building_text", "address_key"})


def _group(
    session: Session,
    rest: tuple[ColumnElement[bool], ...],
    entity: str,
    words: tuple[str, str, str, str],
    sizes: tuple[int, int, int],
) -> Group:
    icon, tone, noun, unit = words
    count, hlc, size = sizes
    told = list(_told(session, rest, entity))
    records = {head.entity_id for head, _ in told}
    if entity == "certification" and any(values.get("form_no") for _, values in told):
        noun = "认证回收"
    number = len(records) + count - len(told)
    names = _names(session, _retirees(session, entity, told))
    said = _some(names.values()) if number <= NAMED else ""
    return Group(icon, tone, f"{noun} {number} {unit}{said}", _moment(hlc), count, size)


def _bookkeeping(sizes: Mapping[str, tuple[int, int, int]]) -> list[Group]:
    own = [sizes[one] for one in sizes if one in _OWN or one not in {*_WORDS, "retiree"}]
    if not own:
        return []
    count, size = sum(one[0] for one in own), sum(one[2] for one in own)
    title = f"任务、计划、打印和操作日志 {count} 条"
    return [Group("scroll-text", "neu", title, _moment(max(one[1] for one in own)), count, size)]


def _contents(session: Session) -> list[Group]:
    """Contents travel by themselves after their records."""
    owed = contents.owed(session)
    if not owed:
        return []
    title, size = f"附件内容 {len(owed)} 份", sum(length for _, length in owed)
    return [Group("image", "neu", title, contents.since(session), len(owed), size)]


def _told(
    session: Session, rest: tuple[ColumnElement[bool], ...], entity: str
) -> Iterable[tuple[Head, Mapping[str, Any]]]:
    rows = session.execute(
        select(Change.head, Change.payload)
        .where(*rest, Change.entity == entity)
        .order_by(Change.seq.desc())
        .limit(PEEK)
    )
    for head, payload in rows:
        yield read_head(head), read_payload(payload).values if payload else {}


def _retirees(
    session: Session, entity: str, told: Sequence[tuple[Head, Mapping[str, Any]]]
) -> list[str]:
    found = []
    for head, values in told[:NAMED]:
        key = values.get("retiree_id")
        if not key and entity in BY_NAME:
            key = getattr(session.get(BY_NAME[entity], head.entity_id), "retiree_id", None)
        found.append(str(key or ""))
    return [one for one in found if one]


def _names(session: Session, ids: Iterable[str]) -> dict[str, str]:
    wanted = list(dict.fromkeys(ids))[:PEEK]
    rows = session.execute(select(Retiree.id, Retiree.name).where(Retiree.id.in_(wanted)))
    found = {row.id: row.name for row in rows}
    return {one: found[one] for one in wanted if one in found}


def _some(names: Iterable[str]) -> str:
    given = [one for one in names if one]
    if not given:
        return ""
    return f"（{'、'.join(given[:NAMED])}{'等' if len(given) > NAMED else ''}）"


def _moment(hlc: int) -> datetime:
    return clock.from_millis(millis_of(hlc))


# what was decided otherwise -----------------------------------------------------------------


def kept_count(session: Session) -> int:
    """Own entries decided otherwise that nobody has looked at."""
    return session.scalar(select(func.count()).select_from(Change).where(*_otherwise())) or 0


def _otherwise() -> tuple[ColumnElement[bool], ...]:
    own = select(Replica.office_id).scalar_subquery()
    seen = select(LocalNote.key).where(LocalNote.kind == READ)
    ruled = exists().where(
        or_(Ruling.other_change == Change.change_id, Ruling.kept_change == Change.change_id),
        Ruling.is_void.is_(False),
        Ruling.id.not_in(seen),
    )
    unread = or_(Change.change_id.not_in(seen), ruled)
    # of an action that was put aside whole, what is in dispute stands for all of it
    along = and_(Change.outcome == CASE, Change.reason.is_(None))
    return Change.office_id == own, Change.outcome.in_(OTHERWISE), not_(along), unread


def kept(session: Session, limit: int = 50) -> list[Kept]:
    """Own entries decided otherwise, with both values; newest first."""
    rows = session.scalars(
        select(Change).where(*_otherwise()).order_by(Change.decided_at.desc()).limit(limit)
    ).all()
    who = _people_here(session)
    return [_kept(session, row, who) for row in rows]


def _kept(session: Session, row: Change, who: Mapping[str, str]) -> Kept:
    head = read_head(row.head)
    values = read_payload(row.payload).values if row.payload else {}
    entity = BY_NAME.get(head.entity)
    record = session.get(entity, head.entity_id) if entity else None
    retiree_id = _person_of(head, values, record)
    names = _names(session, [retiree_id])
    name = names.get(retiree_id, "") or str(getattr(record, "name", "") or "")
    fields = _fields(session, entity, record, row, values) if entity else ()
    return Kept(
        head.change_id,
        row.outcome or "",
        head.entity,
        roles.NOUNS.get(head.entity, "资料"),
        retiree_id,
        name,
        _moment(head.hlc),
        who.get(head.who, ""),
        row.decided_at,
        row.reason or "",
        fields,
        record is not None and bool(_again(entity, row, values)),
        "；".join(
            dict.fromkeys(
                _told_ruling(one, row.change_id) for one in _rulings(session, row.change_id)
            )
        ),
        aside.also(
            session,
            aside.action_of(session, row.change_id),
            retiree_id,
            {(row.entity_id, each.name) for each in fields},
        ),
    )


def _rulings(session: Session, change_id: str) -> Sequence[Ruling]:
    sides = or_(Ruling.other_change == change_id, Ruling.kept_change == change_id)
    return session.scalars(
        select(Ruling).where(sides, Ruling.is_void.is_(False)).order_by(Ruling.ruled_at)
    ).all()


def _ruling(session: Session, change_id: str) -> str:
    found = _rulings(session, change_id)
    return "；".join(dict.fromkeys(_told_ruling(one, change_id) for one in found))


def _told_ruling(one: Ruling, own: str) -> str:
    """陈主任 11-23 裁定手机采用本站的值，依据：本人来站核对."""
    fact = fact_of(BY_NAME[one.entity], one.item) if one.entity in BY_NAME else None
    holds = {NOW: one.kept_change, OTHER: one.other_change}.get(one.choice)
    word = "采用本站的值" if holds == own else "采用另一方的值" if holds else "另定了一个值"
    when, label = clock.local(one.ruled_at), fact.label if fact else one.item
    return f"{one.ruled_by or '区中心'} {when:%m-%d} 裁定{label}{word}，依据：{one.ground}"


def _person_of(head: Head, values: Mapping[str, Any], record: Record | None) -> str:
    if head.entity == "retiree":
        return head.entity_id
    return str(values.get("retiree_id") or getattr(record, "retiree_id", "") or "")


def _lost(entity: type[Record], row: Change, values: Mapping[str, Any]) -> list[str]:
    """The names of the fields that lost; of an entry set aside whole, all of them."""
    known = facts(entity)
    if row.outcome not in SIDES:
        return [name for name in values if name in known and name not in _DERIVED]
    labels = set((row.reason or "").split("、"))
    disputed = {name: fact for name in values if (fact := fact_of(entity, name)) is not None}
    return [name for name, fact in disputed.items() if fact.label in labels]


def _fields(
    session: Session,
    entity: type[Record],
    record: Record | None,
    row: Change,
    values: Mapping[str, Any],
) -> tuple[Field, ...]:
    hidden = hidden_fields(session, entity)
    found = []
    for name in _lost(entity, row, values):
        fact = fact_of(entity, name)
        if fact is None or name in hidden or fact.link is not None:
            continue
        if entity is Tag and values.get("code") in hidden_tags(session):
            continue
        now = getattr(record, name, None) if record is not None else None
        mine = from_wire(entity, name, values[name])
        shown = _beside(entity, name, mine, now)
        found.append(Field(name, fact.label, *shown))
    return tuple(found)


def _beside(entity: type[Record], name: str, mine: Any, now: Any) -> tuple[str, str]:
    """Both values; whole where what tells them apart would be hidden."""
    hidden = _shown(entity, name, mine), _shown(entity, name, now)
    if hidden[0] != hidden[1] or mine == now:
        return hidden
    return str(mine), str(now)


def _shown(entity: type[Record], name: str, value: Any) -> str:
    if value in (None, "", []):
        return "暂无"
    fact = fact_of(entity, name)
    if fact is None or fact.mask is not None:
        return masked(fact.mask, str(value)) if fact and fact.mask else str(value)
    return fact.kind.show(value)


def _again(entity: type[Record] | None, row: Change, values: Mapping[str, Any]) -> list[str]:
    """Fields that may be said again: either side may write them and the later word counts."""
    if entity is None or row.outcome != "conflict-kept":
        return []
    return [one for one in _lost(entity, row, values) if policy(entity, one) is Merge.LWW]


def _people_here(session: Session) -> dict[str, str]:
    rows = session.execute(select(Account.id, Staff.name).join(Staff, Staff.id == Account.staff_id))
    return {row.id: row.name for row in rows}


def read(session: Session, change_id: str) -> None:
    """The centre's value is right; the entry has been looked at."""
    roles.allow(at_desk(session), "retiree", "write")
    session.add(LocalNote(id=new_id(), kind=READ, key=change_id, value={"took": "centre"}))
    for one in _rulings(session, change_id):
        session.add(LocalNote(id=new_id(), kind=READ, key=one.id))


def insist(session: Session, change_id: str) -> str:
    """Say it again, now knowing the other value; returns the sentence for the toast."""
    row, record, names = _open_dispute(session, change_id)
    entity, said = type(record), read_payload(row.payload or b"").values
    for name in names:
        setattr(record, name, from_wire(entity, name, said[name]))
    labels = _labels(entity, names)
    audit.note(session, "保留本机的值", row.entity, row.entity_id, labels)
    session.add(LocalNote(id=new_id(), kind=READ, key=change_id, value={"took": "mine"}))
    return f"{labels} 已改回本机的值，会重新上报"


def settle(session: Session, change_id: str, values: Mapping[str, Any], ground: str) -> str:
    """Neither side is right: other values, with what they rest on, go up as a new edit. Returns
    the sentence for the toast."""
    _, record, names = _open_dispute(session, change_id)
    entity, said = type(record), ground.strip()
    if set(values) - set(names):
        raise TypeError(f"not in dispute: {sorted(set(values) - set(names))}")
    if not values:
        raise Refusal("请填写正确的值，或在上面选一个", names[0])
    if isinstance(record, Retiree):
        edit(session, record.id, values)
    else:
        _put(record, values)
    if len(said) < SHORTEST:
        raise Refusal("请写明依据，例如“身份证原件”“本人来站核对”", "ground")
    labels = _labels(entity, list(values))
    audit.note(session, "另定一个值", entity.__tablename__, record.id, f"{labels}，依据：{said}")
    session.add(LocalNote(id=new_id(), kind=READ, key=change_id, value={"took": "another"}))
    return f"{labels} 已另定，会重新上报"


def _put(record: Record, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        problem = problem_of(facts(type(record))[name], value)
        if problem is not None:
            raise Refusal(problem.message, name)
        setattr(record, name, value)


def _open_dispute(session: Session, change_id: str) -> tuple[Change, Record, list[str]]:
    """The own entry, its record and the fields this station may still speak about."""
    row = session.scalars(select(Change).where(Change.change_id == change_id).limit(1)).first()
    if row is None or row.payload is None:
        raise Refusal("没有找到这一项，请刷新")
    entity = BY_NAME[row.entity]
    roles.allow(at_desk(session), row.entity, "write")
    record = session.get(entity, row.entity_id)
    names = _again(entity, row, read_payload(row.payload).values)
    if record is None or not names:
        raise Refusal("这一项由区中心定，本站不能改。请打电话给区中心核对")
    return row, record, names


def _labels(entity: type[Record], names: Sequence[str]) -> str:
    return "、".join(facts(entity)[name].label for name in names)


def start_anew(session: Session) -> int:
    """The centre saw our stream twice (a copied or set-back file): go on as a new incarnation and
    offer everything undecided again, and say so in the log. Returns how many entries wait."""
    offered = new_incarnation(session)
    audit.note(session, "换新编号", "exchange", None, f"重新上报 {offered} 条")
    return offered


# what was carried ---------------------------------------------------------------------------


def history(session: Session, limit: int = 30) -> list[ContactRow]:
    """The last exchanges in which something was carried or went wrong, newest first; what failed
    again in the same way is told once."""
    idle = and_(Contact.result == "done", Contact.sent == 0, Contact.received == 0)
    rows = session.scalars(
        select(Contact).where(not_(idle)).order_by(Contact.at.desc()).limit(4 * limit)
    )
    found: list[ContactRow] = []
    for one in rows:
        row = ContactRow(
            one.at, one.way, one.sent, one.received, one.result, one.message or "",
            one.receipt or "",
        )  # fmt: skip
        if not (found and row.result == "failed" and replace(found[-1], at=row.at) == row):
            found.append(row)
    return found[:limit]


def carried(session: Session) -> Carried | None:
    """The last stick that was written and not confirmed."""
    me = session.scalars(select(Replica)).one()
    rows = session.scalars(
        select(Packed)
        .where(Packed.confirmed_at.is_(None), Packed.incarnation == me.incarnation)
        .where(or_(Packed.last > me.acked_seq, Packed.first > Packed.last))
        .order_by(Packed.at.desc())
    ).all()
    if not rows:
        return None
    newest = [one for one in rows if one.at == rows[0].at]
    return Carried(tuple(one.name for one in newest), rows[0].at, rows[0].folder)
