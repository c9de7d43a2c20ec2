from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from re import match
from shutil import rmtree
from threading import Event
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from sqlalchemy import select, text

from app import attachment, certification, exchange, person, retiree, ruling, station
from app.kit.run import look, run
from app.ruling import Choice
from models.attachment import digest_of
from models.audit import Audit
from models.exchange import Stream
from models.kit import clock
from models.kit.ids import new_id
from models.kit.stream import spoken
from models.parameter import Parameter
from models.retiree import Retiree
from models.ruling import ANOTHER
from sync import files
from sync.centre import sticks
from sync.station import outbox
from tests import disks
from tests.make import an_id_number
from tests.sync import people
from tests.sync.lost import lose
from tests.sync.parts import edit
from tests.ui import homes
from tests.ui.clipped import clipped, primaries
from tests.ui.homes import Place, rest
from ui.kit.ask import prepared
from ui.kit.preview import PreviewDialog
from ui.kit.tokens import SCALES, scale
from ui.pages.exchange.history import result_of
from ui.pages.exchange.station import ExchangePage, doing, stick
from ui.pages.exchange.station.answer import AnswerDialog
from ui.pages.exchange.station.cards import heading, summary
from ui.pages.exchange.station.kept import Another, KeptDialog
from ui.pages.exchange.station.phone import PhoneDialog
from ui.pages.exchange.station.standing import look_of
from ui.pages.exchange.sticks import told
from ui.pages.exchange.usb import UsbDialog
from ui.shell.session import Sitting

WANG = {
    "name": "王秀英",
    "id_no": "519902194611230269",
    "mobile": "13800002617",
    "live_address": "桂苑一区 3栋 502",
    "employer_name": "市棉纺织厂",
}


@pytest.fixture
def place(tmp_path: Path, qapp: QApplication) -> Iterator[Place]:
    with homes.place(tmp_path) as made:
        yield made


@pytest.fixture
def desk(place: Place) -> Iterator[Sitting]:
    """An approved station whose centre answers on the network."""
    with homes.served(place), homes.sitting(place.made(approved=True).station) as made:
        yield made


def page_of(made: Sitting) -> ExchangePage:
    return homes.page(made, ExchangePage, "exchange")


def register(made: Sitting, **values: Any) -> str:
    opened = made.station
    saved = run(opened.store, opened.desk, retiree.register, {**WANG, **values})
    made.work.tell_changed(saved.changed)
    return saved.result.id


def there(place: Place, key: str) -> Retiree:
    found = place.world.node.person(key)
    assert found is not None
    return found


def open_usb(made: Sitting) -> UsbDialog:
    return homes.page(made, UsbDialog, "usb")


def registered_and_written(made: Sitting, place: Place) -> None:
    """Somebody new is on the stick."""
    register(made)
    written = open_usb(made)
    written.write(place.stick)
    rest(made)
    written.accept()


def test_what_waits_is_told_in_words(desk: Sitting) -> None:
    register(desk)
    page = page_of(desk)
    titles = [one.title for one in page.queue.queue.groups]
    assert "新登记 1 人（王秀英）" in titles
    assert page.status.title.text() == "数据安全"
    assert primaries(page) == ["立即联网上报"]


def test_how_old_the_oldest_of_it_is_and_what_has_arrived(desk: Sitting) -> None:
    register(desk)
    page = page_of(desk)
    assert "没有上报区中心，最早的是今天的。" in page.status.text.text()
    facts = page.facts
    assert facts is not None
    at = clock.now() - timedelta(days=9)
    older = replace(facts.standing, oldest_pending_at=at, arrived=2)
    said = look_of(replace(facts, standing=older)).text
    assert "，最早的是 9 天前的，其中 2 条区中心已收到，还没有办，不用再送。" in said


def test_what_the_centre_has_and_has_not_decided_is_not_to_be_sent_again(place: Place) -> None:
    """Though nothing that comes before it is missing; by stick, whose receipt says no more."""
    with homes.sitting(place.made(approved=True).station) as desk:
        registered_and_written(desk, place)
        world = place.world
        world.centre.take_all([one.read_bytes() for one in place.stick.glob("*-*of*")], later=True)
        sticks.pack_stick(world.centre, place.stick)
        back = open_usb(desk)
        back.take_in(place.stick)
        rest(desk)
        assert "条区中心已收到，还没有办" in back.back.title.text()
        assert "不用再送，下次交换时取回结果" in back.back.text.text()
        back.accept()
        said = page_of(desk).status.text.text()
        assert "条区中心已收到，还没有办，最早的是今天的，不用再送。" in said
        assert "前面的资料" not in said


