"""What can be wrong with an installation: each has its own page, and no file is lost over it."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from app import station
from app.kit import backup, faults, keyfile, start, vault
from app.kit.paths import Home
from app.kit.run import run
from app.station import installation
from models.kit import clock
from models.kit.db import open_file
from models.migrations import run as migrations
from tests import disks
from tests.app.life import NAME, PASSWORD, a_retiree, a_station
from tests.conftest import NOW

DANGLING = (
    "INSERT INTO tag (id, office_id, retiree_id, row_version, stamps)"
    " VALUES ('x', 'x', 'nobody', 1, '{}')"
)


def opened(home: Home) -> None:
    station.open_station(home, None, PASSWORD).close()


def opened_station(home: Home) -> station.Station:
    return station.open_station(home, None, PASSWORD)


def bytes_of(home: Home) -> str:
    return sha256(home.database.read_bytes()).hexdigest()


def fault_of(home: Home, kind: type[faults.Fault]) -> faults.Fault:
    with pytest.raises(faults.Fault) as raised:
        opened(home)
    assert type(raised.value) is kind, (raised.value, raised.value.detail)
    assert raised.value.title
    assert raised.value.message
    assert raised.value.actions
    assert raised.value.code[:3] in ("DB-", "PW-")
    return raised.value


def flip(path: Path, at: int, count: int = 1) -> None:
    data = bytearray(path.read_bytes())
    for one in range(at, at + count):
        data[one] ^= 0x55
    path.write_bytes(data)


def test_every_fault_has_a_code_and_a_title_of_its_own() -> None:
    kinds = [
        kind
        for kind in vars(faults).values()
        if isinstance(kind, type) and issubclass(kind, faults.Fault) and kind is not faults.Fault
    ]
    assert len(kinds) == 18
    assert len({kind.code for kind in kinds}) == len(kinds)
    assert len({kind.title for kind in kinds}) == len(kinds)
    assert all(kind.safe for kind in kinds)


def test_an_empty_folder_asks_to_be_set_up(tmp_path: Path) -> None:
    fault = fault_of(Home(tmp_path / "s"), faults.NotSetUp)
    assert fault.actions[0].name == "set_up"
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize("place", [16, 20, 60, 4000])
def test_a_damaged_first_page_is_kept_and_the_newest_good_backup_is_offered(
    station_home: Home, place: int
) -> None:
    noon = NOW - timedelta(hours=2, minutes=32)
    with clock.freeze(noon), station.open_station(station_home, None, PASSWORD) as here:
        good = here.backup("noon")
    with clock.freeze(NOW):
        with station.open_station(station_home, None, PASSWORD) as here:
            newer = here.backup("hand")
        flip(newer.path, newer.path.stat().st_size // 2)
        flip(station_home.database, place)
        before = bytes_of(station_home)
        fault = fault_of(station_home, faults.DatabaseDamaged)
    assert "今天 12:00 的备份是完好的" in fault.message
    assert (fault.actions[0].name, fault.actions[0].file) == ("restore", good.path)
    assert fault.actions[0].label == "从今天 12:00 的备份恢复"
    assert bytes_of(station_home) == before


def test_damage_deep_in_the_file_is_found_at_start(station_home: Home) -> None:
    size = station_home.database.stat().st_size
    found = 0
    for page in range(1, size // 4096, 7):
        flip(station_home.database, page * 4096 + 99)
        found += _is_damaged(station_home)
        flip(station_home.database, page * 4096 + 99)
    assert found >= size // 4096 // 7 - 1
    opened(station_home)


def _is_damaged(home: Home) -> bool:
    try:
        opened(home)
    except faults.DatabaseDamaged as fault:
        return "没有找到备份" in fault.message and fault.actions[0].name == "choose_backup"
    return False


@pytest.mark.parametrize("size", [0, 1, 100, 4096, 4096 * 3])
def test_a_cut_off_file_is_damaged_and_stays_as_it_is(station_home: Home, size: int) -> None:
    data = station_home.database.read_bytes()[:size]
    station_home.database.write_bytes(data)
    fault_of(station_home, faults.DatabaseDamaged)
    assert station_home.database.read_bytes() == data


def test_keys_of_another_station_are_called_the_wrong_keys(
    station_home: Home, tmp_path: Path
) -> None:
    other = Home(tmp_path / "other")
    a_station(other.dir).station.close()
    shutil.copy(other.keys, station_home.keys)
    before = bytes_of(station_home)
    fault = fault_of(station_home, faults.WrongKey)
    assert "不是一套" in fault.title
    assert bytes_of(station_home) == before


def test_a_missing_database_and_missing_keys_are_told_apart(station_home: Home) -> None:
    kept = station_home.database.read_bytes()
    station_home.database.unlink()
    assert "放回原处" in fault_of(station_home, faults.DatabaseMissing).message
    assert not station_home.database.exists()
    station_home.database.write_bytes(kept)
    saved = station_home.keys.read_bytes()
    for path in (station_home.keys, keyfile.second_copy(station_home)):
        path.unlink()
    fault_of(station_home, faults.KeysMissing)
    station_home.keys.write_bytes(saved)
    opened(station_home)


def test_lost_keys_are_taken_from_the_newest_fitting_backup(station_home: Home) -> None:
    with clock.freeze(NOW.replace(hour=12, minute=0)), opened_station(station_home) as here:
        here.backup("noon")
        here.vault.change_password(PASSWORD, "Haitang-2027")
        run(here.store, here.desk, lambda session: session.add(a_retiree()))
    station_home.keys.write_bytes(b"{")
    keyfile.second_copy(station_home).unlink()
    assert [one.name for one in station.names(station_home)] == ["刘桂兰"]
    with pytest.raises(faults.WrongPassword, match="11月23日 12:00 的备份，请用那时的口令"):
        station.open_station(station_home, None, "Haitang-2027")
    with opened_station(station_home) as here, here.store.look() as session:
        assert session.query(type(a_retiree())).count() == 1
    assert (station_home.dir / "keys.json.damaged").read_bytes() == b"{"


def test_keys_of_a_backup_that_does_not_fit_are_not_taken(
    station_home: Home, tmp_path: Path
) -> None:
    other = a_station(tmp_path / "other").station
    with other:
        made = other.backup("hand")
    station_home.backups.mkdir(exist_ok=True)
    shutil.copy(made.path, station_home.backups)
    station_home.keys.unlink()
    keyfile.second_copy(station_home).unlink()
    fault_of(station_home, faults.KeysMissing)


def test_a_wrong_password_is_a_fault_of_its_field(station_home: Home) -> None:
    with pytest.raises(faults.WrongPassword) as raised:
        station.open_station(station_home, None, "Wrong-pass-1")
    assert (raised.value.field, raised.value.left) == ("password", 4)
    opened(station_home)


def _rewrite(home: Home, *lines: str) -> None:
    key = vault.unlock(home, None, PASSWORD).key
    connection = sqlcipher.connect(str(home.database), isolation_level=None)
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    for line in lines:
        connection.execute(line)
    connection.close()


def test_a_newer_schema_names_the_side_to_upgrade_and_changes_nothing(station_home: Home) -> None:
    _rewrite(station_home, "UPDATE alembic_version SET version_num = '9001'")
    before = bytes_of(station_home)
    fault = fault_of(station_home, faults.NewerSchema)
    assert "请先升级本机程序" in fault.message
    assert "9001" in fault.detail
    assert bytes_of(station_home) == before


# ---- upgrades ------------------------------------------------------------------------------


@pytest.fixture
def newer_program(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A program whose schema is one step further; the list says what its step does."""
    steps = ["CREATE TABLE later (id TEXT PRIMARY KEY)"]

    def upgrade(connection: Connection) -> None:
        for step in steps:
            connection.execute(text(step))
        connection.execute(text("UPDATE alembic_version SET version_num = '0099'"))

    known = station.TABLES.known
    monkeypatch.setattr(
        installation,
        "TABLES",
        replace(
            station.TABLES,
            upgrade=upgrade,
            newest=lambda: "0099",
            known=lambda at: at == "0099" or known(at),
        ),
    )
    return steps


