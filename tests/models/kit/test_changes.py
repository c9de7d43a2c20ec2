"""What a unit of work writes is in the stream, in the same transaction, without a gap."""

import hashlib
import struct
from datetime import UTC, datetime

import msgspec
import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.kit.refusal import Refusal
from app.kit.run import look, run
from app.kit.who import Desk
from models.exchange import Change, Replica
from models.family import Family
from models.kit import clock
from models.kit.changes import insert_many, update_many
from models.kit.db import Store
from models.kit.search import found
from models.kit.stream import (
    GARBLED,
    GENESIS,
    Head,
    link,
    matches,
    millis_of,
    open_part,
    read_head,
    read_payload,
    tick,
)
from models.local_note import LocalNote
from models.retiree import Retiree
from models.tag import Tag


def born(session: Session, /, **values: object) -> str:
    person = Retiree(**{"name": "王秀英", "id_no": "519902194611230269", **values})
    session.add(person)
    session.flush()
    return person.id


def give(session: Session, key: str, name: str, value: object) -> None:
    setattr(session.get_one(Retiree, key), name, value)


def ids_of(session: Session, text: str) -> list[str]:
    return list(session.scalars(found(text)))


def entries(store: Store, desk: Desk) -> list[Change]:
    return look(store, desk, lambda s: list(s.scalars(select(Change).order_by(Change.seq))))


def test_every_entry_carries_on_the_chain_and_proves_its_payload(store: Store, desk: Desk) -> None:
    key = run(store, desk, born).result
    run(store, desk, lambda s: setattr(s.get_one(Retiree, key), "mobile", "13800002617"))
    chain = GENESIS
    for number, one in enumerate(entries(store, desk), 1):
        chain = link(chain, one.head)
        assert (one.seq, one.hash) == (number, chain)
        assert matches(read_head(one.head), one.payload or b"")
    me = look(store, desk, lambda s: s.scalars(select(Replica)).one())
    assert (me.seq, me.head) == (2, chain)


def test_an_edit_names_the_change_whose_value_was_on_screen(store: Store, desk: Desk) -> None:
    key = run(store, desk, born, mobile="13800000001").result
    for number in ("13800000002", "13800000003"):
        run(store, desk, give, key, "mobile", number)
    first, second, third = entries(store, desk)
    assert read_head(second.head).bases == {"mobile": first.change_id}
    assert read_head(third.head).bases == {"mobile": second.change_id}
    assert read_payload(third.payload or b"").values == {"mobile": "13800000003"}


def test_one_action_is_one_unit_in_the_stream(store: Store, desk: Desk) -> None:
    def with_son(session: Session) -> None:
        key = born(session)
        session.add(Family(retiree_id=key, name="陈志明", relation="20"))

    run(store, desk, with_son)
    heads = [read_head(one.head) for one in entries(store, desk)]
    assert [(one.part, one.parts) for one in heads] == [(0, 2), (1, 2)]
    assert len({one.tx for one in heads}) == 1


def test_a_refused_action_leaves_neither_data_nor_entry(store: Store, desk: Desk) -> None:
    def half(session: Session) -> None:
        born(session)
        raise Refusal("不行")

    with pytest.raises(Refusal):
        run(store, desk, half)
    assert entries(store, desk) == []
    assert look(store, desk, lambda s: s.scalar(select(func.count()).select_from(Retiree))) == 0


def test_writing_the_same_value_again_says_nothing(store: Store, desk: Desk) -> None:
    key = run(store, desk, born, mobile="13800000001").result
    run(store, desk, lambda s: setattr(s.get_one(Retiree, key), "mobile", "13800000001"))
    assert len(entries(store, desk)) == 1


def test_a_record_is_never_deleted_nor_written_behind_the_log(store: Store, desk: Desk) -> None:
    key = run(store, desk, born).result
    with pytest.raises(TypeError, match="never deleted"):
        run(store, desk, lambda s: s.delete(s.get_one(Retiree, key)))
    with pytest.raises(TypeError, match="objects"):
        run(store, desk, lambda s: s.execute(update(Retiree).values(name="甲")))
    with pytest.raises(TypeError, match="objects"):
        run(store, desk, lambda s: s.execute(delete(Retiree)))


def test_what_only_this_pc_remembers_does_not_travel(store: Store, desk: Desk) -> None:
    run(store, desk, lambda s: s.add(LocalNote(kind="draft", value={"name": "王"})))
    assert entries(store, desk) == []


def test_bulk_rows_are_in_the_log_and_can_be_found(store: Store, desk: Desk) -> None:
    rows = [
        {"name": f"王{word}", "id_no": f"5199021946112302{n:02d}"}
        for n, word in enumerate("芳英兰")
    ]
    run(store, desk, lambda s: insert_many(s, Retiree, rows))
    assert len(entries(store, desk)) == 3
    ids = look(store, desk, lambda s: list(s.scalars(found("wf"))))
    assert len(ids) == 1
    run(store, desk, lambda s: update_many(s, Retiree, {ids[0]: {"door_note": "敲门"}}))
    last = entries(store, desk)[-1]
    assert read_payload(last.payload or b"").values == {"door_note": "敲门"}
    assert set(read_head(last.head).bases) == {"door_note"}


