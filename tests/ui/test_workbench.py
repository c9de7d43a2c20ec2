"""工作台: what is due today, by keyboard, in every size, on the first day and when all is done."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import update

from app import certification, notice, suspicion, visit
from app.certification import DueFilter
from app.retiree.family import set_family
from models.exchange import Change
from models.kit import clock
from models.kit.ids import new_id
from models.notice import Notice
from tests.ui import station
from tests.ui.clipped import clipped, primaries
from tests.ui.conftest import Opener
from tests.ui.station import Filled, Station
from ui.kit.tokens import SCALES, room, scale
from ui.pages import certification as certification_page
from ui.pages import notices, visits, workbench
from ui.pages.workbench import todo
from ui.shell import catalogue
from ui.shell.window import Window


def shown(place: Station, width: int = 1178, height: int = 688) -> workbench.WorkbenchPage:
    """The page on a screen; the side bar takes its part of 1366."""
    page = workbench.page(place.context)
    place.show(page, width, height)
    page.fit(room(1366 if width == 1178 else width))
    place.settle()
    return page


def names(page: workbench.WorkbenchPage) -> list[str]:
    return [one.task.name for one in page.todo.rows]


def test_it_greets_and_says_how_much_there_is(at_work: Opener) -> None:
    page = shown(at_work())
    assert page.greeting.text() == "下午好，刘站长"
    assert page.sentence.text().startswith("11月23日 星期一，今天有 ")
    assert "件已逾期" in page.sentence.text()


def test_who_stays_until_the_evening_or_overnight_is_greeted_anew(at_work: Opener) -> None:
    page = shown(at_work())
    with clock.freeze(clock.now() + timedelta(hours=12)):  # past midnight here, not yet in UTC
        page.tick()
        page.context.work.wait()
        assert page.greeting.text() == "早上好，刘站长"
        assert page.sentence.text().startswith("11月24日 星期二")


def test_the_longest_overdue_comes_first_and_nobody_twice(at_work: Opener) -> None:
    page = shown(at_work())
    page.todo._all()  # the whole list
    page.context.work.wait()
    people = [one.task for one in page.todo.rows if one.task.name == "王秀英"]
    assert len(people) == 1
    assert people[0].due == "逾期 18 天"
    assert people[0].reason == "80岁 · 高龄独居；今天生日"
    late = [int(t.task.due.split()[1]) for t in page.todo.rows if t.task.due.startswith("逾期")]
    assert late == sorted(late, reverse=True)


def test_tab_goes_from_the_segments_through_the_rows_to_all_of_them(at_work: Opener) -> None:
    page = shown(at_work())
    page.todo._turn()  # laid anew
    page.context.work.wait()
    stop: QWidget | None = list(page.todo.segments.buttons.values())[-1]
    stops: list[QWidget] = []
    while stop is not None and page.todo.all not in stops:
        stop = stop.nextInFocusChain()
        if stop is not None and stop.isVisible() and stop.focusPolicy() & Qt.FocusPolicy.TabFocus:
            stops.append(stop)
    assert stops == [*(row.button for row in page.todo.rows), page.todo.all]


def test_a_visit_and_a_home_certification_are_one_trip(at_work: Opener) -> None:
    place = at_work()
    task = place.look(certification.due_ids, DueFilter(text="陈玉兰"))[0]
    place.run(certification.plan_home, task)
    page = shown(place)
    page.todo._all()
    place.settle()
    row = next(one for one in page.todo.rows if one.task.name == "陈玉兰")
    assert (row.task.what, row.task.action) == ("走访、上门核验", "填写结果")
    row.button.click()
    assert place.opened[-1] == (
        "visit", {"retiree_id": place.ids["陈玉兰"], "also_certify": True},
    )  # fmt: skip


def test_whoever_is_said_to_have_died_is_not_just_called_once_more(at_work: Opener) -> None:
    place = at_work()
    (late, *_) = place.look(certification.due_rows, DueFilter(overdue=True))
    place.run(certification.printed, [late.task_id])
    doubt = place.run(suspicion.open_suspicion, late.retiree_id, "01", "女儿说的")
    page = shown(place)
    page.todo._all()
    place.settle()
    row = next(one for one in page.todo.rows if one.task.name == late.name)
    assert (row.task.what, row.task.action) == ("认证异常", "去核对")
    assert row.task.reason == "疑似死亡，女儿说的；走访；认证表没有交回"
    assert row.task.due.startswith("逾期")
    row.button.click()
    assert place.opened[-1] == ("suspicion", {"suspicion_id": doubt})
    page.todo.segments.buttons["overdue"].click()
    place.settle()
    row = next(one for one in page.todo.rows if one.task.name == late.name)
    assert (row.task.what, row.task.action) == ("认证异常", "去核对")
    assert row.task.due.startswith("逾期")


def test_no_more_is_offered_where_all_is_shown_in_fewer_rows(at_work: Opener) -> None:
    page = shown(at_work())
    read = page.todo.shown
    assert read is not None
    few = [row for row in read.rows if row.title in {"王秀英", "许春梅"}]
    assert len(few) > len({row.title for row in few})
    counts = read.counts | {"all": len(few)}
    page.todo._show(replace(read, rows=tuple(few), counts=counts))
    assert len(page.todo.rows) == 2
    assert not page.todo.all.isVisible()


def test_six_rows_on_a_small_screen_and_eleven_on_a_large_one(at_work: Opener) -> None:
    place = at_work()
    page = shown(place)
    assert len(page.todo.rows) == 6
    page = shown(place, 1732, 1000)
    assert 6 < len(page.todo.rows) <= 11


def test_all_of_them_and_back(at_work: Opener) -> None:
    page = shown(at_work())
    page.todo.all.click()
    page.context.work.wait()
    assert len(page.todo.rows) > 6
    assert page.todo.all.text() == "收起"
    page.todo.all.click()
    page.context.work.wait()
    assert len(page.todo.rows) == 6


def test_a_list_that_is_cut_off_says_how_many_are_left(
    at_work: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(todo, "ALL", 8)
    page = shown(at_work())
    total = int(page.todo.all.text().split()[1])
    page.todo.all.click()
    page.context.work.wait()
    assert page.todo.all.text() == f"收起（还有 {total - 8} 件没有列出）"


def test_arrows_and_enter_do_the_work(qtbot: QtBot, at_work: Opener) -> None:
    place = at_work()
    page = shown(place)
    page.start()
    place.settle()
    first, second = page.todo.rows[0].button, page.todo.rows[1].button
    assert first.hasFocus()
    qtbot.keyClick(first, Qt.Key.Key_Down)
    assert second.hasFocus()
    qtbot.keyClick(second, Qt.Key.Key_Return)
    assert place.opened[-1][0] == "visit"


def test_forms_of_a_building_go_to_the_printer_together(at_work: Opener) -> None:
    place = at_work()
    page = shown(place)
    row = next(one for one in page.todo.rows if one.task.name == "桂苑一区3栋")
    row.button.click()
    place.settle()
    name, arguments = place.opened[-1]
    assert name == "print_forms"
    wanted = DueFilter(building="桂苑一区3栋", printed=False, unknown=False)
    assert list(arguments["task_ids"]) == place.look(certification.due_ids, wanted)


def test_a_notice_of_the_centre_is_read_from_here_and_done_with(at_work: Opener) -> None:
    place = at_work(notices=notices.page)
    with place.store.apply() as session:
        made = Notice(id=new_id(), title="年底前完成集中认证", body="请在12月20日前报完")
        made.office_id, made.stamps, made.published_on = "c" * 32, {}, clock.today()
        session.add(made)
    page = shown(place)
    page.todo._all()
    page.context.work.wait()
    row = next(one for one in page.todo.rows if one.task.name == "区中心通知")
    row.button.click()
    place.settle()
    shows = place.window.findChildren(notices.NoticesPage)[-1]
    assert "请在12月20日前报完" in [one.text() for one in shows.findChildren(QLabel)]
    assert place.look(notice.unread) == []
    assert "区中心通知" not in names(shown(place))


def test_each_figure_opens_its_list(at_work: Opener) -> None:
    place = at_work()
    page = shown(place)
    for card in page.cards.values():
        card.clicked.emit()
    assert place.opened == [
        ("certification", {"tab": "due", "filter": "month"}),
        ("visits", {"tab": "plan"}),
        ("certification", {"tab": "suspicion"}),
        ("exchange", {}),
    ]
    assert page.cards["visit"].number.text() == "4"
    assert page.cards["visit"].note.text == "最久已 41 天"


def test_the_ring_adds_up(at_work: Opener) -> None:
    place = at_work()
    page = shown(place)
    strip = place.look(certification.strip)
    assert sum(part.number for part in page.ring.ring.parts) == strip.total
    assert page.ring.unknown.text() == f"到期日待核 {strip.unknown} 人"
    page.ring.unknown.click()
    assert place.opened[-1] == ("certification", {"tab": "due", "filter": "unknown"})


def test_what_was_done_elsewhere_is_gone_from_the_list(at_work: Opener) -> None:
    place = at_work()
    page = shown(place)
    assert "许春梅" in names(page)
    values = {"retiree_id": place.ids["许春梅"], "met_in_person": True}
    page.context.work.do(visit.record_visit, values)
    place.settle()
    assert "许春梅" not in names(page)


def test_whatever_was_saved_counts_at_once_as_waiting_for_the_centre(at_work: Opener) -> None:
    place = at_work()
    page = shown(place)
    before = page.cards["outbox"].number.text()
    work, whom = page.context.work, place.ids["许春梅"]
    page.context.work.do(set_family, whom, [{"name": "林小梅", "relation": "20"}])
    place.settle()
    after = page.cards["outbox"].number.text()
    assert int(after.replace(",", "")) > int(before.replace(",", ""))
    with place.store.apply() as session:  # as an exchange leaves it
        session.execute(update(Change).values(outcome="applied"))
    work.tell_changed(frozenset({"contact"}))
    place.settle()
    assert page.cards["outbox"].number.text() == "0"


def test_the_other_order_goes_from_door_to_door(at_work: Opener) -> None:
    page = shown(at_work())
    page.todo.sort.click()
    page.context.work.wait()
    assert page.todo.sort.text() == "按楼栋"
    assert names(page)[:2] == ["许春梅", "桂苑一区3栋"]


def test_the_first_day_says_how_to_begin(
    qtbot: QtBot, tmp_path: Path, stopped_clock: object
) -> None:
    path = tmp_path / "empty.db"
    store = station.fresh(path)
    nobody = Filled(path, station.head_of(store), {})
    store.close()
    with station.station(path, {}, like=nobody) as place:
        page = shown(place)
        assert "先导入名册" in [label.text() for label in page.todo.findChildren(QLabel)]
        assert "先把人员名册导进来" in page.sentence.text()
        assert len(primaries(page)) == 1


def test_when_all_is_done_it_says_so(at_work: Opener) -> None:
    place = at_work()
    page = shown(place)
    for name in ("许春梅", "王秀英", "谢金水", "张德明"):
        values = {"retiree_id": place.ids[name], "met_in_person": True}
        page.context.work.do(visit.record_visit, values)
    tasks = place.look(certification.due_ids, DueFilter(overdue=True))
    for task in tasks:
        page.context.work.do(certification.plan_home, task)
    place.settle()
    for row in place.look(certification.due_rows, DueFilter(overdue=True)):
        page.context.work.do(certification.home_certify, row.retiree_id, {})
    place.settle()
    page.todo.segments.buttons["overdue"].click()
    place.settle()
    assert page.todo.rows == []
    assert "没有逾期的事" in [label.text() for label in page.todo.findChildren(QLabel)]


@pytest.mark.parametrize("value", SCALES)
@pytest.mark.parametrize("size", [(1366, 688), (1920, 1000)])
def test_nothing_is_cut_off(at_work: Opener, size: tuple[int, int], value: float) -> None:
    place = at_work()
    with scale.at(value):
        wide = room(size[0]) in {"wide", "full"}
        page = workbench.page(place.context)
        place.show(page, size[0] - round((188 if wide else 84) * value), size[1])
        page.fit(room(size[0]))
        place.settle()
        assert clipped(place.window) == []
        assert primaries(place.window) == ["扫码回收认证表"]


def test_larger_letters_do_not_widen_the_window(qtbot: QtBot, at_work: Opener) -> None:
    place = at_work()
    context, circles = place.context, {"general"}
    pages: dict[str, Callable[..., QWidget]] = {
        "workbench": workbench.page,
        "certification": certification_page.page,
        "visits": visits.page,
    }
    window = Window(
        person="刘桂兰",
        station="桂苑社区服务站",
        entries=catalogue.entries(pages, circles),
        pages={name: partial(made, context) for name, made in pages.items()},
    )
    qtbot.addWidget(window)
    window.resize(1366, 688)
    window.show()
    for value in SCALES:
        with scale.at(value):
            for name in pages:
                window.open(name)
                place.settle()
                assert window.width() == 1366
                assert clipped(window) == []
