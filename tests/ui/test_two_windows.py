"""Two people of the centre at two windows on the same database: who comes second reads one calm
sentence and sees what is so now; nothing happens twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import account, erasure, handover, ruling
from app.kit.refusal import Refusal
from app.kit.run import run
from app.station import open_centre
from models.erasure import Erasure
from models.handover import WITHDRAWN, Handover
from models.kit import clock
from models.retiree import Retiree
from models.revocation import Revocation
from models.ruling import Ruling
from tests.make import an_id_number
from tests.sync.parts import edit, register
from tests.ui import centre
from tests.ui.centre import PASSWORD, THIRD, Place
from tests.ui.homes import page, rest, sitting, words
from tests.ui.test_assigning import two_stations
from ui.kit.ask import prepared
from ui.pages.disputes import DisputesPage
from ui.pages.disputes.slip import SlipDialog
from ui.pages.handovers.centre import TransfersPage
from ui.pages.person import PersonPage
from ui.pages.person.erase import erase
from ui.pages.stations import StationsPage
from ui.shell.session import Sitting

SECOND = "林小妹"
YES = True


Pair = tuple[Place, Sitting, Sitting]


@contextmanager
def two_windows(folder: Path, url: str | None = None) -> Iterator[Pair]:
    """The centre, the window of its head, and that of a colleague who may decide as well."""
    with centre.place(folder, url) as here:
        one = here.opened
        run(one.store, one.desk, account.create, one.vault, SECOND, PASSWORD, ["centre_head"])
        with (
            open_centre(one.home, SECOND, PASSWORD, url=url, alone=False) as other,
            sitting(one) as first,
            sitting(other) as second,
        ):
            yield here, first, second


@pytest.fixture
def pair(qtbot: QtBot, tmp_path: Path) -> Iterator[Pair]:
    with two_windows(tmp_path) as made:
        yield made


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def either(qtbot: QtBot, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Pair]:
    """On either database."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    with two_windows(tmp_path, url) as made:
        yield made


def count(here: Place, entity: Any) -> int:
    with here.opened.store.look() as session:
        return session.scalar(select(func.count()).select_from(entity)) or 0


def open_slip(desk: Sitting, key: str) -> SlipDialog:
    return page(desk, SlipDialog, "dispute", about=key)


def decide(desk: Sitting, slip: SlipDialog, label: str, side: int) -> None:
    part = next(one for one in slip.parts if one.item.label == label)
    part.sides[side][0].setChecked(True)
    slip.ground.setPlainText("身份证原件")
    slip.rule()
    rest(desk)


def said(desk: Sitting) -> str:
    return desk.window.toast.text.text()


def waiting(here: Place) -> int:
    with here.opened.store.look() as session:
        return ruling.chips(session)[ruling.OPEN]


def disputed_twice(here: Place) -> str:
    """Her number and her account, each changed here and there in an action of its own."""
    station, key = here.disputed()
    here.world.node.do(edit, key, bank_account="6222000000001107")
    station.do(edit, key, bank_account="6222000000003308")
    here.world.sync(station)
    return key


def assign(desk: Sitting, key: str, office: str) -> str:
    """What the person reads."""
    store, who = desk.station.store, desk.station.desk
    try:
        return run(store, who, handover.assign, [key], office, clock.today(), "辖区调整").result
    except Refusal as refusal:
        return refusal.message


def test_one_dispute_decided_at_two_windows_is_decided_once(pair: Pair) -> None:
    here, first, second = pair
    _, key = here.disputed()
    behind = page(first, DisputesPage, "disputes")
    slips = [open_slip(one, key) for one in (first, second)]
    decide(second, slips[1], "身份证号", 1)
    told = count(here, Ruling)
    decide(first, slips[0], "身份证号", 0)
    assert not slips[0].isVisible()
    assert said(first) == f"身份证号已由 {SECOND} 裁定，不用再定"
    assert behind.list.list.total == 0
    assert count(here, Ruling) == told
    with here.opened.store.look() as session:
        assert session.get_one(Retiree, key).id_no == THIRD


def test_two_answers_given_in_the_same_moment_are_one(either: Pair) -> None:
    here, first, second = either
    _, key = here.disputed()
    slips = [open_slip(one, key) for one in (first, second)]
    for side, slip in enumerate(slips):
        slip.parts[0].sides[side][0].setChecked(True)
        slip.ground.setPlainText("身份证原件")
    for slip in slips:
        slip.rule()
    for desk in (first, second, first):
        rest(desk)
    assert not any(slip.isVisible() for slip in slips)
    heard = sorted("不用再定" in said(desk) for desk in (first, second))
    assert heard == [False, True]
    with here.opened.store.look() as session:
        assert len(session.scalars(select(Ruling.choice).distinct()).all()) == 1


def test_who_decides_the_other_half_of_a_card_is_not_in_the_way(pair: Pair) -> None:
    here, first, second = pair
    key = disputed_twice(here)
    slips = [open_slip(one, key) for one in (first, second)]
    decide(second, slips[1], "身份证号", 1)
    decide(first, slips[0], "养老金账号", 1)
    assert not slips[0].isVisible()
    with here.opened.store.look() as session:
        who = session.get_one(Retiree, key)
        assert (who.id_no, who.bank_account) == (THIRD, "6222000000003308")
    assert waiting(here) == 0


