"""What must hold across records once an action is in (sync.md 4.4): the rules the desk keeps by
itself, when two sides acted at once. A breach sets the whole action aside for a person; each thing
decided afterwards is a reason to try it again, and it enters by itself once nothing stands against
it."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import func, select

from models.certification import ALIVE, Certification
from models.exchange import AFTER_DEATH, CLOSED_TWICE
from models.kit.base import table_of
from models.movement import Movement
from models.retiree import DEAD, SUSPECTED_DEAD, Retiree
from sync.centre.deciding.said import Said
from sync.centre.deciding.stored import Row, Stage, Stored
from sync.records import load

REPORTED, SENT_BACK = "1", "3"
CERTIFICATION = Certification.__tablename__
COUNTS = ("is_void", "report_state", "result", "source", "task_id", "retiree_id", "certified_on")


def broken(known: Stored, stage: Stage, action: Sequence[Said]) -> str:
    """Why the action cannot enter as things stand; empty where it can."""
    ids = {
        one.entry.head.entity_id
        for one in action
        if one.entity is Certification and one.values.keys() & set(COUNTS)
    }
    for key in ids:
        row = known.row(CERTIFICATION, key, stage)
        said = _whole(known, key, row) if row is not None else None
        if said is None or not _is_valid(said):
            continue
        if _is_dead(known, stage, said):
            return AFTER_DEATH
        if said["task_id"] and any(_others(known, stage, key, said["task_id"])):
            return CLOSED_TWICE
    return ""


def _whole(known: Stored, key: str, row: Row) -> dict[str, Any] | None:
    """A certification as the action sees it; None where it waits for the upgrade."""
    if row.shown is None:
        return None
    stored = {} if row.is_new else load(known.session, Certification, [key], COUNTS).get(key, {})
    return {**_blank, **stored, **row.write.values}


_blank = {**dict.fromkeys(COUNTS), "is_void": False, "report_state": "0", "source": REPORTED}


def _is_valid(said: dict[str, Any]) -> bool:
    """Does it say, on a station's word, that somebody is alive, and still count?"""
    return (
        not said["is_void"]
        and said["result"] == ALIVE
        and said["source"] == REPORTED
        and said["report_state"] != SENT_BACK
    )


def _is_dead(known: Stored, stage: Stage, said: dict[str, Any]) -> bool:
    """Was the person dead by then, as far as anybody has said?"""
    key = said["retiree_id"]
    known.fetch(Retiree.__tablename__, [key])
    row = known.row(Retiree.__tablename__, key, stage)
    if row is None or row.shown is None:
        return False
    if known.value(Retiree.__tablename__, key, "manage_state", row) not in (DEAD, SUSPECTED_DEAD):
        return False
    table = table_of(Movement).c
    died = known.session.scalar(
        select(func.max(table.changed_on)).where(
            table.retiree_id == key,
            table.to_state.in_((DEAD, SUSPECTED_DEAD)),
            table.is_void.is_(False),
        )
    )
    return died is None or said["certified_on"] >= died


def _others(known: Stored, stage: Stage, but: str, task: str) -> Iterator[str]:
    """Other certifications that answer the same task."""
    table = table_of(Certification).c
    stored = select(table.id).where(table.task_id == task, table.id != but)
    touched = {**known.rows, **stage}
    ids = set(known.session.scalars(stored)) | {
        key
        for (noun, key), row in touched.items()
        if noun == CERTIFICATION and row.write.values.get("task_id") == task
    }
    known.fetch(CERTIFICATION, ids - {key for noun, key in touched if noun == CERTIFICATION})
    for key in sorted(ids - {but}):
        row = known.row(CERTIFICATION, key, stage)
        said = _whole(known, key, row) if row is not None else None
        if said is not None and said["task_id"] == task and _is_valid(said):
            yield key
