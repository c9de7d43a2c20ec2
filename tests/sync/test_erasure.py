"""A person's data are erased by the head of the centre (sync.md 4.5): nothing of them is left in
any place, whoever held them, whatever is put back and whatever comes late; every change has its
outcome and every chain still proves itself."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import acts, audit, draft, erasure, handover, movement, undo
from app.kit.refusal import Refusal
from models import attachment as contents
from models.attachment import Attachment
from models.exchange import (
    STREAM,
    Change,
    Conflict,
    Downlink,
    Erased,
    Installation,
    Unread,
    new_epoch,
)
from models.kit import db
from models.kit.db import Store
from models.kit.stream import link
from models.retiree import Retiree
from sync import blobs, later, salvage
from sync.centre.keeping import erasing
from sync.centre.keeping.journal import Journal
from sync.centre.recall import recall
from sync.centre.serving import writer
from sync.centre.telling import paging
from sync.fault import Fault
from sync.message import Emptied, Erase, Item, decode_item
from sync.records import Write
from sync.station import agree, inbox, outbox
from sync.station import run as talk
from tests.sync import leaks
from tests.sync.leaks import GROUND, KIN, NAME, NOTE, OTHER, SECRETS, head, someone
from tests.sync.move_parts import NEW, OLD, ON, take, visit
from tests.sync.parts import (
    KEY,
    DirectLink,
    Node,
    World,
    copy_of,
    edit,
    put_back,
    register,
    swap,
    world,
)

THIRD = "460203198003"


@pytest.fixture
def here(centre_store: Store | None, tmp_path: Path) -> Iterator[World]:
    """On both databases of a centre."""
    made = three_stations(tmp_path, centre_store)
    yield made
    made.centre.store.close()


@pytest.fixture
def alone(tmp_path: Path) -> World:
    """On a file, which can be put back."""
    return three_stations(tmp_path)


def three_stations(folder: Path, store: db.Store | None = None) -> World:
    made = world(folder, store)
    made.centre.journal = Journal(folder / "raw")
    made.node.desk = head(made.node.desk, "centre_head")
    for code in (OLD, NEW, THIRD):
        node = made.station(code)
        node.desk = head(node.desk, "head")
    for node in made.stations:
        made.sync(node)
    return made


def edits(station: Node, key: str, **values: str) -> None:
    station.do(edit, key, **values)


def known_everywhere(here: World) -> str:
    """Registered at the first station, taken over by the second, offered to the third; the centre
    wrote of them too, and so did the first before it knew."""
    old, new, third = here.stations
    key: str = old.do(someone)
    old.do(register, name=OTHER, id_no="519902195203140022")
    here.sync(old)
    here.node.do(edit, key, door_note=f"{NAME} 耳背")
    old.do(movement.moved_out, key, ON, f"{new.code}社区", "子女同住")
    for node in (old, new):
        here.sync(node)
    old.do(edit, key, remark=f"{NAME} 的钥匙在门卫")
    take(here, new)
    here.sync(old)
    new.do(edit, key, hobbies=f"{NAME} 爱唱琼剧")
    new.do(movement.moved_out, key, ON, f"{third.code}社区", "随子女")
    for node in (new, third):
        here.sync(node)
    assert leaks.found(leaks.of_centre(here), SECRETS)
    for node in here.stations:
        assert leaks.found(leaks.of_node(node), SECRETS)
    return key


def erase(here: World, key: str) -> None:
    here.node.do(erasure.erase, key, NAME, GROUND)
    here.centre.keep()


def is_clean(here: World, *nodes: Node) -> None:
    """Not one byte of them is left at the centre or at these stations."""
    assert leaks.found(leaks.of_centre(here), SECRETS) == []
    for node in nodes:
        assert leaks.found(leaks.of_node(node), SECRETS) == []


def proves_itself(node: Node) -> None:
    """Every chain of this database is the one that was written."""
    rows = node.get(lambda s: s.scalars(select(Change).order_by(
        Change.office_id, Change.incarnation, Change.seq)).all())  # fmt: skip
    chain: dict[tuple[str, str], bytes] = {}
    for row in rows:
        at = (row.office_id, row.incarnation)
        assert link(chain.get(at, b"\0" * 32), row.head) == row.hash
        chain[at] = row.hash


def test_nothing_is_left_of_an_erased_person_wherever_they_were_held(
    here: World,
) -> None:
    key = known_everywhere(here)
    erase(here, key)
    is_clean(here)
    for node in here.stations:
        done = here.sync(node)
        assert done.erased == [key]
    is_clean(here, *here.stations)
    for node in (here.node, *here.stations):
        assert node.person(key) is None
        proves_itself(node)
    assert len(here.node.get(lambda s: s.scalars(select(Erased.id)).all())) > 4


def test_others_keep_what_is_theirs_and_both_sides_still_agree(here: World) -> None:
    key = known_everywhere(here)
    erase(here, key)
    for node in here.stations:
        here.sync(node)
    old = here.stations[0]
    assert old.get(lambda s: [one.name for one in s.scalars(select(Retiree))]) == [OTHER]
    for node in here.stations:
        assert None not in node.outcomes()
        found = agree.over(node.store, node.keys, here.card, DirectLink(here.centre), node.code)
        assert found is None or (found.compared and not found.differs and not found.figures)


def test_whoever_had_not_read_all_of_it_reads_on_without_a_gap(here: World) -> None:
    """Half of what stood unread is about them; the station has read to the middle of it."""
    old, new, _ = here.stations
    key = known_everywhere(here)
    for number in range(4):
        here.node.do(edit, key, remark=f"{NAME} {number}")
        here.node.do(edit, key, door_note=f"{number}楼")
    with new.store.look() as session:
        (part,) = outbox.parts(session, new.keys, here.card, new.code)
    with pytest.MonkeyPatch.context() as short:
        short.setattr(paging, "PAGE_ITEMS", 2)
        late = here.centre.accept(part.data).data
    erase(here, key)
    done = talk.Exchanged()
    talk.take(new.store, new.keys, here.card, late, done)
    assert done.remaining > 2
    assert new.person(key) is not None
    here.sync(new)
    assert new.person(key) is None
    here.sync(old)
    is_clean(here, new, old)
    bodies = here.node.get(lambda s: s.scalars(select(Downlink.body)).all())
    said = [decode_item(one) for one in bodies]
    assert {one.person_id for one in said if isinstance(one, Erase)} == {key}
    assert any(isinstance(one, Emptied) for one in said)


def test_what_was_written_about_them_and_not_sent_is_delivered_empty_and_gets_its_outcome(
    here: World,
) -> None:
    old, new, _ = here.stations
    key = known_everywhere(here)
    new.do(edit, key, mobile="13800000555")
    new.do(lambda s: s.add(visit(key, living_note=NOTE)))
    new.do(register, name=OTHER, id_no="519902195203140022")
    erase(here, key)
    here.sync(new)
    is_clean(here, new)
    outcomes = new.outcomes()
    assert None not in outcomes
    assert outcomes.count("erased") >= 2
    here.sync(old)
    proves_itself(here.node)


def test_a_stick_that_comes_a_year_late_is_emptied_as_it_is_heard(here: World) -> None:
    new = here.stations[1]
    key = known_everywhere(here)
    new.do(edit, key, mobile="13800000555", remark=NAME)
    new.do(lambda s: s.add(visit(key, living_note=NOTE)))
    (photo,) = new.get(lambda s: s.scalars(select(Attachment.id)).all())
    new.do(audit.note, "查看", "attachment", photo, f"{NAME} 的证件照")

    def both(session: Session) -> str:
        edit(session, key, door_note=NOTE)
        return register(session, name=OTHER, id_no="519902195203140022")

    other = new.do(both)
    with new.store.look() as session:
        files = outbox.parts(session, new.keys, here.card, new.code)
    erase(here, key)
    for part in files:
        here.centre.accept(part.data)
    here.centre.keep()
    is_clean(here)
    assert here.node.person(other) is not None
    here.sync(new)
    is_clean(here, new)
    assert new.outcomes().count("erased") == 4


def test_a_station_put_back_asks_for_nothing_and_offers_nothing_of_them(here: World) -> None:
    new = here.stations[1]
    key = known_everywhere(here)
    new.do(edit, key, mobile="13800000555", remark=NAME)
    copy = copy_of(new)
    erase(here, key)
    here.sync(new)
    put_back(new, copy)
    erasure.erase_again(new.store, {key: ""})
    is_clean(here, new)
    for _ in range(2):
        here.sync(new)
    is_clean(here, new)
    assert None not in new.outcomes()


def test_a_station_put_back_without_its_mark_hears_it_again(here: World) -> None:
    new = here.stations[1]
    key = known_everywhere(here)
    copy = copy_of(new)
    erase(here, key)
    here.sync(new)
    put_back(new, copy)
    assert new.person(key) is not None
    here.sync(new)
    is_clean(here, new)


def test_the_centre_put_back_brings_nobody_back(alone: World) -> None:
    here = alone
    before = copy_of(here.node)
    here.centre.store = here.node.store
    key = known_everywhere(here)
    between = copy_of(here.node)
    here.centre.store = here.node.store
    erase(here, key)
    here.sync(here.stations[1])
    want = records(here)
    for copy in (between, before):
        swap(here.node, copy)
        here.centre.store = here.node.store
        assert recall(here.centre) is not None
        here.centre.keep()
        is_clean(here)
        assert records(here) == want
        for node in here.stations:
            here.sync(node)
        is_clean(here, *here.stations)
        for node in here.stations:
            assert None not in node.outcomes()


def records(here: World) -> object:
    """Whom the centre has, and the verdict of every change of the stations."""
    people = here.node.get(lambda s: sorted(s.scalars(select(Retiree.id))))
    log = here.node.get(lambda s: sorted(
        (row.office_id, row.incarnation, row.seq, row.outcome or "", row.payload or b"")
        for row in s.scalars(select(Change))
        if row.office_id != here.node.desk.office_id))  # fmt: skip
    return people, log


def test_a_centre_without_its_files_still_knows_who_was_erased(alone: World) -> None:
    here = alone
    key = known_everywhere(here)
    copy = copy_of(here.node)
    here.centre.store = here.node.store
    erase(here, key)
    for file in (here.folder / "raw").glob("*.raw"):
        file.unlink()
    swap(here.node, copy)
    here.centre.store = here.node.store
    recall(here.centre)
    assert here.node.person(key) is None


def test_who_did_what_names_nobody_where_all_was_said_anew_before(here: World) -> None:
    """The centre had begun to count anew, so its own station was told it again, with its words."""
    station = here.stations[0]
    key: str = station.do(someone)
    here.sync(station)
    with here.node.store.apply() as session:
        new_epoch(session)
    here.sync(station)
    erase(here, key)
    here.sync(station)
    is_clean(here, station)


def test_only_the_head_of_the_centre_erases_with_a_ground_and_the_name_typed(here: World) -> None:
    key = known_everywhere(here)
    for name, ground in ((OTHER, GROUND), (NAME, "无"), (NAME, f"{NAME} 本人申请")):
        with pytest.raises(Refusal):
            here.node.do(erasure.erase, key, name, ground)
    here.node.desk = head(here.node.desk, "centre_clerk")
    with pytest.raises(Refusal):
        here.node.do(erasure.erase, key, NAME, GROUND)
    assert here.node.person(key) is not None


def test_an_older_program_keeps_the_word_until_its_upgrade(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does not know the item: that waits unread, and what follows goes on."""
    new = here.stations[1]
    key = known_everywhere(here)
    erase(here, key)
    with monkeypatch.context() as older:
        read = later.understood
        older.setattr(later, "understood", lambda body: _known_then(read(body)))
        here.sync(new)
        assert new.get(lambda s: s.scalars(select(Unread)).first()) is not None
        other = new.do(register, name=OTHER, id_no="519902195203140022")
        here.sync(new)
        here.node.do(edit, other, remark="还在")
        here.sync(new)
        remark = select(Retiree.remark).where(Retiree.id == other)
        assert new.get(lambda s: s.scalar(remark)) == "还在"
    assert new.person(key) is not None
    inbox.after_upgrade(new.store)
    is_clean(here, new)
    assert new.get(lambda s: s.scalars(select(Unread)).first()) is None


