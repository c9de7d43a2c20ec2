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
    "workbench", "retiree", "import", "certification", "visit", "exchange", "movement", "suspicion",
    "survey", "handover", "late_edit", "family", "tag", "consent", "attachment", "print",
    "employer", "notice", "ruling", "staff", "parameter", "office", "backup", "revocation", "audit",
    "erasure",
)  # fmt: skip
"""The pages of ``resources/help``, as they are listed."""
OF_PAGE: Mapping[str, str] = {
    "retirees": "retiree",
    "person": "retiree",
    "people": "retiree",
    "voided": "retiree",
    "import_roster": "import",
    "certification": "certification",
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
    "settings": "parameter",
    "journal": "audit",
}
"""What is explained first where somebody asks on this page."""
PAGE, KEYS = "page", "keys"


class HelpSheet(Dialog):
    """One topic at a time; begins with that of the page on which it was asked for."""

    def __init__(
        self, parent: QWidget, entries: Sequence[Entry], page: str = "", tab: str = PAGE
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
        self.topics.setCurrentRow(TOPICS.index(OF_PAGE.get(page, TOPICS[0])))
        self.show_tab(tab)

    def _tell(self, said: str) -> None:
        self.text.setMarkdown("###" + said.removeprefix("#"))
        apart = QTextBlockFormat()
        apart.setBottomMargin(px(8))
        apart.setLineHeight(140, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        all_of_it = QTextCursor(self.text.document())
        all_of_it.select(QTextCursor.SelectionType.Document)
        all_of_it.mergeBlockFormat(apart)

    def show_tab(self, key: str) -> None:
        """Turn to this tab."""
        self.tabs.choose(key)
        for name, one in self.each.items():
            one.setVisible(name == key)
        if key == PAGE:
            self.topics.setFocus(Qt.FocusReason.OtherFocusReason)
