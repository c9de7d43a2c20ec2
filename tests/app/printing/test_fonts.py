"""A name is printed whatever it is written with."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from app.printing.kit import fonts
from app.printing.kit.join import joined
from app.printing.kit.page import Paper, lacking
from tests.app.printing.reading import whole

RARE = "𠮷"  # outside of every font in the box


@pytest.fixture
def no_extensions(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(fonts, "extension_files", list)
    fonts.forget()
    yield
    monkeypatch.undo()
    fonts.forget()


@pytest.fixture
def an_extension_font(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    path = _font_with(RARE, tmp_path / "simsunb.ttf")
    monkeypatch.setattr(fonts, "extension_files", lambda: [path])
    fonts.forget()
    yield
    monkeypatch.undo()
    fonts.forget()


def _font_with(char: str, path: Path) -> Path:
    pen = TTGlyphPen(None)
    for place, point in enumerate(((100, 0), (900, 0), (900, 800), (100, 800))):
        (pen.lineTo if place else pen.moveTo)(point)
    pen.closePath()
    square = pen.glyph()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "one"])
    builder.setupCharacterMap({ord(char): "one"})
    builder.setupGlyf({".notdef": square, "one": square})
    builder.setupHorizontalMetrics({".notdef": (1000, 100), "one": (1000, 100)})
    builder.setupHorizontalHeader(ascent=860, descent=-140)
    builder.setupNameTable({"familyName": "Extension", "styleName": "Regular", "psName": "Ext"})
    builder.setupOS2(sTypoAscender=860, sCapHeight=700)
    builder.setupPost()
    builder.save(path)
    return path


def _printed(text: str, *, heavy: bool = False) -> str:
    paper = Paper("试")
    paper.text(20, 50, text, heavy=heavy)
    return whole(paper.finish())


@pytest.mark.usefixtures("no_extensions")
def test_the_characters_of_rare_names_need_no_font_of_the_computer() -> None:
    assert fonts.missing("䶮𬭎㛃𫖯·①№√") == []


@pytest.mark.usefixtures("no_extensions")
def test_a_character_without_a_glyph_is_named_once() -> None:
    assert fonts.missing("王𠮷", "李𠮷𮯰") == ["𠮷", "𮯰"]


@pytest.mark.usefixtures("no_extensions")
def test_a_character_without_a_glyph_leaves_a_box_one_em_wide() -> None:
    assert fonts.width(f"王{RARE}", 10) == pytest.approx(20)
    assert _printed(f"王{RARE}英") == "王英"


@pytest.mark.usefixtures("no_extensions")
def test_a_paper_knows_which_characters_it_lacks_and_where_also_when_joined() -> None:
    papers = []
    for names in (["王芳"], ["李芳", f"王{RARE}", f"李{RARE}"]):
        paper = Paper("试")
        for at, name in enumerate(names):
            if at:
                paper.next_page()
            paper.text(20, 50, name)
        papers.append(paper.finish())
    assert [lacking(one) for one in papers] == [{}, {RARE: 2}]
    assert lacking(joined(papers)) == {RARE: 3}


@pytest.mark.usefixtures("no_extensions")
def test_beside_a_character_without_a_glyph_there_is_still_room_to_write_a_date() -> None:
    rest = "已于　　 年　　月　　日收到"
    assert fonts.width(f"{RARE}{rest}", 10) == pytest.approx(10 + fonts.width(rest, 10))


def test_invisible_characters_from_a_paste_leave_no_box() -> None:
    assert fonts.missing("王\u200b\t\u202c") == []
    assert fonts.width("王\u200b", 10) == fonts.width("王", 10)
    assert _printed("王\u200b英") == "王英"


@pytest.mark.usefixtures("an_extension_font")
def test_a_font_of_the_computer_fills_the_gap() -> None:
    assert fonts.missing(RARE) == []
    assert _printed(f"王{RARE}英") == f"王{RARE}英"


@pytest.mark.parametrize("heavy", [False, True])
def test_text_comes_back_as_it_went_in(*, heavy: bool) -> None:
    text = "王䶮𬭎ABCabc0123（）《》“”—…·㐀㛃龘"
    assert _printed(text, heavy=heavy) == text


def test_bold_borrows_from_regular_what_its_cut_lacks() -> None:
    rare = "㐀"
    assert not fonts.bold().has(rare)
    assert [face for face, _ in fonts.runs(f"王{rare}", heavy=True)] == [
        fonts.bold(),
        fonts.regular(),
    ]


def test_the_bold_cut_holds_the_table_of_general_standard_characters() -> None:
    assert sum("\u4e00" <= char <= "\u9fff" for char in fonts.bold().widths) > 7_800
    assert fonts.bold().has("一䶮𬭎𫖯")


def test_screen_fonts_stay_small() -> None:
    sizes = [path.stat().st_size for path in fonts.FOLDER.glob("NotoSansSC-*.ttf")]
    assert len(sizes) == 2
    assert sum(sizes) < 4_000_000
