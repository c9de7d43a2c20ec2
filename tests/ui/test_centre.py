"""The desktop in the centre's role: the same door and window, its own pages, a real exchange."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from sqlalchemy import func, select

from app import (
    account,
    audit,
    certification,
    code_table,
    exchange,
    movement,
    notice,
    overview,
    parameter,
    retiree,
    ruling,
    stations,
    trouble,
)
from app.drill import standing
from app.kit import sheet
from app.kit.lock import Lock
from app.kit.paths import Home
from app.kit.refusal import Refusal
from app.kit.run import look, run
from app.retiree import People
from app.ruling import Side
from app.station import open_centre, restore_station
from models.audit import Audit
from models.certification import CONFIRMED, REFUSED, Certification
from models.exchange import Conflict, Held, Installation, RawBatch, Replica
from models.kit import clock, codes
from models.kit.id_number import mask
from models.printed import Print
from models.retiree import Retiree
from sync import enrol, told_card
from sync.centre.serving import writer
from sync.centre.serving.main import Service
from sync.centre_card import centre_card
from sync.fault import Fault
from sync.http_link import HttpLink
from sync.station import outbox
from sync.station.run import sync_now
from tests.make import an_id_number
from tests.sync.parts import DirectLink, Node, edit, register
from tests.sync.people import hang, seat, turn
from tests.sync.stored import failed_at, repaired, send
from tests.ui import centre
from tests.ui.centre import HERS, OTHERS, PASSWORD, THIRD, Place
from tests.ui.clipped import clipped
from tests.ui.homes import (
    NO,
    YES,
    dialogs,
    fits_at_every_size,
    page,
    rest,
    settle,
    sign_in,
    sitting,
    words,
)
from ui import command
from ui.command.opened import service_of, serving_of
from ui.exchange import enrolment
from ui.exchange.with_centre import told_words
from ui.kit.ask import prepared
from ui.kit.banner import Banner
from ui.kit.buttons import Button
from ui.kit.cells import Text
from ui.kit.tag import Tag
from ui.kit.tokens import scale
from ui.kit.view import Asked
from ui.main import Program
from ui.pages.disputes import DisputesPage
from ui.pages.disputes.slip import SlipDialog, effect
from ui.pages.find import Finder
from ui.pages.notices import NoticeDialog, NoticesPage
from ui.pages.overview import OverviewPage
from ui.pages.person import PersonPage
from ui.pages.results import ResultsDialog
from ui.pages.retirees.everywhere import EverybodyPage
from ui.pages.settings import SettingsPage
from ui.pages.settings.accounts import NewDialog
from ui.pages.settings.code_tables import CodeTablesTab
from ui.pages.settings.network import NetworkTab
from ui.pages.settings.people import PeopleTab
from ui.pages.settings.rule import RuleDialog
from ui.pages.settings.rules import RulesTab
from ui.pages.stations import StationsPage
from ui.pages.stations.panel import banners
from ui.pages.stations.rows import ago, contact
from ui.pages.stations.rows import troubles as tags
from ui.pages.troubles import TroublesPage
from ui.pages.troubles import cells as troubles_cells
from ui.shell.session import Sitting


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    with centre.place(tmp_path) as made:
        yield made


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def anywhere(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    """On either database."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    with centre.place(tmp_path, url) as made:
        yield made


@pytest.fixture
def desk(qtbot: QtBot, here: Place) -> Iterator[Sitting]:
    with sitting(here.opened) as made:
        yield made


def asked(place: Place, query: Callable[..., Any], *args: Any) -> Any:
    with place.opened.store.look() as session:
        session.info["desk"] = place.opened.desk
        return query(session, *args)


# the door ---------------------------------------------------------------------------------------


def test_the_same_door_leads_to_the_centres_own_entries(qtbot: QtBot, here: Place) -> None:
    here.opened.close()
    program = Program(Home.at(here.home.dir))
    program.begin()
    settle(program)
    sign_in(program, PASSWORD)
    window = program.sitting.window  # type: ignore[union-attr]
    assert [one.text for one in window.entries] == [
        "工作台",
        "站点",
        "退休人员",
        "争议",
        "待办",
        "人员转接",
        "通知",
        "上报市级",
    ]
    assert isinstance(window.page(), OverviewPage)
    assert not window.top.find_box.isVisible()
    assert not window.nav.safe.isVisible()
    assert "devices" not in [key for key, _, _ in window.top.menu_rows]
    window.new_wanted.emit()
    window.scan_wanted.emit()
    settle(program)
    assert isinstance(window.page(), OverviewPage)
    program.close()


def test_a_folder_tells_which_side_it_is(here: Place, tmp_path: Path) -> None:
    assert Home.at(here.home.dir).side == "centre"
    assert Home.at(tmp_path / "nothing yet").side == "station"


# settings -------------------------------------------------------------------------------------


def settings_tab(made: Sitting, key: str) -> Any:
    shown = page(made, SettingsPage, "settings", tab=key)
    return shown.tab


def test_the_centre_has_its_own_people_and_keeps_them_apart_from_the_stations(
    desk: Sitting, here: Place
) -> None:
    desk.window.menu_chosen.emit("settings")
    rest(desk)
    shown = desk.window.page()
    assert isinstance(shown, SettingsPage)
    assert list(shown.makers) == ["people", "network", "rules", "codes", "backup", "size"]
    tab = shown.tab
    assert isinstance(tab, PeopleTab)
    tab.new.click()
    dialog = next(one for one in dialogs() if isinstance(one, NewDialog))
    assert set(dialog.picker.ticks) == {"centre_head", "centre_clerk"}
    dialog.name.setText("林小妹")
    for box in (dialog.one, dialog.two):
        box.setText("Mangguo-2026")
    dialog.submit()
    rest(desk)
    assert [(one.name, one.roles) for one in tab.rows][1] == ("林小妹", ("centre_clerk",))
    assert here.opened.vault.entries()[1].name == "林小妹"


