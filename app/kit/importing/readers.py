"""How a cell becomes a value, one maker per kind of fact."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation

from app.kit.sheet import Cell
from models.kit import address, codes, id_number, partial_date, person_name, phone, plain
from models.kit.reading import Problem, Reading

Read = Callable[[Cell, date], Reading]

_PARTS = re.compile(r"[、，,;；/|\n]+|\s{1,}")
_CODE_AND_NAME = re.compile(r"[\dA-Za-z]{1,3}[.、:\- ]*(\D+)")
_YES = plain.words("是 有 对 y yes true 1 √ ✓ ✔ ☑ v 在")
_NO = plain.words("否 无 不是 没有 n no false 0 × ✗ ✘ ☐ x 非")
MOST_PENSION_FEN = 5_000_000
MOST_DIGITS = 15
MOST_YEARS = 60


def text(limit: int, label: str) -> Read:
    """Plain text of at most so many characters."""

    def read(cell: Cell, _: date) -> Reading:
        said = person_name.mend(plain.narrow(plain.text(cell)).strip("'‘’"))
        if plain.is_nothing(said):
            return Reading()
        if len(said) > limit:
            words = f"{label}最多 {limit} 个字，现在 {len(said)} 个"
            return Reading(said[:limit], Problem(words, kind="length"))
        return Reading(said)

    return read


def number(limit: int, label: str) -> Read:
    """A number that is a name (card, account, post code): text without blanks."""

    def read(cell: Cell, today: date) -> Reading:
        if isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) >= 10**15:
            words = f"{label}被 Excel 改成了科学计数，后几位已经丢失，请重新填写"
            return Reading(problem=Problem(words, kind="damaged"))
        said = text(limit, label)(cell, today)
        return Reading(said.text.replace(" ", "") or None, said.problem)

    return read


def name(label: str = "姓名") -> Read:
    """The name of a person who must have one."""
    return lambda cell, _: person_name.check(cell, label=label)


def other_name(label: str) -> Read:
    """The name of somebody else, who need not be there."""

    def read(cell: Cell, _: date) -> Reading:
        if plain.is_nothing(plain.text(cell)):
            return Reading()
        said = person_name.check(cell, label=label)
        return Reading(said.value, said.problem, notes=said.warnings)

    return read


def id_no(cell: Cell, today: date) -> Reading:
    """A citizen's number; sex and day of birth come along."""
    said = id_number.check(cell, today)
    if said.birth_on is None:
        return said
    return Reading(
        said.value,
        said.problem,
        said.warnings,
        said.notes,
        {"sex_by_id": said.sex, "birth_on": said.birth_on},
    )


def phones(field: str) -> Read:
    """Mobile or landline, each to its own field whatever the column is called."""

    def read(cell: Cell, _: date) -> Reading:
        said = phone.parse(cell)
        more = dict(said.more)
        return Reading(more.pop(field, None), said.problem, said.warnings, said.notes, more)

    return read


def other_phone(label: str) -> Read:
    """Somebody else's number: one, whichever it is."""

    def read(cell: Cell, _: date) -> Reading:
        said = phone.parse(cell)
        problem = said.problem
        if problem is not None:
            problem = Problem(f"{label}：{problem.message}", kind=problem.kind)
        return Reading(said.value, problem, notes=said.notes)

    return read


def partial_day(label: str, earliest: int = partial_date.EARLIEST) -> Read:
    """A year, a month or a day of the past."""
    return lambda cell, today: partial_date.parse(cell, today, label=label, earliest=earliest)


def day(label: str, earliest: int = partial_date.EARLIEST) -> Read:
    """A whole day; of a month alone its first day, said in a note."""

    def read(cell: Cell, today: date) -> Reading:
        said = partial_date.parse(cell, today, label=label, earliest=earliest)
        if not said.text:
            return said
        first = partial_date.first_day(said.text)
        notes = said.notes
        if len(said.text) < 10:
            notes = (*notes, f"{label}只有 {said.text}，按 {first} 记")
        return Reading(first, said.problem, said.warnings, notes)

    return read


def year_month(label: str, earliest: int = partial_date.EARLIEST) -> Read:
    """YYYY-MM; a year alone is not enough."""

    def read(cell: Cell, today: date) -> Reading:
        said = partial_date.parse(cell, today, label=label, earliest=earliest)
        if len(said.text) == 4:
            words = f"{label}只有年份 {said.text}，请按 2005-11 这样填"
            return Reading(problem=Problem(words, kind="unclear"))
        return Reading(said.text[:7] or None, said.problem, said.warnings, said.notes)

    return read


