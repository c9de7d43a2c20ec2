"""Copies that can be trusted, and coming back from them without forking the stream."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from app import settings, station, undo
from app.kit import backup, faults, keyfile, start, vault
from app.kit.paths import Home
from app.kit.refusal import Refusal
from app.kit.run import run
from app.station import Station
from models.audit import Audit
from models.exchange import REOFFERED, Change, Replica, new_incarnation
from models.kit import clock
from models.kit.base import table_of
from models.kit.ids import new_id
from models.kit.stream import GENESIS, link, matches, read_head
from models.office import Office
from models.parameter import Parameter
from models.retiree import Retiree
from tests.app.life import NAME, PASSWORD, a_retiree
from tests.conftest import NOW


def opened(home: Home, password: str = PASSWORD) -> Station:
    return station.open_station(home, None, password)


def register(here: Station, *names: str) -> None:
    def add(session: Session, name: str) -> None:
        session.add(a_retiree(name))

    for name in names:
        run(here.store, here.desk, add, name)


def people(here: Station) -> set[str]:
    with here.store.look() as session:
        return set(session.scalars(select(Retiree.name)))


def stream(here: Station, incarnation: str | None = None) -> list[Any]:
    with here.store.look() as session:
        present = session.scalars(select(Replica.incarnation)).one()
        return list(
            session.execute(
                select(Change)
                .where(Change.incarnation == (incarnation or present))
                .order_by(Change.seq)
            ).scalars()
        )


def chain_is_right(changes: Sequence[Change]) -> bool:
    head = GENESIS
    for number, one in enumerate(changes, 1):
        head = link(head, one.head)
        if (
            one.seq != number
            or one.hash != head
            or not matches(read_head(one.head), one.payload or b"")
        ):
            return False
    return True


def decide(here: Station, upto: int) -> None:
    """As an answer of the centre would."""
    with here.store.apply() as session:
        session.execute(update(Change).where(Change.seq <= upto).values(outcome="applied"))


# ---- copies --------------------------------------------------------------------------------


def test_a_copy_is_verified_encrypted_and_opens_with_the_keys_inside(
    station_home: Home, tmp_path: Path
) -> None:
    with opened(station_home) as here:
        register(here, "王秀英", "李建国")
        made = here.backup("hand")
        assert made.rows["retiree"] == 2
        assert made.seq == len(stream(here))
        assert backup.whole(made.path)
        assert "王秀英".encode() not in made.path.read_bytes()
        body = backup.take_out(made, tmp_path / "out.db")
        assert vault.open_body(body, station_home, NAME, PASSWORD)[1] == here.vault.key
    assert not list(station_home.backups.glob("*.part*"))
    assert made.path.name.startswith("519902001001-")


def test_a_copy_is_of_one_moment_while_the_program_writes(station_home: Home) -> None:
    with opened(station_home) as here:
        stop = threading.Event()

        def work() -> None:
            number = 0
            while not stop.is_set():
                number += 1
                register(here, f"甲{number}", f"乙{number}")

        worker = threading.Thread(target=work)
        worker.start()
        try:
            copies = [here.backup("hand") for _ in range(3)]
        finally:
            stop.set()
            worker.join()
        assert len(people(here)) > copies[0].rows["retiree"]
    for made in copies:
        assert made.seq == made.rows["change"]


@pytest.mark.parametrize(
    ("at", "last", "slot"),
    [
        ("11:59", None, None),
        ("12:00", None, "noon"),
        ("12:00", "11:58", "noon"),
        ("12:05", "12:01", None),
        ("17:29", "12:01", None),
        ("17:30", "12:01", "evening"),
        ("23:00", "17:31", None),
        ("14:00", None, "noon"),
    ],
)
def test_copies_are_due_at_noon_and_in_the_evening(
    station_home: Home, at: str, last: str | None, slot: str | None
) -> None:
    def moment(words: str) -> datetime:
        hour, minute = words.split(":")
        return NOW.replace(hour=int(hour), minute=int(minute))

    with opened(station_home) as here:
        if last is not None:
            with clock.freeze(moment(last)):
                here.backup("hand")
        assert backup.due(station_home, moment(at)) == slot
        with clock.freeze(moment(at)):
            made = here.backup_if_due()
            assert (made.reason if made else None) == slot
            assert here.backup_if_due() is None


def test_copies_go_on_after_a_clock_that_was_years_ahead(station_home: Home) -> None:
    noon = NOW.replace(hour=12, minute=0)
    with opened(station_home) as here:
        with clock.freeze(noon - timedelta(days=1)):
            here.backup_if_due()
        with clock.freeze(noon.replace(year=2066)):
            wrong = here.backup_if_due()
        assert wrong is not None
        with clock.freeze(noon):
            assert here.backup_if_due() is not None
            assert here.backup_if_due() is None
            assert [one.made_at.year for one in backup.copies(station_home)] == [
                *(2026, 2026),
                2066,
            ]


def test_old_copies_go_after_thirty_days_but_three_always_stay(station_home: Home) -> None:
    with opened(station_home) as here:
        for days in (100, 90, 80, 40, 5):
            with clock.freeze(NOW - timedelta(days=days)):
                here.backup("hand")
        kept = [(NOW - one.made_at).days for one in backup.copies(station_home)]
        assert kept == [5, 40, 80]
        for days in (4, 3):
            with clock.freeze(NOW - timedelta(days=days)):
                here.backup("hand")
        foreign = station_home.backups / "519902009009-20200101-120000-noon.backup"
        shutil.copy(backup.copies(station_home)[0].path, foreign)
        with clock.freeze(NOW):
            here.backup("hand")
        assert [(NOW - one.made_at).days for one in backup.copies(station_home)] == [0, 3, 3, 4, 5]
        assert foreign.exists()


def test_the_centre_says_how_long_copies_stay(station_home: Home) -> None:
    with opened(station_home) as here:
        for days in (50, 40, 20, 6, 5, 4):
            with clock.freeze(NOW - timedelta(days=days)):
                here.backup("hand")
        kept = [(NOW - one.made_at).days for one in backup.copies(station_home)]
        assert kept == [4, 5, 6, 20]
        rule = Parameter(id=new_id(), key="backup_keep_days", value=10, stamps={})
        rule.office_id = "c" * 32
        with here.store.apply() as session:
            session.add(rule)
        assert here.keep_days == 10
        with clock.freeze(NOW):
            here.backup("hand")
        assert [(NOW - one.made_at).days for one in backup.copies(station_home)] == [0, 4, 5, 6]


def test_big_copies_leave_earlier_but_three_always_stay(
    station_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(station_home) as here:
        for days in (20, 15, 10, 5, 4):
            with clock.freeze(NOW - timedelta(days=days)):
                here.backup("hand")
        size = backup.copies(station_home)[0].size
        assert len(backup.copies(station_home)) == 5
        for room, kept in ((5 * size, [0, 4, 5, 10, 15]), (1, [0, 4, 5])):
            monkeypatch.setattr(backup, "ROOM", room)
            with clock.freeze(NOW):
                here.backup("hand")
            days_old = [(NOW - one.made_at).days for one in backup.copies(station_home)]
            assert days_old == kept


def test_the_second_folder_gets_the_same_and_may_be_missing(
    station_home: Home, tmp_path: Path
) -> None:
    second = tmp_path / "stick"
    settings.machine(station_home).set("backup_folder", str(second))
    with opened(station_home) as here:
        made = here.backup("hand")
        assert made.second is not None
        assert made.second.read_bytes() == made.path.read_bytes()
        shutil.rmtree(second)
        second.write_bytes(b"a file where the folder was")
        made = here.backup("hand")
        assert made.second is None
        assert "第二个位置" in made.second_problem
        assert backup.whole(made.path)
    second.unlink()
    second.mkdir()
    shutil.copy(made.path, second)
    shutil.rmtree(station_home.backups)
    assert [one.path.parent for one in backup.copies(station_home, second)] == [second]


def test_a_damaged_copy_is_not_offered_and_not_restored(station_home: Home) -> None:
    with opened(station_home) as here:
        first = here.backup("hand")
        with clock.freeze(clock.now() + timedelta(hours=1)):
            later = here.backup("hand")
    data = bytearray(later.path.read_bytes())
    data[len(data) // 2] ^= 1
    later.path.write_bytes(data)
    best = backup.newest(station_home)
    assert best is not None
    assert best.path == first.path
    with pytest.raises(faults.DatabaseDamaged, match="损坏"):
        station.restore_station(station_home, later.path, NAME, PASSWORD)
    (station_home.backups / "x.backup").write_bytes(b"no backup at all")
    with pytest.raises(Refusal, match="没有找到备份文件"):
        station.restore_station(station_home, station_home.backups / "none.backup", NAME, PASSWORD)
    with pytest.raises(faults.DatabaseDamaged, match="不是桑榆的备份"):
        station.restore_station(station_home, station_home.backups / "x.backup", NAME, PASSWORD)
    with opened(station_home) as here:
        assert here.office.code == "519902001001"
    assert not list(station_home.dir.glob("*.restored*"))


BACKING_UP = """
import sys
from pathlib import Path
from app.kit import wrap
wrap.WORK = wrap.Work(64, 1, 1)
from app import station
from app.kit.paths import Home
from app.kit.refusal import Refusal
with station.open_station(Home(Path(sys.argv[1])), None, "Guiyuan-2026") as here:
    print("ready", flush=True)
    while True:
        here.backup("hand")
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kill -9 is POSIX")
def test_a_kill_while_copying_leaves_only_whole_copies(station_home: Home) -> None:
    with opened(station_home) as here:
        register(here, *(f"王{number}" for number in range(30)))
    for turn in range(6):
        with subprocess.Popen(
            [sys.executable, "-c", BACKING_UP, str(station_home.dir)],
            stdout=subprocess.PIPE,
            text=True,
        ) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
            time.sleep(0.03 + turn * 0.05)
            child.kill()
        assert all(backup.whole(one.path) for one in backup.copies(station_home))
    with opened(station_home) as here:
        here.backup("hand")
        assert len(people(here)) == 30
    assert not list(station_home.backups.glob("*.part*"))


