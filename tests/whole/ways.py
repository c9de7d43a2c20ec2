"""How a station and its centre reach each other, and of whom they speak."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.whole.commands import PASSWORD
from tests.whole.conftest import World


@contextmanager
def serving(world: World, *words: str, end: int = signal.SIGTERM) -> Iterator[None]:
    """`sangyu centre serve` as a process of its own, at the address of the invitation."""
    port = world.url.rsplit(":", 1)[1]
    command = ["centre", "serve", "--port", port, "--home", str(world.centre_home), *words]
    process = subprocess.Popen(
        [sys.executable, "-m", "ui.command", *command, "--json"],
        env={**os.environ, "SANGYU_PASSWORD": PASSWORD},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        assert f":{port}" in process.stderr.readline()
        yield
    finally:
        process.send_signal(end)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert json.loads(out) == {"served": True}
    assert not err


def by_stick(world: World, *centre: object) -> dict[str, int]:
    """There and back; what was written, taken in, answered and decided."""
    packed = world.station("pack", world.stick)
    taken = world.centre("unpack", world.stick, *centre)
    answered = world.centre("pack", world.stick, *centre)
    read = world.station("unpack", world.stick)
    return {
        "packed": packed["changes"],
        "taken": taken["changes"],
        "answered": answered["items"],
        "decided": read["decided"],
        "pending": read["pending"],
    }


def somebody(world: World) -> str:
    """The id of one of the station's people."""
    return str(world.station("people")["people"][0]["id"])
