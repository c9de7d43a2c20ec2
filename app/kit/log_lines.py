"""A log for machines: one JSON object a line. What a service says of its work, and of an error its
kind and places, never its words: they may quote a name."""

import logging

import msgspec

from app.kit.log import blot, places
from models.kit import clock

PLACES = 12


class Lines(logging.Formatter):
    """``extra={"said": {...}}`` of a call becomes fields of the line."""

    def format(self, record: logging.LogRecord) -> str:
        said = getattr(record, "said", {})
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            kind, *found = places(error)
            said = {**said, "error": kind, "places": found[-PLACES:]}
        at = clock.from_millis(int(record.created * 1000)).isoformat()
        first = {"at": at, "level": record.levelname.lower(), "event": record.getMessage()}
        return blot(msgspec.json.encode({**first, **said}).decode())
