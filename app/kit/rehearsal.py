"""A backup taken out for a rehearsal: into a folder of its own, as encrypted as ever, brought up to
today's program and gone again afterwards. The installation itself is only read.
"""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from app.kit import backup, faults, start, wrap
from app.kit.backup import Copy
from app.kit.lock import Lock
from app.kit.paths import Home
from app.kit.refusal import Refusal
from app.kit.start import Tables
from models.kit import clock
from models.kit.db import Store, open_file

SAFE = "今天的资料没有受影响"
ANEW = f"{SAFE}；请现在重新备份一次，再演练一次"
NONE = f"这台电脑上一份备份也没有。{ANEW}"
BUSY = f"这台电脑上正在演练，这一次没有再演练。{SAFE}；请等那一次做完，再看结果"
NAMED = re.compile(r"-(\d{8}-\d{6})-[a-z]+$")


class Unfit(Refusal):
    """Recovery would not have worked: what happened, what is safe, what to do next."""


def day_words(at: datetime) -> str:
    """11月23日, which stays true tomorrow; of another year with it."""
    here = clock.local(at)
    year = "" if here.year == clock.today().year else f"{here.year}年"
    return f"{year}{here.month}月{here.day}日"


def newest(home: Home, label: str, second: Path | None = None) -> Copy:
    """What would be restored: the newest backup of this PC, where it has none that of the second
    folder, which other stations may share. One that cannot be read is not passed over."""
    torn = max(_torn(home, clock.now()), default=None)
    here = backup.copies(home)
    there = [one for one in backup.copies(home, second) if one.path.name.startswith(f"{label}-")]
    found = next(iter(here or there), None)
    if torn is not None and (found is None or torn > found.made_at):
        raise Unfit(f"{day_words(torn)}的备份打不开，已经损坏。{ANEW}")
    if found is None:
        raise Unfit(NONE)
    return found


def _torn(home: Home, now: datetime) -> Iterator[datetime]:
    """When the copies were made that do not say so any more, by their names."""
    for path in home.backups.glob(f"*{backup.SUFFIX}"):
        said = NAMED.search(path.stem)
        try:
            backup.read(path)
        except faults.DatabaseDamaged:
            made = said and datetime.strptime(said[1], "%Y%m%d-%H%M%S")  # noqa: DTZ007
            if made and made.replace(tzinfo=clock.SHANGHAI) <= now:
                yield made.replace(tzinfo=clock.SHANGHAI)
        except FileNotFoundError:
            continue


@contextmanager
def rehearsed(home: Home, key: bytes, tables: Tables, copy: Copy) -> Iterator[Store]:
    """The backup as a restore would leave it, open as long as the context lasts."""
    with faults.explained(home.dir), _alone(home):
        _clear(home)
        try:
            store = _restored(home, key, tables, copy)
            try:
                yield store
            finally:
                store.close()
        finally:
            _clear(home)


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    lock = Lock(home.rehearsing)
    if not lock.take():
        raise Refusal(BUSY)
    try:
        yield
    finally:
        lock.release()


def clear(home: Home) -> None:
    """What a killed rehearsal left behind, unless one is under way."""
    if home.rehearsal.exists():
        lock = Lock(home.rehearsing)
        if lock.take():
            _clear(home)
            lock.release()


def _clear(home: Home) -> None:
    shutil.rmtree(home.rehearsal, ignore_errors=True)


def _restored(home: Home, key: bytes, tables: Tables, copy: Copy) -> Store:
    """Each step of a restore; raises `Unfit` where one of them would have stopped it."""
    day = day_words(copy.made_at)
    try:
        with faults.explained(home.dir):
            return _opened(home, key, tables, copy)
    except faults.DiskFull as fault:
        left = shutil.disk_usage(home.dir).free // 1024 // 1024
        said = f"硬盘上没有地方演练（剩 {left} MB）。{SAFE}，备份也在；请清理硬盘，再演练一次"
        raise Unfit(said) from fault
    except faults.DatabaseDamaged as fault:
        raise Unfit(f"{day}的备份打不开，已经损坏。{ANEW}") from fault
    except (faults.UpgradeFailed, faults.NewerSchema) as fault:
        raise Unfit(f"{day}的备份恢复以后升级不到现在的程序。{ANEW}") from fault
    except (OSError, faults.BadDisk) as error:
        if backup.whole(copy.path):
            raise  # of the disk it was taken out to
        raise Unfit(f"{day}的备份读不出来。{ANEW}") from error


def _opened(home: Home, key: bytes, tables: Tables, copy: Copy) -> Store:
    day = day_words(copy.made_at)
    backup.room(home.dir, 2 * copy.size)
    home.rehearsal.mkdir(mode=0o700)
    path = home.rehearsal / home.database.name
    if backup.take_out(copy, path)["key"] != wrap.key_name(key):
        raise Unfit(f"{day}的备份是用别的钥匙加密的，本站的钥匙打不开。{ANEW}")
    store = open_file(path, key, tables.stream)
    try:
        if not backup.holds(store, copy, tables.stream):
            raise Unfit(f"{day}的备份里面的内容不完整。{ANEW}")
        start.bring_up(store, tables)
    except BaseException:
        store.close()
        raise
    return store
