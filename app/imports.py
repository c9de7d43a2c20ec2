"""A roster taken in (导入名册) in one action, and taken back (W4)."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app import cert_task, employer, office, person
from app.kit.importing import Known
from app.kit.refusal import Refusal
from app.roster_rules import employer_key
from models.certification import VOID, Certification, CertTask, Survey, Suspicion
from models.employer import Employer
from models.kit import address, clock, id_number
from models.kit.base import Record, facts
from models.kit.bulk import learn
from models.kit.changes import insert_many, update_many
from models.kit.ids import new_id
from models.retiree import (
    DEAD,
    MANAGED,
    MOVED_OUT,
    SELF_MANAGED,
    Consent,
    Family,
    Import,
    Movement,
    Retiree,
    Tag,
)
from models.retiree import Mapping as Remembered
from models.visit import Visit, VisitPlan

CHUNK = 500
WRITTEN = 2_000  # people at a time: their search keys go into the index in order
CONTACTS = ("contact1", "contact2")
BASIS = "移交花名册"
UNDONE = "撤销导入"
_STATES = {DEAD: "dead", MOVED_OUT: "left"}
_SYSTEM = frozenset({"created_at", "created_by", "void_reason", "import_id", "employer_id"})


# Told (people written, people in all) now and then.
Step = Callable[[int, int], None]


def _silent(_done: int, _all: int) -> None:
    return


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
    """What was written; ``skipped`` were registered meanwhile."""

    import_id: str
    new: int
    updated: int
    skipped: int
    tasks: int


@dataclass(frozen=True, slots=True)
class Undone:
    """``kept`` (id, name, reason) were touched since and stay."""

    voided: int
    kept: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One import in the history."""

    id: str
    file_name: str
    employer: str
    imported_at: datetime | None
    n_good: int
    n_left: int
    undone_at: datetime | None
    can_undo: bool


@dataclass(slots=True)
class _Batch:
    """Everything one import writes."""

    import_id: str
    employers: dict[str, Employer] = field(default_factory=dict)
    people: list[dict[str, Any]] = field(default_factory=list)
    family: list[dict[str, Any]] = field(default_factory=list)
    tags: list[dict[str, Any]] = field(default_factory=list)
    movements: list[dict[str, Any]] = field(default_factory=list)


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
    read = [_read(row) for row in rows]
    new = [values for values, action, _, _ in read if action == "new"]
    there = _living(session, [str(values.get("id_no") or "") for values in new])
    batch = _Batch(new_id())
    skipped = 0
    for values in new:
        number = str(values.get("id_no") or "")
        if not number or number in there:
            skipped += 1
            continue
        there.add(number)
        _add(session, batch, values, employer_name)
    updated = sum(_update(session, one, employer_name, batch) for one in read if one[1] == "update")
    step = step or _silent
    step(0, len(batch.people))
    _write(session, batch, file_name, employer_name, updated, left, step)
    tasks = cert_task.open_tasks(session)
    learn(session)
    return Imported(batch.import_id, len(batch.people), updated, skipped, tasks)


def _read(
    row: Row | Mapping[str, object],
) -> tuple[Mapping[str, object], str, tuple[str, ...], str]:
    """(values, action, changed fields, id of the known person)."""
    if isinstance(row, Mapping):
        return row, "new", (), ""
    return row.values, row.action, row.changes, row.known.id if row.known else ""


