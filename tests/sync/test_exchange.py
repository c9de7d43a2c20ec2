"""A station and its centre, with files lost, late, doubled, foreign and forged."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from app import certification, code_table, parameter
from app.code_table import Newer
from app.daily import daily
from models.certification import Certification
from models.employer import Employer
from models.exchange import Change, Conflict, Contact, RawBatch, Replica
from models.kit import clock, codes
from models.retiree import Retiree
from models.suspicion import Suspicion
from sync import pack
from sync.centre import sticks
from sync.fault import Fault
from sync.station import inbox, outbox
from sync.station.stick import pack_stick, unpack_stick
from tests.sync.parts import DirectLink, Node, World, edit, register, world


def test_what_a_station_enters_is_at_the_centre_and_its_outcome_comes_back(here: World) -> None:
    station = here.station("460203198001")
    key = station.do(register, mobile="13800002617")
    done = here.sync(station)
    assert (done.sent, done.pending) == (1, 0)
    at_centre = here.node.person(key)
    assert at_centre is not None
    assert (at_centre.name, at_centre.mobile) == ("王秀英", "13800002617")
    assert at_centre.stamps == station.person(key).stamps  # type: ignore[union-attr]
    assert station.outcomes() == ["applied"]


def test_a_second_exchange_sends_nothing(here: World) -> None:
    station = here.station("460203198001")
    station.do(register)
    here.sync(station)
    assert here.sync(station).sent == 0


def test_the_centre_does_not_tell_the_same_twice_when_the_answer_is_lost(here: World) -> None:
    station = here.station("460203198001")
    key = station.do(register)
    with pytest.raises(Fault, match="连不上区中心"):
        here.sync(station, DirectLink(here.centre, lose_answers={0}))
    assert station.outcomes() == [None]
    station.do(edit, key, mobile="13900006208")
    here.sync(station)
    assert here.node.get(lambda s: s.scalar(select(func.count()).select_from(Retiree))) == 1
    assert here.node.person(key).mobile == "13900006208"  # type: ignore[union-attr]
    assert station.outcomes() == ["applied", "applied"]


def test_an_edit_at_the_centre_comes_down_but_never_hides_an_undecided_own_one(
    here: World,
) -> None:
    station = here.station("460203198001")
    key = station.do(register, mobile="13800000001", door_note="敲门")
    here.sync(station)
    here.node.do(edit, key, mobile="13800000002", door_note="按铃")
    station.do(edit, key, mobile="13800000003")
    here.sync(station)
    seen = station.person(key)
    assert seen is not None
    assert (seen.mobile, seen.door_note) == ("13800000003", "按铃")
    assert here.node.person(key).mobile == "13800000003"  # type: ignore[union-attr]
    cases = here.node.get(lambda s: s.scalars(select(Conflict)).all())
    assert [one.field for one in cases] == ["mobile"]


def test_an_older_concurrent_edit_loses_and_is_kept_with_both_values(here: World) -> None:
    station = here.station("460203198001")
    key = station.do(register, mobile="13800000001")
    here.sync(station)
    station.do(edit, key, mobile="13800000003")
    here.node.do(edit, key, mobile="13800000002")
    here.sync(station)
    assert station.person(key).mobile == "13800000002"  # type: ignore[union-attr]
    assert station.outcomes() == ["applied", "conflict-kept"]


def test_a_field_with_legal_effect_is_never_merged_by_itself(here: World) -> None:
    station = here.station("460203198001")
    key = station.do(register)
    here.sync(station)
    here.node.do(edit, key, manage_state="6")
    station.do(edit, key, manage_state="4")
    here.sync(station)
    assert here.node.person(key).manage_state == "6"  # type: ignore[union-attr]
    case = here.node.get(lambda s: s.scalars(select(Conflict)).one())
    assert (case.field, case.needs_person) == ("manage_state", True)


def test_parts_in_any_order_and_twice_make_one_stream(here: World) -> None:
    station = here.station("460203198001")
    files = []
    for number in range(3):
        station.do(register, name=f"人{number}")
        with station.store.look() as session:
            files += outbox.parts(session, station.keys, here.card, station.code)
        with station.store.apply() as session:  # as if the earlier ones had been acknowledged
            me = session.scalars(select(Replica)).one()
            me.acked_seq = me.seq
    for part in (files[2], files[0], files[2], files[1], files[0]):
        here.centre.accept(part.data)
    assert here.node.get(lambda s: s.scalar(select(func.count()).select_from(Retiree))) == 3
    with station.store.apply() as session:
        session.scalars(select(Replica)).one().acked_seq = 0
    here.sync(station)
    assert station.outcomes() == ["applied"] * 3


def test_a_station_may_not_write_another_stations_person(here: World) -> None:
    one, two = here.station("460203198001"), here.station("460203198002")
    key = one.do(register)
    here.sync(one)
    other = two.do(register, id=key, name="冒名")
    assert other == key
    here.sync(two)
    assert two.outcomes() == ["refused"]
    assert here.node.person(key).name == "王秀英"  # type: ignore[union-attr]


def test_what_one_station_shares_reaches_the_others(here: World) -> None:
    one, two = here.station("460203198001"), here.station("460203198002")

    def propose(session, name):  # type: ignore[no-untyped-def]
        session.add(Employer(name=name))

    one.do(propose, "市棉纺织厂")
    here.sync(one)
    here.sync(two)
    assert two.get(lambda s: s.scalars(select(Employer.name)).all()) == ["市棉纺织厂"]
    late = here.station("460203198003")
    here.sync(late)
    assert late.get(lambda s: s.scalars(select(Employer.name)).all()) == ["市棉纺织厂"]


@pytest.mark.parametrize("at", [3, 40, 400, -1])
def test_a_changed_byte_is_refused_kept_and_nothing_is_applied(here: World, at: int) -> None:
    station = here.station("460203198001")
    station.do(register)
    with station.store.look() as session:
        data = bytearray(outbox.parts(session, station.keys, here.card, station.code)[0].data)
    data[at] ^= 1
    with pytest.raises(Fault) as why:
        here.centre.accept(bytes(data))
    assert why.value.message
    assert here.node.get(lambda s: s.scalar(select(func.count()).select_from(Retiree))) == 0
    kept = here.node.get(lambda s: s.scalars(select(RawBatch)).one())
    assert (kept.body, kept.refused) == (bytes(data), why.value.kind)


def test_a_station_that_was_never_approved_is_told_so_and_keeps_working(here: World) -> None:
    station = here.station("460203198001", approved=False)
    station.do(register)
    with pytest.raises(Fault, match="还没有批准"):
        here.sync(station)
    assert station.outcomes() == [None]


def test_an_answer_of_another_centre_is_refused(here: World, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    elsewhere = world(tmp_path / "b")
    ours, theirs = here.station("460203198001"), elsewhere.station("460203198009")
    with theirs.store.look() as session:
        part = outbox.parts(session, theirs.keys, elsewhere.card, theirs.code)[0]
    answer = elsewhere.centre.accept(part.data).data
    with ours.store.apply() as session, pytest.raises(Fault, match="另一个区中心"):
        inbox.receive(session, ours.keys, here.card, answer)


def test_what_stays_on_a_stick_opens_for_its_writer_too_and_what_goes_by_line_does_not(
    here: World, tmp_path: Path
) -> None:
    station, stick = here.station("460203198001"), tmp_path / "stick"
    stick.mkdir()
    station.do(register)
    pack_stick(station.store, station.keys, stick, station.code)
    (carried,) = stick.glob("**/*-1-1-*.sangyu")
    here.sync(station, link := DirectLink(here.centre))
    stays, sent = pack.read(carried.read_bytes()), pack.read(link.sent[0])
    for packet in (stays, sent):
        assert len(packet.body(here.centre.keys).entries) == 1
    assert stays.body(station.keys) == stays.body(here.centre.keys)
    with pytest.raises(Fault):
        sent.body(station.keys)


def test_a_stick_carries_changes_up_and_outcomes_down(here: World, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    (stick / "别人的.docx").write_bytes(b"x")
    station = here.station("460203198001")
    key = station.do(register)
    packed = pack_stick(station.store, station.keys, stick, station.code)
    assert packed.exchanged.sent == 1
    assert station.outcomes() == [None]
    taken = sticks.unpack_stick(here.centre, stick)
    assert (taken.entries, taken.refused) == (1, [])
    assert here.node.person(key) is not None
    sticks.pack_stick(here.centre, stick)
    done = unpack_stick(station.store, station.keys, stick, tmp_path / "inbox", station.code)
    assert done.exchanged.pending == 0
    assert station.outcomes() == ["applied"]
    assert [one.name for one in packed.files] == done.removed
    assert (stick / "别人的.docx").read_bytes() == b"x"
    ways = station.get(lambda s: s.scalars(select(Contact.way)).all())
    assert ways == ["U盘", "U盘"]


def test_nothing_readable_is_on_the_stick(here: World, tmp_path: Path) -> None:
    station = here.station("460203198001")
    station.do(register, name="王秀英", id_no="519902194611230269")
    done = pack_stick(station.store, station.keys, tmp_path, station.code)
    data = done.files[0].read_bytes()
    assert "王秀英".encode() not in data
    assert b"519902194611230269" not in data
    assert "王" not in done.files[0].name


def test_a_lost_stick_costs_nothing_but_time(here: World, tmp_path: Path) -> None:
    station = here.station("460203198001")
    first, second = tmp_path / "a", tmp_path / "b"
    first.mkdir()
    second.mkdir()
    station.do(register, name="甲")
    pack_stick(station.store, station.keys, first, station.code)
    station.do(register, name="乙")
    pack_stick(station.store, station.keys, second, station.code)
    sticks.unpack_stick(here.centre, second)
    names = here.node.get(lambda s: sorted(s.scalars(select(Retiree.name))))
    assert names == ["乙", "甲"]
    sticks.unpack_stick(here.centre, first)
    assert here.node.get(lambda s: s.scalar(select(func.count()).select_from(Retiree))) == 2


def test_one_action_is_never_applied_by_halves(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "PART_BYTES", 1)
    station = here.station("460203198001")

    def two(session):  # type: ignore[no-untyped-def]
        return [register(session, name="甲"), register(session, name="乙")]

    station.do(two)
    with station.store.look() as session:
        parts = outbox.parts(session, station.keys, here.card, station.code)
    assert len(parts) == 2
    here.centre.accept(parts[0].data)
    assert here.node.get(lambda s: s.scalar(select(func.count()).select_from(Retiree))) == 0
    here.centre.accept(parts[1].data)
    assert here.node.get(lambda s: s.scalar(select(func.count()).select_from(Retiree))) == 2
    here.sync(station)
    assert station.outcomes() == ["applied", "applied"]


def test_the_centres_log_has_every_change_once(here: World) -> None:
    station = here.station("460203198001")
    key = station.do(register)
    for number in range(5):
        station.do(edit, key, mobile=f"1380000000{number}")
        here.sync(station)
    mine = station.get(lambda s: s.scalars(select(Change.change_id)).all())
    theirs = here.node.get(
        lambda s: s.scalars(
            select(Change.change_id).where(Change.office_id == station.desk.office_id)
        ).all()
    )
    assert sorted(mine) == sorted(theirs)


def test_two_stations_with_one_number_both_hear_of_the_other(here: World) -> None:
    one, two = here.station("460203198001"), here.station("460203198002")
    one.do(register, name="王秀英")
    two.do(register, name="王秀英")
    here.sync(one)
    here.sync(two)
    here.sync(one)
    for station, other in ((one, two), (two, one)):
        doubt = station.get(lambda s: s.scalars(select(Suspicion)).one())
        assert f"{other.code}社区" in doubt.detail
        assert doubt.office_id == station.desk.office_id
    here.sync(two)
    here.sync(one)
    assert one.get(lambda s: s.scalar(select(func.count()).select_from(Suspicion))) == 1


def test_a_roster_that_two_stations_took_in_is_told_in_a_handful_of_statements(here: World) -> None:
    def take_in(session: Session) -> None:
        for number in range(40):
            register(session, id_no=f"51990219460101{number:04d}")

    def statements(station: Node) -> int:
        asked = list[str]()
        engine = here.node.store.engine
        event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
        here.sync(station)
        return len(asked)

    one, two = here.station("460203198001"), here.station("460203198002")
    for station in (one, two):
        station.do(take_in)
    alone, shared = statements(one), statements(two)
    assert shared - alone < 20
    here.sync(one)
    for station in (one, two):
        told = station.get(lambda s: s.scalars(select(Suspicion.detail)).all())
        assert len(told) == 40


def test_rules_and_code_tables_come_down_with_the_next_answer(here: World) -> None:
    station = here.station("460203198001")
    here.node.do(parameter.publish, "home_visit_age", 75, doc_no="三人社〔2026〕1号")
    rows = "code,name,parent,active,synonyms,source\n1,男性,,1,男,试\n2,女性,,1,女,试\n"
    here.node.do(code_table.publish_codes, Newer("SEX", rows, ()))
    here.sync(station)
    rule = station.get(lambda s: parameter.in_force(s, "home_visit_age"))
    assert (rule.value, rule.doc_no) == (75, "三人社〔2026〕1号")
    codes.forget()
    assert codes.table("SEX").name("1") == "男"
    station.get(code_table.use_published_codes)
    assert codes.table("SEX").name("1") == "男性"


def test_certification_results_of_the_centre_reach_the_station(here: World) -> None:
    station = here.station("460203198001")
    key = station.do(register)
    here.sync(station)
    rows = [{"id_no": "519902194611230269", "name": "王秀英", "certified_on": clock.today()}]
    here.node.desk = replace(here.node.desk, roles=frozenset({"centre_clerk"}))
    done = here.node.do(certification.import_results, rows)
    assert (done.matched, done.closed) == (1, 0)
    here.sync(station)
    record = station.get(lambda s: s.scalars(select(Certification)).one())
    assert (record.retiree_id, record.source) == (key, "2")
    station.do(daily)
    assert station.person(key).last_certified_on == clock.today()  # type: ignore[union-attr]
