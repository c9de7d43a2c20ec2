"""One stick for many stations: somebody drives from station to station and back to the centre
(sync.md 4.6). What is sealed for one is closed to the others, and nobody's file is touched."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app import revocation
from models.exchange import Replica
from sync import pack
from sync.centre import sticks
from sync.centre.hearing import Hearing
from sync.fault import Fault
from tests.make import an_id_number
from tests.sync.carried import contents, put_on, take_off
from tests.sync.parts import World, edit, register
from tests.sync.people import seat

CODES = ("519902001001", "519902001002", "519902001003")


def test_a_round_through_three_stations_and_back_settles_them_all(here: World, stick: Path) -> None:
    stations = [here.station(code) for code in CODES]
    keys = []
    for number, node in enumerate(stations):
        keys.append(node.do(register, id_no=an_id_number(sequence=2 * number + 1)))
        before = contents(stick)
        put_on(node, stick)
        assert {name: data for name, data in contents(stick).items() if name in before} == before
    taken = sticks.unpack_stick(here.centre, stick)
    assert (taken.entries, taken.refused) == (3, [])
    here.node.do(edit, keys[1], mobile="13900004471")
    sticks.pack_stick(here.centre, stick)
    for node in stations:
        others = {name: data for name, data in contents(stick).items() if node.code not in name}
        done = take_off(node, stick)
        assert (done.refused, done.exchanged.pending) == ([], 0)
        assert node.outcomes() == ["applied"]
        assert others.items() <= contents(stick).items()
    moved = stations[1].person(keys[1])
    assert moved is not None
    assert moved.mobile == "13900004471"


def test_a_file_that_the_program_fails_at_keeps_no_other_from_being_read(
    here: World, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is stored, and waits with its stream; the next program decides it."""
    first, second = (here.station(code) for code in CODES[:2])
    for number, node in enumerate((first, second)):
        node.do(register, id_no=an_id_number(sequence=2 * number + 1))
        put_on(node, stick)
    decide = Hearing.decide

    def fails_at_the_first(self: Hearing, session: Any, file: Any, *more: Any, **also: Any) -> Any:
        if file.header.office_code == first.code:
            raise ValueError
        return decide(self, session, file, *more, **also)

    with monkeypatch.context() as patch:
        patch.setattr(Hearing, "decide", fails_at_the_first)
        taken = sticks.unpack_stick(here.centre, stick)
        assert (len(taken.files), taken.refused) == (2, [])
        assert sorted(one.stuck for one in taken.senders.values()) == [False, True]
        assert sticks.unpack_stick(here.centre, stick).refused == []
        sticks.pack_stick(here.centre, stick)
        assert take_off(second, stick).exchanged.pending == 0
        assert take_off(first, stick).exchanged.pending == 1
    here.centre.loosen()
    put_on(first, stick)
    sticks.unpack_stick(here.centre, stick)
    sticks.pack_stick(here.centre, stick)
    assert take_off(first, stick).exchanged.pending == 0
    assert first.outcomes() == ["applied"]


def test_a_computer_that_was_stopped_is_brought_nothing_more(here: World, stick: Path) -> None:
    lost, other = (here.station(code) for code in CODES[:2])
    for node in (lost, other):
        node.do(register)
        put_on(node, stick)
    sticks.unpack_stick(here.centre, stick)
    before = contents(stick)
    replica = lost.get(lambda s: s.scalar(select(Replica.id)))
    seat(here.node, "centre_head")
    here.node.do(revocation.revoke, replica, "电脑丢失")
    sticks.pack_stick(here.centre, stick)
    assert [name for name in contents(stick).keys() - before.keys() if lost.code in name] == []
    assert take_off(other, stick).exchanged.pending == 0


def test_nobody_on_the_way_can_open_what_is_for_another(here: World, stick: Path) -> None:
    ours, theirs = (here.station(code) for code in CODES[:2])
    theirs.do(register)
    put_on(theirs, stick)
    sticks.unpack_stick(here.centre, stick)
    sticks.pack_stick(here.centre, stick)
    for path in stick.iterdir():
        packet = pack.read(path.read_bytes())
        if theirs.code in path.name:
            with pytest.raises(Fault):
                packet.plain(ours.keys)
    before = contents(stick)
    done = take_off(ours, stick)
    assert [one.name for one in done.files if theirs.code in one.name] == []
    assert contents(stick) == before


def test_a_second_round_with_nothing_new_says_nothing_twice(here: World, stick: Path) -> None:
    stations = [here.station(code) for code in CODES[:2]]
    for number, node in enumerate(stations):
        node.do(register, id_no=an_id_number(sequence=2 * number + 1))
    for _ in range(2):
        for node in stations:
            put_on(node, stick)
        sticks.unpack_stick(here.centre, stick)
        sticks.pack_stick(here.centre, stick)
        for node in stations:
            take_off(node, stick)
    assert [node.outcomes() for node in stations] == [["applied"], ["applied"]]
    again = sticks.unpack_stick(here.centre, stick)
    assert again.entries == 0
