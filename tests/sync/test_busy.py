"""What the service does for itself: limits, patience, figures, logs. Real HTTPS on loopback."""

import http.client
import json
import logging
import secrets
import socket
import ssl
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.certification import close_from_centre
from app.exchange import start_anew
from app.kit import log
from app.kit.log_lines import Lines
from app.kit.paths import Home
from models.kit import clock
from sync.centre.hearing import Hearing
from sync.centre.service import Centre
from sync.centre.serving import heads, limits, main, routes, writer
from sync.centre.serving.limits import Busy, Limits, Rate, Shares
from sync.centre.serving.main import Service
from sync.fault import Fault
from sync.http_link import HttpLink
from sync.station import again
from sync.station import run as talk
from tests.sync.parts import Node, World, register, world
from tests.sync.stored import failing, wait_until
from ui.exchange.with_centre import Exchange

STATION = "460203198001"


def serving(here: World, **also: Any) -> Service:
    return Service(here.centre, here.card.certificate.encode(), here.private, **also)


def sync(here: World, station: Node, port: int) -> talk.Exchanged:
    link = HttpLink(msgspec.structs.replace(here.card, url=f"https://127.0.0.1:{port}"))
    try:
        return talk.sync_now(station.store, station.keys, link, station.code)
    finally:
        link.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port: int = door.getsockname()[1]
        return port


def test_a_rate_lets_a_burst_through_and_then_so_many_a_second() -> None:
    now = [0.0]
    shares = Shares(Rate(2, 0.5), lambda: now[0])
    for _ in range(2):
        assert shares.wait("a") == 0
        shares.use("a")
    assert shares.wait("a") == pytest.approx(2)
    assert shares.wait("b") == 0
    now[0] = 2.0
    assert shares.wait("a") == 0


def test_only_the_latest_names_are_remembered() -> None:
    shares = Shares(Rate(1, 0))
    for number in range(limits.KNOWN + 10):
        shares.use(str(number))
    assert len(shares.left) == limits.KNOWN


def test_stations_told_at_one_moment_come_back_at_different_ones() -> None:
    moments = {Busy(20).seconds for _ in range(200)}
    assert min(moments) >= 20
    assert max(moments) <= 31
    assert len(moments) > 3


def test_a_station_that_sends_too_much_is_asked_to_wait_and_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "FILES", Rate(6, 0.01))
    here = world(tmp_path)
    busy, other = here.station(STATION), here.station("460203198002")
    for station in (busy, other):
        station.do(register)
    with serving(here) as port:
        card = msgspec.structs.replace(here.card, url=f"https://127.0.0.1:{port}")
        way = Exchange(
            busy.store, busy.desk, busy.keys, busy.code, tmp_path, close_from_centre, start_anew
        )
        way.sync(url=card.url)
        assert busy.get(again.when) is None
        with pytest.raises(Fault, match="正忙") as told:
            goes_on(busy, way, card.url)
        assert 50 <= told.value.after <= 400
        assert sync(here, other, port).pending == 0
    asked = busy.get(again.when)
    assert asked is not None
    assert told.value.after <= (asked - clock.now()).total_seconds() + 5
    assert None in busy.outcomes()
    assert here.sync(busy).pending == 0


def test_a_station_that_sends_too_many_bytes_waits_too_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "BYTES", Rate(4000, 0.01))
    here = world(tmp_path)
    busy, other = here.station(STATION), here.station("460203198002")
    busy.do(register, remark=secrets.token_hex(20_000))
    other.do(register)
    with serving(here) as port:
        assert sync(here, busy, port).pending == 0  # however big it is, it goes once
        busy.do(register, name="李秀兰", id_no="51990219500101001X")
        with pytest.raises(Fault, match="正忙"):
            sync(here, busy, port)
        assert sync(here, other, port).pending == 0


def goes_on(station: Node, way: Exchange, url: str) -> None:
    for number in range(9):
        station.do(register, name="李秀兰", id_no=f"51990219500101{number:04d}")
        way.sync(url=url)


def test_a_sender_of_refused_files_is_turned_away_before_he_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "REFUSED", Rate(2, 0.01))
    here = world(tmp_path)
    with serving(here) as port:
        said = [post(port, b"nothing of ours").status_code for _ in range(4)]
    assert said == [422, 422, 429, 429]


def post(port: int, data: bytes) -> httpx.Response:
    return httpx.post(
        f"https://127.0.0.1:{port}/v1/exchange", content=data, verify=anybody(), trust_env=False
    )


