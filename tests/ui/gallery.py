"""Every basic part on one sheet, and the window around it; renders PNGs for the eye.

QT_QPA_PLATFORM=offscreen python -m tests.ui.gallery FOLDER
"""

import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from ui.kit import style
from ui.kit.banner import Banner
from ui.kit.batch_bar import BatchBar
from ui.kit.buttons import Button, Chip, Segmented, Tabs
from ui.kit.card import Card, CountCard, FactList, StatCard
from ui.kit.cells import Bar, Check, Err, Link, Person, Stat, Tags, TagWord, Text, Two
from ui.kit.charts import ColumnChart, Legend, Part, Ring, SegBar
from ui.kit.date_box import DateBox
from ui.kit.empty import EmptyState
from ui.kit.field import Field
from ui.kit.inputs import CheckBox, Combo, PasswordBox, RadioButton, SearchBox, TextArea, TextBox
from ui.kit.label import Label
from ui.kit.layout import Flow, HBox, Scroll, VBox, column, holder, row
from ui.kit.side_panel import SidePanel
from ui.kit.steps import Steps
from ui.kit.table import Column, DataTable, Row, RowsModel
from ui.kit.tag import Tag
from ui.kit.task_row import Task, TaskRow
from ui.kit.timeline import Moment, Timeline
from ui.kit.tokens import SCALES, px, scale
from ui.kit.waiting import Progress
from ui.shell.catalogue import ENTRIES
from ui.shell.window import Window

PARTS = (
    Part("表格回收", 842, "chart1"),
    Part("手机自助", 214, "chart4"),
    Part("上门核验", 144, "chart2"),
    Part("待认证", 86, "chart0"),
)
PEOPLE = ("王秀英", "李建国", "陈玉兰", "张德明", "黄志强", "周桂芳", "吴国华", "林阿妹", "王龚")
COLUMNS = (
    Column("tick", "", 44),
    Column("name", "姓名", 140, 1),
    Column("id_no", "身份证号", 190, sortable=True),
    Column("address", "住址 / 退休单位", 170, 1),
    Column("tags", "标签", 190, drop=1),
    Column("state", "认证状态", 130),
    Column("visit", "最近走访", 110),
)


def shot(window: QWidget) -> QPixmap:
    """The window with its open dialogs on it, as a person sees it."""
    QApplication.processEvents()
    picture = window.grab()
    painter = QPainter(picture)
    for other in QApplication.topLevelWidgets():
        if other.isVisible() and other is not window and other.parentWidget() is not None:
            painter.drawPixmap(other.pos() - window.mapToGlobal(QPoint(0, 0)), other.grab())
    painter.end()
    return picture


def buttons() -> Card:
    card = Card("按钮：每屏只有一个主按钮；文字是动词")
    off = Button("不可用")
    off.setEnabled(False)
    kinds = Flow()
    kinds.add(
        Button("保存（Ctrl+S）", "primary"), Button("打印认证表", icon="printer"),
        Button("登记走访", "soft"), Button("查看全部", "text"), Button("删除备份", "danger"),
        Button("更多", "quiet", icon="ellipsis"), off, Button("小按钮", sz="s"),
        Button("大按钮", sz="l"),
    )  # fmt: skip
    chosen = Chip("已选", 86)
    chosen.setChecked(True)
    line = Flow()
    line.add(
        chosen, Chip("未选", 47), Chip("桂苑一区", removable=True),
        Segmented([("m", "本月"), ("q", "本季"), ("y", "本年")], "y"),
        CheckBox("勾选", checked=True), CheckBox("未勾"), RadioButton("单选", checked=True),
    )  # fmt: skip
    tags = Flow()
    tags.add(
        Tag("待认证", "warn", "clock"), Tag("已认证", "ok", "circle-check"),
        Tag("异常待核", "bad", "circle-alert"), Tag("待上门核验", "info", "house"),
        Tag("党员", "party"), Tag("独居"), Tag("主色", "pri"),
    )  # fmt: skip
    for each in (kinds, line, tags):
        card.body.addLayout(each)
    card.add(Tabs([("a", "基本信息"), ("b", "资格认证"), ("c", "健康档案"), ("d", "走访")]))
    return card


def fields() -> Card:
    card = Card("输入框：提示在下方，不只靠颜色")
    wrong = Field("有误", TextBox("1380000261"), required=True)
    wrong.say("err", "应为 11 位，现在是 10 位；没有手机请填固定电话", link="改为 0")
    fixed = TextBox("1946-11-23")
    fixed.set_read_only()
    good, near = Field("通过", TextBox("王秀英")), Field("提醒，可继续", TextBox("3栋 502"))
    good.say("ok", "没有重名重号")
    near.say("warn", "这一户已登记 1 人：陈永福（已去世）。如为同住配偶请继续")
    left = [
        Field("一般", TextBox(hint="姓名 / 拼音首字母"), hint="说明文字写在这里"), wrong, good,
        Field("退休时间", DateBox("1996-11-01")), Field("口令", PasswordBox()),
    ]  # fmt: skip
    right = [
        Field("自动得出", fixed, hint="由身份证号自动得出"), near,
        Field("退休单位", Combo([("1", "市棉纺织厂"), ("2", "南浦机械厂")], empty=False)),
        Field("搜索", SearchBox("姓名 / 拼音首字母（如 wxy）")),
        Field("备注", TextArea("", lines=2)),
    ]  # fmt: skip
    both = HBox(gap=14)
    for side in (left, right):
        both.addLayout(column(*side, None, gap=10), 1)
    card.body.addLayout(both)
    return card