def _known_then(item: Item | None) -> Item | None:
    return None if isinstance(item, Erase) else item


def test_what_waits_for_an_upgrade_goes_too(here: World) -> None:
    new = here.stations[1]
    key = known_everywhere(here)
    for node in (new, here.node):
        with node.store.apply() as session:
            said = Write({"wish": NOTE}, {"wish": "c" * 32})
            later.keep(session, new.desk.office_id, "retiree", key, said, {})
            later.keep(session, new.desk.office_id, "hobby", "f" * 32, Write(
                {"*": None, "retiree_id": key, "what": KIN}, {"*": "d" * 32}), {})  # fmt: skip
    erase(here, key)
    here.sync(new)
    is_clean(here, new)
    assert not new.get(later.is_any)
    assert not here.node.get(later.is_any)


def test_an_unfinished_form_about_them_goes_too(here: World) -> None:
    new = here.stations[1]
    key = known_everywhere(here)
    new.do(draft.save, "visit", key, {"living_note": NOTE})
    new.do(draft.save, "register", "", {"name": OTHER})
    erase(here, key)
    here.sync(new)
    is_clean(here, new)
    assert len(new.do(draft.waiting)) == 1


def test_what_waited_for_a_gap_or_for_something_else_is_emptied_and_decided(here: World) -> None:
    """The second of three sticks is missing; the first action of the third builds on it."""
    new = here.stations[1]
    key = known_everywhere(here)
    for number in range(3):
        new.do(edit, key, remark=f"{NAME} {number}", hobbies=f"{number}")
    with new.store.look() as session:
        one, two, three = outbox.parts(session, new.keys, here.card, new.code, 1)
    here.centre.accept(three.data)
    erase(here, key)
    is_clean(here)
    here.centre.accept(two.data)
    here.centre.accept(one.data)
    here.centre.keep()
    is_clean(here)
    here.sync(new)
    assert None not in new.outcomes()
    proves_itself(here.node)