def _living(session: Session, numbers: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for at in range(0, len(numbers), CHUNK):
        found |= set(
            session.scalars(
                select(Retiree.id_no).where(
                    Retiree.id_no.in_(numbers[at : at + CHUNK]),
                    Retiree.is_void.is_(False),
                    Retiree.manage_state != DEAD,
                )
            )
        )
    return found


def _add(session: Session, batch: _Batch, values: Mapping[str, object], employer_name: str) -> None:
    known = facts(Retiree)
    who: dict[str, Any] = {name: one for name, one in values.items() if name in known}
    who |= {"id": new_id(), "import_id": batch.import_id}
    who.setdefault("received_on", clock.today())
    who.setdefault("manage_state", MANAGED)
    derive(who)
    _employ(session, batch, who, values, employer_name)
    batch.people.append(who)
    batch.family.extend(_contacts(who["id"], values))
    tags = values.get("tags")
    batch.tags.extend(_tag(who["id"], code) for code in (tags if isinstance(tags, list) else ()))
    batch.movements.append(_movement(who))


def derive(who: dict[str, Any]) -> None:
    """Sex and birth from the number, the parts of the address; what was said stays."""
    number = str(who.get("id_no") or "")
    if len(number) == 18 and who.get("id_type", "01") == "01":
        who["birth_on"] = who.get("birth_on") or id_number.birth_on(number)
        who["sex"] = who.get("sex") or id_number.sex(number)
    if who.get("live_address"):
        at = address.parse(str(who["live_address"]))
        for name in ("estate", "building", "unit", "room"):
            who[name] = who.get(name) or getattr(at, name) or None
        who["building_text"] = f"{who['estate'] or ''}{who['building'] or ''}"[:80] or None
        who["address_key"] = at.sort_key


def _employ(
    session: Session,
    batch: _Batch,
    who: dict[str, Any],
    values: Mapping[str, object],
    employer_name: str,
) -> None:
    name = employer.tidy(str(who.get("employer_name") or employer_name or ""))
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


def _update(
    session: Session,
    one: tuple[Mapping[str, object], str, tuple[str, ...], str],
    employer_name: str,
    batch: _Batch,
) -> bool:
    """What the sheet says newer of somebody registered."""
    values, _, changes, retiree_id = one
    who = session.get(Retiree, retiree_id)
    if who is None or who.is_void or not changes:
        return False
    new: dict[str, Any] = {name: values[name] for name in changes if name in facts(Retiree)}
    if "live_address" in new:
        derive(new)
    if new.get("employer_name"):
        _employ(session, batch, new, values, employer_name)
        new.pop("manage_state", None)
    for name, value in new.items():
        setattr(who, name, value)
    return bool(new)


def _write(
    session: Session,
    batch: _Batch,
    file_name: str,
    employer_name: str,
    updated: int,
    left: int,
    step: Step,
) -> None:
    now = clock.now()  # of all that comes with it too: what is later was done by a person
    session.add(
        Import(
            id=batch.import_id,
            file_name=file_name[-120:],
            employer_name=employer.tidy(employer_name) or None,
            imported_at=now,
            n_good=len(batch.people) + updated,
            n_left=left,
        )
    )
    session.flush()
    for at in range(0, len(batch.people), WRITTEN):
        insert_many(session, Retiree, batch.people[at : at + WRITTEN])
        step(min(at + WRITTEN, len(batch.people)), len(batch.people))
    beside = ((Family, batch.family), (Tag, batch.tags), (Movement, batch.movements))
    for entity, rows in beside:
        insert_many(session, entity, [{**row, "created_at": now} for row in rows])


def undo_import(session: Session, import_id: str) -> Undone:
    """Void everybody of the import whom nobody touched since; name the others."""
    one = session.get(Import, import_id)
    if one is None or one.is_void:
        raise Refusal("没有找到这次导入，请刷新")
    if one.undone_at is not None:
        raise Refusal(f"这次导入 {clock.local(one.undone_at):%m-%d %H:%M} 已经撤销过了")
    days = int(office.parameter(session, "import_undo_days").value)
    if one.imported_at is None or clock.now() - one.imported_at > timedelta(days=days):
        raise Refusal(f"导入已超过 {days} 天，不能整批撤销。请逐人处理")
    touched = _touched(session, import_id)
    ids = [
        retiree_id
        for retiree_id in session.scalars(
            select(Retiree.id).where(Retiree.import_id == import_id, Retiree.is_void.is_(False))
        )
        if retiree_id not in touched
    ]
    _void(session, ids)
    one.undone_at = clock.now()
    kept = session.execute(
        select(Retiree.id, Retiree.name).where(Retiree.id.in_(list(touched))).order_by(Retiree.name)
    )
    return Undone(len(ids), tuple((row.id, row.name, touched[row.id]) for row in kept))


def _touched(session: Session, import_id: str) -> dict[str, str]:
    """Whom somebody did something about since, and the weightiest of what they did."""
    found: dict[str, str] = {}
    mine = (Retiree.import_id == import_id, Retiree.is_void.is_(False))
    for entity, word in (
        (Consent, "签过同意书"),
        (Suspicion, "列入过异常"),
        (Survey, "有生存调查"),
        (Visit, "有走访记录"),
        (Certification, "有认证记录"),
    ):
        since = exists().where(entity.retiree_id == Retiree.id, entity.is_void.is_(False))
        found |= dict.fromkeys(session.scalars(select(Retiree.id).where(*mine, since)), word)
    worked = exists().where(
        CertTask.retiree_id == Retiree.id,
        CertTask.form_no.is_not(None) | CertTask.attempts.is_not(None) | (CertTask.state == VOID),
    )
    found |= dict.fromkeys(session.scalars(select(Retiree.id).where(*mine, worked)), "认证已在办理")
    edited = select(Retiree.id).where(*mine, Retiree.row_version > 1)
    return found | dict.fromkeys(session.scalars(edited), "资料改过") | _beside(session, mine)


def _beside(session: Session, mine: tuple[Any, ...]) -> dict[str, str]:
    """Family and tags that were changed or added after the import."""
    found: dict[str, str] = {}
    for entity, word in ((Family, "家属改过"), (Tag, "标签改过"), (Movement, "登记过变动")):
        later = exists().where(
            entity.retiree_id == Retiree.id,
            (entity.row_version > 1) | (entity.created_at > Import.imported_at),
        )
        query = select(Retiree.id).join(Import, Import.id == Retiree.import_id).where(*mine, later)
        found |= dict.fromkeys(session.scalars(query), word)
    return found


def _void(session: Session, ids: Sequence[str]) -> None:
    gone = {"is_void": True, "void_reason": UNDONE}
    update_many(session, Retiree, dict.fromkeys(ids, gone))
    for entity in (Family, Tag, Movement, VisitPlan):
        update_many(session, entity, dict.fromkeys(_of(session, entity, ids), gone))
    tasks = _of(session, CertTask, ids)
    update_many(session, CertTask, {key: {**gone, "state": VOID} for key in tasks})


def _of(session: Session, entity: type[Record], retiree_ids: Sequence[str]) -> list[str]:
    column = getattr(entity, "retiree_id")  # noqa: B009 - each of these has one
    found: list[str] = []
    for at in range(0, len(retiree_ids), CHUNK):
        query = select(entity.id).where(column.in_(retiree_ids[at : at + CHUNK]))
        found += session.scalars(query.where(entity.is_void.is_(False)))
    return found


def known_people(session: Session, numbers: Collection[str]) -> dict[str, Known]:
    """Who is registered under these numbers, for the check before anything is written."""
    found: dict[str, Known] = {}
    wanted = sorted(one for one in numbers if one)
    compared = [name for name in facts(Retiree) if name not in _SYSTEM]
    for at in range(0, len(wanted), CHUNK):
        rows = session.scalars(
            select(Retiree).where(
                Retiree.id_no.in_(wanted[at : at + CHUNK]), Retiree.is_void.is_(False)
            )
        )
        for who in rows:
            if who.id_no not in found or found[who.id_no].state == "dead":
                found[who.id_no] = _known(session, who, compared)
    return found


def _known(session: Session, who: Retiree, compared: Sequence[str]) -> Known:
    state = _STATES.get(who.manage_state, "here")
    values = {name: getattr(who, name) for name in compared}
    since = _since(session, who) if state != "here" else ""
    return Known(who.id, who.name, state, person.place(who), since, values)


def _since(session: Session, who: Retiree) -> str:
    on = session.scalar(
        select(Movement.changed_on)
        .where(Movement.retiree_id == who.id, Movement.to_state == who.manage_state)
        .order_by(Movement.changed_on.desc())
        .limit(1)
    )
    return on.isoformat() if on else ""


def remember_mapping(session: Session, employer_name: str, columns: str) -> None:
    """The columns a person confirmed, for this employer's next roster."""
    key = employer_key(employer_name)
    found = session.scalars(select(Remembered).where(Remembered.key == key)).first()
    if found is None:
        session.add(Remembered(id=new_id(), key=key, columns=columns))
    else:
        found.columns = columns


def remembered(session: Session, employer_name: str) -> str | None:
    """What was confirmed for this employer before."""
    return session.scalar(
        select(Remembered.columns).where(Remembered.key == employer_key(employer_name)).limit(1)
    )


def imports(session: Session, limit: int = 50) -> list[ImportRow]:
    """The last imports, newest first."""
    days = timedelta(days=int(office.parameter(session, "import_undo_days").value))
    rows = session.scalars(
        select(Import)
        .where(Import.is_void.is_(False))
        .order_by(Import.imported_at.desc())
        .limit(limit)
    )
    return [
        ImportRow(
            one.id,
            one.file_name,
            one.employer_name or "",
            one.imported_at,
            one.n_good or 0,
            one.n_left or 0,
            one.undone_at,
            one.undone_at is None
            and one.imported_at is not None
            and clock.now() - one.imported_at <= days,
        )
        for one in rows
    ]
