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
    from app.station import OfficeInfo, Station
    from sync.desktop import Serving
    from ui.kit.work import Work


class Open(Protocol):
    """A page or a dialog by name; shows it and gives it back."""

    def __call__(self, name: str, /, **arguments: Any) -> QWidget | None: ...


class Say(Protocol):
    """A toast; with the `tx` of what was just done (`app.kit.run.acted`) it offers 撤销, which
    takes exactly that back."""

    def __call__(self, text: str, tx: str = "") -> None: ...


def _no_server(_station: Station) -> Serving:
    raise LookupError("nobody handed in the server's code")


@dataclass(frozen=True)
class Context:
    """`station` is for pages about keys, backups, settings and the exchange; `serving` makes of a
    centre's what it has done by server code (`sync.desktop`), which no screen may import."""

    work: Work
    ask: Ask
    open: Open
    toast: Say
    station: Station
    serving: Callable[[Station], Serving] = _no_server

    @property
    def desk(self) -> Desk:
        """Who sits here."""
        return self.station.desk

    @property
    def office(self) -> OfficeInfo:
        """The office at whose desk one sits."""
        return self.station.office

    def window(self) -> QWidget:
        """The parent of a new dialog: the window or dialog in front."""
        return active_window()
