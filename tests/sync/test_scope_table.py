"""Which records of a person are at whose office, as a table (sync.md 5.2: CommCare's table of what
stays on a device): every noun that is somebody's, for everything that can become of the person.

A noun that is added and forgotten shows here: one record of each is made. What hangs on what (a
picture on a visit) goes by the person, so chains of links need no rows of their own; records that
are closed stay, since nothing here is ever purged for being done.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import erasure, handover, movement
from models.entities import personal
from models.handover import Handover, LateEdit
from models.kit.base import table_of
from models.retiree import DEAD, Retiree
from models.visit import Visit
from tests.make import an_id_number
from tests.sync.move_parts import ON
from tests.sync.parts import Node, edit, register, world
from tests.sync.people import seat, turn

GROUND = "本人书面申请，区局 12 号批复"
SECRET = "只有本站知道"
# of the exchange itself, made on the way
MADE = (Handover, LateEdit)
PERSONAL = tuple((entity, key) for entity, key in personal() if entity not in MADE)
CENTRES = {"ruling"}
ALL = frozenset(entity.__tablename__ for entity, _ in PERSONAL)
PAPERS = frozenset({"movement", "print"})
STUB = PAPERS | {"retiree"}
NONE: frozenset[str] = frozenset()


def somebody(session: Session, name: str, number: int) -> str:
    """With one record of every noun."""
    key = register(session, name=name, id_no=an_id_number(sequence=number), remark=SECRET)
    for entity, link in PERSONAL:
        if entity is not Retiree and entity.__tablename__ not in CENTRES:
            session.add(entity(**{link: key, "remark": SECRET}))
    session.flush()
    return key


def ruled(session: Session, key: str, office_id: str) -> None:
    for entity, link in PERSONAL:
        if entity.__tablename__ in CENTRES:
            session.add(entity(**{link: key, "remark": SECRET}, office_id=office_id))


class Place:
    """Three offices; people of the first."""

    def __init__(self, folder: Path) -> None:
        self.here = world(folder)
        self.nodes = [self.here.station(f"46020319800{number}") for number in range(3)]
        for node in self.nodes:
            seat(node, "head")
            self.here.sync(node)
        seat(self.here.node, "centre_head")

    def round(self) -> None:
        for node in (*self.nodes, *self.nodes):
            self.here.sync(node)

    def offer(self, key: str, to: int, old: int = 0) -> None:
        code = self.nodes[to].code
        self.nodes[old].do(movement.moved_out, key, ON, f"{code}社区", "子女同住")
        self.round()

    def answer(self, verb: Callable[..., Any], key: str, by: int, *words: str) -> None:
        offer = self.nodes[by].get(
            lambda s: s.scalars(
                select(Handover.id).where(Handover.person_id == key, Handover.state == "1")
            ).one()
        )
        self.nodes[by].do(verb, offer, *words)
        self.round()

    def goes(self, key: str, to: int, old: int = 0) -> None:
        self.offer(key, to, old)
        self.answer(handover.take, key, to)

    def erased(self, key: str) -> None:
        name = self.here.node.person(key).name  # type: ignore[union-attr]
        self.here.node.do(erasure.erase, key, name, GROUND)
        self.round()


def stays(_place: Place, _key: str) -> None: ...


def is_voided(place: Place, key: str) -> None:
    place.nodes[0].do(turn, key)


def dies(place: Place, key: str) -> None:
    place.nodes[0].do(edit, key, manage_state=DEAD)


def is_offered(place: Place, key: str) -> None:
    place.offer(key, 1)


def is_declined(place: Place, key: str) -> None:
    place.offer(key, 1)
    place.answer(handover.decline, key, 1, "查无此人")


def goes(place: Place, key: str) -> None:
    place.goes(key, 1)


def goes_and_comes_back(place: Place, key: str) -> None:
    place.goes(key, 1)
    place.goes(key, 0, old=1)


def goes_on(place: Place, key: str) -> None:
    place.goes(key, 1)
    place.goes(key, 2, old=1)


def goes_and_is_spoken_of_late(place: Place, key: str) -> None:
    """The old office has written once more before it hears that the person left."""
    place.offer(key, 1)
    offer = place.nodes[1].get(
        lambda s: s.scalars(
            select(Handover.id).where(Handover.person_id == key, Handover.state == "1")
        ).one()
    )
    place.nodes[1].do(handover.take, offer)
    place.here.sync(place.nodes[1])
    place.nodes[0].do(walk, key)


def walk(session: Session, key: str) -> None:
    session.add(Visit(retiree_id=key, remark=SECRET))


def is_erased(place: Place, key: str) -> None:
    place.erased(key)


def goes_and_is_erased(place: Place, key: str) -> None:
    place.goes(key, 1)
    place.erased(key)


TABLE = {
    stays: (ALL, NONE, NONE),
    is_voided: (ALL, NONE, NONE),
    dies: (ALL, NONE, NONE),
    is_offered: (ALL, NONE, NONE),
    is_declined: (ALL, NONE, NONE),
    goes: (STUB, ALL, NONE),
    goes_and_comes_back: (ALL, STUB, NONE),
    goes_on: (STUB, STUB, ALL),
    goes_and_is_spoken_of_late: (STUB, ALL, NONE),
    is_erased: (NONE, NONE, NONE),
    goes_and_is_erased: (NONE, NONE, NONE),
}


def held(node: Node, key: str) -> tuple[frozenset[str], frozenset[str]]:
    """The nouns of which an office holds a record of the person, and those that tell the secret."""
    there, told = set[str](), set[str]()
    with node.store.look() as session:
        for entity, link in PERSONAL:
            table = table_of(entity)
            rows = session.execute(select(table.c.remark).where(table.c[link] == key)).all()
            there |= {entity.__tablename__ for _ in rows}
            told |= {entity.__tablename__ for row in rows if row.remark == SECRET}
    return frozenset(there), frozenset(told)


def test_every_office_holds_what_it_is_to_hold_of_whom(tmp_path: Path) -> None:
    place = Place(tmp_path)
    office_id = place.nodes[0].desk.office_id
    keys = {}
    for number, what in enumerate(TABLE):
        keys[what] = place.nodes[0].do(somebody, f"人{number}", number)
    place.here.sync(place.nodes[0])
    for key in keys.values():
        place.here.node.do(ruled, key, office_id)
    place.round()
    for what, key in keys.items():
        what(place, key)
        place.round()
    wrong = []
    for what, expected in TABLE.items():
        for number, (node, wanted) in enumerate(zip(place.nodes, expected, strict=True)):
            there, told = held(node, keys[what])
            secret = wanted if wanted == ALL else wanted & PAPERS
            if (there, told) != (wanted, secret):
                wrong.append((what.__name__, number, sorted(there ^ wanted), sorted(told ^ secret)))
    assert wrong == []
