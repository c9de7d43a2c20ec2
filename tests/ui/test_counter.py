"""用U盘交换 at the centre's desktop: sticks that stations, or a courier, bring to the counter are
read and answered in one go, by real files of real stations."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from sqlalchemy import func, select

from app import account, retiree
from app.kit.run import look
from app.retiree import People
from app.station import open_centre, restore_station
from models.audit import Audit
from models.exchange import Change, RawBatch, Replica
from models.retiree import Retiree
from sync.centre import sticks
from sync.centre.relay import contact
from sync.desktop import FromOne
from tests import disks
from tests.make import an_id_number
from tests.sync.carried import contents, put_on, take_off
from tests.sync.city_parts import Above
from tests.sync.parts import Node, edit, register, world
from tests.sync.stored import failed_at, repaired
from tests.ui import centre
from tests.ui.centre import PASSWORD, Place
from tests.ui.clipped import clipped, primaries
from tests.ui.homes import dialogs, page, rest, sitting, words
from ui.command.opened import serving_of
from ui.kit.ask import prepared
from ui.kit.tokens import scale
from ui.pages.exchange.centre.counter import DONE, NOTHING, CounterDialog, words_of
from ui.pages.stations import StationsPage
from ui.shell.session import Sitting

CODES = ("519902001001", "519902001002")


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    with centre.place(tmp_path) as made:
        yield made


@pytest.fixture
def desk(qtbot: QtBot, here: Place) -> Iterator[Sitting]:
    with sitting(here.opened, serving_of) as made:
        yield made


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    made = tmp_path / "stick"
    made.mkdir()
    return made


@pytest.fixture
def two(here: Place, stick: Path) -> list[Node]:
    """Two stations, each with a person of its own, on one courier's stick."""
    found = [here.world.station(code) for code in CODES]
    for number, node in enumerate(found):
        node.do(register, id_no=an_id_number(sequence=2 * number + 1))
        put_on(node, stick)
    return found


def counter(desk: Sitting) -> CounterDialog:
    """By its key on the page of the stations."""
    shown = page(desk, StationsPage, "stations")
    shown.usb_button.setFocus()
    QTest.keyClick(shown.usb_button, Qt.Key.Key_Return)
    rest(desk)
    found = dialogs(desk.window)[-1]
    assert isinstance(found, CounterDialog)
    return found


def plug_in(desk: Sitting, dialog: CounterDialog, stick: Path) -> None:
    """Choose it by the keyboard and wait for the end."""
    with prepared(stick):
        QTest.keyClick(dialog.next, Qt.Key.Key_Return)
        rest(desk)


def count(here: Place, entity: type) -> int:
    return here.world.node.get(lambda s: s.scalar(select(func.count()).select_from(entity))) or 0


def test_a_couriers_stick_is_read_and_answered_in_one_go(
    desk: Sitting, here: Place, two: list[Node], stick: Path
) -> None:
    before = contents(stick)
    dialog = counter(desk)
    assert primaries(dialog) == ["选U盘…"]
    plug_in(desk, dialog, stick)
    assert dialog.out.title.text() == DONE
    assert dialog.read.title.text() == "已读 2 个站点，新收 2 条"
    assert dialog.write.title.text() == "已写好 2 个站点的回执"
    said = words(dialog.list)
    assert said.count("新收 1 条，都已有结果") == 2
    assert primaries(dialog) == ["完成"]
    assert dialog.next.hasFocus()
    assert {name: data for name, data in contents(stick).items() if name in before} == before
    shown = page(desk, StationsPage, "stations")
    rows = [one for one in shown.list.list.rows if one.received]
    assert len(rows) == 2
    assert all(one.last_contact_at is not None for one in rows)
    for node in two:
        done = take_off(node, stick)
        assert (done.refused, done.exchanged.pending, node.outcomes()) == ([], 0, ["applied"])


def test_receipts_are_for_those_whose_files_are_on_the_stick(
    desk: Sitting, here: Place, two: list[Node], stick: Path, tmp_path: Path
) -> None:
    """A station without files on it gets none; several sticks follow one another."""
    dialog = counter(desk)
    plug_in(desk, dialog, stick)
    other = tmp_path / "other"
    other.mkdir()
    two[0].do(register, id_no=an_id_number(sequence=11))
    put_on(two[0], other)
    with prepared(other):
        dialog.other.click()
        rest(desk)
    assert dialog.read.title.text() == "已读 1 个站点，新收 1 条"
    written = [name for name in contents(other) if "-D" in name]
    assert [name.split("-")[0] for name in written] == [CODES[0]]


