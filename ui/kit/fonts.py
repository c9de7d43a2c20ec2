"""Font families in the order we want them, and one font per role of text."""

from pathlib import Path

from PySide6.QtGui import QFont, QFontDatabase, QFontMetrics

from ui.kit.tokens import FAMILIES, TYPE, px

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "fonts"


def register() -> None:
    """The bundled faces of the screen, and the paper's regular face behind them: it alone has the
    rare characters of names and the level 2 characters that the bold cut lacks."""
    for file in (*sorted(FOLDER.glob("NotoSansSC*.ttf")), FOLDER / "NotoSerifSC-Regular.ttf"):
        QFontDatabase.addApplicationFont(str(file))


def families() -> list[str]:
    there = set(QFontDatabase.families())
    wanted = [name for name in FAMILIES if name in there]
    return wanted or [QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()]


def font(role: str = "body") -> QFont:
    size, bold = TYPE[role]
    made = QFont()
    made.setFamilies(families_once())
    made.setPixelSize(px(size))
    made.setBold(bold)
    return made


_known: list[str] = []


def families_once() -> list[str]:
    if not _known:
        _known.extend(families())
    return _known


def advance(text: str, role: str = "body") -> int:
    return QFontMetrics(font(role)).horizontalAdvance(text)
