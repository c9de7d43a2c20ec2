"""退休人员 at the centre: everybody of every station, to be found and looked at."""

from dataclasses import replace

from app import retiree, roles
from app.kit.listing import Page
from app.kit.run import Session
from app.retiree import People, PersonRow
from ui.kit.buttons import Button
from ui.kit.cells import Cell, Person, Stat, Text, Two
from ui.kit.context import Context
from ui.kit.label import show_if
from ui.kit.list_page import ListPage
from ui.kit.list_screen import ListScreen
from ui.kit.paged_table import RowSource
from ui.kit.table import Column
from ui.kit.view import Asked, Filter, View
from ui.pages.retirees import rows
from ui.pages.retirees.glance import PersonPanel

VIEW = View(
    columns=(
        Column("name", "姓名", 134, sortable=True),
        Column("number", "身份证号", 178, sortable=True),
        Column("office", "站点", 116, stretch=2),
        Column("address", "住址 / 退休单位", 204, stretch=3, sortable=True),
        Column("due", "认证状态", 128, sortable=True),
    ),
    search=rows.SEARCH,
    chips=(("managed", "在册"), ("gone", "已去世 · 已迁出"), ("all", "全部")),
    filters=(Filter("office", "站点", wide=True),),
    sort="address",
    keys="↑↓ 选人   Enter 打开",
)

# two districts may each have a station of one name
CITY_VIEW = replace(
    VIEW,
    columns=tuple(
        replace(one, title="站点 / 区中心") if one.key == "office" else one for one in VIEW.columns
    ),
    filters=(Filter("office", "区中心或站点", wide=True),),
)


def page(context: Context) -> "EverybodyPage":
    """Of the centre's menu."""
    return EverybodyPage(context)


class EverybodyPage(ListScreen):
    title, nav = "退休人员", "people"
    called = "名单"  # 返回名单
    tables = frozenset({"retiree", "tag", "cert_task", "certification", "suspicion", "exchange"})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.panel = PersonPanel(context)
        self.is_city = roles.is_city(context.desk)
        load = Button("导入认证结果", icon="file-spreadsheet", does=lambda: context.open("results"))
        show_if(load, roles.may(context.desk, "certification", "write"))
        self.show_list(
            ListPage(
                context,
                CITY_VIEW if self.is_city else VIEW,
                RowSource(_people, city_cells if self.is_city else cells),
                sources={"office": retiree.offices},
                actions=(load,),
                panel=self.panel,
            )
        )
        self.list.start()

    def follow(self, row: PersonRow) -> None:
        self.panel.follow(row.id)

    def open_row(self, row: PersonRow) -> None:
        self.context.open("person", retiree_id=row.id)


def cells(row: PersonRow) -> tuple[Cell, ...]:
    years = f"{row.age}岁" if row.age is not None else ""
    return (
        Person(row.name, " · ".join(part for part in (row.sex, years) if part)),
        Text(row.id_no),
        Text(row.office or "—"),
        Two(row.address or "住址待补", row.employer),
        Stat(row.cert.text, row.cert.tone, rows.cert_icon(row)),
    )


def city_cells(row: PersonRow) -> tuple[Cell, ...]:
    """With the district."""
    who, number, _office, *rest = cells(row)
    return (who, number, Two(row.office or "—", row.district), *rest)


def _people(session: Session, asked: Asked, number: int) -> Page[PersonRow]:
    wanted = People(
        asked.chip,
        asked.text,
        office=asked.get("office") or "",
        sort=asked.sort or "address",
        descending=asked.descending,
    )
    return retiree.people(session, wanted, number)