def test_the_centre_moves_and_sees_who_knows_it(desk: Sitting, here: Place, tmp_path: Path) -> None:
    stations = [here.world.station(f"51990200100{number}") for number in (1, 2)]
    tab = settings_tab(desk, "network")
    assert isinstance(tab, NetworkTab)
    assert "没有换过" in words(tab)
    assert not tab.file.isEnabled()
    with prepared("ftp://centre") as seen:
        tab.change.click()
        rest(desk)
    assert "应写成" in seen.asked[-1].text
    with prepared("centre.jiyang.invalid:8743"):
        tab.change.click()
        rest(desk)
    assert "https://centre.jiyang.invalid:8743" in words(tab)
    assert "2 台电脑中，0 台" in words(tab)
    here.world.sync(stations[0])
    here.world.sync(stations[0])
    assert stations[0].get(centre_card).url == "https://centre.jiyang.invalid:8743"
    tab.reload()
    rest(desk)
    assert "2 台电脑中，1 台" in words(tab)
    with prepared(tmp_path / "card.sangyu"):
        tab.file.click()
        rest(desk)
    with stations[1].store.apply() as session:
        assert told_card.take(session, (tmp_path / "card.sangyu").read_bytes())
    assert "改联网设置" in [one.act for one in asked(here, audit.entries).rows]


@pytest.fixture
def served(qtbot: QtBot, here: Place) -> Iterator[Sitting]:
    """With what the desktop has done by the server's code."""
    with sitting(here.opened, serving=serving_of) as made:
        yield made


def test_another_certificate_is_told_before_it_is_shown(served: Sitting, here: Place) -> None:
    station, before = here.world.station("519902001001"), enrolment.own_of(here.opened)
    tab = settings_tab(served, "network")
    assert "不用办理" in words(tab)
    assert tab.renew.isVisible()
    with prepared(None):
        tab.renew.click()
        rest(served)
    assert enrolment.own_of(here.opened) == before
    with prepared("renew"):
        tab.renew.click()
        rest(served)
    assert "新证书已经告知 0/1 台" in words(tab)
    assert enrolment.own_of(here.opened).pair == before.pair
    here.world.sync(station)
    assert before.certificate in station.get(centre_card).certificate
    with prepared("replace"):
        tab.renew.click()
        rest(served)
    assert before.certificate not in enrolment.card_of(here.opened).certificate
    here.world.sync(station)
    assert station.get(centre_card).way == enrolment.card_of(here.opened).way


def test_a_clerk_of_the_centre_sees_where_it_is_and_changes_nothing(
    qtbot: QtBot, here: Place
) -> None:
    home, vault = here.home, here.opened.vault
    given = (vault, "林小妹", PASSWORD, ["centre_clerk"])
    run(here.opened.store, here.opened.desk, account.create, *given)
    here.opened.close()
    with sitting(open_centre(home, "林小妹", PASSWORD)) as made:
        tab = settings_tab(made, "network")
        assert tab.change.isHidden()
        assert tab.renew.isHidden()


def test_a_rule_is_changed_with_its_ground_and_holds_at_the_stations(
    desk: Sitting, here: Place
) -> None:
    station = here.world.station("519902001001")
    tab = settings_tab(desk, "rules")
    assert isinstance(tab, RulesTab)
    tab.search.setText("走访间隔（一般人员）")
    tab.search._now()
    tab.change.click()
    dialog = next(one for one in dialogs() if isinstance(one, RuleDialog))
    dialog.value.put(0)
    dialog.submit()
    rest(desk)
    assert "至少是 1" in dialog.fields["value"].text.text()
    dialog.value.put(6)
    dialog.submit()
    rest(desk)
    assert "依据" in dialog.fields["doc_no"].text.text()
    dialog.ground.setText("三社保〔2026〕12号")
    dialog.submit()
    rest(desk)
    assert tab.model.rows[0].cells[1].text == "6 个月"
    here.world.sync(station)
    held = station.get(lambda session: parameter.in_force(session, "visit_months"))
    assert held == (6, "三社保〔2026〕12号")


def test_a_centre_goes_back_to_a_backup_and_its_stations_bring_the_rest(here: Place) -> None:
    station = here.world.station("519902001001")
    station.do(register, id_no=HERS)
    here.world.sync(station)
    copy = here.opened.backup()
    station.do(register, id_no=OTHERS)
    here.world.sync(station)
    here.opened.close()
    served = Lock(here.home.serving)
    assert served.take()
    with pytest.raises(Refusal, match="接收服务正在用"):
        restore_station(here.home, copy.path, centre.NAME, PASSWORD)
    served.release()
    restore_station(here.home, copy.path, centre.NAME, PASSWORD)
    with open_centre(here.home, centre.NAME, PASSWORD) as again:
        assert look(again.store, again.desk, retiree.people, People()).total == 1
        here.world.centre = service_of(again)
        here.world.sync(station)
        here.world.sync(station)
        assert look(again.store, again.desk, retiree.people, People()).total == 2


def test_a_database_on_a_server_is_not_backed_up_from_the_window(
    qtbot: QtBot, anywhere: Place
) -> None:
    with sitting(anywhere.opened) as made:
        shown = page(made, SettingsPage, "settings", tab="people")
        assert ("backup" in shown.makers) == anywhere.opened.has_file


def test_a_notice_reaches_every_station_until_it_is_taken_back(desk: Sitting, here: Place) -> None:
    station = here.world.station("519902001001")
    shown = page(desk, NoticesPage, "notices")
    assert shown.title == "通知"
    shown.write.click()
    dialog = next(one for one in dialogs() if isinstance(one, NoticeDialog))
    dialog.submit()
    rest(desk)
    assert dialog.fields["title"].level == "err"
    dialog.heading.setText("十二月认证安排")
    dialog.text.setPlainText("12月15日前完成上门核验。")
    dialog.submit()
    rest(desk)
    assert "十二月认证安排" in words(shown)
    here.world.sync(station)
    assert [one.title for one in station.get(notice.notices)] == ["十二月认证安排"]
    row = asked(here, notice.notices)[0]
    with prepared("日期有变"):
        shown.withdraw(row)
        rest(desk)
    here.world.sync(station)
    assert station.get(notice.notices) == []


# the first page ---------------------------------------------------------------------------------


def test_the_first_page_has_every_office_in_figures(desk: Sitting, here: Place) -> None:
    shown = page(desk, OverviewPage, "overview")
    assert shown.nothing.isVisible()
    here.disputed()
    shown.reload()
    rest(desk)
    rows = asked(here, overview.offices)
    assert [(one.name, one.people) for one in rows] == [("519902001001社区", 1)]
    assert shown.model.rowCount() == 2
    assert shown.cards["disputes"].number.text() == "1"
    assert shown.cards["files"].number.text() == "2"
    assert "有 1 件事等着处理" in shown.sentence.text()
    shown.cards["disputes"].clicked.emit()
    rest(desk)
    assert isinstance(desk.window.page(), DisputesPage)


# stations ---------------------------------------------------------------------------------------