def test_a_stick_read_twice_or_stopped_between_doubles_nothing(
    desk: Sitting, here: Place, two: list[Node], stick: Path
) -> None:
    dialog = counter(desk)
    dialog.exchange(stick)
    under_way = desk.work.pending
    dialog.exchange(stick)  # pressed again
    assert desk.work.pending == under_way
    dialog.reject()
    assert dialog.isVisible()
    dialog.stop.click()
    rest(desk)
    assert not dialog.busy
    assert "已停止" in dialog.trouble.title.text()
    assert primaries(dialog) == ["接着做"]
    QTest.keyClick(dialog.next, Qt.Key.Key_Return)
    rest(desk)
    assert dialog.read.title.text() == "已读 2 个站点，新收 2 条"
    assert dialog.out.title.text() == DONE
    stored = count(here, RawBatch), count(here, Change), count(here, Retiree)
    dialog.accept()
    again = counter(desk)
    plug_in(desk, again, stick)
    assert "没有新的，以前都收过" in words(again.list)
    assert (count(here, RawBatch), count(here, Change), count(here, Retiree)) == stored
    assert count(here, Retiree) == 2


class Killed(BaseException):
    """Nobody catches it, like the end of the process."""


def test_killed_in_the_middle_the_next_time_brings_the_rest_once(
    here: Place, two: list[Node], stick: Path
) -> None:
    def die(number: int, _total: int, _name: str) -> bool:
        if number == 2:
            raise Killed
        return False

    with pytest.raises(Killed):
        serving_of(here.opened).collect(stick, die)
    assert count(here, Retiree) == 1
    came = serving_of(here.opened).collect(stick)
    assert sorted(one.entries for one in came.stations) == [0, 1]
    whose = {one.replica for one in came.stations}
    with pytest.raises(Killed):
        serving_of(here.opened).reply(stick, whose, die)
    done = serving_of(here.opened).reply(stick, whose)
    assert done.stations == 2
    assert count(here, Retiree) == 2
    for node in two:
        assert take_off(node, stick).exchanged.pending == 0
        assert node.outcomes() == ["applied"]


def test_what_is_not_taken_is_told_with_its_reason(
    desk: Sitting, here: Place, two: list[Node], stick: Path, tmp_path: Path
) -> None:
    """A file cut short, one of another centre, one of nobody, and a computer never approved."""
    stranger = here.world.station("519902001003", approved=False)
    stranger.do(register, id_no=an_id_number(sequence=21))
    put_on(stranger, stick)
    (tmp_path / "far").mkdir()
    far = world(tmp_path / "far")
    elsewhere = far.station("519902009001")
    elsewhere.do(register, id_no=an_id_number(sequence=23))
    put_on(elsewhere, stick)
    (stick / "photo.sangyu").write_bytes(b"JFIF nothing of ours")
    first = next(one for one in sorted(stick.iterdir()) if one.name.startswith(CODES[0]))
    first.write_bytes(first.read_bytes()[:-9])
    before = contents(stick)
    dialog = counter(desk)
    plug_in(desk, dialog, stick)
    said, told = words(dialog.list), words(dialog)
    assert "不完整或被改动过" in said
    assert "还没有批准这个站点" in said
    assert "新收 1 条，都已有结果" in said
    assert "photo.sangyu：这不是桑榆的数据包" in told
    assert "个数据包是给别处的，没有读，也没有动" in told
    assert dialog.out.title.text() == DONE
    assert before.items() <= contents(stick).items()
    assert count(here, Retiree) == 1
    assert clipped(dialog) == []
    far.centre.store.close()


def test_a_stick_with_nothing_for_us_is_not_written(desk: Sitting, stick: Path) -> None:
    dialog = counter(desk)
    plug_in(desk, dialog, stick)
    assert dialog.read.title.text() == NOTHING
    assert "拿错了U盘" in dialog.read.text.text()
    assert contents(stick) == {}
    assert primaries(dialog) == ["选U盘…"]
    dialog.exchange(stick / "gone")
    rest(desk)
    assert "U盘可能没有插好" in dialog.trouble.text.text()
    assert primaries(dialog) == ["重试"]
    dialog.reject()
    assert not dialog.isVisible()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    with disks.small(tmp_path / "small", 2) as folder:
        yield folder


