"""The program's own log: five files of a megabyte in the home folder, for support.

It is for kinds of errors and places in the program, never for what an error said: a message may
quote a name. Numbers that could belong to a person are blotted out all the same.
"""

import logging
import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from zlib import crc32

from app.kit.paths import Home

ROOT = Path(__file__).resolve().parents[2]
SIZE, KEPT = 1_000_000, 5
PRIVATE = re.compile(r"(?<![0-9a-fA-F])(\d{3})\d{4,}([0-9Xx]?)(?![0-9a-fA-F])")


class _Blotted(logging.Formatter):
    """Long runs of digits keep their first three; ids in hexadecimal stay."""

    def format(self, record: logging.LogRecord) -> str:
        return blot(super().format(record))


def blot(line: str) -> str:
    """519902195203140269 -> 519***."""
    return PRIVATE.sub(r"\1***", line)


def number(error: BaseException) -> str:
    """The same mistake has the same number: where it came from, not what it said."""
    return f"UI-{crc32(places(error)[-1].encode()) % 9000 + 1000}"


def places(error: BaseException) -> list[str]:
    """The kind of error and the places on its way, without any value."""
    frames = traceback.extract_tb(error.__traceback__)
    found = [f"{_short(one.filename)}:{one.lineno} {one.name}" for one in frames]
    return [type(error).__name__, *found]


def _short(name: str) -> str:
    path = Path(name)
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else path.name


def note(log: logging.Logger, error: BaseException) -> None:
    """What nobody expected, as one line."""
    log.error("%s %s", number(error), " < ".join(reversed(places(error))))


class _Kept(logging.Handler):
    """What turns the files over brings sockets and pickles along: it is loaded when there is
    something to say, after the first paint."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file
        self.setFormatter(_Blotted("%(asctime)s %(levelname)s %(name)s %(message)s"))

    @cached_property
    def files(self) -> logging.Handler:
        from logging.handlers import RotatingFileHandler  # noqa: PLC0415 - after the first paint

        class Quiet(RotatingFileHandler):
            def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - its name
                """A log that cannot be written is no news for who is at the desk."""

        kept = Quiet(self.file, "a", SIZE, KEPT - 1, encoding="utf-8", delay=True)
        kept.setFormatter(self.formatter)
        return kept

    def emit(self, record: logging.LogRecord) -> None:
        self.files.emit(record)

    def flush(self) -> None:
        if "files" in vars(self):
            self.files.flush()

    def close(self) -> None:
        if "files" in vars(self):
            self.files.close()
        super().close()


def keep(
    home: Home, name: str = "sangyu", form: logging.Formatter | None = None
) -> logging.Handler:
    """Begin to write, for people unless another ``form`` is given; the caller removes the handler
    where a process opens several homes."""
    home.log.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept = _Kept(home.log / f"{name}.log")
    if form is not None:
        kept.setFormatter(form)
    logging.getLogger(name).setLevel(logging.INFO)
    logging.getLogger(name).addHandler(kept)
    return kept


@contextmanager
def kept(home: Home, name: str, form: logging.Formatter) -> Iterator[None]:
    """As long as the context lasts."""
    handler = keep(home, name, form)
    try:
        yield
    finally:
        logging.getLogger(name).removeHandler(handler)
        handler.close()
