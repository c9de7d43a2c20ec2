"""Contents of attachments over a link and on a stick: lost, broken, repeated, killed half-way."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import exchange
from models import attachment as contents
from models import emptying
from models.attachment import Attachment, Blob
from models.exchange import RawBatch, Replica
from sync import blobs, pack
from sync.centre import sticks
from sync.centre.keeping import blobs as at_centre
from sync.fault import Fault
from sync.station import inbox
from sync.station import run as talk
from sync.station.stick import pack_stick, unpack_stick
from tests.sync.conftest import Running
from tests.sync.parts import DirectLink, Node, World, copy_of, parts_of, put_back, register
from tests.sync.people import hang, has

STATION = "460203198001"


@pytest.fixture
def station(here: World) -> Node:
    return here.station(STATION)


def lacking(here: World, station: Node) -> int:
    return here.node.get(  # type: ignore[no-any-return]
        lambda session: len(contents.missing(session, station.desk.office_id))
    )


def owed(node: Node) -> int:
    return node.get(contents.owed_count)  # type: ignore[no-any-return]


def forget(node: Node, names: list[str]) -> None:
    """Contents are gone, as after the loss of a disk."""
    with node.store.apply() as session:
        for name in names:
            session.query(Blob).filter(Blob.sha256 == name).delete()


def kinds(link: DirectLink) -> list[str]:
    return [pack.read(data).header.kind for data in link.sent]


# over a link ---------------------------------------------------------------------------------


def test_record_and_content_arrive_and_only_then_nothing_waits(here: World, station: Node) -> None:
    names = hang(station, 3)
    link = DirectLink(here.centre)
    done = here.sync(station, link)
    assert (done.pending, done.contents) == (0, 3)
    assert kinds(link) == ["changes", "blobs", "blobs"]
    assert has(here.node, station.desk.office_id, names) == set(names)
    assert lacking(here, station) == 0


def test_a_second_exchange_carries_no_content(here: World, station: Node) -> None:
    hang(station, 2)
    here.sync(station)
    link = DirectLink(here.centre)
    done = here.sync(station, link)
    assert kinds(link) == ["changes"]
    assert (done.sent, done.contents, done.fetched) == (0, 0, 0)


def test_while_contents_are_on_the_way_the_station_is_not_done(here: World, station: Node) -> None:
    hang(station, 2)
    with pytest.raises(Fault):
        here.sync(station, DirectLink(here.centre, lose_files={1}))
    standing = station.get(talk.standing)
    assert (standing.unsent, standing.pending) == (0, 2)
    assert lacking(here, station) == 2
    here.sync(station)
    assert station.get(talk.standing).pending == 0


def test_a_contact_that_carried_contents_only_is_in_the_history(here: World, station: Node) -> None:
    names = hang(station, 2)
    with pytest.raises(Fault):
        here.sync(station, DirectLink(here.centre, lose_files={1}))
    here.sync(station)
    here.sync(station)
    told = station.get(exchange.history)
    assert [(one.result, one.sent) for one in told][:2] == [("done", 2), ("failed", 3)]
    forget(station, names)
    here.sync(station)
    assert station.get(exchange.history)[0].received == 2


def test_a_stick_with_contents_only_is_in_the_history_when_written_and_when_read(
    here: World, station: Node, tmp_path: Path
) -> None:
    hang(station, 2)
    with pytest.raises(Fault):
        here.sync(station, DirectLink(here.centre, lose_files={1}))
    stick = tmp_path / "stick"
    stick.mkdir()
    pack_stick(station.store, station.keys, stick, STATION)
    assert station.get(exchange.history)[0].sent == 2
    carried(here, station, stick)
    assert owed(station) == 0
    assert [one.way for one in station.get(exchange.history)][:2] == ["U盘", "U盘"]


@pytest.mark.parametrize("lost", ["lose_files", "lose_answers"])
@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_whatever_part_is_lost_the_next_contact_goes_on_there(
    here: World, station: Node, lost: str, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blobs, "ON_LINE", 6000)  # two contents a part
    names = hang(station, 6)
    link = DirectLink(here.centre)
    getattr(link, lost).add(at)
    with pytest.raises(Fault):
        here.sync(station, link)
    link = DirectLink(here.centre)
    done = here.sync(station, link)
    sent = sum(pack.read(data).header.count for data in link.sent if pack.read(data).header.count)
    arrived_before = 2 * (at - 2 + (lost == "lose_answers")) if at > 1 else 0
    assert sent - done.sent == 6 - arrived_before
    assert done.pending == 0
    assert has(here.node, station.desk.office_id, names) == set(names)


def test_a_content_that_is_not_what_it_is_called_is_refused_alone(
    here: World, station: Node
) -> None:
    names = hang(station, 3)
    with station.store.apply() as session:
        contents.mark(session, station.desk.office_id, [names[1]], data=b"broken on this disk")
    done = here.sync(station)
    assert (done.contents, done.pending) == (2, 1)
    assert has(here.node, station.desk.office_id, names) == {names[0], names[2]}
    assert lacking(here, station) == 1


@pytest.mark.parametrize("name", ["坏", "ab" * 31, "AB" * 32, "", None])
def test_a_name_that_is_none_stops_nobody(here: World, station: Node, name: str | None) -> None:
    """Whoever has such a record would else fail at every contact, the district on its way to the
    city included; and its person could not be erased."""
    names = hang(station)
    here.sync(station)
    who = station.do(register)
    station.do(lambda session: session.add(Attachment(retiree_id=who, kind="02", sha256=name)))
    for data in parts_of(station):
        here.centre.accept(data)
    other = here.new_pc(station)
    assert here.sync(other).pending == 0
    assert has(other, station.desk.office_id, names) == set(names)
    assert lacking(here, station) == 0
    assert here.node.get(lambda s: s.scalar(select(func.count()).select_from(Attachment))) == (
        1 if name else 2
    )
    with here.centre.store.apply() as session:
        emptying.erase(session, who)


@pytest.mark.parametrize("bit", [0, 300, 900, -5])
def test_a_part_changed_on_the_way_is_refused_and_nothing_is_taken(
    here: World, station: Node, bit: int
) -> None:
    names = hang(station, 2)

    def flip(data: bytes) -> bytes:
        at = bit % len(data)
        return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]

    with station.store.look() as session:
        speaker = blobs.Station(station.keys, here.card, STATION)
        ((_, data),) = blobs.parts(session, speaker)
    with pytest.raises(Fault):
        here.centre.accept(flip(data))
    assert has(here.node, station.desk.office_id, names) == set()
    here.sync(station)
    assert has(here.node, station.desk.office_id, names) == set(names)


def test_a_part_of_another_station_or_one_not_approved_is_refused(here: World) -> None:
    stranger = here.station("460203198003", approved=False)
    hang(stranger)
    with stranger.store.look() as session:
        speaker = blobs.Station(stranger.keys, here.card, "460203198003")
        ((_, data),) = blobs.parts(session, speaker)
    with pytest.raises(Fault, match="还没有批准"):
        here.centre.accept(data)
    kept = here.node.get(lambda session: session.scalars(select(RawBatch.refused)).all())
    assert kept == ["unknown"]


def test_sealed_words_that_name_another_sender_are_not_believed(here: World, station: Node) -> None:
    other = here.station("460203198002")
    hang(station)
    with station.store.look() as session:
        speaker = blobs.Station(station.keys, here.card, STATION)
        me = session.scalars(select(Replica)).one().id
        their = other.get(lambda s: s.scalars(select(Replica)).one().id)
        parcel = msgspec.structs.replace(speaker.parcel(session), sender=their)
        data = speaker.write(session, parcel)
    assert me != their
    with pytest.raises(Fault, match="签名"):
        here.centre.accept(data)


def test_the_same_picture_of_two_stations_is_each_ones_own(here: World, station: Node) -> None:
    """What another office has is not told, and not given."""
    other = here.station("460203198002")
    names = hang(station)
    here.sync(station)
    assert has(here.node, other.desk.office_id, names) == set()
    hang(other)
    with other.store.look() as session:
        speaker = blobs.Station(other.keys, here.card, other.code)
        asked = speaker.parcel(session, asks=blobs.raw(names), wants=blobs.raw(names))
        answer = here.centre.accept(speaker.write(session, asked)).data
    packet = pack.read(answer)
    packet.check(here.card.sign)
    parcel = blobs.parcel_of(packet, other.keys)
    assert (parcel.held, parcel.blobs) == ([], [])


def test_a_forged_or_foreign_answer_confirms_nothing(here: World, station: Node) -> None:
    other = here.station("460203198002")
    names = hang(station)
    with station.store.look() as session:
        speaker = blobs.Station(station.keys, here.card, STATION)
        ((_, data),) = blobs.parts(session, speaker)
    answer = here.centre.accept(data).data
    header = msgspec.structs.replace(pack.read(answer).header, batch="f" * 32)
    forged = pack.close(station.keys, header, pack.read(answer).sealed)
    for bad in (forged, answer[:-7], b"nothing"):
        with pytest.raises(Fault), station.store.apply() as session:
            blobs.receive(session, station.keys, here.card, bad)
    with pytest.raises(Fault), other.store.apply() as session:
        blobs.receive(session, other.keys, here.card, answer)
    with pytest.raises(Fault), station.store.apply() as session:
        inbox.receive(session, station.keys, here.card, answer)
    assert owed(station) == 1
    with station.store.apply() as session:
        blobs.receive(session, station.keys, here.card, answer)
        blobs.receive(session, station.keys, here.card, answer)
    assert owed(station) == 0
    assert names


def test_a_centre_that_was_set_back_is_asked_again(here: World, station: Node) -> None:
    names = hang(station, 2)
    here.sync(station)
    forget(here.node, names[:1])
    with here.node.store.apply() as session:
        session.scalars(select(Replica)).one().centre_epoch = 2
    with station.store.apply() as session:
        session.scalars(select(Replica)).one().centre_epoch = 2
    assert owed(station) == 2
    link = DirectLink(here.centre)
    done = here.sync(station, link)
    assert (done.pending, lacking(here, station)) == (0, 0)
    assert [pack.read(data).header.count for data in link.sent[1:]] == [0, 1]


def test_a_restored_station_gets_back_what_it_lost(here: World, station: Node) -> None:
    old = copy_of(station)
    names = hang(station, 3)
    here.sync(station)
    put_back(station, old)
    done = here.sync(station)
    assert (done.fetched, done.pending) == (3, 0)
    assert has(station, station.desk.office_id, names) == set(names)
    assert owed(station) == 0


def test_many_contents_that_are_missing_come_page_by_page(
    here: World, station: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(at_centre, "ON_LINE", 7000)
    monkeypatch.setattr(blobs, "WANTS", 4)
    names = hang(station, 9)
    here.sync(station)
    forget(station, names)
    forget(here.node, names[:2])
    assert here.sync(station).fetched == 7
    assert has(station, station.desk.office_id, names) == set(names[2:])


def test_what_was_undone_or_taken_away_before_it_was_sent_stays_here(
    here: World, station: Node
) -> None:
    hang(station, 2)
    keep, gone = station.get(lambda session: session.scalars(select(Attachment)).all())
    station.do(_void, gone.id)
    done = here.sync(station)
    assert (done.contents, done.pending) == (1, 0)
    assert has(here.node, station.desk.office_id, [keep.sha256, gone.sha256]) == {keep.sha256}


def _void(session: Session, key: str) -> None:
    session.get_one(Attachment, key).is_void = True


def test_a_person_may_stop_between_parts(
    here: World, station: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blobs, "ON_LINE", 3000)
    hang(station, 3)
    said: list[str] = []

    def stop(_number: int, words: str, _share: float = 0) -> bool:
        said.append(words)
        return "第 2 / 3 包" in words

    done = talk.sync_now(station.store, station.keys, DirectLink(here.centre), STATION, stop)
    assert done.stopped
    assert owed(station) == 2
    assert here.sync(station).contents == 2


def test_over_https_on_both_databases(served: Running) -> None:
    station = served.here.station(STATION)
    names = hang(station, 3, 700_000)
    done = served.sync(station)
    assert (done.contents, done.pending) == (3, 0)
    forget(station, names)
    assert served.sync(station).fetched == 3


def test_killed_after_any_commit_the_rest_is_carried_later(
    here: World, station: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each commit of station or centre is the last thing that happens."""
    monkeypatch.setattr(blobs, "ON_LINE", 3000)
    names = hang(station, 3)
    for number in range(40):
        left = [number]

        class Dying(DirectLink):
            def exchange(self, data: bytes, left: Any = left) -> bytes:
                left[0] -= 1
                if left[0] < 0:
                    raise KeyboardInterrupt
                answer = super().exchange(data)
                left[0] -= 1
                if left[0] < 0:
                    raise KeyboardInterrupt
                return answer

        try:
            here.sync(station, Dying(here.centre))
            break
        except KeyboardInterrupt:
            assert lacking(here, station) <= owed(station)
    assert owed(station) == lacking(here, station) == 0
    assert has(here.node, station.desk.office_id, names) == set(names)


