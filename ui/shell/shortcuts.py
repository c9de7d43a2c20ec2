"""Every shortcut on one sheet."""

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from ui.kit.label import Label
from ui.kit.layout import Grid, holder
from ui.shell.catalogue import Entry

SCAN = "F8"
EVERYWHERE = (
    ("Ctrl+K", "搜人"),
    ("Ctrl+N", "登记 / 新建"),
    ("Ctrl+S", "保存"),
    ("Ctrl+Enter", "保存并登记下一位"),
    ("Ctrl+Z / Ctrl+Y", "撤销 / 恢复刚保存的一步"),
    ("Ctrl+P", "打印"),
    ("Ctrl+F", "页内搜索"),
    ("Ctrl+Tab", "换到下一个标签页"),
    ("F1", "这一页怎么办"),
    ("F2", "编辑"),
    ("F5", "刷新"),
    ("F6", "在内容、导航、顶栏之间切换"),
    (SCAN, "扫码回收"),
    ("Ctrl+L", "锁定"),
    ("Ctrl+= / Ctrl+-", "放大 / 缩小字号"),
    ("Esc / Alt+←", "返回，关闭"),
)
IN_TABLE = (
    ("↑ ↓", "移动"),
    ("Enter", "打开"),
    ("空格", "勾选"),
    ("F4", "表单中打开日历或选项"),
    ("Shift+F10", "这一行能办的事"),
    ("← →", "在一排选项里换"),
    ("Ctrl+A", "选筛选结果全部"),
    ("Ctrl+↓ / Ctrl+↑", "表单中跳到下一处 / 上一处错误"),
)


def shortcuts(entries: Sequence[Entry]) -> QWidget:
    """All of them, in groups."""
    scans = any(entry.key == "certification" for entry in entries)
    everywhere = [one for one in EVERYWHERE if scans or one[0] != SCAN]
    going = [(f"Ctrl+{entry.number}", entry.text) for entry in entries]
    grid = Grid(gap=(24, 0))
    halves = ((("到处可用", everywhere),), (("打开页面", going), ("表格和表单", IN_TABLE)))
    for place, groups in enumerate(halves):
        inner = Grid(gap=(14, 6))
        for title, rows in groups:
            _group(inner, title, rows)
        inner.setRowStretch(inner.rowCount(), 1)
        grid.addWidget(holder(inner), 0, place)
        grid.setColumnStretch(place, 1)
    return holder(grid)


def _group(grid: Grid, title: str, rows: Sequence[tuple[str, str]]) -> None:
    top = grid.rowCount()
    grid.addWidget(Label(title, "strong", "prit"), top, 0, 1, 2)
    for offset, (keys, words) in enumerate(rows, 1):
        grid.addWidget(Label(keys, "small", "t2"), top + offset, 0)
        grid.addWidget(Label(words), top + offset, 1)
    grid.setColumnStretch(1, 1)
