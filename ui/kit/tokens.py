"""Every literal colour and size of the screens, and the user's text size."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Literal, NamedTuple

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QPalette


@dataclass
class Colours:
    """Read at paint time, never copied: high contrast replaces the values."""

    bg: str = "#F1F4F5"
    surface: str = "#FFFFFF"
    subtle: str = "#F6F8F9"
    sunken: str = "#E9EEF0"
    row: str = "#E8EDEF"
    line: str = "#DDE4E7"
    line2: str = "#C6D0D4"
    ctl: str = "#7E8E96"
    thumb: str = "#B1BDC3"
    wrong: str = "#FFFBFA"
    t1: str = "#1A2A30"
    t2: str = "#44555D"
    t3: str = "#586870"
    tdis: str = "#8C9AA1"
    pri: str = "#0F6478"
    prih: str = "#0B5365"
    prip: str = "#084250"
    pris: str = "#E2F0F3"
    prib: str = "#A9D3DC"
    prit: str = "#0B5264"
    onpri: str = "#FFFFFF"
    ok: str = "#1D7348"
    oks: str = "#E4F3EA"
    okb: str = "#A9D6BC"
    warn: str = "#8A4F00"
    warns: str = "#FDF1DA"
    warnb: str = "#EBCB8B"
    warni: str = "#B46A00"
    bad: str = "#B3261E"
    badh: str = "#8F1E18"
    bads: str = "#FBE9E7"
    badb: str = "#EDB4AF"
    info: str = "#2A5798"
    infos: str = "#E8EFF9"
    infob: str = "#B5CAE8"
    party: str = "#A8201A"
    partys: str = "#FBEBE6"
    neu: str = "#44555D"
    neus: str = "#ECF0F2"
    nav: str = "#15333C"
    navh: str = "#1E424C"
    navs: str = "#2A535E"
    navt: str = "#E3EEF0"
    navm: str = "#A3BDC4"
    navok: str = "#7CC79B"
    acc: str = "#F2B84B"
    onacc: str = "#3A2600"
    ink: str = "#10242B"
    brand: str = "#1D4A56"
    skytop: str = "#193C45"
    skylow: str = "#215A68"
    far: str = "#1C4752"
    near: str = "#12303A"
    lit: str = "#9A8444"
    chart1: str = "#1B7F94"
    chart2: str = "#C57B16"
    chart3: str = "#76909E"
    chart4: str = "#468E62"
    chart5: str = "#8565A6"
    chart6: str = "#C26046"
    chart0: str = "#C6D0D4"


colour = Colours()

AVATARS: tuple[tuple[str, str], ...] = (
    ("#E3E6F5", "#3B4A95"),
    ("#E1EFE3", "#256238"),
    ("#F6E7D5", "#84500F"),
    ("#E7EBEE", "#44555D"),
    ("#EFE1EA", "#743562"),
    ("#DAECEF", "#0B5264"),
)


class Tint(NamedTuple):
    text: str
    fill: str
    border: str
    icon: str


def tint(tone: str) -> Tint:
    c = colour
    return {
        "neu": Tint(c.neu, c.neus, c.line2, c.neu),
        "pri": Tint(c.prit, c.pris, c.prib, c.prit),
        "ok": Tint(c.ok, c.oks, c.okb, c.ok),
        "warn": Tint(c.warn, c.warns, c.warnb, c.warni),
        "bad": Tint(c.bad, c.bads, c.badb, c.bad),
        "info": Tint(c.info, c.infos, c.infob, c.info),
        "party": Tint(c.party, c.partys, c.badb, c.party),
    }[tone]


TYPE: dict[str, tuple[int, bool]] = {
    "display": (30, True),
    "num": (28, True),
    "title": (20, True),
    "h2": (16, True),
    "strong": (15, True),
    "body": (15, False),
    "small": (14, False),
    "caption": (13, False),
}
FAMILIES = ["Microsoft YaHei UI", "Noto Sans CJK SC", "Noto Sans SC"]
SCALES: tuple[float, ...] = (1.0, 1.25, 1.5)

RADIUS, RADIUS_CONTROL, RADIUS_TAG = 8, 5, 4
CONTROL = {"s": 30, "m": 36, "l": 44, "scan": 52}
CHIP, TAG, TOPBAR, HEADER = 32, 24, 56, 38
ROW_ONE, ROW_TWO, ROW_TASK = 42, 48, 56
NAV_FULL, NAV_RAIL, NAV_ITEM, NAV_ITEM_MIN = 188, 84, 46, 34
SIDE_PANEL, GUTTER = 346, 12
TOAST_MS, SCRIM = 10_000, 0.46


class Scale(QObject):
    """The text size the person chose; multiplies with the system's own scaling."""

    scaleChanged = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self.value = 1.0

    def set(self, value: float) -> None:
        nearest = min(SCALES, key=lambda known: abs(known - value))
        if nearest != self.value:
            self.value = nearest
            self.scaleChanged.emit(nearest)

    def step(self, by: int) -> None:
        place = SCALES.index(self.value) + by
        self.set(SCALES[max(0, min(place, len(SCALES) - 1))])

    @contextmanager
    def at(self, value: float) -> Iterator[None]:
        before = self.value
        self.set(value)
        try:
            yield
        finally:
            self.set(before)


scale = Scale()


def px(n: float) -> int:
    return round(n * scale.value)


Room = Literal["wide", "full", "rail", "small"]


def room(width: int) -> Room:
    """How much a window of this width can show at the chosen text size."""
    eff = width / scale.value
    if eff >= 1500:
        return "wide"
    if eff >= 1180:
        return "full"
    return "rail" if eff >= 1000 else "small"


def _high_contrast(palette: QPalette) -> dict[str, str]:
    text, base = palette.windowText().color().name(), palette.window().color().name()
    high, onhigh = palette.highlight().color().name(), palette.highlightedText().color().name()
    gone = palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text).name()
    new = dict.fromkeys((f.name for f in fields(Colours)), text)
    flat = "bg surface subtle sunken wrong oks warns bads infos partys neus nav navh ink brand "
    flat += "skytop skylow far near"
    new |= dict.fromkeys(flat.split(), base)
    new |= dict.fromkeys(["pri", "prih", "prip", "pris", "badh", "navs", "acc"], high)
    new |= dict.fromkeys(["onpri", "onacc", "prit"], onhigh)
    return new | {"tdis": gone}


def use_system_colours(palette: QPalette) -> None:
    for name, value in _high_contrast(palette).items():
        setattr(colour, name, value)


def use_own_colours() -> None:
    for each in fields(Colours):
        setattr(colour, each.name, each.default)