def test_a_station_is_listed_with_its_last_contact_and_what_is_wrong(
    desk: Sitting, here: Place
) -> None:
    shown = page(desk, StationsPage, "stations")
    assert "还没有站点" in words(shown)
    station = here.world.station("519902001001")
    station.do(register)
    here.world.sync(station)
    shown.reload()
    rest(desk)
    row = shown.list.list.rows[0]
    assert (row.office, row.received, row.needs) == ("519902001001社区", 1, False)
    assert contact(row).text == "刚才"
    assert [one.text for one in tags(row)] == ["正常"]
    with clock.freeze(clock.now() + timedelta(days=40)):
        assert contact(row).tone == "bad"
        assert row.needs
        assert "很久没有联系" in [one.title.text() for one in banners(row)]


def test_a_photograph_that_has_not_arrived_is_said_beside_its_station(
    desk: Sitting, here: Place
) -> None:
    station = here.world.station("519902001001")
    hang(station, 2)
    with pytest.raises(Fault):
        here.world.sync(station, DirectLink(here.world.centre, lose_files={1}))
    shown = page(desk, StationsPage, "stations")
    shown.panel.follow(shown.list.list.rows[0].id)
    shown.panel.load()
    rest(desk)
    assert "2 份还没有送到" in words(shown.panel)
    here.world.sync(station)
    shown.panel.load()
    rest(desk)
    assert "份还没有送到" not in words(shown.panel)


def test_a_gap_says_which_entries_are_missing_and_what_to_ask_for(
    desk: Sitting, here: Place
) -> None:
    station = here.world.station("519902001001")
    for name in ("王秀英", "罗玉梅", "谢金水"):
        station.do(register, name=name)
    parts = whole(station, here)
    with station.store.apply() as session:  # as if the first stretch had been sent elsewhere
        me = session.scalars(select(Replica)).one()
        me.acked_seq = 2
    here.world.centre.accept(whole(station, here))
    shown = page(desk, StationsPage, "stations", chip=stations.NEEDS)
    row = shown.list.list.rows[0]
    assert [(one.first, one.last, one.count) for one in row.gaps] == [(1, 2, 1)]
    said = "".join(one.text.text() for one in banners(row))
    assert "第 1—2 条（2 条）还没有送到" in said
    here.world.centre.accept(parts)
    shown.reload()
    rest(desk)
    assert shown.list.list.total == 0


def test_what_the_program_fails_at_is_named_with_what_is_safe_and_what_to_do(
    desk: Sitting, here: Place
) -> None:
    """It is the first that ever came of its computer, so that only its file says whose it is."""
    station = here.world.station("519902001001")
    station.do(register, name="王秀英")
    failed_at(here.world, station)
    station.do(register, name="罗玉梅", id_no=HERS)
    send(here.world, station)
    shown = page(desk, StationsPage, "stations", chip=stations.NEEDS)
    (row,) = shown.list.list.rows
    assert (row.queued, row.stuck, row.received) == (2, 1, 0)
    assert contact(row).text == "刚才"
    assert [one.text for one in tags(row)] == ["程序办不了，2 条在等"]
    (said,) = banners(row)
    assert "已原样留存，不用再送" in said.text.text()
    assert "请升级程序" in said.text.text()
    waits = asked(here, overview.waiting)
    assert (waits["stations"], waits["troubles"]) == (1, 1)
    listed = page(desk, TroublesPage, "troubles")
    assert listed.list.asked.chip == trouble.STUCK, "nothing lies under the kinds before it"
    (one,) = listed.list.list.rows
    assert (one.title, one.office, one.count) == ("数据包（第 1—1 条）", row.office, 2)
    listed.panel.follow(one)
    rest(desk)
    assert "没有丢" in words(listed.panel)
    assert "联系技术支持" in words(listed.panel)
    assert one.key[:12] in words(listed.panel)
    assert "已处理" not in [each.text() for each in listed.panel.findChildren(Button)]
    repaired(here.world)
    for each in (listed, shown):
        each.reload()
    rest(desk)
    assert listed.list.list.total == shown.list.list.total == 0
    here.world.sync(station)
    assert station.outcomes() == ["applied"] * 2


