"""Small files that would be large once unpacked, and large ones of nothing, from somebody whose
signature we know (sync.md 5.2, P10): refused whole, kept, and no more memory than an honest one."""

import struct
import tracemalloc
from collections.abc import Callable
from hashlib import sha256

import msgspec
import pytest
import zstandard
from sqlalchemy import func, select

from models.exchange import Change, RawBatch
from sync import pack
from sync.fault import Fault
from sync.keys import seal
from sync.message import BODY_LIMIT, PART_BYTES, PLAIN_LIMIT, Body
from tests.sync.parts import Node, World, parts_of, register

MEMORY = 4 * PART_BYTES
BLOCK = 2**17


@pytest.fixture
def station(here: World) -> Node:
    made = here.station("460203198001")
    made.do(register)
    return made


def signed(here: World, by: Node, packed: bytes, size: int, **header: int) -> bytes:
    """A file of changes with any payload at all."""
    honest = pack.read(parts_of(by)[0]).header
    sealed = seal(packed, [here.card.recipient])
    digest = sha256(sealed).hexdigest()
    said = msgspec.structs.replace(honest, size=size, sha256=digest, **header)
    return pack.close(by.keys, said, sealed)


def frame(says: int, holds: int) -> bytes:
    """Of zstd, by its own rules: blocks of one repeated byte under a size of one's choice."""
    blocks = [BLOCK] * (holds // BLOCK)
    body = b"".join(
        (size << 3 | 1 << 1 | (number == len(blocks))).to_bytes(3, "little") + b"\0"
        for number, size in enumerate(blocks, 1)
    )
    return b"\x28\xb5\x2f\xfd\x80\x58" + struct.pack("<I", says) + body


def packed(body: object) -> tuple[bytes, int]:
    plain = msgspec.msgpack.encode(body)
    return zstandard.ZstdCompressor().compress(plain), len(plain)


def more_than_its_frame_says(here: World, by: Node) -> bytes:
    return signed(here, by, frame(1000, 2**30), 1000)


def more_than_any_file_says(here: World, by: Node) -> bytes:
    return signed(here, by, frame(PLAIN_LIMIT + BLOCK, 2**30), PLAIN_LIMIT + BLOCK)


def honest_about_far_too_much(here: World, by: Node) -> bytes:
    return signed(here, by, frame(4 * BODY_LIMIT, 4 * BODY_LIMIT), 4 * BODY_LIMIT)


def without_a_size(here: World, by: Node) -> bytes:
    plain = bytes(2**27)
    writer = zstandard.ZstdCompressor(write_content_size=False)
    return signed(here, by, writer.compress(plain), len(plain))


def of_tiny_entries(
    here: World, by: Node, say: int, count: int = 3_000_000, **lists: object
) -> bytes:
    me = pack.read(parts_of(by)[0]).header
    body = Body(me.sender, me.recipient, [(b"", b"")] * count)
    return signed(here, by, *packed(msgspec.structs.replace(body, **lists)), last=say)


def millions_where_one_was_said(here: World, by: Node) -> bytes:
    return of_tiny_entries(here, by, 1)


def millions_as_it_was_said(here: World, by: Node) -> bytes:
    return of_tiny_entries(here, by, 3_000_000)


def millions_of_what_a_station_never_says(here: World, by: Node) -> bytes:
    return of_tiny_entries(here, by, 1, 1, items=[b""] * 12_000_000)


def millions_of_cuts(here: World, by: Node) -> bytes:
    return of_tiny_entries(here, by, 1, 1, cut=[0] * 12_000_000)


BOMBS = (
    more_than_its_frame_says,
    more_than_any_file_says,
    honest_about_far_too_much,
    without_a_size,
    millions_where_one_was_said,
    millions_as_it_was_said,
    millions_of_what_a_station_never_says,
    millions_of_cuts,
)


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_refused_whole_and_kept_and_takes_no_more_memory_than_a_file(
    bomb: Callable[[World, Node], bytes], here: World, station: Node
) -> None:
    data = bomb(here, station)
    assert len(data) < 2**20
    tracemalloc.start()
    with pytest.raises(Fault, match="数据包不完整或被改动过，没有读入"):
        here.centre.accept(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < MEMORY
    mine = Change.office_id == station.desk.office_id
    assert here.node.get(lambda s: s.scalar(select(func.count()).where(mine))) == 0
    assert here.node.get(lambda s: s.scalars(select(RawBatch.refused)).all()) == ["broken"]
    here.sync(station)
    assert here.node.get(lambda s: s.scalar(select(func.count()).where(mine))) == 1
