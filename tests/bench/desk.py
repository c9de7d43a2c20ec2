"""T6-T8: search, forms, the first picture on screen."""

import io
import os
import random
import subprocess
import sys
import time
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
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.printing import certification_form as form
from app.printing.kit import codes, fonts
from app.seed import people
from models.kit.base import table_of
from models.kit.changes import insert_many
from models.kit.search import found
from models.retiree import Retiree
from tests.app.printing.samples import INCARNATION, OFFICE, a_person, forms
from tests.bench.measure import Cost, Line, best, cost, median, percentile
from tests.sync.parts import world

TABLE_FONT = "plain-table"


def search(count: int) -> list[Line]:
    """T6: keys against LIKE over the same encrypted register."""
    with TemporaryDirectory() as name:
        station = world(Path(name)).station("460203198001")
        columns = {column.name for column in table_of(Retiree).columns}
        rows = [
            {key: value for key, value in one.items() if key in columns} for one in people(count, 3)
        ]
        station.do(insert_many, Retiree, rows)
        draw = random.Random(1)  # noqa: S311 - which words are asked
        asked = [str(draw.choice(rows)["name"])[-1] for _ in range(60)]
        asked += ["没有人叫这个"] * 10
        with station.store.look() as session:
            keys = [_timed(session, found(Retiree, word, 50)) for word in asked]
            wide = [
                _timed(session, select(Retiree).where(Retiree.id.in_(found(Retiree, word, 50))))
                for word in asked
            ]
            like = [
                _timed(session, select(Retiree.id).where(Retiree.name.like(f"%{word}%")).limit(50))
                for word in asked
            ]
    return [
        Line(
            "T6",
            f"LIKE / keys, no hit, {count} people, encrypted",
            f"{median(like[-10:]) / median(keys[-10:]):.0f}x",
            "1000x at 1M",
            f"keys p95 {percentile(keys, 0.95) * 1000:.1f} ms (5), "
            f"with rows {percentile(wide, 0.95) * 1000:.1f} ms (30)",
        )
    ]


def _timed(session: Session, chosen: Select[Any]) -> float:
    start = time.perf_counter()
    session.execute(chosen).all()
    return time.perf_counter() - start


def papers(count: int) -> list[Line]:
    """T7: forms per CPU second against a platypus table with a default code."""
    pdfmetrics.registerFont(TTFont(TABLE_FONT, str(fonts.FOLDER / "NotoSerifSC-Regular.ttf")))
    some = _people(count)
    form.draw(forms(some[0]))
    _as_table(some[:1])
    ours = best(lambda: form.draw(forms(*some)))
    peer = best(lambda: _as_table(some))
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
from PySide6.QtWidgets import QApplication, QWidget
app = QApplication([]); one = QWidget(); one.resize(1366, 688); one.show(); one.grab()
"""
OURS = """
import sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
app = QApplication([])
from app.kit.paths import Home
from ui.kit import style
from ui.main import Program
style.apply(app)
program = Program(Home(Path(sys.argv[1]))); program.begin(); app.processEvents()
for one in app.topLevelWidgets(): one.grab()
import os; os._exit(0)
"""


def first_paint() -> list[Line]:
    """T8: the first picture of the program against that of an empty Qt window, both with bytecode
    as they are shipped; CPU seconds, since the machine may be busy."""
    with TemporaryDirectory() as home:
        for code in (BARE, OURS):
            _started(code, home)
        bare = min((_started(BARE, home) for _ in range(5)), key=lambda one: one.cpu)
        ours = min((_started(OURS, home) for _ in range(5)), key=lambda one: one.cpu)
    return [
        Line(
            "T8",
            "first picture / empty Qt window, CPU",
            f"{ours.cpu / bare.cpu:.1f}x",
            "1.3x",
            f"{ours.cpu * 1000:.0f} ms, {bare.cpu * 1000:.0f} ms, the interpreter's start in both; "
            f"on the clock {ours.wall * 1000:.0f} and {bare.wall * 1000:.0f} ms",
        )
    ]


def _started(code: str, home: str) -> Cost:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPYCACHEPREFIX": home}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-c", code, home]
    return cost(lambda: subprocess.run(command, check=True, env=environment))
