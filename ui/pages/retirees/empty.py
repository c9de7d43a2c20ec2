"""Nobody yet, and nobody found."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app import retiree
from ui.kit.avatar import Avatar
from ui.kit.buttons import Button
from ui.kit.card import Card
from ui.kit.context import Context
from ui.kit.empty import EmptyState
from ui.kit.label import Elided, Label
from ui.kit.layout import HBox, VBox, column, holder
from ui.kit.list_page import ListPage
from ui.kit.tokens import px
from ui.kit.view import Asked

NEAR = 3


class Nobody(QWidget):
    """The first day: two ways to start."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        roster = Button("导入 Excel 名册", "primary", "l", icon="file-spreadsheet",
                        does=lambda: context.open("import_roster"))  # fmt: skip
        first = Button("登记第一位", sz="l", icon="user-plus",
                       does=lambda: context.open("register"))  # fmt: skip
        text = "最快的办法是导入单位移交的 Excel 名册；也可以一位一位登记"
        sample = Button("下载名册样表", "text", icon="download",
                        does=lambda: context.open("import_roster", sample=True))  # fmt: skip
        state = EmptyState(
            "users", "还没有退休人员", text, buttons=(roster, first), links=(sample,)
        )
        card = Card()
        card.body.addWidget(state, 1)
        VBox(self).addWidget(card, 1)


class NoHit(QWidget):
    """The filter finds nobody: say so, and offer who may be meant outside of it."""

    def __init__(self, context: Context, asked: Asked, where: ListPage) -> None:
        super().__init__()
        self.context = context
        self.hint = Label("", "body", "t2")
        self.hint.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.near = VBox(gap=8)
        clear = Button("清除全部筛选", does=where.clear_all)
        fresh = Button("登记为新人员", "text", icon="user-plus",
                       does=lambda: context.open("register", **_name(asked)))  # fmt: skip
        state = EmptyState("search-x", where.no_hit_words(asked), tone="neu", size=64)
        middle = holder(column(self.hint, holder(self.near), gap=10))
        middle.setMaximumWidth(px(480))
        line = HBox(gap=10)
        line.addStretch(1)
        line.add(clear, fresh)
        line.addStretch(1)
        inner = state.layout()
        at = inner.count() - 1 if inner is not None else 0
        if isinstance(inner, VBox):
            across = HBox()
            across.addStretch(1)
            across.addWidget(middle, 4)
            across.addStretch(1)
            inner.insertLayout(at, across)
            inner.insertLayout(at + 1, line)
        VBox(self).addWidget(state, 1)
        middle.hide()
        self.middle = middle
        if asked.text:
            context.work.ask(retiree.find, asked.text, NEAR, ever=True, done=self._offer)

    def _offer(self, found: Any) -> None:
        if not found:
            return
        self.hint.setText(f"去掉筛选后，全部人员中有 {len(found)} 位可能是您要找的")
        for one in found:
            self.near.addWidget(self._hit(one))
        self.middle.show()

    def _hit(self, one: retiree.Found) -> QWidget:
        card = Card(margins=(14, 8, 10, 8), gap=0)
        age = f"{one.age}岁" if one.age is not None else ""
        sub = " · ".join(p for p in (f"{one.sex} {age}".strip(), one.id_no, one.address) if p)
        words = VBox(gap=2)
        words.add(Label(one.name, "strong"), Elided("", sub, "small", "t2"))
        line = HBox(gap=10)
        line.add(Avatar(one.name, 34))
        line.addLayout(words, 1)
        line.add(Button("打开", "soft", "s",
                        does=lambda: self.context.open("person", retiree_id=one.id)))  # fmt: skip
        card.body.addLayout(line)
        return card


def _name(asked: Asked) -> dict[str, str]:
    """A Chinese name that was searched becomes the name of the new form."""
    text = asked.text.strip()
    chinese = text and all("㐀" <= sign <= "𳑃" or sign == "·" for sign in text)
    return {"name": text} if chinese else {}
