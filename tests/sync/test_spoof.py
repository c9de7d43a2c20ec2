"""A file that lies about the program that wrote it: too new, too old, or saying nothing. Its words
are what they are; nothing is lost, and whoever is told to upgrade is the one who has to."""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.exchange import Deferred, Installation, RawBatch, Replica
from models.kit import changes, stream
from models.kit.db import Store
from models.kit.stream import SCHEMA
from sync import pack, versions
from sync.fault import Fault
from tests.sync.parts import DirectLink, Node, World, edit, parts_of, register, world
from tests.sync.programs import rows, start

HIGHEST = 2**63 - 1


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    made = world(tmp_path)
    yield made
    made.centre.store.close()


def lying(station: Node, **said: int) -> bytes:
    """A file of this station under its own signature, with another schema or reader."""
    (data,) = parts_of(station)
    packet = pack.read(data)
    return pack.close(station.keys, msgspec.structs.replace(packet.header, **said), packet.sealed)


def silent(station: Node) -> bytes:
    """One that names neither schema nor reader nor format."""
    (data,) = parts_of(station)
    packet = pack.read(data)
    said = msgspec.json.decode(packet.signed[len(pack.MAGIC) + 4 :])
    text = msgspec.json.encode(
        {name: one for name, one in said.items() if name not in ("schema", "min_reader", "format")}
    )
    signed = pack.MAGIC + len(text).to_bytes(4, "big") + text
    return signed + station.keys.sign.sign(signed) + packet.sealed


@pytest.mark.parametrize(
    "lie",
    [
        lambda one: lying(one, schema=HIGHEST),
        lambda one: lying(one, schema=0),
        lambda one: lying(one, min_reader=0),
        lambda one: lying(one, format=HIGHEST),
        silent,
    ],
    ids=["schema too high", "schema too low", "reader too low", "format too high", "nothing said"],
)
def test_the_words_count_and_not_the_number_before_them(
    here: World, lie: Callable[[Node], bytes]
) -> None:
    station = here.station("460203198001")
    key = station.do(register, mobile="13800002617")
    here.centre.accept(lie(station))
    assert here.node.person(key).mobile == "13800002617"  # type: ignore[union-attr]
    station.do(edit, key, mobile="13800002618")
    here.sync(station)
    assert set(station.outcomes()) == {"applied"}
    assert rows(station) == rows(here.node)
    assert here.node.get(lambda s: s.scalars(select(Installation.schema)).all()) == [SCHEMA]


def test_a_reader_set_too_high_keeps_the_file_and_names_the_side_to_upgrade(here: World) -> None:
    station = here.station("460203198001")
    key = station.do(register)
    data = lying(station, min_reader=HIGHEST)
    with pytest.raises(Fault, match="区中心的程序需要升级"):
        here.centre.accept(data)
    kept = here.node.get(lambda s: s.scalars(select(RawBatch.body)).all())
    assert kept == [data]
    start(here, 1)  # it is tried again with each start, and stays
    assert here.node.person(key) is None
    here.sync(station)
    assert here.node.person(key) is not None
    assert station.outcomes() == ["applied"]


class Liar(DirectLink):
    """A centre that says it is of another schema."""

    said: int = SCHEMA

    def exchange(self, data: bytes) -> bytes:
        packet = pack.read(super().exchange(data))
        header = msgspec.structs.replace(packet.header, schema=self.said)
        return pack.close(self.centre.keys, header, packet.sealed)


@pytest.mark.parametrize(
    ("said", "told"), [(HIGHEST, "本站的程序需要升级"), (0, "区中心的程序需要升级"), (SCHEMA, "")]
)
def test_a_centre_that_lies_is_read_and_the_notice_goes_with_the_next_answer(
    here: World, said: int, told: str
) -> None:
    station = here.station("460203198001")
    key = station.do(register)
    link = Liar(here.centre)
    link.said = said
    here.sync(station, link)
    schema = station.get(lambda s: s.scalars(select(Replica.centre_schema)).one())
    assert versions.behind(schema).startswith(told)
    assert station.outcomes() == ["applied"]
    here.node.do(edit, key, mobile="13800002617")
    here.sync(station)
    assert station.get(lambda s: s.scalars(select(Replica.centre_schema)).one()) == SCHEMA
    assert rows(station) == rows(here.node)


@pytest.mark.parametrize("said", [0, 7, HIGHEST, 2**64 - 1])
def test_an_entry_that_lies_about_its_schema_is_read_as_far_as_it_goes(
    here: World, said: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fields that are known are taken, what nobody knows waits and harms nothing."""
    station = here.station("460203198001")
    with monkeypatch.context() as false:
        false.setattr(stream, "SCHEMA", said)
        key = station.do(register, mobile="13800002617")
    other = station.do(register, id_no="519902195003081232")
    here.sync(station)
    assert set(station.outcomes()) == {"applied"}
    assert here.node.person(key).mobile == "13800002617"  # type: ignore[union-attr]
    assert here.node.person(other) is not None
    station.do(edit, key, mobile="13800002618")
    here.sync(station)
    assert rows(station) == rows(here.node)


def test_no_number_is_too_big_for_a_database(
    tmp_path: Path, centre_store: Store | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A field nobody knows, in an entry and a file that name the highest schema there is: it waits,
    and what follows flows."""
    here = world(tmp_path, centre_store)
    station = here.station("460203198001")
    key = station.do(register)
    with monkeypatch.context() as false:
        false.setattr(stream, "SCHEMA", 2**64 - 1)
        station.do(_says_more, key)
    here.centre.accept(lying(station, schema=HIGHEST))
    station.do(edit, key, mobile="13800002618")
    here.sync(station)
    assert set(station.outcomes()) == {"applied"}
    assert here.node.get(lambda s: s.scalars(select(Deferred.field)).all()) == ["e_mail"]
    assert here.node.person(key).mobile == "13800002618"  # type: ignore[union-attr]
    start(here, 1)
    assert here.node.get(lambda s: s.scalars(select(Deferred.field)).all()) == ["e_mail"]
    here.centre.store.close()


def _says_more(session: Session, key: str) -> None:
    """An edit with a field no program has, written into the stream as any other."""
    edit(session, key, mobile="13800002617")
    session.flush()
    log = changes.recorder(session)
    assert log is not None
    (draft,) = log.drafts
    draft.values = {**draft.values, "e_mail": "a@b.cn"}