def anybody() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def test_bodies_together_hold_no_more_than_their_share_of_memory() -> None:
    given = Limits(memory=1000)
    given.hold(900)
    with pytest.raises(Busy):
        given.hold(200)
    given.held -= 900
    given.hold(1000)


def test_what_a_refused_or_broken_body_held_is_let_go(tmp_path: Path) -> None:
    here = world(tmp_path)
    watch = free_port()
    with serving(here, watch=watch) as port:
        post(port, b"x" * 100_000)
        half_a_body(port)
        wait_until(lambda: figures(watch)["sangyu_held_body_bytes"] == 0)


def half_a_body(port: int) -> None:
    line = http.client.HTTPSConnection("127.0.0.1", port, context=anybody())
    line.putrequest("POST", "/v1/exchange")
    line.putheader("Content-Length", "100000")
    line.endheaders()
    line.send(b"x" * 1000)
    line.close()


def test_who_is_behind_many_is_told_what_is_stored_without_waiting_for_verdicts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_looked_at, decide = threading.Event(), Centre.decide_some

    def deciding(self: Centre, *args: Any, **also: Any) -> Any:
        is_looked_at.wait(30)
        return decide(self, *args, **also)

    monkeypatch.setattr(Centre, "decide_some", deciding)
    monkeypatch.setattr(writer, "AT_ONCE", 0)
    monkeypatch.setattr(writer, "SOON", 0)
    monkeypatch.setattr(routes, "SHORT", 600.0)
    here = world(tmp_path)
    station = here.station("460203198001")
    station.do(register)
    with serving(here) as port:
        assert sync(here, station, port).waiting
        is_looked_at.set()
        wait_until(lambda: not sync(here, station, port).pending)


def test_a_body_that_drips_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "PATIENCE", 0.3)
    here = world(tmp_path)
    with serving(here) as port:
        line = http.client.HTTPSConnection("127.0.0.1", port, context=anybody())
        line.putrequest("POST", "/v1/exchange")
        line.putheader("Content-Length", "100000")
        line.endheaders()
        line.send(b"x" * 100)
        reply = line.getresponse()
        assert reply.status == 408
        assert "稍后" in json.loads(reply.read())["message"]
        line.close()


def test_a_service_that_is_to_stop_waits_for_no_body_that_drips(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heads, "GRACE", 1)
    here = world(tmp_path)
    with serving(here) as port:
        line = said_so_far(port, HEAD + b"\r\nnot")
        sync(here, here.station(STATION), port)
        start = time.monotonic()
    assert time.monotonic() - start < 15
    line.close()


HEAD = b"POST /v1/exchange HTTP/1.1\r\nHost: centre\r\nContent-Length: 9\r\n"


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"POST /v1/exch",
        HEAD,
        HEAD + b"\r\nnot ours!POST /v1/exch",
        b"POST /v1/exchange HTTP/1.1\r\nHost: centre\r\nContent-Length: 99999\r\n\r\nno",
    ],
    ids=[
        "nothing",
        "half-a-word",
        "half-a-head",
        "the-next-begun",
        "a-body-answered-before-its-end",
    ],
)
def test_who_opens_lines_and_asks_nothing_whole_keeps_nobody_out(
    said: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main, "CONNECTIONS", 4)
    monkeypatch.setattr(heads, "HEAD", 0.5)
    monkeypatch.setattr(heads, "REST", 0.5)
    monkeypatch.setattr(routes, "PATIENCE", 0.2)
    here = world(tmp_path)
    station = here.station(STATION)
    station.do(register)
    with serving(here) as port:
        lines = [said_so_far(port, said) for _ in range(5)]
        for line in lines:
            dripping_ends(line)
        assert sync(here, station, port).pending == 0


def said_so_far(port: int, said: bytes) -> ssl.SSLSocket:
    line = anybody().wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=20))
    line.sendall(said)
    return line


def dripping_ends(line: ssl.SSLSocket) -> None:
    """However many bytes more come one by one."""

    def is_let_go() -> bool:
        try:
            line.sendall(b"x")
            return line.recv(2**16) == b""
        except TimeoutError:
            return False
        except OSError:
            return True

    line.settimeout(0.05)
    wait_until(is_let_go)
    line.close()


def test_a_time_that_cannot_be_is_as_if_none_had_been_told(tmp_path: Path) -> None:
    here = world(tmp_path)
    with serving(here) as port:
        for date in ("Fri, 01 Jan 2020 00:00:00 +99999999999999", "Fri, 01 Jan 99999 00:00:00 GMT"):
            said = httpx.post(
                f"https://127.0.0.1:{port}/v1/exchange",
                content=b"nothing of ours",
                headers={"Date": date},
                verify=anybody(),
                trust_env=False,
            )
            assert said.status_code == 422


