"""A district that lies to its city, and everybody else who would like to: what was signed by the
stations can be neither changed nor left out."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import Select, func, select

from app import revocation
from models.erasure import id_of
from models.exchange import Change, RawBatch, Replica
from models.kit.ids import new_id
from models.kit.stream import link, read_head, read_payload
from models.office import Office
from models.retiree import Retiree
from sync import pack, relayed
from sync.fault import Fault
from sync.header import from_us
from sync.keys import Keys
from sync.message import Body
from sync.relayed import Relay, Signer, Stands, Unsigned, Words
from tests.sync.city_parts import Above, above, at_desk, differences, next_part, rewritten
from tests.sync.parts import World, edit, register

BANK = "6217000012345678901"
encode = msgspec.msgpack.encode
Lie = Callable[[Relay], Relay]


@pytest.fixture
def here(tmp_path: Path) -> Above:
    return told_to(tmp_path)


def told_to(folder: Path) -> Above:
    """A city that has heard nothing yet of a station's three changes."""
    made = above(folder)
    district = made.district()
    station = district.station("460203198001")
    key = station.do(register, mobile="13800000001", bank_account=BANK)
    station.do(register, name="符阿妹", id_no="519902195003081232")
    station.do(edit, key, mobile="13800000002")
    district.sync(station)
    return made


def of_station(said: Relay) -> Words:
    return next(one for one in said.words if one.signed)


def with_entries(said: Relay, change: Callable[[list[tuple[bytes, bytes]]], object]) -> Relay:
    words = of_station(said)
    entries = list(words.entries)
    change(entries)
    return replace(said, words=[replace(words, entries=entries)])


def another_value(said: Relay) -> Relay:
    """The head keeps its digest."""

    def change(entries: list[tuple[bytes, bytes]]) -> None:
        head, payload = entries[-1]
        told = read_payload(payload)
        entries[-1] = (head, encode([told.salt, {"mobile": "13900009999"}]))

    return with_entries(said, change)


def another_head(said: Relay) -> Relay:
    """… and here it does not, and the chain is computed anew."""

    def change(entries: list[tuple[bytes, bytes]]) -> None:
        payload = encode([b"s" * 16, {"mobile": "13900009999"}])
        digest = hashlib.sha256(payload).digest()
        head = replace(read_head(entries[-1][0]), digest=digest)
        entries[-1] = (encode(head), payload)

    return rechained(with_entries(said, change))


def rechained(said: Relay) -> Relay:
    words = of_station(said)
    chain = words.before
    for head, _ in words.entries:
        chain = link(chain, head)
    return replace(said, words=[replace(words, after=chain)])


def one_left_out(said: Relay) -> Relay:
    return with_entries(said, lambda entries: entries.pop(1))


def one_left_out_and_the_chain_anew(said: Relay) -> Relay:
    return rechained(one_left_out(said))


def the_last_left_out(said: Relay) -> Relay:
    return rechained(with_entries(said, lambda entries: entries.pop()))


def another_order(said: Relay) -> Relay:
    return with_entries(said, lambda entries: entries.insert(0, entries.pop()))


def another_station_is_said_to_have_written_it(said: Relay) -> Relay:
    words = of_station(said)
    return replace(said, words=[replace(words, office_id=new_id())])


def another_incarnation(said: Relay) -> Relay:
    words = of_station(said)
    return replace(said, words=[replace(words, incarnation=new_id())])


def no_signature(said: Relay) -> Relay:
    words = of_station(said)
    return replace(said, words=[replace(words, signature=b"\0" * 64)])


def a_header_that_was_changed(said: Relay) -> Relay:
    """One character of it."""
    words = of_station(said)
    changed = words.signed.replace(b'"kind":"changes"', b'"kind":"changed"')
    assert changed != words.signed
    return replace(said, words=[replace(words, signed=changed)])


def a_key_nobody_vouches_for(said: Relay) -> Relay:
    return replace(said, signers=[])


def with_what_is_not_for_the_city(said: Relay) -> Relay:
    """The whole payload in place of what may be seen: it belongs to its head."""

    def change(entries: list[tuple[bytes, bytes]]) -> None:
        entries[0] = (entries[0][0], WHOLE[0])

    return with_entries(said, change)


