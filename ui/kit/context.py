"""What every page and dialog is handed: the one way to data, questions, other screens, the toast.

A page is made by `page(context, **arguments)`, a dialog by `dialog(context, **arguments)`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtWidgets import QWidget

from ui.kit.ask import Ask, active_window

if TYPE_CHECKING:
    from app.kit.who import Desk
    from ui.kit.work import Work


class Office(Protocol):
    """The office at whose desk one sits."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def phone(self) -> str | None: ...


class Open(Protocol):
    """A page or a dialog by name; shows it and gives it back."""

    def __call__(self, name: str, **arguments: Any) -> QWidget | None: ...


class Say(Protocol):
    """A toast; with `undo` it offers 撤销."""

    def __call__(self, text: str, undo: Callable[[], object] | None = None) -> None: ...


def _no_server(_station: Any) -> Any:
    raise LookupError("nobody handed in the server's code")


@dataclass(frozen=True)
class Context:
    """`station` is for the pages of vault, backup and settings only; `serving` makes of a
    centre's what it has done by server code (`sync.desktop`), which no screen may import."""

    work: Work
    ask: Ask
    open: Open
    toast: Say
    desk: Desk
    office: Office
    station: Any = None
    serving: Callable[[Any], Any] = _no_server

    def window(self) -> QWidget:
        """The parent of a new dialog: the window or dialog in front."""
        return active_window()
