"""A registration that was voided and taken back before the other side heard of it: nothing is in
dispute any more, so nobody is asked, and nobody's edit is lost."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import certification, exchange, retiree, ruling, undo, voided
from models.cert_task import CertTask
from models.certification import Certification
from models.exchange import new_epoch
from models.family import Family
from models.kit.changes import update_many
from models.retiree import Retiree
from models.ruling import NOW, OTHER
from sync.centre.deciding import taken_back
from sync.fault import Fault
from sync.station import outbox
from tests.sync.parts import DirectLink, Node, World, copy_of, edit, put_back, register
from tests.sync.people import OTHERS, choose, seen, slip_of, turn
from tests.sync.test_voids import both_sides, known, states, void_all
from tests.sync.views import compared

NOBODY = {"open": 0, "auto": 0}


def asked(here: World) -> dict[str, int]:
    found: dict[str, int] = here.node.get(ruling.chips)
    return {one: found[one] for one in NOBODY}


def to_confirm(station: Node) -> list[str]:
    """What the station's people are asked to look at."""
    return [one.ruling or one.result for one in station.get(seen(station, exchange.kept))]


def nothing_lost(here: World, station: Node, key: str, **values: str) -> None:
    for node in (station, here.node):
        person = node.person(key)
        assert person is not None
        assert not person.is_void
        assert {name: getattr(person, name) for name in values} == values
    both_sides(here, station)
    assert compared(here, station)


def test_a_registration_taken_back_before_the_contact_is_no_question(here: World) -> None:
    """The centre confirmed her certification and wrote a note, while the station voided her by
    mistake and brought her back."""
    station, key, family = known(here)
    made = station.do(certification.certify, key, {"docs_checked": ["1"]}).id
    here.sync(station)
    here.node.do(certification.confirm, made)
    here.node.do(edit, key, door_note="按铃")
    station.do(retiree.void_registration, key, "登记重了")
    station.do(voided.restore, "retiree", key)
    here.sync(station)
    assert asked(here) == NOBODY
    assert to_confirm(station) == []
    assert station.get(seen(station, exchange.kept_count)) == 0
    for node in (station, here.node):
        gone = states(node, (Retiree, key), (Certification, made), (Family, family))
        assert gone == [False] * 3
    nothing_lost(here, station, key, door_note="按铃")


def test_what_was_undone_and_done_again_is_no_question(here: World) -> None:
    station, _, _ = known(here)
    key = str(station.do(register, id_no=OTHERS))
    here.sync(station)
    here.node.do(edit, key, door_note="按铃")
    station.do(undo.undo)
    station.do(undo.redo)
    here.sync(station)
    assert asked(here) == NOBODY
    assert to_confirm(station) == []
    nothing_lost(here, station, key, door_note="按铃")


def voided_alone(here: World) -> tuple[Node, str]:
    """The centre has the voiding and asks; its answer was lost, so the station still shows her as
    voided."""
    station, key, _ = known(here)
    here.node.do(edit, key, door_note="按铃")
    station.do(retiree.void_registration, key, "登记重了")
    with pytest.raises(Fault):
        here.sync(station, DirectLink(here.centre, lose_answers={0}))
    assert asked(here) == {"open": 1, "auto": 0}
    assert states(station, (Retiree, key)) == [True]
    return station, key


def test_the_question_closes_by_itself_where_the_way_back_comes_later(here: World) -> None:
    station, key = voided_alone(here)
    station.do(voided.restore, "retiree", key)
    here.sync(station)
    assert asked(here) == NOBODY
    assert to_confirm(station) == []
    nothing_lost(here, station, key, door_note="按铃")
    item = slip_of(here, key, ruling.RULED).items[0]
    assert (item.now.shown, item.others[0].shown) == ("没有作废", "作废（登记重了）")
    assert item.ruled is not None
    assert (item.ruled.who, item.ruled.ground) == ("", taken_back.GROUND)


