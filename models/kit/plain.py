"""Cells and keystrokes made plain: width, blanks, invisible signs, words for nothing."""

import re

INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef\x00-\x08\x0e-\x1f\x7f]"
)
BLANK = re.compile(r"\s+")
DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−－﹣ー", "-"))
FIRST, LAST = "\u4e00", "\u9fff"
"""The Chinese characters of every day, none of which is wide or blank."""
WIDE = {0x3000: " "} | {0xFEE0 + one: one for one in range(0x21, 0x7F)}


def words(line: str) -> frozenset[str]:
    """A set of words written as one line."""
    return frozenset(line.split())


NOTHING = words(
    "- -- --- —— / \\ // . 无 无。 没有 暂无 不详 未知 不清楚 不明 空 空白 未填 待补 待查 (空) (无)"
    " null none nan n/a nil #n/a #ref! #value! #name? #div/0! #null! ? ?? *"
) | {""}
# With room for blanks between and around.
_LONGEST_NOTHING = 40
NUMERALS = dict(
    zip("〇零○一二三四五六七八九两", [0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 2], strict=True)
)
_SPOKEN = re.compile(
    r"(?:([一二两三四五六七八九])百)?[零〇]?(?:([一二三四五六七八九])?十)?([一二三四五六七八九])?"
)


def text(cell: object) -> str:
    """Any cell as text: a whole number without its ``.0``, never an exponent."""
    if cell is None or isinstance(cell, bool):
        return "" if cell is None else "是" if cell else "否"
    if isinstance(cell, float):
        return f"{cell:.0f}" if cell.is_integer() else repr(cell)
    return str(cell)


def narrow(value: str) -> str:
    """Full-width signs made narrow, invisible ones dropped, blanks trimmed and made single."""
    if value.isascii() and value.isprintable() and "  " not in value:
        return value.strip()
    if value and min(value) >= FIRST and max(value) <= LAST:  # names are hardly ever anything else
        return value
    return BLANK.sub(" ", INVISIBLE.sub("", value.translate(WIDE))).strip()


def tight(value: str) -> str:
    """As narrow, without any blank at all."""
    return narrow(value).replace(" ", "")


def is_nothing(value: str) -> bool:
    """True for an empty cell and for the words people write instead of leaving it empty."""
    return len(value) <= _LONGEST_NOTHING and tight(value).casefold() in NOTHING


def digits(value: str) -> str:
    """Chinese numerals standing for single digits become digits: 一九五二 -> 1952."""
    return "".join(str(NUMERALS[one]) if one in NUMERALS else one for one in value)


def spoken(value: str) -> int | None:
    """A spoken number up to 999: 十二 -> 12, 二十 -> 20, 一二 -> 12; None where it is none."""
    if value.isascii():
        return int(value) if value.isdigit() else None
    found = _SPOKEN.fullmatch(value)
    if found is None:
        plainly = digits(value)
        return int(plainly) if plainly.isascii() and plainly.isdigit() else None
    hundreds, tens, ones = (digits(part or "") for part in found.groups())
    total = 100 * int(hundreds or 0)
    if "十" in value:
        total += 10 * int(tens or 1)
    return total + int(ones or 0)
