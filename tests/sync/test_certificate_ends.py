"""The centre's certificate before it ends, and where its key got lost: another one, told before it
is shown, over real HTTPS."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from models.kit import clock
from sync import told_card
from sync.centre.serving import main, renewal
from sync.centre.serving.main import Service
from sync.centre_card import Way
from sync.desktop import How
from sync.fault import Fault
from sync.line import Line
from sync.own_card import Own
from sync.station import run as talk
from tests.sync.address_parts import CODE, Moving, Safe, keep_own, known
from tests.sync.parts import Node, register, world

NAME = "吉阳区中心"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Moving]:
    made = keep_own(world(tmp_path), Safe())
    yield made
    made.here.node.store.close()


def settled(here: Moving) -> str:
    with here.here.centre.store.apply() as session:
        return renewal.settle(session, here.here.centre.keys, here.safe, NAME)


def renewed(here: Moving, how: How) -> Own:
    with here.here.centre.store.apply() as session:
        keys, own = here.here.centre.keys, here.own
        return renewal.renew(session, keys, here.safe, own, how, NAME)


def over(node: Node, url: str) -> talk.Exchanged:
    """At this port, with the certificates the station trusts now."""
    card = msgspec.structs.replace(known(node), url=url, before=None)
    with closing(Line(card)) as line:
        return talk.sync_now(node.store, node.keys, line, node.code)


def until(is_so: Callable[[], bool]) -> None:
    for _ in range(200):
        if is_so():
            return
        time.sleep(0.05)
    raise AssertionError("never")


def test_long_before_its_end_nothing_is_done(here: Moving) -> None:
    here.here.station(CODE)
    assert here.own.ends_at > clock.now() + timedelta(days=19 * 365)
    assert settled(here) == ""
    assert here.own.number == 0


def test_the_next_certificate_is_told_shown_once_all_know_it_and_nobody_is_cut_off(
    here: Moving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main, "LOOK_AGAIN", 0.02)
    stations = [here.here.station(f"51990200100{number}") for number in (1, 2)]
    first = here.own.certificate
    with Service(here.here.centre, *here.own.pair, fresh=lambda: here.own.pair) as at:
        url = f"https://127.0.0.1:{at}"
        for node in stations:
            over(node, url)
        with clock.freeze(here.own.ends_at - timedelta(days=700)):
            assert "新的" in settled(here)
            assert settled(here) == ""  # nobody knows it yet
            assert here.own.certificate == first
            for node in stations:
                assert over(node, url).moved
                assert known(node).certificate.count("BEGIN CERTIFICATE") == 2
                over(node, url)
            assert settled(here) == "新证书已启用"
            assert settled(here) == ""
            assert here.own.ends_at > clock.now() + timedelta(days=19 * 365)
        # the service shows it without being started anew; who trusts the first alone gets nothing
        old = msgspec.structs.replace(known(stations[0]), url=url, certificate=first, before=None)

        def is_refused() -> bool:
            with closing(Line(old)) as line:
                try:
                    talk.sync_now(stations[0].store, stations[0].keys, line, stations[0].code)
                except Fault:
                    return True
            return False

        until(is_refused)
        for node in stations:
            node.do(register)
            done = over(node, url)
            assert done.pending == 0
            over(node, url)
            assert known(node).certificate == here.own.certificate != first


def test_who_has_not_come_by_then_does_not_hold_it_up_for_ever(here: Moving) -> None:
    station = here.here.station(CODE)
    with clock.freeze(here.own.ends_at - timedelta(days=700)):
        settled(here)
        assert settled(here) == ""
    with clock.freeze(here.own.ends_at - timedelta(days=80)):
        assert settled(here) == "新证书已启用"
        here.here.sync(station)  # as a stick does
        assert known(station).certificate == here.own.certificate


def test_a_lost_key_is_replaced_at_once_and_the_stick_tells_it(here: Moving) -> None:
    station = here.here.station(CODE)
    first = here.own.pair
    with Service(here.here.centre, *first) as at:
        over(station, f"https://127.0.0.1:{at}")
    own = renewed(here, "replace")
    assert own.pair != first
    assert own.next is None
    with Service(here.here.centre, *own.pair) as at:
        url = f"https://127.0.0.1:{at}"
        with pytest.raises(Fault, match="连不上区中心"):
            over(station, url)
        with station.store.apply() as session:
            told_card.take(session, here.word())
        over(station, url)
    with Service(here.here.centre, *first) as at, pytest.raises(Fault, match="连不上区中心"):
        over(station, f"https://127.0.0.1:{at}")


def test_a_certificate_asked_for_by_hand_waits_for_those_who_do_not_know_it(here: Moving) -> None:
    station, own = here.here.station(CODE), renewed(here, "renew")
    assert own.next is not None
    assert settled(here) == ""
    here.here.sync(station)
    here.here.sync(station)
    assert settled(here) == "新证书已启用"
    assert here.own.certificate == own.next[0]
    assert here.own.way == Way(own.url, own.next[0])
