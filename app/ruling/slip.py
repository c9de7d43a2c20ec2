"""One slip a person: every disputed field with the value that holds, the others, who said them,
when, and on which papers each was printed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import acts, nouns, office, person, roles
from app.circles import hidden_in
from app.clock_off import ClockOff, clock_off
from app.kit.refusal import Overtaken
from app.kit.who import at_desk
from app.ruling import aside, ground
from app.ruling.aside import VOID
from app.ruling.lists import OPEN, called, known_fact, of_chip
from models.entities import BY_NAME
from models.exchange import Change, Conflict
from models.kit.base import Record, from_wire, policy
from models.kit.changes import base_of
from models.kit.fields import Merge
from models.kit.masks import masked
from models.kit.stream import millis_of, moment_of, read_head
from models.printed import Print
from models.retiree import Retiree
from models.ruling import Ruling
from models.schema import today

ERASED, HIDDEN = "已按要求清除", "不在您的查看范围"
NOTHING = "没有填"
CLOCK = timedelta(minutes=5)

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Side:
    """One value with who said it. ``clock`` is what was measured of the clock that wrote ``at``;
    where nothing was, ``ahead`` is how much later than its arrival it claims to have been said,
    which only a wrong clock can do; None where it does not. ``ground`` is what it rests
    on; ``also`` what else was said in the same action, which is taken or left with it."""

    change_id: str
    value: Any
    shown: str
    office: str
    who: str
    at: datetime | None
    clock: ClockOff | None = None
    ahead: timedelta | None = None
    ground: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that was printed with a value of the disputed field; ``shown`` is empty where nobody
    can tell which."""

    paper: str
    number: str
    printed_at: datetime
    shown: str


@dataclass(frozen=True, slots=True)
class Ruled:
    """The ruling that stands; ``who`` is empty where there was nothing left to decide."""

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


def slip(session: Session, about: str, chip: str = OPEN) -> Slip:
    """Everything about one person that is in this chip. Raises Overtaken when nothing is left."""
    roles.allow(at_desk(session), "ruling", "see")
    cases: dict[Key, list[Conflict]] = {}
    for one in session.scalars(
        select(Conflict).where(Conflict.about == about, of_chip(chip)).order_by(Conflict.opened_at)
    ):
        cases.setdefault((one.entity, one.entity_id, one.field), []).append(one)
    if not cases:
        raise Overtaken("这个人的争议已经处理完了")
    first = next(iter(cases.values()))[0]
    name = person.names(session, [about]).get(about)
    reading = _Reading(session, about)
    along = _along(session, about, cases)
    items = tuple(reading.item(key, cases[key]) for key in cases if key not in along)
    where = office.names(session).get(first.office_id, "")
    return Slip(about, name or called(session, first), where, name is not None, items)


def _along(session: Session, about: str, cases: Mapping[Key, Sequence[Conflict]]) -> set[Key]:
    """What is in dispute only because it went with the person: the answer to that is its own."""
    somebody = cases.get((Retiree.__tablename__, about, VOID), ())
    gone = {
        part.change_id for case in somebody for part in aside.parts_of(session, case.other_change)
    }
    return {
        key
        for key, found in cases.items()
        if key[1] != about and key[2] == VOID and all(one.other_change in gone for one in found)
    }


class _Reading:
    """What a slip is put together from, asked once."""

    def __init__(self, session: Session, about: str) -> None:
        self.session, self.offices, self.about = session, office.names(session), about
        self.people = acts.names(session)
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
        lost = {one.other_change for one in cases}
        others = [  # the value that was kept, said anew since, stands already
            one
            for one in others
            if one.change_id in lost or _value_of(entity, field, one) != (value, True)
        ]
        wire = [value, *(said_of(field, one)[0] for one in others)]
        hidden = field in hidden_in(self.session, entity, vars(record))
        show = _unseen if hidden else _face(entity, field, wire)
        shown = show(value)
        if field == VOID:
            shown = aside.voided_words(value, record.void_reason)
        value = None if show is _unseen else value
        said = history.get(stamp) or self._change(stamp)
        return Item(
            key,
            nouns.of(name).word,
            known_fact(entity, field).label,
            self._side(said, stamp, value, shown, field),
            tuple(self._other(entity, field, one, show) for one in others),
            () if field == VOID else self._papers(entity, field, history, show),
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

    def _side(self, change: Change | None, stamp: str, value: Any, shown: str, field: str) -> Side:
        if change is None:
            return Side(stamp, value, shown, "", "", None)
        head = read_head(change.head)
        at = moment_of(head.hlc)
        where, who = self.offices.get(change.office_id, ""), self.people.get(head.who, "")
        said = clock_off(self.session, {change.change_id: None}).get(change.change_id)
        ahead = None if said else _ahead(at, change.decided_at)
        hidden = shown == HIDDEN
        why = "" if hidden else ground.behind(self.session, change, self.about, {field})
        return Side(stamp, value, shown, where, who, at, said, ahead, why)

    def _other(self, entity: type[Record], field: str, change: Change, show: "Show") -> Side:
        said, known = said_of(field, change)
        value = None if show is _unseen else from_wire(entity, field, said)
        shown = show(value) if known else ERASED
        if field == VOID and known:
            shown = aside.voided_words(said, said_of("void_reason", change)[0])
        side = self._side(change, change.change_id, value, shown, field)
        parts = aside.action_of(self.session, change.change_id)
        but = {(change.entity_id, field)}
        return replace(side, also=aside.also(self.session, parts, self.about, but))

    def _papers(
        self, entity: type[Record], field: str, history: Mapping[str, Change], show: "Show"
    ) -> tuple[Paper, ...]:
        """Which value stood at the station when each numbered paper was printed."""
        found = []
        for one in self.prints:
            said = [said_of(field, each) for each in _on_paper(one, field, history.values())]
            if said:
                value, known = said[0]
                shown = show(from_wire(entity, field, value)) if known else ERASED
                shown = shown if all(each == said[0] for each in said) else ""
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


def _on_paper(one: Print, field: str, history: Iterable[Change]) -> list[Change]:
    """The changes of which one stands on the paper: the last that its station made before, or what
    others said since, which it may have heard by then. What it changed next tells what it saw."""
    at = one.printed_at.timestamp() * 1000
    before = [each for each in history if millis_of(each.hlc) <= at]
    later = (each for each in history if millis_of(each.hlc) > at)
    after = next((each for each in later if each.office_id == one.office_id), None)
    own = [place for place, each in enumerate(before) if each.office_id == one.office_id]
    found = before[own[-1] :] if own else before[-1:]
    seen = read_head(after.head).bases.get(field) if after is not None else None
    return found[:1] if found and found[0].change_id == seen else found


Show = Callable[[Any], str]


def said_of(field: str, change: Change) -> tuple[Any, bool]:
    """The wire value a change gave the field, and whether it is still known."""
    if change.payload is None:
        return None, False
    return today(change.head, change.payload)[1].get(field), True


def _value_of(entity: type[Record], field: str, change: Change) -> tuple[Any, bool]:
    said, known = said_of(field, change)
    return from_wire(entity, field, said), known


def _ahead(at: datetime, arrived: datetime | None) -> timedelta | None:
    """A change that was decided before it says it was made comes from a fast clock."""
    return at - arrived if arrived is not None and at - arrived > CLOCK else None


def _face(entity: type[Record], field: str, wire: Sequence[Any]) -> Show:
    """How the values are shown: masked, but whole where the mask would hide what tells them
    apart."""
    fact = known_fact(entity, field)
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
