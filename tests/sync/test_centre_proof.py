"""What a station says it has read of the centre counts only under the centre's own signature: no
station can make the centre begin anew, and a centre that was really put back is noticed all the
same, over the network and by stick."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.renewal import renew
from models.exchange import Contact, Installation, Replica
from models.kit.base import Base
from models.kit.db import Store
from sync import pack
from sync.centre import sticks
from sync.centre.keeping.journal import Journal
from sync.centre.recall import recall
from sync.centre.receiving.files import Answer
from sync.claim import REPLY
from sync.message import ANSWER
from sync.station import outbox, proof
from sync.station import run as talk
from tests.sync.carried import put_on, take_off
from tests.sync.conftest import Running
from tests.sync.parts import DirectLink, Node, World, copy_of, edit, register, world
from tests.sync.test_centre_restored import centre_put_back
from tests.sync.views import agree, epoch_of

ONE, OTHER = "460203198001", "460203198002"
STANDING = ("centre_epoch", "acked_seq", "down_seq", "down_head", "acked_by", "told_by")
Rows = dict[Any, list[dict[str, Any]]]


def rows_of(store: Store) -> Rows:
    """All of a database, whichever it is."""
    with store.look() as session:
        tables = Base.metadata.sorted_tables
        return {
            one: [dict(row) for row in session.execute(select(one)).mappings()] for one in tables
        }


def put_rows_back(store: Store, rows: Rows) -> None:
    with store.engine.begin() as connection:
        for one in reversed(rows):
            connection.execute(delete(one))
        for one, there in rows.items():
            if there:
                connection.execute(insert(one), there)


def me_at(session: Session) -> Replica:
    me: Replica = session.scalars(select(Replica)).one()
    return me


def standing(session: Session) -> dict[str, Any]:
    """How far it is with the centre."""
    return {name: getattr(me_at(session), name) for name in STANDING}


def doubted(here: World) -> set[str]:
    """Computers whose word the centre does not take."""
    asked = select(Installation.id).where(Installation.claimed_at.is_not(None))
    return here.node.get(lambda s: set(s.scalars(asked)))  # type: ignore[no-any-return]


# who lies ---------------------------------------------------------------------------------------


def a_later_epoch(me: Replica) -> None:
    me.centre_epoch += 1


def more_was_read(me: Replica) -> None:
    me.down_seq, me.down_head = me.down_seq + 3, b"\x07" * 32


def other_words_were_read(me: Replica) -> None:
    me.down_head = b"\x07" * 32


def more_was_acknowledged(me: Replica) -> None:
    me.acked_seq = me.seq


LIES = [a_later_epoch, more_was_read, other_words_were_read, more_was_acknowledged]


def false_words(
    here: World, liar: Node, other: Node, lie: Callable[[Replica], None]
) -> Iterator[bytes]:
    """What a liar may send along, knowing every format and all that was ever said to it."""
    with liar.store.look() as session:
        me = me_at(session)
        yield from filter(None, (me.acked_by, me.told_by))
        true = pack.apart(me.told_by or b"")
        lie(me)
        said = msgspec.structs.replace(
            true.header,
            epoch=me.centre_epoch,
            seen=me.acked_seq,
            last=me.down_seq,
            after=me.down_head.hex(),
        )
    itself = pack.read(pack.close(liar.keys, said, b""))
    yield itself.signed + true.signature  # under the signature of another
    yield itself.signed + itself.signature  # under its own
    # the centre's own words, but to somebody else, or about something else
    to_other = msgspec.structs.replace(said, recipient=other.get(me_at).id)
    beside = msgspec.structs.replace(said, kind=REPLY)
    for one in (to_other, beside, msgspec.structs.replace(said, fork=1, last=0, epoch=1)):
        signed = pack.read(pack.close(here.node.keys, one, b""))
        yield signed.signed + signed.signature
    yield b"SANGYU" * 40


@pytest.mark.parametrize("lie", LIES, ids=lambda one: one.__name__)
def test_a_liar_makes_the_centre_begin_nothing_whatever_it_shows(
    here: World, lie: Callable[[Replica], None]
) -> None:
    liar, other = here.station(ONE), here.station(OTHER)
    key = liar.do(register)
    for station in (liar, other):
        here.sync(station)
    words = list(false_words(here, liar, other, lie))
    for number, shown in enumerate([None, *words]):
        liar.do(edit, key, door_note=f"第 {number} 次")
        true = liar.get(standing)
        with liar.store.apply() as session:
            lie(me := me_at(session))
            me.acked_by, me.told_by = None, shown
        link = DirectLink(here.centre)
        assert here.sync(liar, link).doubted
        assert len(link.sent) == 2, "asked once for proof, and no further"
        answer = pack.read(here.centre.accept(link.sent[-1]).data)
        with liar.store.apply() as session:  # what it was answered proves nothing either
            me_at(session).told_by = answer.signed + answer.signature
        assert here.sync(liar).doubted
        assert epoch_of(here.node) == 1
        assert doubted(here) == {liar.get(me_at).id}
        heard = here.sync(other)
        assert (heard.sent, heard.received, heard.begun) == (0, 0, False)
        last = liar.get(lambda s: s.scalars(select(Contact).order_by(Contact.at.desc())).first())
        assert last.message == talk.DOUBTED
        with liar.store.apply() as session:  # it speaks the truth again
            for name, value in true.items():
                setattr(me_at(session), name, value)
        assert not here.sync(liar).doubted
        assert doubted(here) == set()
        agree(here)


# really put back -------------------------------------------------------------------------------


def test_a_centre_that_was_put_back_is_noticed_over_the_network(served: Running) -> None:
    here = served.here
    station, other = here.station(ONE), here.station(OTHER)
    served.sync(station)
    copy = rows_of(here.node.store)
    key = station.do(register)
    served.sync(station)
    put_rows_back(here.node.store, copy)
    done = served.sync(station)
    assert (done.begun, done.pending, done.doubted) == (True, 0, False)
    assert here.node.person(key) is not None
    assert served.sync(other).begun
    assert epoch_of(here.node) == epoch_of(station) == epoch_of(other) == 2
    assert doubted(here) == set()
    again = served.sync(station)
    assert (again.begun, again.sent, again.received) == (False, 0, 0)


def test_by_stick_it_is_noticed_on_the_first_trip(
    centre_store: Store | None, tmp_path: Path, stick: Path
) -> None:
    here = world(tmp_path, centre_store)
    station = here.station(ONE)
    here.sync(station)
    copy = rows_of(here.node.store)
    key = station.do(register)
    here.sync(station)
    put_rows_back(here.node.store, copy)
    put_on(station, stick)
    sticks.unpack_stick(here.centre, stick)
    assert epoch_of(here.node) == 2
    sticks.pack_stick(here.centre, stick)
    assert take_off(station, stick).exchanged.begun
    here.sync(station)
    assert here.node.person(key) is not None
    here.node.store.close()


def test_a_file_without_proof_asks_for_it_on_the_stick_and_the_next_trip_brings_it(
    here: World, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    station = here.station(ONE)
    copy = copy_of(here.node)
    key = station.do(register)
    here.sync(station)
    centre_put_back(here, copy)
    with monkeypatch.context() as older:
        older.setattr(proof, "of", lambda _me: [])
        put_on(station, stick)
    sticks.unpack_stick(here.centre, stick)
    assert (epoch_of(here.node), len(doubted(here))) == (1, 1)
    sticks.pack_stick(here.centre, stick)
    done = take_off(station, stick)
    assert (done.refused, done.exchanged.doubted, done.exchanged.begun) == ([], True, False)
    put_on(station, stick)
    sticks.unpack_stick(here.centre, stick)
    assert (epoch_of(here.node), doubted(here)) == (2, set())
    sticks.pack_stick(here.centre, stick)
    assert take_off(station, stick).exchanged.begun
    here.sync(station)
    assert here.node.person(key) is not None
    agree(here)


def test_a_receipt_alone_proves_what_was_stored(here: World) -> None:
    station = here.station(ONE)
    here.sync(station)
    copy = copy_of(here.node)
    key = station.do(register)
    with station.store.look() as session:
        (part,) = outbox.parts(session, station.keys, here.card, station.code)
    (stored,) = here.centre.take_all([part.data], later=True)
    assert isinstance(stored, Answer)
    talk.take(station.store, station.keys, here.card, stored.data, talk.Exchanged())
    assert (station.get(me_at).acked_seq, station.outcomes()) == (1, [None])
    centre_put_back(here, copy)
    assert here.sync(station).begun
    assert here.node.person(key) is not None
    agree(here)


def test_what_proved_it_once_begins_nothing_more(here: World) -> None:
    station = here.station(ONE)
    copy = copy_of(here.node)
    station.do(register)
    here.sync(station)
    centre_put_back(here, copy)
    link = DirectLink(here.centre)
    here.sync(station, link)
    assert epoch_of(here.node) == 2
    for _ in range(2):
        for data in link.sent:
            here.centre.accept(data)
    assert epoch_of(here.node) == 2
    assert doubted(here) == set()
    agree(here)


def test_of_two_computers_of_an_office_each_proves_what_it_read_itself(here: World) -> None:
    one = here.station(ONE)
    two = here.new_pc(one)
    for node in (one, two):
        here.sync(node)
    copy = copy_of(here.node)
    key = one.do(register)
    here.sync(one)
    centre_put_back(here, copy)
    assert not here.sync(two).begun  # it knows no more than the centre
    with two.store.apply() as session:
        theirs, me = one.get(me_at), me_at(session)
        was = me.down_seq, me.down_head
        me.down_seq, me.down_head = theirs.down_seq, theirs.down_head
        me.told_by = me.acked_by = theirs.told_by
    assert here.sync(two).doubted
    with two.store.apply() as session:
        me_at(session).down_seq, me_at(session).down_head = was
    assert here.sync(one).begun
    for node in (two, one, two):
        here.sync(node)
    assert epoch_of(here.node) == epoch_of(one) == epoch_of(two) == 2
    assert here.node.person(key) is not None
    agree(here)


def test_a_program_that_kept_no_proof_gets_it_with_the_next_answer(here: World) -> None:
    station = here.station(ONE)
    station.do(register)
    here.sync(station)
    with station.store.apply() as session:
        me_at(session).acked_by = me_at(session).told_by = None
    copy = copy_of(here.node)
    here.sync(station)  # nothing is said on either side
    key = station.do(register, name="乙")
    here.sync(station)
    centre_put_back(here, copy)
    assert here.sync(station).begun
    assert here.node.person(key) is not None


def test_without_any_proof_a_person_lets_the_centre_begin_anew(here: World) -> None:
    station, other = here.station(ONE), here.station(OTHER)
    here.sync(other)
    copy = copy_of(here.node)
    key = station.do(register)
    here.sync(station)
    with station.store.apply() as session:
        me_at(session).acked_by = me_at(session).told_by = None
    centre_put_back(here, copy)
    new = station.do(register, name="乙")
    for _ in range(2):
        assert here.sync(station).doubted
    assert not here.sync(other).begun
    renew(here.node.store, "", "恢复")  # as a restore by the program does
    assert here.sync(station).begun
    for each in (key, new):
        assert here.node.person(each) is not None
    assert doubted(here) == set()
    agree(here)


def test_what_was_proved_is_played_again_with_its_proof(here: World, tmp_path: Path) -> None:
    station = here.station(ONE)
    here.sync(station)
    copy = copy_of(here.node)
    key = station.do(register)
    here.sync(station)
    centre_put_back(here, copy)
    here.centre.journal = Journal(tmp_path / "raw")
    here.sync(station)
    station.do(edit, key, door_note="三楼")
    here.sync(station)
    centre_put_back(here, copy)
    assert recall(here.centre) is not None
    assert doubted(here) == set()
    assert here.node.person(key).door_note == "三楼"  # type: ignore[union-attr]
    here.sync(station)
    assert epoch_of(station) == epoch_of(here.node)
    agree(here)


def test_a_contact_in_which_nobody_doubts_sends_no_proof(here: World) -> None:
    station = here.station(ONE)
    link = DirectLink(here.centre)
    station.do(register)
    here.sync(station, link)
    assert [pack.read(one).body(here.centre.keys).proof for one in link.sent] == [[]]
    assert pack.apart(station.get(me_at).told_by).header.kind == ANSWER
