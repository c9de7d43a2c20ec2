"""The screens in menu order, and every page and dialog by name. Explicit: nothing is discovered.

The number of an entry is for Ctrl+1…9, 0 and stays with the screen, also when others are missing.
Modules are loaded when their screen is first wanted: signing in does not wait for them.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any, cast

from PySide6.QtWidgets import QWidget


@dataclass(frozen=True)
class Entry:
    """`badge` names the figure of things waiting; `circle` the data circle needed to see it."""

    key: str
    text: str
    icon: str
    number: int
    badge: str = ""
    circle: str = "general"
    clauses: tuple[str, ...] = ()


ENTRIES: tuple[Entry, ...] = (
    Entry("workbench", "工作台", "house", 1, clauses=("S1",)),
    Entry("retirees", "退休人员", "users", 2, clauses=("S1", "D3")),
    Entry("certification", "资格认证", "badge-check", 3, "due", clauses=("W3", "C3", "S2")),
    Entry("visits", "走访健康", "hand-heart", 4, "visits", clauses=("S5", "D5", "W7")),
    Entry("party", "党建活动", "flag", 5, circle="party", clauses=("W6", "S6")),
    Entry("survivor", "遗属待遇", "hand-coins", 6, "survivors", clauses=("W4",)),
    Entry("archive", "人事档案", "archive", 7, clauses=("W5", "C2")),
    Entry("ledger", "经费台账", "wallet", 8, circle="money", clauses=("F1", "F2", "F3")),
    Entry("report", "统计报表", "chart-column", 9, clauses=("C7",)),
    Entry("exchange", "数据交换", "arrow-right-left", 0, "waiting", circle=""),
)


@dataclass(frozen=True)
class Screen:
    """Where a page or dialog of this name is made: `factory(context, **arguments)`."""

    name: str
    module: str
    factory: str = "page"


PAGES: tuple[Screen, ...] = (
    Screen("workbench", "ui.pages.workbench"),
    Screen("retirees", "ui.pages.retirees"),
    Screen("person", "ui.pages.person"),
    Screen("certification", "ui.pages.certification"),
    Screen("visits", "ui.pages.visits"),
    Screen("exchange", "ui.pages.exchange"),
    Screen("import_roster", "ui.pages.import_roster"),
    Screen("settings", "ui.pages.settings"),
    Screen("notices", "ui.pages.notices"),
    Screen("journal", "ui.pages.journal"),
)
DIALOGS: tuple[Screen, ...] = (
    Screen("register", "ui.pages.register", "dialog"),
    Screen("edit", "ui.pages.register", "edit"),
    Screen("family", "ui.pages.family", "dialog"),
    Screen("tags", "ui.pages.family", "tags"),
    Screen("visit", "ui.pages.visit", "dialog"),
    Screen("certify", "ui.pages.certify", "dialog"),
    Screen("movement", "ui.pages.movement", "dialog"),
    Screen("contact", "ui.pages.contact", "dialog"),
    Screen("suspicion", "ui.pages.suspicion", "dialog"),
    Screen("print_forms", "ui.pages.print_forms", "dialog"),
    Screen("print_pdf", "ui.pages.print_pdf", "dialog"),
    Screen("find", "ui.pages.find", "dialog"),
    Screen("usb", "ui.pages.exchange.usb", "dialog"),
    Screen("answer", "ui.pages.exchange.joining", "dialog"),
    Screen("change_password", "ui.pages.change_password", "dialog"),
)
BY_NAME = {screen.name: screen for screen in (*PAGES, *DIALOGS)}


def there(name: str) -> bool:
    """Is this screen part of the program?"""
    screen = BY_NAME.get(name)
    return screen is not None and find_spec(screen.module) is not None


def factory(name: str) -> Callable[..., QWidget]:
    """What makes the page or dialog; raises KeyError for a name nobody gave."""
    screen = BY_NAME[name]
    made = getattr(import_module(screen.module), screen.factory)
    return cast("Callable[..., QWidget]", made)


def pages() -> list[str]:
    """Names of the pages that exist."""
    return [screen.name for screen in PAGES if there(screen.name)]


def entries(pages: Collection[str], circles: Collection[str]) -> Sequence[Entry]:
    """Entries that have a screen and that this person may see; no circle is for everybody."""
    seen = {"", *circles}
    return [each for each in ENTRIES if each.key in pages and each.circle in seen]


def make(name: str, context: Any, arguments: dict[str, Any]) -> QWidget:
    """A page or dialog of this name."""
    return factory(name)(context, **arguments)
