"""Where I am, finding a person, the text size, and me."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QMenu, QSizePolicy, QWidget

from ui.kit import icons
from ui.kit.avatar import paint_avatar
from ui.kit.buttons import Button, PaintedButton
from ui.kit.fonts import advance, font
from ui.kit.inputs import TextBox
from ui.kit.label import Elided, Label
from ui.kit.layout import HBox, VBox, rule
from ui.kit.tokens import SCALES, TOPBAR, Room, colour, px, scale

SIZES = (("标准", SCALES[0]), ("大", SCALES[1]), ("特大", SCALES[2]))


class FindBox(TextBox):
    """Looks like a box, opens the find popup with what was typed."""

    def __init__(self) -> None:
        super().__init__(hint="搜人：姓名 / 拼音首字母 / 证号后四位", icon="search")
        self.setAccessibleName("搜人（Ctrl+K）")
        self.fit("full")
        scale.scaleChanged.connect(self._refit)

    def _refit(self, _value: float) -> None:
        self.fit(self.room)

    def fit(self, room: Room) -> None:
        self.room = room
        roomy = room in {"wide", "full"}
        self.setPlaceholderText("搜人：姓名 / 拼音首字母 / 证号后…" if roomy else "搜人（Ctrl+K）")
        self.setFixedWidth(px(300 if roomy else 220))


class UserButton(PaintedButton):
    def __init__(self, name: str) -> None:
        super().__init__()
        self.name, self.short = name, False
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"{name}，我的菜单")
        scale.scaleChanged.connect(self._rescale)

    def shorten(self, short: bool) -> None:
        self.short = short
        self.updateGeometry()
        self.update()

    def _rescale(self, _value: float) -> None:
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        name = 0 if self.short else advance(self.name) + px(8)
        return QSize(px(30) + name + px(10) + px(18), px(36))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side, middle = px(30), self.height() / 2
        paint_avatar(painter, QRectF(0, middle - side / 2, side, side), self.name)
        if not self.short:
            painter.setFont(font())
            painter.setPen(QColor(colour.t1))
            area = QRectF(side + px(8), 0, self.width(), self.height())
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, self.name)
        mark = px(16)
        spot = QRectF(self.width() - mark - 1, middle - mark / 2, mark, mark)
        icons.paint(painter, spot, "chevron-down", colour.t2)
        painter.end()


class _SizeRow(Button):
    """Written in the size it stands for."""

    def __init__(self, words: str, value: float) -> None:
        super().__init__(words, "quiet")
        self.value = value
        self.setStyleSheet(f"font-size: {round(15 * value)}px; text-align: left;")
        self.setCheckable(True)
        self.clicked.connect(self._take)

    def _take(self) -> None:
        scale.set(self.value)
        self.window().close()


class SizePopup(QFrame):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("floating")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box = VBox(self, gap=2, margins=(8, 8, 8, 8))
        for words, value in SIZES:
            mark = "✓ " if value == scale.value else "　"
            row = _SizeRow(mark + words, value)
            row.setAccessibleName(f"字号 {words}")
            box.addWidget(row)


class TopBar(QFrame):
    """Title, or the way back and where we are; the rest is the same everywhere."""

    back = Signal()
    find_wanted = Signal(str)
    chosen = Signal(str)

    def __init__(self, person: str, menu: Sequence[tuple[str, str, str]]) -> None:
        """menu: (key, words, icon); an empty key is a line between groups."""
        super().__init__()
        self.setObjectName("topbar")
        self.menu_rows = tuple(menu)
        self.title = Label("", "title")
        self.way_back = Button("返回", "text", icon="arrow-left", does=self.back.emit)
        self.slash, self.crumb = Label("/", "body", "t3"), Elided("", "", "title")
        self.find_box = FindBox()
        self.find_box.returnPressed.connect(self._find)
        self.letters = Button("字号", "quiet", icon="a-large-small", does=self._sizes)
        self.user = UserButton(person)
        self.user.clicked.connect(self._menu)
        self._arrange()
        self.show_title("")
        self._rescale()
        scale.scaleChanged.connect(self._rescale)

    def _arrange(self) -> None:
        line = HBox(self, gap=8, margins=(24, 0, 18, 0))
        line.add(self.way_back, self.slash, self.title)
        line.addWidget(self.crumb, 1)
        line.addStretch(0)
        self.upright = rule("topmark")
        line.add(self.find_box, self.upright, self.letters, self.user)

    def _rescale(self, _value: float = 1.0) -> None:
        self.setFixedHeight(px(TOPBAR))

    def fit(self, room: Room) -> None:
        self.find_box.fit(room)
        self.user.shorten(room in {"rail", "small"})

    def show_title(self, title: str, back: str = "") -> None:
        """back: `返回名单`; without it this is a page of the first level."""
        self.way_back.setVisible(bool(back))
        self.slash.setVisible(bool(back))
        self.way_back.set_text(back or "返回")
        self.title.setText("" if back else title)
        self.title.setVisible(not back)
        self.crumb.show_words("", title if back else "")

    def show_find(self, wanted: bool) -> None:
        """A page with its own search box does without this one."""
        self.find_box.setVisible(wanted)

    def _find(self) -> None:
        self.find_wanted.emit(self.find_box.text().strip())

    def _sizes(self) -> None:
        popup = SizePopup(self)
        popup.adjustSize()
        corner = self.letters.mapToGlobal(QPoint(0, self.letters.height() + 4))
        popup.move(corner)
        popup.show()

    def build_menu(self) -> QMenu:
        menu = QMenu(self)
        for key, words, icon in self.menu_rows:
            if not key:
                menu.addSeparator()
                continue
            action = menu.addAction(icons.icon(icon, px(18), colour.t2), words)
            action.triggered.connect(self._says(key))
        return menu

    def _says(self, key: str) -> Callable[[], None]:
        return lambda: self.chosen.emit(key)

    def _menu(self) -> None:
        menu = self.build_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        wide = menu.sizeHint().width()
        corner = self.user.mapToGlobal(QPoint(self.user.width() - wide, self.user.height() + 4))
        menu.popup(corner)
