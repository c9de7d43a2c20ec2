"""Records that meet, lack or contradict each other when they are applied at the centre, as
JumpMind's list of key and link conflicts has them (sync.md 5.2). Where such engines mend keys by
deleting what stands in the way, here nothing is ever deleted: an action enters whole, waits whole
for what it rests on, or stays outside whole, and the others flow on. On both databases.

Without meaning here: unique keys (no column is unique but the id, which is random), changing a
primary key (ids are never edited), a row of which the parent is deleted (nothing is, only voided:
test_voids).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.attachment import Attachment
from models.exchange import Change, Held
from models.kit.base import Record
from models.kit.changes import recorder
from models.kit.db import Store
from models.kit.ids import new_id
from models.kit.stream import Draft
from models.retiree import Retiree
from models.visit import Visit
from tests.sync.parts import Node, World, parts_of, world

CODE = "460203198001"
ONE, TWO, THREE, FOUR = (number * 32 for number in "1234")
NAMES = {
    "retiree": {"name": "王秀英"},
    "family": {"name": "王小梅"},
    "employer": {"name": "纺织厂"},
}
Said = tuple[str, str, dict[str, Any]]


@pytest.fixture
def here(centre_store: Store | None, tmp_path: Path) -> Iterator[World]:
    made = world(tmp_path, centre_store)
    yield made
    made.centre.store.close()


@pytest.fixture
def station(here: World) -> Node:
    return here.station(CODE)


def say(session: Session, office_id: str, *said: Said, op: str = "insert") -> None:
    """One action of entries in this very order, as no screen would write it."""
    log = recorder(session)
    assert log is not None
    for noun, key, values in said:
        full = {**NAMES.get(noun, {}), **values} if op == "insert" else values
        whole = {"office_id": office_id, **full} if op == "insert" else full
        log.drafts.append(Draft(new_id(), noun, key, op, whole))


def tell(here: World, node: Node, *said: Said, op: str = "insert") -> None:
    """Say it and bring it to the centre."""
    node.do(say, node.desk.office_id, *said, op=op)
    here.sync(node)


def there(here: World, entity: type[Record] = Retiree) -> int:
    return int(here.node.get(lambda s: s.scalar(select(func.count()).select_from(entity))))


def last(here: World, node: Node, count: int = 1) -> list[str | None]:
    """The verdicts on the newest entries of an office."""
    chosen = (
        select(Change.outcome)
        .where(Change.office_id == node.desk.office_id, Change.entity != "audit")
        .order_by(Change.hlc.desc())
    )
    found = here.node.get(lambda s: list(s.scalars(chosen.limit(count))))
    return found[::-1]  # type: ignore[no-any-return]


PERSON: Said = ("retiree", ONE, {})
VISIT: Said = ("visit", TWO, {"retiree_id": ONE})
DAUGHTER: Said = ("family", THREE, {"retiree_id": ONE})
PICTURE: Said = ("attachment", FOUR, {"retiree_id": ONE, "visit_id": TWO, "kind": "02"})


@pytest.mark.parametrize("order", [(2, 1, 0), (1, 2, 0)])
def test_a_chain_of_three_enters_in_whatever_order_its_links_arrive(
    here: World, station: Node, order: tuple[int, ...]
) -> None:
    """From three computers of the office, which had each other's words from a centre that has lost
    them since."""
    nodes = [station, here.new_pc(station), here.new_pc(station)]
    for node, said in zip(nodes, (PERSON, VISIT, PICTURE), strict=True):
        node.do(say, node.desk.office_id, said)
    for where in order:
        for data in parts_of(nodes[where]):
            here.centre.accept(data)
    assert [there(here, one) for one in (Retiree, Visit, Attachment)] == [1, 1, 1]
    assert (last(here, station, 3), there_held(here)) == (["applied"] * 3, 0)
    other = here.new_pc(station)
    here.sync(other)
    assert other.person(ONE) is not None


def there_held(here: World) -> int:
    return int(here.node.get(lambda s: s.scalar(select(func.count()).select_from(Held))))


CASES: dict[str, tuple[list[Said], str | None, int]] = {
    "parent first": ([PERSON, VISIT], "applied", 1),
    "child first": ([VISIT, PERSON], "applied", 1),
    "all backwards": ([PICTURE, DAUGHTER, VISIT, PERSON], "applied", 1),
    "no parent": ([VISIT], None, 0),
    "parent of another noun": ([VISIT, ("employer", ONE, {})], None, 0),
    "half of it without parent": ([PERSON, ("visit", TWO, {"retiree_id": THREE})], None, 0),
    "one id in two nouns": ([PERSON, ("family", ONE, {"retiree_id": ONE})], "applied", 1),
    "twice in one action": ([PERSON, ("retiree", ONE, {"name": "李建国"})], "applied", 1),
    "a link to itself": ([("retiree", TWO, {"employer_id": TWO})], None, 0),
    "no link at all": ([PERSON, ("visit", TWO, {})], "applied", 1),
}


def of_case(number: int, said: Said) -> Said:
    """The same with ids of its own."""

    def mine(value: Any) -> Any:
        is_id = value in (ONE, TWO, THREE, FOUR)
        return f"{number:x}{value[0]}" * 16 if is_id else value

    noun, key, values = said
    return noun, mine(key), {name: mine(value) for name, value in values.items()}


def test_one_action_enters_whole_or_waits_whole(here: World, station: Node) -> None:
    count = 0
    for number, (name, (said, verdict, people)) in enumerate(CASES.items(), 5):
        tell(here, station, *(of_case(number, one) for one in said))
        count += people
        found = (last(here, station, len(said)), there(here))
        assert found == ([verdict] * len(said), count), name
    tell(here, station, PERSON)
    assert last(here, station) == ["applied"]
    assert here.sync(here.new_pc(station)).pending == 0


def test_what_waits_enters_when_what_it_names_arrives(here: World, station: Node) -> None:
    tell(here, station, VISIT, DAUGHTER)
    tell(here, station, ("retiree", ONE, {"employer_id": FOUR}))
    assert last(here, station, 3) == [None] * 3
    tell(here, station, ("employer", FOUR, {}))
    assert last(here, station, 4) == ["applied"] * 4
    assert there_held(here) == 0


def test_a_record_of_another_office_is_nobodys_to_make_or_to_hang_on(
    here: World, station: Node
) -> None:
    other = here.station("460203198002")
    tell(here, station, PERSON)
    tell(here, other, ("retiree", ONE, {"name": "冒名"}))
    tell(here, other, VISIT)
    tell(here, other, ("retiree", TWO, {"office_id": station.desk.office_id}))
    assert last(here, other, 3) == ["refused"] * 3
    person = here.node.person(ONE)
    assert person is not None
    assert (person.name, there(here), there(here, Visit)) == ("王秀英", 1, 0)


def test_an_edited_link_to_nothing_waits_or_stays_outside_alone(here: World, station: Node) -> None:
    tell(here, station, PERSON)
    for link in (THREE, "not an id", "", "x" * 33, 7, ["a"]):
        tell(here, station, ("retiree", ONE, {"employer_id": link}), op="update")
        assert last(here, station)[0] in (None, "quarantined")
    tell(here, station, DAUGHTER)
    assert last(here, station) == ["applied"]
    person = here.node.person(ONE)
    assert person is not None
    assert person.employer_id is None