def test_two_certifications_of_one_person_wait_as_one_person(desk: Sitting) -> None:
    key, opened = register(desk), desk.station
    shown = {"docs_checked": ["1"]}
    for on in (date(2025, 11, 20), date(2026, 11, 20)):
        run(opened.store, opened.desk, certification.certify, key, {**shown, "certified_on": on})
    titles = [one.title for one in look(opened.store, opened.desk, exchange.queue).groups]
    assert "资格认证 1 人（王秀英）" in titles


def test_an_edit_is_named_by_person_and_field(desk: Sitting) -> None:
    key = register(desk)
    page = page_of(desk)
    page.sync()
    rest(desk)
    desk.work.do(retiree.edit, key, {"mobile": "13900006208"})
    rest(desk)
    titles = [one.title for one in look(
        desk.station.store, desk.station.desk, exchange.queue).groups]  # fmt: skip
    assert any(one.startswith("王秀英 ") and one.endswith("更正") for one in titles)


def test_one_click_sends_everything_and_shows_the_receipt(desk: Sitting, place: Place) -> None:
    key = register(desk)
    page = page_of(desk)
    page.status.buttons["sync"].click()
    assert page.status.stop.isVisible()
    assert page.status.title.text().startswith("正在上报")
    rest(desk)
    assert there(place, key).name == "王秀英"
    assert page.facts is not None
    assert page.facts.queue.total == 0
    assert page.history.rows[0].receipt.startswith("HZ-")
    assert "没有待上报" in page.queue.title.text()
    assert "区中心回执 HZ-" in desk.window.toast.text.text()
    page.sync()
    rest(desk)
    assert "两边都没有新的资料" in desk.window.toast.text.text()


def test_a_centre_out_of_reach_is_no_alarm(place: Place) -> None:
    with homes.served(place):
        opened = place.made(approved=True).station
    with homes.sitting(opened) as desk:
        register(desk)
        page = page_of(desk)
        page.sync()
        rest(desk, 6)
        assert page.facts is not None
        assert page.facts.bottom.offline
        assert "连不上区中心" in page.status.text.text()
        desk.rounds.tell()
        rest(desk)
        assert desk.window.nav.safe.waiting.startswith("离线中")
        assert result_of(page.facts.history[0], "区中心")[1:] == ("warn", "cloud-off")


def test_number_and_age_of_what_waits_are_told_whatever_else_is_said(place: Place) -> None:
    with homes.served(place), clock.freeze(clock.now() - timedelta(days=23)):
        opened = place.made(approved=True).station
    with homes.sitting(opened) as desk:
        register(desk)
        page = page_of(desk)
        assert page.facts is not None
        count = page.facts.queue.total
        told = f"还有 {count} 条没有上报区中心，最早的是 23 天前的。"
        page.sync()
        rest(desk, 6)
        assert page.status.title.text() == "这次没有交换成"
        assert page.status.text.text().startswith(f"{told}连不上区中心")
        page.problem = ""
        page.reload()
        rest(desk)
        assert page.status.title.text() == "离线中"
        assert page.status.text.text().startswith(f"{told}连不上吉阳区中心")
        desk.rounds.tell()
        rest(desk)
        assert desk.window.nav.safe.waiting == f"离线中 {count} 条·23 天"
        homes.fits_at_every_size(desk, page)
        dialog = open_usb(desk)
        dialog.write(place.stick)
        rest(desk)
        dialog.accept()
        late = clock.now() + timedelta(days=30)
        with clock.freeze(late):
            page.reload()
            rest(desk)
            assert page.status.title.text() == "U盘的回执还没有回来"
            text = page.status.text.text()
        assert f"有 {count} 条不知道送到了没有，最早的是 53 天前的。" in text
        refused = replace(page.facts, standing=replace(page.facts.standing, approved=False))
        assert look_of(refused).text.startswith(f"{told}请把回复文件交给吉阳区中心")


def test_the_keys_stay_with_what_is_to_be_done_where_that_changes_by_itself(place: Place) -> None:
    with homes.served(place):
        opened = place.made(approved=True).station
    with homes.sitting(opened) as desk:
        register(desk)
        page = page_of(desk)
        assert page.status.buttons["sync"].hasFocus()
        desk.rounds.sync_quietly()
        rest(desk, 6)
        assert page.status.title.text() == "离线中"
        assert page.status.buttons["retry"].hasFocus()
        QTest.keyClick(page.status.buttons["retry"], Qt.Key.Key_Return)
        assert not page.status.buttons["retry"].isVisible()
        rest(desk, 6)
        assert page.status.buttons["retry"].hasFocus()