# ---- a new incarnation -----------------------------------------------------------------------


def test_a_new_incarnation_offers_the_undecided_again_byte_for_byte(station_home: Home) -> None:
    with opened(station_home) as here:
        register(here, "甲", "乙", "丙")
        before = stream(here)
        decide(here, 4)
        with here.store.apply() as session:
            assert new_incarnation(session) == 2
        after = stream(here)
        assert [one.change_id for one in after] == [one.change_id for one in before[4:]]
        assert [(one.head, one.payload, one.hlc) for one in after] == [
            (one.head, one.payload, one.hlc) for one in before[4:]
        ]
        assert chain_is_right(after)
        old = stream(here, before[0].incarnation)
        assert chain_is_right(old)
        assert [one.outcome for one in old] == ["applied"] * 4 + [REOFFERED] * 2
        with here.store.look() as session:
            me = session.scalars(select(Replica)).one()
            assert (me.seq, me.head, me.acked_seq) == (2, after[-1].hash, 0)
            assert me.hlc >= after[-1].hlc
        register(here, "丁")
        assert chain_is_right(stream(here))
        assert stream(here)[-1].hlc > after[-1].hlc


def test_an_action_half_decided_is_offered_whole_again(station_home: Home) -> None:
    with opened(station_home) as here:

        def two(session: Session) -> None:
            session.add_all([a_retiree("甲"), a_retiree("乙")])

        run(here.store, here.desk, two)
        decide(here, 4)
        with here.store.apply() as session:
            assert new_incarnation(session) == 2
        after = stream(here)
        assert [read_head(one.head).part for one in after] == [0, 1]
        assert [one.outcome for one in after] == ["applied", None]


