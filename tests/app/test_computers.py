"""The computers of one station as its centre sees them, each by itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app import stations
from app.kit.run import look
from models.exchange import Replica
from tests.make import an_id_number
from tests.sync.parts import Node, register
from tests.ui import centre
from tests.ui.centre import Place


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    with centre.place(tmp_path) as made:
        yield made


def sent(here: Place, node: Node, numbers: range) -> str:
    """So many people, each an entry, and how the computer is called."""
    for number in numbers:
        node.do(register, id_no=an_id_number(sequence=number * 2))
    here.world.sync(node)
    return str(node.get(lambda session: session.query(Replica).one().id))


def test_of_two_computers_each_shows_what_it_sent_itself(here: Place) -> None:
    one = here.world.station("519902001001")
    two = here.world.new_pc(one)
    keys = sent(here, one, range(1, 5)), sent(here, two, range(5, 7))
    found = [look(here.opened.store, here.opened.desk, stations.station, key) for key in keys]
    told = [[(each.first, each.last) for each in one.arrivals] for one in found if one]
    assert told == [[(1, 4)], [(1, 2)]]
