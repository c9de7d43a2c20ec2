"""A centre that moves to another address, as tests see it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import msgspec
from sqlalchemy import select

from models.exchange import Installation, Replica
from sync import own_card, told_card
from sync.centre.serving.main import Service
from sync.centre_card import CentreCard, centre_card
from sync.own_card import Own
from tests.sync.parts import Node, World

OLD, NEW, THIRD = (f"https://centre{number}.invalid:8743" for number in range(3))
CODE = "519902001001"


@dataclass
class Safe:
    """A vault that outlives the database."""

    kept: dict[str, bytes] = field(default_factory=dict)

    def get(self, name: str) -> bytes | None:
        return self.kept.get(name)

    def put(self, name: str, secret: bytes) -> None:
        self.kept[name] = secret


@dataclass
class Moving:
    """A centre that may move."""

    here: World
    safe: Safe

    @property
    def own(self) -> Own:
        own = own_card.of(self.safe)
        assert own is not None
        return own

    def move(self, url: str, pair: tuple[bytes, bytes] | None = None) -> Own:
        own = msgspec.structs.replace(self.own, url=url)
        if pair is not None:
            certificate, key = (one.decode() for one in pair)
            own = msgspec.structs.replace(own, certificate=certificate, key=key)
        with self.here.centre.store.apply() as session:
            own = own_card.change(session, self.here.centre.keys, self.safe, own)
        self.here.card = card(self.here, own)
        return own

    def follow(self) -> None:
        with self.here.centre.store.apply() as session:
            own_card.follow(session, self.here.centre.keys, self.safe)

    def word(self) -> bytes:
        return self.here.node.get(own_card.file)  # type: ignore[no-any-return]

    def knows(self, node: Node) -> int:
        key = (node.desk.office_id, node.get(lambda s: s.scalars(select(Replica.id)).one()))
        return self.here.node.get(lambda s: s.get_one(Installation, key).card)  # type: ignore[no-any-return]

    @contextmanager
    def served(self) -> Iterator[str]:
        with Service(self.here.centre, *self.own.pair) as at:
            yield f"https://127.0.0.1:{at}"


def card(here: World, own: Own) -> CentreCard:
    """As an invitation says it."""
    said = {"url": own.url, "certificate": own.way.certificate, "number": own.number}
    token = told_card.token(here.centre.keys, own.number) if own.number else ""
    return msgspec.structs.replace(here.card, **said, token=token)


def keep_own(here: World, safe: Safe) -> Moving:
    own_card.keep(safe, Own(OLD, here.card.certificate, here.private.decode()))
    here.card = msgspec.structs.replace(here.card, url=OLD)
    return Moving(here, safe)


def known(node: Node) -> CentreCard:
    return node.get(centre_card)  # type: ignore[no-any-return]
