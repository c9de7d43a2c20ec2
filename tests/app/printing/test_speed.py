"""A thousand forms in seconds, measured against the usual way: platypus and a default code."""

import io
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import segno
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, PageBreak, SimpleDocTemplate, Table

from app.printing import certification_form as form
from app.printing.kit import codes, fonts
from tests.app.printing.samples import INCARNATION, OFFICE, a_person, forms

COUNT = 100
TABLE_FONT = "plain-table"


def _people(count: int) -> tuple[form.Person, ...]:
    people = []
    for place in range(1, count + 1):
        number = codes.form_no(INCARNATION, place, 2026)
        text = codes.payload("RZ1", OFFICE, number, f"{place:08X}")
        people.append(replace(a_person(), number=number, payload=text, receipt_payload=""))
    return tuple(people)


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


def _as_table(people: tuple[form.Person, ...]) -> bytes:
    file = io.BytesIO()
    style = [
        ("FONT", (0, 0), (-1, -1), TABLE_FONT, 10.5),
        ("GRID", (0, 0), (-1, -1), 0.5, colors.black),
    ]
    story: list[Any] = []
    for person in people:
        rows = [[name, value] for name, value in form.fields(person).items()]
        table = Table([["编号", person.number], *rows], style=style)
        story += [_Code(person.payload), table, PageBreak()]
    SimpleDocTemplate(file, pagesize=A4).build(story)
    return file.getvalue()


def _seconds(work: Callable[[], bytes]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


@pytest.mark.slow
def test_forms_are_drawn_three_times_faster_than_as_platypus_tables() -> None:
    pdfmetrics.registerFont(TTFont(TABLE_FONT, str(fonts.FOLDER / "NotoSerifSC-Regular.ttf")))
    people = _people(COUNT)
    form.draw(forms(people[0]))
    _as_table(people[:1])
    ours = min(_seconds(lambda: form.draw(forms(*people))) for _ in range(3))
    table = min(_seconds(lambda: _as_table(people)) for _ in range(3))
    assert table > 3 * ours


@pytest.mark.slow
def test_a_thousand_forms_stay_below_two_megabytes() -> None:
    assert len(form.draw(forms(*_people(1000)))) < 2_000_000