def test_stopping_is_believed(desk: Sitting) -> None:
    register(desk)
    page = page_of(desk)
    page.sync()
    page.status.stop.click()
    rest(desk)
    assert not page.running
    assert page.facts is not None


def test_a_station_that_is_not_approved_is_told_what_is_missing(place: Place) -> None:
    joined = place.made()
    with homes.sitting(joined.station) as desk:
        page = page_of(desk)
        assert page.status.title.text() == "还没有得到区中心批准"
        dialog = desk.open("answer")
        assert isinstance(dialog, AnswerDialog)
        out = place.stick / "answer.sangyu"
        with prepared(out):
            dialog.choose()
            rest(desk)
        assert dialog.told.isVisible()
        assert dialog.later.text() == "完成"
        assert dialog.later.hasFocus()
        dialog.reject()
        with prepared(place.approve(out)):
            page.approve()
            rest(desk)
        assert page.status.title.text() == "数据安全"


def test_a_wrong_approval_changes_nothing(place: Place) -> None:
    joined = place.made()
    with homes.sitting(joined.station) as desk:
        page = page_of(desk)
        with prepared(place.invitation) as seen:
            page.approve()
            rest(desk)
        assert "这不是批准文件" in seen.asked[-1].text
        assert page.facts is not None
        assert not page.facts.standing.approved


def dispute(desk: Sitting, place: Place, mine: str, theirs: str) -> tuple[ExchangePage, str]:
    """Both sides change the same field; the centre's word is the later one."""
    key = register(desk)
    page = page_of(desk)
    page.sync()
    rest(desk)
    run(desk.station.store, desk.station.desk, retiree.edit, key, {"mobile": mine})
    place.world.node.do(edit, key, mobile=theirs)
    page.sync()
    rest(desk, 6)
    return page, key


def test_both_values_are_shown_and_ours_can_be_said_again(desk: Sitting, place: Place) -> None:
    page, key = dispute(desk, place, "13900006208", "13700001111")
    assert page.facts is not None
    (one,) = page.facts.kept
    assert [(each.label, each.mine, each.now) for each in one.fields] == [
        ("手机", "139****6208", "137****1111")
    ]
    page.kept.opened.emit(0)
    dialog = homes.dialogs(desk.window)[-1]
    assert isinstance(dialog, KeptDialog)
    assert dialog.mine.isChecked()  # as the design draws it
    years = person.age(date(1946, 11, 23))
    assert f"女 {years}岁 · 519902********0269" in homes.words(dialog).splitlines()
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    rest(desk)
    assert not dialog.isVisible()
    assert page.facts.kept == ()
    page.sync()
    rest(desk)
    assert there(place, key).mobile == "13900006208"


def test_what_needs_a_look_counts_beside_what_waits(desk: Sitting, place: Place) -> None:
    page, key = dispute(desk, place, "13900006208", "13700001111")
    desk.work.do(retiree.edit, key, {"door_note": "按铃"})
    rest(desk)
    desk.rounds.tell()
    rest(desk)
    assert page.facts is not None
    waits = page.facts.queue.total
    assert (waits > 0, len(page.facts.kept)) == (True, 1)
    assert desk.window.nav.items["exchange"].count == waits + 1
    assert f"待上报 {waits} 条" in desk.window.nav.safe.waiting


def said_beside(another: Another) -> str:
    """The messages under the fields."""
    fields = (*another.form.fields.values(), another.ground)
    return "；".join(one.text.text() for one in fields if one.level == "err")


def test_a_third_value_is_said_with_its_ground(desk: Sitting, place: Place) -> None:
    page, key = dispute(desk, place, "13900006208", "13700001111")
    page.kept.opened.emit(0)
    dialog = homes.dialogs(desk.window)[-1]
    assert isinstance(dialog, KeptDialog)
    another = dialog.another
    assert not another.asked.isVisible()
    another.choice.setChecked(True)
    assert another.asked.isVisible()
    assert not dialog.mine.isChecked()
    assert not dialog.theirs.isChecked()
    dialog.next.click()
    rest(desk)
    assert "请填写正确的值" in said_beside(another)
    editor = another.form.editors["mobile"].widget
    QTest.keyClicks(editor, "1380000261")
    dialog.next.click()
    rest(desk)
    assert "11 位" in said_beside(another)
    QTest.keyClicks(editor, "7")
    dialog.next.click()
    rest(desk)
    assert "请写明依据" in said_beside(another)
    another.basis.setText("本人来站核对")
    dialog.next.click()
    rest(desk)
    assert not dialog.isVisible()
    assert page.facts is not None
    assert page.facts.kept == ()
    with desk.station.store.look() as session:
        (entry,) = session.scalars(select(Audit).where(Audit.act == "另定一个值"))
    assert entry.detail == "手机，依据：本人来站核对"
    page.sync()
    rest(desk)
    assert there(place, key).mobile == "13800002617"


