"""上门走访路线单: the households of one trip in walking order."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from app.printing.kit import words
from app.printing.kit.page import Imprint
from app.printing.kit.table import Block, Column, ListStyle, draw_list

TITLE = "上门走访路线单"
COLUMNS = (
    Column("顺序", 10, "center"),
    Column("时间", 17, "center"),
    Column("姓名", 23, "center"),
    Column("住址", 41),
    Column("联系电话", 26, "center"),
    Column("标识", 27),
    Column("紧急联系人", 33),
    Column("办理事项", 25),
    Column("上次走访", 41),
    Column("到访情况", 24),
)


@dataclass(frozen=True)
class Stop:
    """`tags` without the sensitive ones, unless the role of the printer may see them."""

    name: str
    sex: str = ""
    age: int | None = None
    address: str = ""
    phone: str = ""
    tags: tuple[str, ...] = ()
    emergency: str = ""
    matter: str = ""
    last_visit_on: date | None = None
    last_visit_note: str = ""
    time_span: str = ""


@dataclass(frozen=True)
class Route:
    imprint: Imprint
    day: date | None
    visitors: str
    stops: tuple[Stop, ...]
    note: str = ""


def texts(data: Route) -> Iterator[str]:
    yield data.visitors
    for stop in data.stops:
        yield from (stop.name, stop.address, stop.emergency, stop.matter, stop.last_visit_note)


def draw(data: Route) -> bytes:
    reminder = "带好：认证表、印泥、本人联系卡；两人同行，佩戴证件。"
    style = ListStyle(
        TITLE,
        unit="户",
        signatures=("走访人签名", "返回时间", "站长签名"),
        notes=tuple(note for note in (reminder, data.note) if note),
        row=14,
        size=9.5,
    )
    block = Block(
        TITLE,
        [_cells(number, stop) for number, stop in enumerate(data.stops, 1)],
        left=f"日期：{words.day_words(data.day)}",
        middle=f"走访人：{data.visitors}",
        right=data.imprint.station,
    )
    return draw_list(data.imprint, style, COLUMNS, [block])


def _cells(number: int, stop: Stop) -> tuple[str, ...]:
    age = words.age_words(stop.age)
    who = "  ".join(part for part in (stop.sex, age) if part)
    last = "\n".join(part for part in (words.day(stop.last_visit_on), stop.last_visit_note) if part)
    return (
        str(number),
        stop.time_span,
        f"{stop.name}\n{who}" if who else stop.name,
        stop.address,
        stop.phone,
        "、".join(stop.tags),
        stop.emergency,
        stop.matter,
        last,
        "",
    )
