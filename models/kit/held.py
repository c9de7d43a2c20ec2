"""R18: a file that another program holds for a moment, as scanners, indexers and cloud folders do
on Windows."""

import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE, PAUSE = 10, 0.05
Done = TypeVar("Done")


def patiently(act: Callable[[], Done]) -> Done:
    """Do it, and again for half a second while it is refused. Raises PermissionError after that."""
    for _ in range(PATIENCE - 1):
        try:
            return act()
        except PermissionError:
            time.sleep(PAUSE)
    return act()
