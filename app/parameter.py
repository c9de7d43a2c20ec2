"""The dated rules (参数) the program works by, each with its ground."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import event, or_, select
from sqlalchemy.orm import Session

from app.kit.refusal import Refusal
from models.exchange import Replica
from models.kit import clock, codes
from models.kit.changes import recorder
from models.parameter import Parameter
from resources import path

# the words a rule may be, where it is one of some
CHOICES: Mapping[str, tuple[str, ...]] = {
    "due_rule": ("month_inclusive", "date"),
}
MOST = 9999
OR_NEVER = frozenset({"drill_months"})
"""Rules whose 0 says that it is not done at all."""
SPOKEN, DUE_RULES = "spoken rules", "due rules"


class Value(NamedTuple):
    """A rule's value and the document it comes from."""

    value: Any
    doc_no: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One dated value as it is shown: by the centre, or bundled until the centre speaks."""

    key: str
    label: str
    unit: str
    value: Any
    effective_from: date | None
    effective_to: date | None
    doc_no: str
    bundled: bool

    def holds(self, on: date) -> bool:
        """Is the day within its dates?"""
        begun = self.effective_from is None or self.effective_from <= on
        return begun and (self.effective_to is None or on <= self.effective_to)


@dataclass(frozen=True, slots=True)
class Spoken:
    """One published value; `own` where this office said it."""

    value: Any
    doc_no: str
    since: date
    until: date
    own: bool

    def holds(self, on: date) -> bool:
        """Is the day within its dates?"""
        return self.since <= on <= self.until


def in_force(session: Session, key: str, on: date | None = None) -> Value:
    """The rule in force on a day (today): the centre's, else the bundled one. A key with a point
    (``due_rule.3``) falls back to what stands before it. Raises KeyError for an unknown rule."""
    day = on or clock.today()
    for name in dict.fromkeys((key, key.partition(".")[0])):
        published = _published(session, name, day)
        if published is not None:
            return Value(published.value, published.doc_no)
        known = [one for one in bundled() if one.key == name]
        if known:
            # a day before the first rule (a PC whose clock has lost its battery) takes the first
            rule = next((one for one in reversed(known) if one.holds(day)), known[0])
            return Value(rule.value, rule.doc_no)
    raise KeyError(key)


def rules(session: Session) -> list[Rule]:
    """Every rule that this program reads with its dates, the centre's over the bundled, for the
    settings page; a program of another age may have published others. What we brought along is
    among them until the centre's begins."""
    known = {one.key: one for one in bundled()}
    said = session.scalars(
        select(Parameter)
        .where(Parameter.is_void.is_(False), Parameter.key.in_(known))
        .order_by(Parameter.key, Parameter.effective_from_on)
    ).all()
    ours = [_shown(row, known[row.key]) for row in said]
    order = {key: at for at, key in enumerate(known)}
    rest = [rest for one in bundled() if (rest := _until(one, ours)) is not None]
    return sorted(rest + ours, key=lambda one: order[one.key])


def _until(one: Rule, ours: Sequence[Rule]) -> Rule | None:
    """A bundled rule beside the centre's: all of it, until the first of those, or none."""
    today, mine = clock.today(), [said for said in ours if said.key == one.key]
    if not mine:
        return one
    if not one.holds(today) or any(said.holds(today) for said in mine):
        return None
    coming = [d for said in mine if (d := said.effective_from) is not None and d > today]
    return replace(one, effective_to=min(coming) - timedelta(days=1)) if coming else one


def _shown(row: Parameter, like: Rule) -> Rule:
    return Rule(
        row.key,
        like.label,
        like.unit,
        row.value,
        row.effective_from_on,
        row.effective_to_on,
        row.doc_no or "",
        bundled=False,
    )


def _published(session: Session, key: str, on: date) -> Spoken | None:
    """An own value of this office goes before the centre's for all."""
    here = (one for one in _spoken(session).get(key, ()) if one.holds(on))
    return max(here, key=lambda one: (one.own, one.since), default=None)


