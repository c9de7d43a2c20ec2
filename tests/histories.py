"""``poe histories N``: that many random histories of each family, by the hundred, one line each.

A hundred is one seed. Where one fails, its steps are printed and the run goes on;
``poe histories --only FAMILY --seed SEED`` plays the same hundred again, with ``--shrink`` down to
the shortest history that fails the same way. Exit code 1 where any failed.
"""

import argparse
import sys
import time
import traceback

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from tests.quick import be_quick
from tests.sync.test_ages import Ages
from tests.sync.test_city_histories import Relayed, RelayedMoves
from tests.sync.test_erasing import Erasing
from tests.sync.test_histories import Histories
from tests.sync.test_moving import Assigning, Moving, TwoDesks
from tests.sync.test_moving_forgotten import Forgotten
from tests.sync.test_moving_recalled import PutBack

HUNDRED = 100
FAMILIES: dict[str, type[RuleBasedStateMachine]] = {
    "plain": Histories,
    "ages": Ages,
    "moving": Moving,
    "assigning": Assigning,
    "desks": TwoDesks,
    "recalled": PutBack,
    "forgotten": Forgotten,
    "erasing": Erasing,
    "relayed": Relayed,
    "relayed-moves": RelayedMoves,
}


def main(argv: list[str] | None = None) -> int:
    """All families one after the other, a hundred of each in turn."""
    parser = argparse.ArgumentParser(prog="poe histories", description=__doc__)
    parser.add_argument("number", type=int, nargs="?", default=HUNDRED, help="of each family")
    parser.add_argument("--only", choices=sorted(FAMILIES), action="append", help="a family")
    parser.add_argument("--seed", type=int, default=0, help="of the first hundred")
    parser.add_argument("--steps", type=int, default=30, help="the longest history")
    parser.add_argument("--shrink", action="store_true", help="to the shortest that fails")
    args = parser.parse_args(argv)
    be_quick()
    failed: set[str] = set()
    for number in range(args.seed, args.seed + -(-args.number // HUNDRED)):
        for name in args.only or FAMILIES:
            size = min(HUNDRED, args.number - (number - args.seed) * HUNDRED)
            if not _hundred(name, number, size, args.steps, shrink=args.shrink):
                failed.add(f"{name} {number}")
    return 1 if failed else 0


def _hundred(name: str, number: int, size: int, steps: int, *, shrink: bool) -> bool:
    """One line; did all of them hold?"""
    machine, began = FAMILIES[name], time.process_time()
    phases = [Phase.generate, *([Phase.shrink] if shrink else [])]
    chosen = settings(
        max_examples=size,
        stateful_step_count=steps,
        phases=phases,
        database=None,
        deadline=None,
        print_blob=False,
        verbosity=Verbosity.normal,
        suppress_health_check=list(HealthCheck),
    )
    replayed = type(machine.__name__, (machine,), {"__doc__": machine.__doc__})
    try:
        run_state_machine_as_test(seed(number)(replayed), settings=chosen)
    except Exception as error:
        traceback.print_exception(error)
        print(f"{name:<10} seed {number}: failed; poe histories --only {name} --seed {number}")
        return False
    took = time.process_time() - began
    print(f"{name:<10} seed {number}: {size} histories hold, {took:.0f} s of CPU", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