def test_a_new_name_is_found_and_the_old_one_no_longer(store: Store, desk: Desk) -> None:
    key = run(store, desk, born, name="单芳").result
    for text in ("shan", "dan", "sf", "芳", "0269"):
        assert look(store, desk, ids_of, text) == [key]
    run(store, desk, lambda s: setattr(s.get_one(Retiree, key), "name", "曾兰"))
    assert look(store, desk, lambda s: list(s.scalars(found("shan")))) == []
    assert look(store, desk, lambda s: list(s.scalars(found("ceng")))) == [key]


def test_the_clock_of_the_stream_never_goes_back(store: Store, desk: Desk) -> None:
    with clock.freeze(datetime(2066, 1, 1, tzinfo=UTC)):
        run(store, desk, born)
    with clock.freeze(datetime(1999, 1, 1, tzinfo=UTC)):
        run(store, desk, born)
    first, second = entries(store, desk)
    assert second.hlc == first.hlc + 1
    assert millis_of(tick(0, 1234)) == 1234


def last_of(store: Store, desk: Desk) -> tuple[Head, bytes]:
    one = entries(store, desk)[-1]
    return read_head(one.head), one.payload or b""


def test_values_of_a_closed_circle_stand_apart_and_the_rest_proves_itself(
    store: Store, desk: Desk
) -> None:
    run(store, desk, born, bank_account="6217000012345678901", politics="01", mobile="13800000001")
    head, payload = last_of(store, desk)
    opened = open_part(payload)
    said = read_payload(payload).values
    assert (said["bank_account"], said["mobile"]) == ("6217000012345678901", "13800000001")
    assert not {"bank_account", "politics"} & read_payload(opened).values.keys()
    assert read_payload(opened).values["mobile"] == "13800000001"
    assert b"6217000012345678901" not in opened
    assert matches(head, payload)
    assert matches(head, opened, whole=False)
    assert not matches(head, opened)


def test_no_byte_of_either_part_can_be_changed_unseen(store: Store, desk: Desk) -> None:
    run(store, desk, born, bank_account="6217000012345678901")
    head, payload = last_of(store, desk)
    for at in range(len(payload)):
        wrong = payload[:at] + bytes([payload[at] ^ 1]) + payload[at + 1 :]
        assert not matches(head, wrong), at
    assert not matches(head, payload[:-1])
    assert not matches(head, payload + b"\0")


def test_only_who_says_something_closed_pays_for_it(store: Store, desk: Desk) -> None:
    key = run(store, desk, born, mobile="13800000001").result
    _, payload = last_of(store, desk)
    assert open_part(payload) == payload
    run(store, desk, give, key, "politics", "01")
    head, payload = last_of(store, desk)
    assert read_payload(open_part(payload)).values == {}
    assert matches(head, payload)


@pytest.mark.parametrize(("code", "is_open"), [("T17", False), ("T02", True)])
def test_a_sensitive_tag_is_apart_as_a_whole(
    store: Store, desk: Desk, code: str, *, is_open: bool
) -> None:
    key = run(store, desk, born).result
    tag = run(store, desk, tagged, key, code).result
    _, payload = last_of(store, desk)
    assert ("code" in read_payload(open_part(payload)).values) is is_open
    assert read_payload(open_part(payload)).values["retiree_id"] == key
    run(store, desk, lambda s: setattr(s.get_one(Tag, tag), "evidence", "诊断书"))
    _, payload = last_of(store, desk)
    assert ("evidence" in read_payload(open_part(payload)).values) is is_open
    assert read_payload(payload).values == {"evidence": "诊断书"}


def tagged(session: Session, key: str, code: str) -> str:
    tag = Tag(retiree_id=key, code=code)
    session.add(tag)
    session.flush()
    return tag.id


def test_a_field_that_is_said_twice_is_no_payload() -> None:
    salt = b"s" * 16
    apart = msgspec.msgpack.encode([salt, {"mobile": "13800000002"}])
    digest = hashlib.sha256(apart).digest()
    opened = msgspec.msgpack.encode([salt, {"mobile": "13800000001"}, digest])
    framed = struct.pack(">BI", 0xC1, len(opened)) + opened + apart
    with pytest.raises(GARBLED):
        read_payload(framed)


@pytest.mark.parametrize("data", [b"\xc1", b"\xc1\0\0\0\0", b"\xc1\xff\xff\xff\xff\x92"])
def test_a_torn_frame_is_no_payload(data: bytes) -> None:
    with pytest.raises(GARBLED):
        read_payload(data)
