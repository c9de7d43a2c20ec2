"""Values as people read them, private ones masked."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from models.kit import clock, codes
from models.kit.base import Record, facts
from models.kit.fields import Fact
from models.kit.kinds import Day, Moment
from models.kit.masks import masked

NOTHING = "未填"
WEEKDAYS = "一二三四五六日"


def shown(fact: Fact, value: Any, *, nothing: str = NOTHING) -> str:
    """A value on a screen: named, masked by its fact, `nothing` where there is none."""
    if value is None or value == "" or value == []:
        return nothing
    if isinstance(value, str) and ("*" in value or value.startswith("尾号")):
        return value
    if fact.mask is not None:
        return masked(fact.mask, str(value))
    if isinstance(fact.kind, Day | Moment) and isinstance(value, str):
        return value
    return fact.kind.show(value)


def pairs(
    entity: type[Record], names: tuple[str, ...], values: Mapping[str, Any]
) -> list[tuple[str, str]]:
    """Label and value for a list of facts; what this person may not see is absent."""
    known = facts(entity)
    return [(known[n].label, shown(known[n], values[n])) for n in names if n in values]


def code(table: str, value: str | None) -> str:
    """The name of a code, nothing for nothing."""
    return codes.table(table).name(value) if value else ""


def span(time: timedelta) -> str:
    """40 分钟, 3 小时, 12 天, whichever way it runs."""
    minutes = int(abs(time).total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} 分钟"
    return f"{minutes // 60} 小时" if minutes < 24 * 60 else f"{abs(time).days:,} 天"


def fast(off: timedelta) -> str:
    """快 3 小时 or 慢 12 天, of a clock that is so far ahead."""
    return f"{'快' if off > timedelta() else '慢'} {span(off)}"


def day(value: date | None, *, today: date | None = None) -> str:
    """MM-DD within this year, else with the year."""
    if value is None:
        return ""
    now = today or clock.today()
    return f"{value:%m-%d}" if value.year == now.year else f"{value:%Y-%m-%d}"


def near_day(value: date | None) -> str:
    """今天, 昨天, 明天, else as `day`."""
    if value is None:
        return ""
    words = {0: "今天", -1: "昨天", 1: "明天"}
    return words.get((value - clock.today()).days) or day(value)


def month_day(value: date) -> str:
    """11月23日, with the year when it is another."""
    year = f"{value.year}年" if value.year != clock.today().year else ""
    return f"{year}{value.month}月{value.day}日"


def full_day(value: date) -> str:
    """11月23日 星期一."""
    return f"{value.month}月{value.day}日 星期{WEEKDAYS[value.weekday()]}"


def moment(value: datetime | None) -> str:
    """14:32 today, else 11-02 14:32, with the year when it is another."""
    if value is None:
        return ""
    local = clock.local(value)
    if local.date() == clock.today():
        return f"{local:%H:%M}"
    return f"{day(local.date())} {local:%H:%M}"


def time_left(elapsed_ms: int, share: float) -> str:
    """约 20 秒, by what the ``share`` that is done has taken; empty where none or all is."""
    if not 0 < share < 1:
        return ""
    seconds = elapsed_ms / 1000 * (1 - share) / share
    return f"约 {max(1, round(seconds))} 秒" if seconds < 90 else f"约 {round(seconds / 60)} 分钟"
