from datetime import timedelta

from app import imports, seed
from app.daily import daily
from models.exchange import Change
from models.kit import clock
from tests.make import Station


def test_the_daily_round_done_twice_changes_nothing_the_second_time(station: Station) -> None:
    station.do(imports.import_rows, seed.people(20, 3), "花名册.xlsx")
    first = station.do(daily)
    assert (first.opened, first.planned) == (0, 20)
    before = count(station)
    again = station.do(daily)
    assert (again.opened, again.planned, again.overdue, again.doubts) == (0, 0, 0, 0)
    assert count(station) == before


def test_months_later_it_still_only_does_what_is_new(station: Station) -> None:
    station.do(imports.import_rows, seed.people(5, 3), "花名册.xlsx")
    station.do(daily)
    with clock.freeze(clock.now() + timedelta(days=90)):
        station.do(daily)
        before = count(station)
        station.do(daily)
        assert count(station) == before


def count(station: Station) -> int:
    with station.store.look() as session:
        return session.query(Change).count()
