"""A list described as data: columns, search, chips, filters. No functions in here."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ui.kit.table import Column

ROW_KEYS = "↑↓ 移动   Enter 打开   空格 勾选"


@dataclass(frozen=True)
class Filter:
    """One entry of 更多筛选. `choices` may be handed to the page later by `key`.

    one: a value of the choices; many: a tuple of values; range: (from, to), either may be None.
    """

    key: str
    label: str
    kind: Literal["one", "many", "range"] = "one"
    choices: tuple[tuple[str, str], ...] = ()
    unit: str = ""
    wide: bool = False


@dataclass(frozen=True)
class View:
    """`chips` in order, the first is what one starts with; `titles` are the column titles that
    hold while columns are dropped, by column key."""

    columns: tuple[Column, ...]
    search: str = ""
    chips: tuple[tuple[str, str], ...] = ()
    filters: tuple[Filter, ...] = ()
    unit: str = "人"
    keys: str = ROW_KEYS
    sort: str = ""
    descending: bool = False
    two_lines: bool = True
    short_titles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """What a person wants to see of a list."""

    chip: str = ""
    text: str = ""
    filters: Mapping[str, Any] = field(default_factory=dict)
    sort: str = ""
    descending: bool = False

    def but(self, **changes: Any) -> "Asked":
        """The same with something changed."""
        return replace(self, **changes)

    def get(self, key: str) -> Any:
        """The value of a filter, None where it is not set."""
        return self.filters.get(key)
