"""R21: values that two sides changed at once, and what the centre's people decide (裁定).

One slip a person: every disputed field with the value that holds, the others, who said them, when,
and on which papers each was printed. The answer is an edit of the record by the centre, where
another value is to hold, and a ruling that goes down to the stations. Nothing is decided by time.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, not_, select
from sqlalchemy.orm import Session, aliased

from app import aside, audit, roles
from app.circles import hidden_fields
from app.kit.listing import SIZE, Page, cut
from app.kit.refusal import Refusal
from app.kit.who import at_desk
from app.retiree.register import check
from models.certification import Print
from models.decision import ANOTHER, NOW, OTHER, Ruling
from models.entities import BY_NAME
from models.exchange import Change, Conflict, Deferred
from models.kit import clock, search
from models.kit.base import Record, fact_of, facts, from_wire, policy
from models.kit.changes import base_of
from models.kit.fields import Fact, Merge
from models.kit.masks import masked
from models.kit.stream import millis_of, read_head, read_payload
from models.kit.validate import problem_of
from models.office import Office
from models.retiree import Retiree
from models.staff import Account, Staff

OPEN, AUTO, RULED = "open", "auto", "ruled"
CHIPS = ((OPEN, "待裁定"), (AUTO, "已按规则取舍"), (RULED, "已裁定"))
VOID = "is_void"
ERASED, HIDDEN = "已按要求清除", "不在您的查看范围"
NOTHING = "没有填"
CLOCK = timedelta(minutes=5)
SHORTEST = 2

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class SlipRow:
    """One person with disputed fields, as a line of the list."""

    id: str
    name: str
    office: str
    labels: tuple[str, ...]
    since: datetime
    legal: bool


@dataclass(frozen=True, slots=True)
class Side:
    """One value with who said it. ``ahead`` is how much later than its arrival it claims to have
    been said, which only a wrong clock can do; None where it does not. ``also`` is what else was
    said in the same action, which is taken or left with it."""

    change_id: str
    value: Any
    shown: str
    office: str
    who: str
    at: datetime | None
    ahead: timedelta | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that was printed with a value of the disputed field."""

    paper: str
    number: str
    printed_at: datetime
    shown: str


@dataclass(frozen=True, slots=True)
class Ruled:
    """The ruling that stands."""

    choice: str
    ground: str
    at: datetime
    who: str


@dataclass(frozen=True, slots=True)
class Item:
    """One disputed field. ``legal``: it is not settled by rule, since it has effect in law or takes
    a record from sight."""

    key: Key
    noun: str
    label: str
    now: Side
    others: tuple[Side, ...]
    papers: tuple[Paper, ...]
    legal: bool
    since: datetime
    visible: bool
    ruled: Ruled | None = None


@dataclass(frozen=True, slots=True)
class Slip:
    """Everything disputed about one person."""

    id: str
    name: str
    office: str
    is_person: bool
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """The answer to one field: the present value, that of another change, or a value of one's own.
    ``seen`` is the change whose value was on screen as the present one."""

    key: Key
    choice: str
    seen: str
    change_id: str = ""
    value: Any = None


# the list -----------------------------------------------------------------------------------


def _standing() -> ColumnElement[bool]:
    return exists().where(Ruling.conflict_id == Conflict.id, Ruling.is_void.is_(False))


def _is_understood() -> ColumnElement[bool]:
    """What only a newer program knows waits for it, and until then for nobody's answer."""
    waits = exists().where(
        Deferred.entity == Conflict.entity,
        Deferred.entity_id == Conflict.entity_id,
        Deferred.field.in_((Conflict.field, "*")),
    )
    return and_((Conflict.entity + "." + Conflict.field).in_(_fields()), not_(waits))


@cache
def _fields() -> list[str]:
    return [f"{name}.{field}" for name, one in BY_NAME.items() for field in (*facts(one), VOID)]


