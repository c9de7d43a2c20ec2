"""What is said of a computer's clock at sign-in, and when no more."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app import station
from app.clock_doubt import AHEAD
from app.kit.paths import Home
from models.exchange import Contact
from models.kit import clock
from models.kit.ids import new_id
from tests.app.life import PASSWORD, a_station, quick_vault
from tests.conftest import NOW

__all__ = ["quick_vault"]
FAR = NOW.replace(year=2066)


def said(home: Home, at: datetime) -> str:
    """At a sign-in."""
    with clock.freeze(at), station.open_station(home, None, PASSWORD) as here:
        return here.clock_doubt


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Somebody worked here today."""
    with clock.freeze(NOW), a_station(tmp_path / "station").station as here:
        return here.home


def test_a_clock_years_ahead_is_told_and_since_when_it_is_likely_wrong(home: Home) -> None:
    told = said(home, FAR)
    assert f"现在是 2066-11-23，上次使用是 {NOW:%Y-%m-%d}，隔了 14,610 天" in told
    for each in ("电脑的日期错了", "以前的资料没有影响", "请先核对电脑右下角的日期和时间"):
        assert each in told


def test_who_was_not_here_for_long_is_asked_once(home: Home) -> None:
    assert said(home, NOW + AHEAD - timedelta(hours=1)) == ""
    back = NOW + 3 * AHEAD
    assert "上次使用是" in said(home, back)
    assert said(home, back + timedelta(minutes=1)) == ""
    assert said(home, back + timedelta(days=30)) == ""


def test_once_it_is_right_again_nothing_is_said_of_it(home: Home) -> None:
    assert said(home, FAR)
    assert said(home, NOW + timedelta(hours=1)) == ""
    assert "上次使用是" in said(home, NOW.replace(year=2044))


def test_a_contact_since_then_says_that_the_time_has_passed(home: Home) -> None:
    late = NOW + 3 * AHEAD
    with clock.freeze(late), station.open_station(home, None, PASSWORD) as here:
        assert here.clock_doubt
        with here.store.apply() as session:
            at = late + 2 * AHEAD
            session.add(Contact(id=new_id(), at=at, way="网络", result="done"))
    assert said(home, late + 2 * AHEAD + timedelta(days=1)) == ""
