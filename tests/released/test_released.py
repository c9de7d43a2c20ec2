"""Today's program reads what every released one has written."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from app.kit import start
from app.station import TABLES
from models import exchange
from models.exchange import Change, Installation, Replica
from models.kit import clock
from models.kit.db import Store, open_file
from models.retiree import Retiree
from models.schema import STEPS, Step
from sync import enrol
from sync.centre.service import Centre
from sync.centre_card import centre_card
from sync.keys import Keys
from sync.station import inbox, outbox
from tests.released.words import Words, problems, restless, words
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
    start.bring_up(store, TABLES)
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


# ---- what a later release may do with the words of an earlier one -----------------------------


def test_every_word_of_a_release_still_means_the_same() -> None:
    for release in RELEASED:
        then = msgspec.json.decode((release / "schema.json").read_bytes())
        assert problems(then, words()) == [], release.name


def test_a_step_leaves_alone_what_is_said_anew() -> None:
    assert restless() == []


def _renamed(now: Words) -> None:
    fields = now["nouns"]["retiree"]["fields"]
    fields["handy"] = fields.pop("mobile")


def _moved(now: Words) -> None:
    now["nouns"]["tag"]["fields"]["bank"] = now["nouns"]["retiree"]["fields"].pop("bank")


def _another_kind(now: Words) -> None:
    now["nouns"]["retiree"]["fields"]["mobile"]["kind"] = "Count"


def _opened(now: Words) -> None:
    now["nouns"]["retiree"]["fields"]["bank"]["circle"] = ""


def _recoded(now: Words) -> None:
    now["codes"]["EDUCATION"].remove("90")


def _added(now: Words) -> None:
    now["nouns"]["retiree"]["fields"]["e_mail"] = now["nouns"]["retiree"]["fields"]["mobile"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_renamed, ["retiree.mobile is gone", "retiree.handy is new and does not say since which"]),
        (_moved, ["retiree.bank is gone", "tag.bank is new"]),
        (_another_kind, ["retiree.mobile: kind was Phone"]),
        (_opened, ["retiree.bank: circle was money"]),
        (_recoded, ["retiree.education may hold 90"]),
        (_added, ["retiree.e_mail is new"]),
    ],
)
def test_a_change_that_would_break_between_two_releases_is_named(
    change: Callable[[Words], None], told: list[str]
) -> None:
    then, now = words(), words()
    change(now)
    found = problems(then, now)
    assert len(found) == len(told)
    assert all(one.startswith(word) for one, word in zip(found, told, strict=True))


def test_what_is_said_otherwise_without_a_schema_of_its_own_is_named() -> None:
    """Nobody would notice: whoever says it and whoever hears it name the same schema."""
    then, now = words(), words()
    at, named = then["schema"], "the step of retiree.education from"
    for number in (at - 1, at):
        now["steps"] = [["retiree", "education", number, []]]
        assert problems(then, now) == [f"{named} {number} is new, but SCHEMA is {at} and was {at}"]
    now["schema"] += 1
    assert problems(then, now) == problems(now, now) == []
    for less in ([], [["retiree", "education", at, ["degree"]]]):
        after = now | {"schema": at + 2, "steps": less}
        assert problems(now, after)[0] == f"{named} {at} is gone or makes something else"


def test_a_code_that_became_another_is_no_break(monkeypatch: pytest.MonkeyPatch) -> None:
    then, now = words(), words()
    now["schema"] += 1
    _recoded(now)
    step = Step(lambda code: "80" if code == "90" else code)
    monkeypatch.setitem(STEPS, ("retiree", "education", then["schema"]), step)
    assert problems(then, now | {"steps": words()["steps"]}) == []
    back = Step(lambda code: {"80": "90", "90": "80"}.get(code, code))
    monkeypatch.setitem(STEPS, ("retiree", "education", then["schema"]), back)
    since = f"retiree.education from {then['schema']}"
    assert sorted(restless()) == [f"{since}: 80", f"{since}: 90"]