def other_words_in_a_record(said: Relay) -> Relay:
    """Both sides of the words are as they were signed, the account of the record is not."""
    key = read_head(of_station(said).entries[0][0])
    lie = Stands("retiree", key.entity_id, {"*": key.change_id}, {"name": "假名"})
    return replace(said, items=[*said.items, encode(lie)])


def unsigned(said: Relay, head: bytes, payload: bytes) -> Relay:
    """As what no header of the station proves."""
    words = of_station(said)
    account = Unsigned(words.office_id, words.incarnation, 99, head, payload)
    return replace(said, unsigned=[account])


def what_is_not_for_the_city_without_a_signature(said: Relay) -> Relay:
    return unsigned(said, of_station(said).entries[0][0], WHOLE[0])


def other_words_than_were_signed_without_a_signature(said: Relay) -> Relay:
    payload = encode([b"s" * 16, {"mobile": "13900009999"}])
    head = read_head(of_station(said).entries[-1][0])
    return unsigned(said, encode(replace(head, digest=hashlib.sha256(payload).digest())), payload)


def a_closed_value_of_a_record(said: Relay) -> Relay:
    """Not in a word but in the account of a record no word proves."""
    key = read_head(of_station(said).entries[0][0]).entity_id
    lie = Stands("retiree", key, {"*": new_id()}, {"bank_account": BANK})
    return replace(said, items=[*said.items, encode(lie)])


def a_note_of_our_own(said: Relay) -> Relay:
    """What never travels."""
    lie = Stands("local_note", new_id(), {"*": new_id()}, {"kind": "city"})
    return replace(said, items=[*said.items, encode(lie)])


LIES = [
    another_value,
    another_head,
    one_left_out,
    one_left_out_and_the_chain_anew,
    the_last_left_out,
    another_order,
    another_station_is_said_to_have_written_it,
    another_incarnation,
    no_signature,
    a_header_that_was_changed,
    a_key_nobody_vouches_for,
    with_what_is_not_for_the_city,
    other_words_in_a_record,
    a_closed_value_of_a_record,
    a_note_of_our_own,
    what_is_not_for_the_city_without_a_signature,
    other_words_than_were_signed_without_a_signature,
]
WHOLE: list[bytes] = []


@pytest.mark.parametrize("lie", LIES, ids=lambda one: one.__name__)
def test_a_district_that_lies_is_not_believed(here: Above, lie: Lie) -> None:
    district = here.districts[0]
    WHOLE[:] = [_first_payload(district)]
    good = next_part(district)
    with pytest.raises(Fault):
        here.city.centre.accept(told(here, district, good, lie))
    assert everything(here) == (0, 1)
    here.city.centre.accept(good)
    assert differences(here, district) == []


def told(here: Above, district: World, data: bytes, lie: Lie) -> bytes:
    """With the chain over the items as it would be."""
    packet = pack.read(data)
    said = lie(relayed.decode(packet, here.city.centre.keys, Relay))
    chain = bytes.fromhex(packet.header.before)
    for one in said.items:
        chain = link(chain, one)
    last = packet.header.first + len(said.items) - 1
    header = replace(packet.header, after=chain.hex(), last=last)
    to = [here.city.centre.keys.recipient]
    return pack.write(district.centre.keys, header, relayed.encode(said), to)


def _first_payload(district: World) -> bytes:
    first = select(Change.payload).where(Change.entity == "retiree", Change.seq == 1)
    found: bytes = district.node.get(lambda s: s.scalars(first).one())
    return found


def everything(here: Above) -> tuple[int, int]:
    """What the city has taken in, and what it keeps as evidence."""
    ours = here.city.node.desk.office_id
    words = select(func.count()).select_from(Change).where(Change.office_id != ours)
    refused = select(func.count()).select_from(RawBatch).where(RawBatch.refused.is_not(None))
    return here.city.node.get(lambda s: (s.scalar(words), s.scalar(refused)))  # type: ignore[no-any-return]


def test_a_station_has_one_key_for_ever(here: Above) -> None:
    district = here.districts[0]
    here.relay()
    station = district.stations[0]
    station.do(register, name="苏亚龙", id_no="519902194801150013")
    district.sync(station)

    def other_key(said: Relay) -> Relay:
        (signer,) = said.signers
        return replace(said, signers=[replace(signer, key=Keys.new().public)])

    with pytest.raises(Fault):
        here.city.centre.accept(rewritten(here, district, next_part(district), other_key))


