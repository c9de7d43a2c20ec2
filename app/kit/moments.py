"""Moments as people say them."""

from datetime import datetime

from models.kit import clock


def days_since(at: datetime) -> int:
    """Whole days of the calendar; 0 also where a clock was ahead."""
    return max(0, (clock.today() - clock.local(at).date()).days)


def oldest(at: datetime | None) -> str:
    """，最早的是 3 天前的; empty where there is none."""
    if at is None:
        return ""
    days = days_since(at)
    return f"，最早的是{f' {days} 天前' if days else '今天'}的"


def near(at: datetime) -> str:
    """今天 08:45, 昨天 17:20, 11-20 09:12."""
    local = clock.local(at)
    days = (clock.today() - local.date()).days
    far = f"{local:%m-%d}" if local.year == clock.today().year else f"{local:%Y-%m-%d}"
    day = {0: "今天", 1: "昨天"}.get(days, far)
    return f"{day} {local:%H:%M}"
