"""Dates and masks as papers write them."""

import re
from datetime import date, datetime

from models.kit import clock


def day(value: date | None, blank: str = "") -> str:
    """2026-11-23, as tables show it."""
    return value.isoformat() if value else blank


def day_words(value: date | None, blank: str = "　　　年　　月　　日") -> str:
    """1946 年 11 月 23 日, as forms show it."""
    return f"{value.year} 年 {value.month} 月 {value.day} 日" if value else blank


def month_words(text: str) -> str:
    """`2025-12` as 2025年12月; a year alone as 2025年; anything else as it is."""
    parts = text.split("-")
    if not text or not all(part.isdigit() for part in parts):
        return text
    return "".join(f"{int(part)}{unit}" for part, unit in zip(parts, "年月日", strict=False))


def spaced(text: str) -> str:
    """`1996-11` as 1996 年 11 月, beside full days in a form."""
    words = month_words(text)
    return re.sub(r"(\d+)([年月日])", r" \1 \2", words).strip()


def period_words(start: str, end: str, blank: str = "　　　　年　　月—　　　　年　　月") -> str:
    """2025年12月—2026年11月."""
    return f"{month_words(start)}—{month_words(end)}" if start and end else blank


def moment(value: datetime) -> str:
    """2026-11-23 14:32, by the clock on the wall."""
    return f"{clock.local(value):%Y-%m-%d %H:%M}"


def masked_id(number: str) -> str:
    """First six and last four: 519902********0269."""
    return f"{number[:6]}{'*' * (len(number) - 10)}{number[-4:]}" if len(number) > 10 else number


def masked_phone(number: str) -> str:
    """138****2617; a fixed line keeps its last four."""
    if len(number) < 7:
        return number
    return f"{number[:3]}****{number[-4:]}"


def percent(part: int, whole: int) -> str:
    """To one decimal, and never all of it while some is left."""
    share = part * 100 / whole if whole else 0.0
    return f"{share if part == whole else min(share, 99.9):.1f}%" if whole else "—"


def age_words(age: int | None) -> str:
    return f"{age} 岁" if age is not None else ""


def local_day(value: datetime) -> date:
    """The calendar day in Sanya."""
    return clock.local(value).date()
