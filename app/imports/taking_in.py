"""W4: a roster taken in (导入名册)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol, Self

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import cert_task, employer, parameter, person
from app.kit.importing import Known
from models.employer import Employer
from models.family import Family
from models.imports import Import
from models.kit import address, clock, id_number
from models.kit.among import among
from models.kit.base import facts
from models.kit.bulk import learn
from models.kit.changes import insert_many
from models.kit.ids import new_id
from models.movement import Movement
from models.retiree import DEAD, MANAGED, MOVED_OUT, SELF_MANAGED, Retiree
from models.tag import Tag

WRITTEN = 2_000  # people at a time: their search keys go into the index in order
CONTACTS = ("contact1", "contact2")
BASIS = "移交花名册"

# Told (people written, people in all) now and then.
Step = Callable[[int, int], object]


class Row(Protocol):
    """What a checked row says: its values, and whether it is new or brings changes."""

    @property
    def values(self) -> Mapping[str, object]: ...
    @property
    def action(self) -> str: ...
    @property
    def changes(self) -> tuple[str, ...]: ...
    @property
    def known(self) -> Known | None: ...


@dataclass(frozen=True, slots=True)
class Imported:
    """What was written; ``skipped`` were registered after the check, ``overtaken`` changed.
    ``days``: for how long all of it can be undone."""

    import_id: str
    new: int
    updated: int
    skipped: int
    tasks: int
    overtaken: int = 0
    days: int = 30


class _Said(NamedTuple):
    """One row of the sheet: what it says of whom, and what of that is new."""

    values: Mapping[str, object]
    action: str = "new"
    changes: tuple[str, ...] = ()
    known: Known | None = None

    @classmethod
    def by(cls, row: Row | Mapping[str, object]) -> Self:
        if isinstance(row, Mapping):
            return cls(row)
        return cls(row.values, row.action, row.changes, row.known)

    @property
    def number(self) -> str:
        return str(self.values.get("id_no") or "")


@dataclass(slots=True)
class _Batch:
    """Everything one import writes; ``employer`` is whose people they are where no row says so."""

    import_id: str
    employer: str
    employers: dict[str, Employer] = field(default_factory=dict)
    people: list[dict[str, Any]] = field(default_factory=list)
    family: list[dict[str, Any]] = field(default_factory=list)
    tags: list[dict[str, Any]] = field(default_factory=list)
    movements: list[dict[str, Any]] = field(default_factory=list)
    # of all that comes with it too: what is later was done by a person
    at: datetime = field(default_factory=clock.now)


def import_rows(
    session: Session,
    rows: Iterable[Row | Mapping[str, object]],
    file_name: str,
    employer_name: str = "",
    left: int = 0,
    step: Step | None = None,
) -> Imported:
    """Write the good rows: people with contacts, tags, employers, tasks and plans; never a second
    living person with one number. ``left`` is how many rows stayed behind; ``step`` is told how
    many people are written, and what it raises takes everything back."""
    person.one_by_one(session)
    said = [_Said.by(row) for row in rows]
    new = [one for one in said if one.action == "new"]
    there = _living(session, [one.number for one in new])
    batch = _Batch(new_id(), employer_name)
    for one in new:
        if one.number and one.number not in there:
            there.add(one.number)
            _add(session, batch, one.values)
    newer = [one for one in said if one.action == "update"]
    updated = sum(_update(session, batch, one) for one in newer)
    _note(session, batch, file_name, updated, left)
    _write(session, batch, step or _untold)
    tasks = cert_task.open_tasks(session)
    learn(session)
    written = len(batch.people)
    days = int(parameter.in_force(session, "import_undo_days").value)
    skipped, overtaken = len(new) - written, len(newer) - updated
    return Imported(batch.import_id, written, updated, skipped, tasks, overtaken, days)


def _untold(_done: int, _all: int) -> None:
    """Nobody asked how far it is."""


def _living(session: Session, numbers: Sequence[str]) -> set[str]:
    query = select(Retiree.id_no).where(Retiree.is_void.is_(False), Retiree.manage_state != DEAD)
    return set(session.scalars(query.where(among(Retiree.id_no, numbers))))


def _add(session: Session, batch: _Batch, values: Mapping[str, object]) -> None:
    known = facts(Retiree)
    who: dict[str, Any] = {name: one for name, one in values.items() if name in known}
    who |= {"id": new_id(), "import_id": batch.import_id}
    who.setdefault("received_on", clock.today())
    who.setdefault("manage_state", MANAGED)
    _derive(who)
    _employ(session, batch, who, values)
    batch.people.append(who)
    batch.family.extend(_contacts(who["id"], values))
    tags = values.get("tags")
    batch.tags.extend(_tag(who["id"], code) for code in (tags if isinstance(tags, list) else ()))
    batch.movements.append(_movement(who))


def _derive(who: dict[str, Any]) -> None:
    """Sex and birth from the number, where they were not said; the parts of the address."""
    number = str(who.get("id_no") or "")
    if len(number) == 18 and who.get("id_type", "01") == "01":
        who["birth_on"] = who.get("birth_on") or id_number.birth_on(number)
        who["sex"] = who.get("sex") or id_number.sex(number)
    if who.get("live_address"):
        who |= address.parse(str(who["live_address"])).columns


def _employ(
    session: Session,
    batch: _Batch,
    who: dict[str, Any],
    values: Mapping[str, object],
) -> None:
    name = employer.tidy(str(who.get("employer_name") or batch.employer or ""))
    if not name:
        return
    if name not in batch.employers:
        made = session.get_one(Employer, employer.propose(session, name))
        kind, state = values.get("employer_kind"), values.get("employer_state")
        made.kind = made.kind or (str(kind) if kind else None)
        made.state = made.state or (str(state) if state else None)
        batch.employers[name] = made
    found = batch.employers[name]
    who["employer_name"], who["employer_id"] = name, found.id
    if found.self_managed:
        who["manage_state"] = SELF_MANAGED


def _contacts(retiree_id: str, values: Mapping[str, object]) -> Iterable[dict[str, Any]]:
    for order, key in enumerate(CONTACTS, 1):
        name = values.get(f"{key}_name")
        if name:
            yield {
                "id": new_id(),
                "retiree_id": retiree_id,
                "name": name,
                "relation": values.get(f"{key}_relation"),
                "phone": values.get(f"{key}_phone"),
                "contact_order": order,
            }


def _tag(retiree_id: str, code: object) -> dict[str, Any]:
    return {"retiree_id": retiree_id, "code": code, "since_on": clock.today(), "evidence": BASIS}


def _movement(who: Mapping[str, Any]) -> dict[str, Any]:
    on: date = who["received_on"]
    return {
        "retiree_id": who["id"],
        "change_type": "1",
        "changed_on": on,
        "to_state": who["manage_state"],
        "from_office": (who.get("employer_name") or "")[:60] or None,
        "basis": BASIS,
        "report_month": person.month_of(on),
    }


def _update(session: Session, batch: _Batch, said: _Said) -> bool:
    """What the sheet says newer of somebody registered, who is as they were at the check."""
    who = session.get(Retiree, said.known.id) if said.known else None
    new = {name: said.values[name] for name in said.changes if name in facts(Retiree)}
    if who is None or not said.changes or not _is_as_checked(who, said, new):
        return False
    _beside(session, batch, who, said)
    if "live_address" in new:
        _derive(new)
    if new.get("employer_name"):
        _employ(session, batch, new, said.values)
        new.pop("manage_state", None)
    certified_on = new.pop("last_certified_on", None)
    for name, value in new.items():
        setattr(who, name, value)
    if isinstance(certified_on, date):
        cert_task.settle(session, who, certified_on, None)
    return True


def _beside(session: Session, batch: _Batch, who: Retiree, said: _Said) -> None:
    """Whom else to call, and more tags; a telephone that is not as it was at the check stays."""
    here = (said.known.values if said.known else None) or {}
    family = person.family(session, who.id)
    last = max((one.contact_order or 0 for one in family), default=0)
    for at, row in enumerate(_contacts(who.id, said.values), last + 1):
        key = CONTACTS[row["contact_order"] - 1]
        known = next((one for one in family if one.name == row["name"]), None)
        if not {f"{key}_name", f"{key}_phone"} & {*said.changes}:
            continue
        if known is None:
            batch.family.append({**row, "contact_order": at})
        elif row["phone"] and known.phone in (None, *_tuple(here.get(f"{key}_phone"))):
            known.phone = row["phone"]
    tags = said.values.get("tags") if "tags" in said.changes else None
    if isinstance(tags, list):
        there = person.tags(session, [who.id])[who.id]
        batch.tags.extend(_tag(who.id, code) for code in tags if code not in there)


def _tuple(known: object) -> tuple[object, ...]:
    return known if isinstance(known, tuple) else ()


def _is_as_checked(who: Retiree, said: _Said, new: Iterable[str]) -> bool:
    """Has nobody written since what the sheet would overwrite?"""
    if who.is_void or who.manage_state in (DEAD, MOVED_OUT):
        return False
    here = (said.known.values if said.known else None) or {}
    return all(getattr(who, name) == here.get(name) for name in new)


def _note(session: Session, batch: _Batch, file_name: str, updated: int, left: int) -> None:
    session.add(
        Import(
            id=batch.import_id,
            file_name=file_name[-120:],
            employer_name=employer.tidy(batch.employer) or None,
            imported_at=batch.at,
            n_good=len(batch.people) + updated,
            n_left=left,
        )
    )
    session.flush()


def _write(session: Session, batch: _Batch, step: Step) -> None:
    count = len(batch.people)
    step(0, count)
    for at in range(0, count, WRITTEN):
        insert_many(session, Retiree, batch.people[at : at + WRITTEN])
        step(min(at + WRITTEN, count), count)
    beside = ((Family, batch.family), (Tag, batch.tags), (Movement, batch.movements))
    for entity, rows in beside:
        insert_many(session, entity, [{**row, "created_at": batch.at} for row in rows])
