"""Photos and papers on screen: by file, drop and paste, looked at, corrected, taken out."""

from collections.abc import Iterator
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication, QImage, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from app import attachment, certification, seed_pictures, visit
from app.attachment import New
from models.attachment import Blob
from models.audit import Audit
from tests.make import visit_values
from tests.ui.clipped import clipped, primaries
from tests.ui.conftest import Opener
from tests.ui.station import Station
from tests.ui.test_person import seated, shown, texts
from ui.kit.ask import prepared
from ui.kit.pictures import Cache, Source, Thumb, cache
from ui.kit.preview import PreviewDialog
from ui.kit.tokens import SCALES, scale
from ui.pages import attachment as pages
from ui.pages import certify, print_pdf
from ui.pages import visit as visit_pages
from ui.pages.attachment import AddDialog, Viewer, WordsDialog
from ui.pages.certify import CertifyDialog
from ui.pages.person import PersonPage
from ui.pages.person.attachments import Attachments
from ui.pages.person.portrait import Portrait
from ui.pages.visit import VisitDialog

WHO = "王秀英"
AUDITOR = frozenset({"auditor"})


@pytest.fixture
def place(at_work: Opener) -> Iterator[Station]:
    cache.clear()
    made = at_work(
        attachment=pages.dialog, attach=pages.add, describe=pages.describe,
        visit=visit_pages.dialog, certify=certify.dialog, print_pdf=print_pdf.dialog,
    )  # fmt: skip
    made.window.resize(1366, 688)
    made.window.show()
    yield made
    QGuiApplication.clipboard().clear()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "门口.png"
    Image.new("RGB", (400, 300), "green").save(path)
    return path


def thumbs(widget: QWidget) -> list[Thumb]:
    return [one for one in widget.findChildren(Thumb) if one.isVisible()]


def card(page: PersonPage, title: str) -> Attachments:
    found = page.findChildren(Attachments)
    return next(one for one in found if one.isVisible() and one.heading == title)


def rows(place: Station) -> list[attachment.Row]:
    return place.look(attachment.attachments, place.ids[WHO])  # type: ignore[no-any-return]


def hang(place: Station, *pictures: New, **owner: str) -> None:
    place.run(attachment.attach, place.ids[WHO], pictures, **owner)


