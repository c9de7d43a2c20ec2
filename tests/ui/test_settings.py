from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from sqlalchemy.orm import Session

from app import account, audit, drill, printed, retiree, roles, settings
from app.account import Row
from app.exchange import start_anew
from app.kit import backup, recovery_code
from app.kit.refusal import Refusal
from app.kit.run import look, run
from app.printing.kit import codes as papers
from app.station import open_station, recover
from models.audit import Audit
from models.kit import clock
from models.printed import Print
from sync import told_card
from sync.centre.serving.tls import new_certificate
from sync.centre_card import Way, centre_card, rewrite
from sync.keys import Keys
from tests.conftest import NOW
from tests.ui import homes
from tests.ui.clipped import clipped
from tests.ui.homes import NO, YES, Place, rest, words
from ui.exchange import reached
from ui.kit import scan
from ui.kit.ask import prepared
from ui.kit.inputs import TextBox
from ui.kit.preview import PreviewDialog
from ui.kit.tokens import scale
from ui.pages.change_password import ChangePasswordDialog
from ui.pages.find import Finder
from ui.pages.journal import JournalPage
from ui.pages.person import PersonPage
from ui.pages.settings import SettingsPage
from ui.pages.settings.accounts import NewDialog, PasswordDialog, RolesDialog
from ui.pages.settings.backups import BackupsTab
from ui.pages.settings.card import CardPreview
from ui.pages.settings.devices import DevicesTab
from ui.pages.settings.people import PeopleTab, cells
from ui.pages.settings.rules import RulesTab
from ui.pages.settings.sizes import SizesTab
from ui.pages.settings.station import StationTab
from ui.pages.workbench import WorkbenchPage
from ui.shell.help import HelpSheet
from ui.shell.session import Sitting

CLERK, OTHER = "陈志强", "Haitang-2027"


@pytest.fixture
def place(tmp_path: Path, qapp: QApplication, stopped_clock: object) -> Iterator[Place]:
    with homes.place(tmp_path) as made:
        yield made
    scan.muted = False


@pytest.fixture
def desk(place: Place) -> Iterator[Sitting]:
    """The head at the desk, and a clerk who is not."""
    joined = place.made(approved=True)
    place.colleague(joined, CLERK, "clerk")
    with homes.sitting(joined.station) as made:
        yield made


def shown(made: Sitting, tab: str) -> Any:
    """The tab, when it has loaded."""
    return homes.page(made, SettingsPage, "settings", tab=tab).tab


def people(made: Sitting) -> PeopleTab:
    tab = shown(made, "people")
    assert isinstance(tab, PeopleTab)
    return tab


def choose(tab: PeopleTab, name: str) -> None:
    tab.table.go_to([one.name for one in tab.rows].index(name))


def front(kind: type[Any]) -> Any:
    found = [one for one in homes.dialogs() if isinstance(one, kind)]
    return found[-1]


def ask(made: Sitting, query: Any, *args: Any) -> Any:
    return look(made.station.store, made.station.desk, query, *args)


def accounts(made: Sitting) -> dict[str, Row]:
    return {one.name: one for one in ask(made, account.accounts)}


# the page -----------------------------------------------------------------------------------


def test_the_menu_opens_the_tab_it_names_and_does_not_pile_up_pages(desk: Sitting) -> None:
    desk.window.menu_chosen.emit("station")
    desk.window.menu_chosen.emit("devices")
    rest(desk)
    page = desk.window.page()
    assert isinstance(page, SettingsPage)
    assert isinstance(page.tab, DevicesTab)
    assert [one.key for one in desk.window.trail] == ["settings"]


