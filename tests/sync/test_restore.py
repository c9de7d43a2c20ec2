"""A station put back to an older copy of its database: nothing forks, nothing is lost that the
centre has heard, and what nobody decided is offered again."""

import pytest
from sqlalchemy import func, select

from models.exchange import Change, Replica, Stream, new_incarnation
from models.retiree import Retiree
from sync.fault import Fault
from sync.station import inbox, outbox
from tests.sync.parts import Node, World, copy_of, edit, put_back, register, swap


def test_what_was_reported_after_the_copy_comes_back_from_the_centre(here: World) -> None:
    station = here.station("460203198001")
    old = station.do(register, name="甲", mobile="13800000001")
    here.sync(station)
    data = copy_of(station)
    station.do(edit, old, mobile="13800000002")
    new = station.do(register, name="乙")
    here.sync(station)
    put_back(station, data)
    assert station.person(new) is None
    here.sync(station)
    assert station.person(new).name == "乙"  # type: ignore[union-attr]
    assert station.person(old).mobile == "13800000002"  # type: ignore[union-attr]
    station.do(edit, new, mobile="13800000009")
    done = here.sync(station)
    assert done.pending == 0
    assert here.node.person(new).mobile == "13800000009"  # type: ignore[union-attr]
    forks = here.node.get(lambda s: s.scalars(select(Stream.forked_at)).all())
    assert set(forks) == {None}


def test_what_was_never_decided_is_offered_again_and_counted_once(here: World) -> None:
    station = here.station("460203198001")
    key = station.do(register, name="甲")
    data = copy_of(station)
    here.sync(station)
    put_back(station, data)
    me = station.get(lambda s: s.scalars(select(Replica)).one())
    assert (me.seq, me.acked_seq) == (1, 0)
    done = here.sync(station)
    assert (done.sent, done.pending) == (1, 0)
    assert here.node.get(lambda s: s.scalar(select(func.count()).select_from(Retiree))) == 1
    assert here.node.person(key) is not None
    station.do(edit, key, mobile="13800000009")
    here.sync(station)
    assert here.node.person(key).mobile == "13800000009"  # type: ignore[union-attr]


def test_restored_twice_to_the_same_copy_nothing_is_doubled(here: World) -> None:
    station = here.station("460203198001")
    key = station.do(register)
    data = copy_of(station)
    for number in range(3):
        station.do(edit, key, door_note=f"第 {number} 次")
        here.sync(station)
        put_back(station, data)
    here.sync(station)
    assert station.person(key).door_note == here.node.person(key).door_note  # type: ignore[union-attr]
    undecided = select(Change).where(Change.outcome.is_(None))
    assert station.get(lambda s: s.scalars(undecided).all()) == []


def deliver(here: World, station: Node) -> list[bytes]:
    """Everything that waits reaches the centre; returns the answers, unread."""
    with station.store.look() as session:
        parts = outbox.parts(session, station.keys, here.card, station.code)
    return [here.centre.accept(part.data).data for part in parts]


def read(here: World, station: Node, answers: list[bytes]) -> list[inbox.Received]:
    """The station reads answers off a stick."""
    got = []
    for answer in answers:
        with station.store.apply() as session:
            got.append(inbox.receive(session, station.keys, here.card, answer))
    return got


def test_what_the_centre_wrote_over_an_unheard_entry_is_told_when_it_is_offered_again(
    here: World,
) -> None:
    station = here.station("460203198001")
    key = station.do(register)
    here.sync(station)
    station.do(edit, key, mobile="13800000001")
    deliver(here, station)
    here.node.do(edit, key, mobile="13800000002")
    with station.store.apply() as session:
        new_incarnation(session)
    here.sync(station)
    assert here.node.person(key).mobile == "13800000002"  # type: ignore[union-attr]
    assert station.person(key).mobile == "13800000002"  # type: ignore[union-attr]


def test_an_answer_from_before_the_restore_does_not_hide_what_was_lost(here: World) -> None:
    station = here.station("460203198001")
    key = station.do(register)
    here.sync(station)
    data = copy_of(station)
    station.do(edit, key, mobile="13800000001")
    old = deliver(here, station)
    put_back(station, data)
    assert [one.stale for one in read(here, station, old)] == [True]
    here.sync(station)
    assert station.person(key).mobile == "13800000001"  # type: ignore[union-attr]
    assert station.outcomes() == ["applied", "applied"]


def test_what_comes_back_after_a_restore_never_hides_what_was_typed_since(here: World) -> None:
    station = here.station("460203198001")
    key = station.do(register)
    here.sync(station)
    data = copy_of(station)
    station.do(edit, key, mobile="13800000001")
    here.sync(station)
    put_back(station, data)
    answers = deliver(here, station)
    station.do(edit, key, mobile="13800000009")
    read(here, station, answers)
    assert station.person(key).mobile == "13800000009"  # type: ignore[union-attr]


def test_a_file_put_back_behind_the_programs_back_is_told_of_the_gap(here: World) -> None:
    station = here.station("460203198001")
    key = station.do(register)
    data = copy_of(station)
    here.sync(station)
    here.node.do(edit, key, mobile="13800000001")
    answers = deliver(here, station)
    swap(station, data)
    with pytest.raises(Fault, match="前面还有没读过的回执"):
        read(here, station, answers)
    assert here.sync(station).pending == 0
    assert station.person(key).mobile == "13800000001"  # type: ignore[union-attr]
