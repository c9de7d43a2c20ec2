"""The long run of random histories: a line a hundred, and a failure is played again by its seed."""

import pytest
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


@pytest.fixture(autouse=True)
def families(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(histories, "FAMILIES", {"holds": Holds, "breaks": Breaks})


def test_each_hundred_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert histories.main(["150", "--only", "holds", "--seed", "7"]) == 0
    first, second = sorted(capsys.readouterr().out.splitlines())
    assert first.startswith("holds      seed 7: 100 histories hold")
    assert second.startswith("holds      seed 8: 50 histories hold")


def test_a_failure_is_named_by_the_command_that_plays_it_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert histories.main(["100", "--seed", "3"]) == 1
    said = capsys.readouterr()
    assert "holds      seed 3: 100 histories hold" in said.out
    again = "poe histories --only breaks --seed 3"
    assert again in said.out
    assert "assert self.steps < 3" in said.err
    assert histories.main(again.split()[2:]) == 1


def test_on_several_cores_the_same_is_said_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    def said(jobs: str) -> tuple[int, list[str]]:
        code = histories.main(["101", "--seed", "5", "--steps", "4", "--jobs", jobs])
        out = capsys.readouterr().out
        return code, sorted(line.split(", ")[0] for line in out.splitlines())

    assert said("2") == said("1")
