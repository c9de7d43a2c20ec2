"""The long run of random histories: a line a hundred, and a failure is played again by its seed."""

from typing import ClassVar

import pytest
from hypothesis import assume
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, rule

from tests import histories


class Holds(RuleBasedStateMachine):
    """Nothing ever goes wrong."""

    @rule()
    def step(self) -> None:
        """Nothing."""


class Breaks(RuleBasedStateMachine):
    """The third step is one too many."""

    steps = 0

    @rule()
    def step(self) -> None:
        self.steps += 1
        assert self.steps < 3


class Choosy(RuleBasedStateMachine):
    """Often cannot go on."""

    @rule(number=some.integers(0, 9))
    def step(self, number: int) -> None:
        assume(number)


class Draws(RuleBasedStateMachine):
    """Keeps what was drawn."""

    drawn: ClassVar[list[int]] = []

    @rule(number=some.integers(0, 9))
    def step(self, number: int) -> None:
        self.drawn.append(number)


@pytest.fixture(autouse=True)
def families(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(histories, "FAMILIES", {"holds": Holds, "breaks": Breaks})


@pytest.fixture
def drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(histories, "FAMILIES", {"draws": Draws, "choosy": Choosy})


def test_each_hundred_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert histories.main(["150", "--only", "holds", "--seed", "7"]) == 0
    first, second = sorted(capsys.readouterr().out.splitlines())
    assert first.startswith("holds         seeds from 107: 50 histories hold")
    assert second.startswith("holds         seeds from 7: 100 histories hold")


def test_a_failure_is_named_by_the_command_that_plays_it_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert histories.main(["2", "--seed", "3"]) == 1
    said = capsys.readouterr()
    assert "holds         seeds from 3: 2 histories hold" in said.out
    for seed in (3, 4):
        again = f"poe histories 1 --only breaks --seed {seed}"
        assert again in said.out
        assert histories.main(again.split()[2:]) == 1
    assert said.out.count("state.step()") == 6
    assert "assert self.steps < 3" in said.err


@pytest.mark.usefixtures("drawing")
def test_the_same_seed_draws_the_same() -> None:
    def drawn(*more: str) -> list[int]:
        Draws.drawn.clear()
        assert histories.main(["1", "--only", "draws", *more]) == 0
        return list(Draws.drawn)

    one = drawn("--seed", "5")
    assert one == drawn("--seed", "5")
    assert one != drawn("--seed", "6")


def test_on_several_cores_the_same_is_said_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    def said(jobs: str) -> tuple[int, list[str]]:
        code = histories.main(["101", "--seed", "5", "--steps", "4", "--jobs", jobs])
        out = capsys.readouterr().out
        return code, sorted(line.split(", ")[0] for line in out.splitlines())

    assert said("2") == said("1")


@pytest.mark.usefixtures("drawing")
def test_one_that_cannot_go_on_is_drawn_anew(capsys: pytest.CaptureFixture[str]) -> None:
    assert histories.main(["9", "--only", "choosy"]) == 0
    assert "9 histories hold" in capsys.readouterr().out
