"""What the service has done since it started, for whoever watches it."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Counts:
    """``files`` by what became of them: decided at once, stored, decided behind, refused, failed,
    turned away. Seconds are those of whole transactions."""

    files: Counter[str] = field(default_factory=Counter)
    changes: int = 0
    received_bytes: int = 0
    commits: int = 0
    commit_seconds: float = 0.0

    def committed(self, seconds: float) -> None:
        """One group of files."""
        self.commits += 1
        self.commit_seconds += seconds
