"""登记 and 编辑 of a person: what can be derived is derived, what is wrong is said in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app import draft, retiree
from app.kit.run import Acted, Session, acted
from app.kit.saved import Saved
from models.kit import id_number
from models.kit.reading import Problem
from ui.kit.context import Context
from ui.kit.draft_keeper import DraftOf
from ui.kit.form import Form
from ui.kit.form_dialog import Done, FormDialog, Refused
from ui.kit.work import Ticket
from ui.pages.register.fields import groups

CITIZEN, LENGTH = "01", 18
ODD, AS_IT_IS, SAME = "check_digit", "as_it_is", "same"
FROM_NUMBER = ("sex", "birth_on")
SIDE_BY_SIDE = {"id_no": ("id_type",), "id_type": ("id_no",), "mobile": ("phone", "no_phone"),
                "phone": ("mobile", "no_phone"), "no_phone": ("mobile", "phone")}  # fmt: skip


def dialog(context: Context, **values: Any) -> "PersonForm":
    """A new person; `values` are filled in beforehand."""
    return PersonForm(context, values=values)


def edit(context: Context, *, retiree_id: str, group: str = "") -> "PersonForm":
    """The same form for a person who is there already, at a group."""
    return PersonForm(context, retiree_id=retiree_id, group=group)


class PersonForm(FormDialog):
    def __init__(
        self,
        context: Context,
        *,
        retiree_id: str = "",
        group: str = "",
        values: Mapping[str, Any] | None = None,
    ) -> None:
        self.retiree_id, self.keep_odd, self.twin = retiree_id, False, ""
        self.loaded: dict[str, Any] = {}
        form = Form(groups(context, fresh=not retiree_id))
        super().__init__(
            context,
            "编辑资料" if retiree_id else "登记退休人员",
            form,
            draft=DraftOf(draft, "retiree", retiree_id),
            again=None if retiree_id else lambda: context.open("register"),
            subtitle="" if retiree_id else "带“必填”的项目填完即可保存，其余可以以后补",
        )
        form.linked.connect(self._linked)
        self._number_box().textChanged.connect(self._count)
        form.left.connect(self._way_of_calling)
        self.saved.connect(self._tell)
        if retiree_id:
            work = context.work
            work.ask(retiree.for_edit, retiree_id, done=lambda got: self._fill(got, group))
        else:
            self.start({"id_type": CITIZEN, **(values or {})}, group)
            self._offer_same()
            self._mark_required()

    def _number_box(self) -> Any:
        return self.form.editors["id_no"].widget

    def _fill(self, values: Mapping[str, Any], group: str) -> None:
        self.loaded = dict(values)
        self.subtitle.setText(str(values.get("name") or ""))
        self.subtitle.show()
        self.keep_odd = bool(values.get("id_doubtful"))
        self.start(values, group)
        self._kind_of_paper()
        self._offer_same()
        self._mark_required()

    # values -----------------------------------------------------------------------------

    def values(self) -> dict[str, Any]:
        """All of a new person; of a known one only what was changed, with what belongs to it."""
        typed = self.form.values()
        if not self.retiree_id:
            return typed
        changed = self._changed_fields(typed)
        wanted = changed | {also for name in changed for also in SIDE_BY_SIDE.get(name, ())}
        return {name: value for name, value in typed.items() if name in wanted}

    def draft_values(self) -> dict[str, Any]:
        """Of a known person only what was changed: what others write of the rest meanwhile is not
        taken back when the draft is gone on with."""
        typed = super().draft_values()
        wanted = self._changed_fields(typed) if self.retiree_id else typed.keys()
        return {name: value for name, value in typed.items() if name in wanted}

    def take_draft(self, draft: Any) -> None:
        super().take_draft(draft)
        if self.retiree_id:
            self.form.touched |= set(draft.values)  # also what was emptied
            self.check()

    def _changed_fields(self, typed: Mapping[str, Any]) -> set[str]:
        return {name for name in self.form.touched if self._differs(name, typed)}

    def _differs(self, name: str, typed: Mapping[str, Any]) -> bool:
        return typed.get(name) != self.loaded.get(name)

    def problems(self) -> dict[str, Problem]:
        mine = self.values()
        return {n: p for n, p in self.form.problems().items() if n in mine}

    def look_over(self, values: dict[str, Any], done: Done) -> Ticket:
        values.pop("code", None)
        who, odd = self.retiree_id or None, self.keep_odd
        return self.context.work.ask(_look_over, values, who, odd, done=done)

    def write(
        self, values: dict[str, Any], reasons: Mapping[str, str], done: Done, refused: Refused
    ) -> None:
        tags = values.pop("code", None) or ()
        if reasons:
            before = values.get("remark") or self.loaded.get("remark") or ""
            said = "；".join(dict.fromkeys(reasons.values()))
            values["remark"] = "；".join(part for part in (before, f"核对：{said}") if part)
        work, odd = self.context.work, self.keep_odd
        if self.retiree_id:
            work.do(acted, retiree.edit, self.retiree_id, values, keep_odd_number=odd,
                    done=done, refused=refused)  # fmt: skip
        else:
            work.do(acted, retiree.register, values, tags=tags, keep_odd_number=odd,
                    done=done, refused=refused)  # fmt: skip

    def _tell(self, made: Acted[Saved]) -> None:
        name = self.form.values().get("name") or self.loaded.get("name")
        done = f"已登记 {name}"
        if self.retiree_id:
            done = f"已保存 {name} 的资料" if made.tx else f"{name} 的资料没有改动"
        self.context.toast(done, made.tx)

    # the number -------------------------------------------------------------------------

    def _count(self, text: str) -> None:
        """How many characters are still missing; the whole number is looked at straight away."""
        if self.form.quiet or self.form.editors["id_type"].value() not in {CITIZEN, None}:
            return
        self.keep_odd = False
        number = id_number.normalise(text)
        n = len(number)
        if n == LENGTH and number[:-1].isdigit():
            born = id_number.birth_on(number)
            self.form.put({"birth_on": born, "sex": id_number.sex(number)}, only_derived=True)
            self.check_timer.start()
        elif 0 < n < LENGTH:
            self.form.say("id_no", "hint", f"已输入 {n} 位，还差 {LENGTH - n} 位")
        elif n > LENGTH:
            self.form.say("id_no", "hint", f"已输入 {n} 位，多了 {n - LENGTH} 位")

    def _kind_of_paper(self) -> None:
        """Without a citizen's number, sex and birth have to be typed."""
        by_number = self.form.editors["id_type"].value() in {CITIZEN, None}
        for name in FROM_NUMBER:
            self.form.derive(name, by_number)
            self.form.fields[name].hint = "由身份证号自动得出" if by_number else ""
            self.form.calm(name)

    def _linked(self, name: str, key: str) -> None:
        if key == AS_IT_IS:
            self.keep_odd = True
            self.check()
        elif key == "open" and self.twin:
            twin = self.twin
            self.reject()
            self.context.open("person", retiree_id=twin)
        elif key == SAME:
            self.form.editors[name].put(self.form.editors["live_address"].value())
            self.form.touched.add(name)
            self.form.calm(name)

    # beside the fields ------------------------------------------------------------------

    def after_check(self, found: Any) -> None:
        self._say_number(found)
        self._say_address(found)

    def show_errors(self, errors: Mapping[str, Problem]) -> None:
        super().show_errors(errors)
        if "id_no" in errors:
            self._link_number(errors["id_no"])

    def _say_number(self, found: Any) -> None:
        problem, text = found.errors.get("id_no"), str(self.form.editors["id_no"].value() or "")
        if problem is not None and "id_no" in self.form.touched:
            self._link_number(problem)
        elif found.values.get("id_doubtful") and self.keep_odd:
            words = "保存后标记“证号待公安核实”，并记入异常"
            self.form.say("id_no", "warn", words)
        elif len(text) >= LENGTH and problem is None and not found.warnings.get("id_no"):
            names = found.same_name
            if not names and "name" in self.form.touched and not found.errors.get("name"):
                self.form.say("name", "ok", "未与在册人员重名重号")
            elif names and "name" in self.form.touched:
                self.form.say("name", "hint", f"在册有同名：{'、'.join(names)}，证号不同")

    def _link_number(self, problem: Problem) -> None:
        field = self.form.fields["id_no"]
        if problem.kind == ODD:
            field.say("err", problem.message, link="证件上就是这样", key=AS_IT_IS)
        elif problem.kind.startswith("twin "):
            self.twin = problem.kind.removeprefix("twin ")
            name = problem.message.removeprefix("这个号码已登记为 ").partition("（")[0]
            field.say("err", problem.message, link=f"打开{name}", key="open")

    def _say_address(self, found: Any) -> None:
        values, field = found.values, self.form.fields["live_address"]
        if field.level or not values.get("building_text"):
            return
        room = f" {values['room']} 室" if values.get("room") else ""
        self.form.say("live_address", "hint", f"楼栋：{values['building_text']}{room}")

    def _offer_same(self) -> None:
        if "hukou_address" in self.form.fields and not self.form.editors["hukou_address"].value():
            self.form.say("hukou_address", "hint", "与居住地址一样时", link="填成一样", key=SAME)

    def _way_of_calling(self, name: str) -> None:
        if name == "id_type":
            self._kind_of_paper()
        if name in {"mobile", "phone", "no_phone"}:
            self._mark_required()

    def _mark_required(self) -> None:
        """One telephone is enough, or the word that there is none."""
        editors = self.form.editors
        other = bool(editors["phone"].value() or editors["no_phone"].value())
        self.form.fields["mobile"].set_required(not other)


@dataclass(slots=True)
class _Looked(retiree.Checked):
    """A check with the people of the same name."""

    same_name: tuple[str, ...] = ()


def _look_over(session: Session, values: dict[str, Any], who: str | None, odd: bool) -> _Looked:
    checked = retiree.check(session, values, who, keep_odd_number=odd)
    name = checked.values.get("name")
    there = retiree.find(session, name, 5) if name and "name" not in checked.errors else []
    same = tuple(f"{one.name}（{one.address or one.id_no}）" for one in there
                 if one.name == name and one.id != who)  # fmt: skip
    return _Looked(checked.values, checked.errors, checked.warnings, checked.notes, same[:2])