def test_a_full_stick_has_brought_its_files_and_the_receipts_go_onto_another(
    desk: Sitting, here: Place, two: list[Node], stick: Path, small: Path, tmp_path: Path
) -> None:
    for path in stick.iterdir():
        (small / path.name).write_bytes(path.read_bytes())
    (small / "others.bin").write_bytes(bytes(int(1.5 * 2**20)))
    before = contents(small)
    dialog = counter(desk)
    plug_in(desk, dialog, small)
    assert "读到的都收好了" in dialog.trouble.title.text()
    assert "U盘空间不够" in dialog.trouble.text.text()
    assert contents(small) == before
    assert count(here, Retiree) == 2
    empty = tmp_path / "empty"
    empty.mkdir()
    with prepared(empty):
        dialog.other.click()
        rest(desk)
    assert dialog.out.title.text() == DONE
    assert "已写好 2 个站点的回执" in dialog.write.title.text()
    for node in two:
        assert take_off(node, empty).exchanged.pending == 0


def test_a_write_protected_stick_is_told_with_what_to_do(
    desk: Sitting, two: list[Node], stick: Path, small: Path
) -> None:
    for path in stick.iterdir():
        (small / path.name).write_bytes(path.read_bytes())
    before = contents(small)
    disks.protect(small, "ro")
    dialog = counter(desk)
    plug_in(desk, dialog, small)
    assert "请拨开侧面的小开关，再点“重试”" in dialog.trouble.text.text()
    assert contents(small) == before
    assert primaries(dialog) == ["重试"]
    disks.protect(small, "rw")
    QTest.keyClick(dialog.next, Qt.Key.Key_Return)
    rest(desk)
    assert dialog.out.title.text() == DONE
    assert dialog.read.title.text() == "已读 2 个站点，新收 2 条"


def test_a_stick_pulled_while_it_is_read_is_read_on_when_it_is_back(
    here: Place, two: list[Node], stick: Path, tmp_path: Path, desk: Sitting
) -> None:
    away = tmp_path / "away"
    pulled: list[Path] = []
    dialog = counter(desk)
    steps = dialog._steps_of

    def pulling(line: object) -> object:
        step = steps(line)  # type: ignore[arg-type]

        def with_hand(number: int, total: int, name: str) -> bool:
            if number == 2 and not pulled:
                pulled.append(stick.rename(away))
            return step(number, total, name)

        return with_hand

    dialog._steps_of = pulling  # type: ignore[method-assign, assignment]
    plug_in(desk, dialog, stick)
    assert "U盘可能没有插好" in dialog.trouble.text.text()
    assert "U盘读不出来" in words(dialog.list)
    assert count(here, Retiree) == 1
    away.rename(stick)
    QTest.keyClick(dialog.next, Qt.Key.Key_Return)
    rest(desk)
    assert dialog.out.title.text() == DONE
    assert count(here, Retiree) == 2
    assert dialog.read.title.text() == "已读 2 个站点，新收 2 条"
    assert "读不出来" not in words(dialog.list)


def test_what_waits_for_a_missing_stick_is_said_to_wait(
    desk: Sitting, here: Place, stick: Path
) -> None:
    node = here.world.station(CODES[0])
    key = node.do(register, id_no=an_id_number(sequence=1))
    first = stick / "first"
    first.mkdir()
    put_on(node, first)
    _take_as_read(node)
    node.do(edit, key, door_note="三楼")
    put_on(node, stick)
    dialog = counter(desk)
    plug_in(desk, dialog, stick)
    assert "1 条等前面的资料先到" in words(dialog.list)


def test_what_is_stored_and_not_decided_is_never_called_nothing_new(
    desk: Sitting, here: Place, stick: Path
) -> None:
    """The program failed at what came before, so that this waits behind it."""
    node = here.world.station(CODES[0])
    node.do(register, id_no=an_id_number(sequence=1))
    failed_at(here.world, node)
    node.do(register, id_no=an_id_number(sequence=3))
    put_on(node, stick)
    dialog = counter(desk)
    plug_in(desk, dialog, stick)
    said = words(dialog.list)
    assert "2 条已收好，还没有办：有数据包程序办不了，怎么办请看“待办”" in said
    assert "没有新的" not in said
    assert dialog.read.title.text() == "已读 1 个站点，2 条已收好，还没有办"
    assert dialog.out.title.text() == DONE
    assert clipped(dialog) == []
    assert take_off(node, stick).exchanged.unsent == 0
    repaired(here.world)
    dialog.accept()
    node.do(register, id_no=an_id_number(sequence=5))
    put_on(node, stick)
    again = counter(desk)
    plug_in(desk, again, stick)
    assert "新收 1 条，都已有结果" in words(again.list)


