"""What is said beside a time that was written by a clock an hour off or more: as a contact measured
it since, of that entry and no other, and nothing where nobody did."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from app import audit, exchange, retiree, ruling
from app.clock_off import ClockOff, clock_off
from app.exchange import start_anew
from models.audit import Audit
from models.clock_reading import ClockReading
from models.exchange import Change
from models.kit import clock, ids
from models.kit.db import Store
from models.printed import Print
from sync.http_link import HttpLink
from sync.station.run import sync_now
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
from tests.sync.test_busy import said_so_far, serving

NOON = datetime(2026, 11, 30, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
FAST = 2 * HOUR
SOURCE = "按 11月30日 与区中心联系时的差推算"
HERS, OTHERS, THIRD = "519902194611230269", "519902194003151238", "51990219520814254X"


@dataclass
class Line(DirectLink):
    """Where each side sees the other's clock, as in the Date of a request and of its reply."""

    at: datetime = NOON
    ahead: timedelta | None = None

    def exchange(self, data: bytes) -> bytes:
        off = clock.now() - self.at
        self.ahead = -off
        with clock.at(self.at):
            return self.centre.accept(data, off).data


@pytest.fixture
def here(tmp_path: Path, centre_store: Store | None) -> World:
    """On either database of a centre."""
    with clock.freeze(NOON):
        return world(tmp_path, centre_store)


def known(here: World) -> tuple[Node, str]:
    """A station and a person whom both sides know, entered by a right clock."""
    with clock.freeze(NOON - HOUR):
        station = here.station("519902001001")
        key = str(station.do(register, id_no=HERS))
    meet(here, station, NOON - HOUR)
    return station, key


def meet(here: World, station: Node, at: datetime, off: timedelta = timedelta()) -> None:
    """Over the network, the station's clock being so far ahead of the centre's."""
    with clock.at(at + off):
        sync_now(station.store, station.keys, Line(here.centre, at=at), station.code)


def says(node: Node, key: str, at: datetime, off: timedelta = timedelta(), **values: str) -> None:
    with clock.at(at + off):
        node.do(edit, key, **values)


def read(node: Node, query: Callable[..., Any], *args: Any, role: str = "head") -> Any:
    def look(session: Session) -> Any:
        session.info["desk"] = replace(node.desk, roles=frozenset({role}))
        return query(session, *args)

    with clock.freeze(NOON + timedelta(days=1)):
        return node.get(look)


def central(node: Node, query: Callable[..., Any], *args: Any) -> Any:
    return read(node, query, *args, role="centre_head")


def edits(node: Node, key: str, role: str = "head") -> list[str]:
    """What is said beside each edit of the person, the first one first."""

    def look(session: Session) -> list[str]:
        wanted = select(Change.change_id).where(Change.entity_id == key).order_by(Change.seq)
        said = session.scalars(wanted).all()
        off = clock_off(session, dict.fromkeys(said))
        return [off[one].words if one in off else "" for one in dict.fromkeys(said)]

    return list(read(node, look, role=role))


def both(here: World, station: Node, key: str) -> list[str]:
    """The same, where both sides say the same."""
    at_station, at_centre = edits(station, key), edits(here.node, key, "centre_head")
    assert at_station == at_centre
    return at_station


def test_a_dispute_and_the_stations_own_pages_say_that_the_clock_was_fast(here: World) -> None:
    station, key = known(here)
    with clock.freeze(NOON):
        here.node.do(edit, key, id_no=OTHERS)
    says(station, key, NOON + HOUR / 2, FAST, id_no=THIRD)
    meet(here, station, NOON + HOUR, FAST)
    off = ClockOff("当时电脑时钟快约 2 小时，实际约 12:30", SOURCE)
    item = central(here.node, ruling.slip, key).items[0]
    assert item.now.clock is None
    assert [(one.clock, one.ahead) for one in item.others] == [(off, None)]
    (mine,) = read(station, exchange.kept)
    assert mine.clock == off
    latest, first = read(station, retiree.timeline, key).page.rows
    assert (latest.title, latest.clock) == ("修改资料", off)
    assert (first.title, first.clock) == ("登记入册", None)
    edited, entered = read(station, audit.entries, "", "", 1, key).rows
    assert (edited.act, edited.clock) == ("修改资料", off)
    assert (entered.act, entered.clock) == ("登记入册", None)


