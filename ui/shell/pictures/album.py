"""The camera: one window with its open dialogs, in every size, as files."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from PySide6.QtCore import (
    QEvent,
    QMessageLogContext,
    QObject,
    QPoint,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QMainWindow

from app.station import Station
from ui.kit import dialog as kit
from ui.kit import scan as gun
from ui.kit.tokens import scale
from ui.shell.crash import QUIET

QUICK = 80
"""Of Qt's quality of a PNG: nothing is lost, it only packs less."""
SIZES = ((1366, 688), (1920, 1000))
ROUNDS = 10
Say = Callable[[str], object]
Settle = Callable[[], object]
# a centre with its stations, which this side of the fence cannot make
Centre = Callable[[Path, datetime], AbstractContextManager[Station]]
# the city above that centre
City = Callable[[Station, Path, datetime], AbstractContextManager[Station]]


@dataclass
class Album:
    """Where the pictures go, in which sizes; `made` are their names, `outgrown` those of pages
    that need a larger window, `restless` those laid out again and again, `left` the names of
    screens that are not part of this program."""

    folder: Path
    sizes: Sequence[tuple[int, int]] = SIZES
    texts: Sequence[float] = (1.0,)
    say: Say = str
    centre: Centre | None = None
    city: City | None = None
    made: list[str] = field(default_factory=list)
    outgrown: list[str] = field(default_factory=list)
    restless: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)
    hears: Any = None

    def shoot(self, name: str, window: QMainWindow, settle: Settle) -> None:
        """One scene in every size."""
        for size in self.sizes:
            self._shoot(name, window, settle, size)
        resize(window, self.sizes[0], settle)
        self.say(name)

    def _shoot(self, name: str, window: QMainWindow, settle: Settle, size: tuple[int, int]) -> None:
        resize(window, size, settle)
        for other in QApplication.topLevelWidgets():
            if isinstance(other, kit.Dialog) and other.isVisible():
                other.fit()
        settle()
        letters = "" if scale.value == 1.0 else f"-font{round(scale.value * 100)}"
        file = f"{name}-{size[0]}{letters}.png"
        if not rests():
            self.restless.append(file)
        shot = picture(window)
        if (window.width(), window.height()) != size:
            self.outgrown.append(file)
        taken = shot.save(str(self.folder / file), "PNG", QUICK)
        if self.errors:
            raise self.errors[0]
        if not taken:
            raise OSError(f"cannot write {file}")
        self.made.append(file)

    @contextmanager
    def strict(self) -> Iterator[None]:
        """What fails beside the main line, in a slot or a job, fails the pictures too."""
        before, mute = sys.excepthook, gun.muted
        sys.excepthook, gun.muted = self._failed, True
        self.hears = qInstallMessageHandler(self._hear)
        try:
            yield
        finally:
            sys.excepthook, gun.muted = before, mute
            qInstallMessageHandler(self.hears)
            scale.set(1.0)

    def _hear(self, kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        """What a platform without a screen cannot do is no news."""
        if any(part in message for part in QUIET):
            return
        if self.hears is not None:
            self.hears(kind, context, message)
        else:
            sys.stderr.write(f"{message}\n")

    def _failed(
        self, _kind: type[BaseException], error: BaseException, _trace: TracebackType | None
    ) -> None:
        self.errors.append(error)


class _Layouts(QObject):
    """Counts how often something is to be laid out."""

    asked = 0

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        self.asked += event.type() == QEvent.Type.LayoutRequest
        return False


def rests() -> bool:
    """Does laying out come to an end? Else the computer works all day at a page that stands
    still."""
    app, layouts = QApplication.instance(), _Layouts()
    if app is None:
        return True
    app.installEventFilter(layouts)
    try:
        for _ in range(ROUNDS):
            before = layouts.asked
            QApplication.processEvents()
            if layouts.asked == before:
                return True
    finally:
        app.removeEventFilter(layouts)
    return False


def resize(window: QMainWindow, size: tuple[int, int], settle: Settle) -> None:
    """A page laid out for a wide window gives way step by step."""
    for _ in range(4):
        window.resize(*size)
        settle()
        if (window.width(), window.height()) == size:
            return


def picture(window: QMainWindow) -> QPixmap:
    """The window with its open dialogs on it, as a person sees it."""
    made = window.grab()
    painter = QPainter(made)
    for other in QApplication.topLevelWidgets():
        if other.isVisible() and other is not window and other.window().parentWidget() is not None:
            painter.drawPixmap(other.pos() - window.mapToGlobal(QPoint(0, 0)), other.grab())
    painter.end()
    return made
