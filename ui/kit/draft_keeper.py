"""What is being typed into a form, kept as a draft meanwhile and found again the next time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from app.kit.pictures import Picture
from app.kit.refusal import Refusal
from models.kit import clock
from ui.kit.work import Work

DRAFT_MS = 3000


class Verbs(Protocol):
    """The verbs of `app.draft`; hand in the module."""

    save: Callable[..., Any]
    find: Callable[..., Any]
    drop: Callable[..., Any]


@dataclass(frozen=True)
class DraftOf:
    """Of which form, opened on what (nothing for a new one)."""

    verbs: Verbs
    form: str
    subject: str = ""


@dataclass(frozen=True)
class Typed:
    """The values as they are typed, whose they are, and the pictures beside them."""

    values: Mapping[str, Any]
    title: str
    pictures: Sequence[tuple[str, Picture]] = ()


class DraftKeeper(QObject):
    """`typed()` says what there is to keep, None while that is being saved. `found(draft)` where
    there was one, `kept()` each time, `unkept(why)` where it was refused. Without ``of`` nothing is
    kept."""

    found = Signal(object)
    kept = Signal()
    unkept = Signal(str)

    def __init__(
        self, work: Work, of: DraftOf | None, typed: Callable[[], Typed | None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self.work, self.of, self.typed, self.dirty = work, of, typed, False
        self.timer = QTimer(self, singleShot=True, interval=DRAFT_MS)
        self.timer.timeout.connect(self.keep)

    def look(self) -> None:
        """Is there one of last time?"""
        self.dirty = False
        if self.of is not None:
            self.work.ask(self.of.verbs.find, self.of.form, self.of.subject, done=self._found)

    def touch(self) -> None:
        """Something was typed; it is kept soon, also where the hands do not rest."""
        self.dirty = True
        if not self.timer.isActive():
            self.timer.start()

    def keep(self) -> None:
        """Now, if there is anything new."""
        self.timer.stop()
        typed = self.typed() if self.of is not None and self.dirty else None
        if self.of is None or typed is None:
            return
        self.dirty = False
        values = {name: _plain(value) for name, value in typed.values.items()}
        self.work.do(
            self.of.verbs.save,
            self.of.form,
            self.of.subject,
            values,
            typed.title,
            typed.pictures,
            done=self._kept,
            refused=self._not_kept,
        )

    def drop(self) -> None:
        """It was saved, or is not wanted."""
        self.timer.stop()
        self.dirty = False
        if self.of is not None:
            self.work.do(self.of.verbs.drop, self.of.form, self.of.subject)

    def _found(self, draft: Any) -> None:
        if draft is not None:
            self.found.emit(draft)

    def _kept(self, _draft: Any) -> None:
        self.kept.emit()

    def _not_kept(self, refusal: Refusal) -> None:
        self.dirty = True
        self.unkept.emit(refusal.message)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def when(at: datetime) -> str:
    """14:32 of today, else with the day."""
    local = clock.local(at)
    return f"{local:%H:%M}" if local.date() == clock.today() else f"{local:%m-%d %H:%M}"
