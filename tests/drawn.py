"""One random history by its seed: all of it is drawn from that, and nothing goes into trying small
ones first."""

from hashlib import shake_128
from itertools import count
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, get_state_machine_test

DICE = 16 * 1024
"""Bytes, more than any history draws."""


def histories_of(machine: type[RuleBasedStateMachine], steps: int, **more: Any) -> Any:
    """Of at most so many steps each, for `draw`."""
    chosen = settings(
        stateful_step_count=steps,
        deadline=None,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
        **more,
    )
    return get_state_machine_test(machine, settings=chosen)


def draw(histories: Any, family: str, seed: int) -> None:
    """One of them; again where so few rules were drawn that it cannot go on."""
    for again in count():
        dice = shake_128(f"{family} {seed} {again}".encode()).digest(DICE)
        if histories.hypothesis.fuzz_one_input(dice) is not None:
            return
