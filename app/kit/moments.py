"""Moments as people say them."""

from datetime import datetime

from models.kit import clock


def near(at: datetime) -> str:
    """今天 08:45, 昨天 17:20, 11-20 09:12."""
    local = clock.local(at)
    days = (clock.today() - local.date()).days
    far = f"{local:%m-%d}" if local.year == clock.today().year else f"{local:%Y-%m-%d}"
    day = {0: "今天", 1: "昨天"}.get(days, far)
    return f"{day} {local:%H:%M}"
