"""What a person may be told: expected, in their words. Everything else is a bug."""

from collections.abc import Mapping

from models.kit.reading import Problem


class Refusal(Exception):
    """The verb was not done; `message` says why and what to do, `field` where."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class Overtaken(Refusal):
    """Somebody else was quicker: what was on screen is no longer so, and is read again."""


class Voided(Overtaken):
    """What was asked for is voided, and can be brought back; ``instead`` is the id of what is in
    use in its place, if anything is."""

    def __init__(self, message: str, *, instead: str = "") -> None:
        super().__init__(message)
        self.instead = instead


class Refusals(Refusal):
    """Several fields at once: the form shows each in its place."""

    def __init__(self, problems: Mapping[str, Problem]) -> None:
        first, problem = next(iter(problems.items()))
        several = f"还有 {len(problems)} 处需要改正："
        super().__init__((several if len(problems) > 1 else "") + problem.message, first)
        self.problems = problems
