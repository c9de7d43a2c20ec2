"""Commands run the way a script runs them: words in, exit code and one JSON object out."""

import contextlib
import io
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.kit import wrap
from ui.command import main

PASSWORD = "Sangyu-2026"
QUICK = wrap.Work(memory_kib=64, passes=1, lanes=1)


@dataclass(frozen=True)
class Said:
    """How one command ended."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> dict[str, Any]:
        """The one object on stdout."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        assert self.out.count("\n") == 1, "more than one line on stdout"
        return found


def sangyu(*words: object, home: Path | None = None, password: str | None = PASSWORD) -> Said:
    """One command line, in this process."""
    place = [] if home is None else ["--home", str(home)]
    out, err = io.StringIO(), io.StringIO()
    with (
        password_of(password),
        quick_vaults(),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = main([*place, *map(str, words)])
    return Said(code, out.getvalue(), err.getvalue())


def done(*words: object, home: Path | None = None, password: str = PASSWORD) -> dict[str, Any]:
    """A command that has to work, asked for its JSON."""
    said = sangyu(*words, "--json", home=home, password=password)
    assert said.code == 0, said.err
    return said.data


def refused(*words: object, home: Path | None = None, password: str | None = PASSWORD) -> str:
    """A command that has to be refused: its sentence, the same on stderr and in the object."""
    said = sangyu(*words, "--json", home=home, password=password)
    assert said.code == 2, (said.out, said.err)
    assert said.err.splitlines() == [said.data["refused"]]
    return str(said.data["refused"])


@contextlib.contextmanager
def password_of(password: str | None) -> Iterator[None]:
    """SANGYU_PASSWORD, or none of it."""
    before = os.environ.pop("SANGYU_PASSWORD", None)
    os.environ.update({} if password is None else {"SANGYU_PASSWORD": password})
    try:
        yield
    finally:
        os.environ.pop("SANGYU_PASSWORD", None)
        os.environ.update({} if before is None else {"SANGYU_PASSWORD": before})


@contextlib.contextmanager
def quick_vaults() -> Iterator[None]:
    """New passwords cost one cheap guess; the cost is tried elsewhere."""
    slow, wrap.WORK = wrap.WORK, QUICK
    try:
        yield
    finally:
        wrap.WORK = slow


def into_files(out: Path, err: Path, *words: str) -> None:
    """The command as a process of its own, which somebody may kill; exits with its code."""
    sys.stdout, sys.stderr = out.open("w", buffering=1), err.open("w", buffering=1)
    with quick_vaults():
        code = main(words)
    sys.exit(code)