def banners() -> Card:
    card = Card("提示条：说清发生什么，怎么办")
    card.add(
        Banner("info", "不联网也能照常工作"),
        Banner("ok", "已收到王秀英的认证表"),
        Banner("warn", "走访逾期 18 天", "今天上门可一并完成核验"),
        Banner("bad", "U盘写不进去", "可能开了写保护。请拨开侧面的小开关，再点“重试”",
               actions=[Button("重试", sz="s")]),
        Progress("正在写入第 196 / 309 行，约 10 秒", stop="停止并撤回"),
    )  # fmt: skip
    card.body.addStretch(1)
    return card


def a_table(rows: int = 9) -> DataTable:
    table = DataTable(COLUMNS)
    made = [
        Row(str(n), (
            Check(on=False), Person(name, "女 · 80岁"), Text("519902********0269"),
            Two("桂苑一区 3栋 502", "市棉纺织厂"),
            Tags((TagWord("高龄独居", "warn"), TagWord("高血压", "info"))),
            Stat("待认证", "warn", "clock"), Text("逾期 18 天", "bad"),
        )) for n, name in enumerate(PEOPLE[:rows])
    ]  # fmt: skip
    model = RowsModel(COLUMNS, made)
    model.setParent(table)
    table.setModel(model)
    model.tick(1)
    table.go_to(0)
    table.show_sorting("id_no", ascending=True)
    return table


def an_import_grid() -> DataTable:
    columns = (
        Column("no", "行", 60), Column("name", "姓名", 100), Column("id", "身份证号", 190),
        Column("share", "进度", 160), Column("why", "问题和怎么改", 240, 1), Column("do", "", 120),
    )  # fmt: skip
    rows = [
        Row("17", (Text("17"), Text("潘惠芬", bold=True), Err("51990219520230****"),
                   Bar(0.4, "40%"), Text("出生日期 2月30日 不存在，请核对身份证", "bad"),
                   Link("忽略"))),
    ]  # fmt: skip
    table = DataTable(columns, two_lines=False)
    model = RowsModel(columns, rows)
    model.setParent(table)
    table.setModel(model)
    table.setMinimumHeight(px(90))
    return table


def figures() -> Card:
    card = Card("图表", "数字写在图上")
    line = row(Ring(PARTS, "93.3%"), gap=18)
    line.addWidget(Legend(PARTS, upright=True), 1)
    chart = ColumnChart([("6月", 254), ("7月", 231), ("8月", 170), ("9月", 96), ("10月", 88)])
    line.addWidget(chart, 1)
    card.body.addLayout(line)
    card.add(SegBar(PARTS), Legend(PARTS))
    return card


def tasks() -> Card:
    card = Card("今天要办", "按紧急程度", gap=0)
    for task in (
        Task("1", "footprints", "bad", "许春梅", "上门走访", "78岁 · 高龄独居 · 电话两次无人接听",
             "逾期 41 天", "bad", "circle-alert", "登记走访", soft=True),
        Task("2", "file-warning", "warn", "吴国华", "认证异常", "回收表照片与档案不符，需核对本人",
             "今天", "warn", "clock", "去核对"),
    ):  # fmt: skip
        card.add(TaskRow(task))
    return card


def a_timeline() -> Card:
    card = Card("时间线")
    card.add(Timeline([
        Moment("今天", "cake", "warn", "80 岁生日", "建议上门问候", "系统提醒"),
        Moment("11-09", "printer", "pri", "打印认证表", "编号 RZ26-A1B-00412-7", "刘桂兰"),
        Moment("2025-10-17", "badge-check", "ok", "认证通过", "表格回收", "刘桂兰"),
    ]))  # fmt: skip
    return card


def stats() -> tuple[HBox, HBox]:
    large = row(
        StatCard("badge-check", "pri", "待认证", "86", "人", "30 日截止", "warn"),
        StatCard("footprints", "bad", "走访逾期", "12", "人", "最久 41 天", "bad"),
        gap=14,
    )
    small = row(
        CountCard("circle-alert", "bad", "8", "行必须改正"),
        CountCard("triangle-alert", "warn", "6", "行请确认"),
        gap=14,
    )
    return large, small


