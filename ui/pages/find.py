"""Ctrl+K: find a person by name, pinyin, number, telephone or building (design 8.2)."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import (
    QColor,
    QHideEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app import retiree, roles
from app.printing.kit import codes
from models.kit import pinyin
from ui.kit.avatar import paint_avatar
from ui.kit.buttons import Button
from ui.kit.cells import RIGHT, write
from ui.kit.context import Context
from ui.kit.dialog import Veil, explain, give_back, soft_shadow
from ui.kit.inputs import SearchBox
from ui.kit.label import Icon, Label
from ui.kit.layout import HBox, VBox, holder, rule
from ui.kit.tokens import colour, px, scale
from ui.kit.work import Ticket

WIDTH, TOP, ROW, MOST = 620, 90, 58, 6
MANY = 20
HIT = int(Qt.ItemDataRole.UserRole) + 1
Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()


def dialog(context: Context, *, text: str = "") -> "Finder":
    """The popup, with words typed elsewhere already in it."""
    return Finder(context, text)


def spelled(name: str) -> str:
    """WangXiuYing, as far as the syllables can be told apart."""
    whole = pinyin.full(name)
    parts = [pinyin.full(sign) for sign in name]
    return "".join(p.capitalize() for p in parts) if "".join(parts) == whole else whole.capitalize()


class _Hits(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.hits: Sequence[retiree.Found] = ()

    def show_hits(self, hits: Sequence[retiree.Found]) -> None:
        self.beginResetModel()
        self.hits = hits
        self.endResetModel()

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.hits)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        hit = self.hits[index.row()]
        if role == HIT:
            return hit
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return f"{hit.name}，{_second(hit)}"
        return None


def _second(hit: retiree.Found) -> str:
    years = f"{hit.age}岁" if hit.age is not None else ""
    shown = hit.phone if hit.matched in {"mobile", "phone"} and hit.phone else hit.id_no
    return " · ".join(part for part in (f"{hit.sex} {years}".strip(), shown, hit.address) if part)


class _Paint(QStyledItemDelegate):
    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(px(200), px(ROW))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        hit, area = index.data(HIT), QRectF(option.rect).adjusted(0, 2, 0, -2)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colour.pris))
            painter.drawRoundedRect(area, px(4), px(4))
        side = px(34)
        disc = QRectF(area.left() + px(10), area.center().y() - side / 2, side, side)
        paint_avatar(painter, disc, hit.name)
        words = area.adjusted(px(56), px(4), -px(12), 0)
        first = QRectF(words.left(), words.top(), words.width() - px(90), px(24))
        used = write(painter, first, hit.name, "strong")
        spell = first.adjusted(used + px(8), 0, 0, 0)
        write(painter, spell, spelled(hit.name), "body", "prit")
        low = QRectF(words.left(), first.bottom(), first.width(), px(22))
        write(painter, low, _second(hit), "small", "t2")
        if chosen:
            write(painter, words.adjusted(0, 0, 0, -px(4)), "Enter 打开", "caption", "t2", RIGHT)
        painter.restore()


class Finder(QDialog):
    """↑↓ and Enter while the cursor stays in the box."""

    def __init__(self, context: Context, text: str = "") -> None:
        super().__init__(context.window())
        self.context, self.veil = context, None
        self.ticket: Ticket | None = None
        self.came_from = context.window().focusWidget()
        self.setWindowTitle("搜人")
        self.setWindowFlags(Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.box = SearchBox("姓名 / 拼音首字母 / 证号 / 电话 / 楼栋", delay=120)
        self.hits, self.list, self.count = _Hits(), QListView(), Label("", "small", "t2")
        self._arrange()
        self.box.searched.connect(self.ask)
        self.box.installEventFilter(self)
        self.list.clicked.connect(lambda _index: self.take())
        QShortcut(QKeySequence("F1"), self).activated.connect(lambda: explain(self))
        self.box.setText(text)
        self.asked = ""

    veil: Veil | None

    def _arrange(self) -> None:
        self.list.setModel(self.hits)
        self.list.setItemDelegate(_Paint(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setAccessibleName("搜到的人")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        panel = QFrame()
        panel.setObjectName("floating")
        self.inner = inner = VBox(panel, gap=6, margins=(14, 14, 14, 12))
        inner.add(self.box, self.count, self.list)
        if not roles.is_central(self.context.desk):
            inner.add(rule(), Label("命令", "small", "t2"), self._commands())
        VBox(self, margins=(10, 10, 10, 10)).addWidget(panel)
        soft_shadow(panel)
        self.count.hide()
        self.list.hide()

    def _commands(self) -> QWidget:
        scan = HBox(gap=10, margins=(8, 2, 0, 2))
        scan.add(Icon("scan-qr-code", "t2", 18), Label("也可以直接扫认证表上的二维码"))
        scan.addStretch(1)
        scan.add(Button("登记为新人员", "text", "s", icon="user-plus", does=self.register))
        return holder(scan)

    # asking -----------------------------------------------------------------------------

    def ask(self, text: str) -> None:
        if self.ticket is not None:
            self.ticket.drop()
        self.asked = text
        ask = self.context.work.ask
        self.ticket = ask(retiree.find, text, MANY + 1, ever=True, done=self._show)

    def _show(self, more: list[retiree.Found]) -> None:
        found = more[:MANY]
        self.hits.show_hits(found)
        said = f"退休人员 {len(found)} 人" if found else f"没有找到“{self.asked}”"
        if len(more) > MANY:
            said = f"不止 {MANY} 人，先列 {MANY} 人；请多打一个字，或打证号后四位"
        self.count.setText(said)
        self.count.setVisible(bool(self.asked))
        self.list.setVisible(bool(found))
        self.list.setFixedHeight(px(ROW) * min(MOST, max(1, len(found))) + 2)
        if found:
            self.list.setCurrentIndex(self.hits.index(0, 0))
        self.place()

    # going ------------------------------------------------------------------------------

    def take(self) -> None:
        row = self.list.currentIndex().row()
        if 0 <= row < len(self.hits.hits):
            hit = self.hits.hits[row]
            self.accept()
            self.context.open("person", retiree_id=hit.id)

    def register(self) -> None:
        text = self.box.text().strip()
        self.accept()
        named = {"name": text} if text and not text.isascii() else {}
        self.context.open("register", **named)

    def eventFilter(self, watched: Any, event: Any) -> bool:
        pressed = isinstance(event, QKeyEvent) and event.type() == QKeyEvent.Type.KeyPress
        return bool(pressed and watched is self.box and self._key(event))

    def _key(self, event: QKeyEvent) -> bool:
        steps: dict[int, int] = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        if event.key() in steps and self.hits.hits:
            row = self.list.currentIndex().row() + steps[event.key()]
            row = max(0, min(len(self.hits.hits) - 1, row))
            self.list.setCurrentIndex(self.hits.index(row, 0))
            return True
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            if codes.is_form(self.box.text()):
                self.accept()
                self.context.open("certification", tab="scan", code=self.box.text())
                return True
            if self.box.timer.isActive() or self.box.text().strip() != self.asked:
                return False  # the box asks at once; the next Enter opens
            self.take()
            return True
        if event.key() == Qt.Key.Key_Escape:
            self.reject()
            return True
        return False

    # place ------------------------------------------------------------------------------

    def place(self) -> None:
        window = self.parentWidget()
        if window is None:
            return
        wide = min(px(WIDTH), window.width() - 40) + px(20)
        self.setFixedWidth(wide)
        self.inner.activate()  # or it would be as tall as the list was before
        self.setFixedHeight(self.sizeHint().height())
        left = (window.width() - wide) // 2
        self.move(window.mapToGlobal(QPoint(left, min(px(TOP), window.height() // 8))))

    def showEvent(self, event: QShowEvent) -> None:
        window = self.parentWidget()
        if window is not None and self.veil is None:
            self.veil = Veil(window)
        self.place()
        self.box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.box.selectAll()
        scale.scaleChanged.connect(self.place)
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self.veil is not None:
            self.veil.hide()
            self.veil.deleteLater()
            self.veil = None
        give_back(self.came_from)