# on a stick ----------------------------------------------------------------------------------


def carried(here: World, station: Node, stick: Path) -> None:
    """To the centre and back."""
    sticks.unpack_stick(here.centre, stick)
    sticks.pack_stick(here.centre, stick)
    unpack_stick(station.store, station.keys, stick, here.folder / "inbox", station.code)


def test_a_stick_brings_contents_and_their_receipt(
    here: World, station: Node, tmp_path: Path
) -> None:
    names = hang(station, 3)
    stick = tmp_path / "stick"
    stick.mkdir()
    pack_stick(station.store, station.keys, stick, STATION)
    assert owed(station) == 3
    assert sorted(one.name.split("-")[2][0] for one in stick.iterdir()) == ["1", "B"]
    carried(here, station, stick)
    assert (owed(station), lacking(here, station)) == (0, 0)
    assert has(here.node, station.desk.office_id, names) == set(names)
    left = [one.name for one in stick.iterdir()]
    assert not [name for name in left if name.split("-")[2].startswith("B")]


def test_written_twice_a_stick_holds_contents_once(
    here: World, station: Node, tmp_path: Path
) -> None:
    hang(station, 3)
    stick = tmp_path / "stick"
    stick.mkdir()
    for _ in range(2):
        pack_stick(station.store, station.keys, stick, STATION)
    files = [one for one in stick.iterdir() if "-B" in one.name]
    assert len(files) == 1


