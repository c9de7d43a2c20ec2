"""Assigning people to a station, at the centre: where to, since when, on whose word."""

from collections.abc import Mapping, Sequence
from typing import Any

from app import handover
from models.handover import Handover
from models.kit import clock
from ui.kit.banner import Banner
from ui.kit.context import Context
from ui.kit.editors import Area, Choice
from ui.kit.form import Form, Group, Item
from ui.kit.form_dialog import Done, FormDialog, Refused

POINTS = (
    "① 两边的站点下次联系时都会看到，写明是区中心指定的和依据",
    "② 接收站点接收以前，仍由现在的站点管理；接收以后资料全部转去，原站点只留姓名和打印、变动记录",
    "③ 接收站点可以写明原因不接收；没有人答复以前，您可以在“转接情况”里撤回",
)


def dialog(context: Context, *, people: Sequence[str]) -> "AssignDialog":
    return AssignDialog(context, people)


class AssignDialog(FormDialog):
    def __init__(self, context: Context, people: Sequence[str]) -> None:
        self.people, self.station = list(people), Choice((), "请选择站点")
        form = Form((Group("", (
            Item(Handover.to_office_id, label="转往哪个站点", required=True,
                 make=lambda _fact: self.station),
            Item(Handover.moved_on, label="从哪天起", required=True),
            Item(Handover.basis, label="谁定的、依据什么", required=True, wide=True,
                 make=lambda fact: Area(fact, "如 区民政局〔2026〕18号文，辖区调整")),
        )),))  # fmt: skip
        super().__init__(
            context, f"指定转接 {len(self.people)} 人", form, width=800,
            act="指定转接",
        )  # fmt: skip
        self.body.insertWidget(0, Banner("info", "保存以后", "\n".join(POINTS)))
        self.saved.connect(context.toast)
        self.start({"moved_on": clock.today()})
        context.work.ask(handover.stations, done=self._offer_stations)

    def _offer_stations(self, found: Sequence[tuple[str, str]]) -> None:
        chosen = self.station.value()
        self.station.box.set_choices(found)
        self.station.put(chosen)

    def write(
        self, values: dict[str, Any], _reasons: Mapping[str, str], done: Done, refused: Refused
    ) -> None:
        to, on, basis = (values.get(name) for name in ("to_office_id", "moved_on", "basis"))
        self.context.work.do(
            handover.assign, self.people, to or "", on, basis or "", done=done, refused=refused
        )
