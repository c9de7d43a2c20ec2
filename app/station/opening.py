"""Logging in: the file is opened, what was interrupted is ended, and a file put back or copied goes
on as another incarnation."""

from app import erasure, renewal
from app.kit import faults, keyfile, rehearsal, restore, start, vault
from app.kit.keyfile import Entry
from app.kit.lock import Lock
from app.kit.marker import Marker
from app.kit.paths import Home
from app.station.installation import Station, installed, marked, opened_store, second_folder

NO_CENTRE = "这个文件夹里还没有区中心，请看看 --home 对不对，或者先用 sangyu centre create 建立"


def names(home: Home) -> list[Entry]:
    """Who may log in here, before anybody has."""
    _finish(home)
    restore.mend_keys(home, second_folder(home))
    return keyfile.names(home)


def state(home: Home) -> str:
    """``new`` or ``ready``."""
    return start.state(home)


def open_station(
    home: Home,
    name: str | None,
    password: str,
    *,
    alone: bool = True,
    lock: Lock | None = None,
    url: str | None = None,
) -> Station:
    """Log in and open; without a name for the only account there is. ``alone=False`` is for a
    command that may run beside the desktop. Raises `faults.Fault`."""
    if start.state(home) == "new":
        raise faults.NotSetUp(NO_CENTRE if home.side == "centre" else "")
    taken = lock or (start.claim(home) if alone else None)
    try:
        with faults.explained(home.dir):
            return _enter(home, name, password, taken, url)
    except BaseException:
        if taken is not None and lock is None:
            taken.release()
        raise


def _enter(
    home: Home, name: str | None, password: str, lock: Lock | None, url: str | None
) -> Station:
    if lock is not None:
        restore.finish(home)
    else:
        _finish(home)
    restore.mend_keys(home, second_folder(home))
    rehearsal.clear(home)
    opened = vault.unlock(home, name, password)
    marker = Marker.of(home)
    mark = marker.read()
    store = marked(opened_store(home, opened, url, alone=lock is not None), marker, home)
    try:
        renewed = None
        if home.side == "station":
            erasure.erase_again(store, marker.erased)
            renewed = renewal.if_put_back(store, opened.account, marker, mark)
        return installed(home, store, opened, lock, renewed)
    except BaseException:
        store.close()
        raise


def open_centre(
    home: Home,
    name: str | None,
    password: str,
    *,
    url: str | None = None,
    alone: bool = True,
) -> Station:
    """The centre's installation: its own file, or a server database by URL."""
    return open_station(Home(home.dir, "centre"), name, password, alone=alone, url=url)


def _finish(home: Home) -> None:
    """End an interrupted restore, unless somebody is at it."""
    if home.restoring.exists():
        lock = start.claim(home)
        try:
            restore.finish(home)
        finally:
            lock.release()
