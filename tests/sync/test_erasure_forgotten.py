"""An erasure that a centre put back has forgotten, with all that was kept beside it (sync.md 4.5,
4.9): any station that was told shows the order, and it is carried out once more."""

from pathlib import Path

import pytest
from sqlalchemy import select

from app import audit, erasure
from models import emptying
from models.erasure import Erasure
from models.exchange import STREAM, Replica
from models.kit.stream import position
from sync import erase_order
from sync.centre.keeping.erasing import FORGOTTEN
from sync.centre.keeping.journal import Journal
from sync.centre_card import centre_card
from sync.fault import Fault
from sync.keys import Keys
from sync.station import agree, outbox
from tests.sync.leaks import GROUND, NAME, someone
from tests.sync.parts import Node, World, copy_of, put_back, register, swap
from tests.sync.test_erasure import is_clean, known_everywhere, three_stations
from tests.sync.views import agree_now


@pytest.fixture
def here(tmp_path: Path) -> World:
    return three_stations(tmp_path)


def erase(here: World, key: str) -> None:
    here.node.do(erasure.erase, key, NAME, GROUND)
    here.centre.keep()


def forget(here: World, copy: bytes) -> None:
    """The disk broke: a copy from elsewhere, and nothing beside it."""
    swap(here.node, copy)
    here.centre.store = here.node.store
    here.centre.journal = Journal(here.node.path.parent / "new")


def a_copy(here: World) -> bytes:
    made = copy_of(here.node)
    here.centre.store = here.node.store
    return made


def shown_by(node: Node) -> dict[str, bytes]:
    """What it would say of orders now."""
    return node.get(lambda s: agree._orders(s, s.scalars(select(Replica)).one()))  # type: ignore[no-any-return]


def meet(here: World, *nodes: Node) -> None:
    for node in nodes:
        here.sync(node)
        agree_now(here, node)
        here.sync(node)


def grounds(here: World) -> list[str]:
    return here.node.get(lambda s: list(s.scalars(select(Erasure.ground))))  # type: ignore[no-any-return]


def test_whom_a_centre_put_back_brought_back_is_erased_once_more_everywhere(here: World) -> None:
    """One station was told; the others had not been, and one of them has the person."""
    key = known_everywhere(here)
    copy = a_copy(here)
    erase(here, key)
    here.sync(here.stations[2])
    forget(here, copy)
    assert here.node.person(key)
    meet(here, here.stations[2])
    assert grounds(here) == [FORGOTTEN]
    (noted,) = [one for one in here.node.do(audit.entries).rows if one.detail == FORGOTTEN]
    assert (noted.act, noted.who) == ("清除资料", "程序")
    assert here.node.get(audit.altered) == []
    meet(here, *here.stations)
    is_clean(here, *here.stations)
    assert here.node.get(emptying.people) == [key]
    for node in here.stations:
        assert node.get(agree.standing).differs == 0


def test_it_is_shown_once_in_an_epoch_also_by_who_hears_of_it_only_then(here: World) -> None:
    first, new, _ = here.stations
    key = known_everywhere(here)
    copy = a_copy(here)
    erase(here, key)
    meet(here, first)
    assert shown_by(first) == {}
    forget(here, copy)
    here.sync(first)
    here.sync(first)
    assert shown_by(first).keys() == {key}
    meet(here, first)
    meet(here, first, new)
    assert [shown_by(one) for one in (first, new)] == [{}, {}]


def test_what_comes_late_about_whoever_the_copy_had_never_known_is_not_kept(here: World) -> None:
    """Registered and erased since; a stick is found that tells of them."""
    first = here.stations[0]
    copy = a_copy(here)
    key: str = first.do(someone)
    card = first.get(centre_card)
    with first.store.look() as session:
        (late,) = outbox.parts(session, first.keys, card, first.code)
    here.sync(first)
    erase(here, key)
    here.sync(first)
    forget(here, copy)
    meet(here, first)
    here.centre.accept(late.data)
    assert here.node.person(key) is None
    is_clean(here, first)


@pytest.mark.parametrize("whose", ["nobody", "another centre", "another person", "the centre"])
def test_an_order_erases_only_whom_the_centre_gave_it_for(
    here: World, monkeypatch: pytest.MonkeyPatch, whose: str
) -> None:
    """A station may say what it likes."""
    station = here.stations[1]
    key = known_everywhere(here)
    other: str = station.do(register, name="李海", id_no="519902195203140022")
    here.sync(station)
    shown = {
        "nobody": b"",
        "another centre": erase_order.token(Keys.new(), key),
        "another person": erase_order.token(here.centre.keys, other),
        "the centre": erase_order.token(here.centre.keys, key),
    }[whose]
    monkeypatch.setattr(agree, "_orders", lambda *_: {key: shown})
    card = station.get(centre_card)
    with station.store.look() as session:
        said = agree.claim(session, station.keys, card, station.code)
    here.centre.accept(said)
    is_gone = here.node.person(key) is None
    assert is_gone is (whose == "the centre")
    assert here.node.person(other)


def test_it_is_shown_also_by_a_station_that_was_put_back_itself(here: World) -> None:
    """The mark beside its database has the order."""
    station = here.stations[1]
    key = known_everywhere(here)
    copies = copy_of(station), a_copy(here)
    erase(here, key)
    here.sync(station)
    mark = station.get(lambda s: position(s, STREAM)).erased
    put_back(station, copies[0])
    erasure.erase_again(station.store, mark)
    forget(here, copies[1])
    meet(here, station)
    assert here.node.person(key) is None
    is_clean(here, station)


def test_more_orders_than_anybody_was_ever_given_are_not_looked_at(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    station = here.stations[1]
    many = dict.fromkeys(map(str, range(erase_order.MOST + 1)), b"")
    monkeypatch.setattr(agree, "_orders", lambda *_: many)
    card = station.get(centre_card)
    with station.store.look() as session:
        said = agree.claim(session, station.keys, card, station.code)
    with pytest.raises(Fault, match="数据包"):
        here.centre.accept(said)