def test_with_everything_decided_the_new_stream_begins_empty(station_home: Home) -> None:
    with opened(station_home) as here:
        decide(here, 99)
        with here.store.apply() as session:
            assert new_incarnation(session) == 0
        register(here, "甲")
        assert [one.seq for one in stream(here)] == [1]


def test_an_import_of_thousands_is_offered_again_in_one_piece(station_home: Home) -> None:
    with opened(station_home) as here:

        def many(session: Session) -> None:
            session.add_all([a_retiree(f"王{number}") for number in range(1200)])

        run(here.store, here.desk, many)
        decide(here, 3)
        with here.store.apply() as session:
            assert new_incarnation(session) == 1200
        assert chain_is_right(stream(here))


# ---- restoring -------------------------------------------------------------------------------


def test_a_restore_brings_back_the_copy_and_sets_the_present_aside(station_home: Home) -> None:
    with opened(station_home) as here:
        register(here, "甲", "乙")
        old = stream(here)[0].incarnation
        made = here.backup("hand")
        register(here, "丙")
    replaced = station_home.database.read_bytes()
    restored = station.restore_station(station_home, made.path, NAME, PASSWORD)
    assert restored.made_at == made.made_at
    assert restored.result == made.seq
    with opened(station_home) as here:
        assert people(here) == {"甲", "乙"}
        changes = stream(here)
        assert changes[0].incarnation != old
        assert chain_is_right(changes)
        assert len(changes) == made.seq + 1
        assert here.vault.get(station.SECRET) == b"sync keys"
        with here.store.look() as session:
            assert session.scalars(select(Replica.restored_at)).one() is not None
            assert "恢复备份" in session.scalars(select(Audit.act)).all()
    assert (restored.replaced / "station.db").read_bytes() == replaced
    assert (restored.replaced / "keys.json").exists()


