"""What a person is told of a failure of the exchange."""

from app.kit import faults
from app.kit.refusal import Refusal
from sync.fault import Fault


def sentence_of(error: Exception) -> str:
    """Of an expected failure, a full disk included; nothing for a bug."""
    expected = error if isinstance(error, Fault | Refusal) else faults.known(error)
    return expected.message if expected else ""


def sentence_or_raise(error: Exception) -> str:
    """The same where nothing is left to be shown beside it: a bug goes its own way."""
    words = sentence_of(error)
    if not words:
        raise error
    return words
