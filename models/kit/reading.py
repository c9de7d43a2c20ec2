"""What was understood of something a person typed or a spreadsheet held."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a value cannot be stored, in the words a person reads.

    ``suggestion`` is the whole right value where it is known. Only ``sure`` ones are adopted
    by the dozen; the others are offered one at a time, beside the paper.
    """

    message: str
    suggestion: str | None = None
    button: str = ""
    sure: bool = True
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """``warnings`` ask for confirmation, ``notes`` only inform, ``more`` fills other fields."""

    value: object = None
    problem: Problem | None = None
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    more: Mapping[str, object] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The value where it is text, else an empty string."""
        return self.value if isinstance(self.value, str) else ""
