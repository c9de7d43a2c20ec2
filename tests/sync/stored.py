"""A centre that has stored what a station sent, and not decided it yet."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import func, select

from models.exchange import Queued
from sync.centre.hearing import Hearing
from sync.centre.serving import writer
from sync.centre.serving.writer import Writer
from sync.fault import Fault
from sync.station import run as talk
from tests.sync.parts import Node, World


class Later:
    """A link to a centre that only stores."""

    def __init__(self, here: World) -> None:
        self.here = here

    def exchange(self, data: bytes) -> bytes:
        (done,) = self.here.centre.take_all([data], later=True)
        if isinstance(done, Fault):
            raise done
        return done.data

    def close(self) -> None: ...


class Line:
    """A link straight to a writer, as far as storing."""

    def __init__(self, line: Writer) -> None:
        self.line = line

    def exchange(self, data: bytes) -> bytes:
        return self.line.submit(data).stored.result(30).data

    def close(self) -> None: ...


def send(here: World, station: Node) -> talk.Exchanged:
    """To a centre too busy to decide."""
    return talk.sync_now(station.store, station.keys, Later(here), station.code)


@contextmanager
def working(here: World) -> Iterator[Writer]:
    line = Writer(here.centre)
    yield line
    line.close()


def failed_at(here: World, station: Node) -> None:
    """What it sends now is stored, and the program fails at it."""
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(writer, "AT_ONCE", 0)
        broken.setattr(Hearing, "decide", failing)
        with working(here) as line:
            talk.sync_now(station.store, station.keys, Line(line), station.code)
            wait_until(lambda: stuck(here) > 0)


def repaired(here: World) -> None:
    """A newer program begins and decides all that waits."""
    with working(here):
        wait_until(lambda: queued(here) == 0)


def queued(here: World) -> int:
    return here.node.get(lambda s: s.scalar(select(func.count()).select_from(Queued))) or 0


def stuck(here: World) -> int:
    return here.node.get(lambda s: s.scalar(select(func.count(Queued.stuck_at)))) or 0


def failing(*_: Any, **__: Any) -> None:
    raise ValueError("王秀英 519902194611230269 13800002617")


def wait_until(true: Callable[[], bool]) -> None:
    for _ in range(200):
        if true():
            return
        threading.Event().wait(0.05)
    raise AssertionError
