"""What a person may be told: expected, in their words. Everything else is a bug."""


class Refusal(Exception):
    """The verb was not done; `message` says why and what to do, `field` where."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
