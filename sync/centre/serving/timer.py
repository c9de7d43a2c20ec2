"""The service reports to the city by itself, every so often, once a city has let it in."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sync.centre.relay.way import Way
from sync.centre.service import Centre
from sync.fault import Fault
from sync.uplink import is_joined

FIRST = 5.0
log = logging.getLogger(__name__)


@contextmanager
def reporting(centre: Centre, minutes: int) -> Iterator[None]:
    """As long as the context lasts; never for 0 minutes."""
    if not minutes:
        yield
        return
    stop = threading.Event()
    thread = threading.Thread(target=_work, args=(centre, minutes, stop), name="city", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _work(centre: Centre, minutes: int, stop: threading.Event) -> None:
    pause = FIRST
    while not stop.wait(pause):
        pause = minutes * 60.0
        try:
            pause = max(pause, report(centre))
        except Exception:
            log.exception("the report to the city broke")


def report(centre: Centre) -> float:
    """Once, where there is a city; how many seconds it asked us to wait before the next time."""
    with centre.store.look() as session:
        if not is_joined(session):
            return 0
    try:
        done = Way(centre).report()
    except Fault as fault:
        log.info("not reported", extra={"said": {"kind": fault.kind}})
        return float(fault.after)
    log.info("reported", extra={"said": {"files": done.files, "count": done.sent}})
    return 0
