"""A clerk works for weeks without a network and the parts of her work come in any way: in order,
interrupted, backwards, without the beginning, forced by a person. The list of cases is that of
records edited off line (sync.md 5.2); rules and expected results are ours."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.employer import Employer
from models.exchange import Conflict, Parked
from sync.station import outbox
from sync.station import run as talk
from tests.sync.parts import Node, World, copy_of, edit, register, swap
from tests.sync.people import propose, rename
from tests.sync.views import force, held


@pytest.fixture
def station(here: World) -> Node:
    return here.station("460203198001")


@pytest.fixture(autouse=True)
def _one_change_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "PART_BYTES", 1)


def parts(here: World, station: Node) -> list[bytes]:
    with station.store.look() as session:
        made = outbox.parts(session, station.keys, here.card, station.code)
    return [one.data for one in made]


def edits(station: Node, key: str, *notes: str) -> None:
    for note in notes:
        station.do(edit, key, door_note=note)


def note(node: Node, key: str) -> str | None:
    found = node.person(key)
    return found.door_note if found else None


def cases(here: World) -> list[str]:
    return here.node.get(lambda s: list(s.scalars(select(Conflict.field))))  # type: ignore[no-any-return]


def known(here: World, station: Node) -> str:
    """A person both sides know."""
    key: str = station.do(register, door_note="原来")
    here.sync(station)
    return key


def test_edits_in_order_are_applied_one_upon_the_other(here: World, station: Node) -> None:
    key = known(here, station)
    edits(station, key, "一", "二", "三")
    here.sync(station)
    assert note(here.node, key) == "三"
    assert station.outcomes() == ["applied"] * 4
    assert cases(here) == []


def test_a_line_of_edits_that_begins_with_the_registration(here: World, station: Node) -> None:
    key = station.do(register)
    edits(station, key, "一", "二")
    here.sync(station)
    assert note(here.node, key) == "二"
    assert cases(here) == []


def test_the_centre_had_gone_on_in_another_field(here: World, station: Node) -> None:
    key = known(here, station)
    here.node.do(edit, key, mobile="13800000009")
    edits(station, key, "一", "二")
    here.sync(station)
    assert (note(here.node, key), station.person(key).mobile) == ("二", "13800000009")  # type: ignore[union-attr]
    assert cases(here) == []


def test_the_line_is_interrupted_by_the_centre_in_the_same_field(
    here: World, station: Node
) -> None:
    key = known(here, station)
    edits(station, key, "一")
    here.centre.accept(parts(here, station)[0])
    here.node.do(edit, key, door_note="中心")
    edits(station, key, "二")
    here.sync(station)
    assert note(here.node, key) == note(station, key) == "二"
    assert cases(here) == ["door_note"]


def test_a_later_edit_alone_waits_for_the_earlier_ones(here: World, station: Node) -> None:
    key = known(here, station)
    edits(station, key, "一", "二", "三")
    files = parts(here, station)
    here.centre.accept(files[2])
    assert note(here.node, key) == "原来"
    here.centre.accept(files[0])
    assert note(here.node, key) == "一"
    here.centre.accept(files[1])
    assert note(here.node, key) == "三"
    assert here.node.get(lambda s: list(s.scalars(select(Parked.seq)))) == []


@pytest.mark.parametrize("order", ["321", "312", "231", "213", "132"])
def test_in_whatever_order_registration_and_edits_come(
    here: World, station: Node, order: str
) -> None:
    key = station.do(register)
    edits(station, key, "一", "二")
    files = parts(here, station)
    for number in order:
        here.centre.accept(files[int(number) - 1])
    assert note(here.node, key) == "二"
    here.sync(station)
    assert station.outcomes() == ["applied"] * 3
    assert cases(here) == []


def test_an_edit_sent_twice_counts_once(here: World, station: Node) -> None:
    key = known(here, station)
    edits(station, key, "一")
    files = parts(here, station)
    edits(station, key, "二")
    here.sync(station)
    for file in (*files, *files):
        here.centre.accept(file)
    assert note(here.node, key) == "二"
    assert cases(here) == []


@pytest.mark.parametrize(
    ("way", "stands", "disputed"),
    [("it comes after all", "二", []), ("a person does not wait", "一", ["contact"])],
)
def test_an_edit_of_what_the_centre_does_not_know_waits_until(
    here: World, station: Node, way: str, stands: str, disputed: list[str]
) -> None:
    """The other station heard it of a centre that was put back since. Where a person does not wait,
    what comes after all is in dispute with it."""
    other = here.station("460203198002")
    key = station.do(propose)
    here.sync(station)
    here.sync(other)
    older = copy_of(here.node)
    station.do(rename, key, "一")
    here.sync(station)
    here.sync(other)
    swap(here.node, older)
    here.centre.store = here.node.store
    other.do(rename, key, "二")
    here.sync(other)
    assert held(here.node)
    stand = other.get(talk.standing)
    assert (stand.pending, stand.unsent, stand.arrived) == (1, 0, 1)  # it is there, and not decided
    assert contact(here.node, key) is None
    if way == "it comes after all":
        here.sync(station)
    else:
        force(here.node)
        here.sync(other)
    assert not held(here.node)
    for node in (station, other, station, other):
        here.sync(node)
    assert {contact(node, key) for node in (here.node, station, other)} == {stands}
    assert cases(here) == disputed
    assert None not in other.outcomes()


def nobody_waits_for(here: World, station: Node) -> tuple[Node, str, str]:
    """The centre was put back to before the works and all that the other station then noted of
    them: that was set aside as resting on nothing."""
    other = here.station("460203198002")
    older = copy_of(here.node)
    works = station.do(propose)
    here.sync(station)
    here.sync(other)
    swap(here.node, older)
    here.centre.store = here.node.store
    other.do(rename, works, "张会计")
    person = other.do(register, employer_id=works)
    here.sync(other)
    force(here.node)
    here.sync(other)
    assert other.outcomes() == ["quarantined"] * 2
    here.sync(other)
    assert here.node.person(person) is None
    return other, works, person


def test_what_a_person_did_not_wait_for_comes_after_all_and_brings_it_in(here: World) -> None:
    comes_after_all_and_brings_it_in(here)


def comes_after_all_and_brings_it_in(here: World) -> None:
    station = here.station("460203198001")
    other, works, person = nobody_waits_for(here, station)
    here.sync(station)
    assert contact(here.node, works) == "张会计"
    assert here.node.person(person) is not None
    for node in (other, station):
        here.sync(node)
        assert contact(node, works) == "张会计"
    assert other.outcomes() == ["applied"] * 2
    assert cases(here) == []


@pytest.mark.parametrize("times", [1, 2])
def test_what_comes_in_so_late_undoes_nothing_that_its_author_did_since(
    here: World, times: int
) -> None:
    """Voided after it was written, and perhaps taken back: all of that was said later."""
    undoes_nothing_said_since(here, times)


def undoes_nothing_said_since(here: World, times: int = 1) -> None:
    station = here.station("460203198001")
    other, works, _ = nobody_waits_for(here, station)
    for _ in range(times):
        other.do(turn_works, works)
    here.sync(other)
    here.sync(station)
    for node in (other, station, here.node):
        if node is not here.node:
            here.sync(node)
        found = node.get(lambda s: s.get_one(Employer, works).is_void)
        assert (contact(node, works), found) == ("张会计", times == 1)
    assert cases(here) == []


def turn_works(session: Session, key: str) -> None:
    one = session.get_one(Employer, key)
    one.is_void = not one.is_void
    one.void_reason = "重复" if one.is_void else None


def contact(node: Node, key: str) -> str | None:
    found: str | None = node.get(lambda s: s.get_one(Employer, key).contact)
    return found


def test_what_was_voided_meanwhile_comes_back_with_the_edit_and_a_person_decides(
    here: World, station: Node
) -> None:
    key = known(here, station)
    here.node.do(edit, key, is_void=True, void_reason="重复登记")
    edits(station, key, "一")
    here.sync(station)
    for node in (here.node, station):
        person = node.person(key)
        assert person is not None
        assert (person.is_void, person.void_reason, person.door_note) == (False, None, "一")
    assert cases(here) == ["is_void"]
    assert set(station.outcomes()) == {"applied"}