def test_a_card_decided_in_part_elsewhere_is_shown_as_it_stands_with_what_was_typed(
    pair: Pair,
) -> None:
    here, first, second = pair
    key = disputed_twice(here)
    slips = [open_slip(one, key) for one in (first, second)]
    decide(second, slips[1], "身份证号", 1)
    slips[0].parts[0].sides[0][0].setChecked(True)
    decide(first, slips[0], "养老金账号", 1)
    assert [one.item.label for one in slips[0].parts] == ["养老金账号"]
    assert f"身份证号已由 {SECOND} 裁定，不用再定" in words(slips[0])
    assert slips[0].parts[0].sides[1][0].isChecked()
    assert slips[0].act.isEnabled()
    slips[0].rule()
    rest(first)
    assert not slips[0].isVisible()
    with here.opened.store.look() as session:
        assert session.get_one(Retiree, key).bank_account == "6222000000003308"


def test_a_value_that_changed_again_is_looked_at_again(pair: Pair) -> None:
    here, first, _ = pair
    _, key = here.disputed()
    slip = open_slip(first, key)
    newer = an_id_number(sequence=22)
    here.world.node.do(edit, key, id_no=newer)
    decide(first, slip, "身份证号", 1)
    assert slip.isVisible()
    assert "身份证号刚刚又有变动" in words(slip)
    assert slip.parts[0].sides[0][1].value == newer
    assert slip.parts[0].choice() is None


def test_somebody_erased_meanwhile_is_decided_about_and_handed_over_no_more(pair: Pair) -> None:
    here, first, second = pair
    _, other, key = two_stations(here)
    _, hers = here.disputed("519902001003")
    elsewhere = other.desk.office_id
    assign(second, key, elsewhere)
    slip = open_slip(first, hers)
    shown = page(first, TransfersPage, "transfers", chip="open")
    row = shown.between.list.rows[0]
    for one in (key, hers):
        run(second.station.store, second.station.desk, erasure.erase, one, "王秀英", "本人书面申请")
    decide(first, slip, "身份证号", 0)
    assert not slip.isVisible()
    assert said(first) == "这个人的资料已经清除，不用再裁定"
    with prepared("写错了") as seen:
        shown.take_back(row)
        rest(first)
    assert seen.asked[-1].text == "这一项转接已经不在了，那个人的资料已清除"
    assert shown.between.list.total == 0
    assert assign(first, key, elsewhere) == "没有人可以转接：1 人的资料已经清除"


def test_what_one_took_back_the_other_need_not(pair: Pair) -> None:
    here, first, second = pair
    _, other, key = two_stations(here)
    assign(second, key, other.desk.office_id)
    pages = [page(one, TransfersPage, "transfers", chip="open") for one in (first, second)]
    rows = [one.between.list.rows[0] for one in pages]
    with prepared("写错了站点"):
        pages[1].take_back(rows[1])
        rest(second)
    with prepared("不是这个人") as seen:
        pages[0].take_back(rows[0])
        rest(first)
    assert seen.asked[-1].text == "王秀英 的转接已撤回，不能再撤"
    assert pages[0].between.list.total == 0
    with here.opened.store.look() as session:
        assert [one.reason for one in session.scalars(select(Handover))] == ["写错了站点"]


def test_who_takes_back_what_was_taken_over_meanwhile_is_told(pair: Pair) -> None:
    here, first, second = pair
    _, other, key = two_stations(here)
    assign(second, key, other.desk.office_id)
    shown = page(first, TransfersPage, "transfers", chip="open")
    row = shown.between.list.rows[0]
    here.world.sync(other)
    other.do(handover.take, row.id)
    here.world.sync(other)
    with prepared("写错了站点") as seen:
        shown.take_back(row)
        rest(first)
    assert seen.asked[-1].text == "王秀英 的转接已由对方接收，不能再撤"
    with here.opened.store.look() as session:
        assert session.get_one(Retiree, key).office_id == other.desk.office_id


def test_a_hand_over_taken_at_the_station_while_the_centre_takes_it_back_ends_one_way(
    pair: Pair,
) -> None:
    here, first, second = pair
    one, other, key = two_stations(here)
    assign(second, key, other.desk.office_id)
    shown = page(first, TransfersPage, "transfers", chip="open")
    row = shown.between.list.rows[0]
    here.world.sync(other)
    other.do(handover.take, row.id)
    with prepared("写错了站点"):
        shown.take_back(row)
        rest(first)
    for _ in range(2):
        for each in (other, one):
            here.world.sync(each)
    nodes = (here.world.node, one, other)
    assert {node.get(handover_state) for node in nodes} == {WITHDRAWN}
    assert [node.person(key) is not None for node in (one, other)] == [True, False]


def handover_state(session: Session) -> str:
    return session.scalars(select(Handover.state)).one()


def test_a_computer_is_stopped_once(pair: Pair) -> None:
    here, first, second = pair
    here.world.sync(here.world.station("519902001001"))
    pages = [page(one, StationsPage, "stations") for one in (first, second)]
    rows = [one.list.list.rows[0] for one in pages]
    with prepared("电脑丢失", YES):
        pages[1].revoke(rows[1])
        rest(second)
    with prepared("电脑丢失", YES) as seen:
        pages[0].revoke(rows[0])
        rest(first)
    assert seen.asked[-1].text == f"这台电脑已由 {SECOND} 停用，不用再停"
    assert pages[0].list.list.total == 0
    assert count(here, Revocation) == 1


def test_a_person_is_erased_once(pair: Pair) -> None:
    here, first, second = pair
    station = here.world.station("519902001001")
    key = str(station.do(register))
    here.world.sync(station)
    windows = (second, first)
    shown = [page(one, PersonPage, "person", retiree_id=key) for one in windows]
    heard = []
    for desk, seen_on in zip(windows, shown, strict=True):
        assert seen_on.person is not None
        with prepared("本人书面申请", YES) as seen:
            erase(seen_on, desk.context, seen_on.person)
            rest(desk)
        heard.append(seen.asked[-1].text)
    assert heard[-1] == "这个人的资料已经清除，不用再清"
    assert count(here, Erasure) == 1
