"""The composition root: paths, log, the first window, then whoever is at the desk."""

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from app.kit import log
from app.kit.paths import Home
from resources import VERSION
from ui.kit import style
from ui.kit.brand import NAME, window_icon
from ui.kit.tokens import scale
from ui.shell import remembered
from ui.shell.crash import LOG, Crash
from ui.shell.startup import Startup

if TYPE_CHECKING:
    from app.station import Station
    from ui.shell.pictures import Album, Centre, City
    from ui.shell.session import Reach, Sitting

DATABASE = "SANGYU_DATABASE"


def main(home: Path, serving: "Reach | None" = None) -> int:
    """The desktop, until it is closed; ``serving`` is what a centre has done by server code."""
    app = style.application()
    app.setApplicationName(NAME)
    app.setWindowIcon(window_icon())
    app.setQuitOnLastWindowClosed(False)
    place = Home.at(home)
    kept = log.keep(place)
    scale.set(remembered.text_size(place))
    style.apply(app)
    program = Program(place, os.environ.get(DATABASE), serving)
    program.crash.install()
    program.begin()
    code = app.exec()
    program.close()
    LOG.removeHandler(kept)
    kept.close()
    return code


def pictures(
    folder: Path,
    texts: Sequence[float],
    say: Callable[[str], object],
    centre: "Centre",
    city: "City",
) -> "Album":
    """Every screen and dialog as a file; ``centre`` opens one at work, ``city`` one above it."""
    style.apply(style.application())
    from ui.shell import pictures as scenes  # noqa: PLC0415 - wanted only here

    return scenes.take(scenes.Album(folder, texts=texts, say=say, centre=centre, city=city))


class Program(QObject):
    """The startup, and after it one sitting at a time."""

    def __init__(self, home: Home, url: str | None = None, serving: "Reach | None" = None) -> None:
        """``url``: the centre's database where it is on a server."""
        super().__init__()
        self.home, self.serving = home, serving
        self.startup = Startup(home, version=f"{NAME} {VERSION}", url=url)
        self.crash = Crash(lambda: self.startup.remembered.support)
        self.sitting: Sitting | None = None
        self.startup.opened.connect(self.sit_down)
        self.startup.left.connect(self.leave)

    def begin(self) -> None:
        self.startup.waking.timeout.connect(partial(LOG.info, "start %s", VERSION))
        self.startup.begin()

    def sit_down(self, station: "Station", then: str) -> None:
        from ui.shell.session import Sitting  # noqa: PLC0415 - after the first paint

        self.sitting = Sitting(station, self.serving)
        self.sitting.ended.connect(self._over)
        self.sitting.restore_wanted.connect(self._restore)
        self.sitting.begin(then)

    def _over(self, how: str) -> None:
        self._stand_up()
        if how == "login":
            self.startup.again()
        else:
            QApplication.exit(0)

    def _restore(self, file: str) -> None:
        """Restoring needs the station closed; afterwards one signs in again."""
        self._stand_up()
        self.startup.again()
        if file:
            self.startup.rescue.restore(Path(file))

    def _stand_up(self) -> None:
        sitting, self.sitting = self.sitting, None
        if sitting is not None:
            sitting.close()
            sitting.deleteLater()

    def leave(self) -> None:
        """Nobody signed in, and the window was closed."""
        if self.sitting is None:
            QApplication.exit(0)

    def close(self) -> None:
        self._stand_up()
        self.startup.close()
        self.crash.uninstall()
        LOG.info("end")
