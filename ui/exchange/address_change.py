"""Another address of the centre, or of a city, given by a person: typed, or read from a file."""

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QWidget

from ui.exchange import reached
from ui.exchange.sentence import sentence_or_raise
from ui.kit.context import Context

BY_ITSELF = (
    "平时不用办：{whose}换了地址，下次联网或用U盘交换时会自动记下。"
    "联不上、U盘也送不到时，才在这里改。"
)
PROVED = (
    "请打电话向{whose}问清楚。填错了也不要紧：对方拿不出{whose}的证书，就不会把资料交给它，"
    "再改过来就是。"
)
FILES = "换地址文件 (*.sangyu);;所有文件 (*)"


def change_address(
    context: Context,
    parent: QWidget,
    url: str,
    noted: reached.Noted,
    *,
    done: Callable[[], object],
    of_city: bool = False,
) -> None:
    """The centre tells it by itself; this is for when nobody can come with a stick."""
    kind = reached.OF_CITY if of_city else reached.OF_CENTRE
    whose = reached.WHOSE[kind]
    title = f"改{whose}的网络地址"
    ways = (("type", "输入电话里问到的地址"), ("file", f"读入{whose}给的换地址文件"))
    how = context.ask.choose(parent, title, ways, text=BY_ITSELF.format(whose=whose), act="下一步")

    def over(words: str) -> None:
        context.toast(words)
        done()

    def was_read(news: bool) -> None:
        over("已换成新的网络地址" if news else "这份文件里的地址本机已经知道")

    def failed(error: Exception) -> None:
        context.ask.tell(parent, "没有改成", sentence_or_raise(error), tone="warn")

    given: tuple[Any, ...]
    if how == "file":
        path = context.ask.open_file(parent, "选换地址文件", filters=FILES)
        if path is not None:
            given = (context.station, path, noted, kind)
            context.work.call(reached.read_card, *given, done=was_read, failed=failed)
    elif how == "type":
        text = PROVED.format(whose=whose)
        typed = context.ask.text(parent, title, "新的地址", text=text, value=url)
        if typed is not None:
            given = (context.station, typed, noted, kind)
            context.work.call(
                reached.type_in, *given, failed=failed,
                done=lambda now: over(f"{whose}的网络地址已改为 {now}"),
            )  # fmt: skip