def _of(chip: str) -> ColumnElement[bool]:
    if chip == RULED:
        return _standing()
    undecided = not_(_standing())
    return and_(Conflict.needs_person.is_(chip == OPEN), undecided, _is_understood())


def chips(session: Session) -> dict[str, int]:
    """Persons by chip."""
    people = func.count(Conflict.about.distinct())
    return {key: session.scalar(select(people).where(_of(key))) or 0 for key, _ in CHIPS}


def slips(session: Session, chip: str = OPEN, text: str = "", number: int = 1) -> Page[SlipRow]:
    """Persons with disputed fields, who waits longest first."""
    roles.allow(at_desk(session), "ruling", "see")
    where = [_of(chip)]
    if text.strip():
        where.append(Conflict.about.in_(search.found(Retiree, text)))
    grouped = (
        select(Conflict.about, func.min(Conflict.opened_at).label("since"))
        .where(*where)
        .group_by(Conflict.about)
    )
    count = session.scalar(select(func.count()).select_from(grouped.subquery())) or 0
    number = max(1, min(number, -(-count // SIZE) or 1))
    found = session.execute(
        grouped.order_by(func.min(Conflict.opened_at), Conflict.about)
        .limit(SIZE)
        .offset((number - 1) * SIZE)
    ).all()
    return cut(_rows(session, chip, [row.about for row in found]), count, number)


def _rows(session: Session, chip: str, wanted: Sequence[str]) -> list[SlipRow]:
    cases: dict[str, list[Conflict]] = {key: [] for key in wanted}
    for one in session.scalars(
        select(Conflict).where(Conflict.about.in_(wanted), _of(chip)).order_by(Conflict.opened_at)
    ):
        cases[one.about].append(one)
    names, offices = _names(session, wanted), _offices(session)
    return [
        SlipRow(
            key,
            names.get(key) or _called(session, found[0]),
            offices.get(found[0].office_id, ""),
            tuple(dict.fromkeys(_label(one) for one in found)),
            found[0].opened_at,
            any(_is_legal(one.entity, one.field) for one in found),
        )
        for key, found in cases.items()
        if found
    ]


def _names(session: Session, ids: Iterable[str]) -> dict[str, str]:
    rows = session.execute(select(Retiree.id, Retiree.name).where(Retiree.id.in_(list(ids))))
    return {row.id: row.name for row in rows}


def _called(session: Session, one: Conflict) -> str:
    """What a record is called that belongs to nobody."""
    entity = BY_NAME[one.entity]
    record = session.get(entity, one.entity_id)
    return str(getattr(record, "name", "") or roles.NOUNS.get(one.entity, "资料"))


def _offices(session: Session) -> dict[str, str]:
    return {row.id: row.name for row in session.execute(select(Office.id, Office.name))}


def _label(one: Conflict) -> str:
    return _fact(BY_NAME[one.entity], one.field).label


def _fact(entity: type[Record], field: str) -> Fact:
    found = fact_of(entity, field)
    if found is None:
        raise Refusal("这一项是新版程序的内容，请先升级程序")
    return found


def _is_legal(entity: str, name: str) -> bool:
    return policy(BY_NAME[entity], name) is Merge.MANUAL


# one slip -----------------------------------------------------------------------------------


def slip(session: Session, about: str, chip: str = OPEN) -> Slip:
    """Everything about one person that is in this chip. Raises Refusal when nothing is left."""
    roles.allow(at_desk(session), "ruling", "see")
    cases: dict[Key, list[Conflict]] = {}
    for one in session.scalars(
        select(Conflict).where(Conflict.about == about, _of(chip)).order_by(Conflict.opened_at)
    ):
        cases.setdefault((one.entity, one.entity_id, one.field), []).append(one)
    if not cases:
        raise Refusal("这个人的争议刚刚已经处理了，请刷新")
    first = next(iter(cases.values()))[0]
    name = _names(session, [about]).get(about)
    reading = _Reading(session, about)
    items = tuple(reading.item(key, found) for key, found in cases.items())
    office = _offices(session).get(first.office_id, "")
    return Slip(about, name or _called(session, first), office, name is not None, items)


class _Reading:
    """What a slip is put together from, asked once."""

    def __init__(self, session: Session, about: str) -> None:
        self.session, self.offices, self.about = session, _offices(session), about
        account = aliased(Account)
        self.people = {
            row.id: row.name
            for row in session.execute(
                select(account.id, Staff.name).join(Staff, Staff.id == account.staff_id)
            )
        }
        self.prints = session.scalars(
            select(Print)
            .where(Print.retiree_id == about, Print.is_void.is_(False), Print.number.is_not(None))
            .order_by(Print.printed_at)
        ).all()

    def item(self, key: Key, cases: Sequence[Conflict]) -> Item:
        name, record_id, field = key
        entity = BY_NAME[name]
        record = self.session.get_one(entity, record_id)
        history = self._history(record_id, field)
        stamp, value = base_of(record.stamps, field), getattr(record, field)
        sides = dict.fromkeys(one for c in cases for one in (c.kept_change, c.other_change))
        others = [history[one] for one in sides if one != stamp and one in history]
        show = _face(self.session, entity, field, [value, *(_said(field, c)[0] for c in others)])
        value = None if show is _unseen else value
        return Item(
            key,
            roles.NOUNS.get(name, "资料"),
            _fact(entity, field).label,
            self._side(history.get(stamp) or self._change(stamp), stamp, value, show(value)),
            tuple(self._other(entity, field, one, show) for one in others),
            self._papers(entity, field, history, show),
            policy(entity, field) is Merge.MANUAL or any(one.needs_person for one in cases),
            cases[0].opened_at,
            show is not _unseen,
            self._ruled(cases),
        )

    def _change(self, change_id: str) -> Change | None:
        """The change behind a value it does not name: it brought a record back into sight."""
        return self.session.scalars(
            select(Change).where(Change.change_id == change_id).limit(1)
        ).first()

    def _history(self, record_id: str, field: str) -> dict[str, Change]:
        """Every change that said something of the field, oldest first."""
        found: dict[str, Change] = {}
        for one in self.session.scalars(
            select(Change).where(Change.entity_id == record_id).order_by(Change.hlc)
        ):
            head = read_head(one.head)
            if head.op == "insert" or field in head.bases:
                found.setdefault(one.change_id, one)
        return found

    def _side(self, change: Change | None, stamp: str, value: Any, shown: str) -> Side:
        if change is None:
            return Side(stamp, value, shown, "", "", None)
        head = read_head(change.head)
        at = clock.from_millis(millis_of(head.hlc))
        office, who = self.offices.get(change.office_id, ""), self.people.get(head.who, "")
        return Side(stamp, value, shown, office, who, at, _ahead(at, change.decided_at))

    def _other(self, entity: type[Record], field: str, change: Change, show: "Show") -> Side:
        said, known = _said(field, change)
        value = None if show is _unseen else from_wire(entity, field, said)
        shown = show(value) if known else ERASED
        if field == VOID and (reason := _said("void_reason", change)[0]):
            shown = f"{shown}（{reason}）"
        side = self._side(change, change.change_id, value, shown)
        parts = aside.action_of(self.session, change.change_id)
        but = {(change.entity_id, field)}
        return replace(side, also=aside.also(self.session, parts, self.about, but))

    def _papers(
        self, entity: type[Record], field: str, history: Mapping[str, Change], show: "Show"
    ) -> tuple[Paper, ...]:
        """Which value stood at the station when each numbered paper was printed."""
        found = []
        for one in self.prints:
            at = one.printed_at.timestamp() * 1000
            before = [c for c in history.values() if millis_of(c.hlc) <= at]
            own = [c for c in before if c.office_id == one.office_id]
            if own or before:
                said, known = _said(field, (own or before)[-1])
                value = from_wire(entity, field, said)
                shown = show(value) if known else ERASED
                found.append(Paper(one.paper, one.number or "", one.printed_at, shown))
        return tuple(found)

    def _ruled(self, cases: Sequence[Conflict]) -> Ruled | None:
        one = self.session.scalars(
            select(Ruling)
            .where(Ruling.conflict_id.in_([c.id for c in cases]), Ruling.is_void.is_(False))
            .order_by(Ruling.ruled_at.desc())
            .limit(1)
        ).first()
        return Ruled(one.choice, one.ground, one.ruled_at, one.ruled_by or "") if one else None


Show = Callable[[Any], str]


def _said(field: str, change: Change) -> tuple[Any, bool]:
    """The wire value a change gave the field, and whether it is still known."""
    if change.payload is None:
        return None, False
    return read_payload(change.payload).values.get(field), True


def _ahead(at: datetime, arrived: datetime | None) -> timedelta | None:
    """A change that was decided before it says it was made comes from a fast clock."""
    return at - arrived if arrived is not None and at - arrived > CLOCK else None


def _face(session: Session, entity: type[Record], field: str, wire: Sequence[Any]) -> Show:
    """How the values are shown: masked, but whole where the mask would hide what tells them apart;
    not at all outside one's circles."""
    if field in hidden_fields(session, entity):
        return _unseen
    fact = _fact(entity, field)
    whole = {str(one) for one in wire}
    apart = fact.mask is None or len({masked(fact.mask, one) for one in whole}) == len(whole)

    def show(value: Any) -> str:
        if value in (None, "", []):
            return NOTHING
        if fact.mask is None:
            return fact.kind.show(value)
        return masked(fact.mask, str(value)) if apart else str(value)

    return show


def _unseen(_value: Any) -> str:
    return HIDDEN


# the answer ---------------------------------------------------------------------------------


def rule(session: Session, about: str, choices: Sequence[Choice], ground: str) -> str:
    """Decide some fields of a person. The value that shall hold becomes the record's, and both
    sides are told with the ground. Returns the sentence for the toast."""
    roles.allow(at_desk(session), "ruling", "write")
    if len(ground.strip()) < SHORTEST:
        raise Refusal("请写明依据，例如“身份证原件”“社保局回函”", "ground")
    if not choices:
        raise Refusal("还没有选择采用哪一个值")
    _agree(session, choices)
    settled: set[Key] = set()
    labels = [_rule(session, about, one, ground.strip(), settled) for one in choices]
    for one in choices:
        _with_its_action(session, one, ground.strip())
    name = _names(session, [about]).get(about, "")
    audit.note(session, "裁定争议", choices[0].key[0], about, "、".join(labels))
    return f"已裁定 {name} 的{'、'.join(labels)}，下次联系时告诉站点"


def _agree(session: Session, choices: Sequence[Choice]) -> None:
    """Several disputes of one action are answered alike."""
    taken = {part.change_id for one in choices for part in _taken(session, one)}
    for one in choices:
        if one.change_id not in taken and any(
            case.other_change in taken for case in _open_cases(session, one.key)
        ):
            raise Refusal("有几项是同一次操作里填的，要么都采用，要么都不采用")


def _taken(session: Session, one: Choice) -> list[aside.Part]:
    """The action that is taken with this choice."""
    return aside.action_of(session, one.change_id) if one.choice == OTHER else []


def _open_cases(session: Session, key: Key) -> Sequence[Conflict]:
    name, record_id, field = key
    return session.scalars(
        select(Conflict).where(
            Conflict.entity == name,
            Conflict.entity_id == record_id,
            Conflict.field == field,
            not_(_standing()),
        )
    ).all()


def _rule(session: Session, about: str, one: Choice, ground: str, settled: set[Key]) -> str:
    """``settled``: fields that an action decided before has brought along."""
    name, record_id, field = one.key
    entity = BY_NAME[name]
    if field in hidden_fields(session, entity):
        raise Refusal(f"{_fact(entity, field).label}不在您的查看范围，请中心主任裁定")
    record = session.get_one(entity, record_id)
    cases = [case for case in _open_cases(session, one.key) if case.about == about]
    if one.key not in settled:
        if not cases or base_of(record.stamps, field) != one.seen:
            raise Refusal("这一项刚刚又有变动，请重新打开看一遍再定")
        parts = _taken(session, one)
        if parts:
            aside.take(session, parts)
            beside = aside.cases_of(session, parts)
            settled |= {(case.entity, case.entity_id, case.field) for case in beside}
        elif field == VOID and one.choice == OTHER:
            aside.void_again(session, one.change_id, one.seen)
            parts = aside.parts_of(session, one.change_id)
        for part, value in _values(session, entity, one).items() if not parts else ():
            setattr(record, part, value)
    for case in cases:
        _tell(session, case, one.seen if one.choice == NOW else one.change_id, ground)
    return _fact(entity, field).label


def _with_its_action(session: Session, one: Choice, ground: str) -> None:
    """The other disputes of the actions that were taken or left with this choice."""
    name, record_id, field = one.key
    for said in session.scalars(
        select(Conflict.other_change).where(
            Conflict.entity == name, Conflict.entity_id == record_id, Conflict.field == field
        )
    ).all():
        parts = aside.action_of(session, said)
        is_taken = one.choice == OTHER and said == one.change_id
        if parts and not is_taken:
            aside.leave(session, parts)
        for case in aside.cases_of(session, parts, not_(_standing())):
            _tell(session, case, case.other_change if is_taken else case.kept_change, ground)


def _tell(session: Session, case: Conflict, holds: str, ground: str) -> None:
    for office_id in _concerned(session, case):
        session.add(_ruling(session, case, office_id, holds, ground))
    session.flush()


def _values(session: Session, entity: type[Record], one: Choice) -> dict[str, Any]:
    """What is to be written: nothing where the present value holds; with a number of one's own
    also what follows from it."""
    field = one.key[2]
    if one.choice == NOW:
        return {}
    if one.choice == OTHER:
        return {field: _of_the_other(session, entity, one)}
    if entity is Retiree:
        done = check(session, {field: one.value}, one.key[1])
        if field in done.errors:
            raise Refusal(done.errors[field].message, field)
        return dict(done.values)
    problem = problem_of(facts(entity)[field], one.value)
    if problem is not None:
        raise Refusal(problem.message, field)
    return {field: one.value}


def _of_the_other(session: Session, entity: type[Record], one: Choice) -> Any:
    change = session.scalars(
        select(Change)
        .where(Change.change_id == one.change_id, Change.entity_id == one.key[1])
        .limit(1)
    ).first()
    if change is None or change.payload is None:
        raise Refusal("那一边的值已经不在了，请另定一个值")
    return from_wire(entity, one.key[2], _said(one.key[2], change)[0])


def _concerned(session: Session, case: Conflict) -> list[str]:
    """The stations on either side; the centre knows already."""
    sides = (case.kept_change, case.other_change)
    said = session.scalars(select(Change.office_id).where(Change.change_id.in_(sides)))
    return sorted({case.office_id, *said} - {at_desk(session).office_id})


def _ruling(session: Session, case: Conflict, office_id: str, holds: str, ground: str) -> Ruling:
    person = session.get(Retiree, case.about)
    choice = {case.kept_change: NOW, case.other_change: OTHER}.get(holds, ANOTHER)
    return Ruling(
        office_id=office_id,
        retiree_id=person.id if person else None,
        conflict_id=case.id,
        entity=case.entity,
        record_id=case.entity_id,
        item=case.field,
        kept_change=case.kept_change,
        other_change=case.other_change,
        choice=choice,
        ground=ground,
        ruled_at=clock.now(),
        ruled_by=at_desk(session).name,
    )
