"""What a program says on the wire: its nouns, their fields and codes, as a release writes it down
(`schema.json`), and what a later one may not do with it."""

from collections.abc import Iterator, Mapping
from typing import Any

from models.entities import BY_NAME, ENTITIES
from models.kit import codes
from models.kit.base import Flow, facts, policy, since, table_of, wire_fields
from models.kit.fields import Fact
from models.kit.kinds import Code, Codes
from models.kit.stream import SCHEMA
from models.schema import STEPS
from resources import path

Words = dict[str, Any]


def words() -> Words:
    """Of this program."""
    nouns = {}
    for entity in ENTITIES:
        if entity.flow is Flow.LOCAL:
            continue
        known = facts(entity)
        fields = {
            name: {
                "since": since(entity, name),
                "merge": policy(entity, name).value,
                **_facts_of(known.get(name)),
            }
            for name in wire_fields(table_of(entity))
        }
        nouns[entity.__tablename__] = {
            "flow": entity.flow.value,
            "writer": entity.writer.value,
            "circle": entity.circle.value,
            "fields": fields,
        }
    tables = sorted(one.stem for one in path("codes").glob("*.csv") if one.stem.isupper())
    return {
        "schema": SCHEMA,
        "nouns": nouns,
        "codes": {one: sorted(entry.code for entry in codes.table(one).entries) for one in tables},
        "steps": sorted([*at, sorted(step.made)] for at, step in STEPS.items()),
    }


def _facts_of(one: Fact | None) -> Words:
    if one is None:  # the program's own
        return {"kind": "", "codes": "", "circle": ""}
    circle = one.circle.value if one.circle else ""
    return {"kind": type(one.kind).__name__, "codes": table_in(one.kind), "circle": circle}


def table_in(kind: object) -> str:
    return kind.table if isinstance(kind, Code | Codes) else ""


def problems(then: Words, now: Words) -> list[str]:
    """All that would break between a released program and this one, in words."""
    return list(_problems(then, now))


def _problems(then: Words, now: Words) -> Iterator[str]:
    for noun, was in then["nouns"].items():
        there = now["nouns"].get(noun)
        if there is None:
            yield f"{noun} is gone"
            continue
        for name in ("flow", "writer", "circle"):
            if was[name] != there[name]:
                yield f"{noun}: {name} was {was[name]}"
        yield from _gone(noun, was["fields"], there["fields"])
    for noun, there in now["nouns"].items():
        old = then["nouns"].get(noun, {"fields": {}})["fields"]
        for name, one in there["fields"].items():
            if name not in old and not then["schema"] < one["since"] <= now["schema"]:
                first = then["schema"] + 1
                yield (
                    f"{noun}.{name} is new and does not say since which schema: models/<noun>, "
                    f"since={first}; SCHEMA={first} in models/kit/stream.py"
                )
    for noun, there in now["nouns"].items():
        for name, one in there["fields"].items():
            table = one["codes"]
            left = now["codes"].get(table, [])
            for code in set(then["codes"].get(table, [])) - set(left):
                if _today(noun, name, code, then["schema"], now["schema"]) not in left:
                    yield f"{noun}.{name} may hold {code}, which is no code any longer"
    yield from _steps(then, now)


def _steps(then: Words, now: Words) -> Iterator[str]:
    """An entry is read through the steps from its own schema on: what a release said in its last
    one no later program says otherwise, unless it says so with a schema of its own."""
    was, there = then.get("steps", []), now["steps"]
    for one in was:
        if one not in there:
            yield f"{_named(one)} is gone or makes something else"
    for one in there:
        if one not in was and not then["schema"] <= one[2] < now["schema"]:
            yield f"{_named(one)} is new, but SCHEMA is {now['schema']} and was {then['schema']}"


def _named(step: list[Any]) -> str:
    noun, name, number, _ = step
    return f"the step of {noun}.{name} from {number}"


def _gone(noun: str, was: Mapping[str, Any], there: Mapping[str, Any]) -> Iterator[str]:
    for name, one in was.items():
        if name not in there:
            yield f"{noun}.{name} is gone"
            continue
        for what in ("kind", "codes", "circle", "merge"):
            if one[what] != there[name][what]:
                yield f"{noun}.{name}: {what} was {one[what]}"


def _today(noun: str, name: str, code: str, first: int, to: int) -> Any:
    for number in range(first, to):
        step = STEPS.get((noun, name, number))
        code = step.said(code) if step else code
    return code


def restless() -> list[str]:
    """The codes that a step changes though they are said anew already."""
    return [
        f"{noun}.{name} from {number}: {code}"
        for (noun, name, number), step in STEPS.items()
        for code in _codes_of(noun, name)
        if step.said(step.said(code)) != step.said(code)
    ]


def _codes_of(noun: str, name: str) -> list[str]:
    table = table_in(facts(BY_NAME[noun])[name].kind)
    return [one.code for one in codes.table(table).entries] if table else []
