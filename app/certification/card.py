"""One certification task as a dialog shows it: who, until when, and every attempt so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit, cert_task, person
from app.certification.scan import period_words
from models.cert_task import OPEN, CertTask
from models.certification import Certification
from models.family import Family
from models.kit import clock, codes, masks
from models.kit.among import among
from models.kit.fields import Mask
from models.retiree import Retiree


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call or call at the door; way and outcome in words."""

    at: datetime
    way: str
    outcome: str
    by: str
    note: str


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to call; the number is masked."""

    name: str
    kin: str
    phone: str


@dataclass(frozen=True, slots=True)
class Card:
    """``task_id`` is empty when nothing is due; numbers are masked (see ``numbers``)."""

    task_id: str
    retiree_id: str
    name: str
    sex: str
    age: int | None
    id_no: str
    address: str
    phone: str
    health_state: str
    due_on: date | None
    period: str
    state: str
    form_no: str
    refused_reason: str
    last_certified_on: date | None
    door_note: str
    attempts: tuple[Attempt, ...]
    contacts: tuple[Contact, ...]

    @property
    def line(self) -> str:
        """女 80岁 · 桂苑一区 3栋 502."""
        who = self.sex if self.age is None else f"{self.sex} {self.age}岁"
        return " · ".join(part for part in (who, self.address) if part.strip())


def of_task(session: Session, task_id: str) -> Card:
    """The task and its person."""
    task = cert_task.get(session, task_id)
    return _card(session, person.get(session, task.retiree_id), task)


def of_person(session: Session, retiree_id: str) -> Card:
    """The person with the one open task, if there is one."""
    who = person.get(session, retiree_id)
    return _card(session, who, cert_task.open_task(session, who.id))


def _card(session: Session, who: Retiree, task: CertTask | None) -> Card:
    live = task is not None and task.state in OPEN
    return Card(
        task_id=task.id if task and live else "",
        retiree_id=who.id,
        name=who.name,
        sex=codes.table("SEX").name(who.sex),
        age=person.age(who.birth_on),
        id_no=masks.masked(Mask.ID, who.id_no),
        address=person.place(who),
        phone=masks.masked(Mask.PHONE, person.phone(who)),
        health_state=who.health_state or "",
        due_on=task.due_on if task else None,
        period=period_words(task) if task else "",
        state=task.state if task else "",
        form_no=(task.form_no or "") if task else "",
        refused_reason=(task.refused_reason or "") if task else "",
        last_certified_on=who.last_certified_on,
        door_note=who.door_note or "",
        attempts=_attempts(task),
        contacts=_contacts(session, who.id),
    )


def _attempts(task: CertTask | None) -> tuple[Attempt, ...]:
    way, outcome = codes.table("ATTEMPT_WAY"), codes.table("ATTEMPT_OUTCOME")
    said = (task.attempts or ()) if task else ()
    return tuple(
        Attempt(
            clock.local(datetime.fromisoformat(one["at"])),
            way.name(one["way"]),
            outcome.name(one["outcome"]),
            one.get("by", ""),
            one.get("note", ""),
        )
        for one in said
    )


def _contacts(session: Session, retiree_id: str) -> tuple[Contact, ...]:
    rows = kin_of(session, retiree_id)
    return tuple(
        Contact(one.name, person.kin(one.relation), masks.masked(Mask.PHONE, one.phone))
        for one in rows
    )


def kin_of(session: Session, retiree_id: str) -> Sequence[Family]:
    """Whom to call besides, three at most; full records: papers need the numbers."""
    return [one for one in person.family(session, retiree_id) if one.phone][:3]


def numbers(session: Session, retiree_id: str) -> tuple[str, ...]:
    """The telephones in full, the person's first, then as in ``contacts``: one is about to call.
    Looking is logged."""
    who = person.get(session, retiree_id)
    audit.note(session, "查看", "retiree", who.id, f"查看 {who.name} 和家属的电话")
    return (person.phone(who), *(one.phone or "" for one in kin_of(session, who.id)))


def standing(session: Session, certification_ids: Sequence[str]) -> set[str]:
    """Which of these certifications still count: the others were taken back since."""
    these = (among(Certification.id, certification_ids), Certification.is_void.is_(False))
    return set(session.scalars(select(Certification.id).where(*these)))