def drop(widget: QWidget, *paths: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDropEvent(
        QPointF(5, 5), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier, QEvent.Type.Drop,
    )  # fmt: skip
    widget.dropEvent(event)


# the photo in the header ----------------------------------------------------------------------


def portrait(place: Station) -> Portrait:
    return shown(place).head.photo


def test_a_photo_is_put_in_by_file_replaced_by_drop_and_taken_away(
    place: Station, photo: Path
) -> None:
    face = portrait(place)
    assert [words for words, _, _ in face.acts()] == ["添加照片…", "粘贴照片"]
    with prepared([photo]):
        face.act("choose")
        place.settle()
    assert not face.picture.isNull()
    assert "照片" in face.accessibleName()
    Image.new("RGB", (300, 500), "red").save(photo)
    drop(face, photo)
    place.settle()
    assert place.said[-1] == f"已换上 {WHO} 的照片"
    assert face.picture.toImage().pixelColor(5, 5).red() > 200
    QTest.keyClick(face, Qt.Key.Key_Delete)
    place.settle()
    assert face.picture.isNull()
    place.window.toast.press()
    place.settle()
    assert not face.picture.isNull()


def test_a_photo_is_pasted_and_an_empty_clipboard_is_told(place: Station) -> None:
    face = portrait(place)
    with prepared() as seen:
        face.act("paste")
    assert seen.asked[0].title == "没有可以粘贴的图片"
    image = QImage(90, 120, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.blue)
    QGuiApplication.clipboard().setImage(image)
    face.act("paste")
    place.settle()
    assert face.picture.toImage().pixelColor(5, 5).blue() > 200


def test_what_is_no_picture_is_refused_and_the_photo_stays(place: Station, tmp_path: Path) -> None:
    face = portrait(place)
    letter = tmp_path / "信.jpg"
    letter.write_bytes(b"not a picture")
    with prepared([letter], [tmp_path / "gone.jpg"]) as seen:
        for _ in range(2):
            face.act("choose")
            place.settle()
    assert "不是能收的图片" in seen.asked[1].text
    assert "读不出来" in seen.asked[3].text
    assert face.picture.isNull()


def test_a_photo_that_has_not_arrived_is_told_in_words(place: Station) -> None:
    place.run(attachment.set_portrait, place.ids[WHO], seed_pictures.portrait())
    with place.store.apply() as session:
        session.query(Blob).delete()
    face = portrait(place)
    assert face.words == "未到本机"
    assert "还没有传到本机" in face.toolTip()


def test_whoever_may_only_look_is_offered_nothing_else(place: Station) -> None:
    place.run(attachment.set_portrait, place.ids[WHO], seed_pictures.portrait())
    hang(place, New(seed_pictures.paper(), "11"))
    seated(place, AUDITOR)
    page = shown(place)
    assert [name for _, _, name in page.head.photo.acts()] == ["look"]
    assert not page.head.photo.acceptDrops()
    assert not card(page, "照片与附件").strip.acceptDrops()
    card(page, "照片与附件").strip.thumbs[0].clicked.emit()
    place.settle()
    viewer = place.dialog(Viewer)
    assert viewer.remove_button.isHidden()
    assert viewer.out_button.isHidden()


# the cards ------------------------------------------------------------------------------------


def test_files_dropped_on_the_card_are_named_and_saved(
    place: Station, photo: Path, tmp_path: Path
) -> None:
    page = shown(place)
    letter = tmp_path / "合同.docx"
    letter.write_bytes(b"PK")
    drop(card(page, "照片与附件"), photo, letter)
    place.settle()
    dialog = place.dialog(AddDialog)
    assert [one.source.name for one in dialog.pending.made] == [photo.name]
    assert "合同.docx：这不是能收的图片" in dialog.pending.words.text()
    assert clipped(dialog) == []
    assert len(primaries(dialog)) == 1
    dialog.form.put({"kind": "11", "caption": "正面"})
    dialog.save()
    place.settle()
    assert place.said[-1] == "已添加 1 份附件"
    (row,) = rows(place)
    assert (row.kind_name, row.caption, row.file_name) == ("身份证", "正面", photo.name)
    assert [one.item.title for one in thumbs(page)] == ["正面"]
    assert not thumbs(page)[0].face.picture.isNull()
    place.window.toast.press()
    place.settle()
    assert thumbs(page) == []


def test_the_same_file_chosen_twice_is_taken_once_and_can_be_left_out_again(
    place: Station, photo: Path
) -> None:
    dialog = pages.add(place.context, retiree_id=place.ids[WHO], sources=[Source("1", photo)])
    dialog.open()
    place.settle()
    with prepared([photo]):
        dialog.pending.add_button.click()
        place.settle()
    assert len(dialog.pending.made) == 1
    QTest.keyClick(dialog.pending.strip.thumbs[0], Qt.Key.Key_Delete)
    place.settle()
    assert dialog.pending.made == []
    assert not dialog.save_button.isEnabled()
    dialog.done(0)


def test_a_photo_of_a_visit_hangs_on_the_last_visit(place: Station, photo: Path) -> None:
    trip = place.run(visit.record_visit, visit_values(place.ids[WHO])).id
    page = shown(place, "visits")
    with prepared([photo]):
        card(page, "走访照片")._pick()
    place.settle()
    dialog = place.dialog(AddDialog)
    dialog.save()
    place.settle()
    (row,) = rows(place)
    assert (row.visit_id, row.kind_name) == (trip, "走访照片")
    assert len(thumbs(page)) == 1
    page.choose("basic")
    place.settle()
    assert len(thumbs(page)) == 1
    page.choose("certification")
    place.settle()
    assert "还没有认证照片和材料。把文件拖到这里，或点“添加”" in texts(page)


def test_arrow_keys_go_along_the_strip_and_enter_opens(place: Station, qtbot: QtBot) -> None:
    hang(place, New(seed_pictures.doorway(9), "02"), New(seed_pictures.doorway(20), "02"))
    page = shown(place)
    first, second = thumbs(page)
    assert first.item.title in first.accessibleName()
    QTest.keyClick(first, Qt.Key.Key_Right)
    qtbot.waitUntil(second.hasFocus)
    QTest.keyClick(second, Qt.Key.Key_Return)
    place.settle()
    assert place.dialog(Viewer).key == second.item.key


@pytest.mark.parametrize("size", SCALES)
@pytest.mark.parametrize("wide", [1178, 1700])
def test_nothing_is_cut_off_in_any_size(place: Station, size: float, wide: int) -> None:
    hang(
        place,
        New(seed_pictures.paper(), "11", caption="一句相当长的说明用来看看会不会撑破"),
        New(seed_pictures.doorway(), "02"),
    )
    try:
        scale.set(size)
        page = shown(place, size=(wide, 632))
        assert clipped(card(page, "照片与附件")) == []
        thumbs(page)[0].clicked.emit()
        place.settle()
        assert clipped(place.dialog(Viewer)) == []
    finally:
        scale.set(1.0)


# looking --------------------------------------------------------------------------------------


def viewer(place: Station, at: int = 0) -> Viewer:
    found = rows(place)
    made = pages.dialog(
        place.context, attachment_id=found[at].id, among=[one.id for one in found], whose=WHO
    )
    made.open()
    place.settle()
    return made


def test_a_picture_is_zoomed_turned_and_the_next_one_shown(place: Station) -> None:
    hang(place, New(seed_pictures.doorway(), "02"), New(seed_pictures.paper(pages=2), "23"))
    at = [one.media_type for one in rows(place)].index("image/jpeg")
    made = viewer(place, at)
    before = made.large.sheet.pixmap().size()
    QTest.keyClick(made, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    assert made.large.sheet.pixmap().width() > before.width()
    made.large.whole()
    QTest.keyClick(made, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    turned = made.large.sheet.pixmap().size()
    assert turned.width() < turned.height()
    QTest.keyClick(made, Qt.Key.Key_Right if at == 0 else Qt.Key.Key_Left)
    place.settle()
    assert made.pdf.isVisible()
    assert made.pdf.pdf is not None
    assert len(made.pdf.pdf) == 2
    made.done(0)


def test_a_missing_content_is_told_and_cannot_be_taken_out(place: Station) -> None:
    hang(place, New(seed_pictures.doorway(), "02"))
    with place.store.apply() as session:
        session.query(Blob).delete()
    page = shown(place)
    assert "还没有传到本机" in thumbs(page)[0].accessibleName() + thumbs(page)[0].toolTip()
    made = viewer(place)
    assert made.absent.isVisible()
    assert not made.out_button.isEnabled()
    assert not made.print_button.isEnabled()
    made.done(0)


def test_taking_out_asks_why_and_writes_the_file(place: Station, tmp_path: Path) -> None:
    hang(place, New(seed_pictures.doorway(), "02"))
    made, out = viewer(place), tmp_path / "导出.jpg"
    with prepared("交街道存档", out) as seen:
        made.take_out()
        place.settle()
    assert seen.asked[1].start == f"{WHO}-走访照片-20261123.jpg"
    assert out.read_bytes() == seed_pictures.doorway().data
    noted = place.look(lambda s: s.scalars(select(Audit.detail).where(Audit.act == "导出")).all())
    assert noted == ["走访照片，用途：交街道存档"]
    with prepared("再来", tmp_path / "no" / "such.jpg") as seen:
        made.take_out()
        place.settle()
    assert seen.asked[-1].title == "没有导出"
    made.done(0)


def test_printing_asks_why_and_shows_the_sheet(place: Station) -> None:
    hang(place, New(seed_pictures.doorway(), "02"))
    made = viewer(place)
    with prepared("存入档案"):
        made.print_out()
        place.settle()
    name, arguments = place.opened[-1]
    sheet = pypdfium2.PdfDocument(arguments["data"])
    wide, tall = sheet[0].get_size()
    assert (name, len(sheet), wide > tall) == ("print_pdf", 1, True)
    colours = sheet[0].render(scale=0.2).to_pil().convert("RGB").getcolors(100_000)
    assert len(colours) > 5
    sheet.close()
    made.done(0)


@pytest.mark.parametrize(("role", "saves"), [("clerk", True), ("health", False)])
def test_who_may_print_but_not_take_out_has_no_file_of_it(
    place: Station,
    role: str,
    saves: bool,  # noqa: FBT001
) -> None:
    hang(place, New(seed_pictures.doorway(), "02"))
    seated(place, frozenset({role}))
    made = viewer(place)
    with prepared("存入档案"):
        made.print_out()
        place.settle()
    sheet = place.dialog(PreviewDialog)
    words = {one.text() for one in sheet.findChildren(QPushButton) if one.isVisible()}
    assert ("另存为 PDF" in words, made.out_button.isVisible()) == (saves, saves)
    sheet.done(0)
    made.done(0)


def test_words_are_put_right_and_one_is_taken_away_and_back(place: Station) -> None:
    hang(place, New(seed_pictures.paper(), "99"))
    made = viewer(place)
    made.words()
    place.settle()
    words = place.dialog(WordsDialog)
    words.form.put({"kind": "13", "caption": "首页"})
    words.save()
    place.settle()
    assert (rows(place)[0].kind_name, made.title.text()) == ("户口簿", "首页")
    with prepared("传错了"):
        made.remove()
        place.settle()
    assert rows(place) == []
    place.window.toast.press()
    place.settle()
    assert rows(place)[0].caption == "首页"


# with a visit and a certification -------------------------------------------------------------


def test_a_visit_is_saved_with_its_photos_in_one_action(
    qtbot: QtBot, place: Station, photo: Path
) -> None:
    dialog = visit_pages.dialog(place.context, place.ids[WHO])
    assert isinstance(dialog, VisitDialog)
    dialog.open()
    place.settle()
    drop(dialog.pictures, photo)
    assert not dialog.save_button.isEnabled()
    place.settle()
    qtbot.waitUntil(lambda: not dialog.pictures.strip.visibleRegion().isEmpty())
    dialog.form.put({"met_in_person": True})
    dialog.save()
    place.settle()
    (row,) = rows(place)
    assert row.visit_id
    assert row.kind_name == "走访照片"
    place.window.toast.press()
    place.settle()
    assert rows(place) == []
    assert place.look(visit.visits, retiree_id=place.ids[WHO]).total == 0


def test_a_certification_is_saved_with_its_papers(place: Station, photo: Path) -> None:
    dialog = certify.dialog(place.context, place.ids[WHO])
    assert isinstance(dialog, CertifyDialog)
    dialog.open()
    place.settle()
    dialog.pictures.take([Source(photo.name, photo)])
    place.settle()
    dialog.save()
    place.settle()
    (row,) = rows(place)
    history = place.look(certification.history, place.ids[WHO])
    assert row.certification_id in [one.id for one in history]


def test_thumbnails_in_memory_are_bounded(qapp: object) -> None:
    held = Cache(2)
    for name in "abc":
        held.put(name, QPixmap(10, 10))
        held.get("a")
    assert set(held.held) == {"a", "c"}