def test_an_upgrade_is_preceded_by_a_verified_backup(
    station_home: Home, newer_program: list[str]
) -> None:
    assert newer_program
    opened(station_home)
    (copy,) = backup.copies(station_home)
    assert (copy.reason, copy.schema) == ("upgrade", migrations.newest())
    assert "later" not in copy.rows
    assert backup.whole(copy.path)
    opened(station_home)
    assert len(backup.copies(station_home)) == 1


@pytest.mark.parametrize(
    "step",
    [
        "INSERT INTO nowhere VALUES (1)",
        DANGLING,
        "DELETE FROM change WHERE outcome IS NULL",  # what waits to be reported
        "UPDATE change SET outcome = 'applied'",
    ],
)
def test_a_failed_upgrade_leaves_everything_as_it_was(
    station_home: Home, newer_program: list[str], step: str
) -> None:
    newer_program += ["DROP TABLE parked", step]
    fault = fault_of(station_home, faults.UpgradeFailed)
    assert "和以前一样" in fault.message
    key = vault.unlock(station_home, None, PASSWORD).key
    store = open_file(station_home.database, key, station.TABLES.stream)
    with store.engine.connect() as connection:
        names = set(connection.execute(text("SELECT name FROM sqlite_master")).scalars())
        at = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        assert at == migrations.newest()
    store.close()
    assert "parked" in names
    assert "later" not in names


