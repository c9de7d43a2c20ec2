"""Every question, message and file choice. Tests put prepared answers here."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication, QButtonGroup, QDialog, QFileDialog, QWidget

from models.kit.person_name import is_typed
from ui.kit.banner import Banner
from ui.kit.dialog import Dialog
from ui.kit.field import Field
from ui.kit.inputs import PasswordBox, RadioButton, TextBox
from ui.kit.label import Label


@dataclass(frozen=True)
class Question:
    """What is asked, before anyone decided how to show it."""

    kind: str
    parent: QWidget
    title: str
    text: str = ""
    act: str = ""
    points: tuple[str, ...] = ()
    type_this: str = ""
    danger: bool = False
    tone: str = "info"
    choices: tuple[tuple[str, str], ...] = ()
    label: str = ""
    value: str = ""
    secret: bool = False
    optional: bool = False
    filters: str = ""
    start: str = ""


class Ask:
    """`answer` shows the question; a test replaces it with `Prepared`."""

    def __init__(self) -> None:
        self.answer: Callable[[Question], Any] = show

    def confirm(
        self,
        parent: QWidget,
        title: str,
        text: str = "",
        *,
        act: str,
        points: Sequence[str] = (),
        type_this: str = "",
        danger: bool = True,
    ) -> bool:
        """title = the act; points = what will happen; the safe button has the focus."""
        asked = Question("confirm", parent, title, text, act, tuple(points), type_this, danger)
        return bool(self.answer(asked))

    def tell(
        self, parent: QWidget, title: str, text: str = "", *, tone: str = "info",
        points: Sequence[str] = (),
    ) -> None:  # fmt: skip
        asked = Question("tell", parent, title, text, "知道了", tuple(points), tone=tone)
        self.answer(asked)

    def choose(
        self,
        parent: QWidget,
        title: str,
        choices: Sequence[tuple[str, str]],
        *,
        text: str = "",
        act: str = "选择",
    ) -> str | None:
        asked = Question("choose", parent, title, text, act, choices=tuple(choices))
        return _word(self.answer(asked))

    def text(
        self,
        parent: QWidget,
        title: str,
        label: str,
        *,
        text: str = "",
        value: str = "",
        act: str = "保存",
        secret: bool = False,
        optional: bool = False,
    ) -> str | None:
        """Without ``optional`` it is answered or cancelled, never left empty."""
        asked = Question("text", parent, title, text, act, label=label, value=value, secret=secret,
                         optional=optional)  # fmt: skip
        return _word(self.answer(asked))

    def open_file(
        self, parent: QWidget, title: str, *, filters: str = "", start: str = ""
    ) -> Path | None:
        """filters as Qt writes them: `名册 (*.xlsx *.xls *.csv)`."""
        asked = Question("open_file", parent, title, filters=filters, start=start)
        return _path(self.answer(asked))

    def open_files(
        self, parent: QWidget, title: str, *, filters: str = "", start: str = ""
    ) -> list[Path]:
        """Several at once; none when the person thought better of it."""
        asked = Question("open_files", parent, title, filters=filters, start=start)
        return [Path(one) for one in self.answer(asked) or ()]

    def save_file(
        self, parent: QWidget, title: str, *, filters: str = "", start: str = ""
    ) -> Path | None:
        asked = Question("save_file", parent, title, filters=filters, start=start)
        return _path(self.answer(asked))

    def folder(self, parent: QWidget, title: str, *, start: str = "") -> Path | None:
        return _path(self.answer(Question("folder", parent, title, start=start)))


def _word(answer: Any) -> str | None:
    return None if answer is None else str(answer)


def _path(answer: Any) -> Path | None:
    return Path(answer) if answer else None


# showing ------------------------------------------------------------------------------------


def show(question: Question) -> Any:
    return SHOWN[question.kind](question)


def _box(question: Question) -> Dialog:
    dialog = Dialog(question.parent, question.title)
    if question.points:
        listed = "\n".join(
            f"{mark} {p}" for mark, p in zip("①②③④⑤⑥⑦⑧⑨", question.points, strict=False)
        )
        lead = question.text or "保存后将同时发生"
        dialog.add(Banner("warn" if question.kind == "confirm" else question.tone, lead, listed))
    elif question.text:
        dialog.add(Label(question.text, wrap=True))
    return dialog


def _confirm(question: Question) -> bool:
    dialog = _box(question)
    word = TextBox()
    safe = dialog.cancel_button()
    kind = "danger" if question.danger else "primary"
    act = dialog.button(question.act, kind, does=dialog.accept)
    if question.type_this:
        dialog.add(Field(f"请输入“{question.type_this}”", word, required=True))
        act.setEnabled(False)
        word.textChanged.connect(lambda now: act.setEnabled(is_typed(now, question.type_this)))
    safe.setFocus()
    return _run(dialog)


def _tell(question: Question) -> None:
    dialog = _box(question)
    dialog.button(question.act, "primary", does=dialog.accept).setFocus()
    _run(dialog)


def _choose(question: Question) -> str | None:
    dialog = _box(question)
    buttons = {key: RadioButton(words) for key, words in question.choices}
    group = QButtonGroup(dialog)
    for button in buttons.values():
        group.addButton(button)
    dialog.add(*buttons.values())
    next(iter(buttons.values())).setChecked(True)
    dialog.cancel_button()
    dialog.button(question.act, "primary", does=dialog.accept).setDefault(True)
    if not _run(dialog):
        return None
    return next(key for key, button in buttons.items() if button.isChecked())


def _text(question: Question) -> str | None:
    dialog = _box(question)
    box = PasswordBox() if question.secret else TextBox()
    box.setText(question.value)
    field = Field(question.label, box, required=not question.optional)
    dialog.add(field)
    dialog.cancel_button()

    def take() -> None:
        if question.optional or box.text().strip():
            dialog.accept()
        else:
            field.say("err", f"请填写{question.label}")
            box.setFocus()

    dialog.button(question.act, "primary", does=take)
    box.returnPressed.connect(take)
    box.setFocus()
    return box.text() if _run(dialog) else None


def _run(dialog: Dialog) -> bool:
    taken = dialog.exec() == QDialog.DialogCode.Accepted
    dialog.deleteLater()
    return taken


def _open_file(question: Question) -> str:
    got = QFileDialog.getOpenFileName(
        question.parent, question.title, question.start, question.filters
    )
    return got[0]


def _open_files(question: Question) -> list[str]:
    got = QFileDialog.getOpenFileNames(
        question.parent, question.title, question.start, question.filters
    )
    return list(got[0])


def _save_file(question: Question) -> str:
    got = QFileDialog.getSaveFileName(
        question.parent, question.title, question.start, question.filters
    )
    return got[0]


def _folder(question: Question) -> str:
    return QFileDialog.getExistingDirectory(question.parent, question.title, question.start)


SHOWN: dict[str, Callable[[Question], Any]] = {
    "confirm": _confirm, "tell": _tell, "choose": _choose, "text": _text,
    "open_file": _open_file, "open_files": _open_files, "save_file": _save_file, "folder": _folder,
}  # fmt: skip


# tests ----------------------------------------------------------------------------------------


@dataclass
class Prepared:
    """Answers in order; messages need none. `asked` tells what the person saw."""

    answers: list[Any]
    asked: list[Question] = field(default_factory=list)

    def __call__(self, question: Question) -> Any:
        self.asked.append(question)
        if question.kind == "tell":
            return None
        if not self.answers:
            raise AssertionError(f"no answer prepared for: {question.title}")
        return self.answers.pop(0)


ask = Ask()


@contextmanager
def prepared(*answers: Any) -> Iterator[Prepared]:
    """For tests: `with prepared(True, path) as seen: …`."""
    before, seen = ask.answer, Prepared(list(answers))
    ask.answer = seen
    try:
        yield seen
    finally:
        ask.answer = before


def active_window() -> QWidget:
    """The window in front, also where no window manager says so. Raises LookupError without one."""
    front = QApplication.activeModalWidget() or QApplication.activeWindow()
    if front is not None:
        return front
    shown = [each for each in QApplication.topLevelWidgets() if each.isVisible()]
    if not shown:
        raise LookupError("no window to ask in")
    return shown[-1]
