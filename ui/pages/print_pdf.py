"""Any paper on the screen and on this PC's printer; `on_printed()` once all sheets have left."""

from collections.abc import Callable

from app import settings
from ui.kit.context import Context
from ui.kit.preview import PreviewDialog


def dialog(
    context: Context,
    title: str,
    data: bytes,
    on_printed: Callable[[], object] | None = None,
    *,
    saves: bool = True,
) -> PreviewDialog:
    printer = settings.machine(context.station.home).get("printer")
    made = PreviewDialog(context.window(), title, data, printer=printer, saves=saves)
    if on_printed is not None:
        made.printed.connect(lambda _pages: on_printed())
    return made
