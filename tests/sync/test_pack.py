"""Heads go without the digest their payload says."""

from contextlib import suppress

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from models.kit.stream import digest_of
from sync import pack
from sync.fault import Fault
from sync.message import Body


@st.composite
def entries(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """Heads as they are, and as nobody would write them."""
    head, payload = draw(st.binary(max_size=80)), draw(st.binary(max_size=80))
    if draw(st.booleans()):
        said = msgspec.msgpack.encode(payload)
        return head + digest_of(said) + draw(st.binary(max_size=80)), said
    return head, payload


@given(st.lists(entries(), max_size=5))
def test_heads_come_out_as_they_went_in_whatever_they_are(said: list[tuple[bytes, bytes]]) -> None:
    body = Body("a", "b", said)
    assert pack.lengthen(pack.shorten(body)) == body


@given(st.lists(entries(), max_size=3), st.lists(st.integers(), max_size=3))
def test_places_that_cannot_be_are_a_broken_file(
    said: list[tuple[bytes, bytes]], cut: list[int]
) -> None:
    with suppress(Fault):
        pack.lengthen(Body("a", "b", said, cut=cut))