def test_the_centres_address_is_typed_or_read_from_its_file(desk: Sitting, place: Place) -> None:
    tab = shown(desk, "station")
    assert isinstance(tab, StationTab)
    with prepared("type", "10.0.0.5:8743") as asked:
        tab.change.click()
        rest(desk)
    assert "自动记下" in asked.asked[0].text
    assert "https://10.0.0.5:8743" in words(tab)
    assert "在本机输入" in words(tab)
    with prepared("type", "10.0.0.5 8743") as asked:
        tab.change.click()
        rest(desk)
    assert "应写成" in asked.asked[-1].text
    file = place.stick / "card.sangyu"
    centre, me = place.world.centre, place.world.card.id
    there = Way("https://new.invalid:8743", new_certificate("吉阳区中心")[0].decode())
    for keys, told in ((Keys.new(), "签名不对"), (centre.keys, "")):
        file.write_bytes(told_card.write(keys, me, 10**10, there))
        with prepared("file", file) as asked:
            tab.change.click()
            rest(desk)
        assert told in asked.asked[-1].text
    assert "https://new.invalid:8743" in words(tab)
    assert "由区中心告知" in words(tab)
    acts = [one.act for one in ask(desk, audit.entries).rows]
    assert acts.count("改联网设置") == 2


def test_an_address_read_from_a_file_outlives_the_database_and_a_typed_one_does_not(
    desk: Sitting, place: Place
) -> None:
    opened, home = desk.station, place.home
    before = ask(desk, centre_card)
    file = place.stick / "card.sangyu"
    there = Way("https://new.invalid:8743", new_certificate("吉阳区中心")[0].decode())
    file.write_bytes(told_card.write(place.world.centre.keys, before.id, 10**10, there))
    assert reached.read_card(opened, file, settings.network)
    assert reached.type_in(opened, "10.0.0.5:8743", settings.network)
    assert ask(desk, centre_card).url == "https://10.0.0.5:8743"
    run(opened.store, opened.desk, rewrite, before)  # as a backup holds it
    told_card.take_beside(opened.store, home.inbox)
    assert ask(desk, centre_card).way == there


def test_a_clerk_only_sees_the_centres_address(place: Place) -> None:
    joined = place.made()
    place.colleague(joined, CLERK, "clerk")
    joined.station.close()
    with homes.sitting(open_station(place.home, CLERK, homes.PASSWORD)) as made:
        tab = shown(made, "station")
        assert tab.change.isHidden()


def test_ctrl_tab_goes_through_the_tabs(desk: Sitting) -> None:
    page = desk.open("settings", tab="station")
    assert isinstance(page, SettingsPage)
    page.tabs.step(1)
    assert isinstance(page.tab, PeopleTab)
    page.tabs.step(-2)
    assert isinstance(page.tab, SizesTab)


def test_f1_begins_with_the_tab_and_opens_over_a_form_which_stays_as_it_was(desk: Sitting) -> None:
    window = desk.window
    for tab, begins in (("people", "人员与账号"), ("backup", "备份"), ("rules", "参数"),
                        ("size", "设置")):  # fmt: skip
        shown(desk, tab)
        window.show_help()
        sheet = front(HelpSheet)
        assert sheet.text.toPlainText().startswith(begins)
        sheet.reject()
    desk.open("retirees")
    form: Any = desk.open("register")
    rest(desk)
    form.form.editors["name"].widget.setText("王秀英")
    QTest.keyClick(form.form.editors["name"].widget, Qt.Key.Key_F1)
    sheet = front(HelpSheet)
    assert sheet.text.toPlainText().startswith("退休人员")
    assert sheet.parentWidget() is form
    assert clipped(sheet) == []
    assert sheet.width() > 860
    QTest.keyClick(sheet.topics, Qt.Key.Key_F1)
    assert front(HelpSheet) is sheet
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert form.isVisible()
    assert form.focusWidget() is form.form.editors["name"].widget
    assert form.form.editors["name"].widget.text() == "王秀英"
    form.reject()


def test_whoever_closes_the_finder_is_where_they_were(desk: Sitting) -> None:
    spot = desk.window.top.user
    spot.setFocus()
    desk.window.find_person()
    rest(desk)
    finder = front(Finder)
    assert finder.focusWidget() is finder.box
    QTest.keyClick(finder.box, Qt.Key.Key_Escape)
    assert desk.window.focusWidget() is spot


