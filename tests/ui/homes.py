"""Real installations for tests of the whole desktop: a real centre's invitation, a real vault and
encrypted store, the real startup."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from app import account
from app.kit import wrap
from app.kit.paths import Home
from app.kit.run import run
from app.station import Station
from models.kit.ids import new_id
from sync import enrol
from sync.centre.serving.main import Service
from tests.app.life import QUICK
from tests.sync.parts import World, _add_office, world
from tests.ui.clipped import clipped, primaries
from ui.exchange import joining
from ui.kit.tokens import SCALES, scale
from ui.main import Program
from ui.shell.login import LoginPage
from ui.shell.pictures.album import SIZES, resize
from ui.shell.session import Reach, Sitting

W = TypeVar("W", bound=QWidget)
YES, NO = True, False
NAME, PASSWORD, NEW = "刘桂兰", "Guiyuan-2026", "Haitang-2027"
CODE, OFFICE = "519902001001", "桂苑社区服务站"


@dataclass
class Place:
    """A centre, its invitation on a stick, and the folder of a station."""

    world: World
    home: Home
    stick: Path
    offices: list[str] = field(default_factory=list)

    @property
    def invitation(self) -> Path:
        return self.stick / "invitation.sangyu"

    def invite(self) -> Path:
        """A fresh invitation for the station."""
        office = {"id": new_id(), "code": CODE, "name": OFFICE, "level": "3"}
        self.offices.append(office["id"])
        centre = self.world.centre
        self.world.node.do(_add_office, office, centre.office_id)
        with centre.store.apply() as session:
            data = enrol.invite(session, centre.keys, self.world.card, office)
        self.invitation.write_bytes(data)
        return self.invitation

    def approve(self, answer: Path) -> Path:
        """The centre's yes to the answer file, on the stick."""
        centre = self.world.centre
        with centre.store.apply() as session:
            _, data = enrol.approve(session, centre.keys, answer.read_bytes())
        path = self.stick / "approval.sangyu"
        path.write_bytes(data)
        return path

    def made(self, *, approved: bool = False) -> joining.Joined:
        """The station set up without the screens; still open."""
        invited = joining.keep_invitation(self.home, self.invite())
        joined = joining.join(self.home, invited, NAME, PASSWORD)
        if approved:
            approval = self.approve(joined.answer)
            with joined.station.store.apply() as session:
                keys = joining.keys_of(joined.station)
                enrol.accept(session, keys, invited.centre, approval.read_bytes())
        return joined

    def colleague(self, joined: joining.Joined, name: str, *roles: str) -> None:
        opened = joined.station
        run(opened.store, opened.desk, account.create, opened.vault, name, PASSWORD, list(roles))


@contextmanager
def served(here: Place) -> Iterator[str]:
    """The centre answers on this machine while the context lasts; invitations name its address."""
    with Service(here.world.centre, here.world.card.certificate.encode(), here.world.private) as at:
        url = f"https://127.0.0.1:{at}"
        here.world.card = msgspec.structs.replace(here.world.card, url=url)
        yield url


@contextmanager
def sitting(opened: Station, serving: Reach | None = None) -> Iterator[Sitting]:
    """Somebody at the desk, without signing in."""
    made = Sitting(opened, serving)
    try:
        made.window.resize(1366, 688)
        made.window.show()
        yield made
    finally:
        made.close()


def rest(made: Sitting, times: int = 4) -> None:
    """Until every answer is here and drawn."""
    for _ in range(times):
        QApplication.processEvents()
        made.work.wait()
    QApplication.processEvents()


def page(made: Sitting, kind: type[W], name: str, **arguments: Any) -> W:
    """A page or a dialog, opened by its name and at rest."""
    shown = made.open(name, **arguments)
    assert isinstance(shown, kind)
    rest(made)
    return shown


def words(widget: QWidget) -> str:
    """All that its labels say."""
    return "\n".join(one.text() for one in widget.findChildren(QLabel) if one.isVisibleTo(widget))


def fits_at_every_size(made: Sitting, page: QWidget) -> None:
    """Of text and window: no word is cut, and at most one button is filled."""
    for value in SCALES:
        scale.set(value)
        for size in SIZES:
            resize(made.window, size, lambda: rest(made, 2))
            assert clipped(page) == [], (size, value)
            assert len(primaries(page)) <= 1
            assert made.window.width() == size[0]
    scale.set(1.0)


@contextmanager
def place(folder: Path) -> Iterator[Place]:
    """A centre and an empty folder; guesses cost little."""
    slow, wrap.WORK = wrap.WORK, QUICK
    stick = folder / "stick"
    stick.mkdir()
    made = world(folder)
    try:
        yield Place(made, Home(folder / "home"), stick)
    finally:
        made.centre.store.close()
        wrap.WORK = slow


def settle(program: Program, times: int = 4) -> None:
    """Until nothing is under way any more."""
    for _ in range(times):
        QApplication.processEvents()
        while program.startup.waking.isActive() or program.startup.errand.under_way:
            QApplication.processEvents()
        if program.sitting is not None:
            program.sitting.work.wait()
    QApplication.processEvents()


def sign_in(program: Program, password: str = PASSWORD) -> None:
    page = program.startup.page
    assert isinstance(page, LoginPage)
    page.password.setText(password)
    page.submit()
    settle(program)


def dialogs(window: QWidget | None = None) -> list[QWidget]:
    """What is open over the window (any window), the newest last."""
    shown = [one for one in QApplication.topLevelWidgets() if one.isVisible()]
    over = [one for one in shown if one.parentWidget() is not None]
    return [one for one in over if window is None or one.parentWidget() is window]