def _take_as_read(node: Node) -> None:
    """As if what was written first had been answered: the next stick goes on behind it."""
    with node.store.apply() as session:
        me = session.scalars(select(Replica)).one()
        me.acked_seq = me.seq


def test_who_may_not_exchange_has_no_key_for_it(qtbot: QtBot, tmp_path: Path) -> None:
    """At a city its clerks only look; its head takes the sticks of the districts."""
    with centre.place(tmp_path, level="1") as here:
        opened = here.opened
        here.world.node.do(account.create, opened.vault, "李经办", PASSWORD, ["city_clerk"])
        with (
            open_centre(here.home, "李经办", PASSWORD, alone=False) as clerk,
            sitting(clerk, serving_of) as desk,
        ):
            shown = page(desk, StationsPage, "stations")
            assert not shown.usb_button.isVisible()
            dialog = desk.open("usb_of_stations")
            assert isinstance(dialog, CounterDialog)
            dialog.exchange(tmp_path)
            rest(desk)
            assert "权限" in dialog.trouble.text.text()


def test_a_city_takes_the_sticks_of_its_districts(
    qtbot: QtBot, tmp_path: Path, stick: Path
) -> None:
    (tmp_path / "above").mkdir()
    with centre.place(tmp_path / "above", level="1") as here:
        district = Above(tmp_path, here.world).district()
        station = district.station(CODES[0])
        station.do(register, id_no=an_id_number(sequence=1))
        district.sync(station)
        contact.pack_stick(district.centre, stick)
        with sitting(here.opened, serving_of) as desk:
            dialog = counter(desk)
            plug_in(desk, dialog, stick)
            assert dialog.out.title.text() == DONE
            assert "已读 1 个区中心" in dialog.read.title.text()
            assert count(here, Retiree) == 1
            back = sticks.unpack_stick(district.centre, stick)
            assert back.relayed is not None
            assert back.relayed.streams
        district.centre.store.close()


def test_a_database_put_back_is_brought_up_and_said_when_the_desktop_opens(
    qtbot: QtBot, here: Place, two: list[Node], stick: Path
) -> None:
    copy = here.opened.backup()
    assert serving_of(here.opened).collect(stick).entries == 2
    here.opened.close()
    restore_station(here.home, copy.path, centre.NAME, PASSWORD)
    again = open_centre(here.home, centre.NAME, PASSWORD)
    assert look(again.store, again.desk, retiree.people, People()).total == 0
    with sitting(again, serving_of) as desk, prepared() as questions:
        desk.begin()
        rest(desk)
        (told,) = [one for one in questions.asked if one.title == "资料库恢复过"]
        assert "没有丢" in told.text
        assert look(again.store, again.desk, retiree.people, People()).total == 2
        noted = look(again.store, again.desk, lambda s: s.scalars(select(Audit.act)).all())
        assert "补齐资料" in noted


def test_one_line_says_what_came_of_each() -> None:
    one = FromOne("a" * 32, "桂苑社区服务站", files=3, entries=1200, contents=2)
    assert words_of(one) == "新收 1,200 条，都已有结果；照片和附件 2 包"
    assert words_of(one, is_city=True) == "新收 1,200 条；照片和附件 2 包"
    broken = FromOne("b" * 32, "海棠社区服务站", refused=["数据包不完整。", "数据包不完整。"])
    assert words_of(broken) == "数据包不完整。（共 2 个文件没有收）"


def whole(desk: Sitting, dialog: CounterDialog) -> None:
    try:
        for width, height, value in ((1366, 688, 1.25), (1366, 688, 1.5), (1920, 1000, 1.0)):
            scale.set(value)
            desk.window.resize(width, height)
            rest(desk, 2)
            dialog.fit()
            rest(desk, 1)
            assert clipped(dialog) == []
            assert len(primaries(dialog)) == 1
    finally:
        scale.set(1.0)


def test_nothing_is_clipped_in_any_size(desk: Sitting, two: list[Node], stick: Path) -> None:
    dialog = counter(desk)
    whole(desk, dialog)
    plug_in(desk, dialog, stick)
    whole(desk, dialog)