def test_f1_in_the_finder_tells_how_people_are_found_and_leaves_it_as_it_was(desk: Sitting) -> None:
    finder: Any = desk.open("find", text="wxy")
    rest(desk)
    QTest.keyClick(finder.box, Qt.Key.Key_F1)
    sheet = front(HelpSheet)
    assert sheet.text.toPlainText().startswith("搜人")
    assert clipped(sheet) == []
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert finder.isVisible()
    assert finder.focusWidget() is finder.box
    assert finder.box.text() == "wxy"
    finder.reject()


def test_who_may_not_see_a_tab_does_not_get_it(place: Place) -> None:
    joined = place.made()
    place.colleague(joined, CLERK, "party")
    joined.station.close()
    with homes.sitting(open_station(place.home, CLERK, homes.PASSWORD)) as made:
        page = made.open("settings", tab="people")
        assert isinstance(page, SettingsPage)
        assert isinstance(page.tab, StationTab)
        assert set(page.makers) == {"station", "devices", "rules", "size"}


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_nothing_is_clipped_at_any_text_size(desk: Sitting) -> None:
    desk.station.backup()
    for tab in ("station", "people", "devices", "rules", "backup", "size"):
        shown(desk, tab)
        page = desk.window.page()
        assert page is not None
        homes.fits_at_every_size(desk, page)


# the station --------------------------------------------------------------------------------


def test_the_station_tells_who_it_is_and_how_to_be_sure_of_the_centre(
    desk: Sitting, place: Place
) -> None:
    tab = shown(desk, "station")
    assert isinstance(tab, StationTab)
    assert tab.facts is not None
    assert tab.facts.code == homes.CODE
    assert tab.facts.fingerprint == place.world.card.fingerprint
    assert tab.facts.approved
    assert len(tab.facts.mark) == 3
    assert f"-{tab.facts.mark}-" in tab.facts.sample
    assert "由区中心维护" in tab.who.title.text()
    assert not tab.findChildren(TextBox)


# people -------------------------------------------------------------------------------------


def test_somebody_new_can_sign_in_at_once(desk: Sitting, place: Place) -> None:
    tab = people(desk)
    tab.new.click()
    dialog = front(NewDialog)
    dialog.name.setText("符秀英")
    dialog.post.setText("专干")
    dialog.picker.ticks["health"].click()
    dialog.one.setText(OTHER)
    dialog.two.setText(OTHER)
    dialog.go.click()
    rest(desk)
    assert not dialog.isVisible()
    assert accounts(desk)["符秀英"].roles == ("clerk", "health")
    assert "符秀英" in [one.name for one in tab.rows]
    desk.close()
    with open_station(place.home, "符秀英", OTHER) as opened:
        assert opened.desk.roles == {"clerk", "health"}


def test_what_is_missing_for_a_new_person_is_said_beside_it(desk: Sitting) -> None:
    tab = people(desk)
    tab.new.click()
    dialog = front(NewDialog)
    dialog.submit()
    assert dialog.fields["name"].text.text() == "请填姓名"
    dialog.name.setText(CLERK)
    dialog.one.setText(OTHER)
    dialog.two.setText("Other-2027")
    dialog.submit()
    assert "两次输入不一样" in dialog.fields["again"].text.text()
    dialog.two.setText(OTHER)
    dialog.submit()
    rest(desk)
    assert "已经有" in dialog.fields["name"].text.text()
    dialog.name.setText("符秀英")
    for box in (dialog.one, dialog.two):
        box.setText("12345678")
    dialog.submit()
    rest(desk)
    assert dialog.fields["password"].level == "err"
    assert dialog.isVisible()
    dialog.close()


