import pytest
from sqlalchemy.orm import Session

from app import centre, office
from app.kit.refusal import Refusal
from models.office import Office
from models.retiree import DEAD, MOVED_OUT, Retiree
from tests.make import Station, a_retiree


def test_an_office_is_made_once_and_found_by_name_and_code(station: Station) -> None:
    first = station.do(centre.office_for, "丹州社区", "519902001009")
    for words in ("丹州社区", "519902001009"):
        assert station.do(centre.office_for, words) == first
    assert station.ask(office.names)[first["id"]] == "丹州社区"
    assert station.ask(centre.office_name, first["id"]) == "丹州社区"
    assert station.ask(centre.office_name, "0" * 32) == ""


def test_an_office_without_a_code_gets_a_free_one_of_the_district(station: Station) -> None:
    here = station.get(Office, station.desk.office_id).code
    codes = [station.do(centre.office_for, name)["code"] for name in ("红光村", "落塘村")]
    assert codes == [f"{here[:6]}198901", f"{here[:6]}198902"]


def test_a_code_that_is_none_is_refused(station: Station) -> None:
    with pytest.raises(Refusal, match="12 位"):
        station.do(centre.office_for, "南丁村", "5199")


def test_the_centre_is_no_station_of_its_own(station: Station) -> None:
    def above(session: Session) -> None:
        session.add(Office(code="519902000000", name="棠湖区退休人员服务中心", level="2"))

    station.do(above)
    for words in ("棠湖区退休人员服务中心", "519902000000"):
        with pytest.raises(Refusal, match="不是站点"):
            station.do(centre.office_for, words)


def test_a_name_that_is_too_long_for_an_office_is_refused(station: Station) -> None:
    with pytest.raises(Refusal, match="机构名称"):
        station.do(centre.office_for, "很长的社区" * 13)


@pytest.mark.parametrize("gone", [DEAD, MOVED_OUT])
def test_whoever_died_or_left_is_not_on_the_books(station: Station, gone: str) -> None:
    key = station.do(a_retiree)
    assert station.ask(centre.figures)["people"] == 1

    def leave(session: Session) -> None:
        session.get_one(Retiree, key).manage_state = gone

    station.do(leave)
    assert station.ask(centre.figures)["people"] == 0
    assert len(station.ask(centre.people)) == 1
