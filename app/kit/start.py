"""From a folder to an open database: every way it can go wrong has its own page, and nothing that
cannot be read is ever written over."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Connection, func, inspect, make_url, select, text
from sqlalchemy.exc import ArgumentError

from app.kit import backup, faults, keyfile
from app.kit.faults import errors
from app.kit.lock import Lock
from app.kit.paths import Home
from app.kit.refusal import Refusal
from app.kit.vault import file_mark
from models.kit.db import Store, is_whole, open_file, open_url
from models.kit.stream import StreamTables

__all__ = ["Store", "Tables", "claim", "open_database", "open_server", "state"]


PAGE = 4096
NO_ADDRESS = "数据库地址应写成 postgresql+psycopg://用户:口令@主机/库名"


@dataclass(frozen=True, slots=True)
class Tables:
    """What the models hand in: their stream tables and their migrations."""

    stream: StreamTables
    upgrade: Callable[[Connection], None]
    current: Callable[[Connection], str | None]
    newest: Callable[[], str]
    known: Callable[[str], bool]


def state(home: Home) -> str:
    """``new`` where nothing was set up yet, else ``ready``; a half-made one is new."""
    begun = home.making.exists() and not home.database.exists()
    there = (home.database, home.keys, keyfile.second_copy(home), home.restoring)
    return "new" if begun or not any(path.exists() for path in there) else "ready"


def claim(home: Home) -> Lock:
    """This folder for this process alone, until released or the process ends."""
    home.dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = Lock(home.running)
    try:
        taken = lock.take()
    except OSError as error:
        raise faults.of(error, home.dir) from error
    if not taken:
        raise faults.SecondInstance
    return lock


def open_database(
    home: Home,
    key: bytes,
    tables: Tables,
    *,
    second: Path | None = None,
    alone: bool = True,
) -> Store:
    """Open, check and bring up to date; raises `faults.Fault` and then nothing has changed. Who
    is not alone takes the folder while upgrading."""
    _there(home)
    store = open_file(home.database, key, tables.stream)
    try:
        _check(home, store, second)
        if _version_of(store, tables) is None:
            raise damaged(home, second, "no tables")
        if _outdated(store, tables):
            lock = None if alone else claim(home)
            try:
                backup.make(home, key, tables.stream, "upgrade", second=second)
                bring_up(store, tables)
            finally:
                if lock is not None:
                    lock.release()
    except BaseException:
        store.close()
        raise
    return store


def new_database(path: Path, key: bytes, tables: Tables) -> Store:
    """An empty encrypted database with all tables."""
    store = open_file(path, key, tables.stream, fresh=True)
    try:
        _upgrade(store, tables)
    except BaseException:
        store.close()
        raise
    return store


def one_file(store: Store) -> None:
    """Fold the log into the file, so that it can be moved alone."""
    with store.engine.connect() as connection:
        _say(connection.connection.driver_connection, "PRAGMA journal_mode = DELETE", sqlite=True)


def open_server(url: str, tables: Tables) -> Store:
    """The same for the centre's server database."""
    store = open_url(_postgresql(url), tables.stream)
    try:
        bring_up(store, tables)
    except errors() as error:
        store.close()
        said = "数据库服务器没有应答，请看它是不是开着、地址对不对"
        raise faults.ServerUnreachable(said, detail=type(error).__name__) from error
    except BaseException:
        store.close()
        raise
    return store


def _postgresql(url: str) -> URL:
    """The address as it is meant; what it says is never repeated, for it holds a password."""
    try:
        made = make_url(url)
    except ArgumentError:
        raise Refusal(NO_ADDRESS, "database") from None
    if made.drivername not in ("postgresql", "postgresql+psycopg"):
        raise Refusal(NO_ADDRESS, "database")
    return made.set(drivername="postgresql+psycopg")


def offers(home: Home, second: Path | None = None) -> tuple[faults.Action, ...]:
    """What to do about a database that cannot be read: the newest good backup first."""
    best = backup.newest(home, second)
    if best is None:
        return (faults.CHOOSE, faults.SUPPORT)
    first = faults.Action("restore", f"从{best.shown} 的备份恢复", best.path)
    return (first, faults.CHOOSE, faults.SUPPORT)


