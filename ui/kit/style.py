"""Fusion, our palette and our sheet on the application; again whenever the text size changes."""

import sys
from collections.abc import Mapping

from PySide6.QtCore import QLibraryInfo, QLocale, QObject, Qt, QTranslator
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from ui.kit import fonts, tokens
from ui.kit.sheet import sheet
from ui.kit.tokens import colour, scale


def application() -> QApplication:
    """The one of this process. It is born with its style: to hand it one later, Python would have
    to learn all of QStyle before the first picture."""
    app = QApplication.instance() or QApplication([*sys.argv[:1], "-style", "Fusion"])
    if not isinstance(app, QApplication):
        raise TypeError("a QApplication is needed")
    return app


def palette() -> QPalette:
    c, role = colour, QPalette.ColorRole
    made = QPalette()
    for key, value in {
        role.Window: c.bg, role.WindowText: c.t1, role.Base: c.surface,
        role.AlternateBase: c.subtle, role.Text: c.t1, role.Button: c.surface,
        role.ButtonText: c.t1, role.Highlight: c.pri, role.HighlightedText: c.onpri,
        role.ToolTipBase: c.ink, role.ToolTipText: c.onpri, role.Link: c.prit,
        role.PlaceholderText: c.t3, role.Mid: c.line2, role.Light: c.surface, role.Dark: c.ctl,
    }.items():  # fmt: skip
        made.setColor(key, QColor(value))
    for key in (role.Text, role.WindowText, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, key, QColor(c.tdis))
    return made


def wants_high_contrast(app: QApplication) -> bool:
    hints = app.styleHints()  # held by name: a temporary is freed too early by the binding
    wishes = hints.accessibility()
    return wishes.contrastPreference() == Qt.ContrastPreference.HighContrast


class _Rest(QTranslator):
    """What Qt's own Chinese leaves out of the file dialog it draws where the system has none."""

    words: Mapping[str, str] = {
        "&Look in:": "位置(&L)：", "Files of &type:": "文件类型(&T)：", "Folder": "文件夹",
        "Drive": "磁盘",
    }  # fmt: skip

    def isEmpty(self) -> bool:
        return False

    def translate(self, _context: str, said: str, *_more: object) -> str | None:
        return self.words.get(said)


def speak_chinese(app: QApplication) -> None:
    """Qt's own words (context menus, file dialogs, the calendar)."""
    QLocale.setDefault(QLocale(QLocale.Language.Chinese, QLocale.Country.China))
    words = QTranslator(app)
    app.installTranslator(_Rest(app))  # the last one in is asked first
    if words.load("qtbase_zh_CN", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(words)


class _Look(QObject):
    """Lives under the application and re-dresses it."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self.setObjectName("look")
        self.app = app
        scale.scaleChanged.connect(self.dress)

    def dress(self, _value: float = 1.0) -> None:
        self.app.setFont(fonts.font())
        wanted = sheet()
        if self.app.styleSheet() != wanted:
            self.app.setStyleSheet(wanted)


def apply(app: QApplication) -> None:
    if app.findChild(_Look, "look") is not None:
        return
    fonts.register()
    speak_chinese(app)
    if wants_high_contrast(app):
        tokens.use_system_colours(app.palette())
    else:
        tokens.use_own_colours()
        app.setPalette(palette())
    _Look(app).dress()