@pytest.mark.parametrize("lost", range(3))
def test_a_part_that_never_arrives_is_on_the_next_stick(
    here: World, station: Node, tmp_path: Path, lost: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blobs, "ON_STICK", 3000)
    names = hang(station, 3)
    stick = tmp_path / "stick"
    stick.mkdir()
    pack_stick(station.store, station.keys, stick, STATION)
    parts = sorted(one for one in stick.iterdir() if "-B" in one.name)
    assert len(parts) == 3
    parts[lost].unlink()
    carried(here, station, stick)
    assert (owed(station), lacking(here, station)) == (1, 1)
    assert station.get(talk.standing).pending == 1
    pack_stick(station.store, station.keys, stick, STATION)
    carried(here, station, stick)
    assert (owed(station), lacking(here, station)) == (0, 0)
    assert has(here.node, station.desk.office_id, names) == set(names)


def test_contents_may_come_before_their_records_and_come_twice(
    here: World, station: Node, tmp_path: Path
) -> None:
    names = hang(station, 2)
    stick = tmp_path / "stick"
    stick.mkdir()
    pack_stick(station.store, station.keys, stick, STATION)
    contents_file, changes = sorted(stick.iterdir(), key=lambda one: "-B" not in one.name)
    for path in (contents_file, contents_file, changes):
        here.centre.accept(path.read_bytes())
    assert lacking(here, station) == 0
    assert has(here.node, station.desk.office_id, names) == set(names)


