"""The page of one person: who it is, what may be done, five tabs, by keyboard and in every size."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from app import attachment, certification, movement, retiree, seed_pictures, suspicion, visit
from app.certification import DueFilter
from app.kit.run import acted
from app.undo import undo
from models.audit import Audit
from models.kit import clock
from models.printed import Print
from models.retiree import DEAD, Retiree
from tests.app.printing.reading import bare, whole
from tests.make import visit_values
from tests.ui.clipped import clipped, primaries
from tests.ui.conftest import Opener
from tests.ui.station import Station
from ui.kit.ask import Ask, prepared
from ui.kit.label import Elided
from ui.kit.pictures import Source
from ui.kit.preview import PreviewDialog
from ui.kit.secret import SHOWN_MS, Secret
from ui.kit.tag import Tag
from ui.kit.tokens import SCALES, px, room, scale
from ui.pages import certify, consent, person, print_notices, print_pdf, retirees
from ui.pages.consent import ConsentDialog
from ui.pages.person import PersonPage
from ui.pages.person.head import MOST_TAGS
from ui.pages.person.tab import PlainTable
from ui.pages.person.timeline import History
from ui.pages.retirees import Retirees
from ui.shell.catalogue import entries
from ui.shell.window import Window

WHO = "王秀英"
CLERK, AUDITOR = frozenset({"clerk"}), frozenset({"auditor"})
MANY = ("T02", "T03", "T05", "T06", "T07", "T08", "T09")
OWN = "519902194611230541"


def shown(
    place: Station, tab: str = "", who: str = WHO, size: tuple[int, int] = (1178, 632)
) -> PersonPage:
    """The page on a screen of 1366×688 without its bars."""
    page = person.page(place.context, retiree_id=place.ids[who], tab=tab)
    place.show(page, *size)
    page.fit(room(1366 if size[0] == 1178 else size[0]))
    place.settle()
    return page


def seated(place: Station, roles: frozenset[str]) -> None:
    """Somebody else is at the desk."""
    place.desk = replace(place.desk, roles=roles)
    place.work.desk = place.desk
    place.context = replace(place.context, station=replace(place.context.station, desk=place.desk))


def texts(page: PersonPage) -> list[str]:
    labels = [one.text() for one in page.findChildren(QLabel) if one.isVisible()]
    return labels + [one.text for one in page.findChildren(Elided) if one.isVisible()]


def tags(page: PersonPage) -> list[str]:
    return [one.text for one in page.head.findChildren(Tag) if one.isVisible()]


def buttons(page: PersonPage) -> list[str]:
    return [one.text() for one in page.findChildren(QPushButton) if one.isVisible()]


def press(page: PersonPage, words: str) -> None:
    next(
        one for one in page.findChildren(QPushButton) if one.isVisible() and one.text() == words
    ).click()


def menu(page: PersonPage) -> list[str]:
    return [act.text for act in page.head.menu_acts() if act is not None]


def seen(place: Station) -> list[str]:
    """What the journal says was looked at."""
    with place.store.look() as session:
        return [row.detail or "" for row in session.query(Audit).order_by(Audit.id)]


# who it is ------------------------------------------------------------------------------------


def test_the_header_says_who_and_how_it_stands(at_work: Opener) -> None:
    page = shown(at_work())
    assert page.title == WHO
    assert page.head.name.property("role") == "display"
    assert page.head.note.text == "女 · 80岁 · 今天 80 岁生日"
    words = texts(page)
    assert tags(page) == ["在册", "待认证", "高龄独居", "走访逾期 18 天", "资料待补 5 项"]
    six = ("身份证号", "联系电话", "住址", "退休单位", "退休时间", "待遇状态")
    assert all(label in words for label in six)
    assert primaries(page) == ["登记走访"]


def test_six_tags_and_then_dots(at_work: Opener) -> None:
    place = at_work()
    place.run(retiree.set_tags, place.ids[WHO], MANY)
    page = shown(place)
    assert tags(page)[0] == "在册"
    assert tags(page)[MOST_TAGS] == "…"
    dots = page.head.findChildren(Tag)[MOST_TAGS]
    assert "、" in dots.accessibleName()


def test_the_way_back_is_to_the_list(qtbot: QtBot, at_work: Opener) -> None:
    place = at_work()
    pages: dict[str, Callable[..., QWidget]] = {
        "retirees": lambda: retirees.page(place.context),
        "person": lambda **k: person.page(place.context, **k),
    }
    window = Window(
        person="刘桂兰", station="桂苑", entries=entries(pages, ["general"]), pages=pages
    )
    qtbot.addWidget(window)
    window.resize(1366, 688)
    window.show()
    window.open("retirees")
    window.open("person", retiree_id=place.ids[WHO])
    place.settle()
    assert window.top.way_back.text() == "返回名单"
    assert window.top.crumb.text == WHO
    window.go_back()
    assert isinstance(window.page(), Retirees)
    window.open("person", retiree_id="0" * 32)
    place.settle()
    assert window.top.crumb.text == "退休人员档案"


def test_a_number_is_shown_for_half_a_minute_and_that_is_logged(
    qtbot: QtBot, at_work: Opener
) -> None:
    place = at_work()
    page = shown(place)
    secret = next(
        one
        for one in page.head.findChildren(Secret)
        if one.word.accessibleName().endswith("公民身份号码") or one.masked.startswith("519902")
    )
    masked = secret.value.text()
    assert "********" in masked
    qtbot.keyClick(secret.word, Qt.Key.Key_Return)
    place.settle()
    assert secret.value.text() == OWN
    assert any(WHO in line for line in seen(place))
    assert secret.timer.interval() == SHOWN_MS == 30_000
    others = [one for one in page.findChildren(Secret) if one is not secret]
    assert all("*" in one.value.text() or "尾号" in one.value.text() for one in others)
    secret.timer.timeout.emit()
    assert secret.value.text() == masked


def test_somebody_who_is_not_there_is_told_calmly(at_work: Opener) -> None:
    place = at_work()
    page = person.page(place.context, retiree_id="0" * 32)
    place.show(page)
    assert "这份档案打不开" in texts(page)


def test_voided_while_it_is_looked_at_it_asks_no_more_until_it_is_restored(
    at_work: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[object] = []
    place = at_work()
    monkeypatch.setattr(Ask, "tell", lambda *words, **_more: told.append(words))
    page = shown(place)
    made = place.run(acted, retiree.void_registration, place.ids[WHO], "登记错人")
    page.fit(room(1920))  # behind another page, before it has heard
    place.settle()
    assert told == []
    for size in (1366, 1920):  # and it hears twice: a change of something else arrives as well
        page.reload()
        place.settle()
        page.fit(room(size))
        place.settle()
        assert buttons(page) == ["查看已作废"]
        assert "这份档案打不开" in texts(page)
    go = next(one for one in page.findChildren(QPushButton) if one.text() == "查看已作废")
    assert page.window().focusWidget() is go
    page.edit()
    assert told == place.opened == []
    place.run(undo, made.tx)
    page.reload()
    place.settle()
    assert page.head.isVisible()
    assert "这份档案打不开" not in texts(page)
    assert page.stack.count() == len(person.TABS)
    assert page.window().focusWidget() is page.tabs.buttons[page.tabs.current()]


# rights ---------------------------------------------------------------------------------------


def test_what_moved_away_can_only_be_read(at_work: Opener) -> None:
    place = at_work()
    who, today = place.ids[WHO], clock.today()
    place.run(movement.moved_out, who, today, "海口市龙华区", "随子女居住")
    place.run(movement.moved_out, who, today, "海口市龙华区", "接收函", confirmed=True)
    page = shown(place)
    assert "已迁出 2026-11-23，资料只读" in texts(page)
    assert page.head.strip.property("tone") == "neu"
    for key, _text, _made in person.TABS:
        page.choose(key)
        place.settle()
        assert not {"登记走访", "编辑", "编辑家属", "登记认证", "调整计划"} & set(buttons(page))
    assert menu(page) == ["登记迁回", "更正状态", "打印走访记录", "打印档案", "操作日志"]
    page.edit()
    assert place.opened == []


def test_of_whoever_has_left_nothing_is_asked_for(at_work: Opener) -> None:
    place = at_work()

    def forget(session: Any) -> None:
        session.get_one(Retiree, place.ids[WHO]).retired_on = None

    place.run(forget)
    assert any("资料待补" in words for words in texts(shown(place)))
    who, today = place.ids[WHO], clock.today()
    place.run(movement.moved_out, who, today, "海口市龙华区", "随子女居住")
    place.run(movement.moved_out, who, today, "海口市龙华区", "接收函", confirmed=True)
    assert not any("资料待补" in words for words in texts(shown(place)))


def test_the_dead_keep_their_page_but_nothing_is_changed(at_work: Opener) -> None:
    place = at_work()

    def die(session: Any) -> None:
        session.get_one(Retiree, place.ids[WHO]).manage_state = DEAD

    place.run(die)
    page = shown(place)
    assert any(words.startswith("已去世") and "资料只读" in words for words in texts(page))
    assert primaries(page) == []


def test_only_the_head_puts_a_state_right(at_work: Opener) -> None:
    place = at_work()
    place.run(movement.lost, place.ids[WHO], clock.today(), "三次没有人接")
    assert {"登记找回", "更正状态"} <= set(menu(shown(place)))
    seated(place, CLERK)
    found = menu(shown(place))
    assert "登记找回" in found
    assert "更正状态" not in found


def test_whoever_only_reads_is_offered_nothing_to_write(at_work: Opener) -> None:
    place = at_work()
    seated(place, AUDITOR)
    page = shown(place)
    assert menu(page) == ["操作日志"]
    for key, _text, _made in person.TABS:
        page.choose(key)
        place.settle()
        assert not {"编辑", "编辑家属", "登记走访", "登记认证", "调整计划"} & set(buttons(page))


# tabs -----------------------------------------------------------------------------------------


def test_tab_goes_through_the_header_and_then_the_tabs(at_work: Opener) -> None:
    page = shown(at_work())
    stop: QWidget | None = page.head.stops()[0]
    stops = []
    while stop is not None and stop is not page.tabs.buttons["basic"]:
        if stop.isVisible() and stop.focusPolicy() & Qt.FocusPolicy.TabFocus:
            stops.append(stop.accessibleName())
        stop = stop.nextInFocusChain()
    assert [one.split("，")[0] for one in stops] == [
        "登记走访", "打印认证表", "编辑", "更多操作", "王秀英", "显示完整身份证号", "显示完整手机",
    ]  # fmt: skip


def test_the_focus_stays_on_its_act_when_the_header_is_laid_anew(at_work: Opener) -> None:
    place = at_work()
    page = shown(place)
    page.head.more.setFocus()
    place.run(movement.lost, place.ids[WHO], clock.today(), "三次没有人接")
    assert page.head.more.hasFocus()
    form = next(one for one in page.head.stops() if one.accessibleName() == "登记走访")
    form.setFocus()
    place.run(movement.moved_out, place.ids[WHO], clock.today(), "海口市龙华区", "随子女居住")
    now = page.window().focusWidget()
    assert now is not None
    assert page.head.act_holder.isAncestorOf(now)


def test_ctrl_tab_goes_round_the_tabs(qtbot: QtBot, at_work: Opener) -> None:
    page = shown(at_work())
    assert [text for _key, text, _made in person.TABS] == [
        "基本信息", "资格认证", "走访", "家属", "时间线",
    ]  # fmt: skip
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(page, Qt.Key.Key_Tab, control)
    assert page.tabs.current() == "certification"
    assert page.stack.currentWidget() is page.scrolls["certification"]
    qtbot.keyClick(page, Qt.Key.Key_Backtab, control | shift)
    assert page.tabs.current() == "basic"


def test_each_group_is_edited_at_its_place(at_work: Opener) -> None:
    place = at_work()
    page = shown(place)
    edit = [b for b in page.bodies["basic"].findChildren(QPushButton) if b.text() == "编辑"]
    for button in edit:
        button.click()
    assert [
        (name, given.get("group", "")) for name, given in place.opened
    ] == [
        ("edit", "basic"), ("edit", "retired"), ("edit", "other"),
        ("family", ""), ("edit", "other"), ("tags", ""),
    ]  # fmt: skip
    assert all(given["retiree_id"] == place.ids[WHO] for _name, given in place.opened)


def test_the_certification_tab_offers_what_comes_next(at_work: Opener) -> None:
    place = at_work()
    task = place.look(certification.due_ids, DueFilter(text=WHO))[0]
    page = shown(place, "certification")
    assert "本次认证（2025年12月—2026年11月）" in texts(page)
    assert "11月30日截止，还剩 7 天。认证表还没有打印。" in texts(page)
    for words in ("登记认证", "登记联系", "扫码回收"):
        press(page, words)
    assert place.opened == [
        ("certify", {"retiree_id": place.ids[WHO], "task_id": task}),
        ("contact", {"task_id": task}),
        ("certification", {"tab": "scan"}),
    ]


def test_the_toast_takes_back_its_own_act_and_no_later_one(at_work: Opener) -> None:
    place = at_work()
    page = shown(place, "certification")
    press(page, "改为上门核验")
    place.settle()
    assert "改为上门核验" not in buttons(page)
    place.run(visit.record_visit, visit_values(place.ids["许春梅"]))
    place.window.toast.press()
    place.settle()
    assert "改为上门核验" in buttons(page)
    assert place.look(visit.visits, retiree_id=place.ids["许春梅"]).total == 1


def test_past_certifications_stand_below(at_work: Opener) -> None:
    place = at_work()
    page = shown(place, "certification")
    assert "本站还没有这个人的认证记录" in texts(page)
    place.work.do(certification.home_certify, place.ids[WHO], {})
    place.settle()
    assert "本站还没有这个人的认证记录" not in texts(page)
    assert any("现在不用认证，待区中心确认" in words for words in texts(page))
    model = page.bodies["certification"].findChildren(PlainTable)[0].held
    assert [cell.text for cell in model.rows[0].cells][:3] == [
        "2026-11-23", "2025年12月—2026年11月", "工作人员上门",
    ]  # fmt: skip


def past(page: PersonPage) -> PlainTable:
    (table,) = page.bodies["certification"].findChildren(PlainTable)
    return table


def test_a_certification_by_mistake_is_voided_and_comes_back(qtbot: QtBot, at_work: Opener) -> None:
    place = at_work(certify=certify.dialog)
    who = place.ids[WHO]
    due = place.look(retiree.person, who).task
    made = place.run(certification.certify, who, {"docs_checked": ["1"]}).id
    page = shown(place, "certification")
    table = past(page)
    table.setFocus()
    table.go_to(0)
    with prepared("amend"):
        qtbot.keyClick(table, Qt.Key.Key_Return)
    assert place.opened[-1] == ("certify", {"retiree_id": who, "certification_id": made})
    with prepared("void", "登记成了同名的人") as asked:
        table.linked.emit(0, len(table.columns) - 1)
        place.settle()
    assert "到期日改回原来的" in asked.asked[-1].text
    assert place.said == [f"已作废 {WHO} {clock.today()} 的认证"]
    now = place.look(retiree.person, who)
    assert (now.task, now.history[0].is_void) == (due, True)
    table = past(page)
    assert [row.cells[-1].text for row in table.held.rows] == ["恢复"]
    table.linked.emit(0, len(table.columns) - 1)
    place.settle()
    assert place.look(retiree.person, who).task is None
    assert place.said[-1] == f"已恢复 {WHO} 的认证记录"


def test_consent_is_recorded_with_its_paper_and_withdrawn(at_work: Opener) -> None:
    place = at_work(consent=consent.dialog)
    who = place.ids[WHO]
    page = shown(place)
    assert "还没有签过告知书、同意书" in texts(page)
    assert "登记同意事项" in menu(page)
    press(page, "登记")
    dialog = place.dialog(ConsentDialog)
    place.settle()
    assert dialog.form.values()["kinds"] == ["1"]
    dialog.form.editors["kinds"].put([])
    dialog.save()
    assert dialog.form.fields["kinds"].level == "err"
    dialog.form.editors["kinds"].put(["1", "4"])
    dialog.pictures.take([Source("告知书.jpg", None, seed_pictures.paper().data)])
    place.settle()
    dialog.save()
    place.settle()
    assert place.said == [f"已登记 {WHO} 的同意事项"]
    assert "个人信息处理告知、照片用于宣传" in texts(page)
    assert [one.kind for one in place.look(attachment.attachments, who)] == ["26"]
    yes = True
    with prepared(yes) as asked:
        press(page, "撤回")
        place.settle()
    assert "照片用于宣传" in asked.asked[-1].points[0]
    assert f"{clock.today()} 签，{clock.today()} 撤回" in texts(page)
    assert "撤回" not in buttons(page)
    place.window.toast.press()
    place.settle()
    assert "撤回" in buttons(page)


def test_the_notice_is_printed_from_the_card_and_the_menu_and_journalled(at_work: Opener) -> None:
    place = at_work(print_pdf=print_pdf.dialog, print_notices=print_notices.dialog)
    who = place.ids[WHO]
    page = shown(place)
    assert "打印告知书" in menu(page)
    press(page, "打印告知书")
    place.settle()
    preview = place.dialog(PreviewDialog)
    assert bare(f"{WHO}（证号") in whole(preview.data)
    preview.sheet_printed.emit(0)
    place.settle()
    (one,) = place.look(lambda session: session.scalars(select(Print)).all())
    assert (one.paper, one.retiree_id) == ("个人信息处理告知书", who)


def test_a_paper_saved_as_a_file_is_told_to_be_in_clear_and_journalled(
    at_work: Opener, tmp_path: Path
) -> None:
    place = at_work(print_pdf=print_pdf.dialog, print_notices=print_notices.dialog)
    page = shown(place)
    press(page, "打印告知书")
    place.settle()
    path = tmp_path / "告知书.pdf"
    with prepared(path) as asked:
        place.dialog(PreviewDialog).save()
        place.settle()
    assert "没有加密" in asked.asked[-1].title
    assert place.said[-1] == "已存好 告知书.pdf，文件没有加密，请妥善保管，用完删掉"
    noted = place.look(lambda s: s.scalars(select(Audit.detail).where(Audit.act == "导出")).all())
    assert noted == ["个人信息处理告知书，存为 PDF，没有加密"]
    assert bare(f"{WHO}（证号") in whole(path.read_bytes())


def test_of_somebody_lost_no_form_is_printed(at_work: Opener) -> None:
    place = at_work()
    place.run(movement.lost, place.ids[WHO], clock.today(), "三次没有人接")
    page = shown(place, "certification")
    words = texts(page)
    assert "失联期间认证任务冻结，不在到期名单里。找到本人后先登记找回，再办认证。" in words
    assert "异常待核：联系不上" in words
    assert not {"打印认证表", "登记认证", "登记联系"} & set(buttons(page))
    page.head.print_form()
    press(page, "去核对")
    assert [name for name, _given in place.opened] == ["suspicion"]


def test_whoever_may_be_dead_is_looked_into_and_not_called(at_work: Opener) -> None:
    place = at_work()
    place.run(suspicion.open_suspicion, place.ids[WHO], "01", "女儿说的")
    page = shown(place, "certification")
    offered = set(buttons(page))
    assert {"去核对", "登记认证"} <= offered
    assert "登记联系" not in offered


def test_the_visits_say_how_late_it_is_and_follow_what_is_entered(at_work: Opener) -> None:
    place = at_work()
    page = shown(place, "visits")
    assert "按计划应在 11月5日 前走访，已逾期 18 天" in texts(page)
    assert "还没有走访记录" in texts(page)
    place.work.do(visit.record_visit, visit_values(place.ids[WHO]))
    place.settle()
    assert "今年 1 次，共 1 次" in texts(page)
    assert not any("已逾期" in words for words in texts(page))


def test_the_next_visit_is_put_off_and_back(at_work: Opener) -> None:
    place = at_work()
    page = shown(place, "visits")
    with prepared("2026-12-01"):
        press(page, "调整计划")
    place.settle()
    assert "下次走访 12月1日" in texts(page)
    assert place.said == ["下次走访改为 2026-12-01"]
    place.window.toast.press()
    place.settle()
    assert "按计划应在 11月5日 前走访，已逾期 18 天" in texts(page)


def test_no_date_is_told_in_words(at_work: Opener) -> None:
    page = shown(at_work(), "visits")
    with prepared("过两天", None) as told:
        press(page, "调整计划")
    assert "“过两天”不是日期" in told.asked[1].text


def test_the_family_is_listed_in_the_order_of_calling(qtbot: QtBot, at_work: Opener) -> None:
    place = at_work()
    rows = [
        {"name": "陈志明", "relation": "20", "phone": "13900006208", "contact_order": 1},
        {"name": "陈永福", "relation": "10", "contact_order": None, "is_dependant": True},
    ]
    place.run(retiree.set_family, place.ids[WHO], rows)
    page = shown(place, "family")
    table = page.bodies["family"].findChildren(PlainTable)[0]
    assert table.model().rowCount() == 2
    assert "供养直系亲属：陈永福" in texts(page)
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert place.opened == [("family", {"retiree_id": place.ids[WHO]})]
    page.choose("basic")
    place.settle()
    assert "儿子" in texts(page)
    assert any("139****6208" in words for words in texts(page))


def test_the_timeline_is_filtered_and_goes_on(at_work: Opener) -> None:
    place = at_work()

    def forty(session: Any) -> None:
        for back in range(40):
            on = clock.today() - timedelta(days=back)
            visit.record_visit(session, visit_values(place.ids[WHO], visited_on=on))

    place.run(forty)
    page = shown(place, "timeline")
    history = page.bodies["timeline"]
    assert isinstance(history, History)
    assert len(history.moments) == 30
    assert history.moments[0].day == "今天"
    press(page, "再看更早的")
    place.settle()
    assert len(history.moments) > 40
    assert "再看更早的" not in buttons(page)
    press(page, "走访 40")
    place.settle()
    assert {moment.tone for moment in history.moments} == {"pri"}


def test_whoever_may_not_see_the_journal_gets_the_changes_from_the_menu(at_work: Opener) -> None:
    place = at_work()
    seated(place, CLERK)
    page = shown(place)
    page.head.asked.emit("edits", "")
    place.settle()
    history = page.bodies["timeline"]
    assert isinstance(history, History)
    assert (page.tabs.current(), history.kind) == ("timeline", "edit")


def test_the_record_of_visits_is_printed_from_the_menu(at_work: Opener) -> None:
    place = at_work()
    page = shown(place)
    page.head.asked.emit("record", "")
    place.settle()
    name, given = place.opened[-1]
    assert (name, given["title"]) == ("print_pdf", "走访记录表")
    assert given["data"].startswith(b"%PDF")


def test_the_file_is_printed_only_with_a_purpose(at_work: Opener) -> None:
    place = at_work()
    page = shown(place)
    with prepared("核对档案") as asked:
        page.print_paper()
    place.settle()
    assert [one.act for one in asked.asked] == ["预览"]  # nothing is saved, and nothing printed yet
    assert place.opened[-1][0] == "print_pdf"
    assert "退休人员档案，用途：核对档案" in seen(place)


# room -----------------------------------------------------------------------------------------


def test_in_a_low_window_the_header_gives_way_while_scrolled(at_work: Opener) -> None:
    place = at_work()
    page = shown(place, size=(1178, 560))
    bar = page.scrolls["basic"].verticalScrollBar()
    tall = page.head.height()
    bar.setValue(bar.maximum())
    place.settle()
    assert page.collapsed
    assert page.head.height() < tall / 2
    assert page.head.name.isVisible()
    bar.setValue(0)
    place.settle()
    assert page.head.height() == tall


def test_a_tall_window_keeps_its_header(at_work: Opener) -> None:
    place = at_work()
    page = shown(place, size=(1178, 640))
    bar = page.scrolls["basic"].verticalScrollBar()
    bar.setValue(bar.maximum())
    place.settle()
    assert not page.collapsed


def test_collapsed_it_is_one_line_also_in_large_letters(at_work: Opener) -> None:
    place = at_work()
    with scale.at(1.5):
        page = person.page(place.context, retiree_id=place.ids[WHO])
        place.show(page, 1240, 610)
        page.fit("small")
        place.settle()
        bar = page.scrolls["basic"].verticalScrollBar()
        bar.setValue(bar.maximum())
        place.settle()
        assert page.collapsed
        assert page.head.height() < px(76)
        assert clipped(place.window) == []


@pytest.mark.parametrize("value", SCALES)
@pytest.mark.parametrize("size", [(1366, 688), (1920, 1000)])
def test_nothing_is_cut_off(at_work: Opener, size: tuple[int, int], value: float) -> None:
    place = at_work()
    place.run(visit.record_visit, visit_values(place.ids["许春梅"]))
    with scale.at(value):
        wide = room(size[0]) in {"wide", "full"}
        for who in (WHO, "许春梅"):
            page = person.page(place.context, retiree_id=place.ids[who])
            place.show(page, size[0] - round((188 if wide else 84) * value), size[1] - 56)
            page.fit(room(size[0]))
            for key, _text, _made in person.TABS:
                page.choose(key)
                place.settle()
                assert clipped(place.window) == [], (who, key)
                assert primaries(place.window) == ["登记走访"]
