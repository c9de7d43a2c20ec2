"""设置: the station, its people, this PC's devices, the rules, backups, the text size.

The station's own facts and the rules belong to the centre: a station only sees them.
"""

from collections.abc import Callable

from app import roles
from ui.kit.context import Context
from ui.kit.layout import VBox
from ui.kit.screen import Screen
from ui.kit.tabbed import TabbedScreen
from ui.pages.settings.backups import BackupsTab
from ui.pages.settings.code_tables import CodeTablesTab
from ui.pages.settings.devices import DevicesTab
from ui.pages.settings.network import NetworkTab
from ui.pages.settings.people import PeopleTab
from ui.pages.settings.rules import RulesTab
from ui.pages.settings.sizes import SizesTab
from ui.pages.settings.station import StationTab
from ui.pages.settings.tab import Tab

STATION_ONLY, CENTRE_ONLY = frozenset({"station", "devices"}), frozenset({"network", "codes"})
# key, words, and the right without which the tab is not there
TABS: tuple[tuple[str, str, tuple[str, str] | None, Callable[[Context], Tab]], ...] = (
    ("station", "站点信息", None, StationTab),
    ("people", "人员与账号", ("account", "see"), PeopleTab),
    ("devices", "打印机与扫码枪", None, DevicesTab),
    ("network", "联网", ("exchange", "see"), NetworkTab),
    ("rules", "参数", ("parameter", "see"), RulesTab),
    ("codes", "代码表", ("code_table", "write"), CodeTablesTab),
    ("backup", "备份", ("backup", "manage"), BackupsTab),
    ("size", "字号", None, SizesTab),
)


def page(context: Context, tab: str = "") -> "SettingsPage":
    """A tab this person has no right to is not there; then the first is shown."""
    return SettingsPage(context, tab)


class SettingsPage(TabbedScreen):
    title = "设置"
    nav = "settings"

    def __init__(self, context: Context, tab: str) -> None:
        left = set(STATION_ONLY if roles.is_central(context.desk) else CENTRE_ONLY)
        if not context.station.has_file:
            left.add("backup")
        mine = [one for one in TABS if one[0] not in left]
        allowed = [one for one in mine if one[2] is None or roles.may(context.desk, *one[2])]
        self.makers = {key: maker for key, _words, _right, maker in allowed}
        super().__init__(context, [(key, words) for key, words, _right, _maker in allowed])
        whole = VBox(self, gap=14, margins=(24, 10, 12, 14))
        whole.addWidget(self.tabs)
        whole.addLayout(self.place, 1)
        self.show_tab(tab if tab in self.makers else next(iter(self.makers)))

    def make(self, key: str) -> Screen:
        return self.makers[key](self.context)