def test_other_roles_are_kept_and_told(desk: Sitting) -> None:
    tab = people(desk)
    choose(tab, CLERK)
    tab.change.click()
    dialog = front(RolesDialog)
    dialog.picker.ticks["clerk"].click()
    dialog.submit()
    rest(desk)
    assert dialog.fields["roles"].level == "err"
    dialog.picker.ticks["party"].click()
    dialog.submit()
    rest(desk)
    assert accounts(desk)[CLERK].roles == ("party",)
    assert "党务管理员" in desk.window.toast.text.text()


def test_the_last_head_keeps_the_role_and_cannot_be_switched_off(desk: Sitting) -> None:
    tab = people(desk)
    choose(tab, homes.NAME)
    assert not tab.switch.isEnabled()
    tab.change.click()
    dialog = front(RolesDialog)
    dialog.picker.ticks["head"].click()
    dialog.picker.ticks["clerk"].click()
    dialog.submit()
    rest(desk)
    assert "最后一位站长" in dialog.trouble.title.text()
    dialog.close()
    assert accounts(desk)[homes.NAME].roles == ("head",)


def test_switched_off_nobody_gets_in_until_a_new_password(desk: Sitting, place: Place) -> None:
    tab = people(desk)
    choose(tab, CLERK)
    tab.switch.click()
    rest(desk)
    assert accounts(desk)[CLERK].disabled
    choose(tab, CLERK)
    assert tab.switch.text() == "启用"
    assert not tab.change.isEnabled()
    with pytest.raises(Refusal):
        open_station(place.home, CLERK, homes.PASSWORD, alone=False)
    tab.switch.click()
    dialog = front(PasswordDialog)
    dialog.one.setText(OTHER)
    dialog.two.setText(OTHER)
    dialog.go.click()
    rest(desk)
    assert not accounts(desk)[CLERK].disabled
    open_station(place.home, CLERK, OTHER, alone=False).close()


def test_whose_password_is_at_another_computer_is_listed_as_that_and_can_be_switched_off(
    desk: Sitting,
) -> None:
    def elsewhere(session: Session) -> None:
        account.first(session, "王海", ["head"])

    desk.work.do(elsewhere)
    rest(desk)
    tab = people(desk)
    choose(tab, "王海")
    assert [one.text for row in tab.rows if row.name == "王海" for one in cells(row)[3:]] == [
        "在别的电脑"
    ]
    tab.switch.click()
    rest(desk)
    assert accounts(desk)["王海"].disabled
    assert "那台电脑交换以后就登录不了" in desk.window.toast.text.text()


def test_a_password_is_reset_for_who_forgot_it(desk: Sitting, place: Place) -> None:
    tab = people(desk)
    choose(tab, CLERK)
    tab.reset.click()
    dialog = front(PasswordDialog)
    dialog.one.setText(OTHER)
    dialog.two.setText(OTHER)
    QTest.keyClick(dialog.two, Qt.Key.Key_Return)
    rest(desk)
    assert "在这台电脑的口令已重置" in desk.window.toast.text.text()
    open_station(place.home, CLERK, OTHER, alone=False).close()


def test_who_may_only_look_gets_no_buttons(place: Place) -> None:
    joined = place.made()
    place.colleague(joined, "林小妹", "auditor")
    joined.station.close()
    with homes.sitting(open_station(place.home, "林小妹", homes.PASSWORD)) as made:
        tab = people(made)
        assert len(tab.rows) == 2
        assert not tab.new.isVisible()
        assert not tab.acts.isVisible()
        assert not tab.renew.isVisible()
        tab.change_roles()
        assert homes.dialogs() == []


