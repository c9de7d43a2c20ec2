"""登记走访: one entry after a trip writes visit, survey and, with a tick, the
home certification."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QDialog

from app import draft
from app import visit as verbs
from app.attachment import VISIT, New
from app.certification.card import Card, of_person
from app.kit.pictures import Picture
from app.kit.run import Acted, acted
from app.kit.saved import Saved
from models.certification import Certification
from models.kit import clock, codes
from models.visit import Visit
from ui.kit.banner import Banner
from ui.kit.context import Context
from ui.kit.draft_keeper import DraftOf
from ui.kit.form import Form, Group, Item
from ui.kit.form_dialog import Done, FormDialog, Refused
from ui.kit.inputs import CheckBox
from ui.kit.pictures import Pending
from ui.pages.visit.choose import ChooseDialog
from ui.pages.visit.editors import (
    FESTIVAL,
    HOSPITAL,
    PHONE,
    WAYS,
    Goods,
    Met,
    Talk,
    Way,
    chips_of,
    many_of,
    reasons,
    referred,
)

DOORS = ("1", "2")
GIFTS = ("cash_fen", "goods", "fund_source", "receiver")
HOME_CERTIFICATION, BIRTHDAY, ILLNESS, USUAL = "15", "08", "09", "14"
CERTIFIED = ("docs_checked",)
ALSO, NUMBER = "also_certify", "visit_no"  # beside the fields in a draft


def dialog(
    context: Context,
    retiree_id: str = "",
    visit_type: str = "",
    *,
    also_certify: bool = False,
    visit_no: str = "",
) -> QDialog:
    """Without a person, asks first whom. ``visit_no``: of the record sheet it is entered from."""
    if not retiree_id:
        chosen = ChooseDialog(context)
        chosen.chosen.connect(lambda one: context.open("visit", retiree_id=one))
        return chosen
    return VisitDialog(
        context, retiree_id, visit_type, also_certify=also_certify, visit_no=visit_no
    )


def form() -> Form:
    """The rows of the dialog match the paper record sheet."""
    return Form(
        (
            Group(
                "",
                (
                    Item(Visit.way, "走访方式", make=lambda _fact: Way(WAYS)),
                    Item(Visit.visited_on, "走访时间"),
                    Item(Visit.visit_type, "走访事由", make=lambda _fact: reasons()),
                    Item(Visit.visitors, "走访人"),
                    Item(Visit.spirit, make=chips_of("SPIRIT")),
                    Item(Visit.mobility, make=chips_of("MOBILITY")),
                    Item(Visit.home_safety, make=many_of("HOME_SAFETY")),
                    Item(Visit.met_in_person, "核验", make=lambda _fact: Met()),
                    Item(Certification.docs_checked, wide=True, make=many_of("DOCS_CHECKED")),
                    Item(Visit.living_note, wide=True, make=Talk),
                    Item(Visit.referred_to, make=referred),
                    Item(Visit.next_on),
                    Item(Visit.cash_fen, "慰问金（元）"),
                    Item(Visit.goods, make=Goods),
                    Item(Visit.fund_source),
                    Item(Visit.receiver),
                ),
            ),
        )
    )


class VisitDialog(FormDialog):
    """Chips instead of lists, words one uses often, the next day by rule."""

    def __init__(
        self,
        context: Context,
        retiree_id: str,
        visit_type: str,
        *,
        also_certify: bool,
        visit_no: str = "",
    ) -> None:
        super().__init__(
            context,
            "登记走访",
            form(),
            draft=DraftOf(draft, "visit", retiree_id),
            width=880,
        )
        self.retiree_id, self.asked_type = retiree_id, visit_type
        self.name, self.own_next, self.visit_no = "", False, visit_no
        self.card: Card | None = None
        self.also = CheckBox("同时完成上门核验", checked=also_certify)
        self.also.toggled.connect(self._also_toggled)
        self.footer.insertWidget(0, self.also)
        self.door_note = Banner("info", "")
        self.door_note.hide()
        self.body.insertWidget(0, self.door_note)
        self.pictures = Pending(context.work, "走访照片")
        self.pictures.changed.connect(self._fit_pictures)
        self.body.insertWidget(self.body.count() - 1, self.pictures)
        self._listen_fields()
        self.start(self._first_values())
        self._fit_fields()
        context.work.ask(of_person, retiree_id, done=self._know)
        self._ask_next()
        self.saved.connect(self._tell)

    # start ------------------------------------------------------------------------------

    def _first_values(self) -> dict[str, Any]:
        return {
            "way": "1",
            "visited_on": clock.today(),
            "visit_type": self.asked_type
            or (HOME_CERTIFICATION if self.also.isChecked() else USUAL),
            "visitors": self.context.desk.name,
            "met_in_person": True if self.also.isChecked() else None,
            "docs_checked": ["1"],
        }

    def _know(self, card: Card) -> None:
        self.card, self.name = card, card.name
        self.subtitle.setText(f"{card.name} · {card.line}")
        self.subtitle.show()
        if card.door_note:
            self.door_note.say("info", "上门须知", card.door_note)
            self.door_note.show()
        self._fit_fields()
        self.fit()

    def draft_title(self) -> str:
        return f"{self.name} 的走访记录"

    # fields that depend on each other ---------------------------------------------------

    def _listen_fields(self) -> None:
        editors = self.form.editors
        editors["way"].left.connect(self._way_chosen)
        editors["visit_type"].left.connect(self._fit_fields)
        editors["met_in_person"].left.connect(self._fit_fields)
        editors["met_in_person"].left.connect(self._ask_next)
        editors["visited_on"].left.connect(self._ask_next)
        editors["next_on"].changed.connect(self._next_typed)

    def _way_chosen(self) -> None:
        way = self.form.editors["way"]
        usual = {FESTIVAL: festival(), HOSPITAL: ILLNESS}.get(
            way.picked() if isinstance(way, Way) else ""
        )
        if usual:
            self.form.put({"visit_type": usual})
        self._fit_fields()

    def _also_toggled(self, on: bool) -> None:
        """Whoever certifies at the door has seen the person."""
        values = self.form.values()
        if on and values["met_in_person"] is None:
            self.form.put({"met_in_person": True})
        if on and values["visit_type"] == USUAL:
            self.form.put({"visit_type": HOME_CERTIFICATION})
        elif not on and values["visit_type"] == HOME_CERTIFICATION:
            self.form.put({"visit_type": USUAL})
        self._fit_fields()

    def _fit_fields(self, *_change: Any) -> None:
        """What is not asked in this case is not shown."""
        values = self.form.values()
        way, met = values["way"], values["met_in_person"]
        certifies = (
            way in DOORS and met is not False and bool(self.card is None or self.card.task_id)
        )
        self.also.setVisible(way in DOORS)
        self.also.setEnabled(certifies)
        if not certifies:
            self.also.setChecked(False)
        for name in CERTIFIED:
            self.form.fields[name].setVisible(self.also.isChecked())
        gift = codes.table("VISIT_TYPE").name(values["visit_type"] or "")
        for name in GIFTS:
            self.form.fields[name].setVisible("慰问" in gift or "祝寿" in gift)
        for name in ("spirit", "mobility", "home_safety"):
            self.form.fields[name].setVisible(
                met is not False and (name == "spirit" or way != PHONE)
            )
        met_editor = self.form.editors["met_in_person"]
        if isinstance(met_editor, Met):
            met_editor.speak(way)
        self._say_task()
        if self.isVisible():
            self.fit()

    def _say_task(self) -> None:
        if self.card is None:
            return
        if not self.card.task_id:
            self.form.say("met_in_person", "hint", "现在不用认证")
        elif self.also.isChecked():
            counts = f"计入 {self.card.period} 的上门核验" if self.card.due_on else "计入上门核验"
            self.form.say("met_in_person", "hint", counts)
        else:
            self.form.say("met_in_person", "", "")

    # the next visit ---------------------------------------------------------------------

    def _ask_next(self) -> None:
        on = self.form.values()["visited_on"]
        if not isinstance(on, str) and on is not None and on <= clock.today():
            self.context.work.ask(verbs.next_visit, self.retiree_id, on, done=self._show_next)

    def _show_next(self, found: tuple[Any, str]) -> None:
        day, reason = found
        missed = self.form.values()["met_in_person"] is False
        if not self.own_next:
            self.form.put({"next_on": None if missed else day})
        field = self.form.fields["next_on"]
        said = "没有见到本人，空着就还按原计划" if missed else f"{reason}，已自动推算"
        field.hint = said  # also once a message there is gone
        field.say()

    def _next_typed(self) -> None:
        self.own_next = self.own_next or not self.form.quiet

    # saving -----------------------------------------------------------------------------

    def write(
        self, values: dict[str, Any], _reasons: Mapping[str, str], done: Done, refused: Refused
    ) -> None:
        said = {name: one for name, one in values.items() if name not in CERTIFIED}
        shown = {n for n in said if n not in GIFTS or self.form.fields[n].isVisible()}
        said = {name: said[name] for name in shown} | {"retiree_id": self.retiree_id}
        said[NUMBER] = self.visit_no or None
        certified = {n: values[n] for n in CERTIFIED if values[n]}
        self.context.work.do(
            acted, verbs.record_visit, said,
            also_certify=self.also.isChecked(),
            certification_values=certified if self.also.isChecked() else None,
            pictures=[New(one.picture, VISIT, one.source.name) for one in self.pictures.made],
            done=done, refused=refused,
        )  # fmt: skip

    def draft_values(self) -> dict[str, Any]:
        return super().draft_values() | {ALSO: self.also.isChecked(), NUMBER: self.visit_no}

    def draft_pictures(self) -> list[tuple[str, Picture]]:
        return [(one.source.name, one.picture) for one in self.pictures.made]

    def take_draft(self, draft: Any) -> None:
        super().take_draft(draft)
        self.also.setChecked(bool(draft.values.get(ALSO)))
        self.visit_no = self.visit_no or draft.values.get(NUMBER) or ""
        self.pictures.put_back(draft.pictures)
        self._fit_fields()

    def _fit_pictures(self) -> None:
        self.save_button.setEnabled(not self.pictures.under_way)
        if not self.pictures.under_way:
            self.drafts.touch()
        if self.isVisible():
            self.fit()

    def _tell(self, made: Acted[Saved]) -> None:
        words = f"已保存 {self.name} 的走访记录"
        words += "和上门核验" if self.also.isChecked() else ""
        more = "；".join((*made.result.warnings, *made.result.notes))
        self.context.toast(f"{words}。{more}" if more else words, made.tx)


def festival() -> str:
    """The visit type of the season."""
    month = clock.today().month
    by_month = {1: "01", 2: "01", 6: "03", 7: "05", 8: "06", 9: "03", 10: "04", 12: "02"}
    return by_month.get(month, "01")
