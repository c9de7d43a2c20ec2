"""到期人员名单: who is due this month; by building, or a sheet for each group leader."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from app.printing.kit import words
from app.printing.kit.page import Imprint
from app.printing.kit.table import Block, Column, ListStyle, draw_list

COLUMNS = (
    Column("序号", 11, "center"),
    Column("姓名", 24, "center"),
    Column("性别", 11, "center"),
    Column("年龄", 11, "center"),
    Column("身份证号", 41, "center"),
    Column("居住地址", 52),
    Column("联系电话", 29, "center"),
    Column("上次认证", 23, "center"),
    Column("到期日", 23, "center"),
    Column("联系结果", 22),
    Column("备注", 20),
)


@dataclass(frozen=True)
class DueRow:
    """`group` is the building or the self-managed group; `due_on` unknown prints 待核."""

    group: str
    name: str
    sex: str = ""
    age: int | None = None
    id_no: str = ""
    address: str = ""
    phone: str = ""
    last_certified_on: date | None = None
    due_on: date | None = None
    note: str = ""
    leader: str = ""


@dataclass(frozen=True)
class DueList:
    """`title_month` is empty for a list of more than one; `show_phone` only for a helper who has
    to call; identity numbers are always masked. `apart`: each group is handed to somebody else and
    has its own sheet."""

    imprint: Imprint
    title_month: str
    rows: tuple[DueRow, ...]
    by: str = "楼栋"
    show_phone: bool = False
    apart: bool = False


def texts(data: DueList) -> Iterator[str]:
    for row in data.rows:
        yield from (row.group, row.name, row.address, row.note, row.leader)


def draw(data: DueList) -> bytes:
    """Groups in the order given, however mixed they come."""
    title = f"{words.month_words(data.title_month)}资格认证到期人员名单"
    style = ListStyle(
        "到期人员名单",
        signatures=("发放人", "领取人（小组长）", "交回日期"),
        notes=(
            "联系结果请写：已约上门、将来本站、已自助办理、联系不上。",
            "请勿向他人出示本名单，用后交回本站。",
        ),
    )
    groups: dict[str, list[DueRow]] = {}
    for row in data.rows:
        groups.setdefault(row.group, []).append(row)
    if not data.apart:
        groups = {"": [row for rows in groups.values() for row in rows]} if groups else {}
    blocks = [_block(title, data, group, rows) for group, rows in groups.items()]
    return draw_list(data.imprint, style, COLUMNS, blocks or [Block(title, ())])


def _block(title: str, data: DueList, group: str, rows: list[DueRow]) -> Block:
    leader = next((f"负责人：{row.leader}" for row in rows if row.leader), "")
    return Block(
        title,
        [_cells(number, row, data) for number, row in enumerate(rows, 1)],
        left=f"{data.by}：{group or '未分'}" if data.apart else f"按{data.by}排列",
        middle=leader,
        right=data.imprint.station,
    )


def _cells(number: int, row: DueRow, data: DueList) -> tuple[str, ...]:
    return (
        str(number),
        row.name,
        row.sex,
        "" if row.age is None else str(row.age),
        words.masked_id(row.id_no),
        row.address,
        row.phone if data.show_phone else words.masked_phone(row.phone),
        words.day(row.last_certified_on, "不详"),
        words.day(row.due_on, "待核"),
        "",
        row.note,
    )
