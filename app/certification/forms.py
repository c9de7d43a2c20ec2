"""The certification form: its number, what stands on it, each print of it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from app import cert_task, parameter
from app import printed as journal
from app.person import families, one_by_one
from app.printing import certification_form as paper
from app.printing.kit import codes as numbers
from models.cert_task import CertTask
from models.family import Family
from models.kit import clock, codes
from models.retiree import Retiree

PAPER = "领取养老金资格认证表"
KIND = "RZ1"


def assign_form_numbers(session: Session, task_ids: Sequence[str]) -> dict[str, str]:
    """A number for each task that has none; a reprint keeps its number."""
    one_by_one(session)
    tasks = [task for task, _ in _tasks(session, task_ids)]
    bare = [task for task in tasks if not task.form_no]
    fresh = journal.next_numbers(session, "RZ", len(bare))
    for task, number in zip(bare, fresh, strict=True):
        task.form_no = number
    session.flush()
    return {task.id: task.form_no or "" for task in tasks}


def form_data(session: Session, task_ids: Sequence[str]) -> tuple[paper.Person, ...]:
    """What the forms of these tasks show, in the order given; numbers come first."""
    pairs = _tasks(session, task_ids)
    times = journal.count(session, [task.form_no for task, _ in pairs if task.form_no])
    family = families(session, [who.id for _, who in pairs])
    office_code = journal.office(session).code
    return tuple(
        _with_codes(
            _person(task, who, family[who.id], times.get(task.form_no or "", 0) + 1),
            office_code,
        )
        for task, who in pairs
    )


def paper_of(session: Session, task_ids: Sequence[str], purpose: str = "") -> paper.Forms:
    """The forms of these tasks, with what each sheet says; numbers come first."""
    days, ground = parameter.in_force(session, "notify_workdays")
    return paper.Forms(
        journal.imprint(session, purpose),
        form_data(session, task_ids),
        int(days),
        ground,
    )


def printed(session: Session, task_ids: Sequence[str], purpose: str = "") -> None:
    """These forms went through the printer: an event each, and the day on the task."""
    one_by_one(session)
    people = form_data(session, task_ids)
    tasks = [task for task, _ in _tasks(session, task_ids)]
    items = [
        journal.Item(task.retiree_id, one.number, numbers.digest(paper.fields(one)))
        for task, one in zip(tasks, people, strict=True)
    ]
    journal.printed(session, PAPER, items, purpose)
    for task in tasks:
        task.printed_at = clock.now()


def digest(session: Session, task: CertTask) -> str:
    """What the code of a form printed now would say."""
    person = form_data(session, [task.id])[0]
    return numbers.digest(paper.fields(person))


def _tasks(session: Session, task_ids: Sequence[str]) -> list[tuple[CertTask, Retiree]]:
    found = cert_task.with_people(session, task_ids)
    return [found[one] for one in task_ids if one in found]


def _person(task: CertTask, who: Retiree, family: Sequence[Family], times: int) -> paper.Person:
    kin: dict[str, Any] = {}
    contact = next((one for one in family if one.phone), None)
    if contact is not None:
        kin = {
            "emergency_name": contact.name,
            "emergency_kin": codes.table("KINSHIP").name(contact.relation),
            "emergency_phone": contact.phone or "",
        }
    return paper.Person(
        number=task.form_no or "",
        print_count=times,
        period_from=f"{task.period_from:%Y-%m}" if task.period_from else "",
        period_to=f"{task.period_to:%Y-%m}" if task.period_to else "",
        due_on=task.due_on,
        name=who.name,
        sex=codes.table("SEX").name(who.sex),
        born_on=who.birth_on,
        nation=codes.table("NATION").name(who.nation),
        id_no=who.id_no,
        social_card_no=who.sscard_no or "",
        employer=who.employer_name or "",
        retired_on=(who.retired_on or "")[:7],
        hukou_address=who.hukou_address or "",
        living_address=who.live_address or "",
        phone=who.mobile or who.phone or "",
        kind=kind(who),
        **kin,
    )


def kind(who: Retiree) -> str:
    """The box to tick under 人员类别."""
    words = {"1": "企业离休", "3": "退职", "5": "供养遗属"}
    if who.retiree_kind in words:
        return words[who.retiree_kind]
    return "机关事业退休" if who.pension_scheme == "2" else "企业退休"


def _with_codes(person: paper.Person, office_code: str) -> paper.Person:
    if not person.number:
        return person
    said = numbers.digest(paper.fields(person))
    return replace(
        person,
        payload=numbers.payload(KIND, office_code, person.number, said),
        receipt_payload=numbers.payload(KIND, office_code, person.number, said, receipt=True),
    )
