"""温馨提示通知单: large print for people without a smartphone, two to a page."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from app.printing.kit import fonts, stamp, words
from app.printing.kit.fit import MM, wrap
from app.printing.kit.page import Imprint, Paper

TITLE = "温馨提示"
WAYS = (
    "带上本人身份证或社会保障卡，到本站当面办理；",
    "会用手机的，可由本人或子女用手机刷脸办理；",
    "高龄、生病、行动不便的，打电话给本站，我们上门办理。",
)
SIZE = 16.0  # never smaller: old people read this
HALF = 148.5


@dataclass(frozen=True)
class Notice:
    name: str
    call: str = "同志"
    address: str = ""
    due_on: date | None = None


@dataclass(frozen=True)
class Notices:
    """`ways` are the ways of the place, in the words of the rule in force."""

    imprint: Imprint
    people: tuple[Notice, ...]
    ways: tuple[str, ...] = WAYS


def texts(data: Notices) -> Iterator[str]:
    for person in data.people:
        yield from (person.name, person.address)


def draw(data: Notices) -> bytes:
    paper = Paper(TITLE)
    for number, person in enumerate(data.people):
        lower = number % 2 == 1
        if number and not lower:
            paper.next_page()
        _half(paper, HALF if lower else 0, data, person)
        if not lower:
            paper.dashes(10, HALF, 200)
    return paper.finish()


def _half(paper: Paper, top: float, data: Notices, person: Notice) -> None:
    imprint = data.imprint
    stamp.title(paper, top + 21, TITLE, 24)
    paper.text(105, top + 30, "（领取养老金资格认证）", SIZE, align="center")
    y = paper.paragraph(
        22, top + 44, 166, f"{person.name} {person.call}：".strip(), SIZE + 1, leading=1.7
    )
    today = words.local_day(imprint.printed_at)
    y = paper.paragraph(22, y, 166, _sentence(person, today), SIZE, leading=1.6, indent=2)
    for number, way in enumerate(data.ways, 1):
        y = paper.paragraph(30, y, 158, f"{number}. {way}", SIZE, leading=1.6, hang=6.2)
    warning = "办理不收一分钱，也不会要您的银行卡密码和短信验证码。"
    paper.paragraph(22, y, 166, warning, SIZE, indent=2, heavy=True)
    _foot(paper, top, imprint, person)


def _sentence(person: Notice, today: date) -> str:
    """Nobody is asked to be done by a day that has passed."""
    so_that = "以免影响按时领取养老金。您可以："
    if person.due_on is not None and person.due_on < today:
        day = words.day_words(person.due_on)
        return f"您的领取养老金资格认证 {day} 到期，还没有办。请尽快办好，{so_that}"
    until = f"请在 {words.day_words(person.due_on)} 前" if person.due_on else "请在近期"
    return f"{until}办好领取养老金资格认证，{so_that}"


def _foot(paper: Paper, top: float, imprint: Imprint, person: Notice) -> None:
    y = top + HALF - 17
    used = paper.text(22, y, f"联系电话：{imprint.call}", SIZE)
    station = wrap(imprint.station, 166, SIZE)
    has_room = used + fonts.width(imprint.station, SIZE) / MM < 162  # beside the telephone
    for number, line in enumerate(station, 1):
        shift = (len(station) - number + (not has_room)) * SIZE * 1.3 / MM
        paper.text(188, y - shift, line, SIZE, align="right")
    when = words.day_words(words.local_day(imprint.printed_at))
    paper.text(188, y + 8, when, SIZE, align="right")
    if person.address:
        paper.cell(22, y + 2.6, 100, 8.4, f"送：{person.address}", SIZE, pad=0)
