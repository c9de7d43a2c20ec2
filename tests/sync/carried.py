"""A stick on its way between stations and their centre."""

from pathlib import Path

from sync.station.stick import Stick, pack_stick, unpack_stick
from tests.sync.parts import Node


def put_on(node: Node, stick: Path) -> Stick:
    return pack_stick(node.store, node.keys, stick, node.code)


def take_off(node: Node, stick: Path) -> Stick:
    inbox = node.path.parent / f"inbox-{node.code}"
    return unpack_stick(node.store, node.keys, stick, inbox, node.code)


def contents(stick: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in stick.iterdir()}