def test_a_paper_and_the_log_of_it_are_told_by_the_clock_that_stamped_them(here: World) -> None:
    station, key = known(here)
    with clock.at(NOON + FAST):
        station.do(printed, key)
        station.do(audit.note, "查看", "retiree", key)
    meet(here, station, NOON + HOUR, FAST)
    (paper, *_) = read(station, retiree.timeline, key).page.rows
    assert paper.clock.words == "当时电脑时钟快约 2 小时，实际约 12:00"
    for node, role in ((station, "head"), (here.node, "centre_head")):
        rows = read(node, audit.entries, role=role).rows
        assert {one.act: str(one.clock) for one in rows} == dict.fromkeys(
            ("打印", "查看"), f"当时电脑时钟快约 2 小时，实际约 12:00（{SOURCE}）"
        )


def printed(session: Session, key: str) -> None:
    number = "RZ26-ABC-00001-7"
    session.add(Print(paper="资格认证表", number=number, retiree_id=key, printed_at=clock.now()))


def test_of_a_right_clock_nothing_is_said(here: World) -> None:
    station, key = known(here)
    says(station, key, NOON, mobile="13800000001")
    meet(here, station, NOON + HOUR)
    assert both(here, station, key) == ["", ""]


@pytest.mark.parametrize(
    ("off", "said"),
    [
        (timedelta(minutes=55), ""),
        (-timedelta(minutes=55), ""),
        (timedelta(minutes=61), "当时电脑时钟快约 1 小时，实际约 12:00"),
        (-3 * HOUR, "当时电脑时钟慢约 3 小时，实际约 12:00"),
        (timedelta(days=2), "当时电脑时钟快约 2 天，实际约 11-30 12:00"),
        (timedelta(days=14_610), "当时电脑时钟快约 14,610 天，实际约 2026-11-30 12:00"),
    ],
)
def test_it_is_said_from_an_hour_on_in_either_direction(
    here: World, off: timedelta, said: str
) -> None:
    with clock.freeze(NOON - HOUR):
        station = here.station("519902001001")
    with clock.at(NOON + off):
        key = str(station.do(register, id_no=HERS))
    meet(here, station, NOON + HOUR, off)
    assert both(here, station, key) == [said]


def test_a_clock_that_was_put_right_leaves_what_it_wrote_marked_and_nothing_else(
    here: World,
) -> None:
    station, key = known(here)
    says(station, key, NOON, FAST, mobile="13800000001")
    meet(here, station, NOON + HOUR, FAST)
    says(station, key, NOON + 4 * HOUR, mobile="13800000002")
    meet(here, station, NOON + 5 * HOUR)
    assert both(here, station, key) == ["", "当时电脑时钟快约 2 小时，实际约 12:00", ""]


def test_a_clock_put_right_before_the_contact_is_known_by_the_contact_before(here: World) -> None:
    station, key = known(here)
    says(station, key, NOON, FAST, mobile="13800000001")
    meet(here, station, NOON + HOUR, FAST)
    says(station, key, NOON + 2 * HOUR, FAST, mobile="13800000002")
    meet(here, station, NOON + 3 * HOUR)
    assert both(here, station, key)[2] == "当时电脑时钟快约 2 小时，实际约 14:00"


def test_what_nobody_measured_is_not_guessed(here: World) -> None:
    station, key = known(here)
    says(station, key, NOON, FAST, mobile="13800000001")
    assert edits(station, key) == ["", ""], "no contact since"
    with clock.at(NOON + HOUR + FAST):  # by stick: nobody sees the other's clock
        sync_now(station.store, station.keys, DirectLink(here.centre), station.code)
    assert both(here, station, key) == ["", ""]
    says(station, key, NOON + 2 * HOUR, FAST, mobile="13800000002")
    meet(here, station, NOON + 3 * HOUR, FAST)
    assert both(here, station, key)[1:] == [
        "当时电脑时钟快约 2 小时，实际约 12:00",
        "当时电脑时钟快约 2 小时，实际约 14:00",
    ]


