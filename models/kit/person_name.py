"""Names of people: rare characters, dots of minority names, what rosters put beside them."""

import re
import unicodedata

from models.kit import plain
from models.kit.reading import Problem, Reading

LONGEST = 50
DOT = "·"
# Eighteen two-byte codes of GB 18030 that Python still reads into the private-use area
# (GB 18030-2022; resources/codes/gb18030-2022-changed.csv).
MOVED = dict(
    zip(
        (*range(0xE78D, 0xE797), 0xE81E, 0xE826, 0xE82B, 0xE82C, 0xE832, 0xE843, 0xE854, 0xE864),
        (0xFE10, 0xFE12, 0xFE11, *range(0xFE13, 0xFE1A), *range(0x9FB4, 0x9FBC)),
        strict=True,
    )
)
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010fffd]")
_RADICAL = re.compile("[\u2e80-\u2fdf]")
_DOTS = re.compile("[•．‧・∙●⋅᛫●●]")
_BETWEEN_HAN = re.compile(r"(?<=[^\x00-\x7f])[.\-。、](?=[^\x00-\x7f])")
_ASIDE = re.compile(r"[(\[【〔<《].*?[)\]】〕>》]|[(\[【〔<《].*$")
_LOST = re.compile("[?？□■\ufffd〓]")
_STRAY = re.compile(r"[^\w·'’.\- \u3400-\U0003ffff\u2ff0-\u2fff]")
_BLANK_BY_HAN = re.compile(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])")


def mend(text: str) -> str:
    """Private-use signs that old GB 18030 tables produce become the characters they stand for."""
    return text.translate(MOVED)


def normalise(text: str) -> str:
    """The name as it is stored: 王 芳 -> 王芳, 买买提•吐尔逊 -> 买买提·吐尔逊."""
    text = _RADICAL.sub(lambda hit: unicodedata.normalize("NFKC", hit[0]), mend(text))
    name = _BLANK_BY_HAN.sub("", plain.narrow(_DOTS.sub(DOT, text)).strip("'‘’\"“”"))
    return _BETWEEN_HAN.sub(DOT, name).strip(" ·,，、:：;；*")


def is_typed(text: str, name: str) -> bool:
    """Is this the name, whatever dots and blanks it was typed with?"""
    return name in (text.strip(), normalise(text))


def check(raw: object, *, label: str = "姓名") -> Reading:
    """Understand a name as typed or as a cell holds it; never raises."""
    text = plain.text(raw)
    if plain.is_nothing(text) and not _LOST.search(text):
        return Reading(problem=Problem(f"{label}没有填", kind="empty"))
    whole = normalise(text)
    name = normalise(_ASIDE.sub("", whole))
    problem = _problem(name, whole, label)
    return Reading(name or None, problem, _warnings(name, whole, label))


def _problem(name: str, whole: str, label: str) -> Problem | None:
    if not name:
        return Problem(f"{label}“{whole}”不像人名，请核对", kind="empty")
    if _LOST.search(name):
        return Problem(f"{label}“{name}”里有一个字丢了，请对照身份证补上", kind="lost")
    number = re.search(r"\d+", name)
    if number:
        return Problem(f"{label}里有数字“{number[0]}”，请核对", kind="digits")
    if len(name) > LONGEST:
        return Problem(f"{label}有 {len(name)} 个字，最多 {LONGEST} 个", kind="length")
    stray = _STRAY.search(name)
    if stray:
        return Problem(f"{label}里的“{stray[0]}”不是字，请核对", kind="stray")
    return None


def _warnings(name: str, whole: str, label: str) -> tuple[str, ...]:
    found = []
    if whole != name and name:
        aside = "".join(_ASIDE.findall(whole)) or whole.replace(name, "")
        found.append(f"{label}后面的“{aside}”没有放进{label}，请核对")
    if _PRIVATE.search(name):
        found.append(f"{label}“{name}”里有自造字，别的电脑可能显示不出，请对照身份证核对")
    if len(name) == 1:
        found.append(f"{label}只有一个字“{name}”，请核对")
    return tuple(found)