def test_the_centres_value_is_taken_with_enter(desk: Sitting, place: Place) -> None:
    page, key = dispute(desk, place, "13900006208", "13700001111")
    page.kept.opened.emit(0)
    dialog = homes.dialogs(desk.window)[-1]
    assert isinstance(dialog, KeptDialog)
    QTest.keyClick(dialog, Qt.Key.Key_Right)
    assert not dialog.mine.isChecked()
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    rest(desk)
    assert page.facts is not None
    assert page.facts.kept == ()
    assert there(place, key).mobile == "13700001111"


def test_what_either_side_rests_on_stands_under_its_value(desk: Sitting, place: Place) -> None:
    """Ours as it was typed, the centre's as its ruling said it, however long."""
    page, key = dispute(desk, place, "13900006208", "13700001111")
    opened, node = desk.station, place.world.node
    assert page.facts is not None
    ours, theirs = "本人来站核对", "公安户籍比对，儿子来电也这样说；" * 18
    mine = {"mobile": "13800000005"}
    run(opened.store, opened.desk, exchange.settle, page.facts.kept[0].change_id, mine, ours)
    people.seat(node, "centre_head")
    item = people.slip_of(place.world, key, ruling.AUTO).items[0]
    third = Choice(item.key, ANOTHER, item.now.change_id, value="13600009999")
    node.do(ruling.rule, key, [third], theirs)
    page.sync()
    rest(desk, 6)
    place_of = next(n for n, one in enumerate(page.facts.kept) if one.ground)
    page.kept.opened.emit(place_of)
    dialog = homes.dialogs(desk.window)[-1]
    assert isinstance(dialog, KeptDialog)
    said = homes.words(dialog).splitlines()
    assert said.count("依据") == 2
    assert said[said.index("136****9999") :][:3] == ["136****9999", "依据", theirs]
    assert said[said.index("138****0005") :][:3] == ["138****0005", "依据", ours]
    homes.fits_at_every_size(desk, dialog)


def test_of_several_values_the_card_says_how_many(desk: Sitting, place: Place) -> None:
    key = register(desk)
    page = page_of(desk)
    page.sync()
    rest(desk)
    opened = desk.station
    mine = {"mobile": "13900006208", "door_note": "按铃", "former_name": "王秀"}
    run(opened.store, opened.desk, retiree.edit, key, mine)
    place.world.node.do(edit, key, mobile="13700001111", door_note="敲门", former_name="王英")
    page.sync()
    rest(desk, 6)
    assert page.facts is not None
    (one,) = page.facts.kept
    assert len(one.fields) == 3
    assert summary(one).endswith("，等 3 项")
    assert summary(one).startswith(f"{one.fields[0].label} 本机 {one.fields[0].mine}，区中心 ")


def test_a_registration_that_one_side_voids_is_shown_in_one_line(
    desk: Sitting, place: Place
) -> None:
    key = register(desk)
    page = page_of(desk)
    page.sync()
    rest(desk)
    run(desk.station.store, desk.station.desk, retiree.void_registration, key, "登记重了")
    place.world.node.do(edit, key, door_note="按铃")
    page.sync()
    rest(desk, 6)
    assert page.facts is not None
    (one,) = page.facts.kept
    assert heading(one) == "王秀英 · 作废"
    assert summary(one) == "等裁定：本机 作废（登记重了），区中心 没有作废"
    (look,) = page.kept.findChildren(QPushButton)
    stops: list[QWidget | None] = [page.status.buttons["sync"]]
    while (last := stops[-1]) is not None and last not in (look, page.history.more):
        stops.append(last.nextInFocusChain())
    assert last is look
    look.click()
    dialog = homes.dialogs(desk.window)[-1]
    assert isinstance(dialog, KeptDialog)
    said = [one.text() for one in dialog.findChildren(QLabel)]
    assert dialog.scroller.verticalScrollBar().maximum() == 0
    assert {"作废（登记重了）", "没有作废", "等区中心裁定，不用再填一遍"} <= set(said)
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    rest(desk)
    assert page.facts.kept == ()


