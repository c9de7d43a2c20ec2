"""What tests of the exchange share."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from models.kit.db import Store
from sync.centre.serving.main import Service
from sync.centre_card import CentreCard
from sync.http_link import HttpLink
from sync.station import run as talk
from tests.sync.parts import Node, World, world


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def centre_store(request: pytest.FixtureRequest) -> Store | None:
    """Both databases of a centre; None: an encrypted file of its own, which the world makes."""
    if request.param == "sqlite":
        return None
    store: Store = request.getfixturevalue("postgres_store")
    return store


@pytest.fixture
def here(tmp_path: Path) -> World:
    """A centre that has no station yet."""
    return world(tmp_path)


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """A folder that is one."""
    made = tmp_path / "stick"
    made.mkdir()
    return made


@dataclass
class Running:
    """A served centre."""

    here: World
    card: CentreCard

    def sync(self, node: Node) -> talk.Exchanged:
        link = HttpLink(self.card)
        try:
            return talk.sync_now(node.store, node.keys, link, node.code)
        finally:
            link.close()


@pytest.fixture
def served(centre_store: Store | None, tmp_path: Path) -> Iterator[Running]:
    here = world(tmp_path, centre_store)
    with Service(here.centre, here.card.certificate.encode(), here.private) as port:
        yield Running(here, msgspec.structs.replace(here.card, url=f"https://127.0.0.1:{port}"))
    here.node.store.close()