def code(table: str, label: str) -> Read:
    """One code by its name, a synonym or itself; what is unknown stays out and is asked about."""

    def read(cell: Cell, _: date) -> Reading:
        said = plain.narrow(plain.text(cell))
        found = _find(table, said)
        if found or plain.is_nothing(said):
            return Reading(found)
        return Reading(warnings=(f"{label}“{said[:20]}”不在可选的里面，这一格先不导入",))

    return read


def several(table: str, label: str) -> Read:
    """Several codes in one cell; words that are none are handed on as ``<table>_words``."""

    def read(cell: Cell, _: date) -> Reading:
        said = plain.narrow(plain.text(cell))
        if plain.is_nothing(said):
            return Reading()
        parts = [said] if _find(table, said) else [one for one in _PARTS.split(said) if one]
        found = {one: _find(table, one) for one in parts if not plain.is_nothing(one)}
        unknown = "、".join(one for one, hit in found.items() if hit is None)
        notes = (f"{label}里的“{unknown[:40]}”没有对应标签，记在备注里",) if unknown else ()
        known = sorted({hit for hit in found.values() if hit})
        more = {f"{table.lower()}_words": unknown} if unknown else {}
        return Reading(known or None, notes=notes, more=more)

    return read


def _find(table: str, said: str) -> str | None:
    entries = codes.table(table)
    found = entries.find(said) or entries.find(re.sub(r"[(（].*", "", said))
    if found is None:
        parted = _CODE_AND_NAME.fullmatch(said)
        found = entries.find(parted[1]) if parted else None
    return found


def flag(label: str) -> Read:
    """Yes or no in any of the usual signs."""

    def read(cell: Cell, _: date) -> Reading:
        said = plain.tight(plain.text(cell)).casefold()
        if said in _YES or said in _NO:
            return Reading(said in _YES)
        if plain.is_nothing(said):
            return Reading()
        return Reading(warnings=(f"{label}“{said[:20]}”看不出是或否，这一格先不导入",))

    return read


def fen(label: str) -> Read:
    """Yuan as offices write them, kept as integer fen."""

    def read(cell: Cell, _: date) -> Reading:
        said = plain.tight(plain.text(cell))
        if plain.is_nothing(said):
            return Reading()
        bare = re.sub(r"[,，¥￥$]|元.*$|^(?:约|大约|人民币)", "", said)
        try:
            amount = _hundredfold(Decimal(bare))
        except (InvalidOperation, ValueError, OverflowError):
            words = f"看不懂{label}“{said[:20]}”，请填数字，如 3456.78"
            return Reading(problem=Problem(words, kind="unclear"))
        return _amount(amount, label)

    return read


def _hundredfold(yuan: Decimal) -> int:
    """Raises OverflowError where an exponent asks for more digits than there is memory."""
    if yuan.adjusted() > MOST_DIGITS:
        raise OverflowError
    return int((yuan * 100).to_integral_value())


def _amount(amount: int, label: str) -> Reading:
    if amount < 0:
        return Reading(problem=Problem(f"{label}是负数，请核对", kind="unclear"))
    if amount > MOST_PENSION_FEN:
        words = f"{label} {amount / 100:,.2f} 元，比平常多得多，请核对"
        return Reading(min(amount, 2**53), warnings=(words,))
    return Reading(amount)


def months(label: str) -> Read:
    """A span in months; years are written as 31年5个月, or alone as nobody has so few months."""

    def read(cell: Cell, _: date) -> Reading:
        said = plain.tight(plain.text(cell))
        if plain.is_nothing(said):
            return Reading()
        found = re.fullmatch(r"(?:(\d{1,2})年)?零?(?:(\d{1,4})(?:个月|月))?", said)
        if found and said:
            return Reading(12 * int(found[1] or 0) + int(found[2] or 0))
        if re.fullmatch(r"\d{1,3}", said):
            return _months(int(said), label)
        return Reading(warnings=(f"看不懂{label}“{said[:20]}”，这一格先不导入",))

    return read


def _months(number: int, label: str) -> Reading:
    if not 0 < number <= MOST_YEARS:
        return Reading(number)
    words = f"{label}“{number}”像是年数，按 {number} 年（{12 * number} 个月）记，请核对"
    return Reading(12 * number, warnings=(words,))


def home(cell: Cell, _: date) -> Reading:
    """An address with its parts."""
    said = address.parse(person_name.mend(plain.text(cell)))
    if not said.text:
        return Reading()
    if len(said.text) > 120:
        words = f"地址最多 120 个字，现在 {len(said.text)} 个"
        return Reading(said.text[:120], Problem(words, kind="length"))
    return Reading(said.text, more={name: part for name, part in said.columns.items() if part})