def test_restoring_twice_never_forks_a_stream(station_home: Home) -> None:
    with opened(station_home) as here:
        register(here, "甲")
        made = here.backup("hand")
        register(here, "乙")
    said: dict[tuple[str, int], bytes] = {}
    asides = set()

    def hear(here: Station) -> None:
        for one in stream(here):
            assert said.setdefault((one.incarnation, one.seq), one.hash) == one.hash

    with opened(station_home) as here:
        hear(here)
    for turn in range(3):
        asides.add(station.restore_station(station_home, made.path, NAME, PASSWORD).replaced)
        with opened(station_home) as here:
            register(here, f"第{turn}次")
            hear(here)
            assert people(here) == {"甲", f"第{turn}次"}
            assert chain_is_right(stream(here))
    assert len({incarnation for incarnation, _ in said}) == 4
    assert len(asides) == 3
    assert all((aside / "station.db").exists() for aside in asides)


def test_a_password_changed_since_the_copy_stays_changed(station_home: Home) -> None:
    with opened(station_home) as here:
        made = here.backup("hand")
        here.vault.change_password(PASSWORD, "Haitang-2027")
    with pytest.raises(faults.WrongPassword):
        station.restore_station(station_home, made.path, NAME, PASSWORD)
    station.restore_station(station_home, made.path, NAME, "Haitang-2027")
    opened(station_home, "Haitang-2027").close()


def test_a_copy_restores_on_a_new_computer_with_the_password_of_its_time(
    station_home: Home, tmp_path: Path
) -> None:
    with opened(station_home) as here:
        register(here, "甲")
        made = here.backup("hand")
    fresh = Home(tmp_path / "new computer")
    station.restore_station(fresh, made.path, NAME, PASSWORD)
    with opened(fresh) as here:
        assert people(here) == {"甲"}
        assert here.vault.get(station.SECRET) == b"sync keys"


