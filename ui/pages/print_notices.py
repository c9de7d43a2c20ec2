"""个人信息处理告知书 of one or many: on the screen once it is drawn, journalled when printed."""

from collections.abc import Sequence

from app import consent, printed
from app.printed import Item
from app.printing import privacy_notice
from app.printing.privacy_notice import TITLE, Notices
from ui.kit.context import Context


def dialog(context: Context, *, retiree_ids: Sequence[str]) -> None:
    """To be read and signed, a sheet for each of them."""
    work = context.work

    def journal(sheet: int) -> None:
        work.do(printed.printed, TITLE, [Item(retiree_ids[sheet])], "告知")

    def show(paper: bytes) -> None:
        context.open("print_pdf", title=TITLE, data=paper, on_sheet=journal)

    def draw(data: Notices) -> None:
        work.call(privacy_notice.draw, data, done=show)

    work.ask(consent.notices, list(retiree_ids), done=draw)
