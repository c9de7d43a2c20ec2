"""Glyphs for every name: bold, else regular, else the computer's extension fonts, else a box."""

import os
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache, cached_property
from itertools import groupby
from pathlib import Path
from threading import Lock
from typing import Any

from reportlab.pdfbase import pdfdoc
from reportlab.pdfbase.ttfonts import TTFontFace

FOLDER = Path(__file__).resolve().parents[3] / "resources" / "fonts"
EXTENSIONS = ("simsunb.ttf", "SimsunExtG.ttf", "HanaMinB.ttf", "HanaMinA.ttf")

_parsing = Lock()


class Face:
    """One font file, parsed when first needed."""

    def __init__(self, key: str, path: Path) -> None:
        self.key = key
        self.path = path
        self._parsed: Any = None

    @property
    def parsed(self) -> Any:
        if self._parsed is None:
            with _parsing:
                if self._parsed is None:
                    self._parsed = TTFontFace(str(self.path))
        return self._parsed

    @cached_property
    def widths(self) -> dict[str, float]:
        """In thousandths of the font size; what is not here has no glyph."""
        parsed = self.parsed
        return {chr(code): float(parsed.charWidths[code]) for code in parsed.charToGlyph}

    def has(self, text: str) -> bool:
        return all(map(self.widths.__contains__, text))

    def width(self, text: str) -> float:
        return sum(map(self.widths.__getitem__, text))

    def cut(self, text: str) -> bytes:
        """A TrueType file with the glyphs of `text`, numbered from 1 in the order of `text`."""
        with _parsing:
            return bytes(self.parsed.makeSubset([ord(c) for c in text]))

    def glyph_numbers(self, text: str) -> list[int]:
        """Where `cut` puts each character: two characters may share one glyph."""
        place = {0: 0}
        known = self.parsed.charToGlyph
        return [place.setdefault(known[ord(c)], len(place)) for c in text]


def _font_folders() -> Iterator[Path]:
    windows = os.environ.get("WINDIR")
    if windows:
        yield Path(windows) / "Fonts"
    local = os.environ.get("LOCALAPPDATA")
    if local:
        yield Path(local) / "Microsoft" / "Windows" / "Fonts"
    yield Path("/usr/share/fonts/truetype/hanazono")
    yield Path("/usr/share/fonts/truetype/fonts-hanazono")
    yield Path("/usr/share/fonts/hanazono")


def extension_files() -> list[Path]:
    """Fonts of this computer with characters beyond the basic planes of ours."""
    found = (folder / name for folder in _font_folders() for name in EXTENSIONS)
    return [path for path in found if path.is_file()]


@cache
def regular() -> Face:
    return Face("R", FOLDER / "NotoSerifSC-Regular.ttf")


@cache
def bold() -> Face:
    return Face("B", FOLDER / "NotoSerifSC-Bold-subset.ttf")


@cache
def extensions() -> tuple[Face, ...]:
    return tuple(Face(f"X{n}", path) for n, path in enumerate(extension_files()))


@cache
def _face_for(char: str, *, heavy: bool) -> Face | None:
    first = (bold(), regular()) if heavy else (regular(),)
    for face in first:
        if face.has(char):
            return face
    return next((face for face in extensions() if face.has(char)), None)


def visible(text: str) -> str:
    """Tabs and the like as spaces, zero-width and control characters not at all; a space as wide
    as a character stays, for it is room to write in."""
    spaced = (" " if c.isspace() and c != "\u3000" else c for c in text)
    return "".join(c for c in spaced if unicodedata.category(c) not in {"Cc", "Cf"})


def forget() -> None:
    """Look again for fonts of the computer: somebody installed one."""
    extensions.cache_clear()
    _face_for.cache_clear()


def runs(text: str, *, heavy: bool = False) -> list[tuple[Face | None, str]]:
    """The text in pieces of one face each; None: no face has it, leave a box."""
    face = bold() if heavy else regular()
    if face.has(text):
        return [(face, text)] if text else []
    text = visible(text)
    pick: Callable[[str], Face | None] = lambda c: _face_for(c, heavy=heavy)  # noqa: E731
    return [(found, "".join(chars)) for found, chars in groupby(text, pick)]


def width(text: str, size: float, *, heavy: bool = False) -> float:
    """In points; a character without a glyph counts as one em."""
    face = bold() if heavy else regular()
    if face.has(text):
        return face.width(text) * size / 1000
    pieces = runs(text, heavy=heavy)
    units = sum(face.width(part) if face else 1000.0 * len(part) for face, part in pieces)
    return units * size / 1000


