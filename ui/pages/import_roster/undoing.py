"""An import is taken back as a whole, after a question; whoever stays is named."""

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from app import imports
from app.imports import Undone
from ui.kit.context import Context

POINTS = (
    "这次导入的人从名册里撤下，记录留着可查；更新过的人退回原来的内容",
    "导入后办过认证、走访或改过资料的人不动，会列出来",
)
NAMED = 9


def take_back(
    context: Context,
    parent: QWidget,
    import_id: str,
    file_name: str,
    done: Callable[[Undone], object],
) -> None:
    """Nothing happens where the person thinks better of it."""

    def undone(what: Undone) -> None:
        done(what)
        if what.kept:
            _name_kept(context, parent, what)

    title = f"撤销导入：{file_name}"
    if context.ask.confirm(parent, title, act="撤销这次导入", points=POINTS):
        context.work.do(imports.undo_import, import_id, done=undone)


def undone_words(done: Undone) -> str:
    """What became of it, in one line."""
    stays = f"，{done.stays} 人更新过的资料没有退回，请逐人核对" if done.stays else ""
    return f"已撤销，{done.voided + done.returned} 人退回导入前的样子{stays}"


def _name_kept(context: Context, parent: QWidget, what: Undone) -> None:
    listed = [f"{name}：{reason}" for _, name, reason in what.kept[:NAMED]]
    more = f"等 {len(what.kept)} 人" if len(what.kept) > len(listed) else ""
    context.ask.tell(parent, f"这些人没有撤销{more}", "导入后办过事", points=listed)
