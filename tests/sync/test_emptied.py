"""What waits for an office about somebody who has left it carries no values any more, and whoever
reads on or anew reads the same stream."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import select

from app import movement
from models import emptying
from models.exchange import Change, Downlink
from models.movement import Movement
from models.retiree import Retiree
from sync import pack
from sync.centre.telling import paging
from sync.message import Body
from tests.sync.move_parts import ON, hears, held_of, moved, offered, take, two_stations
from tests.sync.parts import DirectLink, Node, World, copy_of, edit, put_back, register

SECRET = "13800007777"


@pytest.fixture
def here(tmp_path: Path) -> World:
    return two_stations(tmp_path)


def told(here: World, node: Node) -> bytes:
    """All that stands in an office's downlink."""
    chosen = select(Downlink.body).where(Downlink.office_id == node.desk.office_id)
    return b"".join(here.node.get(lambda session: session.scalars(chosen).all()))


def test_what_waits_unread_about_who_left_is_emptied(here: World) -> None:
    old, new = here.stations
    key = offered(here, old, new)
    here.node.do(edit, key, mobile=SECRET)
    here.centre.accept(pack_of(here, old))  # the answer is lost
    assert SECRET.encode() in told(here, old)
    take(here, new)
    assert SECRET.encode() not in told(here, old)
    assert SECRET.encode() in told(here, new)
    here.sync(old)
    assert held_of(old, key) == {"retiree": 1}
    assert old.person(key).mobile is None  # type: ignore[union-attr]
    assert new.person(key).mobile == SECRET  # type: ignore[union-attr]


def pack_of(here: World, node: Node) -> bytes:
    link = Overheard(here.centre, lose_answers={0})
    with pytest.raises(Exception, match="连不上"):
        here.sync(node, link)
    return link.sent[0]


def test_an_answer_that_left_before_is_followed_by_the_next(here: World) -> None:
    old, new = here.stations
    key = offered(here, old, new)
    copy = copy_of(old)
    here.node.do(edit, key, mobile=SECRET)
    hears(here, old)  # read from a stick
    assert old.person(key).mobile == SECRET  # type: ignore[union-attr]
    take(here, new)
    before = numbers(here, old)
    here.sync(old)
    assert held_of(old, key) == {"retiree": 1}
    assert numbers(here, old)[: len(before)] == before  # nothing had to be told anew
    put_back(old, copy)
    here.sync(old)
    assert held_of(old, key) == {"retiree": 1}
    assert old.person(key).mobile is None  # type: ignore[union-attr]


def numbers(here: World, node: Node) -> list[bytes]:
    chosen = select(Downlink.hash).where(Downlink.office_id == node.desk.office_id)
    return here.node.get(lambda session: session.scalars(chosen).all())  # type: ignore[no-any-return]


def test_whoever_reads_everything_anew_gets_no_values_of_who_left(here: World) -> None:
    old, new = here.stations
    key = moved(here, old, new)
    old.do(register, name="符阿妹", id_no="519902195003081232")
    here.sync(old)
    other = here.new_pc(old)
    here.sync(other)
    assert held_of(other, key) == {"retiree": 1}
    assert other.person(key).mobile is None  # type: ignore[union-attr]
    names = select(Retiree.name).order_by(Retiree.name)
    assert other.get(lambda s: s.scalars(names).all()) == ["王秀英", "符阿妹"]


@dataclass
class Overheard(DirectLink):
    """Keeps the answers."""

    answers: list[bytes] = field(default_factory=list)

    def exchange(self, data: bytes) -> bytes:
        answer = super().exchange(data)
        self.answers.append(answer)
        return answer


def test_a_station_put_back_is_given_its_own_words_but_for_those_about_who_left(
    here: World,
) -> None:
    old, new = here.stations
    key = old.do(register, mobile="13800000001")
    here.sync(old)
    copy = copy_of(old)
    old.do(edit, key, mobile=SECRET)
    stays = old.do(register, name="符阿妹", id_no="519902195003081232")
    old.do(movement.moved_out, key, ON, f"{new.code}社区", "子女同住")
    for node in (old, new):
        here.sync(node)
    take(here, new)
    put_back(old, copy)
    link = Overheard(here.centre)
    here.sync(old, link)
    own = [one for data in link.answers for one in body_of(old, data).own]
    assert own
    assert SECRET.encode() not in b"".join(payload for *_, payload in own)
    assert held_of(old, key) == {"retiree": 1}
    assert old.person(stays).name == "符阿妹"  # type: ignore[union-attr]


def test_own_words_that_are_decided_after_we_heard_who_left_are_emptied_too(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "PAGE_ITEMS", 2)
    old, new = here.stations
    key = old.do(register, mobile=SECRET)
    copy = copy_of(old)
    old.do(movement.moved_out, key, ON, f"{new.code}社区", "子女同住")
    for node in (old, new):
        here.sync(node)
    take(here, new)
    put_back(old, copy)  # it has never heard that the centre knows of the person
    here.sync(old)
    assert held_of(old, key) == {"retiree": 1}
    own = select(Change.payload).where(Change.entity_id == key)
    assert set(old.get(lambda session: list(session.scalars(own)))) == {None}


def body_of(node: Node, data: bytes) -> Body:
    return pack.read(data).body(node.keys)


def test_values_are_taken_out_of_one_office_or_of_all(here: World) -> None:
    old, new = here.stations
    key = moved(here, old, new)
    assert b"13800000001" in told(here, new)
    with here.centre.store.apply() as session:
        emptying.empty_told(session, [key], old.desk.office_id)
    assert b"13800000001" in told(here, new)
    with here.centre.store.apply() as session:
        emptying.empty_told(session, [key])
    assert b"13800000001" not in told(here, new) + told(here, old)


def test_read_anew_by_single_items_no_paper_waits_for_its_person(here: World) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paging, "PAGE_ITEMS", 1)
        read_anew(here)


def read_anew(here: World) -> None:
    old, new = here.stations
    copy = copy_of(old)
    key = moved(here, old, new)
    other = here.new_pc(old)
    put_back(old, copy)
    for node in (old, other):
        here.sync(node)
        assert held_of(node, key) == {"retiree": 1}
        assert node.person(key).name == "王秀英"  # type: ignore[union-attr]
        assert node.get(lambda s: s.scalars(select(Movement.retiree_id)).all()) == [key, key]