def test_a_command_beside_the_desktop_does_not_upgrade_under_it(
    station_home: Home, newer_program: list[str]
) -> None:
    assert newer_program
    lock = start.claim(station_home)
    with pytest.raises(faults.SecondInstance):
        station.open_station(station_home, None, PASSWORD, alone=False)
    lock.release()
    station.open_station(station_home, None, PASSWORD, alone=False).close()
    assert [one.reason for one in backup.copies(station_home)] == ["upgrade"]


def test_links_are_enforced_again_after_an_upgrade(
    station_home: Home, newer_program: list[str]
) -> None:
    assert newer_program
    with station.open_station(station_home, None, PASSWORD) as here, here.store.look() as session:
        assert session.execute(text("PRAGMA foreign_keys")).scalar() == 1


# ---- others at the same file -----------------------------------------------------------------

HOLDING = """
import sys
from pathlib import Path
from app.kit import wrap
wrap.WORK = wrap.Work(64, 1, 1)
from app import station
from app.station import installation
from app.kit.paths import Home
with station.open_station(Home(Path(sys.argv[1])), None, "Guiyuan-2026") as here:
    if sys.argv[2] == "writing":
        context = here.store.apply()
        context.__enter__().connection()
    print("open", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def another(station_home: Home) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(station_home.dir), "idle"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "open\n"
        yield child
        child.kill()


@pytest.mark.slow
def test_a_second_program_on_the_same_folder_is_told_so(
    station_home: Home, another: subprocess.Popen[str]
) -> None:
    fault = fault_of(station_home, faults.SecondInstance)
    assert fault.title == "桑榆已经打开了"
    with station.open_station(station_home, None, PASSWORD, alone=False) as beside:
        run(beside.store, beside.desk, lambda session: session.add(a_retiree()))
    another.kill()
    another.wait()
    opened(station_home)


def test_the_same_program_does_not_open_a_folder_twice(station_home: Home) -> None:
    with station.open_station(station_home, None, PASSWORD):
        fault_of(station_home, faults.SecondInstance)
    opened(station_home)


def test_the_login_page_may_hold_the_folder_before_anybody_logs_in(station_home: Home) -> None:
    lock = start.claim(station_home)
    with pytest.raises(faults.WrongPassword):
        station.open_station(station_home, None, "Wrong-pass-1", lock=lock)
    with pytest.raises(faults.SecondInstance):
        start.claim(station_home)
    station.open_station(station_home, None, PASSWORD, lock=lock).close()
    start.claim(station_home).release()


@pytest.mark.slow
def test_a_file_held_by_another_program_is_busy_not_damaged(station_home: Home) -> None:
    key = vault.unlock(station_home, None, PASSWORD).key
    holder = sqlcipher.connect(str(station_home.database), isolation_level=None)
    holder.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    holder.execute("PRAGMA journal_mode = DELETE")
    holder.execute("BEGIN EXCLUSIVE")
    fault = fault_of(station_home, faults.FileBusy)
    assert "请关掉" in fault.message
    holder.close()
    opened(station_home)


def test_a_folder_that_cannot_be_written_is_not_called_damaged(
    station_home: Home, small_disk: Path
) -> None:
    home = Home(Path(shutil.copytree(station_home.dir, small_disk / "s")))
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(faults.ReadOnly) as raised:
        station.open_station(home, None, PASSWORD)
    assert "资料没有改动" in raised.value.message
    assert {one.name for one in raised.value.actions} == {"retry", "close", "support"}
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    opened(home)


@pytest.mark.skipif(sys.platform != "linux", reason="a file that never reads well")
def test_a_disk_that_cannot_read_is_named_and_the_data_are_not_called_damaged() -> None:
    with pytest.raises(faults.BadDisk, match="硬盘读写出错"), faults.explained():
        Path("/proc/self/mem").read_bytes()


# ---- no room ---------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with disks.small(tmp_path / "small", 8) as folder:
        yield folder


def _fill_up(folder: Path, left: int = 0) -> None:
    with (folder / "ballast").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            file.truncate(max(0, file.tell() - left))


def test_a_full_disk_keeps_the_screen_locked_and_says_why(
    station_home: Home, small_disk: Path
) -> None:
    home = Home(Path(shutil.copytree(station_home.dir, small_disk / "s")))
    with station.open_station(home, None, PASSWORD) as here:
        _fill_up(small_disk)
        with pytest.raises(faults.DiskFull, match="请清理后再继续"):
            here.again(PASSWORD)
        (small_disk / "ballast").unlink()
        here.again(PASSWORD)


@pytest.mark.parametrize("left", range(0, 80, 8))
def test_a_card_that_was_not_shown_for_want_of_room_leaves_the_old_one_valid(
    station_home: Home, small_disk: Path, left: int
) -> None:
    home = Home(Path(shutil.copytree(station_home.dir, small_disk / "s")))
    with station.open_station(home, None, PASSWORD) as here:
        card = here.new_card()
        here.store.engine.dispose()
        _fill_up(small_disk, left * 1024)
        try:
            card = here.new_card()
        except faults.Fault as fault:
            assert isinstance(fault, faults.DiskFull)  # noqa: PT017 - the disk is not bad
    (small_disk / "ballast").unlink()
    station.recover(home, card, NAME, "Neues-2027")
    station.open_station(home, NAME, "Neues-2027").close()


def test_a_full_disk_is_named_and_what_was_saved_stays(
    station_home: Home, small_disk: Path
) -> None:
    home = Home(Path(shutil.copytree(station_home.dir, small_disk / "s")))
    with station.open_station(home, None, PASSWORD) as here:
        run(here.store, here.desk, lambda session: session.add(a_retiree()))
        _fill_up(small_disk)

        def a_hundred(session: Session) -> None:
            session.add_all([a_retiree(f"王{number}") for number in range(3000)])

        with pytest.raises(Exception) as raised:  # noqa: PT011
            run(here.store, here.desk, a_hundred)
        assert isinstance(faults.known(raised.value, home.dir), faults.DiskFull)
        with pytest.raises(faults.DiskFull, match="快满了"):
            here.backup()
        with pytest.raises(OSError, match="No space"):
            here.vault.put("more", bytes(500_000))
        assert here.vault.get(station.SECRET) == b"sync keys"
    _fill_up(small_disk)
    fault = fault_of(home, faults.DiskFull)
    assert "已存的资料没有影响" in fault.message
    (small_disk / "ballast").unlink()
    with station.open_station(home, None, PASSWORD) as here, here.store.look() as session:
        assert session.query(type(a_retiree())).count() == 1


@pytest.mark.parametrize("left", [0, 4096, 8192, 40_960, 65_536])
def test_a_disk_almost_full_is_never_called_damage(
    station_home: Home, small_disk: Path, left: int
) -> None:
    """SQLite calls a log it has no room for an input/output error, as it does a bad disk; a person
    who then restores a backup loses work."""
    home = Home(Path(shutil.copytree(station_home.dir, small_disk / "s")))
    _fill_up(small_disk, left)
    fault_of(home, faults.DiskFull)
    (small_disk / "ballast").unlink()
    station.open_station(home, None, PASSWORD).close()


def test_a_folder_on_a_disk_that_is_read_only_is_named(
    station_home: Home, small_disk: Path
) -> None:
    home = Home(Path(shutil.copytree(station_home.dir, small_disk / "s")))
    disks.protect(small_disk, "ro")
    assert "只能读" in fault_of(home, faults.ReadOnly).message
    disks.protect(small_disk, "rw")
    station.open_station(home, None, PASSWORD).close()


@pytest.mark.parametrize("left", [0, 49_152, 196_608])
def test_an_installation_cannot_be_set_up_on_a_full_disk_but_later(
    small_disk: Path, left: int
) -> None:
    _fill_up(small_disk, left)
    with pytest.raises(faults.DiskFull):
        a_station(small_disk / "s")
    (small_disk / "ballast").unlink()
    a_station(small_disk / "s").station.close()
