"""``poe histories N``: that many random histories of each family, a line a hundred, on every core.

Each history has a seed of its own, and all of it is drawn from that; nothing is spent on trying
small ones first. Where one fails, its steps are printed and the run goes on;
``poe histories 1 --only FAMILY --seed SEED`` plays it again, with ``--shrink`` down to the shortest
history that fails the same way. Exit code 1 where any failed.
"""

import argparse
import gc
import os
import sys
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from hypothesis import Phase, Verbosity
from hypothesis.database import InMemoryExampleDatabase
from hypothesis.stateful import RuleBasedStateMachine

from tests.drawn import draw, histories_of
from tests.quick import be_quick
from tests.sync.test_ages import Ages
from tests.sync.test_certified import Certified
from tests.sync.test_certified_back import CertifiedBack, CertifiedForgotten
from tests.sync.test_city_histories import Relayed, RelayedMoves
from tests.sync.test_contents import Photos
from tests.sync.test_copied import Copied
from tests.sync.test_erased_photos import ErasedPhotos
from tests.sync.test_erasing import Erasing
from tests.sync.test_histories import Histories
from tests.sync.test_moving import Assigning, Moving, TwoDesks
from tests.sync.test_moving_forgotten import Forgotten
from tests.sync.test_moving_joined import Joined
from tests.sync.test_moving_recalled import PutBack
from tests.sync.test_moving_voided import Voided
from tests.sync.test_relayed_photos import RelayedPhotos

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
    "voided": Voided,
    "joined": Joined,
    "photos": Photos,
    "certified": Certified,
    "certified-back": CertifiedBack,
    "certified-forgotten": CertifiedForgotten,
    "erasing": Erasing,
    "erased-photos": ErasedPhotos,
    "relayed": Relayed,
    "relayed-moves": RelayedMoves,
    "relayed-photos": RelayedPhotos,
}


@dataclass(frozen=True, slots=True)
class Hundred:
    """Histories of one family, and the seed of the first; ``steps`` is the longest."""

    family: str
    seed: int
    size: int
    steps: int
    shrink: bool

    def histories(self, **more: Any) -> Any:
        machine = FAMILIES[self.family]
        return histories_of(machine, self.steps, verbosity=Verbosity.normal, **more)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of them: the steps of those that failed and a line, and the errors' places."""

    holds: bool
    said: str
    error: str = ""


def main(argv: list[str] | None = None) -> int:
    """All families one after the other, a hundred of each in turn."""
    parser = argparse.ArgumentParser(prog="poe histories", description=__doc__)
    parser.add_argument("number", type=int, nargs="?", default=HUNDRED, help="of each family")
    parser.add_argument("--only", choices=sorted(FAMILIES), action="append", help="a family")
    parser.add_argument("--seed", type=int, default=0, help="of the first one")
    parser.add_argument("--steps", type=int, default=30, help="the longest history")
    parser.add_argument("--shrink", action="store_true", help="to the shortest that fails")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="at a time")
    args = parser.parse_args(argv)
    wanted = [
        Hundred(name, args.seed + at, min(HUNDRED, args.number - at), args.steps, args.shrink)
        for at in range(0, args.number, HUNDRED)
        for name in args.only or FAMILIES
    ]
    all_hold = True
    for done in _played(wanted, args.jobs):
        print(done.error, end="", file=sys.stderr)
        print(done.said, flush=True)
        all_hold = all_hold and done.holds
    return 0 if all_hold else 1


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
    test, began = what.histories(database=None), time.process_time()
    held, told, errors = 0, "", ""
    for seed in range(what.seed, what.seed + what.size):
        try:
            draw(test, what.family, seed)
            held += 1
        except Exception as error:
            shown = _shown(what, seed) or error
            errors += "".join(traceback.format_exception(shown))
            again = f"poe histories 1 --only {what.family} --seed {seed}"
            told += "\n".join([*getattr(shown, "__notes__", ()), f"failed: {again}\n"])
    took = time.process_time() - began
    said = f"{what.family:<13} seeds from {what.seed}: {held} histories hold, {took:.0f} s of CPU"
    return Outcome(holds=held == what.size, said=told + said, error=errors)


def _shown(what: Hundred, seed: int) -> Exception | None:
    """The failure with its steps, as Hypothesis tells them: all, or the fewest that fail the same
    way. None where it does not fail again."""
    phases = [Phase.reuse, *([Phase.shrink] if what.shrink else [])]
    test = what.histories(database=InMemoryExampleDatabase(), phases=phases)
    with suppress(Exception):  # kept for what follows
        draw(test, what.family, seed)
    try:
        test()
    except Exception as error:
        return error
    return None


if __name__ == "__main__":
    sys.exit(main())
