"""A person goes from one station to another: never in two scopes or none, nothing lost,
nothing kept that is no longer one's own (sync.md 4.11)."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import attachment, handover, movement, retiree, voided
from app.attachment import New
from app.kit.pictures import JPEG, Picture
from app.kit.refusal import Refusal
from models.attachment import Attachment, Blob
from models.entities import GOES_ALONG
from models.exchange import Change, Replica
from models.family import Family
from models.handover import DECLINED, TAKEN, WITHDRAWN, Handover
from models.kit import search
from models.kit.db import Store
from models.kit.ids import new_id
from models.kit.stream import link, read_head
from models.movement import Movement
from models.retiree import DEAD, LOST, MANAGED, MOVED_OUT, MOVING_OUT, Retiree
from models.ruling import NOW, OTHER
from models.visit import Visit
from sync import blobs
from sync.station import outbox
from tests.sync.move_parts import (
    ON,
    first_offer,
    hears,
    held_of,
    moved,
    offered,
    take,
    two_stations,
    visit,
    whole,
)
from tests.sync.parts import DirectLink, Node, World, copy_of, edit, put_back, swap
from tests.sync.people import choose, seat


@pytest.fixture
def here(centre_store: Store | None, tmp_path: Path) -> Iterator[World]:
    """On both databases of a centre."""
    made = two_stations(tmp_path, centre_store)
    yield made
    made.centre.store.close()


def test_the_new_station_sees_who_is_offered_and_nothing_more(here: World) -> None:
    old, new = here.stations
    key = offered(here, old, new)
    assert held_of(new, key) == {}
    (seen,) = new.do(handover.handovers).rows
    assert (seen.name, seen.other, seen.brings) == (
        "王秀英", f"{old.code}社区", "全部资料、走访记录 1 条、家属 1 条",
    )  # fmt: skip
    assert "519902" in seen.id_no
    assert "194611230269" not in seen.id_no
    assert old.person(key).manage_state == MOVING_OUT  # type: ignore[union-attr]


def test_whoever_takes_a_person_over_gets_the_whole_record_and_the_other_keeps_a_stub(
    here: World,
) -> None:
    old, new = here.stations
    key = offered(here, old, new)
    before = held_of(old, key)
    new.do(handover.take, new.get(first_offer))
    assert held_of(new, key) == {}, "not before the centre has said so"
    here.sync(new)
    assert held_of(new, key) == before | held_of(new, key)
    came = new.person(key)
    assert came is not None
    assert (came.office_id, came.manage_state) == (new.desk.office_id, MANAGED)
    assert (came.bank_account, came.injury_grade) == ("6217000000000001", 5)

    assert held_of(old, key) == before, "still in sight until it has heard"
    here.sync(old)
    assert held_of(old, key) == {"retiree": 1}
    stub = old.person(key)
    assert stub is not None
    assert (stub.name, stub.manage_state) == ("王秀英", MOVED_OUT)
    assert (stub.mobile, stub.bank_account, stub.injury_grade) == (None, None, None)
    assert stub.id not in old.get(lambda s: list(s.scalars(search.found("13800000001"))))


def test_the_register_of_each_side_explains_its_month(here: World) -> None:
    old, new = here.stations
    key = moved(here, old, new)
    here.sync(new)
    for node, kinds in ((old, {"3"}), (new, {"2"})):
        office_id = node.desk.office_id
        own = select(Movement.change_type).where(
            Movement.retiree_id == key, Movement.office_id == office_id
        )
        with node.store.look() as session:
            assert set(session.scalars(own)) == kinds
    last = old.do(movement.movements, key)[0]
    assert (last.to_state, last.other) == (MOVED_OUT, f"{new.code}社区")


def test_own_words_about_who_left_are_emptied_and_the_chain_still_proves_itself(
    here: World,
) -> None:
    old, new = here.stations
    key = moved(here, old, new)

    def look(session: Session) -> tuple[set[str], bool]:
        chain, full = b"\0" * 32, set()
        for row in session.scalars(select(Change).order_by(Change.seq)):
            chain = link(chain, row.head)
            says = row.payload is not None or row.former is not None
            if says and row.entity in {one.__tablename__ for one in GOES_ALONG}:
                full.add(read_head(row.head).entity_id)
        return full, chain == session.scalars(select(Replica.head)).one()

    full, is_whole = old.get(look)
    assert key not in full
    assert is_whole


def test_a_declined_person_stays_where_they_are_with_the_reason(here: World) -> None:
    old, new = here.stations
    key = offered(here, old, new)
    with pytest.raises(Refusal):
        new.do(handover.decline, new.get(first_offer), " ")
    new.do(handover.decline, new.get(first_offer), "查无此住址")
    for node in (new, old):
        here.sync(node)
    (told,) = old.do(handover.handovers, handover.SENT).rows
    assert (told.state, told.reason) == (DECLINED, "查无此住址")
    assert old.person(key).manage_state == MOVING_OUT  # type: ignore[union-attr]
    old.do(movement.stayed, key, "对方未接收")
    assert old.person(key).manage_state == MANAGED  # type: ignore[union-attr]


def test_of_an_offer_withdrawn_while_it_was_declined_the_person_stays_with_all_that_was_said(
    here: World,
) -> None:
    old, new = here.stations
    key = offered(here, old, new)
    old.do(movement.stayed, key, "子女改了主意")
    new.do(handover.decline, new.get(first_offer), "查无此住址")
    here.sync(new)
    here.sync(old)
    here.sync(new)
    assert "refused" not in old.outcomes()
    assert old.person(key).manage_state == MANAGED  # type: ignore[union-attr]
    assert here.node.person(key).manage_state == MANAGED  # type: ignore[union-attr]
    assert held_of(here.node, key) == held_of(old, key)
    assert new.do(handover.waiting) == {"offers": 0, "late": 0}
    (said,) = old.do(handover.handovers, handover.SENT).rows
    assert said.state in (DECLINED, WITHDRAWN)


def test_of_an_offer_withdrawn_and_taken_at_once_the_first_to_be_read_holds(here: World) -> None:
    old, new = here.stations
    key = offered(here, old, new)
    old.do(movement.stayed, key, "子女改了主意")
    new.do(handover.take, new.get(first_offer))
    here.sync(old)
    here.sync(new)
    assert held_of(new, key) == {}
    assert held_of(old, key)["visit"] == 1
    assert "refused" in new.outcomes()
    assert new.do(handover.waiting) == {"offers": 0, "late": 0}


def test_what_the_old_station_wrote_before_it_knew_is_put_before_the_new_one(here: World) -> None:
    old, new = here.stations
    key = offered(here, old, new)
    take(here, new)
    old.do(edit, key, mobile="13800000002", door_note="敲三下")
    late_visit = new_id()
    old.do(add_visit, key, late_visit)
    here.sync(old)
    assert "late" in old.outcomes()
    assert held_of(old, key) == {"retiree": 1}
    assert old.person(key).mobile is None  # type: ignore[union-attr]
    here.sync(new)
    assert new.person(key).mobile == "13800000001"  # type: ignore[union-attr]

    phone, walk = new.do(handover.handovers, handover.LATE).rows
    assert (phone.office, phone.labels) == (f"{old.code}社区", "手机、上门须知")
    assert [(one.now, one.late) for one in phone.fields][1] == ("没有填", "敲三下")
    new.do(handover.adopt, phone.id)
    assert new.person(key).mobile == "13800000002"  # type: ignore[union-attr]
    new.do(handover.adopt, walk.id)
    assert new.get(lambda s: s.get(Visit, late_visit)).office_id == new.desk.office_id
    with pytest.raises(Refusal):
        new.do(handover.leave, walk.id, "")
    for node in (new, old):
        here.sync(node)
    assert here.node.person(key).mobile == "13800000002"  # type: ignore[union-attr]
    heard = old.get(lambda s: set(s.scalars(select(Change.reason).where(Change.outcome == "late"))))
    assert heard == {f"{new.code}社区 已采用"}


def add_visit(session: Session, key: str, visit_id: str) -> None:
    session.add(visit(key, id=visit_id))


def test_a_late_record_is_put_before_the_new_station_with_what_was_changed_in_it_at_once(
    here: World,
) -> None:
    old, new = here.stations
    key = offered(here, old, new)
    take(here, new)
    late_visit = new_id()
    old.do(add_visit, key, late_visit)
    old.do(corrects, late_visit)
    here.sync(old)  # both in one file
    here.sync(new)
    walk, correction = new.do(handover.handovers, handover.LATE).rows
    for one in (walk, correction):
        new.do(handover.adopt, one.id)
    assert new.get(lambda s: s.get_one(Visit, late_visit).living_note) == "与子女同住"


def corrects(session: Session, visit_id: str) -> None:
    session.get_one(Visit, visit_id).living_note = "与子女同住"


def test_an_offer_of_somebody_who_had_left_already_stands_nowhere(here: World) -> None:
    old, new = here.stations
    key = offered(here, old, new)
    take(here, new)
    old.do(movement.stayed, key, "子女改了主意")
    old.do(movement.moved_out, key, ON, f"{new.code}社区", "还是去")
    assert len(old.do(handover.handovers, handover.SENT).rows) == 2
    here.sync(old)
    (told,) = old.do(handover.handovers, handover.SENT).rows
    assert told.state == TAKEN
    assert held_of(old, key) == {"retiree": 1}


@pytest.mark.parametrize("is_withdrawn", [False, True])
def test_an_offer_of_somebody_whose_death_another_computer_noted_stands_nowhere(
    here: World,
    is_withdrawn: bool,  # noqa: FBT001
) -> None:
    old, new = here.stations
    key: str = old.do(whole)
    other = here.new_pc(old)
    for node in (old, other):
        here.sync(node)
    other.do(edit, key, manage_state=DEAD)
    here.sync(other)
    old.do(movement.moved_out, key, ON, f"{new.code}社区", "子女同住")
    if is_withdrawn:
        old.do(movement.stayed, key, "不搬了")
    for node in (old, new, other):
        here.sync(node)
    assert None not in old.outcomes()
    for node in (old, other):
        seat(node, "head")
        assert not node.do(handover.handovers, handover.SENT).rows
        assert node.get(lambda s: s.get_one(Retiree, key).manage_state) == DEAD


@pytest.mark.parametrize("chosen", [NOW, OTHER])
def test_an_offer_in_an_action_in_dispute_stands_only_where_the_action_is_taken(
    here: World, chosen: str
) -> None:
    old, new = here.stations
    seat(here.node, "centre_head")
    key: str = old.do(whole)
    here.sync(old)
    here.node.do(edit, key, manage_state=LOST)
    old.do(movement.moved_out, key, ON, f"{new.code}社区", "子女同住")
    here.sync(old)
    assert not old.do(handover.handovers, handover.SENT).rows
    choose(here, key, chosen)
    for node in (old, new):
        here.sync(node)
    stands = chosen == OTHER
    assert len(old.do(handover.handovers, handover.SENT).rows) == stands
    assert new.do(handover.waiting)["offers"] == stands


def test_a_late_change_that_is_left_changes_nothing_and_its_author_hears_why(here: World) -> None:
    old, new = here.stations
    key = offered(here, old, new)
    take(here, new)
    old.do(edit, key, mobile="13800000002")
    here.sync(old)
    here.sync(new)
    (late,) = new.do(handover.handovers, handover.LATE).rows
    new.do(handover.leave, late.id, "已停机")
    for node in (new, old):
        here.sync(node)
    assert new.person(key).mobile == "13800000001"  # type: ignore[union-attr]
    (told,) = old.get(
        lambda s: s.scalars(select(Change.reason).where(Change.outcome == "late")).all()
    )
    assert told == f"{new.code}社区 没有采用：已停机"


def test_what_was_written_in_an_earlier_tenure_is_late_even_after_the_person_came_back(
    here: World,
) -> None:
    old, new = here.stations
    key = offered(here, old, new)
    copy = copy_of(old)
    old.do(edit, key, mobile="13800000002")
    late_visit = new_id()
    old.do(add_visit, key, late_visit)
    stick = export(here, old)  # lost, and found after the person has gone and come back
    put_back(old, copy)
    take(here, new)
    new.do(edit, key, mobile="13800000009")
    new.do(movement.moved_out, key, ON, f"{old.code}社区", "搬回")
    here.sync(new)
    hears(here, old)
    hears_offer = old.get(first_offer)
    assert held_of(old, key) == {"retiree": 1}
    old.do(handover.take, hears_offer)
    here.sync(old)
    for data in stick:
        here.centre.accept(data)
    here.sync(old)
    assert old.person(key).mobile == "13800000009"  # type: ignore[union-attr]
    assert here.node.person(key).mobile == "13800000009"  # type: ignore[union-attr]
    assert None not in old.outcomes()
    assert old.do(handover.waiting)["late"] == 1
    same_records(here, old, key)


def export(here: World, node: Node) -> list[bytes]:
    with node.store.look() as session:
        return [p.data for p in outbox.parts(session, node.keys, here.card, node.code)]


def same_records(here: World, node: Node, key: str) -> None:
    assert held_of(node, key) == held_of(here.node, key)


def test_photos_go_with_the_person(here: World) -> None:
    old, new = here.stations
    key: str = old.do(whole)
    photo = Picture(b"a photo" * 400, JPEG, 60, 80, 1, None)
    old.do(attachment.attach, key, [New(photo, "02")])
    carry(here, old)
    old.do(movement.moved_out, key, ON, f"{new.code}社区", "子女同住")
    carry(here, old)
    here.sync(new)
    take(here, new)
    carry(here, new)
    carry(here, old)
    names = select(Attachment.sha256).where(Attachment.retiree_id == key)
    (name,) = new.get(lambda s: s.scalars(names).all())
    kept = select(Blob.sha256)
    assert new.get(lambda s: s.scalars(kept).all()) == [name]
    assert old.get(lambda s: s.scalars(kept).all()) == []


def carry(here: World, node: Node) -> None:
    here.sync(node)
    link_ = DirectLink(here.centre)
    blobs.carry(node.store, blobs.Station(node.keys, here.card, node.code), link_)


def test_an_old_copy_of_the_old_station_learns_again_that_the_person_left(here: World) -> None:
    old, new = here.stations
    key = offered(here, old, new)
    copy = copy_of(old)
    take(here, new)
    here.sync(old)
    put_back(old, copy)
    assert held_of(old, key)["visit"] == 1
    old.do(edit, key, mobile="13800000002")
    for node in (old, new):
        here.sync(node)
    assert held_of(old, key) == {"retiree": 1}
    assert new.do(handover.waiting)["late"] == 1


def test_a_stub_bears_the_name_of_the_day_they_left_also_where_the_centre_begins_anew(
    tmp_path: Path,
) -> None:
    """What they are called now is the present station's to know."""
    left_with_the_name_of_that_day(two_stations(tmp_path))