def test_a_backup_of_another_office_is_not_restored_over_this_one(
    station_home: Home, tmp_path: Path
) -> None:
    with opened(station_home) as here:
        register(here, "甲")
        here.backup("hand")
    other = Home(Path(shutil.copytree(station_home.dir, tmp_path / "other")))
    with opened(other) as there:
        with there.store.apply() as session:
            moved = update(table_of(Office)).values(code="519902001002", name="临春社区")
            session.connection().execute(moved)
        register(there, "乙")
    with opened(other) as there:
        foreign = there.backup("hand")
    with pytest.raises(Refusal, match="临春社区"):
        station.restore_station(station_home, foreign.path, NAME, PASSWORD)
    with opened(station_home) as here:
        assert people(here) == {"甲"}
    fresh = Home(tmp_path / "fresh")
    station.restore_station(fresh, foreign.path, NAME, PASSWORD)
    with opened(fresh) as here:
        assert people(here) == {"甲", "乙"}


def test_a_damaged_database_is_restored_and_kept_for_support(station_home: Home) -> None:
    with opened(station_home) as here:
        register(here, "甲")
        made = here.backup("hand")
    data = bytearray(station_home.database.read_bytes())
    data[100:200] = bytes(100)
    station_home.database.write_bytes(data)
    with pytest.raises(faults.DatabaseDamaged) as raised:
        opened(station_home)
    file = raised.value.actions[0].file
    assert file == made.path
    restored = station.restore_station(station_home, made.path, NAME, PASSWORD)
    assert (restored.replaced / "station.db").read_bytes() == bytes(data)
    with opened(station_home) as here:
        assert people(here) == {"甲"}


def test_an_open_station_is_not_restored_over(station_home: Home) -> None:
    with opened(station_home) as here:
        made = here.backup("hand")
        with pytest.raises(faults.SecondInstance):
            station.restore_station(station_home, made.path, NAME, PASSWORD)


def test_a_copy_of_another_station_keeps_its_own_keys(station_home: Home, tmp_path: Path) -> None:
    other = station.create_centre(Home(tmp_path / "c"), "陈海", "Chenhai-2026").station
    with other:
        made = other.backup("hand")
    centre = Home(tmp_path / "c2", "centre")
    station.restore_station(centre, made.path, "陈海", "Chenhai-2026")
    with station.open_centre(centre, None, "Chenhai-2026") as here:
        assert here.desk.name == "陈海"
    with pytest.raises(faults.NoSuchAccount):
        station.restore_station(station_home, made.path, NAME, PASSWORD)
    with opened(station_home) as here:
        assert here.desk.name == NAME


def test_what_was_undone_before_a_restore_is_not_undone_again(station_home: Home) -> None:
    with opened(station_home) as here:
        register(here, "甲")
        made = here.backup("hand")
    station.restore_station(station_home, made.path, NAME, PASSWORD)
    with opened(station_home) as here:
        assert run(here.store, here.desk, undo.undo).result == "已撤销 甲 的人员资料"
        with here.store.look() as session:
            assert session.scalars(select(Retiree.is_void)).all() == [True]


@pytest.mark.parametrize("stop_at", range(1, 9))
def test_a_restore_killed_at_any_rename_is_either_not_begun_or_finishes(
    station_home: Home, monkeypatch: pytest.MonkeyPatch, stop_at: int
) -> None:
    with opened(station_home) as here:
        register(here, "甲")
        made = here.backup("hand")
        register(here, "乙")
    station_home.database.with_name("station.db-wal").write_bytes(b"")
    count = 0
    real = Path.replace

    class Killed(BaseException):
        pass

    def stopping(self: Path, target: Path) -> Path:
        nonlocal count
        if "tries" not in self.name:
            count += 1
            if count == stop_at:
                raise Killed
        return real(self, target)

    monkeypatch.setattr(Path, "replace", stopping)
    monkeypatch.setattr("app.kit.restore.sweep", lambda *_: None)
    try:
        station.restore_station(station_home, made.path, NAME, PASSWORD)
        assert count < stop_at
    except Killed:
        pass
    decided = station_home.restoring.exists()
    monkeypatch.undo()
    assert [one.name for one in station.names(station_home)] == [NAME]
    with opened(station_home) as here:
        assert people(here) == ({"甲"} if decided or count < stop_at else {"甲", "乙"})
        assert chain_is_right(stream(here))
    assert not station_home.restoring.exists()
    kept = list(station_home.replaced.glob("*/station.db"))
    assert len(kept) == (1 if decided or count < stop_at else 0)


