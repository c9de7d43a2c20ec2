"""T7 and T8: forms, the first picture on screen."""

import io
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import segno
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, PageBreak, SimpleDocTemplate, Table

from app.kit import keyfile
from app.kit.paths import Home
from app.printing import certification_form as form
from app.printing.kit import codes, fonts
from models.kit.ids import new_id
from tests.app.printing.samples import INCARNATION, OFFICE, a_person, forms
from tests.bench.measure import Cost, Line, both, cost

TABLE_FONT = "plain-table"


def papers(count: int) -> list[Line]:
    """T7: forms per CPU second against a platypus table with a default code."""
    pdfmetrics.registerFont(TTFont(TABLE_FONT, str(fonts.FOLDER / "NotoSerifSC-Regular.ttf")))
    some = _people(count)
    form.draw(forms(some[0]))
    _as_table(some[:1])
    ours, peer = both(lambda: form.draw(forms(*some)), lambda: _as_table(some), 3)
    size = len(form.draw(forms(*_people(1000)))) / 1e6
    return [
        Line(
            "T7",
            f"{count} forms: platypus / ours",
            f"{peer.cpu / ours.cpu:.1f}x",
            "3x",
            f"{count / ours.cpu:.0f} forms per CPU second, 1,000 forms {size:.2f} MB (2)",
        )
    ]


def _people(count: int) -> tuple[form.Person, ...]:
    made = []
    for place in range(1, count + 1):
        number = codes.form_no(INCARNATION, place, 2026)
        text = codes.payload("RZ1", OFFICE, number, f"{place:08X}")
        made.append(replace(a_person(), number=number, payload=text, receipt_payload=""))
    return tuple(made)


class _Code(Flowable):  # type: ignore[misc]
    def __init__(self, text: str) -> None:
        super().__init__()
        self.matrix = segno.make(text, error="q").matrix
        self.width = self.height = 70

    def draw(self) -> None:
        step = self.width / len(self.matrix)
        for y, row in enumerate(self.matrix):
            for x, dark in enumerate(row):
                if dark:
                    self.canv.rect(x * step, -y * step, step, step, stroke=0, fill=1)


def _as_table(some: tuple[form.Person, ...]) -> bytes:
    file = io.BytesIO()
    style = [
        ("FONT", (0, 0), (-1, -1), TABLE_FONT, 10.5),
        ("GRID", (0, 0), (-1, -1), 0.5, colors.black),
    ]
    story: list[Any] = []
    for person in some:
        rows = [[name, value] for name, value in form.fields(person).items()]
        story += [
            _Code(person.payload),
            Table([["编号", person.number], *rows], style=style),
            PageBreak(),
        ]
    SimpleDocTemplate(file, pagesize=A4).build(story)
    return file.getvalue()


BARE = """
import os
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget
NAMES
class Window(QWidget):
    def paintEvent(self, event):
        QTimer.singleShot(0, lambda: os._exit(0))
app = QApplication([])
one = Window()
one.resize(1366, 688)
one.show()
app.exec()
"""
NAMES = """
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QIcon, QLinearGradient, QPainter, QPalette
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QMainWindow, QPushButton, QScrollArea
"""
OURS = """
import os, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from ui.main import main
from ui.shell.startup import Startup
Startup._seen = lambda _: QTimer.singleShot(0, lambda: os._exit(0))
main(Path(sys.argv[1]))
"""
ROUNDS = 12


def first_paint() -> list[Line]:
    """T8: from the interpreter's start until the sign-in page is painted, against an empty Qt
    window; with bytecode, as they are shipped. CPU seconds, since the machine may be busy."""
    with TemporaryDirectory() as name:
        home = Home(Path(name))
        accounts = [{"id": new_id(), "name": "刘桂兰", "title": "站长", "wrap": "kept"}]
        keyfile.save(home, {"accounts": accounts})
        codes = (BARE.replace("NAMES", ""), BARE.replace("NAMES", NAMES), OURS)
        rounds = [[_started(code, name) for code in codes] for _ in range(ROUNDS)][1:]
    bare, named, ours = (min(one.cpu for one in each) for each in zip(*rounds, strict=True))
    return [
        Line(
            "T8",
            "sign-in page / empty Qt window, CPU until painted",
            f"{ours / bare:.1f}x",
            "1.3x",
            f"{ours * 1000:.0f} ms, {bare * 1000:.0f} ms; {named * 1000:.0f} ms the empty window "
            "where Python has loaded Qt's names for colours, keys and a handful of controls",
        )
    ]


def _started(code: str, home: str) -> Cost:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPYCACHEPREFIX": home}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-c", code, home]
    return cost(
        lambda: subprocess.run(command, check=True, env=environment, stderr=subprocess.DEVNULL)
    )