def left_with_the_name_of_that_day(here: World) -> None:
    old, new = here.stations
    key = moved(here, old, new)
    new.do(edit, key, name="王秀兰")
    here.sync(new)
    copy = copy_of(here.node)
    new.do(edit, key, mobile="13800000002")
    for node in (new, old):
        here.sync(node)
    swap(here.node, copy)
    here.centre.store = here.node.store
    for node in (old, new, old):
        here.sync(node)
    assert [node.person(key).name for node in (old, new)] == ["王秀英", "王秀兰"]  # type: ignore[union-attr]


def test_what_a_restore_offered_again_about_who_left_is_emptied_in_both_streams(
    here: World,
) -> None:
    old, new = here.stations
    key = offered(here, old, new)
    take(here, new)
    old.do(edit, key, mobile="13800000009")  # before it knows, and before its database is put back
    put_back(old, copy_of(old))
    for node in (old, new, old):
        here.sync(node)
    query = select(Change.outcome, Change.payload).where(Change.entity_id == key)
    words = old.get(lambda session: session.execute(query).all())
    assert {row.outcome for row in words} >= {"late", "reoffered"}
    assert {row.payload for row in words} == {None}


def test_a_person_offered_to_two_goes_to_the_one_that_takes_them(here: World) -> None:
    old, new = here.stations
    third = here.station("460203198003")
    key = offered(here, old, new)

    def twice(session: Session) -> None:
        one = session.scalars(select(Handover)).one()
        values = {name: getattr(one, name) for name in ("person_id", "name", "moved_on", "basis")}
        session.add(Handover(id=new_id(), to_office_id=third.desk.office_id, **values))

    old.do(twice)
    for node in (old, third):
        here.sync(node)
    third.do(handover.take, third.get(first_offer))
    new.do(handover.take, new.get(first_offer))
    for node in (new, third, old):
        here.sync(node)
    assert held_of(new, key)["visit"] == 1
    assert held_of(third, key) == {}
    assert third.do(handover.waiting)["offers"] == 0


