"""Photos and scans come up to the city: those an open record names, over a link and on a stick."""

from pathlib import Path

import pytest
from sqlalchemy import select

from app import attachment, erasure, handover, movement
from models import attachment as contents
from models.attachment import Attachment, Blob
from models.exchange import RawBatch, Replica
from models.kit import clock
from models.kit.fields import Circle
from models.retiree import Retiree
from sync import blobs, pack, relayed
from sync.blobs import Parcel
from sync.centre import sticks
from sync.centre.relay import contact
from sync.fault import Fault
from sync.header import from_us
from tests import disks
from tests.sync.city_parts import Above, above, at_desk, decrypted, differences, with_head
from tests.sync.parts import DirectLink, Node, World, register
from tests.sync.people import hang, has, picture

CLOSED = picture(77)


@pytest.fixture
def here(tmp_path: Path) -> Above:
    made = above(tmp_path)
    made.district().station("460203198001")
    return made


def station_of(here: Above) -> Node:
    (station,) = here.districts[0].stations
    return station


def hung(here: Above, count: int = 3) -> list[str]:
    """Open ones and a closed one, with the district."""
    station, district = station_of(here), here.districts[0]
    names = hang(station, count)
    key = station.do(register, id_no=None)
    station.do(_hang_closed, key)
    district.sync(station)
    assert has(district.node, station.desk.office_id, [*names, closed()]) == {*names, closed()}
    return names


def _hang_closed(session, key: str) -> None:  # type: ignore[no-untyped-def]
    me = session.scalars(select(Replica)).one()
    name = contents.keep(session, me.office_id, CLOSED.data)
    session.add(
        Attachment(
            retiree_id=key, kind="02", data_circle=Circle.HEALTH.value, sha256=name,
            media_type=CLOSED.media_type, size=len(CLOSED.data),
        )
    )  # fmt: skip


def closed() -> str:
    return contents.digest_of(CLOSED.data)


def at_city(here: Above, names: list[str]) -> set[str]:
    return has(here.city.node, station_of(here).desk.office_id, names)


def test_open_ones_come_and_closed_ones_do_not(here: Above) -> None:
    names = hung(here)
    done = here.relay()
    assert done.contents == 3
    people = here.city.node.get(lambda s: s.scalars(select(Attachment.retiree_id)).all())
    head = at_desk(here.city, "city_head")
    shown = [row for key in {*people} for row in head.do(attachment.attachments, key)]
    assert [row.arrived for row in shown if row.sha256 in names] == [True, True, True]
    assert at_city(here, [*names, closed()]) == set(names)
    stored = here.city.node.get(lambda s: s.scalars(select(Blob.data)).all())
    assert sorted(stored) == sorted(picture(number).data for number in range(3))
    assert all(CLOSED.data not in one and closed().encode() not in one for one in decrypted(here))
    assert differences(here, here.districts[0]) == []
    again = here.relay()
    assert (again.files, again.contents) == (1, 0)
    kinds = here.city.node.get(lambda s: s.scalars(select(RawBatch.body)).all())
    assert {pack.read(one).header.kind for one in kinds} == {relayed.KIND}  # kept once is enough


