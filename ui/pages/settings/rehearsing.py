"""恢复演练 above the backups: when one was, what came of it, and one now."""

from app import drill
from app.drill import Drilled, Last
from app.kit.refusal import Refusal
from app.kit.run import Session
from ui.kit.buttons import Button
from ui.kit.card import Card
from ui.kit.context import Context
from ui.kit.label import Icon, Label
from ui.kit.layout import HBox, VBox

RULE = "每 {} 个月自动把最新的备份恢复到临时文件夹，和今天的资料核对，完了就删掉"
NEVER = "区中心定的是不自动演练"


class RehearsalCard(Card):
    """Says of a failed one what happened, what is safe and what to do."""

    def __init__(self, context: Context) -> None:
        super().__init__(margins=(18, 10, 18, 10))
        self.context = context
        self.mark = Icon("shield-check", "info", 20, square=40)
        self.said, self.told = Label("", "strong"), Label("", "small", "t2", wrap=True)
        self.rule = Label("", "small", "t2", wrap=True)
        self.go = Button("现在演练", icon="shield-check", does=self.rehearse)
        words = VBox(gap=0)
        words.add(self.said, self.told, self.rule)
        line = HBox(gap=12)
        line.addWidget(self.mark)
        line.addLayout(words, 1)
        line.addWidget(self.go)
        self.body.addLayout(line)

    def load(self) -> None:
        self.context.work.ask(_standing, done=self._show)

    def _show(self, standing: tuple[Last | None, int]) -> None:
        last, months = standing
        tone = "info" if last is None else "ok" if last.passed else "bad"
        self.mark.change("shield-check" if last is None or last.passed else "shield-alert", tone)
        self.said.setText(f"恢复演练：{drill.told(last)}")
        self._tell(last.words if last else "", bad=tone == "bad")
        self.rule.setText(RULE.format(months) if months else NEVER)

    def _tell(self, words: str, *, bad: bool) -> None:
        self.told.setText(words)
        self.told.set_tone("bad" if bad else "t2")
        self.told.setVisible(bool(words))

    def rehearse(self) -> None:
        self.go.setEnabled(False)
        self.go.set_text("正在演练…")
        self.context.work.call(
            drill.drill, self.context.station, done=self._done, failed=self._failed
        )

    def _done(self, done: Drilled) -> None:
        self._ready()
        if done.passed:
            self.context.toast("恢复演练通过")
        self.context.work.tell_changed(frozenset({"audit", drill.CHANGED}))
        self.load()

    def _failed(self, error: Exception) -> None:
        self._ready()
        if not isinstance(error, Refusal):
            raise error
        self._tell(error.message, bad=True)

    def _ready(self) -> None:
        self.go.setEnabled(True)
        self.go.set_text("现在演练")


def _standing(session: Session) -> tuple[Last | None, int]:
    return drill.last(session), drill.months(session)