def test_no_district_speaks_for_the_station_of_another(here: Above) -> None:
    first, second = here.districts[0], here.district()
    here.relay(first)
    station = second.station("460204198001")
    station.do(register)
    second.sync(station)
    data = next_part(second)

    def foreign(said: Relay) -> Relay:
        office = first.stations[0].desk.office_id
        more = Signer(office, new_id(), second.centre.keys.public)
        return replace(said, signers=[*said.signers, more])

    with pytest.raises(Fault):
        here.city.centre.accept(rewritten(here, second, data, foreign))


Claimed = Callable[[Above, str], Stands]


def another_name(here: Above, key: str) -> Stands:
    """For somebody of the other district, who is said to be here now."""
    ours = here.districts[1].node.desk.office_id
    values = {"name": "假名", "id_no": "519902195003081232", "office_id": ours}
    return Stands("retiree", key, {"*": new_id()}, values)


def one_more_at_its_station(here: Above, _: str) -> Stands:
    there = here.districts[0].stations[0].desk.office_id
    values = {"name": "假名", "id_no": "519902195003081232", "office_id": there}
    return Stands("retiree", new_id(), {"*": new_id()}, values)


def an_order_to_erase(here: Above, key: str) -> Stands:
    ours = here.districts[1].node.desk.office_id
    values = {
        "person_id": key,
        "ground": "无",
        "erased_at": "2026-01-01T00:00:00+00:00",
        "office_id": ours,
    }
    return Stands("erasure", id_of(key), {"*": new_id()}, values)


def another_city(here: Above, _: str) -> Stands:
    values = {"name": "假市", "level": "3", "code": "460200000000"}
    return Stands("office", here.city.node.desk.office_id, {"*": new_id()}, values)


FOREIGN = [another_name, one_more_at_its_station, an_order_to_erase, another_city]


@pytest.mark.parametrize("claim", FOREIGN, ids=lambda one: one.__name__)
def test_a_district_says_nothing_of_the_records_of_another(here: Above, claim: Claimed) -> None:
    """It is left, the rest is read, and the comparison shows it to both."""
    first, second = here.districts[0], here.district()
    here.relay(first)
    key = here.city.node.get(lambda s: s.scalars(select(Retiree.id).order_by("id")).first())
    lie = encode(claim(here, key))

    def said_too(said: Relay) -> Relay:
        return replace(said, items=[*said.items, lie])

    here.city.centre.accept(told(here, second, next_part(second), said_too))
    (level,) = here.city.node.get(lambda s: s.scalars(own_level(here)).all())
    assert level == "1"
    assert differences(here, first) == []
    assert here.city.node.get(lambda s: s.scalar(select(func.count()).select_from(Retiree))) == 2
    assert here.relay(first).sent == 0


def own_level(here: Above) -> Select[str]:
    return select(Office.level).where(Office.id == here.city.node.desk.office_id)


def test_who_was_stopped_holds_nothing_for_good(here: Above) -> None:
    """A district was set up anew: what the old one had may be said by the new."""
    first, second = here.districts[0], here.district()
    here.relay(first)
    head = at_desk(here.city, "city_head")
    head.do(revocation.revoke, first.card.id, "区中心重新建立")
    key = here.city.node.get(lambda s: s.scalars(select(Retiree.id).order_by("id")).first())
    lie = encode(another_name(here, key))

    def said_too(said: Relay) -> Relay:
        return replace(said, items=[*said.items, lie])

    here.city.centre.accept(told(here, second, next_part(second), said_too))
    assert here.city.node.person(key).name == "假名"  # type: ignore[union-attr]


def test_a_station_does_not_report_to_the_city_nor_a_district_like_a_station(here: Above) -> None:
    district = here.districts[0]
    station = district.stations[0]
    with pytest.raises(Fault) as why:
        here.city.centre.accept(_changes_of(district, here))
    assert why.value.kind == "elsewhere"
    data = rewritten(here, district, next_part(district), lambda said: said)
    with pytest.raises(Fault):
        district.centre.accept(data)
    assert station.outcomes().count("applied") == 3


def _changes_of(district: World, here: Above) -> bytes:
    """The district's own stream as if it were a station's."""
    with district.centre.store.look() as session:
        me = session.scalars(select(Replica)).one()
        header = from_us(me, "changes", here.city.card.id)
    plain = pack.encode_body(Body(me.id, here.city.card.id))
    return pack.write(district.centre.keys, header, plain, [here.city.card.recipient])
