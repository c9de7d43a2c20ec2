"""The first start: whose station, which password, the recovery card, the roster. Four steps.

A plain widget: it asks through signals and is told through methods. It can be left at any
step and taken up again with `go(step)`.
"""

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QStackedWidget, QWidget

from ui.kit.ask import ask
from ui.kit.banner import Banner
from ui.kit.brand import NAME, Mark
from ui.kit.buttons import Button
from ui.kit.card import Card, FactList
from ui.kit.field import Field
from ui.kit.inputs import CheckBox, PasswordBox, TextBox
from ui.kit.label import Icon, Label
from ui.kit.layout import HBox, Scroll, VBox, clear, holder, row
from ui.kit.steps import Steps
from ui.kit.tokens import px

NAMES = ("站点信息", "设置口令", "恢复口令卡", "导入名册")
RULE = "8 位以上，大写、小写、数字、符号至少三种"
INVITATIONS = "邀请文件 (*.json *.sangyu);;所有文件 (*)"
WHY = (
    (("id-card", "一张邀请对应一个站", "区中心用它认出您的站点"),
     ("usb", "文件可以用U盘带来", "不联网也能开始"),
     ("phone", "没有收到邀请文件", "请向区中心要一份")),
    (("laptop", "电脑丢了，资料不泄露", "没有口令谁也打不开"),
     ("users", "每人用自己的口令", "谁做的事，记在谁的名下"),
     ("lock", "离开座位会自动锁定", "回来输口令接着做")),
    (("laptop", "电脑丢了，资料不泄露", "没有口令谁也打不开"),
     ("key-round", "忘了口令，有卡可救", "请与站内印章一起保管"),
     ("phone", "搞不定，就打电话", "区中心也留有一份密封件")),
    (("file-spreadsheet", "单位移交的 Excel 就能用", "列名不同也能对应"),
     ("shield-check", "先检查，再写入", "有问题的行不会进来"),
     ("undo-2", "导错了可以整批撤销", "放心试")),
)  # fmt: skip


@dataclass(frozen=True)
class Station:
    """What the invitation file says."""

    name: str
    code: str
    centre: str
    support: str = ""


