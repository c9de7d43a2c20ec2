"""Opening databases and the one place that commits. Only ``app.kit`` and ``sync`` come here."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import (
    URL,
    Connection,
    Engine,
    PoolProxiedConnection,
    create_engine,
    select,
    text,
    update,
)
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine.interfaces import CoreExecuteOptionsParameter
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from models.kit import clock
from models.kit.changes import Guarded, Recorder
from models.kit.direct import as_json
from models.kit.stream import Position, StreamTables, position

CACHE_KB = 64 * 1024
JSON_BY: dict[str, Any] = {
    "json_serializer": as_json,
    "json_deserializer": msgspec.json.decode,
}
WAIT_MS = 5000
STORAGE = frozenset({5, 6, 7, 8, 10, 11, 13, 14, 15, 26})
"""Of SQLite: busy, locked, no memory, read only, input or output, corrupt, full, cannot open,
locking protocol, no database (https://sqlite.org/rescode.html)."""
PLANS_LAST = 60
"""Seconds, in which tables do not grow out of all proportion."""
SOLE = "SELECT pg_try_advisory_lock(hashtextextended(current_schema(), 0))"
NEVER, NORMAL, FULL = 0, 1, 2
PURPOSE, LEVEL = "purpose", "synchronous"


def is_storage(error: BaseException) -> bool:
    """Is it the disk or the server that failed, and not what was to be written?"""
    origin = getattr(error, "orig", None) or error
    code = getattr(origin, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in STORAGE
    return isinstance(error, OSError | OperationalError)


@dataclass(frozen=True, slots=True)
class Store:
    """An open database with the tables its stream lives in. ``committed`` is told after each
    commit how far our own stream has come; ``folder`` is where its file lies, if it is one."""

    engine: Engine
    sessions: sessionmaker[Session]
    tables: StreamTables
    committed: Callable[[Position], None] | None = None
    folder: Path | None = None

    @contextmanager
    def begin(self, who: str, office_id: str) -> Iterator[Session]:
        """One writing action: commits data and stream entries together, or nothing."""
        with _undisturbed(), self.sessions() as session:
            self._one_writer(session)
            recorder = Recorder(who, office_id, self.tables)
            session.info["recorder"] = recorder
            yield session
            recorder.finish(session)
            self._commit(session)

    @contextmanager
    def apply(self, *, again: bool = False) -> Iterator[Session]:
        """Write what others said: one transaction, nothing logged as ours. What they would say
        ``again`` need not wait for the disk: where the power fails it is as if it had not been
        heard, and nothing that is written later stays without it."""
        with _undisturbed(), self.sessions() as session:
            if again:
                session.connection(execution_options={"unwaited": True})
            self._one_writer(session)
            yield session
            self._commit(session)

    def _commit(self, session: Session) -> None:
        at = position(session, self.tables) if self.committed else None
        raw: Any = session.connection().connection.driver_connection
        try:
            session.commit()
        except DatabaseError:
            raw.rollback()  # SQLite keeps a transaction that could not end, and so would the pool
            raise
        if self.committed and at:
            self.committed(at)

    @contextmanager
    def look(self) -> Iterator[Session]:
        """Read only; sees one consistent state."""
        with self.sessions() as session:
            session.connection(execution_options={"reading": True})
            yield session

    def _one_writer(self, session: Session) -> None:
        """SQLite has one writer by nature; a server gets one through the replica's row, so that
        what people decide and what stations send never interleave."""
        if self.engine.dialect.name != "sqlite":
            session.execute(select(self.tables.replica.c.id).with_for_update())

    @contextmanager
    def sole(self) -> Iterator[bool]:
        """Is nobody else at this server's database (or this schema of it) who asked the same? As
        long as the line lives on which it was asked; beside a file lies a lock of its own."""
        if self.engine.dialect.name == "sqlite":
            yield True
            return
        with self.engine.connect() as line:
            line.execution_options(isolation_level="AUTOCOMMIT")
            yield bool(line.scalar(text(SOLE)))
            line.invalidate()  # in the pool it would go on holding

    def scrub(self, *, noted: bool = False) -> bool:
        """After an erasure: nothing that went can be found in the file's free places, its log or
        what the planner sampled. ``noted`` in the table of who was erased. False where somebody
        else is at it, or the disk has no room: to be tried again."""
        try:
            if self.engine.dialect.name == "sqlite":
                if not self._scrub_file():
                    return False
            else:
                with self.engine.connect() as connection:
                    alone = connection.execution_options(isolation_level="AUTOCOMMIT")
                    alone.exec_driver_sql("VACUUM (ANALYZE)")
        except (sqlcipher.Error, DatabaseError):
            return False
        if noted:
            erased = self.tables.erased
            waits = update(erased).where(erased.c.emptied_at.is_(None))
            with self.apply() as session:
                session.execute(waits.values(emptied_at=clock.now()))
        return True

    def _scrub_file(self) -> bool:
        raw = self.engine.raw_connection()
        try:
            # beside the file, encrypted like it: in memory it would not fit where there are photos
            raw.cursor().execute("PRAGMA temp_store = FILE")
            raw.cursor().execute("VACUUM")
            busy, *_ = raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not busy  # who reads on from before holds the log, which is no error here
        finally:
            raw.cursor().execute("PRAGMA temp_store = MEMORY")
            raw.close()

    def close(self) -> None:
        """Let go of the file."""
        self.engine.dispose()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Records hold no cycles. To look for some again and again among the tens of thousands that one
    transaction makes took a quarter of its time. Whoever turned the search off turns it on."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def open_file(path: Path, key: bytes | None, tables: StreamTables, *, fresh: bool = False) -> Store:
    """An SQLite file; with a key, SQLCipher. Never creates a file unless ``fresh``. Raises
    sqlcipher3 errors: a wrong key and a damaged file look alike."""
    mode = "rwc" if fresh else "rw"

    def connect() -> Any:
        connection = sqlcipher.connect(
            f"{path.absolute().as_uri()}?mode={mode}",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            timeout=WAIT_MS / 1000,
        )
        try:
            _prepare(connection, key)
        except BaseException:
            connection.close()
            raise
        return connection

    # an error that quotes its values would carry people's data into logs
    engine = create_engine(
        "sqlite+sangyu://", creator=connect, module=sqlcipher, hide_parameters=True, **JSON_BY
    )
    return replace(_store(engine, tables), folder=path.parent)


def _prepare(connection: Any, key: bytes | None) -> None:
    if key is not None:
        connection.execute("PRAGMA cipher_log_level = NONE")
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KB}")
    connection.execute("PRAGMA temp_store = MEMORY")


def open_url(url: str | URL, tables: StreamTables) -> Store:
    """A server database. What is asked often is read and planned once (by psycopg, from the sixth
    time on): to plan the question about a file's sender anew took three times as long as to answer
    it. A plan that was made of empty tables does not outlive its connection."""
    engine = create_engine(
        url, pool_pre_ping=True, pool_recycle=PLANS_LAST, hide_parameters=True, **JSON_BY
    )
    return _store(engine, tables)


def _store(engine: Engine, tables: StreamTables) -> Store:
    return Store(
        engine, sessionmaker(engine, class_=Guarded, expire_on_commit=False, autoflush=True), tables
    )


class _Dialect(SQLiteDialect_pysqlite):
    """Writers take the lock when they begin, so that two never meet half-way. Not told by an event:
    an engine with a single listener asks all kinds of them about every statement."""

    supports_statement_cache = True

    def set_connection_execution_options(
        self, connection: Connection, opts: CoreExecuteOptionsParameter
    ) -> None:
        """They say what the transaction that begins next is for."""
        super().set_connection_execution_options(connection, opts)
        connection.info[PURPOSE] = opts

    def do_begin(self, dbapi_connection: PoolProxiedConnection) -> None:
        """To write, with the disk waited for, unless something else was said."""
        raw: Any = dbapi_connection.driver_connection
        info = dbapi_connection.info
        options = info.pop(PURPOSE, {})
        if options.get("reading"):
            raw.execute("BEGIN")
            return
        _wait_for_disk(raw, info, is_due="unwaited" not in options)
        raw.execute("BEGIN IMMEDIATE")


registry.register("sqlite.sangyu", __name__, _Dialect.__name__)


def _wait_for_disk(raw: Any, info: dict[str, Any], *, is_due: bool) -> None:
    """Whether the commit returns only when it is on the disk; where nobody ever waits, not."""
    if LEVEL not in info:
        (info[LEVEL],) = raw.execute("PRAGMA synchronous").fetchone()
    wanted = FULL if is_due else NORMAL
    if info[LEVEL] not in (wanted, NEVER):
        raw.execute(f"PRAGMA synchronous = {wanted}")
        info[LEVEL] = wanted


def is_whole(store: Store) -> bool:
    """Does the file read well from end to end?"""
    with store.engine.connect() as connection:
        return connection.execute(text("PRAGMA quick_check")).scalar() == "ok"