def test_what_is_stored_and_not_decided_is_emptied_too(here: World) -> None:
    new = here.stations[1]
    key = known_everywhere(here)
    new.do(edit, key, remark=f"{NAME} 还没有定论")
    with new.store.look() as session:
        (part,) = outbox.parts(session, new.keys, here.card, new.code)
    here.centre.take_all([part.data], later=True)
    erase(here, key)
    is_clean(here)
    while names := here.centre.waiting():
        here.centre.decide_some(names)
    is_clean(here)
    here.sync(new)
    assert new.outcomes().count("erased") == 1


def test_a_file_that_is_not_believed_keeps_nothing_of_them(here: World) -> None:
    """Kept as evidence before, not kept at all afterwards."""
    new = here.stations[1]
    key = known_everywhere(here)
    new.do(edit, key, remark=NAME)
    with new.store.look() as session:
        (part,) = outbox.parts(session, new.keys, here.card, new.code)
    with here.centre.store.apply() as session:
        station = session.scalars(
            select(Installation).where(Installation.office_id == new.desk.office_id)
        ).one()
        approved, station.approved_at = station.approved_at, None
    with pytest.raises(Fault):
        here.centre.accept(part.data)
    erase(here, key)
    is_clean(here)
    with pytest.raises(Fault):
        here.centre.accept(part.data)
    is_clean(here)
    with here.centre.store.apply() as session:
        session.merge(station).approved_at = approved


