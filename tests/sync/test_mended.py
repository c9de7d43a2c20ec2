"""What the centre decided and lost from its tables comes back from its own log; what cannot be
mended is left to people, and nobody's log grows for it (sync.md 4.13)."""

import logging
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, update

from app import seed
from app.imports import import_rows
from models.employer import Employer
from models.exchange import Change
from models.kit.base import Record, table_of
from models.kit.db import Store
from models.retiree import Retiree
from models.visit import Visit
from sync.centre import sticks
from sync.centre_card import centre_card
from sync.station import agree
from sync.station.stick import pack_stick, unpack_stick
from tests.sync.lost import lose
from tests.sync.parts import Node, World, edit, world
from tests.sync.people import propose
from tests.sync.programs import visit
from tests.sync.test_agree import a_station, behind_the_back
from tests.sync.views import agree_now, pictures, same


@pytest.fixture
def anywhere(tmp_path: Path, centre_store: Store | None) -> World:
    """A centre on either database."""
    return world(tmp_path, centre_store)


def written(station: Node) -> int:
    return station.get(lambda s: s.scalar(select(func.count()).select_from(Change)))  # type: ignore[no-any-return]


def contact(here: World, station: Node) -> agree.Agreed | None:
    """What one contact does over a line, the comparison included."""
    here.sync(station)
    found = agree_now(here, station)
    if found is not None and found.asked:
        here.sync(station)
        found = agree_now(here, station)
    return found


def agreed(here: World, station: Node) -> None:
    """A contact after which nothing differs."""
    done = contact(here, station)
    assert done is not None
    assert done.differs == 0


def all_same(here: World, station: Node, *nouns: type[Record]) -> None:
    for noun in nouns:
        mine = select(noun).where(noun.office_id == station.desk.office_id)
        same(pictures(station, mine), pictures(here.node, mine))


def test_a_row_the_centre_lost_is_laid_from_its_own_log(
    anywhere: World, caplog: pytest.LogCaptureFixture
) -> None:
    """One row of an import: the station says nothing of it again."""
    here = anywhere
    station, keys = a_station(here)
    station.do(import_rows, seed.people(30, 7), "花名册.xlsx")
    station.do(edit, keys[1], mobile="13800000001", door_note="敲门")
    station.do(edit, keys[2], is_void=True, void_reason="重复登记")
    contact(here, station)
    here.node.do(edit, keys[1], door_note="中心改的")
    contact(here, station)
    imported = station.get(lambda s: s.scalars(select(Retiree.id).order_by(Retiree.id)).all())[-1]
    before, verdicts = written(station), station.outcomes()
    lose(here.node, Retiree, imported, *keys[1:3])
    station.do(edit, keys[0], mobile="13900000000")
    with caplog.at_level(logging.WARNING):
        done = contact(here, station)
    assert done is not None
    assert (done.compared, done.differing, done.figures) == (True, [], [])
    all_same(here, station, Retiree)
    assert (written(station), station.outcomes()) == (before + 1, [*verdicts, "applied"])
    assert any("laid again" in one.message for one in caplog.records)


def test_a_row_older_than_the_log_is_brought_up_to_it(here: World) -> None:
    """Two edits of the station's and one of the centre's: nobody's later word is covered."""
    station, keys = a_station(here)
    old = here.node.person(keys[0])
    assert old is not None
    for mobile in ("13800000001", "13800000002"):
        station.do(edit, keys[0], mobile=mobile)
    contact(here, station)
    here.node.do(edit, keys[0], door_note="中心改的")
    contact(here, station)
    table, before = table_of(Retiree), written(station)
    put = {"mobile": None, "door_note": None, "stamps": old.stamps}
    behind_the_back(here.node, update(table).where(table.c.id == keys[0]).values(**put))
    station.do(edit, keys[1], mobile="13900000000")
    agreed(here, station)
    all_same(here, station, Retiree)
    person = here.node.person(keys[0])
    assert person is not None
    assert (person.mobile, person.door_note) == ("13800000002", "中心改的")
    assert written(station) == before + 1


def test_a_value_that_was_lost_in_a_dispute_does_not_come_back(here: World) -> None:
    station, keys = a_station(here)
    here.node.do(edit, keys[0], mobile="13700000000")
    station.do(edit, keys[0], mobile="13800000000")
    for _ in range(3):
        contact(here, station)
    stood = here.node.person(keys[0])
    assert stood is not None
    lose(here.node, Retiree, keys[0])
    station.do(edit, keys[1], mobile="13900000000")
    agreed(here, station)
    found = here.node.person(keys[0])
    assert found is not None
    assert (found.mobile, found.stamps) == (stood.mobile, stood.stamps)


def test_a_row_that_shows_what_lost_shows_what_stood(here: World) -> None:
    """It is as it was before the station's word won."""
    station, keys = a_station(here)
    here.node.do(edit, keys[0], mobile="13700000000")
    old = here.node.person(keys[0])
    assert old is not None
    station.do(edit, keys[0], mobile="13800000000")
    contact(here, station)
    table = table_of(Retiree)
    put = {"mobile": "13700000000", "stamps": old.stamps}
    behind_the_back(here.node, update(table).where(table.c.id == keys[0]).values(**put))
    station.do(edit, keys[1], mobile="13900000000")
    agreed(here, station)
    all_same(here, station, Retiree)
    found = here.node.person(keys[0])
    assert found is not None
    assert found.mobile == "13800000000"


