"""清除资料: asked in words, then by typing the name; there is no way back."""

from functools import partial

from PySide6.QtWidgets import QWidget

from app import erasure, retiree
from ui.kit.context import Context

HINT = "例如：本人书面申请，区局 12 号批复。会一直留着，不要写姓名和证号"


def erase(parent: QWidget, context: Context, person: retiree.Person) -> None:
    ask = context.ask
    ground = ask.text(parent, "清除资料", "清除依据", text=HINT, act="下一步")
    if ground is None:
        return
    sure = ask.confirm(parent, f"清除 {person.name} 的全部资料", "清除后将同时发生", act="清除",
                       points=erasure.FOLLOWS, type_this=person.name)  # fmt: skip
    if sure:
        done = partial(_erased, context)
        context.work.do(erasure.erase, person.id, person.name, ground, done=done)


def _erased(context: Context, said: str) -> None:
    context.open("people")
    context.toast(said)
    context.work.call(erasure.scrub, context.station.store)