class Basics(QWidget):
    title = "全部基本部件"
    own_scroll = True

    def __init__(self) -> None:
        super().__init__()
        inner = VBox(gap=12, margins=(24, 14, 12, 14))
        inner.addWidget(buttons())
        inner.addLayout(row(fields(), banners(), gap=12))
        for line in stats():
            inner.addLayout(line)
        inner.add(tasks(), figures())
        steps = Card()
        steps.add(Steps(["选文件", "对应列", "检查数据", "导入结果"], 2))
        inner.add(steps, a_timeline(), an_import_grid())
        facts = Card("身份与联系", actions=[Button("编辑", "text", "s", icon="pencil")])
        facts.add(
            FactList([("姓名", "王秀英"), ("曾用名", "无"), ("居住地址", "同户籍")], columns=2)
        )
        inner.addWidget(facts)
        VBox(self).addWidget(Scroll(inner))


class People(QWidget):
    has_search = True

    def __init__(self) -> None:
        super().__init__()
        box = VBox(self, gap=12, margins=(24, 14, 12, 16))
        search = SearchBox("姓名 / 拼音首字母（如 wxy）/ 证号后四位 / 楼栋")
        search.setMaximumWidth(px(380))
        self.new = Button("登记退休人员", "primary", icon="user-plus")
        tools = HBox(gap=8)
        tools.addWidget(search, 1)
        tools.addWidget(Button("更多筛选", icon="sliders-horizontal"))
        tools.addStretch(1)
        tools.add(Button("导出", icon="download"), self.new)
        chips = Flow()
        chips.add(Chip("在册", 1286), Chip("待认证", 86), Chip("异常", 5), Chip("行动不便", 47))
        bar = BatchBar([Button("打印认证表", sz="s", icon="printer")])
        bar.show_count(3)
        card = Card(margins=(1, 1, 1, 1))
        self.table = a_table()
        card.add(self.table)
        body = HBox(gap=12)
        body.addWidget(card, 1)
        self.panel = a_panel()
        body.addWidget(self.panel)
        for part in (tools, chips, bar):
            box.add(part)
        box.addLayout(body, 1)

    def fit(self, room: str) -> None:
        self.panel.setVisible(room in {"wide", "full"})
        self.table.drop_columns(0 if room == "wide" else 1)


def a_panel() -> SidePanel:
    panel = SidePanel()
    panel.head.add(Label("王秀英", "title"))
    panel.head.addLayout(row(Tag("高龄独居", "warn"), Tag("高血压", "info"), None))
    panel.add(Banner("warn", "待认证，且走访逾期 18 天", "今天上门可一并核验、走访、问候"))
    panel.add(FactList([("身份证号", "519902********0269"), ("联系电话", "138****2617"),
                        ("退休单位", "市棉纺织厂（1996年退休）")], label_width=66))  # fmt: skip
    panel.body.addStretch(1)
    panel.foot.addLayout(row(Button("登记走访", "soft", icon="footprints"),
                             Button("打印认证表", icon="printer")))  # fmt: skip
    return panel


def nothing() -> QWidget:
    empty = EmptyState(
        "users", "还没有退休人员", "最快的办法是导入单位移交的 Excel 名册；也可以一位一位登记",
        buttons=[Button("导入 Excel 名册", "primary", "l", icon="file-spreadsheet"),
                 Button("登记第一位", sz="l", icon="user-plus")],
        links=[Button("下载名册样表", "text", icon="download")],
    )  # fmt: skip
    card = Card()
    card.add(empty)
    return holder(_framed(card), "page")


def _framed(widget: QWidget) -> VBox:
    box = VBox(margins=(24, 14, 12, 16))
    box.addWidget(widget)
    return box


def make_pages() -> dict[str, Callable[..., QWidget]]:
    made: dict[str, Callable[..., QWidget]] = {entry.key: nothing for entry in ENTRIES}
    return made | {"workbench": Basics, "retirees": People}


def a_window() -> Window:
    window = Window(person="刘桂兰", station="桂苑社区服务站", entries=ENTRIES, pages=make_pages())
    for key, count in (("due", 86), ("visits", 12), ("survivors", 2), ("waiting", 3)):
        window.nav.show_badge(key, count)
    window.nav.safe.say("14:32", 3)
    return window


def main() -> None:
    app = QApplication(sys.argv)
    style.apply(app)
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    basics = Basics()
    basics.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    for value, size in zip(SCALES, ((1366, 1700), (1366, 2300), (1920, 2400)), strict=True):
        scale.set(value)
        basics.resize(*size)
        basics.show()
        shot(basics).save(str(folder / f"basics-{value}.png"))
    basics.close()
    window = a_window()
    for key in ("retirees", "archive"):
        for value in SCALES:
            for size in ((1366, 688), (1920, 1000)):
                scale.set(value)
                window.resize(*size)
                window.show()
                window.open(key)
                shot(window).save(str(folder / f"{key}-{size[0]}-{value}.png"))
    scale.set(1.0)


if __name__ == "__main__":
    main()