def test_an_old_file_that_is_found_again_brings_nothing_of_them(here: World) -> None:
    """Salvage: the heads are offered, so that actions stay whole; the values are not looked at."""
    new = here.stations[1]
    key = known_everywhere(here)
    old = copy_of(new)

    def both(session: Session) -> str:
        edit(session, key, remark=NAME)
        return register(session, name=OTHER, id_no="519902195203140022")

    other = new.do(both)
    lost = copy_of(new)
    put_back(new, old)
    erase(here, key)
    here.sync(new)
    path = here.folder / "found.db"
    path.write_bytes(lost)
    there = db.open_file(path, KEY, STREAM)
    with new.store.apply() as session:
        found = salvage.compare(session, *salvage.of_store(there, new.desk.office_id))
        assert NAME not in salvage.names(found)
        salvage.offer(session, found)
    there.close()
    here.sync(new)
    is_clean(here, new)
    assert new.person(other) is not None
    assert here.node.person(other) is not None
    assert None not in new.outcomes()


def test_what_the_desktop_erased_is_emptied_by_a_service_nobody_speaks_to(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files are not the desktop's matter; the writer looks by itself after a while."""
    monkeypatch.setattr(writer, "IDLE", 0.01)
    key = known_everywhere(here)
    here.node.do(erasure.erase, key, NAME, GROUND)
    assert leaks.found(leaks.of_centre(here), SECRETS)
    line = writer.Writer(here.centre)
    try:
        while here.node.get(erasing.is_due):
            time.sleep(0.01)
    finally:
        line.close()
    is_clean(here)


def test_what_others_have_of_an_action_in_dispute_is_put_before_them(here: World) -> None:
    """The dispute goes with the person; the rest of the action would wait for ever."""
    new = here.stations[1]
    key = known_everywhere(here)
    other = new.do(register, name=OTHER, id_no="519902195203140022")
    here.sync(new)
    here.node.do(edit, key, bank_account="6217000000000001")

    def both(session: Session) -> None:
        edit(session, key, bank_account="6217000000000002", remark=NAME)
        edit(session, other, remark="一起走访")

    new.do(both)
    here.sync(new)
    assert "case" in new.outcomes()
    erase(here, key)
    here.sync(new)
    is_clean(here, new)
    (action,) = new.do(handover.handovers, handover.LATE).rows
    new.do(handover.adopt, action.id)
    here.sync(new)
    remark = select(Retiree.remark).where(Retiree.id == other)
    assert here.node.get(lambda s: s.scalar(remark)) == "一起走访"
    assert not here.node.get(lambda s: s.scalars(select(Conflict.id)).all())


def test_what_is_shown_afterwards_names_nobody_and_nothing_looks_tampered_with(
    here: World,
) -> None:
    new = here.stations[1]
    key = known_everywhere(here)
    new.do(audit.note, "查看", "retiree", key, f"查看 {NAME} 的电话")
    here.sync(new)
    new.do(audit.note, "查看", "retiree", key, f"再查看 {NAME} 的电话")
    erase(here, key)
    for node in here.stations:
        here.sync(node)
    for node in (here.node, *here.stations):
        assert node.get(audit.altered) == []
        shown = f"{node.do(acts.recent)}{node.do(audit.entries).rows}"
        assert not [one for one in SECRETS if one in shown]
    assert "清除资料" in f"{here.node.do(audit.entries).rows}"
    assert GROUND in f"{here.node.do(audit.entries).rows}"
    for noun, step in ((new, undo.last), (here.node, undo.last)):
        noun.do(step)


@pytest.mark.parametrize("of_erased", [False, True])
def test_a_picture_that_no_word_names_is_kept_where_it_is_said_to_be_anothers(
    alone: World,
    of_erased: bool,  # noqa: FBT001
) -> None:
    """The centre has forgotten that it hung on somebody, who has left since."""
    station = alone.stations[0]
    key = known_everywhere(alone)
    other: str = station.do(register, name=OTHER, id_no="519902195203141228")
    another: str = station.do(someone)
    alone.sync(station)
    erase(alone, key)
    whose = {"of_person": key if of_erased else other}
    with station.store.apply() as session:
        name = contents.keep(session, station.desk.office_id, b"a picture")
        contents.mark(session, station.desk.office_id, [name], **whose)
    speaks = blobs.Station(station.keys, alone.card, station.code)
    blobs.carry(station.store, speaks, DirectLink(alone.centre))
    assert station.get(contents.owed_count) == of_erased
    erase(alone, another)
    at_centre = alone.node.get(lambda s: list(s.scalars(select(contents.Blob.sha256))))
    assert at_centre == ([] if of_erased else [name])
