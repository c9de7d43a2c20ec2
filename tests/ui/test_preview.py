"""Papers on the screen and on the printer; the scan box."""

import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from app import retiree
from tests.ui.conftest import Opener
from ui.kit import preview
from ui.kit.ask import prepared
from ui.kit.banner import Banner
from ui.kit.preview import Pdf, PreviewDialog, PrintJob, printer_called
from ui.kit.scan import ScanBox, tidy_scan
from ui.pages import print_notices, print_pdf


@pytest.fixture
def paper(tmp_path: Path) -> bytes:
    """Three A4 pages with their number."""
    path = tmp_path / "paper.pdf"
    canvas = Canvas(str(path), pagesize=A4)
    for page in range(3):
        canvas.drawString(100, 700, f"page {page}")
        canvas.rect(100, 100, 200, 200, fill=1)
        canvas.showPage()
    canvas.save()
    return path.read_bytes()


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(1366, 688)
    made.show()
    return made


def into_file(folder: Path, count: list[int]) -> QPrinter:
    made = printer_called("")
    made.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    made.setOutputFileName(str(folder / f"sheet{len(count)}.pdf"))
    return made


def test_a_page_is_shown_with_its_own_proportions(qapp: object, paper: bytes) -> None:
    pdf = Pdf(paper)
    picture = pdf.picture(0, 72)
    assert len(pdf) == 3
    assert abs(picture.width() / picture.height() - A4[0] / A4[1]) < 0.01
    assert picture.pixelColor(200, int(A4[1]) - 200).lightness() < 10
    assert picture.pixelColor(20, 20).lightness() > 250


def test_the_pages_at_the_side_fit_and_stay_white_when_chosen(
    qtbot: QtBot, window: QWidget, paper: bytes
) -> None:
    dialog = PreviewDialog(window, "认证表", paper)
    dialog.open()
    qtbot.waitUntil(lambda: not dialog.view.pending)
    pages = dialog.view.list
    assert pages.horizontalScrollBar().maximum() == 0
    icon = pages.item(0).icon()
    chosen = icon.pixmap(pages.iconSize(), QIcon.Mode.Selected).toImage()
    assert chosen.pixelColor(5, 5).lightness() > 250
    dialog.reject()


@pytest.mark.qt_log_ignore("Returned false")
def test_every_sheet_is_a_job_and_a_jam_goes_on_where_it_stopped(
    qapp: object, paper: bytes, tmp_path: Path
) -> None:
    sent: list[int] = []
    jams = [True]

    def make() -> QPrinter:
        if len(sent) == 1 and jams:
            jams.clear()
            broken = printer_called("")
            broken.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
            broken.setOutputFileName(str(tmp_path / "no such folder" / "x.pdf"))
            return broken
        return into_file(tmp_path, sent)

    job = PrintJob(Pdf(paper), range(3))
    while job.sheet(make):
        sent.append(job.done)
    assert (job.done, job.left) == (1, 2)
    while job.left and job.sheet(make):
        sent.append(job.done)
    assert sent == [1, 2, 3]
    printed = Pdf((tmp_path / "sheet1.pdf").read_bytes())
    assert [round(side) for side in printed.size(0)] == [595, 842]


def test_a_thick_paper_is_printed_sheet_by_sheet_and_stopped_by_escape(
    qtbot: QtBot, window: QWidget, paper: bytes, tmp_path: Path
) -> None:
    sent: list[int] = []
    dialog = PreviewDialog(window, "通知单", paper, make=lambda _name: into_file(tmp_path, sent))
    dialog.sheet_printed.connect(sent.append)
    said: list[tuple[int, ...]] = []
    dialog.printed.connect(said.append)
    dialog.open()
    dialog.print_now()
    qtbot.waitUntil(lambda: len(sent) == 1)
    assert dialog.note.text() == "已打 1 / 3 张，Esc 停下"
    assert not dialog.go.isEnabled()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not dialog.printing)
    assert dialog.jam.title.text() == "已停止打印"
    assert dialog.go.text() == "接着打 2 页（Ctrl+P）"
    assert (sent, said, dialog.isVisible()) == ([0], [], True)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert (said, dialog.isVisible()) == ([(0,)], False)


