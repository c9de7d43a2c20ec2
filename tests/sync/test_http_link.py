"""The network link against a server that is not what it should be: one sentence, no flood, no
endless wait. Real TLS on loopback with the pinned certificate."""

import gzip
import ssl
import time
from pathlib import Path

import msgspec
import pytest

from models.kit import clock
from sync import http_link
from sync.fault import Fault
from sync.http_link import LONGEST, HttpLink
from sync.message import FILE_LIMIT
from sync.station import run as talk
from tests.sync.lines import Serve, centre, listen, reply
from tests.sync.parts import register, world


def replying(head: str, body: bytes = b"") -> Serve:
    return lambda line, _request: reply(line, head, body)


def flood(line: ssl.SSLSocket, _request: bytes) -> None:
    line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    for _ in range(FILE_LIMIT // 2**20 + 8):
        line.sendall(bytes(2**20))


def drip(line: ssl.SSLSocket, _request: bytes) -> None:
    line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        line.sendall(b".")
        time.sleep(0.05)


def half(line: ssl.SSLSocket, _request: bytes) -> None:
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nSANGYU")


def nothing(line: ssl.SSLSocket, _request: bytes) -> None:
    line.close()


def noise(line: ssl.SSLSocket, _request: bytes) -> None:
    line.sendall(b"\x00\xff SSH-2.0-OpenSSH_9.6\r\n\r\n")


BOMB = gzip.compress(bytes(2**28))


@pytest.mark.parametrize(
    ("serve", "said"),
    [
        (nothing, "连不上区中心"),
        (noise, "连不上区中心"),
        (half, "连不上区中心"),
        (drip, "连不上区中心"),
        (flood, "没有读入"),
        (replying("200 OK", b"hello"), "不是桑榆的数据包"),
        (replying("200 OK\r\nContent-Encoding: gzip", BOMB), "不是桑榆的数据包"),
        (replying("302 Found\r\nLocation: https://127.0.0.1:1/"), "暂时不能接收"),
        (replying("500 Oops", b"<html>" * 999), "暂时不能接收"),
        (replying("422 No", b"[" * 100_000), "暂时不能接收"),
        (replying("422 No", b'{"kind": 3, "message": "%s"}' % (b"x" * 9999)), "x" * 200),
        (replying("429 Later"), "正忙"),
    ],
    ids=[
        *("closes", "noise", "half", "drips", "flood", "garbage", "bomb", "redirect"),
        *("html", "deep-json", "long-words", "busy"),
    ],
)
def test_a_server_gone_wrong_changes_nothing_and_is_told_in_one_sentence(
    serve: Serve, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_link, "PATIENCE", 3)
    here = world(tmp_path)
    station = here.station("460203198001")
    station.do(register)
    with centre(here.card, serve, tmp_path) as card:
        link = HttpLink(card)
        with pytest.raises(Fault) as told:
            talk.sync_now(station.store, station.keys, link, station.code)
        link.close()
    assert told.value.message.endswith(said) or said in told.value.message
    assert len(told.value.message) <= 200
    assert station.outcomes() == [None]
    assert here.sync(station).pending == 0


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("90", 90), ("99999999999", LONGEST), ("-5", 60), ("Fri, 01 Jan 2027 00:00:00 GMT", 60)],
)
def test_a_busy_centre_says_when_to_come_again_within_reason(
    said: str, seconds: int, tmp_path: Path
) -> None:
    here = world(tmp_path)
    serve = replying(f"429 Later\r\nRetry-After: {said}")
    with centre(here.card, serve, tmp_path) as card:
        link = HttpLink(card)
        with pytest.raises(Fault, match="正忙") as told:
            link.exchange(b"x")
        link.close()
    assert told.value.after == seconds


def test_a_line_that_was_hung_up_is_opened_anew(tmp_path: Path) -> None:
    """As a centre does with who is silent for some seconds, say between the parts of a long
    report."""
    here = world(tmp_path)
    with centre(here.card, replying("200 OK", b"heard"), tmp_path) as card:
        link = HttpLink(card)
        assert [link.exchange(b"x" * size) for size in (1, 2**20, 1)] == [b"heard"] * 3
        link.close()


@pytest.mark.parametrize("year", [1990, 2066])
def test_a_computer_whose_clock_is_years_off_still_reaches_its_centre(
    tmp_path: Path, year: int
) -> None:
    here = world(tmp_path)
    with (
        clock.freeze(clock.now().replace(year=year, day=1)),
        centre(here.card, replying("200 OK", b"heard"), tmp_path) as card,
    ):
        link = HttpLink(card)
        assert link.exchange(b"x") == b"heard"
        link.close()


def test_a_centre_that_tells_a_time_that_cannot_be_is_heard_all_the_same(tmp_path: Path) -> None:
    here = world(tmp_path)
    date = "Date: Fri, 01 Jan 2020 00:00:00 +99999999999999"
    with centre(here.card, replying(f"200 OK\r\n{date}", b"heard"), tmp_path) as card:
        link = HttpLink(card)
        assert (link.exchange(b"x"), link.ahead) == (b"heard", None)
        link.close()


def test_a_line_is_kept_for_the_next_file(tmp_path: Path) -> None:
    here, lines = world(tmp_path), []

    def patient(line: ssl.SSLSocket, _request: bytes) -> None:
        lines.append(line)
        for _ in range(3):
            reply(line, "200 OK", b"heard")
            listen(line)

    with centre(here.card, patient, tmp_path) as card:
        link = HttpLink(card)
        assert [link.exchange(b"x") for _ in range(3)] == [b"heard"] * 3
        link.close()
    assert len(lines) == 1


@pytest.mark.parametrize(
    "change",
    [
        *({"url": "https://[::1"}, {"certificate": "none"}, {"url": "https://a:99999999"}),
        *({"url": ""}, {"url": "centre.local:8443"}, {"url": f"https://{'a' * 70}.local"}),
    ],
)
def test_a_card_that_names_no_place_is_told_in_one_sentence(
    change: dict[str, str], tmp_path: Path
) -> None:
    card = msgspec.structs.replace(world(tmp_path).card, **change)
    with pytest.raises(Fault, match="区中心"):
        HttpLink(card).exchange(b"x")


def test_a_centre_that_only_repeats_an_old_answer_is_not_asked_forever(tmp_path: Path) -> None:
    here = world(tmp_path)
    station = here.station("460203198001")
    station.do(register)

    class Repeating:
        def __init__(self) -> None:
            self.asked, self.answer = 0, b""

        def exchange(self, data: bytes) -> bytes:
            self.asked += 1
            self.answer = self.answer or here.centre.accept(data).data
            return self.answer

        def close(self) -> None: ...

    link = Repeating()
    talk.sync_now(station.store, station.keys, link, station.code)
    station.do(register, name="李秀兰", id_no="51990219500101001X")
    asked = link.asked
    done = talk.sync_now(station.store, station.keys, link, station.code)
    assert done.pending == 1
    assert link.asked - asked <= 2