def test_what_differs_only_behind_the_mask_is_shown_whole(desk: Sitting, place: Place) -> None:
    other = "139" + 4 * "1" + "6208"  # no number of anybody: only the middle differs
    page, _ = dispute(desk, place, "13900006208", other)
    assert page.facts is not None
    (one,) = page.facts.kept
    assert (one.fields[0].mine, one.fields[0].now) == ("13900006208", other)


def test_a_stick_goes_there_and_comes_back(place: Place) -> None:
    with homes.sitting(place.made(approved=True).station) as desk:
        key = register(desk)
        page = page_of(desk)
        dialog = open_usb(desk)
        dialog.write(place.stick)
        assert match(r"已识别U盘：stick，剩余 [\d,.]+ GB$", dialog.stick.title.text())
        rest(desk)
        assert match(r"已识别U盘：stick，剩余 [\d,.]+ GB$", dialog.stick.title.text())
        assert dialog.step == 2
        names = [path.name for path in dialog.packed.files]
        assert len(names) == 1
        assert names[0] in dialog.pack.text.text()
        dialog.accept()
        assert page.facts is not None
        assert page.facts.queue.total > 0
        assert page.facts.history[0].result == "packed"
        sticks.unpack_stick(place.world.centre, place.stick)
        sticks.pack_stick(place.world.centre, place.stick)
        assert there(place, key).name == "王秀英"
        again = open_usb(desk)
        assert again.step == 3
        assert again.pack.title.text() == "已写入加密数据包"
        again.take_in(place.stick)
        rest(desk)
        assert "区中心已确认" in again.back.title.text()
        assert again.choose.isHidden()
        again.accept()
        rest(desk)
        assert page.facts.queue.total == 0
        assert [one.result for one in page.facts.history] == ["done", "carried"]
        assert page.history.rows[0].receipt.startswith("HZ-")


def test_without_a_line_all_is_safe_once_a_stick_brought_the_receipt(place: Place) -> None:
    with homes.served(place):
        opened = place.made(approved=True).station
    with homes.sitting(opened) as desk:
        register(desk)
        page = page_of(desk)
        page.sync()
        rest(desk, 6)
        for each in ("write", "take_in"):
            dialog = open_usb(desk)
            getattr(dialog, each)(place.stick)
            rest(desk)
            dialog.accept()
            sticks.unpack_stick(place.world.centre, place.stick)
            sticks.pack_stick(place.world.centre, place.stick)
        desk.rounds.sync_quietly()
        rest(desk, 6)
        assert page.facts is not None
        assert page.facts.bottom.offline
        assert page.status.title.text() == "数据安全"
        assert page.status.text.text().startswith(
            "本机的资料区中心都有了。现在连不上吉阳区中心，新录入的先存在本机，连上后会自动上报。"
        )
        assert page.status.buttons["retry"].isVisible()
        desk.rounds.tell()
        rest(desk)
        assert desk.window.nav.safe.waiting == "没有待上报 · 离线"
        register(desk, id_no="519902194611230285", name="李建国")
        rest(desk)
        assert page.status.title.text() == "离线中"


def test_a_stick_whose_receipt_stays_out_is_told_after_the_days_of_the_rule(place: Place) -> None:
    with homes.sitting(place.made(approved=True).station) as desk:
        registered_and_written(desk, place)

        def said() -> str:
            desk.work.tell_changed(frozenset({"parameter"}))
            return page_of(desk).status.title.text()

        assert said() == "数据安全"
        with clock.freeze(clock.now() + timedelta(days=2)):
            assert said() == "数据安全"
            rule = Parameter(id=new_id(), key="receipt_days", value=2, stamps={})
            rule.office_id = "c" * 32
            with desk.station.store.apply() as session:
                session.add(rule)
            assert said() == "U盘的回执还没有回来"
            assert primaries(page_of(desk)) == ["用U盘交换"]