@pytest.mark.parametrize("choice", [NOW, OTHER])
def test_a_ruling_that_the_station_had_not_heard_does_not_undo_its_way_back(
    here: World, choice: str
) -> None:
    """She was voided by ruling while the station took its voiding back: she stays in sight with
    all that is hers, and the centre is asked once more, about all of it."""
    station, key = voided_alone(here)
    choose(here, key, OTHER)
    station.do(voided.restore, "retiree", key)
    here.sync(station)
    nothing_lost(here, station, key, door_note="按铃")
    assert asked(here) == {"open": 1, "auto": 0}
    choose(here, key, choice)
    here.sync(station)
    assert asked(here) == NOBODY
    both_sides(here, station)
    for node in (station, here.node):
        assert gone(node, key) == {choice == OTHER}


def gone(node: Node, key: str) -> set[bool]:
    """Of the person and what is noted of her, which of both there is."""
    mine = (Retiree, Retiree.id), (Family, Family.retiree_id), (CertTask, CertTask.retiree_id)
    with node.store.look() as session:
        found = [session.scalars(select(noun.is_void).where(of == key)).all() for noun, of in mine]
    return {one for some in found for one in some}


def test_another_computer_that_edited_meanwhile_is_not_asked_either(here: World) -> None:
    """Its edit brought her back and opened the question, before the one that voided her took that
    back."""
    station, key, family = known(here)
    beside = here.new_pc(station)
    here.sync(beside)
    station.do(void_all, key, family)
    with pytest.raises(Fault):
        here.sync(station, DirectLink(here.centre, lose_answers={0}))
    beside.do(edit, key, door_note="按铃")
    here.sync(beside)
    assert asked(here) == {"open": 1, "auto": 0}
    station.do(voided.restore, "retiree", key)
    here.sync(station)
    assert asked(here) == NOBODY
    assert to_confirm(station) == []
    here.sync(beside)
    for node in (station, beside):
        nothing_lost(here, node, key, door_note="按铃")


@pytest.mark.parametrize("is_heard", [False, True])
def test_a_centre_that_takes_its_voiding_back_asks_nobody(here: World, is_heard: bool) -> None:  # noqa: FBT001
    """While a station edited, which heard of the voiding or did not."""
    station, key, _ = known(here)
    beside = here.new_pc(station)
    here.sync(beside)
    station.do(edit, key, door_note="按铃")
    here.node.do(turn, key)
    if is_heard:
        here.sync(beside)
    here.node.do(turn, key)
    here.sync(station)
    here.sync(beside)
    assert asked(here) == NOBODY
    for node in (station, beside):
        assert to_confirm(node) == []
        nothing_lost(here, node, key, door_note="按铃")


def test_what_was_not_taken_back_is_still_asked(here: World) -> None:
    """Two were voided at once and only one came back: the other may have to go."""
    station, key, _ = known(here)
    other = str(station.do(register, id_no=OTHERS))
    here.sync(station)
    here.node.do(edit, key, door_note="按铃")
    station.do(void_both, key, other)
    station.do(turn, key)
    here.sync(station)
    assert asked(here) == {"open": 1, "auto": 0}
    choose(here, key, OTHER)
    here.sync(station)
    for node in (station, here.node):
        assert states(node, (Retiree, key), (Retiree, other)) == [False, True]
    both_sides(here, station)


def void_both(session: Session, *keys: str) -> None:
    for key in keys:
        update_many(session, Retiree, {key: {"is_void": True, "void_reason": "撤销导入"}})


def test_taken_back_in_another_stream_it_waits_for_the_voiding_of_a_put_back_centre(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The taking back comes first there, and the record alone next."""
    monkeypatch.setattr(outbox, "PART_BYTES", 1)
    station = here.station("460203198001")
    empty = copy_of(here.node)
    key = station.do(register)
    station.do(turn, key)
    here.sync(station)
    station.do(turn, key)
    station.do(exchange.start_anew)
    put_back(here.node, empty)
    here.centre.store = here.node.store
    with here.node.store.apply() as session:
        new_epoch(session)
    for _ in range(2):
        here.sync(station)
    nothing_lost(here, station, key)
