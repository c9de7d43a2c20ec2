"""Several installations around the same records, as the lists of peer-to-peer engines have it
(sync.md 5.2: cr-sqlite, Syncthing, PouchDB): the same said twice is no dispute, the later of two
counts whoever is heard first, a contact with nothing to say changes nothing, voided and taken back
any number of times both sides end alike, and so do five of them in whatever order they speak.

Without meaning here: writing to a read-only peer (the centre decides who may write) and peers that
speak to each other (all go by way of the centre).
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import visit
from app.daily import daily
from models.cert_task import CertTask
from models.employer import Employer
from models.entities import Base
from models.exchange import Conflict, Contact
from models.kit import clock
from models.visit_plan import VisitPlan
from sync.merge import Result
from tests.make import visit_values
from tests.sync.parts import Node, World, edit, register, world
from tests.sync.people import propose, rename
from tests.sync.views import compared, pictures, same

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
LINES = ("v", "vu", "vuv", "vuvu", "e", "ev", "ve", "vue")


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    """At noon; what is written later is written at its own minute."""
    with clock.freeze(NOON):
        yield world(tmp_path)


def at(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def know_each_other(here: World, *nodes: Node) -> None:
    for node in nodes:
        here.sync(node)


def disputes(here: World) -> list[tuple[str, str]]:
    rows = here.node.get(lambda s: list(s.scalars(select(Conflict))))
    return sorted((one.entity_id, one.field) for one in rows)


def show_the_same(here: World, entity: Any, *nodes: Node) -> None:
    for node in nodes:
        assert None not in node.outcomes()
        same(pictures(node, select(entity)), pictures(here.node, select(entity)))


@pytest.mark.parametrize("first", [0, 1])
def test_the_same_said_on_two_sides_is_no_dispute(here: World, first: int) -> None:
    """And of the two the later is met by whoever comes third."""
    nodes = [here.station(f"46020319800{number}") for number in range(3)]
    key = nodes[0].do(propose)
    know_each_other(here, *nodes)
    for minute, (node, said) in enumerate(zip(nodes, ("同", "同", "异"), strict=True)):
        with clock.freeze(at((1, 5, 3)[minute])):
            node.do(rename, key, said)
    for where in (first, 1 - first):
        here.sync(nodes[where])
    assert disputes(here) == []
    assert Result.CONFLICT not in {one for node in nodes for one in node.outcomes()}
    know_each_other(here, *nodes[::-1], *nodes)
    show_the_same(here, Employer, *nodes)
    assert nodes[2].get(lambda s: s.get_one(Employer, key).contact) == "同"
    assert disputes(here) == [(key, "contact")]


@pytest.mark.parametrize("first", [0, 1])
def test_the_days_round_of_two_computers_of_an_office_is_no_dispute(
    here: World, first: int
) -> None:
    """Both open the same tasks and plans, since these are named after the person and the period."""
    one = here.station("460203198001")
    for number in range(3):
        one.do(register, name=f"人{number}")
    here.sync(one)
    both = [one, here.new_pc(one)]
    know_each_other(here, *both)
    for minute, node in enumerate(both):
        with clock.freeze(at(minute)):
            node.do(daily)
    know_each_other(here, both[first], both[1 - first], both[first])
    for entity in (CertTask, VisitPlan):
        show_the_same(here, entity, *both)
        assert len(pictures(here.node, select(entity))) == 3
    assert disputes(here) == []
    assert [compared(here, node) for node in both] == [True, True]


def planned_at_two(here: World) -> tuple[str, list[Node]]:
    """Somebody whose visit is planned, known to both computers of an office."""
    one = here.station("460203198001")
    key: str = one.do(register)
    one.do(daily)
    here.sync(one)
    both = [one, here.new_pc(one)]
    know_each_other(here, *both)
    return key, both


@pytest.mark.parametrize("first", [0, 1])
def test_of_two_computers_of_an_office_the_later_word_stands(here: World, first: int) -> None:
    """Not that of the stick which arrived last; the other is kept beside it."""
    key, both = planned_at_two(here)
    for minute, node in enumerate(both):
        with clock.freeze(at(minute)):
            node.do(note, key, f"第{minute}台")
    know_each_other(here, both[first], both[1 - first], both[first])
    show_the_same(here, VisitPlan, *both)
    (plan,) = here.node.get(lambda s: list(s.scalars(select(VisitPlan))))
    assert plan.remark == "第1台"
    assert disputes(here) == [(plan.id, "remark")]


@pytest.mark.parametrize("first", [0, 1])
def test_whom_one_computer_visited_is_not_overdue_by_what_another_enters_late(
    here: World, first: int
) -> None:
    key, both = planned_at_two(here)
    days = (date(2026, 11, 20), date(2026, 10, 6))
    for minute, (node, on) in enumerate(zip(both, days, strict=True)):
        node.desk = replace(node.desk, roles=frozenset({"head"}))
        with clock.freeze(at(minute)):
            node.do(visit.record_visit, visit_values(key, visited_on=on))
    know_each_other(here, both[first], both[1 - first], both[first])
    for node in both:
        node.do(daily)
    know_each_other(here, *both, *both)
    show_the_same(here, VisitPlan, *both)
    (plan,) = here.node.get(lambda s: list(s.scalars(select(VisitPlan))))
    assert (plan.last_on, plan.next_on) == (days[0], date(2027, 11, 20))
    before = [len(node.outcomes()) for node in both]
    for node in both:
        node.do(daily)
    assert [len(node.outcomes()) for node in both] == before


def note(session: Session, key: str, words: str) -> None:
    session.scalars(select(VisitPlan).where(VisitPlan.retiree_id == key)).one().remark = words


def test_voided_and_taken_back_any_number_of_times_all_end_alike(here: World) -> None:
    """Each line of one station against each of another. A voiding stands where either ends with it
    and nobody edited; a record one of them only edited stays in sight."""
    nodes = [here.station("460203198001"), here.station("460203198002")]
    pairs = {nodes[0].do(propose): pair for pair in product(LINES, LINES)}
    know_each_other(here, *nodes)
    minute = 0
    for key, pair in pairs.items():
        for node, line in zip(nodes, pair, strict=True):
            for step in line:
                minute += 1
                with clock.freeze(at(minute)):
                    node.do(take, key, step)
    know_each_other(here, *nodes, *nodes)
    show_the_same(here, Employer, *nodes)
    gone = here.node.get(lambda s: {one.id: one.is_void for one in s.scalars(select(Employer))})
    asked = {key for key, _ in disputes(here)}
    for key, pair in pairs.items():
        if not "".join(pair).count("e"):
            assert (gone[key], key in asked) == (any(one[-1] == "v" for one in pair), False), pair
        if "e" in pair and pair[1] != "ev":  # which had the later word in the edited field as well
            assert not gone[key], pair


def take(session: Session, key: str, step: str) -> None:
    """One letter of a line: void, take it back, edit."""
    one = session.get_one(Employer, key)
    if step == "e":
        one.contact = f"{clock.now():%H%M}"
    else:
        one.is_void, one.void_reason = step == "v", "重复" if step == "v" else None


def everything(node: Node) -> dict[str, list[tuple[Any, ...]]]:
    """All rows there are, but for when anybody was last heard of."""
    left = {"last_contact_at"}
    found = {}
    for table in Base.metadata.sorted_tables:
        columns = [one for one in table.columns if one.name not in left]
        query = select(*columns).order_by(*table.primary_key.columns)
        if table.name != Contact.__tablename__:
            with node.store.look() as session:
                found[table.name] = [tuple(row) for row in session.execute(query)]
    return found


def test_a_contact_with_nothing_to_say_changes_nothing_on_either_side(here: World) -> None:
    nodes = [here.station(f"46020319800{number}") for number in range(3)]
    key = nodes[0].do(propose)
    know_each_other(here, *nodes)
    nodes[1].do(rename, key, "陈师傅")
    know_each_other(here, *nodes, *nodes, *nodes)
    before = [everything(node) for node in (*nodes, here.node)]
    know_each_other(here, *nodes)
    for was, node in zip(before, (*nodes, here.node), strict=True):
        now = everything(node)
        assert {name for name in was if was[name] != now[name]} == set()


def test_what_ends_as_it_began_is_no_change(here: World) -> None:
    node = here.station("460203198001")
    key = node.do(register, mobile="13800002617")

    def there_and_back(session: Session) -> None:
        edit(session, key, mobile="13900004471")
        edit(session, key, mobile="13800002617")

    node.do(there_and_back)
    node.do(edit, key, mobile="13800002617", name="王秀英")
    assert len(node.outcomes()) == 1


@pytest.mark.parametrize("count", [2, 3, 5])
def test_so_many_end_alike_in_whatever_order_they_speak(here: World, count: int) -> None:
    dice = Random(count)  # noqa: S311 - which order is no secret
    nodes = [here.station(f"46020319800{number}") for number in range(count)]
    keys = [nodes[0].do(propose) for _ in range(3)]
    know_each_other(here, *nodes)
    for minute in range(12 * count):
        node = dice.choice(nodes)
        with clock.freeze(at(minute)):
            if dice.random() < 0.6:
                node.do(rename, dice.choice(keys), dice.choice("甲乙丙"))
            else:
                here.sync(node)
    know_each_other(here, *nodes, *nodes)
    show_the_same(here, Employer, *nodes)
    assert {len(pictures(node, select(Employer))) for node in nodes} == {3}
