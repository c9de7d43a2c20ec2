"""A centre and stations on real encrypted files, talking without a network."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from app.exchange import start_anew
from app.kit.run import run
from app.kit.who import Desk
from models import exchange
from models.exchange import Change, Replica, new_incarnation
from models.kit import db, ids
from models.kit.db import Store, open_file
from models.kit.ids import new_id
from models.migrations.run import upgrade
from models.office import Office
from models.retiree import Retiree
from sync import enrol, salvage
from sync.centre.service import Centre
from sync.centre.serving.tls import new_certificate
from sync.centre_card import CentreCard, centre_card, keep
from sync.fault import unreachable
from sync.keys import Keys
from sync.salvage import Salvage
from sync.station import outbox
from sync.station import run as talk

KEY = b"k" * 32
WAL_INDEX_HEAD = 48


@cache
def _template() -> bytes:
    """Migrating takes a moment, copying does not."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "template.db"
        store = db.open_file(path, KEY, exchange.STREAM, fresh=True)
        with store.engine.begin() as connection:
            upgrade(connection)
        store.close()
        return path.read_bytes()


def empty_store(path: Path) -> Store:
    """A migrated SQLCipher file."""
    path.write_bytes(_template())
    return db.open_file(path, KEY, exchange.STREAM)


@dataclass
class Node:
    """One installation with somebody at the desk."""

    store: Store
    keys: Keys
    desk: Desk
    code: str
    path: Path
    found: dict[Any, Any] = field(default_factory=dict)
    found_at: Any = None

    def do(self, verb: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return run(self.store, self.desk, verb, *args, **kwargs).result

    def get(self, query: Callable[[Session], Any]) -> Any:
        with self.store.look() as session:
            return query(session)

    def read(self, query: Callable[[Connection], Any]) -> Any:
        """Rows instead of objects, for a third of the price."""
        with self.store.engine.connect() as connection:
            return query(connection.execution_options(reading=True))

    def known(self, what: Any, query: Callable[[Connection], Any]) -> Any:
        """Rows by a name for what is asked: asked again only where something was written to the
        file since, by whomever."""
        at = self._version()
        if at is None or at != self.found_at:
            self.found, self.found_at = {}, at
        if what not in self.found:
            self.found[what] = self.read(query)
        return self.found[what]

    def _version(self) -> Any:
        """Of an SQLite file: the head of the index to its log, which each commit counts on."""
        try:
            with Path(f"{self.path}-shm").open("rb") as index:
                return id(self.store.engine), index.read(WAL_INDEX_HEAD)
        except OSError:
            return None

    def person(self, key: str) -> Retiree | None:
        found: Retiree | None = self.get(lambda session: session.get(Retiree, key))
        return found

    def outcomes(self) -> list[str | None]:
        return self.get(lambda session: list(session.scalars(select(Change.outcome))))  # type: ignore[no-any-return]


@dataclass
class DirectLink:
    """A link that can lose what it carries, in either direction."""

    centre: Centre
    lose_files: set[int] = field(default_factory=set)
    lose_answers: set[int] = field(default_factory=set)
    sent: list[bytes] = field(default_factory=list)

    def exchange(self, data: bytes) -> bytes:
        number = len(self.sent)
        self.sent.append(data)
        if number in self.lose_files:
            raise unreachable()
        answer = self.centre.accept(data).data
        if number in self.lose_answers:
            raise unreachable()
        return answer

    def close(self) -> None:
        return None


@dataclass
class World:
    """A centre with approved stations."""

    folder: Path
    centre: Centre
    node: Node
    card: CentreCard
    private: bytes
    stations: list[Node] = field(default_factory=list)

    def station(self, code: str, *, approved: bool = True) -> Node:
        """Enrol one station through the three files."""
        office_id = new_id()
        office = {"id": office_id, "code": code, "name": f"{code}社区", "level": "3"}
        self.node.do(_add_office, office, self.centre.office_id)
        with self.centre.store.apply() as session:
            invitation = enrol.invite(session, self.centre.keys, self.card, office)
        invited = enrol.read_invitation(invitation)
        node = self.joining(invited)
        if approved:
            self.approve(node, invited)
        return node

    def new_pc(self, of: Node) -> Node:
        """Another computer of the same office, invited and approved like the first."""
        place = {"id": of.desk.office_id, "code": of.code, "name": f"{of.code}社区", "level": "3"}
        with self.centre.store.apply() as session:
            invitation = enrol.invite(session, self.centre.keys, self.card, place)
        invited = enrol.read_invitation(invitation)
        node = self.joining(invited, f"{of.code}-{len(self.stations)}")
        self.approve(node, invited)
        return node

    def joining(self, invited: enrol.Invited, name: str = "") -> Node:
        """A station that has read its invitation."""
        code = invited.office["code"]
        node = _node(self.folder / f"{name or code}.db", invited.office["id"], code)
        with node.store.apply() as session:
            keep(session, invited.centre)
        self.stations.append(node)
        return node

    def approve(self, node: Node, invited: enrol.Invited) -> None:
        with node.store.apply() as session:
            answer = enrol.answer(session, node.keys, invited, "")
        with self.centre.store.apply() as session:
            _, approval = enrol.approve(session, self.centre.keys, answer)
        with node.store.apply() as session:
            enrol.accept(session, node.keys, invited.centre, approval)

    def sync(self, node: Node, link: DirectLink | None = None) -> talk.Exchanged:
        return talk.sync_now(node.store, node.keys, link or DirectLink(self.centre), node.code)


def _add_office(session: Session, office: dict[str, str], centre: str) -> None:
    session.add(Office(office_id=centre, **office))


def _node(path: Path, office_id: str, code: str) -> Node:
    store = empty_store(path)
    with store.apply() as session:
        session.add(Replica(id=new_id(), office_id=office_id, incarnation=new_id()))
    return Node(store, Keys.new(), Desk(new_id(), "刘桂兰", office_id), code, path)


def world(folder: Path, store: Store | None = None) -> World:
    """A fresh centre; on another database where one is given."""
    office_id = new_id()
    if store is None:
        node = _node(folder / "centre.db", office_id, "460203000000")
    else:
        with store.apply() as session:
            session.add(Replica(id=new_id(), office_id=office_id, incarnation=new_id()))
        desk = Desk(new_id(), "陈主任", office_id)
        node = Node(store, Keys.new(), desk, "460203000000", folder)
    certificate, private = new_certificate("吉阳区中心")
    with node.store.look() as session:
        me = session.scalars(select(Replica)).one().id
    card = CentreCard(
        id=me,
        name="吉阳区中心",
        sign=node.keys.public,
        recipient=node.keys.recipient,
        recovery=node.keys.recipient,
        url="",
        certificate=certificate.decode(),
    )
    centre = Centre(node.store, node.keys, office_id)
    return World(folder, centre, node, card, private)


def steady_ids(patch: pytest.MonkeyPatch) -> None:
    """The same ids again whenever the same is done at the same time: who wins by id is then part of
    the seed of a history."""
    patch.setattr(ids, "secrets", Dice())
    patch.setattr(ids, "_births", ids._Births())


class Dice:
    """In place of `secrets`: always the same throws."""

    thrown = 0

    def randbits(self, bits: int) -> int:
        self.thrown += 1
        return int(sha256(b"%d" % self.thrown).hexdigest(), 16) >> (256 - bits)


def register(session: Session, **values: Any) -> str:
    """The smallest thing a station does."""
    person = Retiree(**{"name": "王秀英", "id_no": "519902194611230269", **values})
    session.add(person)
    session.flush()
    return person.id


def edit(session: Session, key: str, **values: Any) -> None:
    """Change fields of a person."""
    person = session.get_one(Retiree, key)
    for name, value in values.items():
        setattr(person, name, value)


def copy_of(node: Node) -> bytes:
    """The database as a backup would hold it."""
    checkpoint(node)
    return node.path.read_bytes()


def checkpoint(node: Node) -> None:
    """All of the log into the file."""
    with node.store.engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        assert raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0


def swap(node: Node, data: bytes) -> None:
    """Another file in place of the database, behind the program's back."""
    node.store.close()
    for end in ("", "-wal", "-shm"):
        Path(f"{node.path}{end}").unlink(missing_ok=True)
    node.path.write_bytes(data)
    node.found_at = None


def second_pc(node: Node) -> Node:
    """The file copied to another computer, behind the program's back, to go on there."""
    path = node.path.with_name(f"{node.path.stem}-{new_id()}.db")
    path.write_bytes(copy_of(node))
    return replace(node, path=path, store=db.open_file(path, KEY, exchange.STREAM))


def settle(here: World, node: Node, link: DirectLink | None = None) -> None:
    """Exchange; where the centre says that two wrote one stream, begin anew as the program does."""
    if here.sync(node, link).forked:
        node.do(start_anew)
        here.sync(node, link)


def put_back(node: Node, data: bytes) -> None:
    """Restore, as the program does it."""
    swap(node, data)
    with node.store.apply() as session:
        new_incarnation(session)


def parts_of(station: Node) -> list[bytes]:
    with station.store.look() as session:
        made = outbox.parts(session, station.keys, centre_card(session), station.code)
    return [one.data for one in made]


def old_file(folder: Path, data: bytes) -> Store:
    path = folder / "old.db"
    path.write_bytes(data)
    return open_file(path, KEY, exchange.STREAM)


def found_in(node: Node, old: Store) -> Salvage:
    entries, spoilt = salvage.of_store(old, node.desk.office_id)
    return node.get(lambda session: salvage.compare(session, entries, spoilt))  # type: ignore[no-any-return]
