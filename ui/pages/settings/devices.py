"""打印机与扫码枪: which printer, a test sheet, and what the gun reads."""

from functools import partial

from PySide6.QtWidgets import QWidget

from app import printed
from app.kit.refusal import Refusal
from app.printed import Item
from app.printing.kit import codes
from ui.kit import scan
from ui.kit.banner import Banner
from ui.kit.buttons import Button
from ui.kit.card import Card
from ui.kit.context import Context
from ui.kit.field import Field
from ui.kit.inputs import CheckBox, Combo
from ui.kit.label import Label
from ui.kit.layout import HBox, VBox, holder, row
from ui.kit.preview import printer_names
from ui.kit.scan import ScanBox
from ui.kit.tokens import Room
from ui.pages.settings import doing
from ui.pages.settings.doing import Devices
from ui.pages.settings.tab import Tab

USUAL = "usual"
PAPERS = {"RZ": "认证表", "ZF": "走访记录表", "HM": "花名册"}


class DevicesTab(Tab):
    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.printer = Combo(empty=False)
        self.printer.picked.connect(self._choose)
        self.field = Field("打印机", self.printer)
        self.test = Button("试打一张空白认证表", icon="printer", does=self.print_test)
        self.box = ScanBox("把光标放在这里，扫任何一张表上的二维码")
        self.box.scanned.connect(self.scanned)
        self.read = Banner("info", "扫一下试试", "读到了什么会显示在这里；不会登记任何东西")
        self.sound = CheckBox("扫码提示音")
        self.sound.clicked.connect(self._sound)
        self.good = Button("听一下：收好了", "text", "s", does=partial(scan.sound, True))
        self.bad = Button("听一下：有问题", "text", "s", does=partial(scan.sound, False))
        self.pair = HBox(self, gap=12)
        self.pair.addWidget(self._printing(), 1)
        self.pair.addWidget(self._scanning(), 1)
        self.first = self.printer

    def _printing(self) -> QWidget:
        card = Card("打印机")
        card.add(self.field)
        card.body.addLayout(row(self.test, None))
        why = "所有表都是 A4，按实际大小打印。试打后请看四边有没有缺、二维码清不清楚"
        card.add(Label(why, "small", "t2", wrap=True))
        return top(card)

    def _scanning(self) -> QWidget:
        card = Card("扫码枪")
        card.add(self.box, self.read)
        card.body.addLayout(row(self.sound, None, self.good, self.bad))
        why = "扫码枪当键盘用，插上就能用，不用装驱动。请设成扫完自动回车"
        card.add(Label(why, "small", "t2", wrap=True))
        return top(card)

    def fit(self, room: Room) -> None:
        down, right = HBox.Direction.TopToBottom, HBox.Direction.LeftToRight
        self.pair.setDirection(down if room in {"rail", "small"} else right)

    # the printer ------------------------------------------------------------------------

    def reload(self) -> None:
        self.context.work.call(doing.devices, self.context.station, done=self._show)

    def _show(self, found: Devices) -> None:
        names = printer_names()
        usual = f"系统默认（{names[0]}）" if names else "系统默认"
        gone = [found.printer] if found.printer and found.printer not in names else []
        listed = [(name, name) for name in names] + [(one, f"{one}（没找到）") for one in gone]
        self.printer.set_choices([(USUAL, usual), *listed])
        self.printer.set_value(found.printer or USUAL)
        self.sound.setChecked(found.sound)
        self._hear(on=found.sound)
        if not names:
            self.field.say("warn", "这台电脑没有装打印机。装好后按 F5；也可以另存为 PDF 拿到别处打")
        elif gone:
            self.field.say("warn", f"“{gone[0]}”没有找到，可能没开机。请打开它，或换一台")
        else:
            self.field.say("hint", "打印时默认用它，打印窗口里还可以临时换")

    def _choose(self, key: str) -> None:
        name = "" if key == USUAL else key
        keep = partial(doing.prefer, self.context.station, "printer", name)
        self.context.work.call(keep, done=lambda _none: self.context.toast("已记住这台打印机"))

    def print_test(self) -> None:
        self.test.setEnabled(False)
        self.context.work.call(
            doing.blank_form, self.context.station, done=self._preview, failed=self._not_drawn
        )

    def _preview(self, data: bytes) -> None:
        self.test.setEnabled(True)
        self.context.open("print_pdf", title="试打：空白认证表", data=data, on_printed=self._note)

    def _not_drawn(self, error: Exception) -> None:
        self.test.setEnabled(True)
        raise error

    def _note(self) -> None:
        """Each print is an event."""
        self.context.work.do(
            printed.printed, doing.TEST_PAPER, [Item(None)], doing.TEST_PURPOSE,
            done=lambda _none: self.context.toast("已送到打印机，请看打得清不清楚"),
        )  # fmt: skip

    # the gun ----------------------------------------------------------------------------

    def scanned(self, text: str) -> None:
        """Says what was read, and records nothing."""
        try:
            found = codes.read(text)
        except Refusal:
            told = f"读到 {len(text)} 个字符：{text}。扫码枪是好的，请换一张本系统打印的表再试"
            self.read.say("warn", "能读，但不是本系统的码", told)
            scan.sound(ok=False)
            return
        paper = PAPERS.get(found.number[:2], "表")
        receipt = "的回执" if found.receipt else ""
        self.read.say(
            "ok", "读得对", f"{paper}{receipt}，编号 {found.number}。要登记请到“资格认证”里扫"
        )
        scan.sound(ok=True)

    def _sound(self) -> None:
        on = self.sound.isChecked()
        self._hear(on=on)
        self.context.work.call(doing.prefer, self.context.station, "scanner_sound", on)

    def _hear(self, *, on: bool) -> None:
        scan.muted = not on
        self.good.setEnabled(on)
        self.bad.setEnabled(on)


def top(card: Card) -> QWidget:
    """Only as tall as it needs to be."""
    box = VBox()
    box.addWidget(card)
    box.addStretch(1)
    return holder(box)
