"""The one writer of the centre: takes waiting files together and commits them
together. A file that is refused or breaks does not touch its neighbours."""

import logging
import queue
import threading
from concurrent.futures import Future

from sync.centre.service import Answer, Centre
from sync.fault import Fault

GROUP = 64
log = logging.getLogger(__name__)

Job = tuple[bytes, "Future[Answer]"]


class Writer:
    """``submit`` from any thread; answers come after the commit that made them true."""

    def __init__(self, centre: Centre, limit: int = 1000) -> None:
        self._centre = centre
        self._jobs: queue.Queue[Job | None] = queue.Queue(limit)
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
        self._thread.start()

    def submit(self, data: bytes) -> "Future[Answer]":
        """Raises queue.Full when too many wait already."""
        answer: Future[Answer] = Future()
        self._jobs.put_nowait((data, answer))
        return answer

    def close(self) -> None:
        """Finish what waits, then stop."""
        self._jobs.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            group, last = [job], False
            while len(group) < GROUP and not self._jobs.empty():
                more = self._jobs.get_nowait()
                if more is None:
                    last = True
                    break
                group.append(more)
            self._commit(group)
            if last:
                return

    def _commit(self, group: list[Job]) -> None:
        results: list[Answer | Exception]
        try:
            results = [*self._centre.take_all([data for data, _ in group])]
        except Exception as error:
            log.exception("a group of files was not stored")
            results = [error] if len(group) == 1 else [self._alone(data) for data, _ in group]
        for (_, future), result in zip(group, results, strict=True):
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)

    def _alone(self, data: bytes) -> Answer | Exception:
        """After a group has failed, each file by itself: one that breaks the work breaks alone."""
        try:
            return self._centre.accept(data)
        except Fault as fault:
            return fault
        except Exception as error:
            log.exception("a file broke the writer's work")
            return error