def test_a_cut_off_file_costs_itself_only(here: World, station: Node, tmp_path: Path) -> None:
    hang(station, 2)
    stick = tmp_path / "stick"
    stick.mkdir()
    pack_stick(station.store, station.keys, stick, STATION)
    (part,) = (one for one in stick.iterdir() if "-B" in one.name)
    part.write_bytes(part.read_bytes()[:-100])
    done = sticks.unpack_stick(here.centre, stick)
    assert [name for name, _ in done.refused] == [part.name]
    assert len(done.files) == 1
    assert lacking(here, station) == 2


def test_a_restored_station_without_a_line_gets_its_contents_by_stick(
    here: World, station: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(at_centre, "ON_STICK", 3000)
    stick = tmp_path / "stick"
    stick.mkdir()
    old = copy_of(station)
    names = hang(station, 3)
    pack_stick(station.store, station.keys, stick, STATION)
    carried(here, station, stick)
    put_back(station, old)
    for _ in range(2):  # first the records, then what they name
        pack_stick(station.store, station.keys, stick, STATION)
        carried(here, station, stick)
    assert has(station, station.desk.office_id, names) == set(names)
    pack_stick(station.store, station.keys, stick, STATION)
    carried(here, station, stick)
    assert not [one.name for one in stick.iterdir() if one.name.endswith("-W.sangyu")]
    sizes = {one.name: one.stat().st_size for one in stick.iterdir() if "-C" in one.name}
    assert all(size < 3000 for size in sizes.values()), sizes