def test_writing_is_stopped_between_two_files_and_goes_on_with_the_next(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, pulled = files.put, Event()

    def slow(folder: Path, name: str, data: bytes) -> Path:
        pulled.wait(10)
        return put(folder, name, data)

    monkeypatch.setattr(outbox, "PART_BYTES", 1)
    monkeypatch.setattr(files, "put", slow)
    with homes.sitting(place.made(approved=True).station) as desk:
        key = register(desk)
        dialog = open_usb(desk)
        dialog.write(place.stick)
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        assert (dialog.isVisible(), dialog.close_it.isEnabled()) == (True, False)
        pulled.set()
        rest(desk)
        assert dialog.pack.title.text() == "已停止写入，可以拔出U盘"
        some = len(dialog.packed.files)
        sticks.unpack_stick(place.world.centre, place.stick)
        dialog.accept()
        again = open_usb(desk)
        again.write(place.stick)
        rest(desk)
        assert len(again.packed.files) > some
        again.accept()
        sticks.unpack_stick(place.world.centre, place.stick)
        sticks.pack_stick(place.world.centre, place.stick)
        back = open_usb(desk)
        back.take_in(place.stick)
        rest(desk)
        assert "区中心已确认" in back.back.title.text()
        assert there(place, key).name == "王秀英"


def test_the_files_on_a_stick_are_counted_while_they_are_written_and_read(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "PART_BYTES", 1)
    with homes.sitting(place.made(approved=True).station) as desk:
        key = register(desk)
        with desk.station.store.begin(desk.station.desk.account, desk.station.office.id) as session:
            session.info["desk"] = desk.station.desk
            attachment.attach(session, key, [attachment.New(people.picture(), "02")])
        dialog = open_usb(desk)
        seen: list[tuple[str, int, int]] = []
        so_far = dialog._written_so_far

        def heard(words: str, share: float) -> None:
            so_far(words, share)
            bar = dialog.pack.bar
            seen.append((dialog.pack.text.text(), bar.value(), bar.maximum()))

        monkeypatch.setattr(dialog, "_written_so_far", heard)
        dialog.write(place.stick)
        rest(desk)
        whole = len(dialog.packed.files)
        assert whole > 2
        told = [(f"已写好 {n} / {whole} 个文件", round(100 * n / whole), 100) for n in range(whole)]
        assert seen[1:] == told[1:]
        assert (seen[0][0], seen[0][2]) == (told[0][0], 0)  # endless until there is one
        dialog.accept()
        sticks.unpack_stick(place.world.centre, place.stick)
        sticks.pack_stick(place.world.centre, place.stick)
        back = open_usb(desk)
        read: list[tuple[str, int]] = []
        read_so_far = back._read_so_far

        def came(words: str, share: float) -> None:
            read_so_far(words, share)
            read.append((back.back.text.text(), back.back.bar.value()))

        monkeypatch.setattr(back, "_read_so_far", came)
        back.take_in(place.stick)
        rest(desk)
        whole = len(read)
        assert whole > 1
        counted = [(f"已读好 {n} / {whole} 个文件", round(100 * n / whole)) for n in range(whole)]
        assert read[1:] == counted[1:]
        assert read[0][0] == counted[0][0]


def test_over_the_telephone_it_is_heard_how_far_the_centre_has_everything(place: Place) -> None:
    with homes.sitting(place.made(approved=True).station) as desk:
        key = register(desk)
        open_usb(desk).write(place.stick)
        rest(desk)
        sticks.unpack_stick(place.world.centre, place.stick)
        with place.world.centre.store.look() as session:
            head = session.scalars(select(Stream.head)).one()
        dialog = homes.page(desk, PhoneDialog, "phone")
        QTest.keyClicks(dialog.box, spoken(head)[:4])
        assert dialog.field.text.text() == "还差 4 位"
        QTest.keyClicks(dialog.box, f" {spoken(head)[4:]}")
        rest(desk)
        assert dialog.told.title.text() == "这台电脑录入的，区中心都收到了"
        waiting = look(desk.station.store, desk.station.desk, exchange.waiting)
        assert waiting > 0, "it was only asked"
        opened = desk.station
        run(opened.store, opened.desk, retiree.edit, key, {"mobile": "13800002222"})
        dialog.box.clear()
        QTest.keyClicks(dialog.box, spoken(head))
        rest(desk)
        assert "为止" in dialog.told.title.text()
        dialog.box.clear()
        QTest.keyClicks(dialog.box, "00000000")
        rest(desk)
        assert dialog.told.title.text() == "和这台电脑上的资料对不上"


def test_how_much_is_sent_and_how_long_it_takes_still(
    desk: Sitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "PART_BYTES", 1)
    register(desk)
    page = page_of(desk)
    seen: list[tuple[str, str, int]] = []
    show_step = page.status.show_step

    def heard(number: int, text: str, share: float = 0) -> None:
        show_step(number, text, share)
        seen.append((page.status.step.text(), page.status.left.text(), page.status.bar.value()))

    monkeypatch.setattr(page.status, "show_step", heard)
    page.sync()
    rest(desk)
    words = next(words for words, *_ in seen if words.startswith("第 2 / 4 步：正在上报，共 "))
    sent = [one for one in seen if one[0] == words]
    assert (len(sent) > 2, words.endswith(" KB）")) == (True, True)
    assert seen[seen.index(sent[0]) :][: len(sent)] == sent  # nothing else is said meanwhile
    assert (sent[0][1], sent[0][2]) == ("", 200)
    assert [one[1] for one in sent[1:]] == ["约 1 秒"] * (len(sent) - 1)
    assert 200 < sent[1][2] < sent[-1][2] < 300
    assert not page.status.left.isVisible()


def test_only_what_the_centre_confirmed_is_called_done(place: Place) -> None:
    def brought(desk: Sitting) -> str:
        again = open_usb(desk)
        again.take_in(place.stick)
        rest(desk)
        said = f"{again.back.title.text()}。{again.back.text.text()}"
        again.accept()
        return said

    with homes.sitting(place.made(approved=True).station) as desk:
        key = register(desk)
        written = open_usb(desk)
        written.write(place.stick)
        rest(desk)
        written.accept()
        sticks.unpack_stick(place.world.centre, place.stick)
        sticks.pack_stick(place.world.centre, place.stick)
        run(desk.station.store, desk.station.desk, lambda s: edit(s, key, mobile="13800000044"))
        (place.stick / "broken.sangyu").write_bytes(b"nothing of ours")
        said = brought(desk)
        assert "回执已读入，还有 1 条等区中心确认" in said
        assert "broken.sangyu" in said
        said = brought(desk)  # the same stick once more
        assert "U盘里的区中心回执以前读过" in said
        assert "还没有读最近写的数据包，还有 1 条等区中心确认" in said


def test_a_stick_read_once_more_is_no_new_word_of_the_centre(place: Place) -> None:
    def confirmed(desk: Sitting) -> str:
        usb = open_usb(desk)
        usb.take_in(place.stick)
        rest(desk)
        usb.accept()
        page = page_of(desk)
        return str(page.history.subtitle.text())

    with homes.sitting(place.made(approved=True).station) as desk:
        registered_and_written(desk, place)
        sticks.unpack_stick(place.world.centre, place.stick)
        sticks.pack_stick(place.world.centre, place.stick)
        said = confirmed(desk)
        assert said.startswith("上次区中心确认：")
        with clock.freeze(clock.now() + timedelta(minutes=7)):
            assert confirmed(desk) == said


def test_a_stick_that_cannot_be_written_is_explained(place: Place) -> None:
    with homes.sitting(place.made(approved=True).station) as desk:
        register(desk)
        dialog = open_usb(desk)
        dialog.write(place.stick / "gone")
        rest(desk)
        assert dialog.trouble.isVisible()
        assert "U盘" in dialog.trouble.text.text()
        assert not dialog.busy
        dialog.reject()
        assert not dialog.isVisible()


def test_the_slip_names_files_and_numbers(place: Place) -> None:
    with homes.sitting(place.made(approved=True).station) as desk:
        register(desk)
        _, written = stick.write_stick(desk.station, place.stick)
        counts = look(desk.station.store, desk.station.desk, exchange.counts)
        lies = {one.name: digest_of(one.read_bytes()) for one in written.files}
        rmtree(place.stick)
        data = stick.slip(desk.station, written.wrote, place.stick, counts)
        assert {one.path.name: one.sha256 for one in written.wrote} == lies
        assert data.startswith(b"%PDF")
        assert stick._edge(written.files, -3) == 1
        assert stick._edge(written.files, -2) == written.exchanged.sent


def test_the_slip_is_printed_after_the_stick_was_pulled_out(place: Place) -> None:
    with homes.sitting(place.made(approved=True).station) as desk:
        register(desk)
        dialog = open_usb(desk)
        dialog.write(place.stick)
        rest(desk)
        assert "可以拔出U盘" in dialog.pack.title.text()
        rmtree(place.stick)
        dialog.slip.click()
        rest(desk)
        assert not dialog.trouble.isVisible()
        assert any(isinstance(one, PreviewDialog) for one in homes.dialogs())


def test_a_full_stick_is_explained_and_another_takes_all_of_it(place: Place) -> None:
    folder = place.stick.with_name("small")
    with homes.sitting(place.made(approved=True).station) as desk, disks.small(folder, 2) as small:
        key = register(desk)
        (small / "others.bin").write_bytes(bytes(int(1.5 * 2**20)))
        waits = look(desk.station.store, desk.station.desk, exchange.waiting)
        dialog = open_usb(desk)
        dialog.write(small)
        assert dialog.stick.title.text() == "已识别U盘：small，剩余 0 MB"
        rest(desk)
        assert "U盘空间不够" in dialog.trouble.text.text()
        assert [one.name for one in small.iterdir()] == ["others.bin"]
        assert look(desk.station.store, desk.station.desk, exchange.waiting) == waits
        dialog.write(place.stick)
        rest(desk)
        assert not dialog.trouble.isVisible()
        sticks.unpack_stick(place.world.centre, place.stick)
        assert there(place, key).name == "王秀英"


def test_receipts_read_from_a_stick_that_is_full_count_all_the_same(place: Place) -> None:
    folder = place.stick.with_name("small")
    with homes.sitting(place.made(approved=True).station) as desk, disks.small(folder, 2) as small:
        register(desk)
        stick.write_stick(desk.station, small)
        sticks.unpack_stick(place.world.centre, small)
        sticks.pack_stick(place.world.centre, small)
        register(desk, name="李建国", id_no=an_id_number(sequence=5), mobile="13900001111")
        page, both = page_of(desk), look(desk.station.store, desk.station.desk, exchange.waiting)
        (small / "others.bin").write_bytes(bytes(int(1.2 * 2**20)))
        dialog = open_usb(desk)
        dialog.write(small)
        rest(desk)
        assert "U盘空间不够" in dialog.trouble.text.text()
        left = look(desk.station.store, desk.station.desk, exchange.waiting)
        assert left < both
        assert f"还有 {left} 条没有上报区中心" in page.status.text.text()


def test_a_stick_that_was_pulled_out_is_only_named(tmp_path: Path) -> None:
    assert told(tmp_path / "KINGSTON") == "KINGSTON"


def test_a_backup_is_one_click_and_shows_its_time(desk: Sitting) -> None:
    page = page_of(desk)
    page.backup.now.click()
    rest(desk)
    assert "最近 今天" in page.backup.words.text()
    assert len(list(desk.station.home.backups.glob("*.backup"))) == 1


def test_nothing_is_clipped_at_any_text_size(desk: Sitting) -> None:
    register(desk)
    page = page_of(desk)
    page.sync()
    rest(desk)
    homes.fits_at_every_size(desk, page)
    scale.set(SCALES[-1])
    dialog = open_usb(desk)
    rest(desk)
    assert clipped(dialog) == []
    dialog.reject()


def test_after_reporting_both_sides_are_compared_and_the_figures_shown(
    desk: Sitting, place: Place
) -> None:
    register(desk)
    page = page_of(desk)
    page.sync()
    rest(desk)
    assert "已与区中心核对一致：在册 1 人" in page.status.text.text()


def test_what_differs_is_mended_by_itself_and_told(desk: Sitting, place: Place) -> None:
    key = register(desk)
    page = page_of(desk)
    page.sync()
    rest(desk)
    with desk.station.store.engine.begin() as connection:
        spoil = text("UPDATE retiree SET name = '错', stamps = :stamps WHERE id = :id")
        connection.execute(spoil, {"id": key, "stamps": '{"*": "0"}'})
    register(desk, name="李建国", id_no="519902195203140269")
    page.sync()
    rest(desk)
    with desk.station.store.look() as session:
        found = session.get(Retiree, key)
        assert found is not None
        assert found.name == "王秀英"
    assert "核对一致：在册 2 人" in page.status.text.text()


def test_a_contact_sets_right_what_a_clock_years_ahead_has_left(place: Place) -> None:
    with homes.served(place):
        opened = place.made(approved=True).station
        with clock.freeze(clock.now() + timedelta(days=3650)):
            run(opened.store, opened.desk, retiree.register, WANG)
        for _ in range(2):
            opened.close()
            opened = station.open_station(place.home, None, homes.PASSWORD)
            assert "最近一次保存却是 203" in opened.clock_doubt
        doing.sync(opened)
        opened.close()
        with station.open_station(place.home, None, homes.PASSWORD) as opened:
            assert opened.clock_doubt == ""


def test_what_cannot_be_mended_is_said_once_for_all(desk: Sitting, place: Place) -> None:
    key = register(desk)
    page = page_of(desk)
    page.sync()
    rest(desk)
    lose(place.world.node, Retiree, key)
    with place.world.node.store.engine.begin() as connection:
        emptied = text("UPDATE change SET payload = NULL WHERE entity_id = :id")
        connection.execute(emptied, {"id": key})
    register(desk, name="李建国", id_no="519902195203140269")
    for _ in range(2):
        page.sync()
        rest(desk)
    assert "1 条记录补了两次还不一致" in page.status.text.text()
    assert "请打电话给区中心" in page.status.text.text()
