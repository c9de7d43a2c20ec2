"""A form in a dialog: checked while it is filled in, saved by a verb, kept as a draft meanwhile."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Protocol

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut

from app.kit import faults
from app.kit.pictures import Picture
from app.kit.refusal import Refusal, Refusals
from models.kit import clock
from models.kit.kinds import Day
from models.kit.reading import Problem
from ui.kit.banner import Banner
from ui.kit.buttons import Button
from ui.kit.context import Context
from ui.kit.dialog import Dialog
from ui.kit.draft_keeper import DraftKeeper, DraftOf, Typed, when
from ui.kit.form import Form
from ui.kit.work import Ticket

CHECK_MS = 250
UNKEPT = "草稿没有存下"


class Checked(Protocol):
    """What a look over a form finds (`app.retiree.Checked`)."""

    @property
    def values(self) -> Mapping[str, Any]: ...
    @property
    def errors(self) -> Mapping[str, Problem]: ...
    @property
    def warnings(self) -> Mapping[str, str]: ...
    @property
    def notes(self) -> Mapping[str, str]: ...


Done = Callable[[Any], object]
Refused = Callable[[Refusal], object]


class FormDialog(Dialog):
    """Override `write`, and `look_over` where more than the facts has to hold. `again()` opens the
    next empty form (Ctrl+Enter). Says `saved(result)` after the dialog has closed."""

    saved = Signal(object)

    def __init__(
        self,
        context: Context,
        title: str,
        form: Form,
        *,
        draft: DraftOf | None = None,
        again: Callable[[], object] | None = None,
        subtitle: str = "",
        width: int = 860,
        act: str = "保存",
    ) -> None:
        super().__init__(context.window(), title, subtitle=subtitle, width=width)
        self.context, self.form, self.again = context, form, again
        self.drafts = DraftKeeper(context.work, draft, self._typed, self)
        self.reasons: dict[str, str] = {}
        self.warned: dict[str, str] = {}
        self.refused: dict[str, tuple[Problem, Any]] = {}
        self.ticket: Ticket | None = None
        self.saving = self.go_on = False
        self.banner = Banner("bad", "")
        self.banner.hide()
        self.pin(self.banner)
        self.add(form)
        self.body.addStretch(1)
        self._buttons(act)
        self._listen()

    def _buttons(self, act: str) -> None:
        self.cancel = self.cancel_button()
        if self.drafts.of is not None:
            self.button("存草稿", does=self.keep_and_close)
        if self.again is not None:
            self.next_button = self.button("保存并登记下一位", does=self.save_and_next)
            self.next_button.setToolTip("Ctrl+Enter")
        words = f"{act}（Ctrl+S）"
        self.save_button = self.button(words, "primary", does=self.save)

    def _listen(self) -> None:
        self.form.changed.connect(self._changed)
        self.form.left.connect(self._left)
        self.drafts.found.connect(self._offer)
        self.drafts.kept.connect(self._kept)
        self.drafts.unkept.connect(self._not_kept)
        self.check_timer = QTimer(self, singleShot=True, interval=CHECK_MS)
        self.check_timer.timeout.connect(self.check)
        for keys, does in (
            ("Ctrl+Down", lambda: self.form.step_error(1)),
            ("Ctrl+Up", lambda: self.form.step_error(-1)),
            ("Ctrl+S", self.save),
            ("Ctrl+Return", self.save_and_next),
            ("Ctrl+Enter", self.save_and_next),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(does)

    def start(self, values: Mapping[str, Any] | None = None, group: str = "") -> None:
        """Show the values, look for a draft, put the cursor where it belongs."""
        self.form.put(values or {})
        QTimer.singleShot(0, self, lambda: self._begin(group))
        self.drafts.look()

    def write(
        self, values: dict[str, Any], reasons: Mapping[str, str], done: Done, refused: Refused
    ) -> None:
        """Run the verb; `reasons` are the words people gave for saving in spite of a warning, by
        field."""
        raise NotImplementedError

    def look_over(self, _values: dict[str, Any], _done: Callable[[Any], object]) -> Ticket | None:
        """Ask whether the values hold, `done` takes a `Checked`; None where the facts alone say."""
        return None

    def values(self) -> dict[str, Any]:
        """What is checked and saved; override to send less."""
        return self.form.values()

    def problems(self) -> dict[str, Problem]:
        """What the facts alone find wrong in it."""
        return self.form.problems()

    def _begin_inside(self) -> None:
        """`start` chooses, once the values are there."""

    def _begin(self, group: str) -> None:
        if group in self.form.headings:
            self.form.go_to_group(group)
        elif not self.form.current():
            self.form.focus_start()

    # checking ---------------------------------------------------------------------------

    def _changed(self) -> None:
        self.drafts.touch()
        if self.banner.property("tone") == "bad" and not self.form.errors():
            self.banner.hide()

    def _left(self, _name: str) -> None:
        self.check_timer.start()

    def check(self) -> None:
        """Of touched fields the errors are shown, of all others only what was derived. What the
        verb refused stays until the field says something else."""
        if self.saving:
            return
        if self.ticket is not None:
            self.ticket.drop()
        self.ticket = self.look_over(self.values(), self._checked)
        if self.ticket is None:
            self._show(self._facts_only(), {}, {})

    def _facts_only(self) -> dict[str, Problem]:
        return {n: p for n, p in self.problems().items() if n in self.form.touched}

    def _checked(self, found: Checked) -> None:
        touched = self.form.touched
        self.form.put(found.values, only_derived=True)
        self._show(
            {n: p for n, p in found.errors.items() if n in touched and p.kind != "empty"},
            {n: w for n, w in found.warnings.items() if n in touched or n not in self.form.items},
            found.notes,
        )
        self.after_check(found)

    def after_check(self, found: Checked) -> None:
        """Override: more to say about what was found."""

    def _show(
        self, errors: Mapping[str, Problem], warnings: Mapping[str, str], notes: Mapping[str, str]
    ) -> None:
        for name in self.form.fields:
            problem = errors.get(name) or self._still_refused(name)
            if problem is not None:
                self.form.show_problem(name, problem)
            elif name in warnings and name not in self.reasons:
                self.form.say(name, "warn", warnings[name])
            elif name in notes:
                self.form.say(name, "hint", notes[name])
            elif name in self.form.touched or self.form.fields[name].level == "hint":
                self.form.calm(name)

    def _still_refused(self, name: str) -> Problem | None:
        problem, value = self.refused.get(name, (None, None))
        return problem if self.form.editors[name].value() == value else None

    # saving -----------------------------------------------------------------------------

    def save_and_next(self) -> None:
        self.go_on = self.again is not None
        self.save()

    def save(self) -> None:
        """Everything is checked again; warnings ask before the verb runs."""
        if self.saving:
            return
        if self.look_over(self.values(), self._checked_to_save) is None:
            self._judge(self.problems(), {})
        else:
            self.saving = True

    def _checked_to_save(self, found: Checked) -> None:
        self.saving = False
        self.form.put(found.values, only_derived=True)
        self._judge({**found.errors, **self.problems()}, found.warnings)

    def _judge(self, errors: Mapping[str, Problem], warnings: Mapping[str, str]) -> None:
        open_warnings = {n: w for n, w in warnings.items() if n not in self.reasons}
        if errors:
            self.go_on = False
            self.show_errors(errors)
        elif open_warnings:
            self.show_warnings(open_warnings)
        else:
            self._send()

    def _send(self) -> None:
        self.saving, self.refused = True, {}
        self.save_button.setEnabled(False)
        self.write(self.values(), dict(self.reasons), self._saved, self._refused)

    def show_errors(self, errors: Mapping[str, Problem]) -> None:
        """The banner on top, each in its place, the cursor in the first."""
        self.form.calm()
        known = {n: p for n, p in errors.items() if n in self.form.fields}
        for name, problem in known.items():
            self.form.touched.add(name)
            self.form.show_problem(name, problem)
        names = "、".join(self.form.label(name) for name in self.form.errors())
        others = "；".join(p.message for n, p in errors.items() if n not in known)
        more = "。按 Ctrl+↓ 跳到下一处" if len(known) > 1 else ""
        jump = Button("跳到第一处", sz="s", does=self._first_error)
        text = (names + more) if known else others
        title = f"还有 {len(errors)} 处需要改正" if known else "没有做成"
        self.banner.say("bad", title, text, actions=(jump,) if known else ())
        self.banner.show()
        self._first_error()

    def _first_error(self) -> None:
        wrong = self.form.errors()
        if wrong:
            self.form.go_to(wrong[0])

    def show_warnings(self, warnings: Mapping[str, str]) -> None:
        self.warned = dict(warnings)
        self.form.calm()
        for name, words in warnings.items():
            self.form.say(name, "warn", words)
        anyway = Button("仍要保存", sz="s", does=self.save_anyway)
        listed = "；".join(warnings.values())
        self.banner.say("warn", f"有 {len(warnings)} 处请您再看一眼", listed, actions=(anyway,))
        self.banner.show()
        anyway.setFocus()

    def save_anyway(self) -> None:
        """Saving against a warning asks for a short reason, which is kept."""
        listed = "；".join(self.warned.values())
        reason = self.context.ask.text(self, "仍要保存", "原因", text=listed)
        if not reason:
            return
        self.reasons |= dict.fromkeys(self.warned, reason)
        self.banner.hide()
        self.save()

    def _refused(self, refusal: Refusal) -> None:
        self.saving = self.go_on = False
        self.save_button.setEnabled(True)
        stays = "；填的内容还在这里，不用重填" if isinstance(refusal, faults.Fault) else ""
        one = {refusal.field or "": Problem(refusal.message + stays)}
        found = refusal.problems if isinstance(refusal, Refusals) else one
        editors = self.form.editors
        self.refused = {n: (p, editors[n].value()) for n, p in found.items() if n in editors}
        self.show_errors(found)

    def _saved(self, result: Any) -> None:
        self.saving = False
        self.drafts.drop()
        again = self.again if self.go_on else None
        self.accept()
        self.saved.emit(result)
        if again is not None:
            again()

    # drafts -----------------------------------------------------------------------------

    def draft_values(self) -> dict[str, Any]:
        """What a draft keeps, as it is typed; override to keep more."""
        return self.form.values()

    def draft_pictures(self) -> Sequence[tuple[str, Picture]]:
        """Override: the pictures that wait to be saved with the form."""
        return ()

    def draft_title(self) -> str:
        """Override: whose draft it is."""
        return str(self.form.values().get("name") or self.windowTitle())

    def _typed(self) -> Typed | None:
        if self.saving:
            return None
        return Typed(self.draft_values(), self.draft_title(), self.draft_pictures())

    def _kept(self) -> None:
        if self.banner.title.text() == UNKEPT:
            self.banner.hide()
        self.say(f"草稿已自动保存 {clock.local(clock.now()):%H:%M}", "save")

    def _not_kept(self, why: str) -> None:
        """What was typed is nowhere else: where it was closed meanwhile, it comes back."""
        if not self.isVisible():
            text = f"{why}。关掉的话，刚才填的内容就没有了；取消就回去接着填"
            if self.context.ask.confirm(self.context.window(), UNKEPT, text, act="不要了，关掉"):
                return
            self.open()
        self.say(UNKEPT, "circle-alert")
        if not self.banner.isVisible():
            self.banner.say("warn", UNKEPT, f"{why}。填的内容还在这里，请先不要关掉")
            self.banner.show()

    def keep_and_close(self) -> None:
        self.drafts.keep()
        self.reject()

    def _offer(self, draft: Any) -> None:
        at = when(draft.saved_at)
        go_on = Button("继续填写", "soft", "s", does=lambda: self.take_draft(draft))
        fresh = Button("重新填", sz="s", does=self._forget)
        title = f"上次有一份没填完的，{at} 自动存的草稿"
        self.banner.say("info", title, draft.title, actions=(go_on, fresh))
        self.banner.show()

    def take_draft(self, draft: Any) -> None:
        """继续填写."""
        self.form.put({n: self._as_typed(n, v) for n, v in draft.values.items()})
        self.form.touched |= {n for n, v in draft.values.items() if v not in (None, "", [], False)}
        self.banner.hide()
        self.check()
        self.form.focus_start()

    def _as_typed(self, name: str, value: Any) -> Any:
        item = self.form.items.get(name)
        if item is not None and isinstance(item.fact.kind, Day) and isinstance(value, str):
            try:
                return date.fromisoformat(value)
            except ValueError:
                return value
        return value

    def _forget(self) -> None:
        self.banner.hide()
        self.drafts.drop()
        self.form.focus_start()

    def reject(self) -> None:
        """Esc asks nothing: what was typed is kept as a draft."""
        self.drafts.keep()
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.drafts.keep()
        super().closeEvent(event)
