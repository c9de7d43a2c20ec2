"""A centre's PostgreSQL that is stopped, started again, or cuts its lines at a bad moment: nothing
is answered that is not stored, nothing stored is lost, and nobody has to start the service anew."""

import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine, create_engine, func, select

from models.kit.db import Store
from models.retiree import Retiree
from sync.centre.keeping.journal import Journal
from sync.centre.serving.main import Service
from sync.fault import Fault
from tests.sync.conftest import Running
from tests.sync.parts import Node, register, world
from tests.sync.test_busy import figures, free_port, health
from tests.sync.views import agree

pytestmark = pytest.mark.postgres
CUT = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE datname = '{name}' AND pid <> pg_backend_pid()"
)


class Server:
    """Whoever looks after the database."""

    def __init__(self, server: str, store: Store) -> None:
        self.name = str(store.engine.url.database)
        self.engine: Engine = create_engine(server, isolation_level="AUTOCOMMIT")

    def says(self, line: str) -> None:
        with self.engine.connect() as connection:
            connection.exec_driver_sql(line)

    def cut(self) -> None:
        """Every line, whatever is on it."""
        self.says(CUT.format(name=self.name))

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Nobody gets in."""
        self.says(f"ALTER DATABASE {self.name} ALLOW_CONNECTIONS false")
        self.cut()
        yield
        self.says(f"ALTER DATABASE {self.name} ALLOW_CONNECTIONS true")


@pytest.fixture
def server(postgres_server: str, postgres_store: Store) -> Iterator[Server]:
    made = Server(postgres_server, postgres_store)
    yield made
    made.engine.dispose()


@pytest.fixture
def running(postgres_store: Store, tmp_path: Path) -> Iterator[tuple[Running, int]]:
    """A served centre with its raw store, and where it is watched."""
    here, watch = world(tmp_path, postgres_store), free_port()
    here.centre.journal = Journal(tmp_path / "raw")
    given = (here.centre, here.card.certificate.encode(), here.private)
    with Service(*given, watch=watch) as port:
        yield (
            Running(here, msgspec.structs.replace(here.card, url=f"https://127.0.0.1:{port}")),
            watch,
        )


def people(node: Node) -> int:
    return int(node.get(lambda s: s.scalar(select(func.count()).select_from(Retiree))))


def test_what_comes_while_it_is_stopped_is_kept_at_the_station_and_taken_once_it_is_back(
    running: tuple[Running, int], server: Server
) -> None:
    line, watch = running
    station = line.here.station("460203198001")
    station.do(register)
    line.sync(station)
    station.do(register, name="李秀兰", id_no="51990219500101001X")
    with server.stopped():
        with pytest.raises(Fault, match="暂时不能接收，资料已存在本机"):
            line.sync(station)
        assert station.outcomes().count(None) == 1
        assert health(watch) == 503
        assert figures(watch)["sangyu_database_up"] == 0
    assert health(watch) == 200
    assert line.sync(station).pending == 0
    assert people(line.here.node) == 2
    agree(line.here)


@pytest.mark.slow
def test_lines_cut_at_any_moment_cost_a_contact_and_nothing_else(
    running: tuple[Running, int], server: Server
) -> None:
    line, _ = running
    stations = [line.here.station(f"46020319800{number}") for number in range(3)]
    done = threading.Event()

    def cut() -> None:
        while not done.wait(random.uniform(0.05, 0.4)):  # noqa: S311
            server.cut()

    def work(station: Node) -> None:
        for number in range(12):
            station.do(register, name=f"人{number}", id_no=f"{station.code}{number:06d}")
            with suppress(Fault):  # which of them fail is luck
                line.sync(station)

    cutting = threading.Thread(target=cut)
    cutting.start()
    try:
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(work, stations))
    finally:
        done.set()
        cutting.join()
    assert [line.sync(station).pending for station in stations] == [0] * 3
    assert people(line.here.node) == 36
    agree(line.here)
