"""The one writer of the centre: takes waiting files together and commits them
together. A file that is refused or breaks does not touch its neighbours."""

import logging
import queue
import threading
from concurrent.futures import Future

from sqlalchemy.orm import Session

from sync.centre.service import Answer, Centre, keep_refused
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
        results: list[tuple[Future[Answer], Answer | Exception]] = []
        try:
            with self._centre.store.apply() as session:
                results = [(future, self._one(session, data)) for data, future in group]
        except Exception as error:
            log.exception("a group of files was not stored")
            results = [(future, error) for _, future in group]
        for future, result in results:
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)

    def _one(self, session: Session, data: bytes) -> Answer | Exception:
        try:
            with session.begin_nested():
                return self._centre.take(session, data)
        except Fault as fault:
            keep_refused(session, data, fault)
            return fault
        except Exception as error:
            log.exception("a file broke the writer's work")
            return error
