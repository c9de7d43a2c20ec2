"""The program's own log: five files of a megabyte in the home folder, for support.

It is for kinds of errors and places in the program. Numbers that could belong to a person are
blotted out all the same, in case a message quotes one.
"""

import logging
import re
from logging.handlers import RotatingFileHandler

from app.kit.paths import Home

SIZE, KEPT = 1_000_000, 5
PRIVATE = re.compile(r"(?<![0-9a-fA-F])(\d{3})\d{4,}([0-9Xx]?)(?![0-9a-fA-F])")


class _Blotted(logging.Formatter):
    """Long runs of digits keep their first three; ids in hexadecimal stay."""

    def format(self, record: logging.LogRecord) -> str:
        return blot(super().format(record))


def blot(line: str) -> str:
    """519902195203140269 -> 519***."""
    return PRIVATE.sub(r"\1***", line)


def keep(home: Home, name: str = "sangyu") -> RotatingFileHandler:
    """Begin to write; the caller removes the handler where a process opens several homes."""
    home.log.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept = RotatingFileHandler(
        home.log / f"{name}.log", maxBytes=SIZE, backupCount=KEPT - 1, encoding="utf-8", delay=True
    )
    kept.setFormatter(_Blotted("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.getLogger(name).setLevel(logging.INFO)
    logging.getLogger(name).addHandler(kept)
    return kept
