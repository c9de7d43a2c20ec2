"""One thing at a time off the main thread, before there is a store: signing in, setting up."""

from collections.abc import Callable
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor


class Errand(QObject):
    """`run` answers on the main thread, `done` with the result or `failed` with the exception."""

    busy = Signal(bool)
    _back = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.under_way = 0
        self._back.connect(self._deliver)

    @cached_property
    def lane(self) -> "ThreadPoolExecutor":
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - after the first paint

        return ThreadPoolExecutor(1, "errand")

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
