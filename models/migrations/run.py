"""Alembic without an ini file: upgrade, current revision, comparison, new revision."""

from functools import cache
from pathlib import Path
from typing import Any, Literal

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.sql.elements import False_

from models.entities import Base

HERE = Path(__file__).parent


def config(connection: Connection | None = None) -> Config:
    """A configuration in code; migrations run on the connection given."""
    made = Config()
    made.set_main_option("script_location", str(HERE))
    made.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    made.attributes["connection"] = connection
    return made


def upgrade(connection: Connection) -> None:
    """To the newest schema, inside the caller's transaction."""
    command.upgrade(config(connection), "head")


@cache
def _scripts() -> ScriptDirectory:
    """The revisions that came with the program: read once, asked for at every start."""
    return ScriptDirectory.from_config(config())


def newest() -> str:
    """The revision this program knows."""
    return _scripts().get_current_head() or ""


def known(revision: str) -> bool:
    """Was this schema made by this program or an older one?"""
    return any(one.revision == revision for one in _scripts().walk_revisions())


def current(connection: Connection) -> str | None:
    """The schema a database has; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def differences(connection: Connection) -> list[Any]:
    """What the models say and the database does not; empty is right."""
    context = MigrationContext.configure(connection, opts=comparing(connection))
    return list(compare_metadata(context, Base.metadata))


def comparing(connection: Connection) -> dict[str, Any]:
    """How models are compared with a database, and what differs is written into a new revision:
    without what is only for another kind, and true for either kind."""
    dialect = connection.dialect.name

    def is_of_this(item: Any, *_: object) -> bool:
        return bool(item.info.get("only", dialect) == dialect)

    return {"compare_type": True, "include_object": is_of_this, "render_item": _rendered}


def _rendered(kind: str, item: Any, _context: object) -> str | Literal[False]:
    """PostgreSQL takes no 0 for a boolean, as which SQLite writes it."""
    is_false = kind == "server_default" and isinstance(item.arg, False_)
    return "sa.false()" if is_false else False
