"""The desktop at a city: what the districts report, to look at; what is theirs to do is not
offered here, and says where it is done."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import (
    account,
    audit,
    certification,
    districts,
    erasure,
    handover,
    movement,
    overview,
    retiree,
    revocation,
    ruling,
    stations,
    trouble,
)
from app import centre as verbs
from app.kit.refusal import Refusal
from app.retiree import People
from models.exchange import Replica
from models.kit import clock
from models.kit.base import facts
from models.kit.fields import Circle
from models.retiree import MOVED_OUT, Retiree
from sync import enrol, uplink
from sync.fault import Fault
from tests.sync.city_parts import Above, all_parts, at_desk, next_part, own_office, rewritten
from tests.sync.parts import World, edit, register, world
from tests.ui import centre
from tests.ui.centre import PASSWORD, Place
from tests.ui.homes import YES, page, rest, sitting, words
from ui.exchange import enrolment
from ui.kit.ask import prepared
from ui.kit.buttons import Button
from ui.kit.label import Elided
from ui.pages.overview import CITY_ONLY, OverviewPage
from ui.pages.person import PersonPage
from ui.pages.retirees.everywhere import EverybodyPage
from ui.pages.settings import SettingsPage
from ui.pages.settings.rules import CITY, RulesTab
from ui.pages.stations import StationsPage, rows
from ui.pages.stations.panel import city_banners
from ui.pages.stations.rows import city_cells
from ui.pages.troubles import TroublesPage
from ui.shell.session import Sitting


@dataclass
class City:
    """The open city, and the districts below it."""

    place: Place
    above: Above
    key: str

    @property
    def district(self) -> World:
        return self.above.districts[0]

    def ask(self, query: Callable[..., Any], *args: Any) -> Any:
        with self.place.opened.store.look() as session:
            session.info["desk"] = self.place.opened.desk
            return query(session, *args)

    def do(self, verb: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return self.place.world.node.do(verb, *args, **kwargs)

    def row(self) -> stations.StationRow:
        (found,) = self.ask(stations.every)
        return found  # type: ignore[no-any-return]


@pytest.fixture
def here(tmp_path: Path) -> Iterator[City]:
    """A district with one station and one person has reported once."""
    (tmp_path / "above").mkdir()
    with centre.place(tmp_path / "above", level="1") as made:
        above = Above(tmp_path, made.world)
        district = above.district()
        station = district.station("519902001001")
        key = str(station.do(register, mobile="13800002617", bank_account="6222000000000011"))
        district.sync(station)
        above.relay()
        yield City(made, above, key)


@pytest.fixture
def desk(qtbot: QtBot, here: City) -> Iterator[Sitting]:
    with sitting(here.place.opened) as made:
        yield made


def said(widget: QWidget) -> str:
    """Labels, and the lines that give way."""
    lines = (one.text for one in widget.findChildren(Elided) if one.isVisibleTo(widget))
    return "\n".join((words(widget), *lines))


def buttons(widget: QWidget) -> set[str]:
    return {one.text() for one in widget.findChildren(Button) if one.isVisibleTo(widget)}


def test_a_city_has_its_own_entries_and_figures_by_district(desk: Sitting, here: City) -> None:
    assert [one.text for one in desk.window.entries] == ["工作台", "区中心", "退休人员", "待办"]
    shown = page(desk, OverviewPage, "overview")
    assert CITY_ONLY in words(shown)
    read = here.ask(overview.overview)
    (row,) = read.offices
    assert (row.name, row.stations, row.people) == ("中心", 1, 1)
    assert (read.strangers, read.stations) == (1, 1)
    assert shown.model.rowCount() == 2


def test_people_of_all_districts_are_looked_at_without_closed_circles(
    desk: Sitting, here: City
) -> None:
    shown = page(desk, EverybodyPage, "people")
    assert shown.list.list.total == 1
    assert "导入认证结果" not in buttons(shown)
    who = page(desk, PersonPage, "person", retiree_id=here.key)
    assert "市级只查看" in words(who)
    assert "由区中心办理" in words(who)
    acts = [one.text for one in who.head.menu_acts() if one]
    assert acts == ["操作日志"]
    closed = {
        name
        for name, fact in facts(Retiree).items()
        if (fact.circle or Retiree.circle) is not Circle.GENERAL
    }
    seen = here.ask(retiree.person, here.key).values
    assert closed
    assert not closed & set(seen)
    assert here.district.node.person(here.key).bank_account  # type: ignore[union-attr]
    everybody = here.ask(retiree.people, People(office=here.row().office_id), 1)
    assert [(one.id, one.district) for one in everybody.rows] == [(here.key, "中心")]


def test_a_city_sees_what_each_district_passed_on_and_confirms_new_stations(
    desk: Sitting, here: City
) -> None:
    row = here.row()
    assert row.report is not None
    assert row.needs
    assert row.differs is False
    (one,) = row.report.stations
    assert one.people == 1
    assert one.received == here.district.stations[0].get(_own_words)
    assert row.received > one.received
    shown = page(desk, StationsPage, "stations")
    assert shown.title == "区中心"
    assert "邀请区中心" in buttons(shown)
    shown.panel.follow(row.id)
    shown.panel.load()
    rest(desk)
    assert "519902001001社区" in said(shown.panel)
    assert "1 个新站点待确认" in said(shown.panel)
    (act,) = [each for each in shown.panel.findChildren(Button) if each.text() == "确认…"]
    with prepared(YES) as questions:
        act.click()
        rest(desk)
    assert questions.asked
    after = here.row()
    assert (after.report.strangers, after.needs) == (0, False)  # type: ignore[union-attr]
    with pytest.raises(Refusal, match="已经确认过"):
        here.do(districts.confirm, one.office_id)
    assert any("确认站点" in str(each) for each in here.ask(audit.entries).rows)


def test_a_station_that_was_only_invited_is_no_station_yet_anywhere(here: City) -> None:
    invited = at_desk(here.district, "centre_head").do(verbs.invited, words="丹州社区服务站")
    here.above.relay()
    assert here.ask(verbs.find_office, invited["code"]).name == "丹州社区服务站"
    (listed,) = here.row().report.stations  # type: ignore[union-attr]
    read = here.ask(overview.overview)
    assert [one.stations for one in (*read.offices, read.total)] == [1, 1]
    second = here.district.station("519902001002")
    second.do(register)
    here.district.sync(second)
    here.above.relay()
    read = here.ask(overview.overview)
    assert [one.stations for one in (*read.offices, read.total)] == [2, 2]
    assert listed in here.row().report.stations  # type: ignore[union-attr]


def _own_words(session: Session) -> int:
    return session.scalars(select(Replica.seq)).one()


@pytest.mark.parametrize(
    "act",
    [
        lambda here: here.do(edit, here.key, mobile="13900001234"),
        lambda here: here.do(movement.suspected_death, here.key, clock.today(), "家属来电"),
        lambda here: here.do(certification.import_results, []),
        lambda here: here.do(certification.confirm, "RZ26-A1B-00001-1"),
        lambda here: here.ask(erasure.taking, here.key),
        lambda here: here.do(
            handover.assign, [here.key], here.row().office_id, clock.today(), "区划调整"
        ),
        lambda here: here.ask(ruling.slips),
    ],
)
def test_what_is_the_districts_to_do_is_refused_with_where_to_go(
    here: City, act: Callable[[City], object]
) -> None:
    with pytest.raises(Refusal, match=r"市级只查看各区报来的资料，不改.*区中心办理"):
        act(here)


def test_accounts_of_a_city_have_roles_of_a_city(here: City) -> None:
    vault = here.place.opened.vault
    with pytest.raises(Refusal, match="没有这个角色"):
        here.do(account.create, vault, "李经办", PASSWORD, ["centre_clerk"])
    made = here.do(account.create, vault, "李经办", PASSWORD, ["city_clerk"])
    assert made.role_names == "市级经办人"
    (head,) = (one for one in here.ask(account.accounts) if one.id != made.id)
    assert head.role_names == "市级负责人"
    with pytest.raises(Refusal, match="最后一位"):
        here.do(account.set_roles, vault, head.id, ["city_clerk"])


def test_rules_and_refused_files_say_whose_they_are(desk: Sitting, here: City) -> None:
    settings = page(desk, SettingsPage, "settings", tab="rules")
    assert isinstance(settings.tab, RulesTab)
    assert settings.tab.change.isHidden()
    assert CITY in said(settings.tab)
    here.district.node.do(edit, here.key, remark="改过的")
    data = next_part(here.district)
    lying = rewritten(
        here.above, here.district, data, lambda said: msgspec.structs.replace(said, needs=[])
    )
    with pytest.raises(Fault):
        here.place.world.centre.accept(lying[:-1] + bytes([lying[-1] ^ 1]))
    shown = page(desk, TroublesPage, "troubles")
    assert list(shown.list.chips.buttons) == [trouble.FILES, trouble.ACROSS]
    (row,) = here.ask(trouble.troubles, trouble.FILES).rows
    assert "区中心" in row.todo
    assert "站点" not in row.reason + row.todo
    assert here.ask(overview.waiting)["troubles"] == 1
    assert trouble.file_words("altered", is_city=True)[0] == "与站点签过名的原话不一致"


def test_somebody_in_two_districts_is_shown_until_one_lets_go_or_somebody_has_seen_to_it(
    desk: Sitting, here: City
) -> None:
    other = here.above.district()
    elsewhere, again = other.station("519902002001"), here.district.station("519902001002")
    twin = elsewhere.do(register, name="王秀瑛")
    other.sync(elsewhere)
    assert here.ask(trouble.chips)[trouble.ACROSS] == 0  # the other has told nobody yet
    here.above.relay(other)
    shown = page(desk, TroublesPage, "troubles", chip=trouble.ACROSS)
    (row,) = shown.list.list.rows
    assert (row.title, row.count) == ("王秀英、王秀瑛", 2)
    assert "519902194611230269" not in f"{row}"
    assert here.ask(districts.twice_counted) == 1
    assert here.ask(overview.waiting)["troubles"] == 1
    shown.looked(row)
    rest(desk)
    assert shown.list.list.total == 0
    again.do(register, name="王秀英")  # one more record is something new
    here.district.sync(again)
    here.above.relay()
    (row,) = here.ask(trouble.troubles, trouble.ACROSS).rows
    assert row.count == 3
    elsewhere.do(edit, twin, manage_state=MOVED_OUT)
    other.sync(elsewhere)
    here.above.relay(other)  # what is left is the first district's own to see to
    assert here.ask(trouble.chips)[trouble.ACROSS] == 0
    assert here.ask(districts.twice_counted) == 0


def test_a_file_that_came_before_the_one_it_builds_on_is_shown_until_that_came(
    qtbot: QtBot, here: City
) -> None:
    for number in range(6):
        here.district.node.do(edit, here.key, remark=f"第 {number} 次改" * 20)
    parts = all_parts(here.district, 600)
    assert len(parts) > 3
    city = here.place.world.centre
    city.accept(parts[-1])
    row = here.row()
    assert row.needs
    assert "等前面的数据包" in [one.title.text() for one in city_banners(row)]
    assert "等前面的数据包" in [one.text for one in rows.troubles(row)]
    for data in parts[:2]:
        city.accept(data)
    assert here.row().report.waits_since is not None  # type: ignore[union-attr]
    for data in parts:
        city.accept(data)
    assert here.row().report.waits_since is None  # type: ignore[union-attr]


def test_a_lost_computer_of_a_district_is_stopped(qtbot: QtBot, here: City) -> None:
    here.do(revocation.revoke, here.row().id, "服务器被盗")
    here.district.node.do(edit, here.key, remark="之后写的")
    with pytest.raises(Fault, match="市级已停用本区中心"):
        here.above.relay()
    assert [one.title.text() for one in city_banners(here.row())] == ["已停用"]


def test_a_district_is_called_by_its_name_from_the_first_file_on(here: City) -> None:
    folder = here.above.folder / "new"
    folder.mkdir()
    other = world(folder)
    other.node.do(own_office, "2", code="460204000000", name="天涯区中心")
    invited = here.do(verbs.invited, words="天涯区")
    city = here.place.world
    with city.centre.store.apply() as session:
        invitation = enrol.invite(session, city.centre.keys, city.card, invited)
    waits = [one for one in here.ask(stations.every) if one.invited_at]
    assert [one.office for one in waits] == ["天涯区"]
    with other.centre.store.apply() as session:
        read = enrol.read_invitation(invitation, of_district=True)
        answer = uplink.join(session, other.centre.keys, read)
    name, _ = enrolment.approve(here.place.opened, answer, verbs.approved)
    assert name == "天涯区中心"
    (row,) = (one for one in here.ask(stations.every) if one.last_contact_at is None)
    assert city_cells(row)[0].text == "天涯区中心"
    assert city_cells(row)[4].text == "没有核对过"
    other.centre.store.close()
