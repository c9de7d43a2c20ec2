"""``python -m tests.released.make``: files as this version writes them, of invented people, into a
folder named after it. Run once with every release; what is there is never written again."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from sqlalchemy import select

from models.exchange import Replica
from resources import VERSION
from sync import enrol
from sync.centre_card import centre_card
from sync.station import outbox
from tests.released.words import words
from tests.sync.parts import copy_of, edit, register, world

HERE = Path(__file__).parent


def make(folder: Path, workshop: Path) -> None:
    """A station with changes under way, and what it and its centre wrote to each other."""
    here = world(workshop)
    station = here.station("460203198001")
    key = station.do(register, mobile="13800002617")
    station.do(register, name="符阿妹", id_no="519902195003081232")
    with station.store.look() as session:
        me = session.scalars(select(Replica)).one()
        (part,) = outbox.parts(session, station.keys, centre_card(session), station.code)
    office = {"id": me.office_id, "code": station.code, "name": "春光社区", "level": "3"}
    with here.centre.store.apply() as session:
        invitation = enrol.invite(session, here.centre.keys, here.card, office)
    answer = here.centre.accept(part.data).data
    station.do(edit, key, mobile="13800006208")
    about = {
        "station": {"id": me.id, "office_id": me.office_id, "keys": station.keys.dump()},
        "centre": {"id": here.card.id, "office_id": here.centre.office_id},
        "centre_keys": here.centre.keys.dump(),
        "person": key,
        "waiting": station.get(outbox.waiting),
    }
    folder.mkdir()
    (folder / "about.json").write_bytes(msgspec.json.format(msgspec.json.encode(about)))
    (folder / "schema.json").write_bytes(msgspec.json.format(msgspec.json.encode(words())))
    (folder / "invitation.sangyu").write_bytes(invitation)
    (folder / "changes.sangyu").write_bytes(part.data)
    (folder / "answer.sangyu").write_bytes(answer)
    (folder / "station.db").write_bytes(copy_of(station))


if __name__ == "__main__":
    with TemporaryDirectory() as made:
        make(HERE / VERSION, Path(made))
    sys.exit()
