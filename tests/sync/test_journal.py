"""What is kept beside the centre's database brings a copy that was put back up to date: as if it
had never been put back."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from app import ruling
from models.cert_task import CertTask
from models.certification import Certification
from models.exchange import Held, Installation, Invitation
from models.family import Family
from models.kit import clock
from models.movement import Movement
from models.relay import District, Vouched
from models.retiree import LOST, MANAGED
from models.ruling import OTHER, Ruling
from sync.centre.keeping import journal as kept_beside
from sync.centre.keeping import keep
from sync.centre.keeping.journal import LOCAL, Journal, State
from sync.centre.recall import Recalled, recall
from sync.fault import Fault
from tests.sync import test_row_rules as row_rules
from tests.sync import test_voids as voids
from tests.sync import test_whole_cases as whole_cases
from tests.sync.parts import World, copy_of, edit, register, swap, world
from tests.sync.people import choose, propose, rename, turn
from tests.sync.views import LOGGED, agree, epoch_of, pictures, projection

COLUMNS = [column.name for column in LOGGED]


@pytest.fixture
def here(tmp_path: Path) -> World:
    made = world(tmp_path)
    made.centre.journal = Journal(tmp_path / "raw")
    return made


def centre_put_back(here: World, data: bytes) -> Recalled | None:
    """Behind the program's back; then the service is started."""
    swap(here.node, data)
    here.centre.store = here.node.store
    return recall(here.centre)


def busy(here: World) -> None:
    """Two stations and the centre change the same people, and one number is held twice."""
    one, two = here.stations
    key = one.do(register, name="甲", mobile="13800000001")
    firm = one.do(propose)
    here.sync(one)
    here.sync(two)
    here.node.do(edit, key, mobile="13800000002", door_note="三楼")
    one.do(edit, key, mobile="13800000003")
    two.do(rename, firm, "7")
    two.do(register, name="甲")
    for station in (two, one, two):
        here.sync(station)
    one.do(edit, key, door_note="五楼")
    here.sync(one)


def test_a_file_that_is_not_there_any_more_is_told_and_without_the_rest_one_goes_on(
    here: World,
) -> None:
    """What came after it rests on it."""
    station = here.station("460203198001")
    here.sync(station)
    data = copy_of(here.node)
    here.centre.store = here.node.store
    key = station.do(register, name="甲")
    here.sync(station)
    journal = here.centre.journal
    assert journal
    last = journal.numbers()[-1]
    here.node.do(lambda session: session.add(Family(retiree_id=key, name="丙", relation="1")))
    here.centre.keep()
    (journal.folder / kept_beside._name(last)).unlink()
    with pytest.raises(Fault, match="少了文件"):
        centre_put_back(here, data)
    assert here.node.person(key) is None
    journal.folder.rename(journal.folder.with_name("raw-aside"))
    assert recall(here.centre) is None
    for _ in range(2):
        here.sync(station)
    assert here.node.person(key)


def test_put_back_it_is_as_if_it_never_had_been(here: World) -> None:
    here.station("460203198001")
    data = copy_of(here.node)
    here.station("460203198002")  # let in after the copy
    busy(here)
    before = projection(here)
    done = centre_put_back(here, data)
    assert done is not None
    assert done.epoch == 2
    assert projection(here) == before
    for station in here.stations:
        assert here.sync(station).begun
    agree(here)
    assert recall(here.centre) is None


def decided_by_people(here: World) -> None:
    """A dispute taken whole, a voiding taken after all, another brought back, a certification that
    had to wait until a state was put right."""
    station, key, family = voids.known(here)
    here.node.do(edit, key, manage_state=LOST)
    station.do(whole_cases.suspects, key)
    here.sync(station)
    choose(here, key, OTHER)
    here.sync(station)
    here.node.do(edit, key, door_note="按铃")
    station.do(voids.void_all, key, family)
    here.sync(station)
    choose(here, key, OTHER)
    here.sync(station)
    here.node.do(turn, key)
    here.sync(station)
    here.node.do(turn, key)
    station.do(edit, key, door_note="敲门")
    here.sync(station)
    task = station.do(row_rules.due, key)
    here.sync(station)
    here.node.do(row_rules.died, key, station.desk.office_id, clock.today())
    station.do(row_rules.certify, key, task)
    here.sync(station)
    here.node.do(edit, key, manage_state=MANAGED)
    here.sync(station)


def test_what_people_decided_comes_out_the_same(here: World) -> None:
    data = copy_of(here.node)
    decided_by_people(here)
    before = projection(here)
    found: dict[Any, set[Any]] = {
        entity: set(pictures(here.node, select(entity)))
        for entity in (Family, Movement, Certification, CertTask, Ruling)
    }
    disputes = here.node.get(ruling.chips)
    kinds = {one[COLUMNS.index("outcome")] for one in before["log"]}
    assert {"applied", "case"} <= kinds
    assert disputes["open"] > 0
    assert disputes["ruled"] > 0
    assert centre_put_back(here, data) is not None
    assert projection(here) == before
    for entity, keys in found.items():
        assert set(pictures(here.node, select(entity))) == keys, entity
    assert here.node.get(ruling.chips) == disputes
    for station in here.stations:
        here.sync(station)
    agree(here)


