"""Any paper on the screen and on this PC's printer; `on_printed()` once sheets have left and
no more do, `on_sheet(page)` after each. That it became a file is journalled here."""

from collections.abc import Callable
from pathlib import Path

from app import printed, settings
from ui.kit.context import Context
from ui.kit.preview import IN_CLEAR, PreviewDialog


def dialog(
    context: Context,
    title: str,
    data: bytes,
    on_printed: Callable[[], object] | None = None,
    on_sheet: Callable[[int], object] | None = None,
    *,
    saves: bool = True,
) -> PreviewDialog:
    printer = settings.machine(context.station.home).get("printer")
    made = PreviewDialog(context.window(), title, data, printer=printer, saves=saves)
    if on_printed is not None:
        made.printed.connect(lambda _pages: on_printed())
    if on_sheet is not None:
        made.sheet_printed.connect(on_sheet)

    def told(path: Path) -> None:
        context.toast(f"已存好 {path.name}，{IN_CLEAR}")

    made.saved.connect(
        lambda path: context.work.do(printed.saved, title, done=lambda _none: told(path))
    )
    return made
