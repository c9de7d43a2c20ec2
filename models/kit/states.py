"""State machines as data."""

from collections.abc import Mapping

Machine = Mapping[str, Mapping[str, str]]


class WrongState(Exception):
    """A verb that the present state does not allow."""

    def __init__(self, state: str, verb: str) -> None:
        super().__init__(f"{verb} is not possible from state {state}")
        self.state, self.verb = state, verb


def move(machine: Machine, state: str, verb: str) -> str:
    """The state after the verb; raises WrongState where the table has no way."""
    try:
        return machine[state][verb]
    except KeyError:
        raise WrongState(state, verb) from None
