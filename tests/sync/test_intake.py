"""Accept, then apply: what is stored is told at once and decided behind, once, in order, whatever
dies in between; on SQLite and on a real PostgreSQL."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from models.exchange import Change, Queued, RawBatch, Replica, new_epoch
from models.kit import clock
from models.kit.db import Store
from models.revocation import Revocation
from sync import pack
from sync.centre.hearing import Hearing
from sync.centre.keeping.journal import Journal
from sync.centre.recall import recall
from sync.centre.receiving.files import Answer, Opened
from sync.centre.service import Centre
from sync.centre.serving import writer
from sync.centre.serving.writer import Ticket
from sync.fault import Fault
from sync.station import inbox, outbox
from sync.station import run as talk
from tests.sync.parts import (
    DirectLink,
    Node,
    World,
    copy_of,
    edit,
    parts_of,
    register,
    swap,
    world,
)
from tests.sync.stored import Line, queued, send, working
from tests.sync.views import epoch_of, projection, verdicts

STATION = "460203198001"


@pytest.fixture
def here(centre_store: Store | None, tmp_path: Path) -> Iterator[World]:
    yield (made := world(tmp_path, centre_store))
    made.node.store.close()


def decide_all(here: World) -> None:
    while names := here.centre.waiting():
        here.centre.decide_some(names)


def test_a_stored_file_is_acknowledged_and_its_verdicts_come_with_the_next_contact(
    here: World,
) -> None:
    station = here.station(STATION)
    key = station.do(register)
    done = send(here, station)
    assert (done.sent, done.unsent, done.pending, done.waiting) == (1, 0, 1, True)
    assert done.receipt.startswith("HZ-")
    assert station.outcomes() == [None]
    assert here.node.person(key) is None
    decide_all(here)
    assert here.node.person(key) is not None
    done = here.sync(station)
    assert (done.sent, done.pending, done.waiting) == (0, 0, False)
    assert station.outcomes() == ["applied"]


def test_what_was_stored_is_not_sent_again_and_what_follows_is(here: World) -> None:
    station = here.station(STATION)
    key = station.do(register)
    send(here, station)
    station.do(edit, key, mobile="13800000001")
    done = send(here, station)
    assert (done.sent, done.pending) == (1, 2)
    assert queued(here) == 2
    decide_all(here)
    assert here.node.person(key).mobile == "13800000001"  # type: ignore[union-attr]
    assert here.sync(station).pending == 0


@pytest.mark.parametrize(("room", "remembered"), [(Opened().room, 2), (1, 0)])
def test_what_waits_is_decided_alike_whether_it_is_remembered_or_opened_again(
    here: World, room: int, remembered: int
) -> None:
    here.centre.opened.room = room
    station = here.station(STATION)
    key = station.do(register)
    send(here, station)
    station.do(edit, key, mobile="13800000001")
    send(here, station)
    assert len(here.centre.opened.files) == remembered
    decide_all(here)
    assert not here.centre.opened.files
    assert here.node.person(key).mobile == "13800000001"  # type: ignore[union-attr]
    assert here.sync(station).pending == 0
    assert station.outcomes() == ["applied", "applied"]


def test_who_asks_again_while_waiting_adds_nothing_to_the_queue(here: World) -> None:
    station, silent = here.station(STATION), here.station("460203198002")
    station.do(register)
    for _ in range(3):
        done = send(here, station)
        assert (done.unsent, done.pending, done.waiting) == (0, 1, True)
    assert queued(here) == 1
    done = send(here, silent)  # nothing of it waits: it is answered at once
    assert (done.pending, done.waiting) == (0, False)
    assert queued(here) == 1
    decide_all(here)
    assert here.sync(station).pending == 0


def test_who_asks_again_is_told_as_soon_as_what_it_waits_for_is_decided(here: World) -> None:
    station = here.station(STATION)
    station.do(register)
    send(here, station)
    with station.store.look() as session:
        (part,) = outbox.parts(session, station.keys, here.card, station.code)
    (again,) = here.centre.take_all([part.data], later=True)
    assert isinstance(again, Answer)
    (waiting,) = here.centre.waiting()
    assert again.sha256 == waiting
    answer = here.centre.decide_some([waiting], {again.sha256})[waiting]
    assert answer is not None
    talk.take(station.store, station.keys, here.card, answer.data, talk.Exchanged())
    assert station.outcomes() == ["applied"]


def test_a_file_on_a_stick_waits_for_its_turn_behind_the_queue(here: World) -> None:
    station = here.station(STATION)
    key = station.do(register)
    send(here, station)
    station.do(edit, key, mobile="13800000001")
    here.sync(station)
    assert queued(here) == 0
    assert station.outcomes() == ["applied", "applied"]


def test_a_lost_receipt_costs_one_more_sending_and_doubles_nothing(here: World) -> None:
    station = here.station(STATION)
    station.do(register)
    with station.store.look() as session:
        (part,) = outbox.parts(session, station.keys, here.card, station.code)
    for _ in range(2):
        here.centre.take_all([part.data], later=True)
    assert queued(here) == 1
    send(here, station)
    decide_all(here)
    here.sync(station)
    assert station.outcomes() == ["applied"]
    assert len(verdicts(here.node, station.desk.office_id)) == 1


def test_parts_in_the_wrong_order_are_acknowledged_only_as_far_as_nothing_lacks(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "PART_BYTES", 1)
    station = here.station(STATION)
    for number in range(3):
        station.do(register, name=f"人{number}", id_no=f"51990219400101{number:04d}")
    with station.store.look() as session:
        parts = outbox.parts(session, station.keys, here.card, station.code)
    last = here.centre.take_all([parts[2].data], later=True)
    answers = here.centre.take_all([one.data for one in (parts[0], parts[1])], later=True)
    seen = []
    for one in (*last, *answers):
        assert isinstance(one, Answer)
        with station.store.apply() as session:
            inbox.receive(session, station.keys, here.card, one.data)
        seen.append(station.get(lambda s: s.scalars(select(Replica.acked_seq)).one()))
    assert seen == [0, 1, 2]
    decide_all(here)
    here.sync(station)
    assert station.outcomes() == ["applied"] * 3


def test_a_station_with_much_to_say_says_it_in_pieces_and_loses_none_by_a_broken_line(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(talk, "ON_LINE", 2000)
    station = here.station(STATION)
    for number in range(20):
        station.do(register, name=f"人{number}", id_no=f"51990219400101{number:04d}")
    line = DirectLink(here.centre, lose_answers={1})
    with pytest.raises(Fault):
        here.sync(station, line)
    assert len(line.sent) == 2
    done = here.sync(station, line)
    assert done.pending == 0
    assert set(station.outcomes()) == {"applied"}
    assert len(line.sent) > 4
    assert done.sent < 20  # what was acknowledged before the line broke is not said again


def one_action(here: World, count: int, station: Node | None = None) -> tuple[Node, list[bytes]]:
    """A station's one action of several people, a file for each of them."""
    station = station or here.station(STATION)
    numbers = range(count)
    station.do(
        lambda s: [
            register(s, name=f"人{one}", id_no=f"51990219400101{one:04d}") for one in numbers
        ]
    )
    with station.store.look() as session:
        parts = outbox.parts(session, station.keys, here.card, station.code)
    assert len(parts) == count
    return station, [one.data for one in parts]