class FirstRun(QWidget):
    """After `secured`, hand in the card with `show_card`; after `finished` it is over."""

    invitation_chosen = Signal(object)  # Path
    secured = Signal(str, str)  # own name, password
    print_wanted = Signal()
    save_wanted = Signal(object)  # Path
    finished = Signal(str)  # import | register | later
    postponed = Signal(int)  # the step to come back to

    def __init__(self, step: int = 0) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.station: Station | None = None
        self.steps, self.pages = Steps(NAMES), QStackedWidget()
        for page in (self._invitation(), self._password(), self._card(), self._roster()):
            self.pages.addWidget(Scroll(page))
        self.why = Card("为什么要这样做", margins=(22, 18, 22, 18), gap=14)
        self._arrange()
        self.go(step)

    # frame ------------------------------------------------------------------------------

    def _arrange(self) -> None:
        inner = VBox(gap=14, margins=(24, 18, 24, 16))
        inner.addLayout(self._welcome())
        strip = Card(margins=(24, 10, 24, 10))
        strip.add(self.steps)
        inner.addWidget(strip)
        self.main = Card(margins=(28, 20, 16, 16))
        self.main.body.addWidget(self.pages, 1)
        middle = HBox(gap=14)
        middle.addWidget(self.main, 5)
        middle.addWidget(self.why, 2)
        inner.addLayout(middle, 1)
        inner.addLayout(self._foot())
        frame = holder(inner)
        frame.setMaximumWidth(px(1180))
        line = HBox()
        line.addStretch(1)
        line.addWidget(frame, 100)
        line.addStretch(1)
        VBox(self).addWidget(Scroll(line, gutter=0))

    @staticmethod
    def _welcome() -> HBox:
        words = VBox(gap=2)
        words.add(Label(f"欢迎使用 {NAME}", "title"))
        note = "第一次使用，4 步约 5 分钟；可以随时停下，下次接着来"
        words.add(Label(note, "body", "t2", wrap=True))
        line = HBox(gap=12)
        line.addWidget(Mark(40))
        line.addLayout(words, 1)
        return line

    def _foot(self) -> HBox:
        self.before = Button("上一步", does=self._go_before)
        self.later = Button("稍后再说", "text", does=self._postpone)
        self.next = Button("下一步", "primary", "l", does=self._next)
        self.two.returnPressed.connect(self.next.click)
        return row(self.before, None, self.later, self.next)

    def go(self, step: int) -> None:
        self.step = max(0, min(step, 3))
        self.steps.go(self.step)
        self.pages.setCurrentIndex(self.step)
        self.before.setVisible(self.step == 1)
        self.next.set_text("进入工作台" if self.step == 3 else "下一步")
        self.next.setVisible(self.step != 3)
        self._show_why()
        self._check()
        if self.isVisible():
            self.start()

    def _show_why(self) -> None:
        clear(self.why.body)
        for icon, title, text in WHY[self.step]:
            words = VBox(gap=1)
            words.add(Label(title, "strong", wrap=True), Label(text, "body", "t2", wrap=True))
            line = HBox(gap=10)
            line.addWidget(Icon(icon, "prit", 20), 0, Qt.AlignmentFlag.AlignTop)
            line.addLayout(words, 1)
            self.why.body.addLayout(line)
        self.why.body.addStretch(1)

    def _check(self) -> None:
        ready = (self.station is not None, True, self.kept.isChecked(), True)[self.step]
        self.next.setEnabled(ready)

    def _go_before(self) -> None:
        self.go(self.step - 1)

    def _postpone(self) -> None:
        if self.step == 3:
            self.finished.emit("later")
        else:
            self.postponed.emit(self.step)

    def _next(self) -> None:
        if self.step == 1:
            self._secure()
        else:
            self.go(self.step + 1)

    def start(self) -> None:
        first = (self.pick, self.own_name, self.print, self.import_button)[self.step]
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    # 1 station --------------------------------------------------------------------------

    def _invitation(self) -> QWidget:
        self.pick = Button("选邀请文件", "soft", icon="folder-open", does=self._pick)
        self.invitation_trouble = Banner("bad", "")
        self.invitation_trouble.hide()
        self.facts = FactList()
        self.facts.hide()
        box = VBox(gap=12)
        box.add(Label("这是哪个服务站", "title"))
        note = "请选区中心发来的邀请文件，可以在U盘里。"
        box.add(Label(note, "body", "t2", wrap=True))
        box.addLayout(row(self.pick, None))
        box.add(self.invitation_trouble, self.facts)
        box.addStretch(1)
        return holder(box)

    def _pick(self) -> None:
        chosen = ask.open_file(self, "选邀请文件", filters=INVITATIONS)
        if chosen is not None:
            self.invitation_chosen.emit(chosen)

    def show_station(self, station: Station) -> None:
        self.station = station
        self.invitation_trouble.hide()
        rows = [("站点", station.name), ("站点代码", station.code), ("区中心", station.centre)]
        if station.support:
            rows.append(("技术支持", station.support))
        self.facts.set_facts(rows)
        self.facts.show()
        self.pick.set_text("换一个邀请文件")
        self._check()

    def refuse_invitation(self, title: str, text: str = "") -> None:
        self.station = None
        self.facts.hide()
        self.invitation_trouble.say("bad", title, text)
        self.invitation_trouble.show()
        self._check()

    # 2 password -------------------------------------------------------------------------

    def _password(self) -> QWidget:
        self.own_name, self.one, self.two = TextBox(), PasswordBox(), PasswordBox()
        self.name_field = Field("您的姓名", self.own_name, required=True,
                                hint="办理记录上写的就是这个名字")  # fmt: skip
        self.one_field = Field("口令", self.one, required=True,
                               hint=RULE)  # fmt: skip
        self.two_field = Field("再输一次", self.two, required=True)
        box = VBox(gap=12)
        box.add(Label("您是谁，用什么口令", "title"))
        note = "您是本站第一位使用人，以站长身份登录；以后可以添加同事。"
        box.add(Label(note, "body", "t2", wrap=True))
        box.add(self.name_field, self.one_field, self.two_field)
        box.addStretch(1)
        return holder(box)

    def _secure(self) -> None:
        name, one, two = self.own_name.text().strip(), self.one.text(), self.two.text()
        self.name_field.say(*(() if name else ("err", "请填写您的姓名")))
        self.one_field.say(*(() if one else ("err", f"请设置口令：{RULE}")))
        same = one == two
        self.two_field.say(*(() if same else ("err", "两次输入不一样，请重新输入")))
        if name and one and same:
            self.secured.emit(name, one)
        else:
            wrong = self.own_name if not name else self.one if not one else self.two
            wrong.setFocus(Qt.FocusReason.OtherFocusReason)

    def refuse_password(self, sentence: str) -> None:
        self.one_field.say("err", sentence)
        self.one.setFocus(Qt.FocusReason.OtherFocusReason)

    # 3 card -----------------------------------------------------------------------------

    def _card(self) -> QWidget:
        self.words, self.made = Label("", "title", wrap=True), Label("", "small", "t2", wrap=True)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.print = Button("打印恢复口令卡", "soft", icon="printer", does=self.print_wanted.emit)
        self.save = Button("存到U盘", icon="usb", does=self._save)
        self.kept = CheckBox("我已打印并放在安全的地方")
        self.kept.toggled.connect(self._check)
        box = VBox(gap=12)
        box.add(Label("打印恢复口令卡，锁进柜子", "title", wrap=True))
        note = "数据是加密存放的。万一忘了口令，只有这张卡能打开；区中心也留有一份密封件。"
        box.add(Label(note, "body", "t2", wrap=True), self._well())
        box.addLayout(row(self.print, self.save, None))
        box.add(self.kept)
        box.addStretch(1)
        return holder(box)

    def _well(self) -> QFrame:
        frame = QFrame()
        frame.setObjectName("well")
        inner = VBox(frame, gap=6, margins=(20, 14, 20, 14))
        inner.add(Label("您的恢复口令卡", "small", "t2"), self.words, self.made)
        return frame

    def show_card(self, words: str, made: str) -> None:
        """words: the code in groups of four; made: whose and when. Leads to step 3."""
        self.words.setText(words)
        self.made.setText(made)
        self.go(2)

    def _save(self) -> None:
        chosen = ask.save_file(self, "存到U盘", filters="PDF (*.pdf)", start="恢复口令卡.pdf")
        if chosen is not None:
            self.save_wanted.emit(chosen)

    # 4 roster ---------------------------------------------------------------------------

    def _roster(self) -> QWidget:
        self.import_button = Button("导入 Excel 名册", "primary", "l", icon="file-spreadsheet",
                                    does=lambda: self.finished.emit("import"))  # fmt: skip
        self.register = Button("一位一位登记", sz="l", icon="user-plus",
                               does=lambda: self.finished.emit("register"))  # fmt: skip
        box = VBox(gap=12)
        box.add(Label("把退休人员名册放进来", "title", wrap=True))
        note = "最快的办法是导入单位移交的 Excel 名册；也可以以后再导。"
        box.add(Label(note, "body", "t2", wrap=True))
        box.addLayout(row(self.import_button, self.register, None))
        box.addStretch(1)
        return holder(box)
