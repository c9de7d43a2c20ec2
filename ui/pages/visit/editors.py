"""What the visit form is filled in with: chips, the talk with its usual words, gifts."""

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QWidget

from models.kit import codes, pinyin
from models.kit.fields import Fact
from ui.kit.buttons import Button
from ui.kit.editors import Choice, Editor, Line, Lookup, OneOf, Several
from ui.kit.inputs import TextArea
from ui.kit.layout import Flow, VBox
from ui.kit.picker import Answer, Suggestion

PHONE, HOSPITAL, FESTIVAL = "3", "2", "festival"
WAYS = (
    ("1", "上门"),
    (PHONE, "电话"),
    ("5", "来站"),
    (HOSPITAL, "住院探望"),
    (FESTIVAL, "节日慰问"),
)
PHRASES = (
    ("一切正常", "身体和生活一切正常。"),
    ("需要家庭医生", "想请家庭医生上门看看。"),
    ("反映维修问题", "反映家里有地方要维修。"),
    ("子女近日来过", "子女近日来看望过。"),
)
PLACES = (
    "社区卫生站", "家庭医生", "物业维修", "社区居委会", "民政", "残联", "区中心", "社保经办机构",
)  # fmt: skip
TALK = "写老人原话，也可以点下面的常用语"


class Chips(OneOf):
    """One code as chips, half a line wide; of what may be left open."""

    wide, clears = False, True


class Many(Several):
    """Codes as chips, half a line wide."""

    wide = False


def chips_of(table: str, most: int = 9) -> Callable[[Fact], Editor]:
    """The first entries of a code table as chips."""
    return lambda _fact: Chips(codes.table(table).items[:most])


def many_of(table: str, most: int = 9) -> Callable[[Fact], Editor]:
    """The same, several at once."""
    return lambda _fact: Many(
        [(key, name.split("（")[0]) for key, name in codes.table(table).items[:most]]
    )


class Way(Chips):
    """How; a festival visit is one to the door."""

    clears = False

    def picked(self) -> str:
        return str(super().value() or "")

    def value(self) -> Any:
        picked = self.picked()
        return "1" if picked == FESTIVAL else picked or None


class Met(Chips):
    """Seen and alive, or not; by telephone it is the voice."""

    clears = False

    def __init__(self) -> None:
        super().__init__((("1", "已见本人，健在"), ("0", "未见本人")))

    def value(self) -> Any:
        return {"1": True, "0": False}.get(str(super().value()))

    def put(self, value: Any) -> None:
        super().put(None if value is None else "1" if value else "0")

    def speak(self, way: str | None) -> None:
        words = (
            ("本人接听，健在", "本人没有接听") if way == PHONE else ("已见本人，健在", "未见本人")
        )
        for chip, text in zip(self.chips.values(), words, strict=True):
            if chip.text_alone != text:
                chip.text_alone = text
                chip.set_count(None)


class Talk(Editor):
    """Their own words; usual ones by a click."""

    wide = True

    def __init__(self, _fact: Fact) -> None:
        self.holder, self.box = QWidget(), TextArea(hint=TALK, lines=2)
        super().__init__(self.holder)
        self.box.textChanged.connect(self.changed)
        self.holder.setFocusProxy(self.box)
        line = Flow(gap=8)
        for short, whole in PHRASES:
            line.add(Button(f"+ {short}", "soft", "s", does=self._adder(whole)))
        stack = VBox(self.holder, gap=8)
        stack.addWidget(self.box)
        stack.addLayout(line)

    def _adder(self, words: str) -> Callable[[], None]:
        def add() -> None:
            before = self.box.toPlainText()
            if words not in before:
                self.box.setPlainText(before + words)
            self.box.setFocus()

        return add

    def value(self) -> Any:
        return self.box.toPlainText().strip() or None

    def put(self, value: Any) -> None:
        self.box.setPlainText(value or "")


class Goods(Line):
    """What was given, as one line; kept as a list."""

    def __init__(self, fact: Fact) -> None:
        super().__init__(fact, hint="如 大米 10 斤、食用油 1 桶")

    def value(self) -> Any:
        words = str(super().value() or "").replace("，", "、").split("、")
        return [{"name": one.strip()} for one in words if one.strip()] or None

    def put(self, value: Any) -> None:
        super().put("、".join(str(one["name"]) for one in value or ()))


def reasons() -> Editor:
    """Why: the whole table, common ones in its order."""
    return Choice(codes.table("VISIT_TYPE").items)


def referred(fact: Fact) -> Editor:
    """To whom a wish is passed on; own words are fine."""

    def source(text: str, answer: Answer) -> None:
        said = pinyin.term(text)
        known = ((one, {one, *pinyin.name_keys(one)}) for one in PLACES)
        answer([
            Suggestion(one, one) for one, keys in known
            if not said or any(key.startswith(said) for key in keys)
        ])  # fmt: skip

    return Lookup(fact, source, "没有要转办的就空着", free=True)
