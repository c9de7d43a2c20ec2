"""The page of one person: header, tabs, menu, read only, a low window."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from app import movement, retiree, visit
from app.kit.who import Desk
from models.kit import clock
from models.parameter import Audit
from tests.conftest import NOW
from tests.ui.clipped import clipped, primaries
from tests.ui.station import Filled, Station, filled, station
from ui.kit.ask import prepared
from ui.kit.buttons import Button
from ui.kit.label import Elided
from ui.kit.secret import Secret
from ui.kit.tag import Tag
from ui.kit.tokens import scale
from ui.pages import movement as movement_dialog
from ui.pages import person

FACTORIES: dict[str, Callable[..., QWidget]] = {"movement": movement_dialog.dialog}


@pytest.fixture(scope="module")
def like(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    with clock.freeze(NOW):
        return filled(tmp_path_factory.mktemp("like") / "station.db")


@pytest.fixture
def place(qtbot: QtBot, stopped_clock: Any, tmp_path: Path, like: Filled) -> Iterator[Station]:
    with station(tmp_path / "station.db", FACTORIES, like=like) as made:
        yield made


def opened(place: Station, name: str = "王秀英", tab: str = "") -> person.PersonPage:
    made = person.page(place.context, retiree_id=place.ids[name], tab=tab)
    place.show(made)
    place.settle()
    return made


def texts(widget: QWidget) -> list[str]:
    labels = [one.text() for one in widget.findChildren(QLabel) if one.isVisible()]
    return labels + [one.accessibleName() for one in widget.findChildren(Elided) if one.isVisible()]


def tags(widget: QWidget) -> list[str]:
    return [tag.text for tag in widget.findChildren(Tag) if tag.isVisible()]


def buttons(widget: QWidget) -> list[str]:
    return [one.text() for one in widget.findChildren(Button) if one.isVisible() and one.text()]


def test_the_header_says_who_it_is_and_what_is_urgent(place: Station) -> None:
    page = opened(place)
    assert "王秀英" in texts(page.head)
    assert "女 · 80岁 · 今天 80 岁生日" in texts(page.head)
    assert tags(page.head)[:4] == ["在册", "待认证", "高龄独居", "走访逾期 18 天"]
    assert buttons(page.head) == ["登记走访", "打印认证表", "编辑"]
    assert page.title == "王秀英"


def test_a_private_value_is_hidden_again_after_a_while(qtbot: QtBot, place: Station) -> None:
    page = opened(place)
    whole = place.look(retiree.for_edit, place.ids["王秀英"])["id_no"]
    secret = page.head.findChildren(Secret)[0]
    secret.press()
    place.settle()
    assert whole in texts(page.head)
    secret.timer.timeout.emit()
    assert whole not in texts(page.head)
    with place.store.look() as session:
        entry = session.query(Audit).filter(Audit.act == "查看").one()
    assert entry.detail == "查看 王秀英 的身份证号"


def test_ctrl_tab_walks_through_the_tabs(qtbot: QtBot, place: Station) -> None:
    page = opened(place)
    qtbot.waitUntil(place.window.isActiveWindow)
    qtbot.keyClick(page, Qt.Key.Key_Tab, Qt.KeyboardModifier.ControlModifier)
    place.settle()
    assert page.tabs.current() == "certification"
    assert "本次认证（2025年12月—2026年11月）" in texts(page)


def test_certification_can_be_made_a_trip_to_the_door(place: Station) -> None:
    page = opened(place, tab="certification")
    go = next(b for b in page.findChildren(Button) if b.text() == "改为上门核验")
    go.click()
    place.settle()
    assert place.said[-1] == "已列入上门核验"
    assert "待上门核验" in tags(page.head)


def test_a_visit_shows_up_while_the_page_is_open(place: Station) -> None:
    page = opened(place, tab="visits")
    assert "按计划应在 11月5日 前走访，已逾期 18 天" in texts(page)
    values = {
        "retiree_id": place.ids["王秀英"], "visit_type": "12", "way": "1",
        "visitors": "刘桂兰", "met_in_person": True, "living_note": "一切正常",
    }  # fmt: skip
    place.work.do(visit.record_visit, values)
    place.settle()
    assert "今年 1 次，共 1 次" in texts(page)
    assert not any("已逾期" in text for text in texts(page))


def test_the_timeline_is_filtered_by_its_chips(place: Station) -> None:
    page = opened(place, tab="timeline")
    history: Any = page.bodies["timeline"]
    everything = len(history.moments)
    history.show_kind("edit")
    place.settle()
    assert 0 < len(history.moments) <= everything
    assert all("认证" not in one.title for one in history.moments)


def test_the_menu_offers_what_the_state_allows(place: Station) -> None:
    page = opened(place)
    words = [act.text for act in page.head.menu_acts() if act is not None]
    assert words[2:6] == ["登记疑似死亡", "登记迁出", "登记已转出", "登记失联"]
    assert "打印档案" in words
    page.head.asked.emit("movement", "lose")
    place.settle()
    assert place.opened[-1] == ("movement", {"retiree_id": place.ids["王秀英"], "verb": "lose"})


def test_whoever_moved_away_can_only_be_read(place: Station) -> None:
    who = place.ids["张德明"]
    args = (who, clock.today(), "海口市龙华区", "迁移证")
    place.run(movement.moved_out, *args, confirmed=True)
    page = opened(place, "张德明")
    assert "已迁出 2026-11-23，资料只读" in texts(page.head)
    assert buttons(page.head) == []
    assert "编辑" not in buttons(page)
    words = [act.text for act in page.head.menu_acts() if act is not None]
    assert words[0] == "更正状态"
    assert not {"编辑标签", "编辑家属", "登记失联"} & set(words)


def test_facts_of_another_circle_are_absent(place: Station) -> None:
    desk = place.desk
    place.work.desk = Desk(desk.account, desk.name, desk.office_id, frozenset({"clerk"}))
    page = opened(place)
    assert "民族" in texts(page)
    assert "政治面貌" not in texts(page)
    assert "月养老金" not in texts(page)


def test_a_paper_of_the_file_asks_what_for(place: Station) -> None:
    page = opened(place)
    with prepared("本人申请"):
        page.print_paper()
        place.settle()
        place.settle()
    name, arguments = place.opened[-1]
    assert name == "print_pdf"
    assert arguments["data"].startswith(b"%PDF")


def test_somebody_who_is_gone_gets_a_sentence(place: Station) -> None:
    made = person.page(place.context, retiree_id="0" * 32)
    place.show(made)
    place.settle()
    assert "这份档案打不开" in texts(made)


def test_the_header_gives_way_in_a_low_window(place: Station) -> None:
    page = opened(place)
    place.window.resize(1176, 520)
    place.settle()
    bar = page.scrolls["basic"].verticalScrollBar()
    bar.setValue(200)
    place.settle()
    assert not page.head.photo.isVisible()
    bar.setValue(0)
    place.settle()
    assert page.head.photo.isVisible()


@pytest.mark.parametrize(
    "size", [(1366, 688, 1.0), (1920, 1000, 1.0), (1366, 688, 1.25), (1366, 688, 1.5)]
)
def test_no_tab_cuts_its_words(place: Station, size: tuple[int, int, float]) -> None:
    wide, tall, text = size
    with scale.at(text):
        place.window.resize(wide - 188, tall - 56)
        page = person.page(place.context, retiree_id=place.ids["王秀英"])
        place.show(page, wide - 188, tall - 56)
        for key, _text, _made in person.TABS:
            page.choose(key)
            place.settle()
            assert clipped(page) == []
            assert primaries(page) == ["登记走访"]
