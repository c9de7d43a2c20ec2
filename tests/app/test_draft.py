"""What somebody began to type: kept, found, their own."""

from app import draft
from app.kit.run import look, run
from app.kit.who import Desk
from app.station import Station
from models.exchange import Change
from models.kit import clock
from tests.app.life import here, made_station, quick_vault, station_home
from tests.conftest import NOW

__all__ = ["here", "made_station", "quick_vault", "station_home"]


def test_a_draft_is_kept_found_renewed_and_dropped(here: Station) -> None:
    with clock.freeze(NOW):
        run(here.store, here.desk, draft.save, "visit", "r1", {"living_note": "在"}, "王秀英 走访")
        run(
            here.store, here.desk, draft.save, "visit", "r1", {"living_note": "在家"}, "王秀英 走访"
        )
        run(here.store, here.desk, draft.save, "register", "", {"name": "新人"})
    found = look(here.store, here.desk, draft.find, "visit", "r1")
    assert found is not None
    assert (found.values["living_note"], found.title) == ("在家", "王秀英 走访")
    assert f"{clock.local(found.saved_at):%H:%M}" == "14:32"
    assert len(look(here.store, here.desk, draft.waiting)) == 2
    run(here.store, here.desk, draft.drop, "visit", "r1")
    assert look(here.store, here.desk, draft.find, "visit", "r1") is None


def test_a_draft_is_ones_own_and_never_in_the_stream(here: Station) -> None:
    other = Desk("b" * 32, "陈敏", here.office.id, frozenset({"clerk"}))
    run(here.store, here.desk, draft.save, "visit", "r1", {"a": 1})
    assert look(here.store, other, draft.find, "visit", "r1") is None
    run(here.store, other, draft.save, "visit", "r1", {"a": 2})
    mine = look(here.store, here.desk, draft.find, "visit", "r1")
    assert mine is not None
    assert mine.values == {"a": 1}
    with here.store.look() as session:
        assert {one.entity for one in session.query(Change)} == {"staff", "account", "audit"}
