import pytest

from ui.kit import tokens
from ui.kit.tokens import AVATARS, colour, px, room, scale

TEXT = [
    ("t1", "surface"), ("t1", "bg"), ("t1", "pris"), ("t2", "surface"), ("t2", "bg"),
    ("t3", "surface"), ("t3", "bg"), ("t3", "pris"), ("prit", "pris"), ("prit", "surface"),
    ("onpri", "pri"), ("onpri", "prih"), ("onpri", "prip"), ("onpri", "bad"), ("onpri", "badh"),
    ("navt", "nav"), ("navm", "nav"), ("navt", "navs"), ("onacc", "acc"), ("onpri", "ink"),
    ("acc", "ink"), ("navok", "nav"), ("acc", "nav"), ("t2", "subtle"), ("t2", "sunken"),
]  # fmt: skip
LINES = [
    ("ctl", "surface"), ("ctl", "bg"), ("pri", "surface"), ("pri", "bg"), ("bad", "surface"),
    ("warni", "warns"), *((f"chart{n}", "surface") for n in range(1, 7)),
]  # fmt: skip


def light(hexed: str) -> float:
    parts = [int(hexed[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    lin = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * lin[0] + 0.7152 * lin[1] + 0.0722 * lin[2]


def contrast(one: str, two: str) -> float:
    low, high = sorted((light(one), light(two)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("text", "ground"), TEXT)
def test_text_can_be_read(text: str, ground: str) -> None:
    assert contrast(getattr(colour, text), getattr(colour, ground)) >= 4.5


@pytest.mark.parametrize(("line", "ground"), LINES)
def test_borders_and_marks_can_be_seen(line: str, ground: str) -> None:
    assert contrast(getattr(colour, line), getattr(colour, ground)) >= 3.0


@pytest.mark.parametrize("tone", ["neu", "pri", "ok", "warn", "bad", "info", "party"])
def test_every_tone_reads_on_its_own_ground(tone: str) -> None:
    shade = tokens.tint(tone)
    assert contrast(shade.text, shade.fill) >= 4.5


@pytest.mark.parametrize("pair", AVATARS)
def test_initials_can_be_read(pair: tuple[str, str]) -> None:
    assert contrast(*pair) >= 4.5


def test_sizes_follow_the_text_size() -> None:
    with scale.at(1.5):
        assert (px(36), px(15)) == (54, 22)
    assert px(36) == 36


def test_the_text_size_stops_at_both_ends() -> None:
    with scale.at(1.0):
        scale.step(-1)
        assert scale.value == 1.0
        scale.step(9)
        assert scale.value == 1.5


@pytest.mark.parametrize(
    ("width", "value", "wanted"),
    [(1920, 1.0, "wide"), (1366, 1.0, "full"), (1366, 1.25, "rail"), (1366, 1.5, "small"),
     (1920, 1.5, "full")],
)  # fmt: skip
def test_room_depends_on_width_and_text_size(width: int, value: float, wanted: str) -> None:
    with scale.at(value):
        assert room(width) == wanted
