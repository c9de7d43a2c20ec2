"""A city over districts with stations, on real encrypted files, talking without a network."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit.who import Desk
from models.entities import BY_NAME, ENTITIES
from models.exchange import Change, RawBatch
from models.kit.base import Flow, apart, table_of, to_wire, wire_fields
from models.kit.db import Store
from models.kit.stream import read_head, read_payload
from models.office import Office
from sync import enrol, pack, relayed, uplink
from sync.centre.relay import contact, forward, laying
from sync.relayed import Relay
from tests.sync.parts import DirectLink, Node, World, world

Rows = dict[tuple[str, str], dict[str, Any]]
ID = re.compile("[0-9a-f]{32}")


@dataclass
class Above:
    """A city with districts."""

    folder: Path
    city: World
    districts: list[World] = field(default_factory=list)

    def district(self, store: Store | None = None) -> World:
        """One more, let in through the three files."""
        folder = self.folder / f"district{len(self.districts)}"
        folder.mkdir()
        made = world(folder, store)
        made.node.do(own_office, "2")
        self.let_in(made)
        self.districts.append(made)
        return made

    def let_in(self, district: World) -> None:
        me = self.city.node.desk.office_id
        place = {"id": me, "code": "460200000000", "name": "吉阳区中心", "level": "2"}
        city, centre = self.city.centre, district.centre
        with city.store.apply() as session:
            invitation = enrol.invite(session, city.keys, self.city.card, place)
        invited = enrol.read_invitation(invitation, of_district=True)
        with centre.store.apply() as session:
            answer = uplink.join(session, centre.keys, invited)
        with city.store.apply() as session:
            _, approval = enrol.approve(session, city.keys, answer)
        with centre.store.apply() as session:
            uplink.joined(session, centre.keys, approval)

    def relay(self, district: World | None = None, link: Any = None) -> uplink.Relayed:
        """A contact after which nothing has to be mended."""
        done = self.mend(district, link)
        assert done.differed == 0
        return done

    def mend(self, district: World | None = None, link: Any = None) -> uplink.Relayed:
        """A contact."""
        one = district or self.districts[0]
        return contact.over(one.centre, link or DirectLink(self.city.centre))


def own_office(session: Session, level: str, *, code: str = "", name: str = "中心") -> None:
    """As a centre's set-up writes it."""
    office_id = session.info["desk"].office_id
    code = code or ("460203000000" if level == "2" else "460200000000")
    session.add(Office(id=office_id, office_id=office_id, code=code, name=name, level=level))


def above(folder: Path, store: Store | None = None) -> Above:
    """A city without districts."""
    (folder / "city").mkdir()
    made = world(folder / "city", store)
    made.node.do(own_office, "1")
    return Above(folder, made)


def at_desk(world: World, role: str) -> Node:
    """Somebody with this role."""
    return replace(world.node, desk=replace(world.node.desk, roles=frozenset({role})))


def seen_of(session: Session, *, whose: set[str] | None = None) -> Rows:
    """Every record as the city may see it, with the changes behind its fields."""
    found: Rows = {}
    for entity in ENTITIES:
        if entity.flow is Flow.LOCAL or entity.__tablename__ in laying.NOT_LAID:
            continue
        for row in session.execute(select(table_of(entity))).mappings():
            if whose is not None and row["office_id"] not in whose:
                continue
            hidden = apart(entity, dict(row))
            names = [name for name in wire_fields(table_of(entity)) if name not in hidden]
            stamps = row["stamps"]
            found[entity.__tablename__, row["id"]] = {
                name: (to_wire(entity, name, row[name]), stamps.get(name) or stamps.get("*", ""))
                for name in names
            }
    return found


def differences(here: Above, district: World) -> list[tuple[Any, str, Any, Any]]:
    """Where the city's records are not the district's, as far as the city may see them."""
    ours = district.node.get(lambda s: set(s.scalars(select(Office.id))))
    theirs = district.node.get(seen_of)
    city = here.city.node.get(lambda s: seen_of(s, whose=ours))
    wrong = []
    for at in sorted({*theirs, *city}):
        there, here_ = theirs.get(at, {}), city.get(at, {})
        for name in sorted({*there, *here_}):
            hidden = at in theirs and name not in there and here_[name][0] is None
            if there.get(name) != here_.get(name) and not hidden:
                wrong.append((at, name, there.get(name), here_.get(name)))
    return wrong


def closed_values(session: Session) -> set[str]:
    """Everything a district holds that the city must never see and that is long enough to look
    for, whatever became of it. Ids are no secret, every head names some; and what is said openly
    as well, or was once (a day, a street), tells nothing when it is found."""
    closed, openly = set[str](), set(_once_open(session))
    for entity in ENTITIES:
        if entity.flow is Flow.LOCAL:
            continue
        for row in session.execute(select(table_of(entity))).mappings():
            hidden = apart(entity, dict(row))
            for name in wire_fields(table_of(entity)):
                texts = _texts(to_wire(entity, name, row[name]))
                (closed if name in hidden else openly).update(texts)
    return closed - openly


def _once_open(session: Session) -> Iterator[str]:
    """What every change said in fields that no circle closes, whatever stands there now; of a
    record that may be closed as a whole only the change that made it says whether it is."""
    for change in session.execute(select(Change.head, Change.payload)):
        head = read_head(change.head)
        entity = BY_NAME.get(head.entity)
        is_told = entity is not None and (entity.closing is None or head.op == "insert")
        if entity is None or not is_told or not change.payload:
            continue
        said = read_payload(change.payload).values
        hidden = apart(entity, said)
        for name, value in said.items():
            if name not in hidden:
                yield from _texts(value)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, str) and len(value) > 7 and not ID.fullmatch(value):
        yield value


def decrypted(here: Above) -> Iterator[bytes]:
    """Every byte the city can read of what it was ever sent."""
    keys = here.city.centre.keys
    for body in here.city.node.get(lambda s: s.scalars(select(RawBatch.body)).all()):
        packet = pack.read(body)
        if packet.header.kind == relayed.KIND:
            yield packet.plain(keys, emptied=packet.is_emptied)
    for head, payload in here.city.node.get(
        lambda s: s.execute(select(Change.head, Change.payload)).all()
    ):
        yield head + (payload or b"")


def next_part(district: World, limit: int = 2**20) -> bytes:
    """The next file for the city."""
    with district.centre.store.apply() as session:
        card = uplink.card_of(session)
        made = forward.parts(session, district.centre.keys, card, "460203000000", limit)
        return next(made).data


def all_parts(district: World, limit: int) -> list[bytes]:
    """All of them, as on a stick."""
    with district.centre.store.apply() as session:
        card = uplink.card_of(session)
        made = forward.parts(
            session, district.centre.keys, card, "460203000000", limit, compare=True
        )
        return [one.data for one in made]


def rewritten(here: Above, district: World, data: bytes, change: Callable[[Relay], Relay]) -> bytes:
    """The same file as a district that lies would have written it: its own key signs."""
    packet = pack.read(data)
    said: Relay = relayed.decode(packet, here.city.centre.keys, Relay)
    plain = relayed.encode(change(said))
    return pack.write(district.centre.keys, packet.header, plain, [here.city.centre.keys.recipient])


def with_head(node: Node) -> Node:
    desk = node.desk
    node.desk = Desk(desk.account, desk.name, desk.office_id, frozenset({"head"}))
    return node