def test_files_alone_without_our_own_words_would_not_be_enough(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.station("460203198001")
    here.station("460203198002")
    data = copy_of(here.node)
    monkeypatch.setattr(keep, "words", lambda session, keys, state: ([], state))
    busy(here)
    before = projection(here)
    centre_put_back(here, data)
    assert projection(here) != before


def test_put_back_twice_to_one_copy_the_epochs_go_on(here: World) -> None:
    station = here.station("460203198001")
    key = station.do(register)
    here.sync(station)
    data = copy_of(here.node)
    for number in range(2):
        station.do(edit, key, door_note=f"{number}")
        here.sync(station)
        before = projection(here)
        assert centre_put_back(here, data) is not None
        assert projection(here) == before
        here.sync(station)
    assert epoch_of(here.node) == epoch_of(station) == 3
    agree(here)


def test_own_words_kept_once_more_hide_nothing_that_came_before_them(here: World) -> None:
    station = here.station("460203198001")
    here.node.do(propose)
    here.sync(station)
    oldest = copy_of(here.node)
    station.do(register)
    here.sync(station)
    centre_put_back(here, oldest)
    here.centre.keep()  # all our people said, once more, after what the station had sent
    before = projection(here)
    centre_put_back(here, oldest)
    assert projection(here) == before


def test_stopped_between_the_file_and_the_commit_nothing_begins_anew(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    station = here.station("460203198001")
    here.sync(station)
    key = station.do(register)

    def power_cut(self: Journal, kept: Any, last: int) -> int:
        write(self, kept, last)
        raise KeyboardInterrupt

    write = Journal.write
    with monkeypatch.context() as patch:
        patch.setattr(kept_beside.Journal, "write", power_cut)
        with pytest.raises(KeyboardInterrupt):
            here.sync(station)
    assert here.node.person(key) is None
    done = recall(here.centre)
    assert done is not None
    assert done.epoch is None
    assert here.node.person(key) is not None
    assert not here.sync(station).begun
    agree(here)


def test_lost_together_with_the_folder_the_stations_give_it_back(
    here: World, tmp_path: Path
) -> None:
    station = here.station("460203198001")
    data = copy_of(here.node)
    key = station.do(register)
    here.sync(station)
    here.centre.journal = Journal(tmp_path / "another")
    assert centre_put_back(here, data) is None
    assert here.sync(station).begun
    assert here.node.person(key) is not None
    agree(here)


def test_a_damaged_file_stops_everything_and_changes_nothing(here: World) -> None:
    station = here.station("460203198001")
    data = copy_of(here.node)
    station.do(register)
    here.sync(station)
    assert here.centre.journal is not None
    number = here.centre.journal.numbers()[-1]
    path = here.centre.journal.folder / f"{number:012d}.raw"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(Fault, match="存底"):
        centre_put_back(here, data)
    assert epoch_of(here.node) == 1


def test_nothing_kept_can_be_read_or_is_written_twice(here: World) -> None:
    station = here.station("460203198001")
    station.do(register, name="欧阳秀英")
    here.sync(station)
    assert here.centre.journal is not None
    before = {one: one.read_bytes() for one in here.centre.journal.folder.glob("*.raw")}
    here.sync(station)
    for path, data in before.items():
        assert path.read_bytes() == data
        assert "欧阳秀英".encode() not in data
        assert b"519902194611230269" not in data


def test_an_installation_let_in_after_the_copy_is_known_again(here: World) -> None:
    data = copy_of(here.node)
    station = here.station("460203198001")
    here.sync(station)
    centre_put_back(here, data)
    assert here.node.get(lambda s: s.scalars(select(Installation.office_id)).all()) == [
        station.desk.office_id
    ]


def test_what_no_stream_carries_is_kept_as_soon_as_it_changes_and_not_again(here: World) -> None:
    now = clock.now()
    computer = {"office_id": "1", "id": "2", "sign_key": b"", "recipient": "", "incarnation": ""}
    voucher = {"office_id": "3", "id": "4", "district_id": "5", "sign_key": b""}
    waits = {
        "office_id": "1",
        "incarnation": "",
        "first": 1,
        "last": 1,
        "waits_for": "",
    }
    state = State()
    for row in (
        Invitation(office_id="1", code="7", made_at=now, name="海棠社区"),
        Invitation(office_id="1", code="7", made_at=now, used_at=now, name="海棠社区"),
        Installation(**computer),
        Installation(**computer, approved_at=now),
        District(office_id="5", id="6", name="吉阳区中心"),
        Vouched(**voucher, confirmed_at=now, confirmed_by="陈主任"),
        Held(**waits, tx="8", since=now, forced_at=now),
        Held(**waits, tx="9", since=now, forced_at=now),
    ):
        with here.node.store.apply() as session:
            if isinstance(row, Held):  # one was decided since
                session.execute(delete(Held))
            session.merge(row)
        with here.node.store.look() as session:
            made, state = keep.words(session, here.centre.keys, state)
            again, state = keep.words(session, here.centre.keys, state)
        assert [one.kind for one in made][-1] == LOCAL, row
        assert again == []
