"""What tests of known mistakes share: how histories are played, and when one counts as seen."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

Patch = pytest.MonkeyPatch

# no shrinking: that it fails is all we ask
QUICK = settings(
    max_examples=40,
    stateful_step_count=30,
    phases=[Phase.generate],
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
SLIPS = (TypeError, AttributeError, NameError, ImportError)


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
