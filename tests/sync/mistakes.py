"""What tests of known mistakes share: how histories are played, and when one counts as seen."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis.stateful import RuleBasedStateMachine

from tests.drawn import draw, histories_of

Patch = pytest.MonkeyPatch

HISTORIES, STEPS = 60, 30
SLIPS = (TypeError, AttributeError, NameError, ImportError)


def play(machine: type[RuleBasedStateMachine]) -> None:
    """Histories, until one fails: no shrinking, that it fails is all we ask."""
    test = histories_of(machine, STEPS, database=None)
    for seed in range(HISTORIES):
        draw(test, machine.__name__, seed)


@contextmanager
def seen() -> Iterator[None]:
    """What is done in here fails: a test found what it looks for, or the program stumbled over it.
    A mistake that does not fit into the program is none, and nobody has seen it."""
    try:
        yield
    except (Exception, pytest.fail.Exception) as error:
        if _slip(error):
            raise
    else:
        pytest.fail("nothing saw it")


def _slip(error: BaseException) -> bool:
    """Python's own complaint, unless a test had nothing in its hands that it looked for."""
    if isinstance(error, BaseExceptionGroup):
        return all(map(_slip, error.exceptions))
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    where = Path(at.tb_frame.f_code.co_filename).name if at else ""
    told = where.startswith("test_") and not where.endswith("mutants.py")
    return isinstance(error, SLIPS) and not told