def test_a_new_card_opens_and_the_old_one_does_not(
    desk: Sitting, place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made: list[str] = []
    new_code = type(desk.station.vault).new_code

    def seen(vault: Any) -> str:
        made.append(new_code(vault))
        return made[-1]

    monkeypatch.setattr(type(desk.station.vault), "new_code", seen)
    tab = people(desk)
    with prepared(YES) as asked:
        tab.renew.click()
        rest(desk)
    assert "旧卡" in asked.asked[0].points[0]
    dialog = front(CardPreview)
    with prepared(NO) as closing:
        dialog.reject()
    assert closing.asked[0].title == "新卡还没有打印"
    assert dialog.isVisible()
    with prepared(tmp_path / "card.pdf"):
        dialog.save()
    dialog.reject()
    assert not dialog.isVisible()
    assert (tmp_path / "card.pdf").read_bytes().startswith(b"%PDF")
    assert ask(desk, audit.entries, "换恢复口令卡").total == 1
    desk.close()
    recover(place.home, recovery_code.read(made[0]), homes.NAME, OTHER)
    open_station(place.home, homes.NAME, OTHER).close()


def test_a_card_is_not_renewed_without_a_yes(desk: Sitting) -> None:
    before = desk.station.vault.home.keys.read_bytes()
    tab = people(desk)
    with prepared(NO):
        tab.renew.click()
        rest(desk)
    assert desk.station.vault.home.keys.read_bytes() == before


def test_ones_own_password_is_changed_by_who_knows_it(desk: Sitting, place: Place) -> None:
    dialog = desk.open("change_password")
    assert isinstance(dialog, ChangePasswordDialog)
    dialog.old.setText("wrong")
    dialog.one.setText(OTHER)
    dialog.two.setText(OTHER)
    dialog.go.click()
    rest(desk)
    assert "口令不对" in dialog.fields["password"].text.text()
    dialog.old.setText(homes.PASSWORD)
    dialog.one.setText("short")
    dialog.two.setText("short")
    dialog.go.click()
    rest(desk)
    assert dialog.fields["new_password"].level == "err"
    for box in (dialog.one, dialog.two):
        box.setText(homes.NEW)
    for _ in range(2):  # a key that bounces
        QTest.keyClick(dialog.two, Qt.Key.Key_Return)
    rest(desk)
    assert not dialog.isVisible()
    assert dialog.fields["password"].level != "err"
    assert ask(desk, audit.entries, "修改口令").total == 1
    desk.close()
    open_station(place.home, homes.NAME, homes.NEW).close()


@pytest.mark.qt_log_ignore("grabbing the keyboard")
def test_the_keys_stay_in_the_page_whatever_tab_is_chosen(desk: Sitting) -> None:
    page = desk.open("settings", tab="")
    assert isinstance(page, SettingsPage)
    rest(desk)

    def inside() -> bool:
        spot = desk.window.focusWidget()
        return spot is not None and page.isAncestorOf(spot) and spot.isVisible()

    assert inside()
    for key, button in page.tabs.buttons.items():
        desk.window.top.user.click()
        menu = QApplication.activePopupWidget()
        assert menu is not None
        QTest.keyClick(menu, Qt.Key.Key_Escape)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        rest(desk)
        assert inside(), key
    for _turn in page.tabs.buttons:
        page.tabs.step(1)
        rest(desk)
        assert inside(), page.tabs.current()


# devices ------------------------------------------------------------------------------------


def test_a_scan_is_read_out_and_records_nothing(desk: Sitting) -> None:
    tab = shown(desk, "devices")
    assert isinstance(tab, DevicesTab)
    before = ask(desk, audit.entries).total
    number = papers.form_no("0" * 32, 12, 2026)
    code = papers.payload("RZ1", homes.CODE, number, "0011AABB")
    tab.box.setText(code)
    QTest.keyClick(tab.box, Qt.Key.Key_Return)
    assert number in tab.read.text.text()
    assert "认证表" in tab.read.text.text()
    assert tab.box.text() == ""
    tab.scanned("6901234567892")
    assert "不是本系统的码" in tab.read.title.text()
    rest(desk)
    assert ask(desk, audit.entries).total == before


def test_the_sound_is_switched_for_this_pc(desk: Sitting) -> None:
    tab = shown(desk, "devices")
    tab.sound.click()
    rest(desk)
    assert scan.muted
    assert settings.machine(desk.station.home).get("scanner_sound") is False
    tab.sound.click()
    rest(desk)
    assert not scan.muted


def test_the_printer_is_remembered_and_missed(desk: Sitting) -> None:
    tab = shown(desk, "devices")
    settings.machine(desk.station.home).set("printer", "HP LaserJet")
    tab.reload()
    rest(desk)
    assert tab.printer.value() == "HP LaserJet"
    assert tab.field.level == "warn"
    tab._choose("usual")
    rest(desk)
    assert settings.machine(desk.station.home).get("printer") == ""


def test_a_test_sheet_is_shown_and_its_print_is_an_event(desk: Sitting) -> None:
    tab = shown(desk, "devices")
    tab.test.click()
    rest(desk)
    dialog = front(PreviewDialog)
    assert dialog.data.startswith(b"%PDF")
    dialog.printed.emit((0,))
    rest(desk)
    said = ask(desk, lambda session: session.query(Print).one().paper)
    assert said == "领取养老金资格认证表（空白）"
    dialog.close()


# rules --------------------------------------------------------------------------------------


def test_every_rule_names_its_value_and_ground(desk: Sitting) -> None:
    tab = shown(desk, "rules")
    assert isinstance(tab, RulesTab)
    told = {row.cells[0].text: row.cells[1].text for row in tab.model.rows}
    assert told["认证周期"] == "12 个月"
    assert told["到期日算法"] == "按月递延，认证当月计入"
    assert "失能" in told["上门认证标签"]
    tab.search.setText("锁屏")
    tab.search._now()
    assert [one.key for one in tab.shown] == ["lock_minutes"]
    assert "GB/T 22239" in tab.detail.text()
    tab.search.setText("没有的")
    tab.search._now()
    assert tab.nothing.isVisible()
    assert not tab.about.isVisible()


# backups ------------------------------------------------------------------------------------


def test_a_copy_is_made_listed_and_kept_twice(desk: Sitting, tmp_path: Path) -> None:
    tab = shown(desk, "backup")
    assert isinstance(tab, BackupsTab)
    assert tab.empty.isVisible()
    second = tmp_path / "disk"
    second.mkdir()
    with prepared(second):
        tab.choose.click()
        rest(desk)
    assert str(second) in tab.second.text
    tab.now.click()
    assert not tab.now.isEnabled()
    rest(desk)
    assert tab.now.isEnabled()
    assert [(one.whole, one.second) for one in tab.copies] == [(True, True)]
    assert "保留 30 天" in tab.rule.text()
    assert len(list(second.glob("*.backup"))) == 1
    second.rename(tmp_path / "gone")
    tab.reload()
    rest(desk)
    assert "找不到" in tab.second.bold
    tab.drop.click()
    rest(desk)
    assert "还没有选" in tab.second.bold


def test_recovery_is_rehearsed_from_here_and_the_result_stays(desk: Sitting) -> None:
    tab = shown(desk, "backup")
    card = tab.rehearsal
    assert card.said.text() == "恢复演练：还没有演练过"
    assert "每 3 个月" in card.rule.text()
    card.go.click()
    assert not card.go.isEnabled()
    rest(desk)
    assert card.said.text() == "恢复演练：今天 14:32 没有通过"
    assert "请现在重新备份一次" in card.told.text()
    assert card.told.isVisible()
    assert not clipped(desk.window)
    tab.now.click()
    rest(desk)
    card.go.click()
    rest(desk)
    assert card.go.isEnabled()
    assert card.said.text() == "恢复演练：今天 14:32 通过"
    assert card.told.text().startswith("11月23日的备份能恢复：0 人、")
    assert not clipped(desk.window)


def test_what_proves_nothing_is_said_and_not_counted(desk: Sitting) -> None:
    desk.station.backup()
    run(desk.station.store, desk.station.desk, start_anew)
    card = shown(desk, "backup").rehearsal
    card.go.click()
    rest(desk)
    assert "请先“立即备份”，再演练" in card.told.text()
    assert card.said.text() == "恢复演练：还没有演练过"


def test_a_failed_rehearsal_is_on_the_first_page_and_leads_here(desk: Sitting) -> None:
    drill.drill(desk.station)
    first = homes.page(desk, WorkbenchPage, "workbench")
    (row,) = [one for one in first.todo.rows if one.task.id.startswith("drill")]
    assert (row.task.name, row.task.what, row.task.action) == ("恢复演练", "没有通过", "去备份")
    row.button.click()
    rest(desk)
    page = desk.window.page()
    assert isinstance(page, SettingsPage)
    assert isinstance(page.tab, BackupsTab)
    assert page.tab.rehearsal is not None
    desk.station.backup()
    page.tab.rehearsal.go.click()
    rest(desk)
    first = homes.page(desk, WorkbenchPage, "workbench")
    assert not [one for one in first.todo.rows if one.task.id.startswith("drill")]


def test_a_damaged_copy_says_so_and_is_not_offered(desk: Sitting) -> None:
    with clock.freeze(NOW - timedelta(minutes=5)):
        desk.station.backup()
    bad = desk.station.backup().path
    data = bytearray(bad.read_bytes())
    data[len(data) // 2] ^= 1
    bad.write_bytes(data)
    tab = shown(desk, "backup")
    assert [one.whole for one in tab.copies] == [False, True]
    with prepared() as seen:
        tab.restore(0)
    assert "损坏" in seen.asked[0].title
    left: list[str] = []
    desk.restore_wanted.connect(left.append)
    with prepared(YES):
        tab.restore(1)
    assert left == [str(backup.copies(desk.station.home)[1].path)]


def test_without_a_yes_nobody_is_signed_out(desk: Sitting, tmp_path: Path) -> None:
    tab = shown(desk, "backup")
    left: list[str] = []
    desk.restore_wanted.connect(left.append)
    with prepared(tmp_path / "other.backup", NO):
        tab.other.click()
    assert left == []


# the text size ------------------------------------------------------------------------------


def test_a_size_is_taken_at_once_and_remembered(desk: Sitting) -> None:
    tab = shown(desk, "size")
    assert isinstance(tab, SizesTab)
    tab.rows[2].take()
    rest(desk)
    assert scale.value == 1.5
    assert settings.machine(desk.station.home).get("text_size") == 150
    assert "正在用" in tab.rows[2].accessibleName()
    assert "换成" in tab.rows[0].accessibleName()


SECOND = "519902195107150379"


# the journal --------------------------------------------------------------------------------


def journal(made: Sitting) -> JournalPage:
    return homes.page(made, JournalPage, "journal")


def test_the_journal_tells_who_did_what_newest_first(desk: Sitting) -> None:
    page = journal(desk)
    assert page.list is not None
    acts = {one.act: one.detail for one in page.list.list.rows}
    assert set(acts) == {"新增账号", "登录", "开始使用"}
    detail = acts["新增账号"]
    assert CLERK in detail
    page.list.search.setText(f"{CLERK} 新增")
    page.list.search._now()
    rest(desk)
    assert [one.detail for one in page.list.list.rows] == [detail]
    page.list.clear_all()
    page.list._ask(chip="login")
    rest(desk)
    assert {one.act for one in page.list.list.rows} == {"登录"}


def test_the_newest_entry_is_on_top(desk: Sitting) -> None:
    with clock.freeze(NOW + timedelta(minutes=1)):
        run(desk.station.store, desk.station.desk, audit.note, "打印")
    assert ask(desk, audit.entries).rows[0].act == "打印"


def test_the_journal_is_whole_until_somebody_writes_in_it(desk: Sitting) -> None:
    page = journal(desk)
    page.check.click()
    rest(desk)
    assert "没有被改动" in desk.window.toast.text.text()
    with desk.station.store.apply() as session:
        one = session.query(Audit).first()
        assert one is not None
        one.detail = "别的"
    with prepared() as seen:
        page.check.click()
        rest(desk)
    assert "1 条日志对不上" in seen.asked[0].title


def test_the_journal_is_for_the_head_and_the_auditor(place: Place) -> None:
    joined = place.made()
    place.colleague(joined, CLERK, "clerk")
    joined.station.close()
    with homes.sitting(open_station(place.home, CLERK, homes.PASSWORD)) as made:
        assert journal(made).list is None
        with pytest.raises(Refusal):
            ask(made, audit.entries)
        assert not roles.may(made.station.desk, "audit", "see")


def test_a_page_of_the_journal_holds_fifty(desk: Sitting) -> None:
    def many(session: Any) -> None:
        for number in range(60):
            audit.note(session, "查看", "retiree", None, f"第 {number} 次")

    run(desk.station.store, desk.station.desk, many)
    first, second = ask(desk, audit.entries), ask(desk, audit.entries, "", "", 2)
    assert len(first.rows) == 50
    assert first.total == len(first.rows) + len(second.rows)
    assert not {one.id for one in first.rows} & {one.id for one in second.rows}


def test_the_journal_of_one_person_tells_looks_prints_exports_and_edits(desk: Sitting) -> None:
    station = desk.station

    minutes = iter(range(1, 20))

    def do(verb: Any, *args: Any, **more: Any) -> Any:
        with clock.freeze(NOW + timedelta(minutes=next(minutes))):
            return run(station.store, station.desk, verb, *args, **more).result

    values = {"id_no": "519902194611230269", "mobile": "13800002617", "employer_name": "市棉纺织厂"}
    key = do(retiree.register, {"name": "王秀英", "live_address": "临春一区3-502", **values}).id
    other = do(
        retiree.register,
        {**values, "name": "李建国", "live_address": "桂苑二区7-301", "id_no": SECOND},
    ).id
    do(retiree.edit, key, {"hobbies": "象棋"})
    do(retiree.reveal, key, "id_no")
    do(retiree.reveal, other, "id_no")
    do(printed.printed, "领取养老金资格认证表", [printed.Item(key, "RZ26-AAA-00001-X")], "发放")
    do(audit.note, "导出", "retiree", None, "名单.xlsx，2 人", people=[key, other])
    do(audit.note, "导出", "retiree", None, "名单.xlsx，1 人", people=[other])

    desk.window.open("person", retiree_id=key)
    rest(desk)
    person = desk.window.page()
    assert isinstance(person, PersonPage)
    person._act("edits", "")
    rest(desk)
    page = desk.window.page()
    assert isinstance(page, JournalPage)
    assert page.list is not None
    told = [(one.act, one.detail) for one in page.list.list.rows]
    assert [act for act, _ in told] == ["导出", "打印", "查看", "修改资料", "登记入册"]
    assert told[0][1] == "名单.xlsx，2 人"
    assert told[1][1] == "王秀英 的领取养老金资格认证表，编号 RZ26-AAA-00001-X，用途：发放"
    assert "身份证号" in told[2][1]
    assert {one.who for one in page.list.list.rows} == {station.desk.name}
    page.list._ask(chip="papers")
    rest(desk)
    assert [one.act for one in page.list.list.rows] == ["导出", "打印"]
    page.list._ask(chip="all", text="身份证号 查看")
    rest(desk)
    assert [one.act for one in page.list.list.rows] == ["查看"]
    page.list._ask(text="", filters={})
    rest(desk)
    assert {"打印", "登录"} < {one.act for one in page.list.list.rows}
    names = dict(ask(desk, audit.people))
    assert names == {key: "王秀英", other: "李建国"}
    assert [one.act for one in ask(desk, audit.entries, "李建国").rows] == ["查看"]
    assert ask(desk, audit.entries, "王秀英", "papers").total == 1
