"""资格认证: forms coming back, who is due, trips, doubts, months."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app import certification, roles, suspicion
from app.certification import DueFilter, Strip
from app.kit.run import Session
from models.kit import clock
from ui.kit.context import Context
from ui.kit.label import show_if
from ui.kit.layout import VBox
from ui.kit.screen import Screen
from ui.kit.tabbed import TabbedScreen
from ui.pages.certification.doubts import DoubtsTab
from ui.pages.certification.due import DueTab
from ui.pages.certification.months import MonthsTab
from ui.pages.certification.scan import ScanTab
from ui.pages.certification.strip import StripCard
from ui.pages.certification.trips import TripsTab

TABS = (
    ("scan", "扫码回收"),
    ("due", "待认证"),
    ("home", "上门核验"),
    ("suspicion", "异常"),
    ("months", "按月进度"),
    ("periods", "历次"),
)


def page(
    context: Context,
    tab: str = "",
    filter: str = "",  # noqa: A002 - so it is opened everywhere
    code: str = "",
) -> "CertificationPage":
    """`filter` is a chip of the tab it opens with, `code` one that was scanned on another page."""
    made = CertificationPage(context, tab or "scan", filter)
    if code:
        made.take_code(code)
    return made


@dataclass(frozen=True)
class Figures:
    """What strip and tabs count."""

    strip: Strip
    due: Mapping[str, int]
    doubts: int


def figures(session: Session) -> Figures:
    """All of it in one look."""
    return Figures(
        certification.strip(session),
        certification.due_counts(session),
        suspicion.open_count(session),
    )


class CertificationPage(TabbedScreen):
    title = "资格认证"
    nav = "certification"
    has_search = True
    tables = frozenset({"retiree", "cert_task", "certification", "suspicion"})

    def __init__(self, context: Context, tab: str, chip: str) -> None:
        super().__init__(context, TABS)
        self.stale, self.chips = True, {tab: chip}
        self.strip = StripCard(print_forms=self.print_forms, home=self.go_home)
        show_if(self.strip.print, roles.may(context.desk, "print", "print"))
        show_if(self.strip.home, roles.may(context.desk, "certification", "write"))
        whole = VBox(self, gap=12, margins=(24, 12, 12, 14))
        whole.add(self.strip, self.tabs)
        whole.addLayout(self.place, 1)
        self.show_tab(tab)

    def make(self, key: str) -> Screen:
        chip = self.chips.pop(key, "")
        makers: dict[str, Callable[[], Screen]] = {
            "scan": self._scan_tab,
            "due": lambda: DueTab(self.context, chip),
            "home": lambda: TripsTab(self.context, chip),
            "suspicion": lambda: DoubtsTab(self.context),
            "months": lambda: MonthsTab(self.context),
            "periods": lambda: MonthsTab(self.context, periods=True),
        }
        return makers[key]()

    def _scan_tab(self) -> ScanTab:
        made = ScanTab(self.context, self.show_tab)
        made.on_keys({"Ctrl+P": self.print_forms})  # the other tabs print what they list
        return made

    # figures ----------------------------------------------------------------------------

    def reload(self) -> None:
        self.context.work.ask(figures, done=self._show)

    def refresh(self) -> None:
        self.reload()
        self.tab.reload()

    def _show(self, read: Figures) -> None:
        self.strip.show_strip(read.strip)
        counts = {"due": read.due["all"], "home": read.due["home"], "suspicion": read.doubts}
        for key, words in TABS:
            number = counts.get(key, 0)
            self.tabs.relabel(key, f"{words} {number}" if number else words)

    # acts -------------------------------------------------------------------------------

    def go_home(self) -> None:
        """登记上门核验: choose the person among those to be visited."""
        self.show_tab("home")

    def take_code(self, code: str) -> None:
        """As if it had been scanned into the box."""
        self.show_tab("scan")
        tab = self.tab
        if isinstance(tab, ScanTab):
            tab.take(code)

    def print_forms(self) -> None:
        """Everybody of this month whose form is not out yet."""
        wanted = DueFilter(month=f"{clock.today():%Y-%m}", printed=False)
        self.context.work.ask(certification.due_ids, wanted, done=self._print)

    def _print(self, task_ids: list[str]) -> None:
        if task_ids:
            self.context.open("print_forms", task_ids=tuple(task_ids))
        else:
            self.context.toast("本月应认证的表都已打印，要重打请在“待认证”里勾选")
