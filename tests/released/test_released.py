"""Today's program reads what every released one has written."""

import base64
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from app.kit import start
from app.station import SCHEMA
from models import exchange
from models.exchange import Change, Installation, Replica
from models.kit import clock
from models.kit.db import Store, open_file
from models.retiree import Retiree
from sync import enrol, inbox, outbox
from sync.centre.service import Centre
from sync.centre_card import centre_card
from sync.keys import Keys
from tests.sync.parts import KEY, empty_store

HERE = Path(__file__).parent
RELEASED = sorted(path for path in HERE.iterdir() if (path / "about.json").is_file())


def about(released: Path) -> dict[str, Any]:
    said: dict[str, Any] = msgspec.json.decode((released / "about.json").read_bytes())
    return said


def keys_of(said: str) -> Keys:
    return Keys.load(base64.b64decode(said))


@pytest.fixture(params=RELEASED, ids=lambda path: path.name)
def released(request: pytest.FixtureRequest) -> Path:
    folder: Path = request.param
    return folder


@pytest.fixture
def station(released: Path, tmp_path: Path) -> Store:
    """The released database, brought up to date."""
    path = tmp_path / "station.db"
    path.write_bytes((released / "station.db").read_bytes())
    store = open_file(path, KEY, exchange.STREAM)
    start.bring_up(store, SCHEMA)
    return store


def test_there_is_one_of_the_first_release() -> None:
    assert "0.1.0" in [path.name for path in RELEASED]


def test_a_released_database_opens_with_all_that_waits(released: Path, station: Store) -> None:
    with station.look() as session:
        assert outbox.waiting(session) == about(released)["waiting"]
        person = session.get_one(Retiree, about(released)["person"])
        assert (person.name, person.mobile) == ("王秀英", "13800006208")


def test_a_released_answer_is_read(released: Path, station: Store) -> None:
    keys = keys_of(about(released)["station"]["keys"])
    with station.apply() as session:
        card = centre_card(session)
        inbox.receive(session, keys, card, (released / "answer.sangyu").read_bytes())
    with station.look() as session:
        outcomes = session.scalars(select(Change.outcome).order_by(Change.seq)).all()
    assert outcomes == ["applied", "applied", None]


def test_todays_centre_takes_what_a_released_station_wrote(released: Path, tmp_path: Path) -> None:
    said = about(released)
    store = empty_store(tmp_path / "centre.db")
    sender = keys_of(said["station"]["keys"])
    with store.apply() as session:
        session.add(Replica(**said["centre"], incarnation=said["centre"]["id"]))
        session.add(
            Installation(
                id=said["station"]["id"],
                office_id=said["station"]["office_id"],
                incarnation="",
                sign_key=sender.public,
                recipient=sender.recipient,
                approved_at=clock.now(),
            )
        )
    centre = Centre(store, keys_of(said["centre_keys"]), said["centre"]["office_id"])
    centre.accept((released / "changes.sangyu").read_bytes())
    with store.look() as session:
        people = {one.name: one.mobile for one in session.scalars(select(Retiree))}
        outcomes = set(session.scalars(select(Change.outcome)))
    assert people == {"王秀英": "13800002617", "符阿妹": None}
    assert outcomes == {"applied"}


def test_a_released_invitation_is_read(released: Path) -> None:
    invited = enrol.read_invitation((released / "invitation.sangyu").read_bytes())
    assert invited.office["name"] == "春光社区"
    assert invited.centre.id == about(released)["centre"]["id"]
