"""上报市级 in the desktop of a district: joining by three files, reporting over real HTTPS and by
stick, and whatever may be wrong on the way. The city is a real one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from app import account, delivery, settings
from app import centre as verbs
from app.kit.refusal import Refusal
from app.kit.run import look, run
from app.station import open_centre
from models.audit import Audit
from models.exchange import Contact
from models.retiree import Retiree
from sync import enrol, told_card, uplink
from sync.centre import sticks
from sync.centre.keeping.journal import Journal
from sync.centre.serving.main import Service
from sync.centre_card import Way, city_card, rewrite
from sync.fault import Fault
from tests import disks
from tests.sync.city_parts import own_office
from tests.sync.parts import Node, World, edit, register, world
from tests.ui import centre
from tests.ui.centre import PASSWORD, Place
from tests.ui.clipped import clipped, primaries
from tests.ui.homes import NO, YES, dialogs, page, rest, sitting, words
from ui.command.opened import serving_of
from ui.exchange import reached
from ui.kit.ask import prepared
from ui.kit.tokens import scale
from ui.pages.exchange.centre.uplink import UplinkPage
from ui.pages.exchange.usb import UsbDialog
from ui.pages.overview import OverviewPage
from ui.shell.session import Sitting

CITY = "琼洲市退休人员服务中心"


@dataclass
class Above:
    """The city, and the stick between it and the district ``place``."""

    city: World
    stick: Path
    place: Place

    @contextmanager
    def served(self) -> Iterator[None]:
        """The city answers on this machine; invitations name its address."""
        card = self.city.card
        with Service(self.city.centre, card.certificate.encode(), self.city.private) as at:
            self.city.card = msgspec.structs.replace(card, url=f"https://127.0.0.1:{at}")
            yield

    def invitation(self, name: str = "invitation") -> Path:
        me = self.city.node.desk.office_id
        place = {"id": me, "code": "519900000000", "name": "棠湖区", "level": "2"}
        with self.city.centre.store.apply() as session:
            data = enrol.invite(session, self.city.centre.keys, self.city.card, place)
        return self._put(name, data)

    def approval(self, answer: Path) -> Path:
        with self.city.centre.store.apply() as session:
            _, data = enrol.approve(session, self.city.centre.keys, answer.read_bytes())
        return self._put("approval", data)

    def _put(self, name: str, data: bytes) -> Path:
        path = self.stick.parent / f"{name}.sangyu"
        path.write_bytes(data)
        return path

    def let_in(self) -> None:
        """Without the screens."""
        opened, keys = self.place.opened, self.place.world.centre.keys
        invited = enrol.read_invitation(self.invitation().read_bytes(), of_district=True)
        with opened.store.apply() as session:
            answer = uplink.join(session, keys, invited)
        with self.city.centre.store.apply() as session:
            _, approval = enrol.approve(session, self.city.centre.keys, answer)
        with opened.store.apply() as session:
            uplink.joined(session, keys, approval)

    def people(self) -> int:
        return len(self.city.node.get(lambda s: s.scalars(select(Retiree.id)).all()))

    def stands(self) -> delivery.Relayed:
        with self.place.opened.store.look() as session:
            session.info["desk"] = self.place.opened.desk
            found = delivery.relayed(session)
            assert found is not None
            return found


def a_city(folder: Path, name: str) -> World:
    folder.mkdir()
    made = world(folder)
    made.node.do(own_office, "1", name=name)
    made.card = msgspec.structs.replace(made.card, name=name)
    return made


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Above]:
    """A district whose one station registered one person, and a city above."""
    for name in ("below", "stick"):
        (tmp_path / name).mkdir()
    with centre.place(tmp_path / "below") as place:
        city = a_city(tmp_path / "city", CITY)
        made = Above(city, tmp_path / "stick", place)
        _station(place).do(register, mobile="13800002617")
        place.world.sync(place.world.stations[0])
        yield made
        city.centre.store.close()


def _station(place: Place) -> Node:
    return place.world.station("519902001001")


@pytest.fixture
def desk(qtbot: QtBot, here: Above) -> Iterator[Sitting]:
    with sitting(here.place.opened, serving_of) as made:
        yield made


def shown(desk: Sitting) -> UplinkPage:
    return page(desk, UplinkPage, "uplink")


def press(desk: Sitting, way: str, *answers: Any) -> list[str]:
    """A button of the status card, by the keyboard; what was asked and told."""
    button = shown(desk).status.buttons[way]
    assert button.isVisible(), button.text()
    button.setFocus()
    with prepared(*answers) as questions:
        QTest.keyClick(button, Qt.Key.Key_Return)
        rest(desk)
    return [f"{one.title} {one.text} {' '.join(one.points)}" for one in questions.asked]


def test_a_district_joins_by_three_files_and_everything_goes_up(
    desk: Sitting, here: Above, tmp_path: Path
) -> None:
    assert "上报市级" in [one.text for one in desk.window.entries]
    made = shown(desk)
    assert made.status.title.text() == "还没有加入市级"
    assert primaries(made) == ["读入市级邀请文件"]
    with here.served():
        answer = tmp_path / "answer.sangyu"
        first, asked, _ = press(desk, "invitation", here.invitation(), YES, answer)
        assert first.startswith("选市级给的邀请文件")
        assert here.city.card.fingerprint in asked
        assert "健康、党务、钱款资料不上报" in asked
        assert made.status.title.text() == "还没有得到市级批准"
        assert primaries(made) == ["读入批准文件"]
        assert made.status.buttons["approve"].hasFocus()
        again = tmp_path / "again.sangyu"
        press(desk, "answer", again)  # the first was lost
        press(desk, "approve", here.approval(again))
        assert made.status.title.text() == "还没有上报过"
        assert "还有" in made.status.text.text()
        assert made.status.buttons["report"].hasFocus()
        press(desk, "report")
    assert made.status.buttons["report"].hasFocus()
    assert here.people() == 1
    assert made.status.title.text() == "都已到市级"
    assert "已上报市级" in desk.window.toast.text.text()
    assert here.stands().waiting == 0
    assert f"{here.stands().at_city} 条" in words(made.figures)
    assert CITY in words(made.figures)
    (row,) = made.history.rows
    assert (row.result, row.sent) == ("done", here.stands().at_city)
    audit = here.place.world.node.get(
        lambda s: s.scalars(select(Audit.detail).where(Audit.act == "加入市级")).all()
    )
    assert audit == [CITY]


def test_without_the_yes_of_the_telephone_nothing_is_written(desk: Sitting, here: Above) -> None:
    press(desk, "invitation", here.invitation(), NO)
    assert shown(desk).status.title.text() == "还没有加入市级"
    press(desk, "invitation", here.invitation(), YES, None)
    assert shown(desk).status.title.text() == "还没有加入市级"


def test_a_wrong_file_is_told_and_changes_nothing(
    desk: Sitting, here: Above, tmp_path: Path
) -> None:
    place = {"id": "a" * 32, "code": "519902001009", "name": "丹州社区", "level": "3"}
    mine = here.place.world
    with mine.centre.store.apply() as session:
        of_station = enrol.invite(session, mine.centre.keys, mine.card, place)
    wrong = {
        "是给站点的": of_station,
        "不是桑榆的数据包": b"PK nothing of ours",
        "不完整或被改动过": here.invitation().read_bytes()[:-1] + b"?",
    }
    for sentence, data in wrong.items():
        path = tmp_path / "wrong.sangyu"
        path.write_bytes(data)
        assert sentence in press(desk, "invitation", path)[-1]
        assert shown(desk).status.title.text() == "还没有加入市级"
    assert "读不出来" in press(desk, "invitation", tmp_path / "gone.sangyu")[-1]
    answer = tmp_path / "answer.sangyu"
    press(desk, "invitation", here.invitation(), YES, answer)
    assert "市级给的“批准”" in press(desk, "approve", answer)[-1]
    other = Above(a_city(tmp_path / "other", "另一市"), here.stick, here.place)
    theirs = tmp_path / "theirs.sangyu"
    press(desk, "another", other.invitation(), YES, theirs)  # the wrong city after all
    approval = other.approval(theirs)
    press(desk, "another", here.invitation(), YES, answer)
    assert "另一个市级" in press(desk, "approve", approval)[-1]
    assert shown(desk).status.title.text() == "还没有得到市级批准"
    press(desk, "approve", here.approval(answer))
    assert shown(desk).status.title.text() == "还没有上报过"
    keys = here.place.world.centre.keys
    invited = enrol.read_invitation(other.invitation().read_bytes(), of_district=True)
    with here.place.opened.store.apply() as session, pytest.raises(Fault, match="不能再加入"):
        uplink.join(session, keys, invited)
    other.city.centre.store.close()


def test_the_citys_address_read_from_a_file_outlives_the_districts_database(here: Above) -> None:
    here.let_in()
    opened = here.place.opened
    before = look(opened.store, opened.desk, city_card)
    assert before is not None
    there = Way("https://new.invalid:8743", before.certificate)
    file = here.stick / "card.sangyu"
    file.write_bytes(told_card.write(here.city.centre.keys, before.id, 10**10, there))
    assert reached.read_card(opened, file, settings.network, reached.OF_CITY)
    run(opened.store, opened.desk, rewrite, before, reached.OF_CITY)  # as a backup holds it
    told_card.take_beside(opened.store, Journal(opened.home.raw).folder, reached.OF_CITY)
    again = look(opened.store, opened.desk, city_card)
    assert again is not None
    assert again.url == there.url


def test_only_the_head_joins_and_the_clerk_reports(qtbot: QtBot, here: Above) -> None:
    opened = here.place.opened
    here.place.world.node.do(account.create, opened.vault, "李经办", PASSWORD, ["centre_clerk"])
    opened.close()
    clerk = open_centre(here.place.home, "李经办", PASSWORD, alone=False)
    here.place.opened = clerk
    with sitting(clerk, serving_of) as desk:
        made = shown(desk)
        assert "请区中心主任办理" in made.status.text.text()
        assert not any(one.isVisible() for one in made.status.buttons.values())
        with clerk.store.apply() as session:
            session.info["desk"] = clerk.desk
            with pytest.raises(Refusal, match="权限"):
                verbs.joins(session)
        with here.served():
            here.let_in()
            desk.work.tell_changed(frozenset({"exchange"}))
            rest(desk)
            press(desk, "report")
        assert here.people() == 1
        assert made.place.isHidden()
    here.place.opened = opened


def test_a_city_out_of_reach_is_told_and_everything_goes_up_later(
    desk: Sitting, here: Above
) -> None:
    with here.served():
        here.let_in()
    made = shown(desk)
    press(desk, "report")
    assert made.status.title.text() == "上次没有报成"
    assert "连不上市级" in made.status.text.text()
    assert "没到市级，最早的从" in made.status.text.text()
    assert primaries(made) == ["再试一次"]
    press(desk, "retry")
    assert len(made.history.rows) == 1  # told once
    assert "没有报成" in words(page(desk, OverviewPage, "overview"))
    made = shown(desk)
    with here.served():  # at another port of this machine than when it invited us
        with prepared("type", here.city.card.url):
            made.place.click()
            rest(desk)
        assert f"{here.city.card.url}（" in words(made)
        press(desk, "retry")
    assert here.people() == 1
    assert made.status.title.text() == "都已到市级"


def test_a_second_press_while_it_runs_is_the_same_contact(desk: Sitting, here: Above) -> None:
    with here.served():
        here.let_in()
        made = shown(desk)
        made.status.buttons["report"].click()
        under_way = desk.work.pending
        assert made.status.stop.isVisible()
        assert not made.status.buttons["report"].isVisible()
        made.report()
        assert desk.work.pending == under_way
        rest(desk)
    contacts = here.place.world.node.get(lambda s: s.scalars(select(Contact)).all())
    assert [one.result for one in contacts] == ["done"]
    assert here.people() == 1


def test_stopping_leaves_the_rest_for_the_next_time(desk: Sitting, here: Above) -> None:
    with here.served():
        here.let_in()
        made = shown(desk)
        made.report()
        made.status.stop.click()
        rest(desk)
        assert not made.running
        press(desk, "report")
    assert here.people() == 1


def wizard(desk: Sitting) -> UsbDialog:
    press(desk, "usb")
    found = dialogs(desk.window)[-1]
    assert isinstance(found, UsbDialog)
    return found


def test_a_stick_goes_up_and_comes_back(desk: Sitting, here: Above) -> None:
    here.let_in()
    dialog = wizard(desk)
    assert f"带到{CITY}" in dialog.carry.title.text()
    with prepared(here.stick):
        QTest.keyClick(dialog.next, Qt.Key.Key_Return)
    rest(desk)
    assert dialog.step == 2
    assert dialog.packed.files
    assert not dialog.slip.isVisible()
    dialog.accept()
    made = shown(desk)
    assert made.status.title.text() == "U盘在路上"
    taken = sticks.unpack_stick(here.city.centre, here.stick)
    assert taken.refused == []
    assert here.people() == 1
    sticks.pack_stick(here.city.centre, here.stick)
    again = wizard(desk)
    assert again.step == 3
    with prepared(here.stick):
        QTest.keyClick(again.next, Qt.Key.Key_Return)
        rest(desk)
    assert again.back.title.text() == "上报完成，市级已确认"
    again.accept()
    rest(desk)
    assert made.status.title.text() == "都已到市级"
    assert [(one.way, one.result) for one in made.history.rows] == [
        ("U盘", "done"),
        ("U盘", "packed"),
    ]
    assert made.history.rows[1].sent == here.stands().at_city
    # what was written since is not confirmed by the old receipt
    here.place.world.node.do(edit, _person(here), remark="之后写的")
    late = wizard(desk)
    late.take_in(here.stick)
    rest(desk)
    assert "以前读过" in late.back.title.text()
    late.reject()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    with disks.small(tmp_path / "small", 2) as folder:
        yield folder


def _person(here: Above) -> str:
    return str(here.place.world.node.get(lambda s: s.scalars(select(Retiree.id)).one()))


def test_a_stick_without_a_receipt_or_pulled_or_full_is_explained(
    desk: Sitting, here: Above, small: Path
) -> None:
    here.let_in()
    dialog = wizard(desk)
    dialog.take_in(here.stick)
    rest(desk)
    assert "没有给本区中心的新回执" in dialog.back.title.text()
    dialog.write(here.stick / "gone")
    rest(desk)
    assert "U盘可能没有插好" in dialog.trouble.text.text()
    (small / "others.bin").write_bytes(bytes(int(1.5 * 2**20)))
    dialog.write(small)
    rest(desk)
    assert "U盘空间不够" in dialog.trouble.text.text()
    assert [one.name for one in small.iterdir()] == ["others.bin"]
    assert not dialog.busy
    dialog.write(here.stick)
    rest(desk)
    assert not dialog.trouble.isVisible()
    assert dialog.step == 2
    dialog.reject()
    assert here.stands().waiting


def whole(desk: Sitting) -> None:
    """Nothing is clipped and one button is the primary one, narrow and wide, small and large."""
    made = shown(desk)
    try:
        for width, height, value in ((1366, 688, 1.25), (1366, 688, 1.5), (1920, 1000, 1.0)):
            scale.set(value)
            desk.window.resize(width, height)
            rest(desk, 2)
            assert clipped(made) == []
            assert len(primaries(made)) == 1
            assert desk.window.width() == width
    finally:
        scale.set(1.0)


def test_nothing_is_clipped_in_any_state(desk: Sitting, here: Above, tmp_path: Path) -> None:
    with here.served():
        invitation = here.invitation()
    press(desk, "invitation", invitation, YES, tmp_path / "answer.sangyu")
    whole(desk)
    press(desk, "approve", here.approval(tmp_path / "answer.sangyu"))
    press(desk, "report")
    assert shown(desk).status.title.text() == "上次没有报成"
    whole(desk)
    dialog = wizard(desk)
    dialog.write(here.stick)
    rest(desk)
    assert clipped(dialog) == []
    dialog.accept()
    assert shown(desk).status.title.text() == "U盘在路上"
    whole(desk)


def test_who_has_not_joined_is_told_so_and_a_city_is_nobodys_district(here: Above) -> None:
    way = serving_of(here.place.opened).city()
    for act in (way.report, lambda: way.write(here.stick)):
        with pytest.raises(Fault, match="还没有加入市级"):
            act()
    node = here.place.world.node
    with node.store.apply() as session:
        session.info["desk"] = here.place.opened.desk
        verbs.joins(session)
    with here.city.node.store.apply() as session:
        session.info["desk"] = here.city.node.desk
        with pytest.raises(Refusal, match="已经是市级"):
            verbs.joins(session)
