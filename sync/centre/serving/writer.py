"""The one writer of the centre: takes waiting files together and commits them together. A file
that is refused or breaks does not touch its neighbours.

A few small files are decided and answered at once. Where more come than that, each is stored and
its sender told so, and they are decided behind, a group whenever nothing more is to be stored.
"""

import logging
import queue
import threading
import time
from collections import defaultdict
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import timedelta

from models.kit.db import is_storage
from sync.centre.receiving import clocks
from sync.centre.receiving.files import Answer
from sync.centre.service import Centre
from sync.centre.serving.counts import Counts
from sync.fault import Fault

GROUP = 64
GROUP_BYTES = 32 * 2**20
AT_ONCE = 128 * 2**10
"""Bytes that are decided in the transaction that stores them."""
PAUSE = 1.0
FAIR = 10.0
"""Seconds of nothing but storing, after which a group of the queue is decided in between: five
hundred files of a month's end are stored in less."""
CALM = 0.05
"""Seconds without a file, after one that was stored, before the queue is gone on with: of those who
come at one moment the next is still on its way through the line."""
SOON = 16
"""Files stored and not decided, up to which a verdict is worth waiting for."""
IDLE = 60.0
"""Seconds without a file, after which what our people said meanwhile is kept beside the database,
and what an erasure of theirs leaves to do is done."""
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Ticket:
    """A file handed in; ``ahead``: how far its sender's clock was before ours. ``stored`` comes
    after the commit that keeps it, with a receipt at least; ``decided`` with the verdicts, unless
    it is forgotten before."""

    data: bytes
    ahead: timedelta | None = None
    stored: "Future[Answer]" = field(default_factory=Future)
    decided: "Future[Answer]" = field(default_factory=Future)