@pytest.mark.parametrize("plan", [b"", b"[]", b"{}", b"\xff", b"[" * 100_000])
def test_a_plan_of_a_restore_that_the_disk_damaged_is_carried_out(
    station_home: Home, monkeypatch: pytest.MonkeyPatch, plan: bytes
) -> None:
    with opened(station_home) as here:
        register(here, "甲")
        made = here.backup("hand")
        register(here, "乙")
    with monkeypatch.context() as patch:
        patch.setattr("app.kit.restore.finish", lambda _: None)
        patch.setattr("app.kit.restore.sweep", lambda *_: None)
        station.restore_station(station_home, made.path, NAME, PASSWORD)
    station_home.restoring.write_bytes(plan)
    with opened(station_home) as here:
        assert people(here) == {"甲"}
    assert not station_home.restoring.exists()
    assert len(list(station_home.replaced.glob("*/station.db"))) == 1


def test_a_flipped_bit_anywhere_in_a_copy_is_damage_and_nothing_else(station_home: Home) -> None:
    with opened(station_home) as here:
        made = here.backup("hand")
    sound = made.path.read_bytes()
    places = [*range(30), *(len(sound) - back for back in range(1, 420, 3))]
    for at in places:
        data = bytearray(sound)
        data[at] ^= 0x08
        made.path.write_bytes(data)
        backup.keys_of(made)
        backup.whole(made.path)
        try:
            backup.read(made.path)
        except faults.DatabaseDamaged:
            continue


RESTORING = """
import sys
from pathlib import Path
from app.kit import wrap
wrap.WORK = wrap.Work(64, 1, 1)
from app import station
from app.kit.paths import Home
from app.kit.refusal import Refusal
print("ready", flush=True)
station.restore_station(Home(Path(sys.argv[1])), Path(sys.argv[2]), None, "Guiyuan-2026")
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kill -9 is POSIX")
def test_a_restore_survives_kill_9_at_any_moment(station_home: Home) -> None:
    with opened(station_home) as here:
        register(here, "甲")
        made = here.backup("hand")
        register(here, "乙")
    for turn in range(8):
        with subprocess.Popen(
            [sys.executable, "-c", RESTORING, str(station_home.dir), str(made.path)],
            stdout=subprocess.PIPE,
            text=True,
        ) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
            time.sleep(0.02 + turn * 0.03)
            child.kill()
        with opened(station_home) as here:
            assert people(here) in ({"甲"}, {"甲", "乙"})
            assert chain_is_right(stream(here))


def test_counts_in_the_copy_are_those_of_the_database(station_home: Home) -> None:
    with opened(station_home) as here:
        made = here.backup("hand")
        with here.store.look() as session:
            for name, count in made.rows.items():
                assert session.scalar(select(func.count()).select_from(text(f'"{name}"'))) == count


def test_a_copy_says_what_it_is_before_login(station_home: Home) -> None:
    with clock.freeze(NOW.replace(hour=12, minute=0)), opened(station_home) as here:
        here.backup("noon")
    with clock.freeze(NOW):
        (one,) = backup.copies(station_home)
        assert (one.shown, backup.WORDS[one.reason]) == ("今天 12:00", "自动备份")
    with clock.freeze(NOW + timedelta(days=1)):
        assert one.shown == "昨天 12:00"
    with clock.freeze(NOW + timedelta(days=9)):
        assert one.shown == "11月23日 12:00"
    with zipfile.ZipFile(one.path) as file:
        assert keyfile.decode(file.read("keys.json"))["accounts"][0]["name"] == NAME
    if os.name == "posix":
        assert one.path.stat().st_mode & 0o077 == 0


def test_a_half_made_database_is_not_taken_for_a_station(station_home: Home) -> None:
    station_home.database.replace(station_home.making)
    assert start.state(station_home) == "new"
