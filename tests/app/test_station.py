"""The first day of an installation, the days after, and the day the password is forgotten."""

import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pyrage
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import account, station
from app.kit import faults, wrap
from app.kit.paths import Home
from app.kit.refusal import Refusal
from app.kit.run import look, run
from models.account import Account
from models.audit import Audit
from models.exchange import Change, Replica
from models.local_note import LocalNote
from models.office import Office
from tests.app.life import (
    CENTRE_ID,
    NAME,
    PASSWORD,
    a_retiree,
    a_station,
    invitation,
    quick_vault,
)

__all__ = ["quick_vault"]


def test_a_new_station_knows_its_office_its_centre_and_its_head(tmp_path: Path) -> None:
    created = a_station(tmp_path / "s")
    with created.station as here:
        assert (here.office.code, here.office.name) == ("519902001001", "桂苑社区服务站")
        assert (here.office.centre_name, here.office.parent_id) == ("海棠区中心", CENTRE_ID)
        assert here.desk.name == NAME
        assert here.desk.roles == {"head"}
        assert here.vault.get(station.SECRET) == b"sync keys"
        replica = look(
            here.store, here.desk, lambda session: session.scalars(select(Replica)).one()
        )
        assert (replica.id, replica.office_id) == (here.replica, here.office.id)
        assert replica.seq == 3
    assert [one.shown for one in station.names(Home(tmp_path / "s"))] == ["刘桂兰（站长）"]


def test_the_first_changes_of_a_station_are_its_staff_and_not_its_office(tmp_path: Path) -> None:
    with a_station(tmp_path / "s").station as here, here.store.look() as session:
        said = set(session.scalars(select(Change.entity)))
        assert said == {"staff", "account", "audit"}
        assert session.scalars(select(Audit.act)).all() == ["开始使用"]
        assert session.scalar(select(func.count()).select_from(Office)) == 2


def test_opening_again_writes_nothing_that_travels(tmp_path: Path) -> None:
    with a_station(tmp_path / "s").station as here, here.store.look() as session:
        before = session.scalar(select(func.count()).select_from(Change))
    with station.open_station(Home(tmp_path / "s"), NAME, PASSWORD) as here:
        with here.store.look() as session:
            assert session.scalar(select(func.count()).select_from(Change)) == before
            logins = session.scalars(select(LocalNote).where(LocalNote.key == "login")).all()
            assert len(logins) == 2
        assert here.desk.name == NAME


def test_what_was_entered_is_there_after_reopening_and_is_encrypted(tmp_path: Path) -> None:
    home = Home(tmp_path / "s")
    with a_station(home.dir).station as here:
        run(here.store, here.desk, lambda session: session.add(a_retiree()))
    stored = b"".join(path.read_bytes() for path in home.dir.rglob("*") if path.is_file())
    assert "王秀英".encode() not in stored
    assert b"SQLite format 3" not in stored
    with station.open_station(home, None, PASSWORD) as here, here.store.look() as session:
        assert session.query(type(a_retiree())).one().name == "王秀英"


def test_plain_sqlite_cannot_read_the_station(tmp_path: Path) -> None:
    a_station(tmp_path / "s").station.close()
    connection = sqlite3.connect(tmp_path / "s" / "station.db")
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        connection.execute("SELECT count(*) FROM sqlite_master")
    connection.close()


def test_a_station_is_not_set_up_twice(tmp_path: Path) -> None:
    a_station(tmp_path / "s").station.close()
    kept = (tmp_path / "s" / "station.db").read_bytes()
    with pytest.raises(Refusal, match="已经有资料了"):
        a_station(tmp_path / "s")
    assert (tmp_path / "s" / "station.db").read_bytes() == kept


def test_data_without_keys_are_not_set_up_over(tmp_path: Path) -> None:
    a_station(tmp_path / "s").station.close()
    for path in (tmp_path / "s").glob("keys.json*"):
        path.unlink()
    with pytest.raises(Refusal, match="已经有资料了"):
        a_station(tmp_path / "s")


