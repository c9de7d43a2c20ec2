"""A batch of forms to be printed: who, in which order, on which sheets, with the delivery list."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from app import cert_task, parameter, person
from app.certification import forms
from app.printing import certification_form as paper
from app.printing import list_sheet
from app.printing.kit.fonts import missing
from app.printing.kit.join import joined, page_count
from app.printing.kit.page import Imprint
from app.printing.kit.table import Column
from models.cert_task import CertTask
from models.retiree import Retiree

COPIES = ("第一联 本站留存", "第二联 随批报送")
ORDERS = (
    ("address", "按楼栋、门牌号（方便发放）"),
    ("due", "按到期日"),
    ("name", "按姓名"),
)
DELIVERY = "认证表发放清单"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One person of the batch; ``odd`` holds the characters no font can print."""

    task_id: str
    name: str
    building: str
    room: str
    address: str
    due_on: date | None
    form: paper.Person
    odd: tuple[str, ...]

    @property
    def again(self) -> bool:
        """Was it printed before?"""
        return self.form.print_count > 1


@dataclass(frozen=True, slots=True)
class Batch:
    """What the dialog starts with; numbers are allotted already."""

    forms: paper.Forms
    sheets: tuple[Sheet, ...]
    copies: int


def prepare(session: Session, task_ids: Sequence[str]) -> Batch:
    """Allot numbers and gather what the forms show. A verb: numbers stay with their tasks."""
    forms.assign_form_numbers(session, task_ids)
    found = forms.paper_of(session, task_ids, "资格认证")
    who = cert_task.with_people(session, task_ids)
    known = [one for one in task_ids if one in who]
    sheets = [_sheet(one, *who[one], form) for one, form in zip(known, found.people, strict=True)]
    sheets.sort(key=lambda one: not one.odd)
    copies = max(1, min(len(COPIES), int(parameter.in_force(session, "form_copies").value)))
    return Batch(found, tuple(sheets), copies)


def _sheet(task_id: str, task: CertTask, who: Retiree, form: paper.Person) -> Sheet:
    return Sheet(
        task_id,
        who.name,
        who.building_text or "",
        who.room or "",
        person.place(who),
        task.due_on,
        form,
        tuple(missing(*paper.fields(form).values())),
    )


def in_order(sheets: Sequence[Sheet], order: str, address: Sequence[str]) -> list[Sheet]:
    """As they are handed out; ``address`` holds the task ids in walking order."""
    if order == "name":
        return sorted(sheets, key=lambda one: one.name)
    place = {task_id: at for at, task_id in enumerate(address)}
    if order == "due":
        last = date.max
        return sorted(sheets, key=lambda one: (one.due_on or last, place.get(one.task_id, 0)))
    return sorted(sheets, key=lambda one: place.get(one.task_id, 0))


def walking_order(session: Session, task_ids: Sequence[str]) -> list[str]:
    """The tasks from door to door."""
    pairs = cert_task.with_people(session, task_ids).values()
    inorder = sorted(
        pairs, key=lambda pair: (not pair[1].address_key, pair[1].address_key or "", pair[0].id)
    )
    return [task.id for task, _ in inorder]


def delivery_list(imprint: Imprint, sheets: Sequence[Sheet]) -> list_sheet.ListSheet:
    """Who gets which form, with room to sign."""
    columns = (
        Column("楼栋住址", 62), Column("姓名", 26), Column("认证表编号", 46, "center"),
        Column("到期日", 26, "center"), Column("签收", 30), Column("回收", 20),
    )  # fmt: skip
    rows = tuple(
        (
            one.address, one.name, one.form.number,
            f"{one.due_on}" if one.due_on else "待核", "", "",
        )
        for one in sheets
    )  # fmt: skip
    return list_sheet.ListSheet(
        imprint,
        DELIVERY,
        columns,
        rows,
        unit="份",
        signatures=("发放人", "回收人"),
        landscape=False,
    )


def draw(
    all_of: paper.Forms, sheets: Sequence[Sheet], copies: int, *, receipt: bool, with_list: bool
) -> bytes:
    """Everything in one file: the forms of these people one by one, then the list."""
    people = tuple(one.form for one in sheets)
    chosen = replace(all_of, people=people, copies=COPIES[:copies], receipt=receipt)
    papers = [paper.draw(chosen)]
    if with_list:
        papers.append(list_sheet.draw(delivery_list(all_of.imprint, sheets)))
    return joined(papers)


def list_pages(imprint: Imprint, sheets: Sequence[Sheet]) -> int:
    """How many pages the list takes."""
    return page_count(list_sheet.draw(delivery_list(imprint, sheets))) if sheets else 0
