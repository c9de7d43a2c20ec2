"""Any paper on the screen and on this PC's printer; `on_printed()` once sheets have left and
no more do, `on_sheet(page)` after each. That it became a file is journalled here."""

from collections.abc import Callable
from pathlib import Path

from app import printed, settings
from app.printing.kit.page import lacking
from ui.kit.context import Context
from ui.kit.preview import IN_CLEAR, PreviewDialog

NAMED = 8


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
    made = PreviewDialog(
        context.window(), title, data, warning=_unprintable(data), printer=printer, saves=saves
    )
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


def _unprintable(data: bytes) -> tuple[str, str] | None:
    """What to write in by hand, and where."""
    blanks = [f"{char}（第 {page} 页）" for char, page in lacking(data).items()]
    if not blanks:
        return None
    where = "、".join(blanks[:NAMED])
    more = f"等 {len(blanks)} 个字" if len(blanks) > NAMED else ""
    return "纸上有这台电脑打不出的字，打印后请在方框里手写补上", f"{where}{more}"