def _spoken(session: Session) -> Mapping[str, Sequence[Spoken]]:
    """Every published rule by key: read once for an action, and again after one was written in it.
    What others say is applied beside the log, row by row: there it is read each time."""
    if session.autoflush:
        session.flush()
    known: dict[str, list[Spoken]] | None = session.info.get(SPOKEN)
    if known is not None:
        return known
    own = session.scalars(select(Replica.office_id)).first()
    known = {}
    for row in session.execute(
        select(
            Parameter.key,
            Parameter.value,
            Parameter.doc_no,
            Parameter.office_id,
            Parameter.effective_from_on.label("since"),
            Parameter.effective_to_on.label("until"),
        )
        .where(Parameter.is_void.is_(False))
        .order_by(Parameter.id)
    ):
        since, until = row.since or date.min, row.until or date.max
        mine = row.office_id == own
        said = Spoken(row.value, row.doc_no or "", since, until, own=mine)
        known.setdefault(row.key, []).append(said)
    if recorder(session) is not None or "desk" in session.info:
        session.info[SPOKEN] = known
    return known


@event.listens_for(Session, "after_flush")
def _forget(session: Session, _context: object) -> None:
    if any(isinstance(one, Parameter | Replica) for one in (*session.new, *session.dirty)):
        for name in (SPOKEN, DUE_RULES):
            session.info.pop(name, None)


@cache
def bundled() -> tuple[Rule, ...]:
    """``resources/codes/parameters.csv``: what holds until the centre says otherwise."""
    return tuple(_read())


def _read() -> Iterator[Rule]:
    with path("codes", "parameters.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            yield Rule(
                row["key"],
                row["label"],
                row["unit"],
                json.loads(row["value"]),
                _day(row["effective_from"]),
                _day(row["effective_to"]),
                row["doc_no"],
                bundled=True,
            )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def publish(
    session: Session, key: str, value: Any, *, since: date | None = None, doc_no: str = ""
) -> str:
    """The centre sets a rule from a day on, with its ground; the one before ends the day before,
    and one that was published for later begins on its day all the same. Stations learn of it with
    their next answer."""
    like = next((one for one in bundled() if one.key == key), None)
    if like is None:
        raise Refusal(f"没有“{key}”这个参数", "key")
    _check_value(like, value)
    if not doc_no.strip():
        raise Refusal("请写上依据（文号或会议）", "doc_no")
    start, end = since or clock.today(), None
    for old in session.scalars(
        select(Parameter).where(
            Parameter.key == key,
            Parameter.is_void.is_(False),
            or_(Parameter.effective_to_on.is_(None), Parameter.effective_to_on >= start),
        )
    ):
        begins = old.effective_from_on or date.min
        if begins <= start:
            old.effective_to_on = start - timedelta(days=1)
        elif old.effective_to_on is None or old.effective_to_on >= begins:
            end = min(end or date.max, begins - timedelta(days=1))
    made = Parameter(
        key=key, value=value, effective_from_on=start, effective_to_on=end, doc_no=doc_no
    )
    session.add(made)
    session.flush()
    return made.id


def _check_value(like: Rule, value: Any) -> None:
    """A number stays a number: what a rule is cannot change, only how much."""
    choices = CHOICES.get(like.key.partition(".")[0])
    if type(value) is not type(like.value) or (choices and value not in choices):
        raise Refusal(f"请填写“{like.label}”的值", "value")
    least = 0 if like.key in OR_NEVER else 1
    if type(value) is int and value < least:
        raise Refusal(f"“{like.label}”至少是 {least}", "value")
    if type(value) is int and value > MOST:
        raise Refusal(f"“{like.label}”最多是 {MOST}", "value")
    if isinstance(value, list) and any(one not in codes.table("TAG") for one in value):
        raise Refusal(f"请选择“{like.label}”", "value")
