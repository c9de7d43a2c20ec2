from app import retiree
from app.kit.listing import Listing, counts, ids, page, total
from models.retiree import Retiree
from models.visit import Visit
from tests.make import Station, a_day, a_retiree, a_visit, an_id_number


def some_visits(station: Station) -> tuple[str, str]:
    one = station.do(a_retiree)
    two = station.do(a_retiree, name="李建国", id_no=an_id_number("1958-03-02", 11))
    station.do(a_visit, one, visited_on=a_day("2026-11-20"))
    station.do(a_visit, two, visited_on=a_day("2026-11-10"), way="3")
    return one, two


def listing(**changes: object) -> Listing:
    columns = (Visit.visited_on, Visit.way, Visit.retiree_id)
    sort = ((Visit.visited_on, True),)
    return Listing(Visit, columns, sort=sort, **changes)  # type: ignore[arg-type]


def test_rows_are_plain_with_the_names_of_what_they_link_to(station: Station) -> None:
    one, _ = some_visits(station)
    found = station.ask(page, listing())
    assert found.total == 2
    assert found.rows[0].values == {
        "visited_on": a_day("2026-11-20"),
        "way": "1",
        "retiree_id": one,
    }
    assert [row.names["retiree_id"] for row in found.rows] == ["王秀英", "李建国"]


def test_a_linked_record_is_found_by_its_own_keys(station: Station) -> None:
    some_visits(station)
    found = station.ask(page, listing(text="ljg", search_on=Visit.retiree_id))
    assert [row.names["retiree_id"] for row in found.rows] == ["李建国"]
    assert station.ask(page, Listing(Retiree, (Retiree.name,), text="wxy")).total == 1


def test_pages_are_cut_by_the_database_and_ids_are_whole(station: Station) -> None:
    some_visits(station)
    wanted = listing(size=1)
    assert station.ask(page, wanted, 2).rows[0].names["retiree_id"] == "李建国"
    assert station.ask(page, wanted, 7).number == 2
    assert len(station.ask(ids, wanted)) == station.ask(total, wanted) == 2


def test_empty_values_come_last_either_way(station: Station) -> None:
    station.do(a_retiree, group_name="一组")
    station.do(a_retiree, id_no=an_id_number("1958-03-02", 11))
    for down in (True, False):
        wanted = Listing(Retiree, (Retiree.group_name,), sort=((Retiree.group_name, down),))
        assert station.ask(page, wanted).rows[-1].values["group_name"] is None


def test_several_counts_come_in_one_statement(station: Station) -> None:
    some_visits(station)
    chips = {"all": (Visit, Visit.id.is_not(None)), "phone": (Visit, Visit.way == "3")}
    assert station.ask(counts, chips) == {"all": 2, "phone": 1}
    assert station.ask(counts, {}) == {}
    assert station.ask(retiree.chips)["managed"] == 2
