"""上门认证预约单: the upper half stays at the station, the lower half goes to the household."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from app.printing.kit import stamp, words
from app.printing.kit.fit import BODY
from app.printing.kit.form import ROW, Form
from app.printing.kit.page import Imprint, Paper

TITLE = "上门认证预约单"
REASONS = ("高龄", "生病住院", "行动不便", "长期卧床", "其他")
HALF = 148.5


@dataclass(frozen=True)
class Appointment:
    """`reason` is one of REASONS or own words; blank fields are written in by hand."""

    name: str = ""
    sex: str = ""
    age: int | None = None
    address: str = ""
    phone: str = ""
    reason: str = ""
    appointed_on: date | None = None
    time_span: str = ""
    visitors: str = ""
    kin_name: str = ""
    kin_phone: str = ""
    matters: str = "领取养老金资格认证"


@dataclass(frozen=True)
class Appointments:
    imprint: Imprint
    people: tuple[Appointment, ...]


def texts(data: Appointments) -> Iterator[str]:
    for person in data.people:
        yield from (person.name, person.address, person.visitors, person.kin_name, person.matters)


def draw(data: Appointments) -> bytes:
    paper = Paper(TITLE)
    for number, person in enumerate(data.people, 1):
        if number > 1:
            paper.next_page()
        _half(paper, 0, data.imprint, person, "本站存根")
        stamp.cut_line(paper, HALF, "沿此线裁开，下联交本人")
        _half(paper, HALF, data.imprint, person, "交本人")
        stamp.footer(paper, data.imprint, TITLE, number, len(data.people))
    return paper.finish()


def _half(paper: Paper, top: float, imprint: Imprint, person: Appointment, copy: str) -> None:
    stamp.title(paper, top + 21, TITLE, 18)
    paper.beside(20, top + 29, 140, imprint.station)
    paper.text(190, top + 29, f"（{copy}）", align="right")
    form = Form(paper, top + 32)
    age = words.age_words(person.age)
    both = " / ".join(part for part in (person.sex, age) if part)
    form.pairs(
        (("姓  名", person.name, 57), ("性别/年龄", both, 50), ("联系电话", person.phone, 63))
    )
    form.pairs((("上门地址", person.address, 1),))
    _reason(form, person.reason)
    when = words.day_words(person.appointed_on)
    form.pairs(
        (("预约时间", f"{when}　{person.time_span}", 100), ("上门人员", person.visitors, 70))
    )
    form.pairs((("家属姓名", person.kin_name, 85), ("家属电话", person.kin_phone, 85)))
    form.pairs((("办理事项", person.matters, 1),))
    form.frame()
    _foot(paper, form.y, imprint, copy)


def _reason(form: Form, reason: str) -> None:
    own_words = bool(reason) and reason not in REASONS
    end = form.ticks("上门原因", REASONS, ticked=("其他" if own_words else reason,))
    top = form.y - ROW
    form.paper.cell(end, top, form.right - end, ROW, f"：{reason if own_words else ''}", pad=1)


def _foot(paper: Paper, y: float, imprint: Imprint, copy: str) -> None:
    if copy == "交本人":
        ready = (
            "请备好本人身份证或社会保障卡，不需要开具其他证明。上门人员两人同行、佩戴证件，"
            "不收任何费用。时间不便请来电改约"
        )
        phone = f"：{imprint.call}。"
        paper.paragraph(20, y + 7, 170, ready + phone, BODY)
        stamp.signatures(paper, 20, y + 26, 170, ("经办人", "（社区盖章）　日期"))
    else:
        stamp.signatures(paper, 20, y + 12, 170, ("预约人", "经办人", "预约日期"))
        stamp.signatures(paper, 20, y + 24, 170, ("改约时间", "上门结果", "登记人"))