def missing(*texts: str) -> list[str]:
    """The characters no font of this computer can print, each once, in reading order."""
    wanted = dict.fromkeys(visible("".join(texts)))
    return [c for c in wanted if _face_for(c, heavy=False) is None]


class Script:
    """One face inside one PDF: two-byte codes, one embedded cut with exact text back."""

    def __init__(self, name: str, face: Face) -> None:
        self.name = name
        self.face = face
        self._codes: dict[str, str] = {}

    def encode(self, text: str) -> str:
        codes = self._codes
        for char in text:
            if char not in codes:
                codes[char] = f"{len(codes) + 1:04X}"
        return "".join([codes[char] for char in text])

    def addObjects(self, doc: Any) -> None:  # noqa: N802 - the name reportlab calls at the end
        chars = "".join(self._codes)
        title = f"{'ABCDEF'[: 6 - len(self.name)]}{self._letters()}+SangyuSerif"
        descriptor = self._descriptor(doc, title, chars)
        descendant = pdfdoc.PDFDictionary(
            {
                "Type": "/Font",
                "Subtype": "/CIDFontType2",
                "BaseFont": pdfdoc.PDFName(title),
                "CIDSystemInfo": pdfdoc.PDFDictionary(
                    {
                        "Registry": pdfdoc.PDFString("Adobe"),
                        "Ordering": pdfdoc.PDFString("Identity"),
                        "Supplement": 0,
                    }
                ),
                "FontDescriptor": descriptor,
                "DW": 1000,
                "W": pdfdoc.PDFArray([1, pdfdoc.PDFArray([self.face.width(c) for c in chars])]),
                "CIDToGIDMap": _stream(doc, f"glyphs:{self.name}", self._glyph_map(chars)),
            }
        )
        font = pdfdoc.PDFDictionary(
            {
                "Type": "/Font",
                "Subtype": "/Type0",
                "BaseFont": pdfdoc.PDFName(title),
                "Encoding": "/Identity-H",
                "DescendantFonts": pdfdoc.PDFArray([doc.Reference(descendant)]),
                "ToUnicode": _stream(doc, f"text:{self.name}", _to_unicode(self._codes)),
            }
        )
        doc.idToObject["BasicFonts"].dict[self.name] = doc.Reference(font, f"font:{self.name}")

    def _letters(self) -> str:
        return "".join(chr(ord("A") + int(c, 36) % 26) for c in self.name)

    def _glyph_map(self, chars: str) -> bytes:
        numbers = [0, *self.face.glyph_numbers(chars)]
        return b"".join(number.to_bytes(2, "big") for number in numbers)

    def _descriptor(self, doc: Any, title: str, chars: str) -> Any:
        parsed, data = self.face.parsed, self.face.cut(chars)
        file = _stream(doc, f"file:{self.name}", data, Length1=len(data))
        facts = {
            "Type": "/FontDescriptor",
            "FontName": pdfdoc.PDFName(title),
            "Flags": 4,
            "FontBBox": pdfdoc.PDFArray(list(parsed.bbox)),
            "ItalicAngle": 0,
            "Ascent": parsed.ascent,
            "Descent": parsed.descent,
            "CapHeight": parsed.capHeight,
            "StemV": parsed.stemV,
            "FontFile2": file,
        }
        return doc.Reference(pdfdoc.PDFDictionary(facts))


def _stream(doc: Any, name: str, content: bytes, **entries: int) -> Any:
    stream = pdfdoc.PDFStream(pdfdoc.PDFDictionary(dict(entries)), content)
    stream.filters = [pdfdoc.PDFZCompress]
    return doc.Reference(stream, name)


def _to_unicode(codes: dict[str, str]) -> bytes:
    pairs = [f"<{code}> <{c.encode('utf-16-be').hex().upper()}>" for c, code in codes.items()]
    blocks = [pairs[start : start + 100] for start in range(0, len(pairs), 100)]
    lines = [
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
        "1 begincodespacerange <0000> <FFFF> endcodespacerange",
    ]
    for block in blocks:
        lines += [f"{len(block)} beginbfchar", *block, "endbfchar"]
    lines.append("endcmap CMapName currentdict /CMap defineresource pop end end")
    return "\n".join(lines).encode("ascii")
