"""A new computer in place of a lost one (sync.md 4.9): everything the centre knows is there again,
by network or by stick, and what the old one still says counts."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from app import acts
from models.retiree import Retiree
from sync.centre import sticks
from sync.station.stick import pack_stick, unpack_stick
from tests.make import an_id_number
from tests.sync.parts import Node, World, edit, register

Carry = Callable[[Node], None]


@pytest.fixture(params=["network", "stick"])
def carry(here: World, tmp_path: Path, request: pytest.FixtureRequest) -> Carry:
    stick = tmp_path / "stick"
    stick.mkdir()

    def by_stick(node: Node) -> None:
        pack_stick(node.store, node.keys, stick, node.code)
        sticks.unpack_stick(here.centre, stick)
        sticks.pack_stick(here.centre, stick)
        unpack_stick(node.store, node.keys, stick, tmp_path / f"inbox-{node.path.stem}", node.code)

    def by_network(node: Node) -> None:
        here.sync(node)

    return by_stick if request.param == "stick" else by_network


def phones(node: Node) -> dict[str, str | None]:
    people = node.get(lambda session: session.scalars(select(Retiree)).all())
    return {one.name: one.mobile for one in people}


def test_a_new_pc_holds_what_the_lost_one_had_told(here: World, carry: Carry) -> None:
    lost = here.station("519902001001")
    key = lost.do(register, name="王秀英", mobile="13800002617")
    lost.do(register, name="李建国", id_no=an_id_number(sequence=21))
    carry(lost)
    lost.do(edit, key, mobile="13900004471")
    carry(lost)
    lost.do(edit, key, mobile="13700000000")  # on the lost disk only
    made = here.new_pc(lost)
    carry(made)
    assert phones(made) == {"王秀英": "13900004471", "李建国": None}
    made.do(edit, key, mobile="13600001234")
    carry(made)
    assert phones(here.node)["王秀英"] == "13600001234"
    assert set(made.outcomes()) == {"applied"}


def test_what_the_old_pc_says_late_reaches_the_new_one(here: World, carry: Carry) -> None:
    old = here.station("519902001001")
    old.do(register, name="王秀英")
    carry(old)
    late = old.do(register, name="李建国", id_no=an_id_number(sequence=21))
    made = here.new_pc(old)
    carry(made)
    assert made.person(late) is None
    carry(old)
    carry(made)
    for node in (here.node, old, made):
        assert set(phones(node)) == {"王秀英", "李建国"}


def test_two_pcs_of_one_office_both_stay_usable(here: World, carry: Carry) -> None:
    one = here.station("519902001001")
    key = one.do(register, name="王秀英")
    carry(one)
    two = here.new_pc(one)
    carry(two)
    one.do(edit, key, mobile="13800002617")
    two.do(edit, key, door_note="先敲门")
    for node in (one, two, one, two):
        carry(node)
    for node in (here.node, one, two):
        person = node.person(key)
        assert person is not None
        assert (person.mobile, person.door_note) == ("13800002617", "先敲门")
        assert node is here.node or set(node.outcomes()) == {"applied"}


def test_one_trip_of_a_stick_answers_every_pc_of_the_office(here: World, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    one = here.station("519902001001")
    two = here.new_pc(one)
    here.sync(two)
    key = one.do(register, name="王秀英")
    pack_stick(one.store, one.keys, stick, one.code)
    sticks.unpack_stick(here.centre, stick)
    sticks.pack_stick(here.centre, stick)
    for node in (one, two):
        unpack_stick(node.store, node.keys, stick, tmp_path / f"inbox-{node.path.stem}", node.code)
    assert two.person(key) is not None
    assert one.outcomes() == ["applied"]


def test_what_was_done_last_comes_first_at_whichever_of_two_computers(here: World) -> None:
    """The younger one's stream does not go before what the older one has written since."""
    one = here.station("460203198001")
    key = one.do(register)
    here.sync(one)
    other = here.new_pc(one)
    here.sync(other)
    other.do(edit, key, mobile="13800000002")
    here.sync(other)
    here.sync(one)
    one.do(edit, key, phone="0898-88000000")
    here.sync(one)
    here.sync(other)
    for node in (one, other):
        assert [done.words for done in node.do(acts.recent)] == [
            "修改固定电话",
            "修改手机",
            "新登记",
        ]
        edited = [done.fields[0][0] for done in node.get(lambda s: acts.edits(s, key))[:2]]
        assert edited == ["固定电话", "手机"]