def test_a_person_and_their_visit_come_back_together(here: World) -> None:
    station, keys = a_station(here)
    seen = station.do(visit, keys[0])
    contact(here, station)
    before = written(station)
    lose(here.node, Visit, seen)
    lose(here.node, Retiree, keys[0])
    station.do(edit, keys[1], mobile="13900000000")
    agreed(here, station)
    all_same(here, station, Retiree, Visit)
    assert written(station) == before + 1


def test_what_cannot_be_mended_is_left_to_people_and_nothing_grows(here: World) -> None:
    """The words are gone from the log too, and only their verdict is there."""
    station, keys = a_station(here)
    lose(here.node, Retiree, keys[0])
    change = table_of(Change)
    emptied = update(change).where(change.c.entity_id == keys[0]).values(payload=None)
    behind_the_back(here.node, emptied)
    station.do(edit, keys[1], mobile="13900000000")
    before = written(station)
    for _ in range(4):
        contact(here, station)
    assert agree_now(here, station) is None  # nothing is compared until something happens
    said = station.get(agree.standing)
    assert (said.differs, said.left) == (1, 1)
    station.do(edit, keys[1], mobile="13900000001")
    done = contact(here, station)
    assert done is not None
    assert (done.differing, done.asked) == ([("retiree", keys[0])], [])
    assert written(station) == before + 1
    assert station.person(keys[0]) is not None


def test_what_the_centre_mended_and_the_station_reads_later_is_tried_once(here: World) -> None:
    """A reply that never came back counts for nothing."""
    station, keys = a_station(here)
    lose(here.node, Retiree, keys[0])
    card = station.get(centre_card)
    with station.store.look() as session:
        claim = agree.due(session, station.keys, card, station.code)
    assert claim is not None
    answer = here.centre.accept(claim).data
    for _ in range(3):  # heard, and the line broke each time
        agree.hear(station.store, station.keys, card, station.code, answer)
    assert station.get(agree.standing).left == 0
    agreed(here, station)


def test_a_field_the_centre_never_heard_of_goes_from_the_station(here: World) -> None:
    """It is told the record whole, in place of what it holds."""
    station, keys = a_station(here)
    table = table_of(Retiree)
    person = station.person(keys[0])
    assert person is not None
    put = {"mobile": "13800000000", "stamps": {**person.stamps, "mobile": "f" * 32}}
    behind_the_back(station, update(table).where(table.c.id == keys[0]).values(**put))
    agreed(here, station)
    all_same(here, station, Retiree)


def test_a_row_the_centre_lost_comes_back_by_stick(here: World, stick: Path) -> None:
    """Though nobody writes anything meanwhile."""
    station, keys = a_station(here)
    lose(here.node, Retiree, keys[0])
    lose(station, Retiree, keys[1])
    before = written(station)
    for _ in range(4):
        pack_stick(station.store, station.keys, stick, station.code)
        sticks.unpack_stick(here.centre, stick)
        sticks.pack_stick(here.centre, stick)
        unpack_stick(station.store, station.keys, stick, here.folder / "inbox", station.code)
    all_same(here, station, Retiree)
    assert station.get(agree.standing).differs == 0
    assert written(station) == before
    assert not list(stick.glob("*check*"))


def test_an_edit_lost_with_the_log_is_all_that_is_offered_again(here: World) -> None:
    """The rest of the record is laid from what the log still has."""
    station, keys = a_station(here)
    for mobile in ("13800000001", "13800000002"):
        station.do(edit, keys[0], mobile=mobile)
    contact(here, station)
    last = station.get(
        lambda s: s.scalars(
            select(Change.change_id).where(Change.entity_id == keys[0]).order_by(Change.seq)
        ).all()
    )[-1]
    behind_the_back(here.node, delete(table_of(Change)).where(Change.change_id == last))
    lose(here.node, Retiree, keys[0])
    station.do(edit, keys[1], mobile="13900000000")
    before = written(station)
    agreed(here, station)
    all_same(here, station, Retiree)
    assert written(station) == before + 1


def test_what_came_back_into_sight_comes_back_so(here: World) -> None:
    station, keys = a_station(here)
    here.node.do(edit, keys[0], is_void=True, void_reason="重复登记")
    station.do(edit, keys[0], mobile="13800000000")
    for _ in range(2):
        contact(here, station)
    lose(here.node, Retiree, keys[0])
    station.do(edit, keys[1], mobile="13900000000")
    agreed(here, station)
    all_same(here, station, Retiree)
    found = here.node.person(keys[0])
    assert found is not None
    assert (found.is_void, found.mobile) == (False, "13800000000")
    assert "is_void" in found.stamps


def test_a_record_of_everybody_comes_back_for_whoever_refers_to_it(here: World) -> None:
    station, keys = a_station(here)
    employer = station.do(propose)
    station.do(edit, keys[0], employer_id=employer)
    contact(here, station)
    before = written(station)
    lose(here.node, Employer, employer)
    station.do(edit, keys[1], mobile="13900000000")
    agreed(here, station)
    same(pictures(station, select(Employer)), pictures(here.node, select(Employer)))
    assert written(station) == before + 1
