"""退休人员走访记录表: filled in by hand at the door, one sheet a visit."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.printing.kit import barcode, stamp
from app.printing.kit.fit import SMALL
from app.printing.kit.form import LABEL, LEFT, RIGHT, Form
from app.printing.kit.page import Imprint, Paper

TITLE = "退休人员走访记录表"
TOP = 42.0
HEAD = 10.1  # the first rows are a little taller
TICKS = (
    ("精神状态", ("好", "一般", "差")),
    ("饮食睡眠", ("正常", "食欲差", "睡眠差")),
    ("身体状况", ("能自理", "行动不便", "卧床", "新发疾病：")),
    ("用药情况", ("按时", "漏服", "自行停药", "无需用药")),
    ("居家安全", ("燃气正常", "用电正常", "通道畅通", "有隐患：")),
    ("照护情况", ("独居", "配偶照护", "子女照护", "保姆", "机构")),
)
WAYS = ("上门", "电话", "来站", "住院探望", "节日慰问", "生日慰问")


@dataclass(frozen=True)
class Record:
    """The head of one sheet; everything blank is the form to be filled in by hand."""

    number: str = ""
    payload: str = ""
    name: str = ""
    sex: str = ""
    age: int | None = None
    category: str = ""
    address: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Records:
    imprint: Imprint
    people: tuple[Record, ...]
    keep_years: int = 10


def fields(record: Record) -> dict[str, str]:
    """What the digest in the code vouches for."""
    age = "" if record.age is None else str(record.age)
    names = ("name", "sex", "category", "address", "phone")
    return {"age": age, **{name: str(getattr(record, name)) for name in names}}


def texts(data: Records) -> Iterator[str]:
    for record in data.people:
        yield from fields(record).values()


def draw(data: Records) -> bytes:
    paper = Paper(TITLE)
    for number, record in enumerate(data.people, 1):
        if number > 1:
            paper.next_page()
        paper.fixed("frame", lambda: _frame(paper, data))
        _values(paper, record)
        stamp.footer(paper, data.imprint, "走访记录表", number, len(data.people))
    return paper.finish()


def _frame(paper: Paper, data: Records) -> None:
    stamp.corners(paper)
    stamp.title(paper, 27.5, TITLE)
    paper.beside(LEFT, 37, 98, f"社区：{data.imprint.station}")
    form = Form(paper, TOP)
    form.pairs((("姓  名", "", 57), ("性别 / 年龄", "", 56), ("人员类别", "", 57)), HEAD)
    form.pairs((("住  址", "", 113), ("电  话", "", 57)), HEAD)
    form.ticks("走访方式", WAYS, HEAD)
    _time_row(form)
    for title, options in TICKS:
        form.ticks(title, options)
    form.lines("谈话内容\n与诉求", "记下老人原话，特别是困难、意见和想办的事", 5)
    form.lines("现场处理\n与转办", "已办的写结果；转办的写明转给谁、何时答复", 3)
    form.ticks("核验情况", ("已见本人，健在", "未见本人", "资料有变动，需更正"), HEAD)
    _plan_row(form)
    form.signatures(("老人或\n家属签名", "走访人\n签名"))
    form.frame()
    keep = (
        "说明：录入系统时扫描右上角二维码，可直接打开本次走访；"
        f"纸质表随走访台账归档，保存期 {data.keep_years} 年。"
    )
    paper.text(LEFT, form.y + 6.4, keep, SMALL)


def _time_row(form: Form) -> None:
    top = form.pairs((("走访时间", "", 1), ("走访人", "", 1)), HEAD)
    base = top + HEAD / 2 + 1.35
    for x, unit in ((61.5, "年"), (71, "月"), (80.5, "日"), (90, "时")):
        form.paper.text(x, base, unit)


def _plan_row(form: Form) -> None:
    top = form.area("下次计划", HEAD)
    base = top + HEAD / 2 + 1.35
    for x, unit in ((52.5, "年"), (62, "月"), (71.5, "日前再次走访")):
        form.paper.text(x, base, unit)
    form.paper.ticks(114, top + HEAD / 2, ("需重点关注", "转家庭医生"), gap=10)


def _values(paper: Paper, record: Record) -> None:
    number = f"编号：{record.number or '　　　　　　　　　'}"
    paper.text(166.5, 37, number, align="right")
    if record.payload:
        barcode.qr(paper, RIGHT - 20, 19, 20, record.payload)
    age = "" if record.age is None else f"{record.age} 岁"
    value = 57 - LABEL
    paper.cell(LEFT + LABEL, TOP, value, HEAD, record.name, 13, heavy=True, align="center")
    both = " / ".join(part for part in (record.sex, age) if part)
    paper.cell(77 + LABEL, TOP, 34, HEAD, both, align="center")
    paper.cell(133 + LABEL, TOP, value, HEAD, record.category, align="center")
    paper.cell(LEFT + LABEL, TOP + HEAD, 113 - LABEL, HEAD, record.address)
    paper.cell(133 + LABEL, TOP + HEAD, value, HEAD, record.phone, align="center")
