"""F1: how this page is worked, and every shortcut."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextBlockFormat, QTextCursor
from PySide6.QtWidgets import QListWidget, QTextBrowser, QWidget

from resources import path
from ui.kit.buttons import Tabs
from ui.kit.dialog import Dialog
from ui.kit.layout import HBox, VBox, holder
from ui.kit.tokens import px
from ui.shell.catalogue import Entry
from ui.shell.shortcuts import shortcuts

TOPICS = (
    "workbench", "find", "retiree", "import", "certification", "visit", "exchange", "movement",
    "suspicion", "survey", "handover", "late_edit", "family", "tag", "consent", "attachment",
    "print", "employer", "notice", "ruling", "settings", "staff", "parameter", "office", "backup",
    "revocation", "audit", "erasure",
)  # fmt: skip
"""The pages of ``resources/help``, as they are listed."""
OF_PAGE: Mapping[str, str] = {
    "retirees": "retiree",
    "person": "retiree",
    "people": "retiree",
    "voided": "retiree",
    "import_roster": "import",
    "person.family": "family",
    "certification": "certification",
    "certification.suspicion": "suspicion",
    "visits": "visit",
    "exchange": "exchange",
    "uplink": "exchange",
    "stations": "office",
    "overview": "office",
    "disputes": "ruling",
    "troubles": "office",
    "transfers": "handover",
    "handovers": "handover",
    "notices": "notice",
    "settings": "settings",
    "settings.station": "office",
    "settings.network": "office",
    "settings.people": "staff",
    "settings.accounts": "staff",
    "settings.rules": "parameter",
    "settings.rule": "parameter",
    "settings.codes": "parameter",
    "settings.backup": "backup",
    "journal": "audit",
    "register": "retiree",
    "joining": "retiree",
    "family.TagsDialog": "tag",
    "certify": "certification",
    "contact": "certification",
    "results": "certification",
    "print_forms": "print",
    "print_pdf": "print",
    "print_notices": "consent",
    "change_password": "staff",
}
"""What is explained first on a page, on one of its tabs, in a form (where it is in `ui/pages`)."""
PAGE, KEYS = "page", "keys"


def topic_of(where: str) -> str:
    """Whose page of help begins, for `settings.backup`, `visit.VisitDialog`; nothing for a place
    of no noun."""
    parts = where.split(".")
    for many in range(len(parts), 0, -1):
        said = ".".join(parts[:many])
        if (topic := OF_PAGE.get(said, said)) in TOPICS:
            return topic
    return ""


def place_of(form: QWidget) -> str:
    """`visit.VisitDialog` for what `ui.pages.visit` made."""
    kind = type(form)
    return f"{kind.__module__}.{kind.__name__}".removeprefix("ui.pages.")


class HelpSheet(Dialog):
    """One topic at a time; begins with that of where it was asked for."""

    def __init__(
        self, parent: QWidget, entries: Sequence[Entry], topic: str = "", tab: str = PAGE
    ) -> None:
        super().__init__(parent, "帮助", width=860)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.tabs = Tabs(((PAGE, "怎么办"), (KEYS, "键盘快捷键")))
        self.tabs.chosen.connect(self.show_tab)
        self.pin(self.tabs)
        self.tabs.show()
        said = [path("help", f"{name}.md").read_text("utf-8") for name in TOPICS]
        self.topics, self.text = QListWidget(), QTextBrowser()
        self.topics.addItems([one.partition("\n")[0].removeprefix("# ") for one in said])
        self.topics.setAccessibleName("要看哪一项")
        self.topics.setFixedWidth(px(190))
        self.topics.setObjectName("choices")
        self.topics.currentRowChanged.connect(lambda row: self._tell(said[row]))
        self.text.setAccessibleName("说明")
        self.text.setMinimumHeight(px(420))
        line = HBox(gap=12)
        line.addWidget(self.topics)
        line.addWidget(self.text, 1)
        self.each = {PAGE: holder(line), KEYS: shortcuts(entries)}
        place = VBox()
        for one in self.each.values():
            place.addWidget(one)
        self.add(place)
        self.button("关闭", "primary", does=self.accept)
        self.topics.setCurrentRow(TOPICS.index(topic or TOPICS[0]))
        self.show_tab(tab)

    def _tell(self, said: str) -> None:
        self.text.setMarkdown("###" + said.removeprefix("#"))
        apart = QTextBlockFormat()
        apart.setBottomMargin(px(8))
        apart.setLineHeight(140, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        all_of_it = QTextCursor(self.text.document())
        all_of_it.select(QTextCursor.SelectionType.Document)
        all_of_it.mergeBlockFormat(apart)

    def explain(self) -> None:
        """F1 in here: it is being explained already."""

    def show_tab(self, key: str) -> None:
        """Turn to this tab."""
        self.tabs.choose(key)
        for name, one in self.each.items():
            one.setVisible(name == key)
        if key == PAGE:
            self.topics.setFocus(Qt.FocusReason.OtherFocusReason)
