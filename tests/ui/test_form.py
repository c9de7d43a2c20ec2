"""Forms from facts: editors, messages, errors, drafts, keys."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from sqlalchemy.orm import Session

from app import draft
from app.kit.refusal import Refusal
from app.retiree import Checked
from models.kit import clock
from models.kit.reading import Problem
from models.retiree import Retiree
from tests.conftest import NOW
from tests.ui.station import Filled, Station, filled, station
from ui.kit.ask import prepared
from ui.kit.buttons import Button
from ui.kit.draft_keeper import DraftOf
from ui.kit.form import Form, Group, Item
from ui.kit.form_dialog import Done, FormDialog, Refused
from ui.kit.work import Ticket

GROUPS = (
    Group("身份与联系", (Item(Retiree.name), Item(Retiree.id_no), Item(Retiree.mobile))),
    Group("其他", (Item(Retiree.received_on), Item(Retiree.sex)), "more"),
)


@pytest.fixture(scope="module")
def like(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    with clock.freeze(NOW):
        return filled(tmp_path_factory.mktemp("like") / "station.db")


@pytest.fixture
def desk_of(qtbot: QtBot, stopped_clock: Any, tmp_path: Path, like: Filled) -> Iterator[Station]:
    with station(tmp_path / "station.db", {}, like=like) as made:
        made.window.resize(1366, 688)
        made.window.show()
        yield made


def keep(session: Session, values: dict[str, Any]) -> str:
    if values["name"] == "李四":
        raise Refusal("已有同名同号的人", "name")
    return str(values["name"])


class Trial(FormDialog):
    def write(self, values: dict[str, Any], _reasons: Any, done: Done, refused: Refused) -> None:
        self.context.work.do(keep, values, done=done, refused=refused)


class Doubting(FormDialog):
    """Warns of the sex, whatever is typed."""

    sent: Any = None

    def look_over(self, values: dict[str, Any], done: Done) -> Ticket:
        said = "身份证显示为男，与所选“女”不一致，请核对"
        found = Checked(values, warnings={"sex": said})
        return self.context.work.ask(lambda _session: found, done=done)

    def write(self, _values: dict[str, Any], reasons: Any, done: Done, _refused: Refused) -> None:
        self.sent = reasons
        done("")


def dialog_of(place: Station) -> FormDialog:
    made = Trial(place.context, "登记", Form(GROUPS), draft=DraftOf(draft, "try"))
    made.start()
    made.open()
    place.settle()
    return made


def test_values_are_typed_and_what_cannot_be_read_stays_text(qtbot: QtBot) -> None:
    form = Form(GROUPS)
    qtbot.addWidget(form)
    form.put({"name": "王秀英", "received_on": date(2026, 11, 1), "sex": "2"})
    assert form.values()["received_on"] == date(2026, 11, 1)
    assert form.values()["sex"] == "2"
    form.editors["received_on"].widget.setText("明天")  # type: ignore[attr-defined]
    assert form.problems()["received_on"].message.startswith("接收日期不是日期")
    assert form.problems()["id_no"].message == "身份证号没有填"


def test_saving_with_errors_tells_how_many_and_goes_to_the_first(desk_of: Station) -> None:
    dialog = dialog_of(desk_of)
    dialog.form.put({"name": "王秀英"})
    dialog.save()
    desk_of.settle()
    assert dialog.isVisible()
    assert dialog.banner.title.text() == "还有 1 处需要改正"
    assert dialog.form.current() == "id_no"
    assert dialog.form.fields["id_no"].level == "err"


def test_enter_goes_to_the_next_field_and_saves_nothing(desk_of: Station, qtbot: QtBot) -> None:
    dialog = dialog_of(desk_of)
    assert dialog.form.current() == "name"
    qtbot.keyClick(dialog.form.editors["name"].widget, Qt.Key.Key_Return)
    desk_of.settle()
    assert dialog.form.current() == "id_no"
    assert dialog.isVisible()


def test_ctrl_down_walks_through_the_errors(desk_of: Station, qtbot: QtBot) -> None:
    dialog = dialog_of(desk_of)
    dialog.show_errors({"name": Problem("没有填"), "mobile": Problem("少一位")})
    desk_of.settle()
    qtbot.keyClick(dialog, Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
    assert dialog.form.current() == "mobile"
    qtbot.keyClick(dialog, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    assert dialog.form.current() == "name"


def test_a_refusal_of_the_verb_stands_at_its_field(desk_of: Station) -> None:
    dialog = dialog_of(desk_of)
    dialog.form.put({"name": "李四", "id_no": "x"})
    dialog.save()
    desk_of.settle()
    assert dialog.form.fields["name"].text.text() == "已有同名同号的人"
    assert dialog.isVisible()


def test_saving_closes_says_so_and_drops_the_draft(desk_of: Station, qtbot: QtBot) -> None:
    dialog = dialog_of(desk_of)
    qtbot.keyClicks(dialog.form.editors["name"].widget, "wang")
    dialog.drafts.keep()
    desk_of.settle()
    assert desk_of.look(draft.find, "try").values["name"] == "wang"
    dialog.form.put({"id_no": "519902194611230269"})
    with qtbot.waitSignal(dialog.saved) as seen:
        qtbot.keyClick(dialog, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    desk_of.settle()
    assert seen.args == ["wang"]
    assert not dialog.isVisible()
    assert desk_of.look(draft.find, "try") is None


def test_esc_asks_nothing_and_the_draft_comes_back(desk_of: Station, qtbot: QtBot) -> None:
    dialog = dialog_of(desk_of)
    qtbot.keyClicks(dialog.form.editors["name"].widget, "wang")
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    desk_of.settle()
    assert not dialog.isVisible()
    again = dialog_of(desk_of)
    assert again.banner.isVisible()
    go_on = next(each for each in again.findChildren(Button) if each.text() == "继续填写")
    go_on.click()
    desk_of.settle()
    assert again.form.values()["name"] == "wang"


def test_a_warning_asks_for_a_reason_before_saving(desk_of: Station) -> None:
    dialog = Doubting(desk_of.context, "登记", Form(GROUPS))
    dialog.start({"name": "王秀英", "id_no": "519902194611230269"})
    dialog.open()
    dialog.save()
    desk_of.settle()
    assert dialog.isVisible()
    assert dialog.form.fields["sex"].level == "warn"
    with prepared("证件如此"):
        dialog.save_anyway()
        desk_of.settle()
    assert dialog.sent == {"sex": "证件如此"}


def test_a_known_right_value_is_one_click_away(qtbot: QtBot) -> None:
    form = Form(GROUPS)
    qtbot.addWidget(form)
    form.show_problem(
        "id_no", Problem("最后一位是字母 O，应为数字 0", "519902194611230260", "改为 0")
    )
    assert "改为 0" in form.fields["id_no"].fix.text()
    form.fields["id_no"].fix.linkActivated.emit("fix")
    assert form.values()["id_no"] == "519902194611230260"