def test_what_was_written_long_before_the_first_contact_is_not_judged_by_it(here: World) -> None:
    """Of a station that came with sticks, or by a program that noted nothing yet."""
    with clock.freeze(NOON - timedelta(days=400)):
        station = here.station("519902001001")
        key = str(station.do(register, id_no=HERS))
        here.sync(station)
    says(station, key, NOON, FAST, mobile="13800000001")
    meet(here, station, NOON + HOUR, FAST)
    assert both(here, station, key) == ["", "当时电脑时钟快约 2 小时，实际约 12:00"]


def test_a_time_that_was_made_up_hides_no_page_of_the_log(here: World) -> None:
    """Put right, it lies outside the calendar."""
    station, key = known(here)
    off = timedelta(days=-36_000)
    with clock.at(NOON + off):
        station.do(audit.note, "查看", "retiree", key)
        station.do(made_up, key)
    meet(here, station, NOON + HOUR, off)
    told = {one.at.year: one.clock for one in central(here.node, audit.entries).rows}
    assert told[9990] is None
    assert told[1928] is not None


def made_up(session: Session, key: str) -> None:
    at = datetime(9990, 1, 1, tzinfo=UTC)
    session.add(Audit(at=at, act="查看", entity="retiree", entity_id=key))


def test_a_difference_that_would_put_an_entry_before_the_last_contact_is_none_of_its_clock(
    here: World,
) -> None:
    station, key = known(here)
    says(station, key, NOON, mobile="13800000001")
    meet(here, station, NOON + HOUR, 9 * HOUR)  # the clock went wrong since
    assert both(here, station, key) == ["", ""]