def test_a_weak_first_password_leaves_nothing_behind(tmp_path: Path) -> None:
    home = Home(tmp_path / "s")
    with pytest.raises(Refusal, match="至少 8 位"):
        station.create_station(home, invitation(), NAME, "short")
    assert station.state(home) == "new"
    assert not home.dir.exists()


def test_a_forgotten_password_is_helped_by_the_card_and_the_old_card_dies(tmp_path: Path) -> None:
    created = a_station(tmp_path / "s")
    created.station.close()
    home = Home(tmp_path / "s")
    fresh = station.recover(
        home, created.recovery_code.lower().replace("-", " "), NAME, "Neue-Pw-27"
    )
    with station.open_station(home, NAME, "Neue-Pw-27") as here:
        assert here.vault.get(station.SECRET) == b"sync keys"
    with pytest.raises(faults.WrongCode):
        station.recover(home, created.recovery_code, NAME, PASSWORD)
    assert station.recover(home, fresh, NAME, PASSWORD) != fresh


def test_the_centre_can_always_open_what_its_stations_seal(tmp_path: Path) -> None:
    identity = pyrage.x25519.Identity.generate()
    with a_station(tmp_path / "s", str(identity.to_public())).station as here:
        assert pyrage.decrypt(wrap.unb64(here.vault.centre_box()), [identity]) == here.vault.key


def test_a_disabled_account_with_a_known_password_does_not_get_in(tmp_path: Path) -> None:
    home = Home(tmp_path / "s")
    with a_station(home.dir).station as here:

        def disable(session: Session) -> None:
            session.scalars(select(Account)).one().is_disabled = True
            account.first(session, "王海", ["head"])  # at another computer

        run(here.store, here.desk, disable)
    with pytest.raises(faults.NoSuchAccount, match="已停用"):
        station.open_station(home, NAME, PASSWORD)


def test_a_centre_has_an_office_of_its_own_that_goes_down(tmp_path: Path) -> None:
    created = station.create_centre(Home(tmp_path / "c"), "陈海", PASSWORD)
    with created.station as here, here.store.look() as session:
        assert here.home.database.name == "centre.db"
        assert (here.office.level, here.desk.roles) == ("2", frozenset({"centre_head"}))
        assert "office" in set(session.scalars(select(Change.entity)))
    with station.open_centre(Home(tmp_path / "c"), None, PASSWORD) as again:
        assert again.desk.name == "陈海"


@pytest.mark.postgres
def test_a_centre_may_live_on_a_server(tmp_path: Path, postgres_url: str) -> None:
    home = Home(tmp_path / "c")
    created = station.create_centre(home, "陈海", PASSWORD, url=postgres_url, secret=b"keys")
    created.station.close()
    with station.open_centre(home, None, PASSWORD, url=postgres_url) as again:
        assert again.desk.name == "陈海"
        assert again.vault.get(station.SECRET) == b"keys"
    with pytest.raises(Refusal, match="已经设置过了"):
        station.create_centre(home, "陈海", PASSWORD, url=postgres_url)


def test_a_server_that_does_not_answer_has_its_own_page(tmp_path: Path) -> None:
    url = "postgresql+psycopg://nobody@127.0.0.1:9/none"
    with pytest.raises(faults.ServerUnreachable, match="没有应答"):
        station.create_centre(Home(tmp_path / "c"), "陈海", PASSWORD, url=url)


CREATING = """
import sys
from pathlib import Path
from app.kit import wrap
wrap.WORK = wrap.Work(64, 1, 1)
from tests.app.life import a_station
print("ready", flush=True)
a_station(Path(sys.argv[1])).station.close()
print("done", flush=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kill -9 is POSIX")
@pytest.mark.parametrize("after", [0.02, 0.1, 0.2, 0.3, 0.4, 0.5])
def test_a_kill_while_setting_up_lets_it_begin_again(tmp_path: Path, after: float) -> None:
    folder = tmp_path / "s"
    with subprocess.Popen(
        [sys.executable, "-c", CREATING, str(folder)], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        time.sleep(after)
        child.kill()
    if station.state(Home(folder)) == "new":
        a_station(folder).station.close()
    with station.open_station(Home(folder), NAME, PASSWORD) as here:
        assert here.office.name == "桂苑社区服务站"
    assert not list(folder.glob("*.making*"))
