"""A person as a line of the list."""

from app.retiree import CHIPS, MissingRow, People, PersonRow
from models.kit import clock, codes
from ui.kit.cells import Cell, Person, Stat, Tags, TagWord, Text, Two
from ui.kit.format import day
from ui.kit.table import Column
from ui.kit.view import Asked, Filter, View

COLUMNS = (
    Column("name", "姓名", 134, sortable=True),
    Column("number", "身份证号", 178, sortable=True),
    Column("address", "住址 / 退休单位", 170, stretch=3, sortable=True),
    Column("phone", "联系电话", 130, drop=2),
    Column("tags", "标签", 176, stretch=1, drop=1),
    Column("due", "认证状态", 128, sortable=True),
    Column("visit", "最近走访", 100, sortable=True),
)
SHORT = {"address": "住址", "due": "认证"}
CERT = (("due", "待认证"), ("unknown", "到期日待核"), ("overdue", "已逾期"),
        ("home", "待上门核验"), ("done", "已认证"))  # fmt: skip
VISIT = (("overdue", "走访逾期"), ("month", "本月应走访"))
KEYS = "↑↓ 选人   Enter 打开   F2 编辑   空格 勾选   Ctrl+P 打印"
SEARCH = "姓名 / 拼音（如 wxy）/ 证号后四位 / 楼栋"
STAT_ICONS = {
    "done": "circle-check", "home_visit": "house", "suspicion": "circle-alert",
    "overdue": "circle-alert", "unknown": "circle-help", "none": "circle",
}  # fmt: skip


def filters() -> tuple[Filter, ...]:
    return (
        Filter("estate", "小区"),
        Filter("building", "小区楼栋"),
        Filter("employer", "退休单位"),
        Filter("age", "年龄", "range", unit="岁"),
        Filter("sex", "性别", choices=codes.table("SEX").items[:3]),
        Filter("cert", "认证状态", choices=CERT),
        Filter("visit", "走访状态", choices=VISIT),
        Filter("health", "健康状况", choices=codes.table("HEALTH_STATE").items),
        Filter("group", "自管小组"),
        Filter("tags", "标签（同时具备）", "many", choices=codes.table("TAG").items),
    )


def view() -> View:
    return View(COLUMNS, SEARCH, CHIPS, filters(), keys=KEYS, sort="address", short_titles=SHORT)


def gone_view() -> View:
    return View(COLUMNS, SEARCH, (), filters()[:5], keys="↑↓ 选人   Enter 打开", sort="address",
                short_titles=SHORT)  # fmt: skip


def wanted(asked: Asked, chip: str = "") -> People:
    """What the query understands."""
    low, high = asked.get("age") or (None, None)
    words = {
        key: asked.get(key) or ""
        for key in ("building", "estate", "sex", "employer", "cert", "visit", "health", "group")
    }
    return People(
        chip or asked.chip, asked.text, age_from=low, age_to=high, tags=asked.get("tags") or (),
        sort=asked.sort or "address", descending=asked.descending, **words,
    )  # fmt: skip


def cells(row: PersonRow, dropped: int = 0) -> tuple[Cell, ...]:
    years = f"{row.age}岁" if row.age is not None else ""
    return (
        Person(row.name, " · ".join(part for part in (row.sex, years) if part)),
        Text(row.id_no),
        Two(row.address or "住址待补", "" if dropped > 1 else row.employer),
        Text(row.phone or "暂无", "" if row.phone else "t3"),
        Tags(tuple(TagWord(mark.text, mark.tone) for mark in row.tags)),
        Stat(row.cert.text, row.cert.tone, cert_icon(row)),
        _visit(row),
    )


def cert_icon(row: PersonRow) -> str:
    """The sign beside the words, for who cannot tell the colours."""
    return STAT_ICONS.get(row.cert.code) or _icon(row)


def _icon(row: PersonRow) -> str:
    return "clock" if row.cert.tone in {"warn", "bad", "info"} else "circle"


def _visit(row: PersonRow) -> Text:
    if row.visit_overdue_days:
        return Text(f"逾期 {row.visit_overdue_days} 天", "bad")
    return Text(day(row.last_visit_on) or "—", "" if row.last_visit_on else "t3")


MISSING = View(
    (
        Column("name", "姓名", 150),
        Column("address", "住址 / 退休单位", 230, stretch=1),
        Column("fields", "还缺", 320, stretch=3),
    ),
    keys="↑↓ 选人   Enter 打开，补齐",
)


def missing_cells(row: MissingRow) -> tuple[Cell, ...]:
    return (
        Person(row.name),
        Two(row.address or "住址待补", row.employer),
        Tags(tuple(TagWord(label, "warn") for label in row.fields)),
    )


def birthday(month_day: str) -> bool:
    """Is it today?"""
    return month_day == clock.today().strftime("%m-%d")
