"""The screens in menu order. Explicit: nothing is discovered.

The number is for Ctrl+1…9, 0 and stays with the screen, also when others are missing.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass


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

CENTRE: tuple[Entry, ...] = (
    Entry("overview", "工作台", "house", 1, circle="", clauses=("D1",)),
    Entry("stations", "站点", "building-2", 2, "stations", circle="", clauses=("O1", "O3")),
    Entry("people", "退休人员", "users", 3, clauses=("D3",)),
    Entry("disputes", "争议", "git-compare", 4, "disputes", circle="", clauses=("R21",)),
    Entry("troubles", "待办", "clipboard-list", 5, "troubles", circle="", clauses=("R22", "R27")),
    Entry("transfers", "人员转接", "arrow-right-left", 6, clauses=("D2", "C5")),
    Entry("notices", "通知", "bell", 7, circle="", clauses=("D1",)),
    Entry("uplink", "上报市级", "cloud-upload", 0, circle="", clauses=("R22",)),
)
CITY: tuple[Entry, ...] = (
    Entry("overview", "工作台", "house", 1, circle="", clauses=("D1",)),
    Entry("stations", "区中心", "building-2", 2, "stations", circle="", clauses=("O1", "O3")),
    Entry("people", "退休人员", "users", 3, clauses=("D3",)),
    Entry("troubles", "待办", "clipboard-list", 5, "troubles", circle="", clauses=("R22", "R27")),
)
SIDES = {"station": ENTRIES, "centre": CENTRE, "city": CITY}


def entries(
    pages: Collection[str], circles: Collection[str], side: str = "station"
) -> Sequence[Entry]:
    """Entries that have a screen and that this person may see; no circle is for everybody."""
    seen = {"", *circles}
    return [each for each in SIDES[side] if each.key in pages and each.circle in seen]