@pytest.mark.parametrize("what", ["another_station", "back_to_offered", "somebody_elses_person"])
def test_who_may_not_hand_over_is_refused_and_the_words_stay_as_evidence(
    here: World, what: str
) -> None:
    old, new = here.stations
    third = here.station("460203198003")
    key = offered(here, old, new)

    def meddle(session: Session) -> None:
        if what == "somebody_elses_person":
            made = Handover(
                id=new_id(), person_id=key, name="王秀英", to_office_id=third.desk.office_id,
                moved_on=ON, basis="冒领",
            )  # fmt: skip
            session.add(made)
            return
        found = session.scalars(select(Handover)).one()
        if what == "another_station":
            found.to_office_id = third.desk.office_id
        else:
            found.remark = "请再看看"

    new.do(meddle)
    here.sync(new)
    assert new.outcomes()[-1] == "refused"
    kept = here.node.get(
        lambda s: s.scalars(select(Change).where(Change.outcome == "refused")).all()
    )
    assert kept
    assert all(one.payload for one in kept)
    assert here.node.person(key).office_id == old.desk.office_id  # type: ignore[union-attr]
    offers = here.node.get(lambda s: s.scalars(select(Handover)).all())
    assert [(one.to_office_id, one.remark) for one in offers] == [(new.desk.office_id, None)]


def test_who_came_by_mistake_is_voided_at_the_centre_too(here: World) -> None:
    old, new = here.stations
    key = moved(here, old, new)
    here.sync(new)
    new.do(retiree.void_registration, key, "登记错人")
    here.sync(new)
    assert set(new.outcomes()) == {"applied"}
    assert [one.get(partial(in_sight, key=key)) for one in (new, here.node)] == [0, 0]
    assert "已恢复" in new.do(voided.restore, "retiree", key)
    here.sync(new)
    assert [one.get(partial(in_sight, key=key)) for one in (new, here.node)] == [3, 3]


def in_sight(session: Session, key: str) -> int:
    """How many of the person's records, them included, are in sight."""
    kept = [
        select(func.count()).where(one.is_void.is_(False), mine == key)
        for one, mine in (
            (Retiree, Retiree.id),
            (Visit, Visit.retiree_id),
            (Family, Family.retiree_id),
        )
    ]
    return sum(session.scalar(one) or 0 for one in kept)
