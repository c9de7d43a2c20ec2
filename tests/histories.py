"""``poe histories N``: that many random histories of each family, by the hundred, one line each, on
every core.

A hundred is one seed. Where one fails, its steps are printed and the run goes on;
``poe histories --only FAMILY --seed SEED`` plays the same hundred again, with ``--shrink`` down to
the shortest history that fails the same way. Exit code 1 where any failed.
"""

import argparse
import gc
import io
import os
import sys
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import redirect_stdout
from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from tests.quick import be_quick
from tests.sync.test_ages import Ages
from tests.sync.test_city_histories import Relayed, RelayedMoves
from tests.sync.test_copied import Copied
from tests.sync.test_erasing import Erasing
from tests.sync.test_histories import Histories
from tests.sync.test_moving import Assigning, Moving, TwoDesks
from tests.sync.test_moving_forgotten import Forgotten
from tests.sync.test_moving_recalled import PutBack

HUNDRED = 100
FAMILIES: dict[str, type[RuleBasedStateMachine]] = {
    "plain": Histories,
    "ages": Ages,
    "copied": Copied,
    "moving": Moving,
    "assigning": Assigning,
    "desks": TwoDesks,
    "recalled": PutBack,
    "forgotten": Forgotten,
    "erasing": Erasing,
    "relayed": Relayed,
    "relayed-moves": RelayedMoves,
}


@dataclass(frozen=True, slots=True)
class Hundred:
    """Histories of one family and one seed; ``steps`` is the longest."""

    family: str
    seed: int
    size: int
    steps: int
    shrink: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of them: the steps of one that failed and a line, and the error's places."""

    holds: bool
    said: str
    error: str = ""


def main(argv: list[str] | None = None) -> int:
    """All families one after the other, a hundred of each in turn."""
    parser = argparse.ArgumentParser(prog="poe histories", description=__doc__)
    parser.add_argument("number", type=int, nargs="?", default=HUNDRED, help="of each family")
    parser.add_argument("--only", choices=sorted(FAMILIES), action="append", help="a family")
    parser.add_argument("--seed", type=int, default=0, help="of the first hundred")
    parser.add_argument("--steps", type=int, default=30, help="the longest history")
    parser.add_argument("--shrink", action="store_true", help="to the shortest that fails")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="at a time")
    args = parser.parse_args(argv)
    wanted = [
        Hundred(
            name, args.seed + at // HUNDRED, min(HUNDRED, args.number - at), args.steps, args.shrink
        )
        for at in range(0, args.number, HUNDRED)
        for name in args.only or FAMILIES
    ]
    all_hold = True
    for done in _played(wanted, args.jobs):
        print(done.error, end="", file=sys.stderr)
        print(done.said, flush=True)
        all_hold = all_hold and done.holds
    return 0 if all_hold else 1


def _sizes(number: int) -> list[int]:
    whole, rest = divmod(number, HUNDRED)
    return [HUNDRED] * whole + [rest] * bool(rest)


def _played(wanted: list[Hundred], jobs: int) -> Iterator[Outcome]:
    """As they end."""
    if min(jobs, len(wanted)) < 2:
        be_quick()
        yield from map(_play, wanted)
        return
    with ProcessPoolExecutor(jobs, initializer=_begin) as pool:
        for one in as_completed([pool.submit(_play, one) for one in wanted]):
            yield one.result()


def _begin() -> None:
    be_quick()
    gc.freeze()  # what was imported is no garbage, and is not looked through again and again


def _play(what: Hundred) -> Outcome:
    machine, began = FAMILIES[what.family], time.process_time()
    phases = [Phase.generate, *([Phase.shrink] if what.shrink else [])]
    chosen = settings(
        max_examples=what.size,
        stateful_step_count=what.steps,
        phases=phases,
        database=None,
        deadline=None,
        print_blob=False,
        verbosity=Verbosity.normal,
        suppress_health_check=list(HealthCheck),
    )
    replayed = type(machine.__name__, (machine,), {"__doc__": machine.__doc__})
    name, steps = f"{what.family:<10} seed {what.seed}", io.StringIO()
    try:
        with redirect_stdout(steps):
            run_state_machine_as_test(seed(what.seed)(replayed), settings=chosen)
    except Exception as error:
        again = f"poe histories --only {what.family} --seed {what.seed}"
        said = f"{steps.getvalue()}{name}: failed; {again}"
        return Outcome(holds=False, said=said, error="".join(traceback.format_exception(error)))
    took = time.process_time() - began
    return Outcome(holds=True, said=f"{name}: {what.size} histories hold, {took:.0f} s of CPU")


if __name__ == "__main__":
    sys.exit(main())
