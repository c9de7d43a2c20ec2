"""Wall and CPU seconds of a piece of work, and the rows of the table."""

import os
import resource
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds; CPU includes finished children."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Line:
    """One target: the ratio reached, the ratio wanted, and what was measured."""

    target: str
    what: str
    reached: str
    wanted: str
    note: str


def cost(work: Callable[[], Any], *servers: int) -> Cost:
    """Do it once; the CPU of server processes and their children counts too."""
    start, before = time.perf_counter(), _cpu() + sum(map(cpu_of, servers))
    work()
    spent = _cpu() + sum(map(cpu_of, servers)) - before
    return Cost(time.perf_counter() - start, spent)


def best(work: Callable[[], Any], rounds: int = 3, server: int = 0) -> Cost:
    """The cheapest of several rounds, by CPU."""
    return min((cost(work, server) for _ in range(rounds)), key=lambda one: one.cpu)


def both(ours: Callable[[], Any], peer: Callable[[], Any], rounds: int = 5) -> tuple[Cost, Cost]:
    """The cheapest round of each, by CPU, taken in turns: what grows or is disturbed meanwhile
    meets both."""
    done = [(cost(ours), cost(peer)) for _ in range(rounds)]
    cheapest = [min(each, key=lambda one: one.cpu) for each in zip(*done, strict=True)]
    return cheapest[0], cheapest[1]


def _cpu() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def cpu_of(server: int) -> float:
    """CPU seconds of a process and its children, those that have ended too; 0 for none."""
    if not server:
        return 0.0
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            _, parent, *rest = stat.read_text().rpartition(")")[2].split()
            if int(stat.parent.name) == server:
                ticks += sum(map(int, rest[9:13]))
            elif int(parent) == server:
                ticks += sum(map(int, rest[9:11]))
    return ticks / os.sysconf("SC_CLK_TCK")


def disk_wait(folder: Path) -> float:
    """Seconds this disk takes to keep one small write, in the middle of thirty."""
    spent = []
    with (folder / "wait").open("wb") as file:
        for _ in range(30):
            file.write(b"x" * 4096)
            file.flush()
            start = time.perf_counter()
            os.fsync(file.fileno())
            spent.append(time.perf_counter() - start)
    return median(spent)


@contextmanager
def counted(port: int) -> Iterator[tuple[int, list[int]]]:
    """Another port of 127.0.0.1 that leads to this one, and how many bytes went each time."""
    told: list[int] = []

    def pass_on(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                told.append(len(data))
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def let_in() -> None:
        with suppress(OSError):
            while True:
                near = door.accept()[0]
                far = socket.create_connection(("127.0.0.1", port))
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=pass_on, args=pair, daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as door:
        threading.Thread(target=let_in, daemon=True).start()
        yield door.getsockname()[1], told


def percentile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` of all stay below."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def median(values: Sequence[float]) -> float:
    """The middle one."""
    return statistics.median(values)


def memory_mb() -> int:
    """The most this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def table(lines: Sequence[Line]) -> str:
    """The rows under one another."""
    rows = [("", "measured", "reached", "wanted", "note")]
    rows += [(one.target, one.what, one.reached, one.wanted, one.note) for one in lines]
    widths = [max(len(row[at]) for row in rows) for at in range(4)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, (*widths, 0), strict=True)).rstrip()
        for row in rows
    )