def test_a_printer_that_was_taken_away_prints_on_no_other(
    qtbot: QtBot, window: QWidget, paper: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = ["旧打印机", "隔壁的"]
    monkeypatch.setattr(preview, "printer_names", lambda: tuple(here))
    asked: list[str] = []

    def make(name: str) -> QPrinter:
        asked.append(name)
        if len(asked) == 2:
            here.remove("旧打印机")
        return into_file(tmp_path, [1] * len(asked))

    dialog = PreviewDialog(window, "认证表", paper, make=make)
    dialog.open()
    dialog.print_now()
    qtbot.waitUntil(lambda: not dialog.printing)
    assert asked == ["旧打印机"] * 2
    assert "已打 2 张，还差 1 张" in dialog.jam.text.text()
    assert not dialog.jam.isHidden()
    dialog.printers.set_value("隔壁的")
    dialog.print_now()
    qtbot.waitUntil(lambda: not dialog.printing)
    assert (asked[2:], dialog.isVisible()) == (["隔壁的"], False)


def test_a_remembered_printer_that_is_gone_gives_way_to_one_that_is_named(
    window: QWidget, paper: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview, "printer_names", lambda: ("新打印机",))
    dialog = PreviewDialog(window, "认证表", paper, printer="旧打印机")
    assert (dialog.printers.currentText(), dialog.go.isEnabled()) == ("新打印机", True)


def test_the_preview_tells_how_many_pages_and_saves_the_same_bytes(
    window: QWidget, paper: bytes, tmp_path: Path
) -> None:
    dialog = PreviewDialog(window, "认证表", paper)
    dialog.open()
    assert dialog.go.text() == "打印 3 页（Ctrl+P）"
    with prepared(tmp_path / "认证表.pdf"):
        dialog.save()
    assert (tmp_path / "认证表.pdf").read_bytes() == paper


@pytest.mark.skipif(sys.platform == "win32", reason="no limit of the size of a file to be set")
def test_a_paper_that_does_not_fit_leaves_the_file_that_was_there(
    window: QWidget, paper: bytes, tmp_path: Path
) -> None:
    import resource  # noqa: PLC0415 - not on Windows

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    kept = tmp_path / "认证表.pdf"
    kept.write_bytes(b"last month's")
    dialog = PreviewDialog(window, "认证表", paper)
    told: list[object] = []
    dialog.saved.connect(told.append)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(paper) // 2, before[1]))
    try:
        with prepared(kept, None) as asked:
            dialog.save()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [one.title for one in asked.asked[1:]] == ["没有存成"]
    assert (list(tmp_path.glob("认证表*")), kept.read_bytes()) == ([kept], b"last month's")
    assert told == []


def test_a_gun_needs_no_enter_and_slow_fingers_do(qtbot: QtBot) -> None:
    box = ScanBox()
    qtbot.addWidget(box)
    box.show()
    seen: list[str] = []
    box.scanned.connect(seen.append)
    qtbot.keyClicks(box, "RZ1-519902001001-26")
    qtbot.waitUntil(lambda: bool(seen), timeout=2000)
    assert seen == ["RZ1-519902001001-26"]
    assert box.text() == ""
    with qtbot.assertNotEmitted(box.empty):
        qtbot.keyClick(box, Qt.Key.Key_Return)  # the gun's own, late
    box.late.stop()
    with qtbot.waitSignal(box.empty):
        qtbot.keyClick(box, Qt.Key.Key_Return)
    qtbot.keyClicks(box, "26-0001", delay=100)
    assert box.text() == "26-0001"
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert seen[-1] == "26-0001"


def test_full_width_and_small_letters_are_made_plain() -> None:
    assert tidy_scan("ｒｚ1—００３ ") == "RZ1-003"


def test_a_character_no_font_can_print_is_named_before_any_paper_is_printed(
    at_work: Opener,
) -> None:
    place = at_work(print_pdf=print_pdf.dialog, print_notices=print_notices.dialog)
    who = place.ids["王秀英"]
    place.show(QWidget())

    def told() -> list[tuple[str, str]]:
        place.open("print_notices", retiree_ids=[who])
        place.settle()
        banners = place.dialog(PreviewDialog).findChildren(Banner)
        return [(one.title.text(), one.text.text()) for one in banners if one.isVisible()]

    assert told() == []
    place.dialog(PreviewDialog).reject()
    place.run(retiree.edit, who, {"name": "王\U000323b0英"})
    ((title, text),) = told()
    assert "打不出" in title
    assert text == "\U000323b0（第 1 页）"
