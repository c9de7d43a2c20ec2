"""A city that moves to another address, or gets another certificate, tells its districts."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
from sqlalchemy import select

from models.exchange import Contact, Installation
from models.kit import clock
from models.kit.db import Store
from sync import own_card, relayed, told_card
from sync.centre import sticks
from sync.centre.keeping.journal import Journal
from sync.centre.recall import recall
from sync.centre.relay import city as above
from sync.centre.relay import contact
from sync.centre.relay.way import Way as ToCity
from sync.centre.serving import limits, timer
from sync.centre.serving.tls import new_certificate
from sync.centre_card import CITY, CentreCard, Way, city_card
from sync.fault import Fault
from sync.keys import Keys
from tests.sync import city_parts
from tests.sync.address_parts import NEW, OLD, THIRD, Moving, Safe, keep_own
from tests.sync.city_parts import Above
from tests.sync.parts import DirectLink, World, copy_of, register, swap


@dataclass
class Here:
    """A city that may move, and a district of it."""

    above: Above
    city: Moving
    district: World

    @property
    def known(self) -> CentreCard:
        found = self.district.node.get(city_card)
        assert isinstance(found, CentreCard)
        return found

    def report(self) -> bool:
        """Over the network, as the program does."""
        return ToCity(self.district.centre).report().moved

    def type_in(self, url: str) -> None:
        with self.district.centre.store.apply() as session:
            told_card.type_in(session, url, CITY)


@pytest.fixture
def here(centre_store: Store | None, tmp_path: Path) -> Iterator[Here]:
    over = city_parts.above(tmp_path, centre_store)
    city = keep_own(over.city, Safe())
    district = over.district()
    yield Here(over, city, district)
    over.city.node.store.close()


def test_a_new_address_comes_with_the_citys_next_answer(here: Here) -> None:
    station = here.district.station("519902001001")
    station.do(register)
    here.district.sync(station)
    own = here.city.move(NEW)
    here.above.relay()
    assert (here.known.url, here.known.number) == (NEW, own.number)
    assert here.known.before == Way(OLD, own.certificate)
    here.above.relay()
    card = select(Installation.card)
    assert here.above.city.node.get(lambda s: s.scalars(card).all()) == [own.number]
    assert here.above.city.node.get(lambda s: own_card.knowing(s, own.number)) == (1, 1)
    # the district itself has not moved, and tells its stations nothing
    assert not here.district.sync(station).moved


def test_a_stick_brings_it_as_well(here: Here, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    here.above.relay()
    here.city.move(NEW)
    contact.pack_stick(here.district.centre, stick)
    sticks.unpack_stick(here.above.city.centre, stick)
    sticks.pack_stick(here.above.city.centre, stick)
    came = sticks.unpack_stick(here.district.centre, stick)
    assert came.refused == []
    assert came.relayed is not None
    assert came.relayed.moved
    assert here.known.url == NEW
    last = select(Contact.message).order_by(Contact.at.desc())
    said = here.district.node.get(lambda s: s.scalars(last).first())
    assert "市级的联网地址或证书换了" in said


def test_what_was_told_stays_beside_a_district_that_is_put_back(here: Here, tmp_path: Path) -> None:
    centre = here.district.centre
    centre.journal = Journal(tmp_path / "raw")
    here.above.relay()
    before = copy_of(here.district.node)
    centre.store = here.district.node.store
    here.city.move(NEW)
    here.above.relay()
    swap(here.district.node, before)
    centre.store = here.district.node.store
    assert here.known.url == OLD
    recall(centre)
    assert here.known.url == NEW


def test_a_district_follows_to_another_port_with_another_certificate(here: Here) -> None:
    with here.city.served() as old:
        here.type_in(old)
        assert not here.report()
        assert here.known.reached
        first = here.known.way
        here.city.move("https://127.0.0.1:9", new_certificate("市级"))
        assert here.report()
        assert not here.report()  # nobody is there yet: by the old way
        assert here.known.before == first
    with here.city.served() as new:
        here.city.move(new)
        with pytest.raises(Fault, match="连不上市级"):
            here.report()
        with here.district.centre.store.apply() as session:
            assert told_card.take(session, here.city.word(), CITY)
        here.report()
        assert here.known.way == Way(new, here.city.own.certificate)
        assert here.known.reached


def test_a_busy_city_is_asked_again_when_it_said(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []

    class Stop(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            pauses.append(timeout or 0)
            if len(pauses) == 3:
                asked.set()
            return len(pauses) == 3

    asked = threading.Event()
    monkeypatch.setattr(timer, "threading", SimpleNamespace(Event=Stop, Thread=threading.Thread))
    with here.city.served() as url:
        here.type_in(url)
        with monkeypatch.context() as busy:
            busy.setattr(limits.Limits, "admit", turning_away)
            with timer.reporting(here.district.centre, 1):
                assert asked.wait(30)
        assert here.report() is False
    assert pauses[0] == timer.FIRST
    assert 500 <= pauses[1] <= limits.LONGEST * 1.5 + 2


def turning_away(*_: object) -> None:
    raise limits.Busy(500)


def test_only_the_city_can_say_it_and_the_rest_of_the_answer_is_read(here: Here) -> None:
    here.above.relay()
    before = here.known
    thief = told_card.write(Keys.new(), before.id, 10**10, Way(NEW, before.certificate))
    write = relayed.encode
    answered = DirectLink(here.above.city.centre)
    with pytest.MonkeyPatch.context() as patch:

        def forged(said: object) -> bytes:
            told = isinstance(said, relayed.Told)
            return write(msgspec.structs.replace(said, card=thief) if told else said)  # type: ignore[type-var]

        patch.setattr(above.relayed, "encode", forged)  # type: ignore[attr-defined]
        here.above.relay(link=answered)
    assert answered.sent
    assert here.known == before
    with here.district.centre.store.apply() as session, pytest.raises(Fault, match="签名不对"):
        told_card.take(session, thief, CITY)


def test_an_older_word_of_the_city_is_passed_over(here: Here) -> None:
    here.city.move(NEW)
    word = here.city.word()
    own = here.city.move(THIRD)
    here.above.relay()
    with here.district.centre.store.apply() as session:
        assert not told_card.take(session, word, CITY)
    assert (here.known.url, here.known.number) == (THIRD, own.number)


def test_after_days_without_the_city_the_person_hears_what_to_do(here: Here) -> None:
    here.above.relay()
    here.type_in("https://127.0.0.1:9")
    for days, said in ((1, "稍后会自动再报"), (6, "已经 6 天连不上市级")):
        later = clock.now() + timedelta(days=days, minutes=1)
        with clock.freeze(later), pytest.raises(Fault, match=said):
            here.report()