def damaged(home: Home, second: Path | None, detail: str) -> faults.DatabaseDamaged:
    """The page for a file that does not read well."""
    best = backup.newest(home, second)
    said = "可能是上次断电时没有写完，或者硬盘有坏道。文件原样留着，没有改动。"
    if best is None:
        said += "这台电脑上没有找到备份，请不要删除任何文件"
    else:
        said += f"{best.shown} 的备份是完好的，恢复后缺的是那以后录入的内容"
    return faults.DatabaseDamaged(said, actions=offers(home, second), detail=detail)


def _there(home: Home) -> None:
    if state(home) == "new":
        raise faults.NotSetUp
    if not home.database.exists():
        raise faults.DatabaseMissing(
            f"钥匙还在，{home.database.name} 不见了。请把它放回原处，或者从备份恢复",
            actions=offers(home),
        )
    if home.database.stat().st_size < PAGE:
        raise damaged(home, None, f"{home.database.stat().st_size} bytes")


def _check(home: Home, store: Store, second: Path | None) -> None:
    mark = keyfile.load(home)["file"]
    try:
        if not is_whole(store):
            raise damaged(home, second, "quick_check")
    except errors() as error:
        fault = faults.of(error, home.dir)
        if not isinstance(fault, faults.DatabaseDamaged):
            raise fault from error
        if mark and _mark(home.database) not in ("", mark):
            actions = offers(home, second)
            raise faults.WrongKey(actions=actions, detail=fault.detail) from error
        raise damaged(home, second, fault.detail) from error


def _mark(database: Path) -> str:
    try:
        mark = file_mark(database)
    except OSError:
        return ""
    return mark if len(mark) == 32 else ""


def bring_up(store: Store, tables: Tables) -> None:
    """To the newest schema, for a file that is a copy anyway."""
    if _outdated(store, tables):
        _upgrade(store, tables)


def _version_of(store: Store, tables: Tables) -> str | None:
    with store.engine.connect() as connection:
        return tables.current(connection.execution_options(reading=True))


def _outdated(store: Store, tables: Tables) -> bool:
    at = _version_of(store, tables)
    if at is not None and not tables.known(at):
        raise faults.NewerSchema(detail=f"schema {at} > {tables.newest()}")
    return at != tables.newest()


def _upgrade(store: Store, tables: Tables) -> None:
    """All steps in one transaction; tables may be rebuilt, so links are checked at the end."""
    with store.engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        raw = connection.connection.driver_connection
        _say(raw, "PRAGMA foreign_keys = OFF", sqlite=sqlite)
        try:
            with connection.begin():
                before = _waiting(connection, tables)
                tables.upgrade(connection)
                if _waiting(connection, tables) != before:
                    raise ValueError("changes to be reported were lost or added by the upgrade")
                if sqlite and connection.execute(text("PRAGMA foreign_key_check")).first():
                    raise ValueError("dangling links after the upgrade")
        except Exception as error:
            fault = faults.known(error, _folder_of(raw, sqlite=sqlite))
            if isinstance(fault, faults.DiskFull):
                raise fault from error
            said = "升级没有做成，资料和以前一样；升级前的备份也在。请重试，还不行就联系技术支持"
            raise faults.UpgradeFailed(said, detail=type(error).__name__) from error
        finally:
            _say(raw, "PRAGMA foreign_keys = ON", sqlite=sqlite)


def _waiting(connection: Connection, tables: Tables) -> int:
    """Own changes without a verdict: an upgrade must leave every one of them (R52)."""
    change = tables.stream.change
    if not inspect(connection).has_table(change.name):
        return 0
    query = select(func.count()).select_from(change).where(change.c.outcome.is_(None))
    return connection.execute(query).scalar_one()


def _folder_of(raw: object, *, sqlite: bool) -> Path | None:
    if not sqlite or raw is None:
        return None
    found = raw.execute("PRAGMA database_list").fetchone()  # type: ignore[attr-defined]
    return Path(found[2]).parent


def _say(raw: object, line: str, *, sqlite: bool) -> None:
    if sqlite and raw is not None:
        raw.execute(line)  # type: ignore[attr-defined]
