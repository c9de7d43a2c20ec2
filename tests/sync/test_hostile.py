"""Files made by somebody who knows the format: nothing is applied, nothing is written elsewhere,
the neighbours are taken, and a person gets one sentence."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select

from models.exchange import RawBatch
from models.kit import clock
from models.kit.ids import new_id
from models.kit.stream import GARBLED, read_head, read_payload
from sync import enrol, pack
from sync.centre import sticks
from sync.centre.receiving import evidence
from sync.enrol import Invited
from sync.fault import Fault
from sync.keys import Keys, seal
from sync.message import HEADER_LIMIT, Header, decode_item
from sync.station.stick import pack_stick, unpack_stick
from tests.sync.parts import World, parts_of, register, world

DEEP = b"\x91" * 200_000


def with_header(data: bytes, text: bytes) -> bytes:
    """The same file under another header, which its signature does not cover."""
    packet = pack.read(data)
    start = pack.MAGIC + len(text).to_bytes(4, "big") + text
    return start + packet.signature + packet.sealed


def not_utf8(text: bytes) -> bytes:
    at = text.index(b'"batch":"') + len(b'"batch":"')
    return text[:at] + b"\xff" + text[at + 1 :]


def nested(text: bytes) -> bytes:
    return text[:-1] + b',"x":' + b"[" * (HEADER_LIMIT - len(text) - 8) + b"}"


def huge(text: bytes) -> bytes:
    return text.replace(b'"made":', b'"made":9999999')


def negative(text: bytes) -> bytes:
    return text.replace(b'"size":', b'"size":-')


def climbing(text: bytes) -> bytes:
    return text[:-1] + b',"office_code":"../../evil"}'


@pytest.mark.parametrize("change", [not_utf8, nested, huge, negative, climbing])
def test_a_header_nobody_would_write_is_a_broken_file(
    change: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    here = world(tmp_path)
    station = here.station("460203198001")
    station.do(register)
    (data,) = parts_of(station)
    packet = pack.read(data)
    text = msgspec.json.encode(packet.header, order="sorted")
    with pytest.raises(Fault):
        pack.read(with_header(data, change(text)))
    with pytest.raises(Fault):
        here.centre.accept(with_header(data, change(text)))
    assert here.sync(station).pending == 0


def test_a_file_with_a_flipped_bit_never_holds_up_the_others_on_the_stick(tmp_path: Path) -> None:
    here = world(tmp_path)
    stick, inbox = tmp_path / "stick", tmp_path / "inbox"
    stick.mkdir()
    station = here.station("460203198001")
    station.do(register)
    (written,) = pack_stick(station.store, station.keys, stick, station.code).files
    spoilt(written, stick, 40)
    done = sticks.unpack_stick(here.centre, stick)
    passed_over = len(done.refused) + done.others  # of whom it is for a bit may say another, too
    assert (written in done.files, done.entries, passed_over) == (True, 1, 40)
    (answer,) = sticks.pack_stick(here.centre, stick).files
    spoilt(answer, stick, 40)
    assert (
        unpack_stick(station.store, station.keys, stick, inbox, station.code).exchanged.pending == 0
    )


def spoilt(path: Path, stick: Path, count: int) -> None:
    """Copies before and after it in the alphabet, each with one bit turned in its first kilobyte,
    where it is readable."""
    data = path.read_bytes()
    for number in range(count):
        turned = bytearray(data)
        turned[12 + number * 21] ^= 0x80 if number % 3 else 0x04
        (stick / f"{'0z'[number % 2]}{number}.sangyu").write_bytes(turned)


@pytest.mark.parametrize("data", [b"", DEEP, b"\x81\xa1\xff\xc0", b"\x93\xa2\xff\xff\x01\x02"])
def test_what_is_no_entry_has_errors_we_know(data: bytes) -> None:
    for read in (read_head, read_payload, decode_item):
        with pytest.raises(GARBLED):
            read(data)


def invitation(here: World, office: dict[str, Any], **card: Any) -> bytes:
    """Signed by its own key, as anybody can."""
    keys = Keys.new()
    said = msgspec.structs.replace(here.card, sign=keys.public, **card)
    good = {"id": new_id(), "code": "460203198001", "name": "桂苑社区", "level": "3"}
    plain = msgspec.json.encode(Invited(new_id(), {**good, **office}, said))
    header = Header(
        kind="invitation",
        batch=new_id(),
        sender=said.id,
        sender_office="",
        incarnation="",
        recipient="",
        sha256=hashlib.sha256(plain).hexdigest(),
        size=len(plain),
        made=0,
    )
    return pack.close(keys, header, plain)


@pytest.mark.parametrize(
    ("office", "card"),
    [
        ({"code": "../../../evil"}, {}),
        ({"code": "46020319800"}, {}),
        ({"code": None}, {}),
        ({"id": 5}, {}),
        ({"id": "../x"}, {}),
        ({"name": ""}, {}),
        ({"name": "长" * 5000}, {}),
        ({"name": ["桂苑"]}, {}),
        ({"parent_id": 7}, {}),
        ({"stamps": 5}, {}),
        ({}, {"recipient": "age1nobody"}),
        ({}, {"recovery": "nobody"}),
        ({}, {"sign": b"short"}),
    ],
)
def test_an_invitation_of_a_stranger_is_not_taken_at_its_word(
    office: dict[str, Any], card: dict[str, Any], tmp_path: Path
) -> None:
    here = world(tmp_path)
    assert enrol.read_invitation(invitation(here, {})).office["name"] == "桂苑社区"
    sign = card.pop("sign", None)
    data = invitation(here, office, **card)
    if sign is not None:
        data = data.replace(b'"sign":"', b'"sign":"AAAA')
    with pytest.raises(Fault):
        enrol.read_invitation(data)


def test_an_answer_that_cannot_be_answered_is_refused(tmp_path: Path) -> None:
    here = world(tmp_path)
    keys = Keys.new()
    said = enrol.Answered(new_id(), new_id(), new_id(), new_id(), keys.public, "age1nobody", "")
    plain = msgspec.json.encode(said)
    sealed = seal(plain, [here.card.recipient])
    data = enrol.envelope("enrolment", said.replica, here.card.id, keys, plain, sealed)
    with here.centre.store.apply() as session, pytest.raises(Fault, match="不完整"):
        enrol.approve(session, here.centre.keys, data)


def test_refused_files_are_evidence_but_cannot_fill_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = world(tmp_path)
    monkeypatch.setattr(evidence, "A_DAY", 5000)

    def send(*numbers: int) -> None:
        for number in numbers:
            with pytest.raises(Fault, match="不是桑榆"):
                here.centre.accept(number.to_bytes(2, "big") * 500)

    def kept() -> int:
        count = select(func.count()).select_from(RawBatch)
        return int(here.node.get(lambda session: session.scalar(count)))

    send(*range(12))
    assert kept() == 5
    with clock.freeze(clock.now() + timedelta(days=2)):
        send(99)
        assert kept() == 6


def test_the_check_number_is_twenty_digits_of_the_whole_key(tmp_path: Path) -> None:
    card = world(tmp_path).card
    near = msgspec.structs.replace(card, sign=card.sign[:28] + bytes(4))
    numbers = [one.fingerprint.replace(" ", "") for one in (card, near)]
    assert all(len(one) == 20 and one.isdecimal() for one in numbers)
    assert numbers[0] != numbers[1]