class Writer:
    """``submit`` from any thread; answers come after the commit that made them true."""

    def __init__(self, centre: Centre, limit: int = 1000) -> None:
        self._centre = centre
        self._jobs: queue.Queue[Ticket | None] = queue.Queue(limit)
        self._asked: defaultdict[str, list[Ticket]] = defaultdict(list)
        self._clocks: dict[str, timedelta] = {}
        self.counts = Counts()
        self._closing = False
        self._decided_at = time.monotonic()
        self._pause = threading.Event()
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
        self._thread.start()

    def submit(self, data: bytes, ahead: timedelta | None = None) -> Ticket:
        """Raises queue.Full when too many wait already."""
        ticket = Ticket(data, ahead)
        self._jobs.put_nowait(ticket)
        return ticket

    def forget(self, ticket: Ticket) -> None:
        """Nobody waits for the verdicts of this file any more."""
        ticket.decided.cancel()

    def heard_clock(self, replica: str, off: timedelta) -> None:
        """By how much the clock of a computer that we believe was ahead of ours. Noted when there
        is time for it."""
        self._clocks[replica] = off

    @property
    def is_alive(self) -> bool:
        """Does it still take files?"""
        return self._thread.is_alive()

    @property
    def is_soon(self) -> bool:
        """Do so few files wait that the verdicts of one stored now come in a moment?"""
        return len(self._asked) <= SOON

    @property
    def handed_in(self) -> int:
        """Files that are not stored yet."""
        return self._jobs.qsize()

    def close(self) -> None:
        """Store what was handed in, then stop; what is stored is decided after the next start."""
        self._jobs.put(None)
        self._thread.join()

    def _work(self) -> None:
        is_behind, is_loose = True, False
        patience = 0.0
        while not self._closing:
            is_loose = is_loose or self._loosen()
            group = self._next_group(patience if is_behind else IDLE)
            patience = CALM if group else 0.0
            if group:
                size = sum(len(one.data) for one in group)
                later = is_behind or size > AT_ONCE
                if not is_behind:
                    self._decided_at = time.monotonic()  # nothing waited till now
                is_behind = self._take(group, later=later) or is_behind
            if is_behind and not self._closing and self._may_decide(group):
                is_behind = self._decide_some()
                self._decided_at = time.monotonic()

    def _may_decide(self, group: list[Ticket]) -> bool:
        """What comes is stored first, but what waits does not wait for ever."""
        return not group or time.monotonic() - self._decided_at > FAIR

    def _loosen(self) -> bool:
        """What an earlier program failed at is tried again."""
        try:
            self._centre.loosen()
        except Exception:
            log.exception("the database does not answer")
            return False
        return True

    def _keep(self) -> None:
        try:
            self._centre.keep()
            heard, self._clocks = self._clocks, {}
            clocks.note(self._centre.store, heard)
        except Exception:
            log.exception("what was said meanwhile was not kept")

    def _next_group(self, patience: float) -> list[Ticket]:
        """Files that were handed in, the first of them within so many seconds."""
        group: list[Ticket] = []
        size = 0
        while len(group) < GROUP and size < GROUP_BYTES:
            try:
                ticket = self._jobs.get(block=not group, timeout=patience)
            except queue.Empty:
                if patience == IDLE and not group:
                    self._keep()
                break
            if ticket is None:
                self._closing = True
                break
            group.append(ticket)
            size += len(ticket.data)
        return group

    def _take(self, group: list[Ticket], *, later: bool) -> bool:
        """Does anything of it wait to be decided?"""
        results: list[Answer | Exception]
        start = time.perf_counter()
        try:
            files, ahead = [one.data for one in group], [one.ahead for one in group]
            results = [*self._centre.take_all(files, later=later, ahead=ahead)]
        except Exception as error:
            log.exception("a group of files was not stored")
            # where it is the program that fails at one of them, that is stored at least
            later = later or not is_storage(error)
            results = [self._alone(one, later=later) for one in group]
        self.counts.committed(time.perf_counter() - start)
        for ticket, result in zip(group, results, strict=True):
            self._note(ticket, result)
            self._told(ticket, result)
        return any(isinstance(one, Answer) and not one.is_decided for one in results)

    def _note(self, ticket: Ticket, result: Answer | Exception) -> None:
        """For whoever watches: what became of a file, nothing that is in it."""
        size = len(ticket.data)
        self.counts.received_bytes += size
        if isinstance(result, Answer):
            became = "decided" if result.is_decided else "stored"
            self.counts.changes += result.received
            header = result.header
            about = {"office": header.sender_office, "kind": header.kind, "count": header.count}
            log.info(became, extra={"said": {**about, "bytes": size}})
        else:
            became = "refused" if isinstance(result, Fault) else "failed"
            kind = result.kind if isinstance(result, Fault) else type(result).__name__
            log.info(became, extra={"said": {"kind": kind, "bytes": size}})
        self.counts.files[became] += 1

    def _told(self, ticket: Ticket, result: Answer | Exception) -> None:
        if isinstance(result, Exception):
            ticket.stored.set_exception(result)
            return
        if result.is_decided:
            ticket.decided.set_result(result)
        elif not result.goes_on:
            self._asked[result.sha256].append(ticket)
        ticket.data = b""  # it is on the disk now
        ticket.stored.set_result(result)

    def _alone(self, ticket: Ticket, *, later: bool) -> Answer | Exception:
        """After a group has failed, each file by itself: one that breaks the work breaks alone."""
        try:
            return self._centre.take_all([ticket.data], later=later, ahead=[ticket.ahead])[0]
        except Exception as error:
            log.exception("a file broke the writer's work")
            return error

    def _decide_some(self) -> bool:
        """A group of the queue; does more of it wait?"""
        try:
            names = self._centre.waiting()
            self._decide(names)
        except Exception:
            log.exception("the database does not answer")
            self._pause.wait(PAUSE)
            return True
        return bool(names)

    def _decide(self, names: list[str]) -> None:
        if not names:
            self._asked.clear()  # what is left of them waits for the next start
            return
        asked = {name for name in names if self._is_asked(name)}
        start = time.perf_counter()
        done = self._centre.work_off(names, asked)
        spent = time.perf_counter() - start
        self.counts.committed(spent)
        self.counts.files["decided behind"] += len(done)
        said = {"files": len(done), "ms": round(spent * 1000)}
        log.info("decided behind", extra={"said": said})
        for name, answer in done.items():
            for ticket in self._asked.pop(name, ()):
                if answer is not None and ticket.decided.set_running_or_notify_cancel():
                    ticket.decided.set_result(answer)

    def _is_asked(self, name: str) -> bool:
        return any(not one.decided.cancelled() for one in self._asked.get(name, ()))
