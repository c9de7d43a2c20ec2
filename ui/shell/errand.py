"""One thing at a time off the main thread, before there is a store: signing in, setting up."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal


class Errand(QObject):
    """`run` answers on the main thread, `done` with the result or `failed` with the exception."""

    busy = Signal(bool)
    _back = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.lane = ThreadPoolExecutor(1, "errand")
        self.under_way = 0
        self._back.connect(self._deliver)

    def run(
        self,
        function: Callable[[], Any],
        done: Callable[[Any], object],
        failed: Callable[[Exception], object],
    ) -> None:
        self.under_way += 1
        self.busy.emit(True)
        self.lane.submit(self._attempt, function, done, failed)

    def _attempt(
        self,
        function: Callable[[], Any],
        done: Callable[[Any], object],
        failed: Callable[[Exception], object],
    ) -> None:
        try:
            answer = partial(done, function())
        except Exception as error:
            answer = partial(failed, error)
        self._back.emit(answer)

    def _deliver(self, answer: Callable[[], object]) -> None:
        self.under_way -= 1
        self.busy.emit(self.under_way > 0)
        answer()

    def close(self) -> None:
        self.lane.shutdown(wait=True, cancel_futures=True)