def test_whose_own_clock_was_right_is_told_where_the_time_followed_anothers(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One fast clock takes the hybrid clocks of all along."""
    fast, one = known(here)
    with clock.freeze(NOON - HOUR):
        right = here.station("519902001002")
        other = str(right.do(register, id_no=OTHERS))
    says(fast, one, NOON, FAST, mobile="13800000001")
    meet(here, fast, NOON, FAST)
    meet(here, right, NOON)
    monkeypatch.setattr(ids, "_births", ids._Births())  # as on computers of their own
    says(right, other, NOON + HOUR / 2, mobile="13800000002")
    says(here.node, one, NOON + HOUR / 2, door_note="按铃")
    meet(here, right, NOON + HOUR)
    followed = "时间是跟着别处的时钟记的，快约 2 小时，实际约 12:30"
    assert both(here, right, other) == ["", followed]
    assert edits(here.node, one, "centre_head")[-1] == followed


def test_where_the_centres_own_clock_was_wrong_no_station_is_blamed_there(here: World) -> None:
    fast, one = known(here)
    with clock.freeze(NOON):
        others = [here.station(f"51990200100{number}") for number in (2, 3)]
    says(fast, one, NOON, FAST, mobile="13800000001")
    for node in others:
        with clock.at(NOON + FAST):
            node.do(register, id_no=OTHERS)
    for node in (fast, *others):
        meet(here, node, NOON + HOUR, FAST)
    assert edits(here.node, one, "centre_head") == ["", ""]


def test_no_question_looks_at_the_readings_of_every_computer(tmp_path: Path) -> None:
    """A centre has millions of them after some years."""
    with clock.freeze(NOON):
        here = world(tmp_path)
    station, key = known(here)
    says(station, key, NOON, FAST, mobile="13800000001")
    meet(here, station, NOON + HOUR, FAST)
    asked: list[tuple[str, Any]] = []

    def note(_line: Any, _cursor: Any, said: str, values: Any, *_: Any) -> None:
        if "clock_reading" in said:
            asked.append((said, values))

    event.listen(here.node.store.engine, "before_cursor_execute", note)
    assert edits(here.node, key, "centre_head")[1]
    event.remove(here.node.store.engine, "before_cursor_execute", note)
    with here.node.store.engine.connect() as line:
        steps = [
            step.detail
            for said, values in asked
            for step in line.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", values)
            if "clock_reading" in step.detail
        ]
    assert len(steps) > 3
    assert [one for one in steps if "SCAN" in one or "AUTOMATIC" in one] == []


def test_a_contact_that_brings_nothing_leaves_no_reading(here: World) -> None:
    station, _ = known(here)

    def many(session: Session) -> int:
        return session.scalar(select(func.count()).select_from(ClockReading)) or 0

    before = station.get(many), here.node.get(many)
    for hours in (1, 2, 3):
        meet(here, station, NOON + hours * HOUR)
    assert (station.get(many), here.node.get(many)) == before == (1, 1)


def test_a_centre_that_was_put_back_unsays_nothing_that_was_measured_before(
    tmp_path: Path,
) -> None:
    """When it has an entry once more is not when it first had it."""
    with clock.freeze(NOON):
        here = world(tmp_path)
    station, key = known(here)
    says(station, key, NOON, FAST, mobile="13800000001")
    with clock.freeze(NOON + HOUR / 2):
        here.centre.accept(parts_of(station)[0])
    old = copy_of(here.node)
    says(station, key, NOON + HOUR / 2, FAST, mobile="13800000002")
    meet(here, station, NOON + HOUR, FAST)
    fast = [f"当时电脑时钟快约 2 小时，实际约 {at}" for at in ("12:00", "12:30")]
    assert edits(station, key) == ["", *fast]
    swap(here.node, old)
    here.centre.store = here.node.store
    meet(here, station, NOON + 3 * HOUR)
    assert edits(station, key) == ["", *fast]


def test_a_stream_begun_anew_claims_nothing_of_what_was_written_in_the_one_before(
    here: World,
) -> None:
    station, key = known(here)
    says(station, key, NOON, mobile="13800000001")
    station.do(start_anew)
    meet(here, station, NOON + HOUR, FAST)
    assert both(here, station, key) == ["", ""]


def test_over_a_real_line_each_side_reads_the_others_clock(tmp_path: Path) -> None:
    here = world(tmp_path)
    station = here.station("519902001001")
    with serving(here) as port, clock.at(clock.now() + FAST):
        key = str(station.do(register, id_no=HERS))
        card = msgspec.structs.replace(here.card, url=f"https://127.0.0.1:{port}")
        with closing(HttpLink(card)) as link:
            sync_now(station.store, station.keys, link, station.code)
    for node, role in ((station, "head"), (here.node, "centre_head")):
        (said,) = edits(node, key, role)
        assert said.startswith("当时电脑时钟快约 2 小时，实际约 ")


def test_a_line_that_is_slow_makes_no_clock_wrong(tmp_path: Path) -> None:
    """The station says what its clock shows as it begins to send."""
    here = world(tmp_path)
    station = here.station("519902001001")
    station.do(register, id_no=HERS)
    (data,) = parts_of(station)
    now = clock.now()
    about = f"Date: {format_datetime(now, usegmt=True)}\r\nContent-Length: {len(data)}\r\n"
    head = "POST /v1/exchange HTTP/1.1\r\nHost: centre\r\nConnection: close\r\n" + about
    with serving(here) as port, closing(said_so_far(port, head.encode())) as line:
        line.sendall(b"Expect: 100-continue\r\n\r\n")
        assert line.recv(2**16).startswith(b"HTTP/1.1 100")
        with clock.freeze(now + 2 * HOUR):
            line.sendall(data)
            assert line.recv(2**16).startswith(b"HTTP/1.1 200")
    (off,) = here.node.get(lambda session: session.scalars(select(ClockReading.ahead)).all())
    assert abs(off) < 60