def test_what_is_stored_and_not_decided_yet_is_said_quietly_and_is_nobodys_work(
    qtbot: QtBot, anywhere: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What several files say counts once; the beginning of an action waits for its end."""
    here = anywhere
    busy, half = (here.world.station(f"51990200100{n}") for n in (1, 2))
    half.do(lambda s: [register(s, name=f"人{n}", id_no=an_id_number(sequence=n)) for n in (1, 3)])
    with monkeypatch.context() as small:
        small.setattr(outbox, "PART_BYTES", 1)
        here.world.centre.accept(whole(half, here))
    for name, number in (("王秀英", HERS), ("罗玉梅", OTHERS)):
        busy.do(register, name=name, id_no=number)
        here.world.centre.take_all([whole(busy, here)], later=True)
    with sitting(here.opened) as desk:
        shown = page(desk, StationsPage, "stations")
        rows = {one.code[-1]: one for one in shown.list.list.rows}
    assert [rows["1"].queued, rows["2"].queued] == [2, 1]
    for row in rows.values():
        assert not row.needs
        assert [one.text for one in tags(row)] == [f"{row.queued} 条已收好，还没有办"]
    assert "不用另外办理" in banners(rows["1"])[0].text.text()
    assert "其余的送到以后一起办" in banners(rows["2"])[0].text.text()
    assert sum(asked(here, overview.waiting).values()) == 0


def test_the_command_says_what_waits_and_what_the_program_fails_at(
    here: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SANGYU_PASSWORD", PASSWORD)
    station = here.world.station("519902001001")
    station.do(register)
    failed_at(here.world, station)
    here.opened.close()
    asks = ["centre", "status", "--home", str(here.home.dir), "--as", centre.NAME]
    assert command.main([*asks, "--json"]) == 0
    (said,) = json.loads(capsys.readouterr().out)["stations"]
    assert (said["received"], said["queued"], said["stuck"]) == (0, 1, 1)
    assert command.main(asks) == 0
    told = capsys.readouterr().out
    assert "另有 1 条已收好，还没有办" in told
    assert "程序办不了，请升级程序" in told


def whole(station: Node, here: Place) -> bytes:
    """What the station would send now."""
    with station.store.look() as session:
        return outbox.parts(session, station.keys, here.world.card, station.code)[0].data


def test_a_computer_is_stopped_in_words_and_heard_no_more(desk: Sitting, here: Place) -> None:
    station = here.world.station("519902001001")
    here.world.sync(station)
    shown = page(desk, StationsPage, "stations")
    with prepared("电脑丢失", NO):
        shown.revoke(shown.list.list.rows[0])
    rest(desk)
    here.world.sync(station)
    with prepared("电脑丢失", YES) as seen:
        shown.revoke(shown.list.list.rows[0])
    rest(desk)
    assert "不能撤销" in seen.asked[-1].points[-1]
    with pytest.raises(Fault, match="已被区中心停止"):
        here.world.sync(station)
    shown.list.start(shown.list.asked.but(chip=stations.REVOKED))
    rest(desk)
    row = shown.list.list.rows[0]
    assert (row.reason, row.revoked_by) == ("电脑丢失", "陈主任")
    assert "电脑丢失" in banners(row)[0].text.text()
    assert "停用" in contact(row).text


def test_a_station_is_invited_and_approved_at_the_window(
    desk: Sitting, here: Place, tmp_path: Path
) -> None:
    shown = page(desk, StationsPage, "stations")
    invitation, answer, approval = (tmp_path / f"{n}.sangyu" for n in ("i", "a", "p"))
    with prepared("丹州社区服务站", invitation) as seen:
        shown.invite()
        rest(desk)
    invited = enrol.read_invitation(invitation.read_bytes())
    assert seen.asked[-1].points == (f"核对码：{invited.centre.fingerprint}",)
    shown.list.start(shown.list.asked.but(chip=stations.INVITED))
    rest(desk)
    assert [one.office for one in shown.list.list.rows] == ["丹州社区服务站"]
    station = here.world.joining(invited)
    with station.store.apply() as session:
        answer.write_bytes(enrol.answer(session, station.keys, invited, ""))
    for place, told in ((None, "批准文件还没有存"), (tmp_path / "没有" / "p", "文件没有存好")):
        with prepared(answer, place) as seen:
            shown.approve()
            rest(desk)
        assert seen.asked[-1].title == told
        assert "已存好" not in desk.window.toast.text.text()
    with prepared(answer, approval):
        shown.approve()
        rest(desk)
    assert desk.window.toast.text.text() == "批准文件已存好：p.sangyu"
    with station.store.apply() as session:
        enrol.accept(session, station.keys, invited.centre, approval.read_bytes())
    station.do(register)
    assert here.world.sync(station).pending == 0
    with prepared(invitation) as seen:
        shown.approve()
        rest(desk)
    assert "不是回复文件" in seen.asked[-1].text


def test_how_long_ago() -> None:
    spans = (
        timedelta(seconds=20),
        timedelta(minutes=5),
        timedelta(hours=3),
        timedelta(days=9),
    )
    assert [ago(one) for one in spans] == ["刚才", "5 分钟前", "3 小时前", "9 天前"]


def test_a_code_table_is_taken_out_changed_and_published(
    desk: Sitting, here: Place, tmp_path: Path
) -> None:
    station = here.world.station("519902001001")
    tab = settings_tab(desk, "codes")
    assert isinstance(tab, CodeTablesTab)
    keys = [one.key for one in tab.rows]
    tab.table.go_to(keys.index("CONSENT_KIND"))
    path = tmp_path / "代码表.xlsx"
    with prepared(path):
        tab.out.click()
        rest(desk)
    head, *rows = sheet.read(path)[0].rows
    columns = [str(one) for one in head]
    path.write_bytes(sheet.write_xlsx(columns, [*rows, ("8", "照片上宣传栏", "", "是", "", "")]))
    with prepared(path, YES) as seen:
        tab.take.click()
        rest(desk)
    assert seen.asked[-1].points[0] == "新增：8 照片上宣传栏"
    assert desk.window.toast.text.text() == "代码表“事项（告知与同意）”已下发，各站下次联系时收到"
    assert tab.rows[keys.index("CONSENT_KIND")].since is not None
    assert not clipped(tab)
    with prepared(path) as seen:
        tab.take.click()
        rest(desk)
    assert "不用下发" in seen.asked[-1].text
    codes.forget()
    here.world.sync(station)
    station.get(code_table.use_published_codes)
    assert codes.table("CONSENT_KIND").name("8") == "照片上宣传栏"
    codes.forget()


# disputes ---------------------------------------------------------------------------------------


def slip(desk: Sitting, shown: DisputesPage) -> SlipDialog:
    shown.list.list.opened.emit(shown.list.list.rows[0])
    rest(desk)
    made = desk.window.findChildren(SlipDialog)[-1]
    assert made.isVisible()
    return made


@pytest.mark.filterwarnings("ignore:.*setActiveWindow")  # a window system does it unasked
def test_a_dispute_begins_at_its_first_choice_though_another_window_was_in_front(
    desk: Sitting, here: Place
) -> None:
    """Whoever comes back to the dialog just as its cards come."""
    here.disputed()
    dialog = slip(desk, page(desk, DisputesPage, "disputes"))

    def come_back(found: ruling.Slip) -> None:
        dialog._show(found)
        QApplication.setActiveWindow(desk.window)
        QApplication.setActiveWindow(dialog)

    dialog.context.work.ask(ruling.slip, dialog.about, dialog.chip, done=come_back)
    rest(desk)
    assert dialog.focusWidget() is dialog.parts[0].sides[0][0]


def test_a_dispute_is_answered_in_the_window_and_read_at_the_station(
    desk: Sitting, here: Place
) -> None:
    station, key = here.disputed()
    shown = page(desk, DisputesPage, "disputes")
    assert [(one.name, one.labels) for one in shown.list.list.rows] == [("王秀英", ("身份证号",))]
    dialog = slip(desk, shown)
    part = dialog.parts[0]
    assert "裁定以前保持现有的值" in [one.text for one in part.findChildren(Tag)]
    assert [side.shown for _, side in part.sides] == [mask(OTHERS), mask(THIRD)]
    assert not dialog.act.isEnabled()
    assert dialog.focusWidget() is part.sides[0][0]
    QTest.keyClick(part.sides[0][0], Qt.Key.Key_Right)
    assert part.sides[1][0].isChecked()
    assert not dialog.act.isEnabled()
    QTest.keyClick(part.sides[1][0], Qt.Key.Key_Tab)
    assert dialog.focusWidget() is dialog.ground
    dialog.ground.setPlainText("身份证原件")
    assert dialog.act.isEnabled()
    dialog.rule()
    rest(desk)
    assert not dialog.isVisible()
    assert shown.list.list.total == 0
    here.world.sync(station)
    assert station.person(key).id_no == THIRD  # type: ignore[union-attr]
    with station.store.look() as session:
        session.info["desk"] = here.opened.desk
        assert "采用本站的值，依据：身份证原件" in exchange.kept(session)[0].ruling
    desk.window.undo_wanted.emit()
    rest(desk)
    assert shown.list.list.total == 1
    here.world.sync(station)
    assert station.person(key).id_no == OTHERS  # type: ignore[union-attr]


def test_under_who_said_a_value_stands_on_what_grounds(desk: Sitting, here: Place) -> None:
    station = here.world.station("519902001001")
    seat(station, "head")
    key = str(station.do(register, id_no=HERS))
    here.world.sync(station)
    long = "连续三次电话和上门都没有找到人，居委会、派出所和原单位也都说不知道去向；" * 2
    here.world.node.do(movement.lost, key, date(2026, 11, 20), long)
    station.do(movement.moved_out, key, date(2026, 11, 20), "省外", "子女同住，户口本已核对")
    here.world.sync(station)
    dialog = slip(desk, page(desk, DisputesPage, "disputes"))
    said = words(dialog).splitlines()
    at, other = said.index("失联"), said.index("迁出中")
    assert said[at + 2] == f"依据：{long}"
    assert "519902001001社区" in said[other + 1]
    assert said[other + 2] == "依据：子女同住，户口本已核对"
    fits_at_every_size(desk, dialog)


def test_a_value_of_ones_own_is_checked_beside_its_field(desk: Sitting, here: Place) -> None:
    station, key = here.disputed()
    dialog = slip(desk, page(desk, DisputesPage, "disputes"))
    part = dialog.parts[0]
    part.own.setChecked(True)
    assert part.editor is not None
    part.editor.put("51990219461123")
    dialog.ground.setPlainText("户籍系统")
    dialog.rule()
    rest(desk)
    assert dialog.isVisible()
    assert part.own_field.level == "err"
    part.editor.put(HERS)
    dialog.rule()
    rest(desk)
    here.world.sync(station)
    assert station.person(key).id_no == HERS  # type: ignore[union-attr]


def test_the_papers_printed_with_a_value_are_named_with_what_the_choice_means(
    here: Place,
) -> None:
    station = here.world.station("519902001001")
    key = str(station.do(register, id_no=HERS))
    here.world.sync(station)
    station.do(edit, key, id_no=THIRD)
    station.do(printed, key, "RZ26-ABC-00001-7")
    here.world.node.do(edit, key, id_no=OTHERS)
    here.world.sync(station)
    item = asked(here, ruling.slip, key).items[0]
    assert [(one.number, one.shown) for one in item.papers] == [("RZ26-ABC-00001-7", mask(THIRD))]
    assert "印的不是这个值" in effect(item, item.now)
    assert "印的不是" not in effect(item, item.others[0])
    assert "RZ26-ABC-00001-7" in effect(item, None)


def test_of_a_paper_no_value_is_told_that_its_station_may_not_have_seen(here: Place) -> None:
    station = here.world.station("519902001001")
    key = str(station.do(register, id_no=HERS))
    here.world.sync(station)
    here.world.node.do(edit, key, id_no=OTHERS)
    here.world.sync(station)
    station.do(printed, key, "RZ26-ABC-00001-7")
    here.world.node.do(edit, key, id_no=HERS)
    station.do(edit, key, id_no=THIRD)
    here.world.sync(station)
    item = asked(here, ruling.slip, key).items[0]
    assert [(one.number, one.shown) for one in item.papers] == [("RZ26-ABC-00001-7", "")]
    assert "印的是 哪个值不能确定" in effect(item, None)
    assert "RZ26-ABC-00001-7 印的是不是这个值，要请站点核对" in effect(item, item.now)


def test_a_paper_of_a_station_that_saw_nothing_newer_has_its_own_value(here: Place) -> None:
    station = here.world.station("519902001001")
    key = str(station.do(register, id_no=HERS))
    here.world.sync(station)
    here.world.node.do(edit, key, id_no=OTHERS)
    station.do(printed, key, "RZ26-ABC-00001-7")
    station.do(edit, key, id_no=THIRD)
    here.world.sync(station)
    item = asked(here, ruling.slip, key).items[0]
    assert [one.shown for one in item.papers] == [mask(HERS)]


def test_what_was_taken_back_is_shown_with_nothing_to_decide(desk: Sitting, here: Place) -> None:
    station = here.world.station("519902001001")
    key = str(station.do(register, id_no=HERS))
    here.world.sync(station)
    here.world.node.do(edit, key, door_note="按铃")
    station.do(turn, key)
    station.do(turn, key)
    here.world.sync(station)
    dialog = desk.open("dispute", about=key, chip=ruling.RULED)
    rest(desk)
    assert isinstance(dialog, SlipDialog)
    assert not dialog.act.isVisible()
    (told,) = (one.title.text() for one in dialog.parts[0].findChildren(Banner))
    assert told == "不用裁定了"


def printed(session: Any, key: str, number: str) -> None:
    session.add(Print(paper="资格认证表", number=number, retiree_id=key, printed_at=clock.now()))


def test_a_clock_that_ran_ahead_is_told(here: Place) -> None:
    station = here.world.station("519902001001")
    key = str(station.do(register, id_no=HERS))
    here.world.sync(station)
    here.world.node.do(edit, key, id_no=OTHERS)
    with clock.freeze(clock.now() + timedelta(hours=3)):
        station.do(edit, key, id_no=THIRD)
    here.world.sync(station)
    other: Side = asked(here, ruling.slip, key).items[0].others[0]
    assert other.ahead is not None
    assert timedelta(hours=2) < other.ahead < timedelta(hours=4)


# what else waits --------------------------------------------------------------------------------


def test_a_forged_file_and_a_refused_entry_wait_with_reason_and_advice(
    desk: Sitting, here: Place
) -> None:
    one, two = here.world.station("519902001001"), here.world.station("519902001002")
    key = str(one.do(register))
    here.world.sync(one)
    with two.store.apply() as session:  # a person of another station, as if it were here
        session.add(
            Retiree(id=key, office_id=two.desk.office_id, created_at=clock.now(), name="王秀英",
                    id_no=HERS, row_version=1, is_void=False, stamps={"*": "0" * 32})
        )  # fmt: skip
    two.do(edit, key, mobile="13900000001")
    here.world.sync(two)
    two.keys, keys = here.world.node.keys, two.keys
    with pytest.raises(Fault, match="签名"):
        here.world.sync(two)
    two.keys = keys
    shown = page(desk, TroublesPage, "troubles", chip=trouble.ASIDE)
    row = shown.list.list.rows[0]
    assert (row.title, row.reason) == ("王秀英 · 人员资料", "这条资料不归本站管理")
    assert "更正后重新登记" in row.todo
    shown.looked(row)
    rest(desk)
    assert shown.list.list.total == 0
    shown.list.start(shown.list.asked.but(chip=trouble.FILES))
    rest(desk)
    row = shown.list.list.rows[0]
    assert (row.title, row.reason) == (
        "自称 519902001002社区 的数据包",
        "签名不对，可能被改动过或者是冒名的",
    )
    shown.looked(row)
    rest(desk)
    assert set(asked(here, trouble.chips).values()) == {0}
    notes = asked(here, lambda s: s.scalar(select(func.count()).select_from(RawBatch)
                                           .where(RawBatch.refused.is_not(None))))  # fmt: skip
    assert notes == 1


def test_everybody_of_every_station_is_found_and_only_looked_at(desk: Sitting, here: Place) -> None:
    names = {"519902001001": "王秀英", "519902001002": "李建国"}
    for code, name in names.items():
        station = here.world.station(code)
        station.do(register, name=name, id_no=HERS if name == "王秀英" else OTHERS)
        here.world.sync(station)
    shown = page(desk, EverybodyPage, "people")
    rows = shown.list.list.rows
    assert {(row.name, row.office) for row in rows} == {
        (name, f"{code}社区") for code, name in names.items()
    }
    office = next(key for key, name in asked(here, retiree.offices) if "001002" in name)
    shown.list.start(Asked(chip="managed", filters={"office": office}))
    rest(desk)
    assert [row.name for row in shown.list.list.rows] == ["李建国"]
    assert shown.list.search.text() == ""

    (hit,) = asked(here, retiree.find, "wxy")
    assert hit.address.startswith("519902001001社区")
    finder = desk.open("find", text="wxy")
    assert isinstance(finder, Finder)
    finder.ask("wxy")
    rest(desk)
    assert not [one for one in finder.findChildren(Button) if one.text() == "登记为新人员"]
    finder.take()
    rest(desk)
    person = desk.window.page()
    assert isinstance(person, PersonPage)
    assert person.title == "王秀英"
    assert "区中心查看" in words(person)
    acts = {one.text() for one in person.findChildren(Button) if one.isVisibleTo(person)}
    assert not acts & {"编辑", "登记走访", "打印认证表", "添加"}
    assert person.nav == "people"


def test_the_agencys_list_is_taken_in_at_the_centre_and_closes_tasks_at_the_station(
    desk: Sitting, here: Place, tmp_path: Path
) -> None:
    station = here.world.station("519902001001")
    key = str(station.do(register, id_no=HERS))
    here.world.sync(station)
    path = tmp_path / "比对.xlsx"
    today = clock.today().isoformat()
    body = [[HERS, "王秀英", today, "数据比对"], [OTHERS, "无此人", today, "数据比对"]]
    path.write_bytes(sheet.write_xlsx(["身份证号", "姓名", "认证日期", "方式"], body))
    dialog = desk.open("results")
    assert isinstance(dialog, ResultsDialog)
    with prepared(path):
        dialog.choose.click()
        rest(desk)
        rest(desk)
    assert "1 行没有对上" in words(dialog)
    assert "无此人" in words(dialog)
    here.world.sync(station)
    held = station.get(lambda session: session.scalars(select(Certification)).one())
    assert (held.retiree_id, held.certified_on) == (key, clock.today())


def test_the_head_erases_somebody_who_asked_for_it(desk: Sitting, here: Place) -> None:
    station = here.world.station("519902001001")
    key = station.do(register, id_no=HERS)
    here.world.sync(station)
    desk.open("person", retiree_id=key)
    rest(desk)
    person = desk.window.page()
    assert isinstance(person, PersonPage)
    assert [act.name for act in person.head.menu_acts() if act][-1] == "erase"
    with prepared("本人书面申请", NO):
        person._act("erase", "")
    with prepared("王秀英本人申请", YES, None):
        person._act("erase", "")
        rest(desk)
    assert here.world.node.person(key) is not None
    with prepared("本人书面申请", YES) as seen:
        person._act("erase", "")
        rest(desk)
    assert seen.asked[-1].type_this == "王秀英"
    assert "谁也不能恢复" in "".join(seen.asked[-1].points)
    assert isinstance(desk.window.page(), EverybodyPage)
    assert here.world.node.person(key) is None
    done = here.world.sync(station)
    assert done.erased == [key]
    assert told_words(done).startswith(f"按规定清除了 1 人的资料（编号 {key}）")
    assert "王秀英" not in told_words(done)


def test_people_registered_twice_wait_until_somebody_has_seen_to_it(
    desk: Sitting, here: Place
) -> None:
    first, station = (here.world.station(f"51990200100{n}") for n in (1, 2))
    keys = []
    for node in (first, station):
        node.do(register, id_no=an_id_number(sequence=28))
        keys.append(node.do(register, id_no=HERS))
        here.world.sync(node)
    shown = page(desk, TroublesPage, "troubles")
    assert shown.list.asked.chip == trouble.TWICE, "nothing lies under the kinds before it"
    assert shown.list.list.total == 2
    row = shown.list.list.rows[0]
    assert row.office == "519902001001社区、519902001002社区"
    assert "不管的一方登记迁出或作废" in row.todo
    station.do(retiree.void_registration, keys[-1], "归另一站管")
    here.world.sync(station)
    shown.reload()
    rest(desk)
    (row,) = shown.list.list.rows
    shown.list.list.model.tick(0)
    shown.look_at_ticked()
    rest(desk)
    assert shown.list.list.total == 0
    note = here.world.node.get(lambda s: s.query(Audit).filter_by(act="处理待办").one())
    assert (note.entity, note.entity_id, note.detail) == ("retiree", row.key, "重复登记")
    with pytest.raises(Refusal, match="已经有人处理过"):
        here.world.node.do(trouble.looked_at_all, [row.key])


def test_ticked_certifications_are_confirmed_together_and_taken_back(
    desk: Sitting, here: Place
) -> None:
    station = here.world.station("519902001001")
    for n in (26, 28, 30):
        key = station.do(register, id_no=an_id_number(sequence=n))
        station.do(certified, key)
    here.world.sync(station)
    shown = page(desk, TroublesPage, "troubles", chip=trouble.CERTS)
    ids = [row.key for row in shown.list.list.rows]
    here.world.node.do(certification.confirm, ids[0])
    for place in range(3):
        shown.list.list.model.tick(place)
    offered = [key for key, button in shown.batch.items() if not button.isHidden()]
    assert offered == [trouble.CERTS]
    shown.batch[trouble.CERTS].click()
    rest(desk)
    assert shown.list.list.total == 0
    assert "已确认 2 份认证" in desk.window.toast.text.text()
    desk.window.toast.press()
    rest(desk)
    assert [row.key for row in shown.list.list.rows] == ids[1:]


def test_certifications_are_confirmed_or_sent_back_with_a_reason(
    desk: Sitting, here: Place
) -> None:
    station = here.world.station("519902001001")
    for n in (26, 28):
        key = station.do(register, id_no=an_id_number(sequence=n))
        station.do(certified, key)
    here.world.sync(station)
    shown = page(desk, TroublesPage, "troubles", chip=trouble.CERTS)
    first, second = shown.list.list.rows
    assert asked(here, overview.waiting)["troubles"] == 0
    shown.confirm(first)
    rest(desk)
    with prepared("照片不是本人"):
        shown.refuse(second)
        rest(desk)
    assert shown.list.list.total == 0
    here.world.sync(station)
    told = station.get(lambda s: {one.id: one for one in s.scalars(select(Certification))})
    assert told[first.key].report_state == CONFIRMED
    assert (told[second.key].report_state, told[second.key].void_reason) == (
        REFUSED,
        "照片不是本人",
    )


def test_at_the_largest_letters_a_matter_opens_in_place_of_the_list(
    qtbot: QtBot, desk: Sitting, here: Place
) -> None:
    station = here.world.station("519902001001")
    station.do(certified, station.do(register, id_no=an_id_number(sequence=26)))
    here.world.sync(station)
    desk.window.resize(1366, 688)
    with scale.at(1.5):
        shown = page(desk, TroublesPage, "troubles", chip=trouble.CERTS)
        table = shown.list.list.table
        assert not shown.panel.isVisible()
        qtbot.keyClick(table, Qt.Key.Key_Return)
        assert shown.panel.isVisible()
        assert not shown.list.list.isVisible()
        assert shown.panel.width() > 0.9 * shown.list.width()
        assert shown.escape()
        assert table.isVisible()
        qtbot.keyClick(table, Qt.Key.Key_Return)
        confirm = next(one for one in shown.panel.findChildren(Button) if one.text() == "确认")
        confirm.setFocus()
        qtbot.keyClick(confirm, Qt.Key.Key_Space)
        rest(desk)
        assert shown.list.list.total == 0
        assert shown.list.list.isVisible()
        assert not shown.panel.isVisible()


def certified(session: Any, key: str) -> None:
    session.add(Certification(retiree_id=key, certified_on=clock.today(), method="04", result="1"))


def held(here: Place) -> tuple[Node, str]:
    """An edit that rests on a change the centre never got."""
    station = here.world.station("519902001001")
    key = str(station.do(register, mobile="13800002617", id_no=HERS))
    here.world.sync(station)
    with station.store.apply() as session:
        who = session.get_one(Retiree, key)
        who.stamps = {**who.stamps, "mobile": "f" * 32, "id_no": "f" * 32}
    station.do(edit, key, mobile="13900000001")
    here.world.sync(station)
    return station, key


def test_what_was_held_long_enough_can_be_forced_and_becomes_a_dispute(
    desk: Sitting, here: Place
) -> None:
    station, key = held(here)
    shown = page(desk, TroublesPage, "troubles", chip=trouble.HELD)
    row = shown.list.list.rows[0]
    assert not row.can_force
    assert row.reason == "“手机”更早的一次修改还没有送到"
    with prepared(YES) as seen:
        shown.force(row)
        rest(desk)
    assert "等满 7 天" in seen.asked[-1].text
    with clock.freeze(clock.now() - timedelta(days=400)):  # it came while the clock was ahead
        shown.reload()
        rest(desk)
        row = shown.list.list.rows[0]
        assert row.can_force
        assert "今天" in [one.text for one in troubles_cells(row) if isinstance(one, Text)]
    with clock.freeze(clock.now() + timedelta(days=8)):
        shown.reload()
        rest(desk)
        row = shown.list.list.rows[0]
        assert row.can_force
        with prepared(YES):
            shown.force(row)
            rest(desk)
        assert shown.list.list.rows[0].forced
        here.world.sync(station)
    assert asked(here, lambda s: s.scalars(select(Held)).all()) == []
    case = asked(here, lambda s: s.scalars(select(Conflict)).one())
    assert (case.field, case.needs_person) == ("mobile", True)
    assert here.world.node.person(key).mobile == "13800002617"  # type: ignore[union-attr]
    assert station.outcomes() == ["applied", "case"]


def test_an_edit_of_somebody_who_never_came_is_set_aside_when_forced(here: Place) -> None:
    station = here.world.station("519902001001")
    with station.store.apply() as session:
        session.add(
            Retiree(id="a" * 32, office_id=station.desk.office_id, created_at=clock.now(),
                    name="罗玉梅", id_no=HERS, row_version=1, is_void=False,
                    stamps={"*": "b" * 32})
        )  # fmt: skip
    station.do(edit, "a" * 32, mobile="13900000001")
    here.world.sync(station)
    row = asked(here, trouble.troubles, trouble.HELD).rows[0]
    assert row.reason == "这条人员资料的登记还没有送到"
    with clock.freeze(clock.now() + timedelta(days=8)):
        here.world.node.do(trouble.force, row.key)
        here.world.sync(station)
    assert station.outcomes() == ["quarantined"]
    row = asked(here, trouble.troubles).rows[0]
    assert row.reason == "它所依据的资料一直没有送到"
    here.world.node.do(trouble.looked, row.key)
    notes = here.world.node.get(lambda s: [(one.act, one.detail) for one in s.query(Audit)])
    assert {("不等前面的资料", "人员资料"), ("处理待办", "人员资料")} <= set(notes)


# both at once -----------------------------------------------------------------------------------


def test_the_service_takes_files_in_while_the_desktop_decides(
    qtbot: QtBot, anywhere: Place
) -> None:
    """One writer at a time on one database: nobody is turned away, nothing is lost."""
    here = anywhere
    people = [here.disputed(f"51990200100{n}") for n in (1, 2, 3)]
    failed: list[Exception] = []

    def send(station: Node) -> None:
        link = HttpLink(msgspec.structs.replace(here.world.card, url=url))
        try:
            for n in range(6):
                station.do(edit, ids[station.code], mobile=f"1380000{n:04}")
                sync_now(station.store, station.keys, link, station.code)
        except Exception as error:
            failed.append(error)
        finally:
            link.close()

    ids = {station.code: key for station, key in people}
    certificate = here.world.card.certificate.encode()
    with (
        Service(here.world.centre, certificate, here.world.private) as port,
        sitting(here.opened) as made,
    ):
        url = f"https://127.0.0.1:{port}"
        threads = [threading.Thread(target=send, args=(one,)) for one, _ in people]
        for each in threads:
            each.start()
        shown = page(made, DisputesPage, "disputes")
        for _ in people:
            shown.reload()
            rest(made)
            dialog = slip(made, shown)
            dialog.parts[0].sides[1][0].setChecked(True)
            dialog.ground.setPlainText("身份证原件")
            dialog.rule()
            rest(made)
        for each in threads:
            each.join()
    assert failed == []
    for station, key in people:
        here.world.sync(station)
        for node in (station, here.world.node):
            who = node.person(key)
            assert who is not None
            assert (who.id_no, who.mobile) == (THIRD, "13800000005")
        assert None not in station.outcomes()


def test_keys_in_an_empty_list_go_to_what_chooses_another(
    qtbot: QtBot, desk: Sitting, here: Place
) -> None:
    with qtbot.waitActive(desk.window):
        desk.window.activateWindow()
    shown = page(desk, TroublesPage, "troubles")
    assert shown.list.list.total == 0
    chip = shown.list.chips.buttons[trouble.ASIDE]
    assert chip.hasFocus()
    QTest.keyClick(chip, Qt.Key.Key_Right)
    rest(desk)
    assert shown.list.chips.buttons[trouble.HELD].hasFocus()


# clocks ---------------------------------------------------------------------------------------


def heard_with(here: Place, *ahead: timedelta) -> None:
    """Stations come over the network, whose clocks are so far ahead of the centre's."""
    centre, certificate = here.world.centre, here.world.card.certificate.encode()
    with Service(centre, certificate, here.world.private) as port:
        card = msgspec.structs.replace(here.world.card, url=f"https://127.0.0.1:{port}")
        for number, off in enumerate(ahead, 1):
            station = here.world.station(f"51990200100{number}")
            with clock.at(clock.now() + off), closing(HttpLink(card)) as link:
                sync_now(station.store, station.keys, link, station.code)
        until = time.monotonic() + 20
        while None in offsets(here) and time.monotonic() < until:
            time.sleep(0.05)


def offsets(here: Place) -> list[int | None]:
    query = select(Installation.clock_off).order_by(Installation.office_id)
    return [*asked(here, lambda session: session.scalars(query).all())]


def test_a_station_whose_clock_is_wrong_is_named_with_what_to_do(
    desk: Sitting, here: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "IDLE", 0.1)
    heard_with(here, timedelta(), timedelta(days=3, minutes=1), timedelta())
    assert not page(desk, OverviewPage, "overview").clock.isVisible()
    shown = page(desk, StationsPage, "stations")
    rows = {one.code[-1]: one for one in shown.list.list.rows}
    assert [one.text for one in tags(rows["1"])] == ["正常"]
    assert [one.text for one in tags(rows["2"])] == ["时钟快 3 天"]
    assert banners(rows["2"])[0].title.text() == "时钟比区中心快 3 天"


def test_where_recovery_did_not_work_or_was_not_tried_is_named_with_what_to_do(
    desk: Sitting, here: Place
) -> None:
    """And what the station said of it is what the centre reads."""
    bad, good, never = (here.world.station(f"51990200100{n}") for n in (1, 2, 3))
    bad.do(standing.note, "没有备份。请备份", passed=False)
    good.do(standing.note, "能恢复", passed=True)
    for each in (bad, good, never):
        here.world.sync(each)
    shown = page(desk, StationsPage, "stations")
    rows = {one.code[-1]: one for one in shown.list.list.rows}
    said = {key: [one.text for one in tags(row)] for key, row in rows.items()}
    assert said == {"1": ["恢复演练没有通过"], "2": ["正常"], "3": ["正常"]}
    assert rows["1"].needs
    (banner,) = banners(rows["1"])
    assert banner.text.text().endswith("演练时说：没有备份。请备份")
    assert rows["2"].drilled.endswith(" 通过")
    assert rows["3"].drilled == "还没有演练过"
    with clock.freeze(clock.now() + timedelta(days=140)):
        late = {one.code[-1]: one for one in asked(here, stations.every) if one.code}
        assert next(one.text for one in tags(late["2"])) == "恢复演练逾期"
        assert late["2"].drilled.endswith(" 通过，逾期")
        assert late["3"].drilled == "还没有演练过，逾期"
        assert "现在演练" in banners(late["3"])[0].text.text()
        run(here.opened.store, here.opened.desk, parameter.publish, "drill_months", 0, doc_no="会")
        assert not any(one.drill_late for one in asked(here, stations.every))


def test_a_station_that_proves_nothing_is_named_with_what_is_safe_and_what_to_do(
    desk: Sitting, here: Place
) -> None:
    station = here.world.station("519902001001")
    here.world.sync(station)
    with station.store.apply() as session:
        me = session.scalars(select(Replica)).one()
        me.down_seq, me.told_by, me.acked_by = me.down_seq + 5, None, None
    here.world.sync(station)
    shown = page(desk, StationsPage, "stations")
    (row,) = shown.list.list.rows
    assert row.needs
    assert [one.text for one in tags(row)] == ["读到哪里没有凭据"]
    (said,) = banners(row)
    assert "没有采信" in said.text.text()
    assert "别的站点不受影响" in said.text.text()
    assert "请打电话核实" in said.text.text()


def test_a_centre_whose_own_clock_is_years_off_says_so_on_its_first_page(
    desk: Sitting, here: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "IDLE", 0.1)
    heard_with(here, *[-timedelta(days=14_610, minutes=1)] * 2, timedelta(hours=5))
    shown = page(desk, OverviewPage, "overview")
    assert shown.clock.isVisible()
    assert shown.clock.title.text() == "区中心电脑的时钟比多数站点快 14,610 天"
    assert not clipped(desk.window)
    listed = page(desk, StationsPage, "stations")
    assert {one.text for row in listed.list.list.rows for one in tags(row)} == {"正常"}
    with here.opened.store.apply() as session:
        for one in session.scalars(select(Installation)):
            one.clock_off = 0
    shown = page(desk, OverviewPage, "overview")
    shown.reload()
    rest(desk)
    assert not shown.clock.isVisible()
