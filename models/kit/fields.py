"""Facts on columns: declared once, true on every screen, paper, sheet and wire."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import MappedColumn, mapped_column
from sqlalchemy.sql.expression import ColumnElement

from models.kit.kinds import Kind


class Merge(StrEnum):
    """What happens to a field edited on two sides at once."""

    OWNER = "owner"
    LWW = "lww"
    APPEND = "append"
    MANUAL = "manual"


class Circle(StrEnum):
    """Who may see a fact."""

    GENERAL = "general"
    HEALTH = "health"
    PARTY = "party"
    MONEY = "money"


class Mask(StrEnum):
    """How a private value is shown by default."""

    ID = "id"
    PHONE = "phone"
    BANK = "bank"


@dataclass(frozen=True, slots=True)
class Fact:
    """What is true of a column everywhere. ``required`` blocks saving; ``wanted`` only counts as
    资料待补; ``merge`` and ``circle`` default to those of the entity; ``since`` is the first schema
    (`models.kit.stream.SCHEMA`) that has the field; an ``inner`` one may hold values of any circle
    and stays within the district."""

    label: str
    kind: Kind
    required: bool = False
    wanted: bool = False
    mask: Mask | None = None
    merge: Merge | None = None
    circle: Circle | None = None
    link: str | None = None
    hint: str = ""
    since: int = 1
    inner: bool = False


def field(
    kind: Kind,
    label: str,
    *,
    required: bool = False,
    wanted: bool = False,
    mask: Mask | None = None,
    merge: Merge | None = None,
    circle: Circle | None = None,
    link: str | None = None,
    hint: str = "",
    since: int = 1,
    inner: bool = False,
    default: Any = None,
    index: bool = False,
) -> MappedColumn[Any]:
    """A mapped column with its fact; nullable unless it has a default: rosters have gaps."""
    fact = Fact(label, kind, required, wanted, mask, merge, circle, link, hint, since, inner)
    target = [ForeignKey(f"{link}.id")] if link else []
    extra = {} if default is None else {"default": default}
    return mapped_column(
        kind.sql(), *target, nullable=default is None, index=index, info={"fact": fact}, **extra
    )


def fact(column: ColumnElement[Any]) -> Fact | None:
    """The fact of a column; None for what the system writes."""
    return getattr(column, "info", {}).get("fact")
