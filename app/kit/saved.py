"""What a verb that saves gives back."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Saved:
    """``warnings`` are worth a look although it was saved; ``notes`` only inform;
    ``final``: others act on it, and it is not taken back."""

    id: str
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    final: bool = False
