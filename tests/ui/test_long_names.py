"""A name of four parts, as somebody reads and types it at the desk."""

from dataclasses import dataclass

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app import retiree
from app.printing import list_sheet
from tests.app.printing.reading import whole
from tests.ui.clipped import clipped
from tests.ui.conftest import Opener
from tests.ui.station import Station
from ui.kit.label import Elided, Label
from ui.pages import movement, person, retirees
from ui.pages.movement import MovementDialog
from ui.pages.person import paper
from ui.pages.retirees.glance import PersonPanel

NAME = "买买提·阿不都热依木·吾甫尔江𬭚"


@dataclass(frozen=True)
class Somebody:
    """A station, and whose name is long there."""

    place: Station
    id: str


@pytest.fixture
def somebody(at_work: Opener) -> Somebody:
    place = at_work(movement=movement.dialog)
    key = place.ids["王秀英"]
    place.run(retiree.edit, key, {"name": NAME})
    return Somebody(place, key)


@pytest.mark.parametrize("dot", "·•．.")
def test_a_name_is_confirmed_with_the_dots_of_any_keyboard(somebody: Somebody, dot: str) -> None:
    place = somebody.place
    place.show(QWidget())
    place.open("movement", retiree_id=somebody.id, verb="suspect_death")
    place.settle()
    dialog = place.dialog(MovementDialog)
    assert dialog.name_box.text().startswith(NAME)
    assert dialog.name_box.cursorPosition() == 0
    dialog.typed.setText(f"买买提{dot}阿不都")
    assert dialog.typed_field.text.text() == f"还差 {len(NAME) - 7} 个字"
    dialog.typed.setText(NAME.replace("·", dot))
    assert dialog.typed_field.text.text() == "姓名一致"
    assert dialog.save_button.isEnabled()
    dialog.typed.setText(NAME.replace("·", dot)[:-1] + "江")
    assert not dialog.save_button.isEnabled()


def test_the_panel_beside_the_list_shows_the_whole_name(somebody: Somebody) -> None:
    place = somebody.place
    page = retirees.page(place.context)
    place.show(page)
    panel = page.findChildren(PersonPanel)[0]
    panel.follow(somebody.id)
    panel.load()
    place.settle()
    (label,) = (one for one in panel.findChildren(Label) if one.text() == NAME)
    assert label.isVisible()
    assert clipped(panel) == []


def test_beside_a_long_name_its_page_says_how_old_somebody_is(somebody: Somebody) -> None:
    place = somebody.place
    page = person.page(place.context, retiree_id=somebody.id)
    place.show(page, 1178, 688)
    page.fit("full")
    place.settle()
    assert "80岁" in page.head.note.accessibleName()
    assert page.head.note.width() >= page.head.note.sizeHint().width()
    assert clipped(page.head) == []


def test_a_long_name_leaves_room_for_what_is_said_of_it(qtbot: QtBot) -> None:
    def drawn(said: str) -> object:
        line = Elided(NAME, said)
        qtbot.addWidget(line)
        line.resize(200, 24)
        return line.grab().toImage()

    assert drawn("打印档案") != drawn("登记走访")


def test_the_printed_file_has_the_whole_name_and_counts_no_lines_of_two_items(
    somebody: Somebody,
) -> None:
    data = somebody.place.look(paper.data, somebody.id, "核对")
    read = whole(list_sheet.draw(data))
    assert read.count(NAME) == 2
    assert "合计" not in read
