"""A centre that moves to another address, or gets another certificate, tells its stations: in its
signed answers, on the line and on a stick, and nobody else can."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from models.exchange import Contact, new_epoch
from models.kit import clock
from models.kit.db import Store
from sync import enrol, own_card, pack, told_card
from sync.centre import sticks
from sync.centre.keeping.journal import Journal
from sync.centre.recall import recall
from sync.centre.serving.main import Service
from sync.centre.serving.tls import new_certificate
from sync.centre_card import Way, rewrite
from sync.fault import Fault
from sync.keys import Keys
from sync.line import Line
from sync.station import run as talk
from tests.make import an_id_number
from tests.sync.address_parts import CODE, NEW, OLD, THIRD, Moving, Safe, keep_own, known
from tests.sync.carried import put_on, take_off
from tests.sync.parts import (
    DirectLink,
    Node,
    copy_of,
    parts_of,
    put_back,
    register,
    swap,
    world,
)


@pytest.fixture
def moving(centre_store: Store | None, tmp_path: Path) -> Iterator[Moving]:
    made = keep_own(world(tmp_path, centre_store), Safe())
    yield made
    made.here.node.store.close()


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Moving]:
    """On an encrypted file: nothing in it is a matter of the database."""
    made = keep_own(world(tmp_path), Safe())
    yield made
    made.here.node.store.close()


def over(node: Node) -> tuple[talk.Exchanged, Way]:
    """A contact as the program has it: by the card."""
    with closing(Line(known(node))) as line:
        done = talk.sync_now(node.store, node.keys, line, node.code)
        if line.is_up:
            with node.store.apply() as session:
                told_card.reached(session, line.way)
    return done, line.way


# ---- told -----------------------------------------------------------------------------------


def test_a_new_address_comes_with_the_next_answer_and_once(moving: Moving) -> None:
    station = moving.here.station(CODE)
    moving.here.sync(station)
    own = moving.move(NEW)
    assert moving.here.sync(station).moved
    assert (known(station).url, known(station).number) == (NEW, own.number)
    assert known(station).before == Way(OLD, own.certificate)
    assert not moving.here.sync(station).moved
    assert moving.knows(station) == own.number
    assert moving.here.node.get(lambda s: own_card.knowing(s, own.number)) == (1, 1)


def test_who_is_invited_after_the_move_knows_it_from_the_invitation(moving: Moving) -> None:
    own = moving.move(NEW)
    station = moving.here.station(CODE)
    assert (known(station).url, known(station).number) == (NEW, own.number)
    assert not moving.here.sync(station).moved
    assert moving.knows(station) == own.number


def test_who_joins_with_an_old_invitation_is_told(here: Moving) -> None:
    station = here.here.station(CODE)
    own = here.move(NEW)
    assert here.here.sync(station).moved
    other = here.here.new_pc(station)
    assert known(other).number == own.number


def test_a_stick_brings_the_new_address_back(moving: Moving, stick: Path) -> None:
    station = moving.here.station(CODE)
    station.do(register)
    moving.move(NEW)
    put_on(station, stick)
    sticks.unpack_stick(moving.here.centre, stick)
    sticks.pack_stick(moving.here.centre, stick)
    done = take_off(station, stick)
    assert (done.refused, done.exchanged.pending) == ([], 0)
    assert done.exchanged.moved
    assert known(station).url == NEW


def test_a_courier_brings_it_to_stations_that_had_nothing_new(here: Moving, stick: Path) -> None:
    stations = [here.here.station(f"51990200100{number}") for number in range(1, 4)]
    for number, node in enumerate(stations):
        node.do(register, id_no=an_id_number(sequence=2 * number + 1))
        here.here.sync(node)
    here.move(NEW)
    sticks.pack_stick(here.here.centre, stick)
    for node in stations:
        assert take_off(node, stick).refused == []
    assert [known(node).url for node in stations] == [NEW] * 3


def test_a_file_of_its_own_on_any_stick_is_followed_and_left_for_the_next(
    here: Moving, stick: Path
) -> None:
    stations = [here.here.station(f"51990200100{number}") for number in (1, 2)]
    here.move(NEW)
    (stick / "换地址.sangyu").write_bytes(here.word())
    thief = told_card.write(Keys.new(), known(stations[0]).id, 10**10, Way(THIRD, "x"))
    (stick / "zzz.sangyu").write_bytes(thief)
    for node in stations:
        done = take_off(node, stick)
        assert (done.refused, bool(done.exchanged.moved)) == ([], True)
        assert known(node).url == NEW
    assert not take_off(stations[0], stick).exchanged.moved


def test_nothing_is_told_where_nothing_moved(here: Moving) -> None:
    station = here.here.station(CODE)
    station.do(register)
    data = [here.here.centre.accept(one).data for one in parts_of(station)]
    assert [pack.read(one).body(station.keys).card for one in data] == [b""]
    assert known(station).mark == ""


# ---- by the network -------------------------------------------------------------------------


def test_a_station_follows_to_another_port_with_another_certificate(moving: Moving) -> None:
    station = moving.here.station(CODE)
    with moving.served() as old:
        moving.here.card = msgspec.structs.replace(moving.here.card, url=old)
        first = Way(old, moving.own.certificate)
        with station.store.apply() as session:
            told_card.type_in(session, old)
        assert over(station)[1] == first
        assert known(station).reached
        moving.move("https://127.0.0.1:9", new_certificate("吉阳区中心"))
        assert over(station)[0].moved
        # the new place is not there yet
        station.do(register)
        done, way = over(station)
        assert (done.sent, done.pending, way) == (1, 0, first)
        assert known(station).before == first
    with moving.served() as new:
        moving.move(new)
        with closing(Line(known(station))) as line, pytest.raises(Fault, match="连不上区中心"):
            talk.sync_now(station.store, station.keys, line, station.code)
        with station.store.apply() as session:
            assert told_card.take(session, moving.word())
        assert known(station).before == first  # the place in between never answered
        done, way = over(station)
        assert way == Way(new, moving.own.certificate)
        assert known(station).reached


def test_whoever_took_over_the_old_address_is_not_believed(here: Moving) -> None:
    station = here.here.station(CODE)
    here.here.sync(station)
    with here.served() as url, station.store.apply() as session:
        told_card.type_in(session, url)
    stranger = new_certificate("别人")
    with Service(here.here.centre, *stranger) as at:
        with station.store.apply() as session:
            told_card.type_in(session, f"https://127.0.0.1:{at}")
        with closing(Line(known(station))) as line, pytest.raises(Fault, match="连不上区中心"):
            talk.sync_now(station.store, station.keys, line, station.code)


def test_an_answer_that_broke_off_is_not_asked_for_at_the_old_place(here: Moving) -> None:
    """Only where nobody is there at all."""
    station = here.here.station(CODE)
    with here.served() as url:
        with station.store.apply() as session:
            told_card.type_in(session, url)
        line = Line(known(station))
        for part in parts_of(station):
            line.exchange(part)
    with pytest.raises(Fault, match="连不上区中心"):
        line.exchange(parts_of(station)[0])
    assert line.way.url == url
    line.close()


def test_after_days_without_a_line_the_person_hears_what_to_do(here: Moving) -> None:
    station = here.here.station(CODE)

    def failed() -> str:
        with pytest.raises(Fault) as told:
            here.here.sync(station, DirectLink(here.here.centre, lose_files={0}))
        return told.value.message

    assert "自动续传" in failed()
    here.here.sync(station)
    with clock.freeze(clock.now() + timedelta(days=2, hours=23)):
        assert "U盘" not in failed()
    with clock.freeze(clock.now() + timedelta(days=5)):
        said = failed()
    assert "已经 5 天连不上区中心" in said
    assert "带U盘到区中心交换一次" in said
    contact = select(Contact.message).order_by(Contact.at.desc())
    assert station.get(lambda s: s.scalars(contact).first()) == said


# ---- believed -------------------------------------------------------------------------------


def test_only_the_centre_can_say_where_it_is(here: Moving, tmp_path: Path) -> None:
    station = here.here.station(CODE)
    me = known(station)
    certificate = here.own.certificate
    thief = Keys.new()
    forged = told_card.write(thief, me.id, 10**10, Way(NEW, certificate))
    foreign = told_card.write(here.here.centre.keys, "0" * 32, 10**10, Way(NEW, certificate))
    invitation = here.here.node.do(
        lambda s: enrol.invite(s, here.here.centre.keys, here.here.card, {"id": me.id, "name": ""})
    )
    unusable = [
        told_card.write(here.here.centre.keys, me.id, number, Way(url, pem))
        for number, url, pem in (
            (10**10, "http://a.invalid", certificate),
            (10**10, NEW, "none"),
            (10**10, NEW, ""),
            (10**10, "https://[::1", certificate),
            (10**13, NEW, certificate),
            (0, NEW, certificate),
        )
    ]
    word = told_card.write(here.here.centre.keys, me.id, 10**10, Way(NEW, certificate))
    bent = word.replace(b"centre1", b"centre2")
    for data in (forged, foreign, invitation, bent, word[:-1], b"SANGYU", *unusable):
        with station.store.apply() as session:
            with pytest.raises(Fault):
                told_card.read(me, data)
            assert told_card.heard(session, data) == b""
        assert known(station) == me
    with station.store.apply() as session:
        assert told_card.take(session, word)


def test_an_older_answer_read_late_does_not_bring_the_old_address_back(here: Moving) -> None:
    station = here.here.station(CODE)
    here.move(NEW)
    late = [here.here.centre.accept(one).data for one in parts_of(station)]
    word = here.word()
    own = here.move(THIRD)
    here.here.sync(station)
    for data in late:
        talk.take(station.store, station.keys, known(station), data, talk.Exchanged())
    with station.store.apply() as session:
        assert not told_card.take(session, word)
    assert (known(station).url, known(station).number) == (THIRD, own.number)
    assert known(station).before == Way(OLD, own.certificate)


def test_who_claims_to_know_a_later_word_proves_it_or_is_told(here: Moving) -> None:
    station = here.here.station(CODE)
    own = here.move(NEW)
    liar = msgspec.structs.replace(known(station), number=own.number + 5, token="0" * 16)
    with station.store.apply() as session:
        rewrite(session, liar)
    here.here.sync(station)
    assert here.knows(station) == 0
    assert here.here.node.get(own_card.highest) == own.number


# ---- put back -------------------------------------------------------------------------------


def test_a_station_that_was_put_back_is_told_again(here: Moving) -> None:
    station = here.here.station(CODE)
    here.here.sync(station)
    before = copy_of(station)
    here.move(NEW)
    here.here.sync(station)
    put_back(station, before)
    assert known(station).url == OLD
    assert here.here.sync(station).moved
    assert known(station).url == NEW


def test_what_was_told_stays_beside_a_station_that_is_put_back(here: Moving, stick: Path) -> None:
    station = here.here.station(CODE)
    before = copy_of(station)
    here.move(NEW)
    told_card.keep_beside(stick, here.here.sync(station).moved)
    put_back(station, before)
    told_card.take_beside(station.store, stick)
    assert known(station).url == NEW
    (stick / told_card.BESIDE).write_bytes(b"SANGYU\x01\n")
    told_card.take_beside(station.store, stick)
    assert known(station).url == NEW


def test_a_stick_read_after_the_station_was_put_back_tells_it_all_the_same(
    here: Moving, stick: Path
) -> None:
    """Its answers are to a stream that is no more, and still from the centre."""
    station = here.here.station(CODE)
    station.do(register)
    before = copy_of(station)
    put_on(station, stick)
    here.move(NEW)
    sticks.unpack_stick(here.here.centre, stick)
    sticks.pack_stick(here.here.centre, stick)
    put_back(station, before)
    take_off(station, stick)
    assert known(station).url == NEW


def test_a_centre_whose_database_was_put_back_still_tells_where_it_is(here: Moving) -> None:
    station, later = here.here.station(CODE), here.here.station("519902001002")
    before = copy_of(here.here.node)
    own = here.move(NEW)
    here.here.sync(station)
    swap(here.here.node, before)
    here.here.centre.store = here.here.node.store
    with here.here.centre.store.apply() as session:
        new_epoch(session)
    here.follow()
    here.here.sync(later)
    here.here.sync(station)
    assert {known(one).number for one in (station, later)} == {own.number}


def test_a_centre_put_back_with_its_keys_sees_it_and_goes_on_above(here: Moving) -> None:
    station = here.here.station(CODE)
    before, safe = copy_of(here.here.node), dict(here.safe.kept)
    told = here.move(NEW)
    here.here.sync(station)
    swap(here.here.node, before)
    here.here.centre.store, here.safe.kept = here.here.node.store, safe
    here.follow()
    here.here.sync(station)
    assert known(station).url == NEW  # nobody guesses which of the two is right
    assert here.here.node.get(own_card.highest) == told.number > here.own.number
    again = here.move(OLD)
    assert again.number > told.number
    assert here.here.sync(station).moved
    assert known(station).url == OLD


def test_who_knows_what_is_the_same_when_the_raw_store_is_played_again(
    here: Moving, tmp_path: Path
) -> None:
    here.here.centre.journal = Journal(tmp_path / "raw")
    station = here.here.station(CODE)
    here.here.centre.keep()
    before = copy_of(here.here.node)
    station.do(register)
    here.here.sync(station)
    own = here.move(NEW)
    here.here.sync(station)
    here.here.sync(station)
    assert here.knows(station) == own.number
    swap(here.here.node, before)
    here.here.centre.store = here.here.node.store
    recall(here.here.centre)
    here.follow()
    assert here.knows(station) == own.number
    assert here.here.sync(station).pending == 0


# ---- typed ----------------------------------------------------------------------------------


def test_a_typed_address_counts_until_the_centre_says_more(here: Moving) -> None:
    station = here.here.station(CODE)
    with station.store.apply() as session:
        told_card.type_in(session, NEW)
    assert (known(station).url, known(station).before) == (NEW, Way(OLD, here.own.certificate))
    here.here.sync(station)
    assert known(station).url == NEW
    here.move(THIRD)
    here.here.sync(station)
    assert known(station).url == THIRD
    with station.store.apply() as session, pytest.raises(Fault):
        told_card.type_in(session, "http://centre.invalid")