def test_parts_of_one_action_wait_as_they_came_for_the_one_that_ends_it(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "PART_BYTES", 1)
    station, parts = one_action(here, 4)
    for number, data in enumerate(parts[:3], 1):
        answer = here.centre.accept(data)
        assert (answer.is_decided, answer.goes_on) == (False, True)
        assert queued(here) == number
        assert here.centre.waiting() == []
    assert verdicts(here.node, station.desk.office_id) == {}
    answer = here.centre.accept(parts[3])
    assert (answer.received, queued(here)) == (4, 0)
    assert list(verdicts(here.node, station.desk.office_id).values()) == ["applied"] * 4
    talk.take(station.store, station.keys, here.card, answer.data, talk.Exchanged())
    assert station.outcomes() == ["applied"] * 4


@pytest.mark.parametrize("order", [*permutations(range(4))], ids=str)
def test_parts_of_one_action_may_come_in_any_order_and_twice(
    order: tuple[int, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "PART_BYTES", 1)
    here = world(tmp_path)
    station, parts = one_action(here, 4)
    for number in (*order, order[0]):
        here.centre.accept(parts[number])
    assert queued(here) == 0
    assert list(verdicts(here.node, station.desk.office_id).values()) == ["applied"] * 4
    here.sync(station)
    assert station.outcomes() == ["applied"] * 4


def test_an_answer_to_who_sent_the_beginning_says_how_far_it_came(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So a courier who lost the end of it is given only the end."""
    monkeypatch.setattr(outbox, "PART_BYTES", 1)
    station, parts = one_action(here, 4)
    answers = [here.centre.accept(data) for data in parts[:2]]
    with here.centre.store.apply() as session:
        data = here.centre.hearing.answer_again(session, answers[1].header)
    got, _ = talk.take(station.store, station.keys, here.card, data, talk.Exchanged())
    assert got.unsent == 2
    assert here.sync(station).sent == 2
    assert station.outcomes() == ["applied"] * 4


def test_the_beginning_cut_otherwise_when_sent_again_is_the_same_beginning(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "PART_BYTES", 1)
    station, parts = one_action(here, 4)
    for data in parts[:2]:
        here.centre.accept(data)
    monkeypatch.setattr(outbox, "PART_BYTES", 10**6)
    here.sync(station)  # all four in one, since no answer was heard
    assert queued(here) == 0
    assert station.outcomes() == ["applied"] * 4


def test_who_goes_on_otherwise_after_the_beginning_is_found_out(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "PART_BYTES", 1)
    station = here.station(STATION)
    before = copy_of(station)
    station, parts = one_action(here, 3, station)
    here.centre.accept(parts[0])
    swap(station, before)
    station.do(register, name="乙", id_no="51990219500101001X")
    assert here.sync(station).forked
    assert queued(here) == 0


def test_nobody_on_the_line_waits_for_a_verdict_that_cannot_come_yet(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "PART_BYTES", 1)
    station, parts = one_action(here, 3)
    with working(here) as line:
        tickets = [line.submit(data) for data in parts]
        stored = [one.stored.result(30) for one in tickets]
        decided = tickets[2].decided.result(30)
    assert [one.goes_on for one in stored] == [True, True, False]
    assert not tickets[0].decided.done()
    talk.take(station.store, station.keys, here.card, decided.data, talk.Exchanged())
    assert station.outcomes() == ["applied"] * 3


def test_who_has_no_more_to_say_of_an_action_begun_is_answered_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The centre was put back to when it had only heard the beginning; the station had read that
    all of it was decided, and must hear that the centre begins anew."""
    monkeypatch.setattr(outbox, "PART_BYTES", 1)
    here = world(tmp_path)
    station, parts = one_action(here, 3)
    here.centre.accept(parts[0])
    before = here.node.get(lambda s: s.scalars(select(Queued.sha256)).all())
    assert len(before) == 1
    copied = copy_of(here.node)
    here.sync(station)
    assert station.outcomes() == ["applied"] * 3
    swap(here.node, copied)
    here.centre.store = here.node.store
    with here.node.store.apply() as session:
        new_epoch(session, 1)
    here.sync(station)
    here.sync(station)
    assert epoch_of(station) == epoch_of(here.node)
    assert list(verdicts(here.node, station.desk.office_id).values()) == ["applied"] * 3


def test_two_that_write_one_stream_are_found_out_when_it_is_decided(tmp_path: Path) -> None:
    here = world(tmp_path)
    station = here.station(STATION)
    before = copy_of(station)
    station.do(register, name="甲")
    send(here, station)
    swap(station, before)
    station.do(register, name="乙", id_no="51990219500101001X")
    assert send(here, station).forked
    decide_all(here)
    assert here.sync(station).forked


def test_who_is_revoked_after_his_file_was_stored_has_still_said_it(here: World) -> None:
    station = here.station(STATION)
    key = station.do(register)
    send(here, station)
    with here.centre.store.look() as session:
        replica = session.scalars(select(RawBatch.header)).one()
    sender = msgspec.json.decode(replica)["sender"]
    here.node.do(lambda s: s.add(Revocation(replica_id=sender)))
    decide_all(here)
    assert here.node.person(key) is not None
    with pytest.raises(Fault, match="停止"):
        here.sync(station)


def test_the_program_failing_at_one_file_stops_one_stream_and_no_other(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = here.station(STATION), here.station("460203198002")
    bad.do(register, name="甲")
    send(here, bad)
    bad.do(register, name="乙", id_no="51990219500101001X")
    send(here, bad)
    good.do(register, name="丙", id_no="519902195203140269")
    send(here, good)
    real = Hearing.decide

    def failing(self: Any, session: Any, file: Any, *rest: Any, **more: Any) -> Any:
        if file.header.sender_office == bad.desk.office_id:
            raise ZeroDivisionError
        return real(self, session, file, *rest, **more)

    with monkeypatch.context() as broken, working(here) as line:
        broken.setattr(Hearing, "decide", failing)
        good.do(register, name="丁", id_no="519902195203140277")
        talk.sync_now(good.store, good.keys, Line(line), good.code)
        settle(here, 2)
    assert set(verdicts(here.node).values()) == {"applied"}
    assert len(verdicts(here.node)) == 2
    assert not here.sync(bad).begun  # nothing that is stored is taken for forgotten
    with working(here):
        settle(here, 0)
    here.sync(bad)
    assert set(bad.outcomes()) == {"applied"}


def settle(here: World, left: int) -> None:
    """Until no more than this waits."""
    for _ in range(300):
        if queued(here) <= left:
            return
        threading.Event().wait(0.05)
    raise AssertionError(queued(here))


def test_many_at_once_are_stored_first_and_every_one_is_answered(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "AT_ONCE", 0)
    stations = [here.station(f"46020319800{number}") for number in range(8)]
    files = []
    for number, station in enumerate(stations):
        station.do(register, name="人", id_no=f"{number:06d}194001010001")
        with station.store.look() as session:
            files.append(outbox.parts(session, station.keys, here.card, station.code)[0].data)
    with working(here) as line:
        tickets: list[Ticket] = [line.submit(data) for data in files]
        receipts = [ticket.stored.result(30) for ticket in tickets]
        line.forget(tickets[0])
        answers = [ticket.decided.result(30) for ticket in tickets[1:]]
        settle(here, 0)
    assert not any(one.is_decided for one in receipts)
    for station, answer in zip(stations[1:], answers, strict=True):
        with station.store.apply() as session:
            inbox.receive(session, station.keys, here.card, answer.data)
        assert station.outcomes() == ["applied"]
    here.sync(stations[0])
    assert stations[0].outcomes() == ["applied"]


def test_files_that_are_stored_together_are_each_answered_as_if_they_had_come_alone(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other, quiet, gone, last = (here.station(f"46020319800{at}") for at in range(5))
    stranger = here.station("460203198008", approved=False)
    for at, station in enumerate((one, other, gone, last, stranger)):
        station.do(register, name="人", id_no=f"{at:06d}194001010001")
    one.do(register, name="后来人", id_no="519902194001010008")
    monkeypatch.setattr(outbox, "PART_BYTES", 1)
    first, second = parts_of(one)
    (asks,), (theirs,), (late,), (revoked,), (unknown,) = map(
        parts_of, (quiet, other, last, gone, stranger)
    )
    sender = pack.read(revoked).header.sender
    here.node.do(lambda s: s.add(Revocation(replica_id=sender)))
    files = [first, theirs, b"rubbish", second, revoked, first, unknown, asks, late, late]
    done = here.centre.take_all(files, later=True)
    assert [one.kind if isinstance(one, Fault) else one.is_decided for one in done] == [
        *(False, False, "not_ours", False, "revoked", False, "unknown", True),
        *(False, False),
    ]
    told = [pack.read(one.data).header for one in done if isinstance(one, Answer)]
    assert [one.seen for one in told] == [1, 1, 2, 2, 0, 1, 1]
    assert len({told[at].receipt for at in (0, 1, 2, 5)}) == queued(here) == 4
    decide_all(here)
    for station in (one, other, last):
        here.sync(station)
        assert {*station.outcomes()} == {"applied"}


@pytest.mark.parametrize(
    ("fair", "as_it_went"),
    [
        pytest.param(3600, ["stored"] * 5 + ["decided"], id="stored-first"),
        pytest.param(0, ["stored", "decided"] * 5, id="what-waits-does-not-wait-for-ever"),
    ],
)
def test_what_comes_is_stored_before_anything_that_waits_is_decided_but_for_so_long_only(
    fair: float, as_it_went: list[str], here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "FAIR", fair)
    monkeypatch.setattr(writer, "AT_ONCE", 0)
    monkeypatch.setattr(writer, "GROUP", 1)
    all_handed_in, order = threading.Event(), list[str]()
    store, decide = Centre.take_all, Centre.decide_some

    def storing(self: Centre, *args: Any, **also: Any) -> Any:
        all_handed_in.wait(30)
        order.append("stored")
        return store(self, *args, **also)

    def deciding(self: Centre, *args: Any, **also: Any) -> Any:
        order.append("decided")
        return decide(self, *args, **also)

    monkeypatch.setattr(Centre, "take_all", storing)
    monkeypatch.setattr(Centre, "decide_some", deciding)
    files = []
    for number in range(5):
        station = here.station(f"46020319800{number}")
        station.do(register, name="人", id_no=f"{number:06d}194001010001")
        with station.store.look() as session:
            files.append(outbox.parts(session, station.keys, here.card, station.code)[0].data)
    with working(here) as line:
        tickets = [line.submit(data) for data in files]
        all_handed_in.set()
        for ticket in tickets:
            ticket.decided.result(30)
    assert order[: len(as_it_went)] == as_it_went


def test_a_file_that_was_set_aside_keeps_nobody_waiting(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: Any, **__: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(writer, "AT_ONCE", 0)
    monkeypatch.setattr(writer, "SOON", 0)
    monkeypatch.setattr(Centre, "decide_some", failing)
    station = here.station(STATION)
    station.do(register)
    with station.store.look() as session:
        (part,) = outbox.parts(session, station.keys, here.card, station.code)
    with working(here) as line:
        line.submit(part.data).stored.result(30)
        for _ in range(300):
            if line.is_soon:
                break
            threading.Event().wait(0.05)
        assert line.is_soon
        assert queued(here) == 1


@pytest.mark.parametrize("point", ["before", "stored", "decided"])
def test_an_older_copy_of_the_centre_is_brought_up_to_date_with_its_queue(
    tmp_path: Path, point: str
) -> None:
    """Whether the copy was made before the file came, while it waited, or after it was decided;
    what the centre's people wrote in between stays in its place."""
    here = world(tmp_path)
    here.centre.journal = Journal(tmp_path / "raw")
    one, two = here.station(STATION), here.station("460203198002")
    key = one.do(register, mobile="13800000001")
    here.sync(one)
    copies = {"before": copy_of(here.node)}
    here.centre.store = here.node.store
    one.do(edit, key, mobile="13800000002")
    send(here, one)
    copies["stored"] = copy_of(here.node)
    here.centre.store = here.node.store
    here.node.do(edit, key, mobile="13800000003")
    two.do(register, name="乙", id_no="51990219500101001X")
    send(here, two)
    decide_all(here)
    copies["decided"] = copy_of(here.node)
    here.centre.store = here.node.store
    there = projection(here)
    swap(here.node, copies[point])
    here.centre.store = here.node.store
    recall(here.centre)
    assert projection(here) == there
    assert queued(here) == 0
    for station in (one, two):
        here.sync(station)
        here.sync(station)
        assert None not in station.outcomes()
    assert one.person(key).mobile == here.node.person(key).mobile  # type: ignore[union-attr]


def test_a_file_waits_as_long_as_it_must_but_counts_from_when_it_came(here: World) -> None:
    station = here.station(STATION)
    station.do(register)
    send(here, station)
    came = here.node.get(lambda s: s.scalars(select(RawBatch.received_at)).one())
    with clock.at(came.replace(year=came.year + 1)):
        decide_all(here)
    mine = select(Change.decided_at).where(Change.office_id == station.desk.office_id)
    decided = here.node.get(lambda s: s.scalars(mine).one())
    assert abs(decided - came) < timedelta(milliseconds=1)
