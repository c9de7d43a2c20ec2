"""电话回执: ask the centre over the telephone how far it has us, where no stick can come back."""

from app.exchange import phone
from app.exchange.phone import Heard
from app.kit.moments import near
from models.kit.stream import SPOKEN
from ui.kit.banner import Banner
from ui.kit.context import Context
from ui.kit.dialog import Dialog
from ui.kit.field import Field
from ui.kit.inputs import TextBox
from ui.kit.label import Label
from ui.kit.work import Ticket

ASK = "请区中心打开“站点”，点到本站（电脑 {}），念“电话回执”的八位数字，您边听边输入。"
NOT_YET = "这只是问一声，照片和附件也不在内；读入回执以后才算上报完成。"


def dialog(context: Context) -> "PhoneDialog":
    return PhoneDialog(context)


class PhoneDialog(Dialog):
    """Says what the digits mean as soon as all are there; nothing is changed by it."""

    def __init__(self, context: Context) -> None:
        super().__init__(context.window(), "电话回执", width=560)
        self.context = context
        self.ticket: Ticket | None = None
        self.box = TextBox()
        self.box.setPlaceholderText("1234 5678")
        self.box.textChanged.connect(self._look)
        self.field = Field("区中心念的数字", self.box)
        self.told = Banner("info", "")
        self.told.hide()
        words = ASK.format(context.station.replica[-4:].upper())
        self.add(Label(words, "body", "t2", wrap=True), self.field, self.told)
        self.add(Label(NOT_YET, "small", "t3", wrap=True))
        self.body.addStretch(1)
        self.button("关闭（Esc）", does=self.reject)
        self.box.setFocus()

    def _look(self, text: str) -> None:
        if self.ticket is not None:
            self.ticket.drop()
        digits = phone.digits_of(text)
        self.told.hide()
        if len(digits) == SPOKEN:
            self.field.say()
            self.ticket = self.context.work.ask(phone.heard, digits, done=self._show)
        elif len(digits) > SPOKEN:
            self.field.say("err", f"多了 {len(digits) - SPOKEN} 位，一共八位")
        else:
            self.field.say("hint", f"还差 {SPOKEN - len(digits)} 位" if digits else "")

    def _show(self, found: Heard | None) -> None:
        if found is None:
            again = (
                "请对方再念一遍；“站点”里本站不止一台电脑的，看念的是不是这一台。"
                "这台电脑换过旧资料的，先交换一次再问。"
            )
            self.told.say("bad", "和这台电脑上的资料对不上", again)
        elif found.after:
            more = f"那以后的 {found.after:,} 条还没有收到。资料都在本机，请联网或用U盘再报一次。"
            self.told.say("warn", f"区中心收到 {near(found.at)} 录入的为止", more)
        else:
            last = f"最后一条是 {near(found.at)} 录入的。"
            self.told.say("ok", "这台电脑录入的，区中心都收到了", last)
        self.told.show()
        self.fit()