@pytest.mark.parametrize("what", ["lose_files", "lose_answers"])
def test_a_lost_part_costs_that_part(
    here: Above, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = hung(here, 5)
    here.relay(link=Upright(here))
    monkeypatch.setattr(blobs, "ON_LINE", 4000)
    with here.city.centre.store.apply() as session:
        session.query(Blob).delete()
    link = DirectLink(here.city.centre)
    getattr(link, what).add(3)
    with pytest.raises(Fault):
        here.relay(link=link)
    assert 0 < len(at_city(here, names)) < 5
    left = 5 - len(at_city(here, names))
    assert here.relay().contents == left
    assert at_city(here, names) == set(names)


def test_pictures_go_along_with_whoever_moves_and_are_sent_once(here: Above) -> None:
    district = here.districts[0]
    one, two = with_head(station_of(here)), with_head(district.station("460203198002"))
    names = hang(one, 2)
    (key,) = {*one.get(lambda s: s.scalars(select(Attachment.retiree_id)).all())}
    for station in (one, two):
        district.sync(station)
    assert here.relay().contents == 2
    one.do(movement.moved_out, key, clock.today(), "460203198002社区", "子女同住")
    district.sync(one)
    district.sync(two)
    (offer,) = two.do(handover.handovers).rows
    two.do(handover.take, offer.id)
    district.sync(two)
    assert here.relay().contents == 0
    assert has(here.city.node, two.desk.office_id, names) == set(names)
    assert differences(here, district) == []


class Upright(DirectLink):
    """A link that loses nothing."""

    def __init__(self, here: Above) -> None:
        super().__init__(here.city.centre)


def test_a_stick_brings_what_the_last_answer_lacked(here: Above, tmp_path: Path) -> None:
    names = hung(here)
    district, stick = here.districts[0], tmp_path / "stick"
    stick.mkdir()
    for _ in range(2):
        contact.pack_stick(district.centre, stick)
        assert sticks.unpack_stick(here.city.centre, stick).refused == []
        sticks.pack_stick(here.city.centre, stick)
        assert sticks.unpack_stick(district.centre, stick).refused == []
    assert at_city(here, [*names, closed()]) == set(names)
    contact.pack_stick(district.centre, stick)
    assert [one.name for one in stick.iterdir() if "-upB" in one.name] == []


def test_a_stick_that_cannot_take_what_is_new_keeps_what_it_had(here: Above) -> None:
    district, station = here.districts[0], station_of(here)
    station.do(register)
    district.sync(station)
    with disks.small(here.folder / "small", 2) as stick:
        contact.pack_stick(district.centre, stick)
        before = {one.name for one in stick.iterdir()}
        assert before
        (stick / "others.bin").write_bytes(bytes(int(1.2 * 2**20)))
        station.do(register, name="乙", id_no=None)
        district.sync(station)
        with pytest.raises(Fault, match="U盘空间不够"):
            contact.pack_stick(district.centre, stick)
        assert before <= {one.name for one in stick.iterdir()}
        assert sticks.unpack_stick(here.city.centre, stick).refused == []
    assert len(here.city.node.get(lambda s: list(s.scalars(select(Retiree.id))))) == 1


def test_what_comes_late_to_the_district_goes_up_late(here: Above) -> None:
    names = hung(here)
    district, office = here.districts[0], station_of(here).desk.office_id
    with district.centre.store.apply() as session:
        session.query(Blob).filter(Blob.sha256 == names[0]).delete()
    assert here.relay().contents == 2
    with district.centre.store.apply() as session:
        contents.keep(session, office, picture(0).data, epoch=1)
    assert here.relay().contents == 1
    assert at_city(here, names) == set(names)


def test_the_city_takes_only_what_it_lacks_and_what_is_what_it_is_called(here: Above) -> None:
    names = hung(here)
    district = here.districts[0]
    link = DirectLink(here.city.centre, lose_files={1, 2, 3})
    with pytest.raises(Fault):
        here.relay(link=link)  # the contents are lost
    assert at_city(here, names) == set()
    right, other = picture(0).data, picture(9).data
    data = sent(here, district, [
        (bytes.fromhex(names[0]), right),
        (bytes.fromhex(names[1]), other),
        (bytes.fromhex(contents.digest_of(other)), other),
        (bytes.fromhex(closed()), CLOSED.data),
    ])  # fmt: skip
    here.city.centre.accept(data)
    assert here.city.node.get(lambda s: s.scalars(select(Blob.sha256)).all()) == [names[0]]
    with pytest.raises(Fault, match="被改动过"):
        here.city.centre.accept(data[:-1] + bytes([data[-1] ^ 1]))


def sent(here: Above, district: World, said: list[tuple[bytes, bytes]]) -> bytes:
    """As a district that lies would write it."""
    keys = district.centre.keys
    with district.centre.store.look() as session:
        me = session.scalars(select(Replica)).one()
        header = from_us(me, relayed.CONTENTS, here.city.card.id, count=len(said))
        plain = blobs.encode(Parcel(me.id, here.city.card.id, blobs=said))
    return pack.write(keys, header, plain, [here.city.card.recipient])


def test_contents_of_whoever_is_erased_go_and_do_not_come_again(here: Above) -> None:
    names = hung(here, 1)
    here.relay()
    district = here.districts[0]
    (key,) = district.node.get(
        lambda s: s.scalars(
            select(Attachment.retiree_id).where(Attachment.sha256 == names[0])
        ).all()
    )
    at_desk(district, "centre_head").do(erasure.erase, key, "王秀英", "本人书面要求")
    district.centre.keep()
    here.relay()
    here.city.centre.keep()
    assert at_city(here, names) == set()
    old = sent(here, district, [(bytes.fromhex(names[0]), picture(0).data)])
    here.city.centre.accept(old)
    assert at_city(here, names) == set()
