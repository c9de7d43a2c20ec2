"""What the city may see of what a district holds (sync.md 4.12)."""

from collections.abc import Mapping
from typing import Any

from models.entities import BY_NAME
from models.kit.base import Flow, Record, apart, closed_fields, table_of, wire_fields
from models.kit.stream import GARBLED, Head, open_part, read_payload
from sync.versions import known, younger


def shown(head: Head, payload: bytes | None, schema: int) -> bytes:
    """The part of a payload that goes to the city; empty where that is nothing: erased, not to be
    read, or with a word a program of this schema does not know, since nobody can say here who may
    see it."""
    entity = known(head.entity, schema)
    if not payload or entity is None:
        return b""
    try:
        opened = open_part(payload)
        said = read_payload(opened).values
    except GARBLED:
        return b""
    names = set(wire_fields(table_of(entity))) - younger(entity, schema)
    if said.keys() - names or closed_in(head, said):
        return b""
    return opened


def closed_in(head: Head, said: Mapping[str, Any]) -> set[str]:
    """The fields among these that are not for the city; a program that did not keep them apart
    wrote them."""
    entity = BY_NAME.get(head.entity)
    if entity is None:
        return set()
    is_told = entity.closing is not None and (head.op == "insert" or entity.closing[0] in said)
    return set(said) & (apart(entity, said) if is_told else closed_fields(entity))


def names_in(entity: type[Record], row: Mapping[str, Any]) -> list[str]:
    """The fields of a stored record that the city sees."""
    hidden = apart(entity, row)
    return [name for name in wire_fields(table_of(entity)) if name not in hidden]


def travels(entity: type[Record]) -> bool:
    """Does anything of this noun go up?"""
    return entity.flow is not Flow.LOCAL