# watching ---------------------------------------------------------------------------------------


def figures(port: int) -> dict[str, float]:
    """As Prometheus reads them."""
    text = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
    return {
        "".join((one.name, *one.labels.values())): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


def test_what_the_service_does_is_counted_and_nobody_outside_reads_it(tmp_path: Path) -> None:
    here = world(tmp_path)
    station = here.station(STATION)
    station.do(register)
    watch = free_port()
    with serving(here, watch=watch) as port:
        assert figures(watch)["sangyu_writer_up"] == 1
        sync(here, station, port)
        post(port, b"nothing of ours" * 9)
        now = figures(watch)
        for path in ("/metrics", "/healthz"):
            there = httpx.get(f"https://127.0.0.1:{port}{path}", verify=anybody(), trust_env=False)
            assert there.status_code == 404
    assert now["sangyu_files_totaldecided"] == 1
    assert now["sangyu_changes_total"] == 1
    assert now["sangyu_installations"] == 1
    for name in ("queued_files", "stuck_files", "held_actions", "parked_entries", "open_conflicts"):
        assert now[f"sangyu_{name}"] == 0
    assert now["sangyu_forked_streams"] == 0
    assert now["sangyu_database_up"] == 1
    assert now["sangyu_received_bytes_total"] > 200


def test_it_is_well_only_while_the_database_answers(tmp_path: Path) -> None:
    here = world(tmp_path)
    watch = free_port()
    with serving(here, watch=watch):
        assert health(watch) == 200
        real = here.centre.store
        moved = here.node.path.rename(tmp_path / "away.db")
        real.close()
        assert health(watch) == 503
        assert figures(watch)["sangyu_database_up"] == 0
        moved.rename(here.node.path)
        assert health(watch) == 200


def test_it_is_not_well_where_the_writer_has_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer.Writer, "_work", lambda _self: None)
    watch = free_port()
    with serving(world(tmp_path), watch=watch):
        assert health(watch) == 503
        assert figures(watch)["sangyu_writer_up"] == 0
        assert figures(watch)["sangyu_database_up"] == 1


@pytest.mark.parametrize("at_once", [0, writer.AT_ONCE])
def test_a_file_that_the_program_fails_at_is_stored_and_counted_for_whoever_watches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(writer, "AT_ONCE", at_once)
    monkeypatch.setattr(Hearing, "decide", failing)
    here, watch = world(tmp_path), free_port()
    station = here.station(STATION)
    station.do(register)
    with serving(here, watch=watch) as port:
        sync(here, station, port)
        wait_until(lambda: figures(watch)["sangyu_stuck_files"] == 1)
        assert figures(watch)["sangyu_queued_files"] == 1
        assert health(watch) == 200


def health(port: int) -> int:
    return httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).status_code


# logs -------------------------------------------------------------------------------------------

PRIVATE = ("王秀英", "519902194611230269", "13800002617", "月亮湾路")


def test_the_log_is_lines_of_json_and_names_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    here = world(tmp_path)
    station = here.station(STATION)
    kept = log.keep(Home(tmp_path / "home"), "sync", Lines())
    try:
        with serving(here) as port:
            station.do(register, mobile="13800002617", door_note="月亮湾路 3 号")
            sync(here, station, port)
            post(port, b"nothing of ours")
            monkeypatch.setattr(Hearing, "decide", failing)
            station.do(register, name="李秀兰", id_no="51990219500101001X")
            sync(here, station, port)
            monkeypatch.setattr(Centre, "take_all", failing)
            station.do(register, name="符阿妹", id_no="519902195003081232")
            with pytest.raises(Fault):
                sync(here, station, port)
            monkeypatch.setattr(routes, "_answer", failing)
            assert post(port, b"what breaks the service itself").status_code == 500
    finally:
        logging.getLogger("sync").removeHandler(kept)
        kept.close()
    text = (tmp_path / "home" / "log" / "sync.log").read_text("utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    events = {line["event"].strip() for line in lines}
    assert {"decided", "stored", "a stored file cannot be decided"} <= events
    assert {"failed", "Exception in ASGI application"} <= events
    assert all(set(line) >= {"at", "level", "event"} for line in lines)
    assert {line.get("error") for line in lines} >= {"ValueError"}
    assert station.desk.office_id in text
    shown = "".join(capfd.readouterr())
    assert shown == ""
    for one in PRIVATE:
        assert one not in text
    assert "51990219500101001X" not in text
