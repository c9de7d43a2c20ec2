"""Whom the visit was to: by name, initials, number, building."""

from collections.abc import Sequence

from PySide6.QtCore import Signal

from app.retiree import Found, find
from models.retiree import DEAD, MOVED_OUT
from ui.kit.context import Context
from ui.kit.dialog import Dialog
from ui.kit.field import Field
from ui.kit.picker import Answer, SuggestBox, Suggestion


class ChooseDialog(Dialog):
    """`chosen(retiree id)` after it has closed."""

    chosen = Signal(str)

    def __init__(self, context: Context) -> None:
        super().__init__(context.window(), "登记走访", subtitle="走访了哪一位")
        self.context = context
        self.box = SuggestBox(self._source, hint="姓名、拼音首字母、证号后四位、楼栋")
        self.box.picked.connect(self._take)
        self.add(Field("退休人员", self.box, required=True))
        self.body.addSpacing(220)
        self.cancel_button()
        self.box.setFocus()

    def _source(self, text: str, answer: Answer) -> None:
        if text:
            self.context.work.ask(find, text, 8, done=lambda found: answer(suggestions(found)))

    def _take(self, retiree_id: str) -> None:
        self.accept()
        self.chosen.emit(retiree_id)


def suggestions(found: Sequence[Found]) -> list[Suggestion]:
    """People as lines of the list; the dead and the gone are not visited."""
    return [
        Suggestion(one.id, one.name, f"{one.sex} {one.age or ''}岁 · {one.address}", person=True)
        for one in found
        if one.state not in (DEAD, MOVED_OUT)
    ]
