"""疑点人员核查表: somebody could not be reached, or is said to have died or gone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.printing.kit import stamp, words
from app.printing.kit.fit import SMALL
from app.printing.kit.form import LEFT, RIGHT, Form, hand_date
from app.printing.kit.page import Imprint, Paper
from app.printing.kit.table import Column, Grid

TITLE = "疑点人员核查表"
SOURCES = ("邻居、楼长", "亲属", "医院、养老机构", "公安派出所", "民政、殡葬", "工作单位", "其他")
FINDINGS = ("健在", "死亡", "失踪", "服刑", "迁出", "联系不上", "继续核查")
ATTEMPT_ROWS = 4
COLUMNS = (
    Column("次", 10, "center"),
    Column("联系时间", 36, "center"),
    Column("方式", 30, "center"),
    Column("结果", 50),
    Column("联系人", 44, "center"),
)


@dataclass(frozen=True)
class Attempt:
    at: datetime
    way: str
    outcome: str
    by: str


@dataclass(frozen=True)
class Contact:
    name: str
    kin: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Check:
    number: str = ""
    name: str = ""
    sex: str = ""
    born_on: date | None = None
    id_no: str = ""
    kind: str = ""
    employer: str = ""
    address: str = ""
    phone: str = ""
    period: str = ""
    due_on: date | None = None
    reason: str = ""
    raised_on: date | None = None
    raised_by: str = ""
    attempts: tuple[Attempt, ...] = ()
    contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True)
class Checks:
    imprint: Imprint
    people: tuple[Check, ...]


def texts(data: Checks) -> Iterator[str]:
    for person in data.people:
        yield from (person.name, person.employer, person.address, person.reason, person.raised_by)
        for attempt in person.attempts:
            yield from (attempt.outcome, attempt.by)
        for contact in person.contacts:
            yield contact.name


def draw(data: Checks) -> bytes:
    paper = Paper(TITLE)
    for number, person in enumerate(data.people, 1):
        if number > 1:
            paper.next_page()
        _sheet(paper, data.imprint, person)
        stamp.footer(paper, data.imprint, TITLE, number, len(data.people))
    return paper.finish()


def _sheet(paper: Paper, imprint: Imprint, person: Check) -> None:
    stamp.corners(paper)
    stamp.title(paper, 27, TITLE)
    paper.beside(LEFT, 37, 105, f"社区：{imprint.station}")
    paper.text(RIGHT, 37, f"编号：{person.number or '　　　　　　　　'}", align="right")
    form = Form(paper, 40)
    _person(form, person)
    _attempts(form, person.attempts)
    _enquiries(form)
    _finding(form)
    form.frame()
    note = (
        "说明：核查情况如实填写，不要求本人或家属开具证明；"
        "是否暂停、停发由社会保险经办机构决定，本站只核实上报。"
    )
    paper.paragraph(LEFT, form.y + 6, RIGHT - LEFT, note, SMALL, leading=1.45)


def _person(form: Form, person: Check) -> None:
    born = words.day_words(person.born_on, "")
    form.pairs((("姓  名", person.name, 57), ("性  别", person.sex, 44), ("出生日期", born, 69)))
    form.pairs((("身份证号", person.id_no, 101), ("人员类别", person.kind, 69)))
    form.pairs((("退休单位", person.employer, 101), ("联系电话", person.phone, 69)))
    form.pairs((("居住地址", person.address, 1),))
    kin = "；".join(_contact(contact) for contact in person.contacts)
    form.pairs((("亲属联系", kin, 1),))
    due = words.day_words(person.due_on, "")
    form.pairs((("认证周期", person.period, 101), ("到期日", due, 69)))
    form.pairs((("疑点来源", person.reason, 1),), 11)
    raised = words.day_words(person.raised_on, "")
    form.pairs((("提出日期", raised, 85), ("提出人", person.raised_by, 85)))


def _contact(contact: Contact) -> str:
    kin = f"（{contact.kin}）" if contact.kin else ""
    return f"{contact.name}{kin} {contact.phone}".strip()


def _attempts(form: Form, attempts: Sequence[Attempt]) -> None:
    grid = Grid(COLUMNS, form.left, form.right - form.left, row=8.4, size=9.5, grows=False)
    form.y = grid.header(form.paper, form.y)
    shown = list(attempts)[-ATTEMPT_ROWS:]
    skipped = len(attempts) - len(shown)
    rows = [_attempt(skipped + number, one) for number, one in enumerate(shown, 1)]
    rows += [(str(len(attempts) + n), "", "", "", "") for n in range(1, ATTEMPT_ROWS + 1)]
    for row in rows[:ATTEMPT_ROWS]:
        form.y = grid.row(form.paper, form.y, grid.measure(row))


def _attempt(number: int, one: Attempt) -> tuple[str, ...]:
    return (str(number), words.moment(one.at), one.way, one.outcome, one.by)


def _enquiries(form: Form) -> None:
    top = form.area("核查途径\n（划 √ ）", 16)
    form.paper.ticks(form.value + 2.6, top + 4.8, SOURCES[:4])
    form.paper.ticks(form.value + 2.6, top + 11.4, SOURCES[4:])
    form.lines("核查经过", "写明问了谁、何时何地、对方怎么说", 4)


def _finding(form: Form) -> None:
    form.ticks("核查结论", FINDINGS, gap=3.6)
    top = form.pairs((("发生日期", "", 85), ("依据", "", 85)))
    hand_date(form.paper, 44, top + 6.15)
    top = form.pairs((("核查人\n（两人）", "", 85), ("站长意见\n（盖章）", "", 85)), 26)
    hand_date(form.paper, 60, top + 22)
    hand_date(form.paper, 145, top + 22)
