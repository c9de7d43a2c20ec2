"""Two stations and somebody who goes from one to the other."""

from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import handover, movement
from app.kit.who import Desk
from models.entities import GOES_ALONG, key_of
from models.exchange import Replica
from models.family import Family
from models.handover import Handover
from models.kit import db
from models.kit.base import table_of
from models.kit.ids import new_id
from models.visit import Visit
from sync.header import from_us
from sync.station import inbox
from tests.sync.parts import Node, World, register, world

OLD, NEW = "460203198001", "460203198002"
ON = date(2026, 11, 20)


def two_stations(folder: Path, store: db.Store | None = None) -> World:
    """A centre and two stations whose heads know each other's names."""
    made = world(folder, store)
    for code in (OLD, NEW):
        node = made.station(code)
        desk = node.desk
        node.desk = Desk(desk.account, desk.name, desk.office_id, frozenset({"head"}))
    for node in made.stations:
        made.sync(node)
    return made


def whole(session: Session) -> str:
    """Somebody with a visit, a relative, money and health on record."""
    key = register(session, mobile="13800000001", bank_account="6217000000000001", injury_grade=5)
    session.add(Family(retiree_id=key, name="王小明", relation="1"))
    session.add(visit(key))
    session.flush()
    return key


def visit(key: str, **values: Any) -> Visit:
    return Visit(
        **{
            "id": new_id(),
            "retiree_id": key,
            "visited_on": ON,
            "visit_type": "01",
            "way": "1",
            "visitors": "刘桂兰",
            "living_note": "独居",
            **values,
        }
    )


def offered(here: World, old: Node, new: Node) -> str:
    """A person of the old station whose offer the new one has read."""
    key: str = old.do(whole)
    old.do(movement.moved_out, key, ON, f"{new.code}社区", "子女同住")
    for node in (old, new):
        here.sync(node)
    return key


def moved(here: World, old: Node, new: Node) -> str:
    key = offered(here, old, new)
    take(here, new)
    here.sync(old)
    return key


def take(here: World, new: Node) -> None:
    new.do(handover.take, new.get(first_offer))
    here.sync(new)


def first_offer(session: Session) -> str:
    return session.scalars(select(Handover.id).where(Handover.state == "1")).one()


def held_of(node: Node, key: str) -> dict[str, int]:
    """How many records of a person of each noun an office holds."""

    def look(session: Session) -> dict[str, int]:
        found = {}
        for entity in GOES_ALONG:
            table = table_of(entity)
            query = select(func.count()).select_from(table)
            found[entity.__tablename__] = session.scalar(
                query.where(table.c[key_of(entity)] == key)
            )
        return {name: count for name, count in found.items() if count}

    return node.get(look)  # type: ignore[no-any-return]


def hears(here: World, node: Node) -> None:
    """What the centre says comes before it has heard what the station wrote: on a stick."""
    me = node.get(lambda s: s.scalars(select(Replica)).one())
    with node.store.look() as session:
        header = from_us(
            session.scalars(select(Replica)).one(),
            "changes",
            here.card.id,
            first=me.acked_seq + 1,
            last=me.acked_seq,
            seen=me.down_seq,
            seen_hash=me.down_head.hex(),
            office_code=node.code,
        )
    with here.centre.store.apply() as session:
        answer = here.centre.hearing.answer_again(session, header)
    with node.store.apply() as session:
        inbox.receive(session, node.keys, here.card, answer)
