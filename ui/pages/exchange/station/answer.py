"""回复文件: what the centre needs before it takes anything from this station."""

from pathlib import Path

from ui.exchange.joining import answer_file
from ui.exchange.sentence import sentence_or_raise
from ui.kit.banner import Banner
from ui.kit.context import Context
from ui.kit.dialog import Dialog
from ui.kit.label import Label
from ui.kit.steps import what_to_do
from ui.pages.exchange.station import doing

FILES = "回复文件 (*.sangyu)"
STEPS = (
    ("usb", "把回复文件存到U盘", "里面只有本站的公开钥匙，没有人员资料。"),
    ("building-2", "交给区中心", "他们核对以后，会给一个批准文件。"),
    (
        "folder-open",
        "在“数据交换”里读入批准文件",
        "读入以后就能上报；在那以前照常工作。",
    ),
)


def dialog(context: Context) -> "AnswerDialog":
    return AnswerDialog(context)


class AnswerDialog(Dialog):
    def __init__(self, context: Context) -> None:
        super().__init__(context.window(), "把回复文件交给区中心", width=560)
        self.context = context
        self.add(Label("本站已经可以用了。要上报资料，还差区中心的批准：", "body", "t2", wrap=True))
        for icon, title, text in STEPS:
            self.add(what_to_do(icon, title, text))
        self.told = Banner("ok", "")
        self.told.hide()
        self.add(self.told)
        self.later = self.button("以后再存", does=self.reject)
        self.save = self.button("存到U盘…", "primary", does=self.choose)
        self.save.setFocus()

    def choose(self) -> None:
        station = self.context.station
        name = answer_file(station.home, station.office.code).name
        path = self.context.ask.save_file(self, "存回复文件", filters=FILES, start=name)
        if path is not None:
            self.context.work.call(
                doing.save_answer, station, path, done=self._saved, failed=self._not_saved
            )

    def _saved(self, path: Path) -> None:
        self._tell("ok", "已存好回复文件", f"{path.name}，请交给区中心")
        self.save.set_text("再存一份…")
        self.later.set_text("完成")
        self.later.setFocus()

    def _not_saved(self, error: Exception) -> None:
        words = sentence_or_raise(error)
        self._tell("bad", "没有存成", words)

    def _tell(self, tone: str, title: str, text: str) -> None:
        self.told.say(tone, title, text)
        self.told.show()
        self.fit()
