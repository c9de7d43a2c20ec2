"""Everything that takes time, off the main thread; answers come back on the main thread.

Lane one does verbs and queries in the order they were asked. Lane two does long jobs (import,
exchange, papers), so that a question is never stuck behind one.
"""

import inspect
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

import shiboken6
from PySide6.QtCore import QCoreApplication, QDeadlineTimer, QEventLoop, QObject, QThread, Signal
from PySide6.QtWidgets import QApplication

from app.kit.refusal import Overtaken, Refusal
from app.kit.run import Outcome, Store, look, run
from app.kit.who import Desk
from ui.kit.ask import active_window, ask

Callback = Callable[[Any], object]
T = TypeVar("T")


class Ticket:
    """What was asked for; `drop()` when the answer is no longer wanted."""

    def __init__(self) -> None:
        self.future: Future[None] | None = None
        self.dropped = False

    def drop(self) -> None:
        self.dropped = True
        if self.future is not None:
            self.future.cancel()


class Work(QObject):
    """The desk's access to the store. `changed` names the tables a verb has changed; `overtaken`
    says that somebody else has, so that all is read again; `busy` the number of jobs under way."""

    changed = Signal(object)
    overtaken = Signal()
    busy = Signal(int)
    _arrived = Signal(object)

    def __init__(self, store: Store, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.store, self.desk = store, desk
        self.lane = ThreadPoolExecutor(1, "verbs")
        self.long_lane = ThreadPoolExecutor(1, "long")
        self.pending, self.closed = 0, False
        self._arrived.connect(self._deliver)

    def do(
        self,
        verb: Callable[..., T],
        *args: Any,
        done: Callable[[T], object] | None = None,
        refused: Callable[[Refusal], object] | None = None,
        **kwargs: Any,
    ) -> Ticket:
        """A verb in its own transaction: `changed` first, then `done(result)`."""

        def written(outcome: Outcome[T]) -> None:
            self.changed.emit(outcome.changed)
            call(done, outcome.result)

        def failed(error: Exception) -> None:
            self._failed(refused, error)
            if isinstance(error, Overtaken):
                self.overtaken.emit()

        job = partial(run, self.store, self.desk, verb, *args, **kwargs)
        return self._send(self.lane, job, written, failed)

    def ask(
        self,
        query: Callable[..., T],
        *args: Any,
        done: Callable[[T], object] | None = None,
        refused: Callable[[Refusal], object] | None = None,
        **kwargs: Any,
    ) -> Ticket:
        """A question; nothing is written."""
        job = partial(look, self.store, self.desk, query, *args, **kwargs)
        return self._send(self.lane, job, partial(call, done), partial(self._failed, refused))

    def call(
        self,
        function: Callable[..., T],
        *args: Any,
        done: Callable[[T], object] | None = None,
        failed: Callable[[Exception], object] | None = None,
        **kwargs: Any,
    ) -> Ticket:
        """A long job on the second lane; `failed` gets every exception, refusals too."""
        job = partial(function, *args, **kwargs)
        fail = failed or partial(self._failed, None)
        return self._send(self.long_lane, job, partial(call, done), partial(call, fail))

    def on_main(self, callback: Callable[..., object]) -> Callable[..., None]:
        """A function for jobs to call: `callback` happens on the main thread, e.g. progress."""

        def hand_over(*args: Any, **kwargs: Any) -> None:
            self._arrived.emit((None, partial(callback, *args, **kwargs), callback))

        return hand_over

    def tell_changed(self, tables: frozenset[str]) -> None:
        """For jobs that ran verbs by themselves."""
        self.changed.emit(tables)

    def tell_all(self) -> None:
        """For jobs after which anything may be otherwise."""
        self.changed.emit(frozenset())
        self.overtaken.emit()

    def wait(self, seconds: float = 20) -> None:
        """Until nothing is under way; answers are delivered meanwhile."""
        deadline = QDeadlineTimer(int(seconds * 1000))
        while self.pending:
            if deadline.hasExpired():
                raise TimeoutError(f"{self.pending} jobs under way after {seconds} s")
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            QThread.msleep(1)
        QCoreApplication.processEvents()

    def close(self) -> None:
        """Nothing more is taken, also not from a timer that is late; what was begun is finished."""
        self.closed = True
        self.lane.shutdown(wait=True, cancel_futures=True)
        self.long_lane.shutdown(wait=True, cancel_futures=True)

    def _send(
        self,
        lane: ThreadPoolExecutor,
        job: Callable[[], Any],
        done: Callback,
        failed: Callable[[Exception], object],
    ) -> Ticket:
        ticket = Ticket()
        if self.closed:
            ticket.drop()
            return ticket
        self.pending += 1
        self.busy.emit(self.pending)
        ticket.future = lane.submit(self._attempt, ticket, job, done, failed)
        ticket.future.add_done_callback(partial(self._cancelled, ticket))
        return ticket

    def _attempt(
        self,
        ticket: Ticket,
        job: Callable[[], Any],
        done: Callback,
        failed: Callable[[Exception], object],
    ) -> None:
        try:
            answer = partial(done, job())
        except Exception as error:
            answer = partial(failed, error)
        self._arrived.emit((ticket, answer, None))

    def _cancelled(self, ticket: Ticket, future: Future[None]) -> None:
        if future.cancelled():
            self._arrived.emit((ticket, _nothing, None))

    def _deliver(self, parcel: tuple[Ticket | None, Callable[[], object], Any]) -> None:
        ticket, answer, receiver = parcel
        if ticket is not None:
            self.pending -= 1
            self.busy.emit(self.pending)
        if (ticket is None or not ticket.dropped) and (receiver is None or alive(receiver)):
            answer()

    def _failed(self, refused: Callable[[Refusal], object] | None, error: Exception) -> None:
        if not isinstance(error, Refusal):
            sys.excepthook(type(error), error, error.__traceback__)
        elif refused is not None:
            call(refused, error)
        elif QApplication.instance() is not None:
            ask.tell(active_window(), "没有做成", error.message, tone="warn")


def _nothing() -> None:
    pass


def call(callback: Callback | None, value: Any) -> None:
    """Tell whoever asked, unless it is gone by now."""
    if callback is not None and alive(callback):
        callback(value)


def alive(callback: Any) -> bool:
    """Do all widgets that this function speaks to still exist?"""
    if isinstance(callback, partial):
        return all(alive(each) for each in (callback.func, *callback.args))
    held = [getattr(callback, "__self__", None)]
    if inspect.isfunction(callback):
        held += [_content(cell) for cell in callback.__closure__ or ()]
    elif isinstance(callback, QObject):
        held.append(callback)
    return all(shiboken6.isValid(each) for each in held if isinstance(each, QObject))


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not filled yet
        return None
