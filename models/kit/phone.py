"""Phone numbers as rosters hold them: mobile, landline, two in a cell, or the word for none."""

import re

from models.kit import plain
from models.kit.reading import Problem, Reading

AREA = "0898"
NO_PHONE = plain.words(
    "无 没有 无。 无电话 没有电话 没电话 无手机 没手机 无联系电话 无号码 无电 没有手机 没装电话"
)
_MOBILE = re.compile("1[0-9]{10}")
_BETWEEN = re.compile(r"[/、，,;；|\\\n]|或者?|\s{2,}|(?<=\d{7})\s(?=1\d{10}|0\d{2,3}|\d{7,8}$)")
_WHOSE = re.compile(r"[(（【\[]?([\u4e00-\u9fff]{1,6})[)）】\]]?")
_TAIL = re.compile(r"(?:转|-|—|ext\.?)\s*(\d{1,5})$", re.IGNORECASE)


def mask(number: str) -> str:
    """First three and last four, for every screen and list."""
    return f"{number[:3]}****{number[-4:]}" if len(number) >= 10 else number


def parse(raw: object, *, area: str = AREA) -> Reading:
    """``value`` is the first number; ``more`` holds mobile and phone, or no_phone. Never raises."""
    text = plain.text(raw).translate(plain.WIDE)
    if is_mobile(text):
        return Reading(text, more={"mobile": text})
    if plain.tight(text).strip("()") in NO_PHONE:
        return Reading(more={"no_phone": True})
    if plain.is_nothing(text):
        return Reading()
    found: dict[str, object] = {}
    spare: list[str] = []
    notes: list[str] = []
    for part in filter(None, (plain.narrow(one) for one in _BETWEEN.split(text))):
        number, whose = _number_and_owner(part)
        if not number:
            notes.append(f"电话里的“{part}”没有存")
            continue
        said = _one(number, area)
        if said.problem is not None:
            return said
        field = "mobile" if is_mobile(said.text) else "phone"
        if field in found:
            spare.append(said.text)
        else:
            found[field] = said.text
        if whose:
            notes.append(f"{said.text} 注明是“{whose}”的电话")
    notes += [f"还有一个号码 {one} 没有存" for one in spare]
    first = found.get("mobile") or found.get("phone")
    return Reading(first, notes=tuple(notes), more=found)


def is_mobile(number: str) -> bool:
    """Eleven digits from 1."""
    return _MOBILE.fullmatch(number) is not None


def _number_and_owner(part: str) -> tuple[str, str]:
    whose = "".join(
        one for one in _WHOSE.findall(part) if one not in ("转", "手机", "电话", "座机")
    )
    number = _WHOSE.sub(lambda hit: "-" if hit[1] == "转" else "", part)
    return number.strip(" :：.。'‘’\"“”"), whose


def _one(number: str, area: str) -> Reading:
    bare = re.sub(r"^(?:\+|00)86[ -]?", "", number.translate(plain.DASHES))
    digits = re.sub(r"[ \-()'.]", "", bare)
    if not (digits.isascii() and digits.isdigit()):
        words = f"看不懂电话“{number[:20]}”；没有手机请填固定电话"
        return Reading(problem=Problem(words, kind="unclear"))
    if is_mobile(digits):
        return Reading(digits)
    landline = _landline(bare, digits, area)
    if landline:
        return Reading(landline)
    return Reading(problem=_wrong(digits))


def _landline(bare: str, digits: str, area: str) -> str | None:
    tail = _TAIL.search(bare)
    if tail and len(digits) - len(tail[1]) >= 11:
        main = _landline(bare[: tail.start()], digits[: -len(tail[1])], area)
        return f"{main}-{tail[1]}" if main else None
    if digits.startswith(area) and len(digits) - len(area) in (7, 8):
        return f"{area}-{digits[len(area) :]}"
    if len(digits) == 8 and digits[0] in "2345678":
        return f"{area}-{digits}"
    if digits.startswith(area[1:]) and len(digits) == len(area) + 7:  # Excel dropped the zero
        return f"{area}-{digits[len(area) - 1 :]}"
    return _other_area(bare, digits)


def _other_area(bare: str, digits: str) -> str | None:
    if digits[0] != "0" or not 10 <= len(digits) <= 12:
        return None
    written = re.match(r"\(?(0\d{2,3})[) -]", bare)
    code = written[1] if written else digits[: 3 if digits[1] in "12" else 4]
    rest = digits[len(code) :]
    return f"{code}-{rest}" if len(rest) in (7, 8) else None


def _wrong(digits: str) -> Problem:
    if digits[0] == "1" and len(digits) >= 8:
        words = f"手机号应为 11 位，现在是 {len(digits)} 位；没有手机请填固定电话"
        return Problem(words, kind="length")
    words = f"固定电话“{digits[:20]}”位数不对，请连区号一起填，如 {AREA}-88000000"
    return Problem(words, kind="length")
