"""个人信息处理告知书: what is kept of a person, why and how long, read and signed once."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.printing.kit import stamp
from app.printing.kit.fit import BODY, MM
from app.printing.kit.page import Imprint, Paper

TITLE = "个人信息处理告知书"
VERSION = "2026-11"
"""Which text this is, as it is noted with the signature; another text has another."""
LAW = "《中华人民共和国个人信息保护法》第十七条、第三十五条"
PURPOSES = (
    "领取养老金资格认证、生存状况调查、增减变动登记、走访帮扶、协助家属办理丧葬抚恤。"
    "这些是法定职责，不用另外同意。"
    "照片用于宣传、参加活动、登记特长和子女情况，先问您，不同意不影响别的服务。"
)
KINDS = (
    "姓名、证号、住址、电话、退休和待遇情况、家属联系人。"
    "健康、养老金账户和照片是敏感信息，办事用得到才收集，只有管这件事的人能看。"
)
KEPT = (
    "存在本站（加密）和上级单位的电脑里，不出境；"
    "期限按《社会保险业务档案管理规定（试行）》，到期前不销毁。"
    "只给上级单位、社会保险经办机构和您迁去的站点，不给别人。"
)
RIGHTS = (
    "可以看、可以要一份，错了可以要求改；同意过的事随时可以撤回；"
    "符合法律规定的，可以要求删除。到本站或打电话说一声就行，也可以请家里人来办。"
)
SIZE = 16.0  # old people read this
SMALLER = (SIZE, 15.0, 14.0, 13.0, 12.0, 11.0)  # only where names and addresses need the room
LEFT, WIDE = 22.0, 166.0
SIGNING = 241.0  # the line above what is signed


@dataclass(frozen=True)
class Person:
    """``id_no`` is masked: the paper shows whose it is, no more."""

    name: str
    id_no: str = ""


@dataclass(frozen=True)
class Notices:
    imprint: Imprint
    people: tuple[Person, ...]
    centre: str = ""
    address: str = ""


def texts(data: Notices) -> Iterator[str]:
    yield from (data.centre, data.address)
    for person in data.people:
        yield person.name


def draw(data: Notices) -> bytes:
    paper = Paper(TITLE)
    for number, person in enumerate(data.people, 1):
        if number > 1:
            paper.next_page()
        _sheet(paper, data, person)
        _signing(paper)
        stamp.footer(paper, data.imprint, TITLE, number, len(data.people), f"文本版本 {VERSION}")
    return paper.finish()


def _points(data: Notices) -> Iterator[tuple[str, str]]:
    """What the law wants told, in words that can be read aloud."""
    above = f"，业务受{data.centre}指导" if data.centre else ""
    place = f"，地址：{data.address}" if data.address else ""
    yield "谁来处理", f"{data.imprint.station}{above}{place}，电话：{data.imprint.call}。"
    yield "用来做什么", PURPOSES
    yield "处理哪些", KINDS
    yield "存在哪里、存多久", KEPT
    yield "您的权利", RIGHTS


def _sheet(paper: Paper, data: Notices, person: Person) -> None:
    stamp.title(paper, 26, TITLE, 22)
    fits = (size for size in SMALLER if _text(Paper(TITLE), data, person, size) < SIGNING - 1.5)
    _text(paper, data, person, next(fits, SMALLER[-1]))


def _text(paper: Paper, data: Notices, person: Person, size: float) -> float:
    """All that is told; gives the baseline of its last line."""
    whose = f"（证号 {person.id_no}）" if person.id_no else ""
    y = paper.paragraph(LEFT, 39, WIDE, f"{person.name}{whose}：", size, leading=1.5)
    told = f"为您服务要用到您的个人信息。按照{LAW}，告诉您下面这些事："
    y = paper.paragraph(LEFT, y, WIDE, told, size, leading=1.4, indent=2) + 1
    for number, (what, words) in zip("一二三四五", _points(data), strict=True):
        y = paper.paragraph(LEFT, y, WIDE, f"{number}、{what}", size, leading=1.4, heavy=True)
        y = paper.paragraph(LEFT, y, WIDE, words, size, leading=1.35, indent=2) + 1.2
    return y - 1.2 - size * 1.35 / MM


def _signing(paper: Paper) -> None:
    y = SIGNING + 8
    paper.line(LEFT, SIGNING, LEFT + WIDE, SIGNING)
    paper.text(LEFT, y, "以上内容我已经看过，或者有人念给我听过，知道了。", SIZE, heavy=True)
    middle, right = LEFT + 80, LEFT + WIDE
    for down, labels in ((12, ("本人签名", "日期")), (23, ("代签人", "与本人关系"))):
        _blank(paper, LEFT, y + down, labels[0], middle)
        _blank(paper, middle + 8, y + down, labels[1], right)
    paper.text(LEFT, y + 31, "本人不能签名的，由家属或照料人代签。签好后由本站留存", BODY)


def _blank(paper: Paper, x: float, y: float, label: str, right: float) -> None:
    """A label and a line to write on."""
    end = x + paper.text(x, y, f"{label}：", SIZE)
    paper.line(end, y + SIZE * 0.2 / MM, right, y + SIZE * 0.2 / MM)
