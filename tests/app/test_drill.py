"""恢复演练: the newest backup is taken out and compared, on a real encrypted station, and whatever
is wrong with it is said in a sentence; the station itself stays as it was."""

import errno
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select, text, update

from app import drill, parameter, station, workbench
from app.drill import compare, rehearse
from app.kit import backup, keyfile, rehearsal, start, vault, wrap
from app.kit.backup import Copy
from app.kit.lock import Lock
from app.kit.paths import Home
from app.kit.refusal import Refusal
from app.kit.run import look, run
from app.kit.who import Desk
from app.station import Station
from models import exchange
from models.audit import Audit
from models.exchange import Change, Replica, new_incarnation
from models.kit import clock
from models.kit.base import table_of
from models.kit.db import Store, open_file
from models.kit.ids import new_id
from models.kit.stream import link
from models.retiree import Retiree
from tests import disks
from tests.app.life import (
    NAME,
    PASSWORD,
    QUICK,
    a_retiree,
    a_station,
    at_home,
    here,
    quick_vault,
    say_rule,
    station_home,
)
from tests.conftest import NOW
from tests.sync.parts import KEY

__all__ = ["here", "quick_vault", "station_home"]

pytestmark = pytest.mark.usefixtures("stopped_clock")
NEXT = "今天的资料没有受影响；请现在重新备份一次，再演练一次"
FIRST = Path(__file__).parent.parent / "released" / "0.1.0"
PEOPLE = ("王秀英", "李建国", "陈玉兰")


@pytest.fixture(scope="module")
def made_station(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Set up on the day of the tests."""
    folder = tmp_path_factory.mktemp("made") / "station"
    with pytest.MonkeyPatch.context() as patch, clock.freeze(NOW):
        patch.setattr(wrap, "WORK", QUICK)
        a_station(folder).station.close()
    return folder


def register(here: Station, *names: str) -> list[str]:
    made = [a_retiree(name) for name in names]
    ids = [one.id for one in made]
    run(here.store, here.desk, lambda session: session.add_all(made))
    return ids


def edit(here: Station, key: str, **values: Any) -> None:
    def verb(session: Any) -> None:
        for name, value in values.items():
            setattr(session.get_one(Retiree, key), name, value)

    run(here.store, here.desk, verb)


def entries(here: Station) -> list[Audit]:
    def query(session: Any) -> list[Audit]:
        return list(session.scalars(select(Audit).where(Audit.act == drill.ACT).order_by(Audit.id)))

    return look(here.store, here.desk, query)


def left(home: Home) -> bool:
    """Is anything of a rehearsal still there?"""
    return home.rehearsal.exists()


@contextmanager
def by_hand(here: Station, made: Copy) -> Iterator[Store]:
    """The database in a backup, written to behind the program's back; the page about it is made to
    fit, so that only what is inside can tell."""
    path = here.home.dir / "by-hand.db"
    body = backup.take_out(made, path)
    store = open_file(path, here.vault.key, exchange.STREAM)
    yield store
    with store.engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        raw.execute("PRAGMA journal_mode = DELETE")
        about = {**backup._count(raw, exchange.STREAM)}
    store.close()
    about |= {"made_at": made.made_at.isoformat(), "reason": made.reason, "format": 1}
    about |= {"sha256": backup._digest(path), "size": path.stat().st_size}
    with zipfile.ZipFile(made.path, "w", zipfile.ZIP_STORED) as file:
        file.write(path, "database")
        file.writestr("keys.json", keyfile.encode(body))
        file.writestr("about.json", json.dumps(about))
    path.unlink()


def flip(path: Path, at: float) -> None:
    data = bytearray(path.read_bytes())
    data[int(len(data) * at)] ^= 0xFF
    path.write_bytes(data)


# ---- it goes well --------------------------------------------------------------------------


def test_a_real_backup_passes_and_the_log_says_so_without_naming_anybody(here: Station) -> None:
    register(here, *PEOPLE)
    made = here.backup("hand")
    done = drill.drill(here)
    assert done.passed
    assert done.people == made.rows["retiree"] == 3
    assert done.records > 3
    assert done.words == (
        f"11月23日的备份能恢复：3 人、{done.records} 条记录核对一致，用了 {done.seconds} 秒"
    )
    (entry,) = entries(here)
    assert (entry.detail, entry.succeeded, entry.who) == (done.words, True, NAME)
    assert (entry.entity, entry.entity_id, entry.people) == ("office", here.office.id, None)
    assert not any(name in str(vars(entry)) for name in PEOPLE)
    assert not left(here.home)


def test_what_was_written_since_the_backup_is_no_difference(here: Station) -> None:
    first, second, third = register(here, *PEOPLE)
    edit(here, first, remark="以前")
    here.backup("hand")
    edit(here, first, remark="以后", mobile="13800001111")
    edit(here, second, is_void=True, void_reason="重复")
    edit(here, third, mobile="13800001112")
    register(here, "吴国华", "蔡文静")
    assert drill.drill(here).people == 3
    here.backup("hand")
    assert drill.drill(here).people == 5


def test_what_the_station_lost_by_an_answer_of_the_centre_is_accounted_for(here: Station) -> None:
    """Somebody left, and a record that was late went: nothing of that speaks against a backup."""
    moved, late, _ = register(here, *PEOPLE)
    here.backup("hand")
    with here.store.apply() as session:
        session.connection().execute(
            update(table_of(Retiree))
            .where(Retiree.id == moved)
            .values(office_id="b" * 32, mobile=None)
        )
        session.connection().execute(
            update(table_of(Change)).where(Change.entity_id == late).values(outcome="late")
        )
        session.execute(text("DELETE FROM search_key WHERE entity_id = :id"), {"id": late})
        session.connection().execute(delete(table_of(Retiree)).where(Retiree.id == late))
    assert drill.drill(here).passed


def test_a_backup_of_weeks_ago_is_a_failure_though_it_can_be_restored(here: Station) -> None:
    here.backup("hand")
    said = {}
    for days in (31, 32, 60):
        with clock.freeze(NOW + timedelta(days=days)):
            said[days] = drill.drill(here)
    assert [one.passed for one in said.values()] == [True, False, False]
    assert said[60].words == (
        "最新的备份是2026年11月23日的，能恢复，但那以后 60 天的资料都不在备份里。"
        "今天的资料没有受影响；请现在重新备份一次，再演练一次"
    )


def test_where_one_is_under_way_another_is_not_begun_and_nothing_is_noted(here: Station) -> None:
    here.backup("hand")
    lock = Lock(here.home.rehearsing)
    assert lock.take()
    with pytest.raises(Refusal, match="正在演练"):
        drill.drill(here)
    assert entries(here) == []
    lock.release()
    assert drill.drill(here).passed


def test_the_scratch_folder_holds_only_what_is_encrypted(
    here: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(here, *PEOPLE)
    here.backup("hand")
    seen: list[bytes] = []

    def spy(*args: Any) -> tuple[int, int]:
        folder = here.home.rehearsal
        seen.extend(path.read_bytes() for path in folder.iterdir())
        if os.name == "posix":
            assert folder.stat().st_mode & 0o077 == 0
        return real(*args)

    real = compare.compare
    monkeypatch.setattr(rehearse, "compare", spy)
    assert drill.drill(here).passed
    assert seen
    assert not any(name.encode() in data for name in PEOPLE for data in seen)
    assert not any(data.startswith(b"SQLite format") for data in seen)


def test_a_backup_of_the_first_release_is_brought_up_to_todays(tmp_path: Path) -> None:
    """The one that the program made itself, before it brought that station up to date."""
    home = Home(tmp_path / "old")
    home.make()
    opened, _ = vault.create(home, new_id(), NAME, PASSWORD, key=KEY)
    shutil.copy(FIRST / "station.db", home.database)
    opened.fits(home.database)
    live = start.open_database(home, KEY, station.TABLES)
    made = rehearsal.newest(home, "")
    assert made.reason == "upgrade"
    assert made.schema != station.TABLES.newest()
    try:
        with (
            rehearsal.rehearsed(home, KEY, station.TABLES, made) as old,
            old.look() as then,
            live.look() as now,
        ):
            people, records = compare.compare(then, now, "11月23日")
    finally:
        live.close()
    assert (people, records) == (2, 2)


def test_a_backup_that_cannot_be_brought_up_to_todays_program_fails(here: Station) -> None:
    """And stays as it is."""
    register(here, *PEOPLE)
    made = here.backup("hand")
    before = made.path.read_bytes()
    with by_hand(here, made) as store, store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    done = drill.drill(here)
    assert done.words == f"11月23日的备份恢复以后升级不到现在的程序。{NEXT}"
    assert not left(here.home)
    made.path.write_bytes(before)
    assert drill.drill(here).passed


# ---- it does not ---------------------------------------------------------------------------


def test_without_any_backup_recovery_is_not_possible(here: Station) -> None:
    done = drill.drill(here)
    assert (done.passed, done.words) == (False, f"这台电脑上一份备份也没有。{NEXT}")
    assert [one.succeeded for one in entries(here)] == [False]


@pytest.mark.parametrize("at", [0.02, 0.5, 0.9, 0.999])
def test_a_damaged_backup_fails_wherever_the_damage_is(here: Station, at: float) -> None:
    """Also where it does not even say any more what it is: an older good one is no excuse."""
    register(here, *PEOPLE)
    with clock.freeze(NOW - timedelta(days=3)):
        here.backup("noon")
    flip(here.backup("noon").path, at)
    done = drill.drill(here)
    assert (done.passed, done.words) == (False, f"11月23日的备份打不开，已经损坏。{NEXT}")
    assert not left(here.home)
    assert here.backup("hand").rows["retiree"] == 3


def test_a_backup_cut_off_in_the_middle_fails(here: Station) -> None:
    made = here.backup("evening")
    made.path.write_bytes(made.path.read_bytes()[:5000])
    assert drill.drill(here).words == f"11月23日的备份打不开，已经损坏。{NEXT}"


def test_a_backup_on_a_bad_place_of_the_disk_fails(
    here: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its page about itself reads well; what it is made for does not."""
    here.backup("hand")
    real = zipfile.ZipExtFile.read

    def bad(file: zipfile.ZipExtFile, n: int | None = -1) -> bytes:
        if file.name == "database":
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return real(file, n)

    with monkeypatch.context() as broken:
        broken.setattr(zipfile.ZipExtFile, "read", bad)
        done = drill.drill(here)
    assert (done.passed, done.words) == (False, f"11月23日的备份读不出来。{NEXT}")
    assert not left(here.home)
    assert drill.drill(here).passed


def test_a_backup_of_another_station_has_another_key(here: Station, tmp_path: Path) -> None:
    with a_station(tmp_path / "other").station as other:
        made = other.backup("hand")
    shutil.copy(made.path, here.home.backups / made.path.name)
    done = drill.drill(here)
    assert done.words == f"11月23日的备份是用别的钥匙加密的，本站的钥匙打不开。{NEXT}"
    assert not left(here.home)


def test_another_offices_data_under_this_key_are_not_ours(here: Station) -> None:
    with by_hand(here, here.backup("hand")) as store, store.apply() as session:
        session.connection().execute(update(table_of(Replica)).values(office_id="b" * 32))
    assert drill.drill(here).words == f"11月23日的备份是别的站点的。{NEXT}"


def rewritten(session: Any) -> None:
    """The last entry says something else, and all that proves it is made anew."""
    last = session.scalars(select(Change).order_by(Change.seq.desc()).limit(1)).one()
    before = session.scalars(select(Change.hash).where(Change.seq == last.seq - 1)).one()
    other = session.scalars(select(Change).where(Change.seq == last.seq - 1)).one()
    last.head, last.payload = other.head, other.payload
    last.hash = link(before, other.head)
    session.scalars(select(Replica)).one().head = last.hash


def missing(session: Any) -> None:
    session.connection().execute(delete(table_of(Change)).where(Change.seq == 2))


def cut_short(session: Any) -> None:
    last = session.scalar(select(func.max(Change.seq)))
    session.connection().execute(delete(table_of(Change)).where(Change.seq == last))


def other_values(session: Any) -> None:
    """The head is the right one, the values under it are not."""
    first, second = session.scalars(select(Change).order_by(Change.seq.desc()).limit(2)).all()
    first.payload = second.payload


@pytest.mark.parametrize("how", [rewritten, missing, cut_short, other_values])
def test_a_log_that_is_not_todays_fails(here: Station, how: Callable[[Any], None]) -> None:
    register(here, *PEOPLE)
    with by_hand(here, here.backup("hand")) as store, store.apply() as session:
        how(session)
    done = drill.drill(here)
    assert done.words == f"11月23日的备份里的上报记录和今天的对不上。{NEXT}"
    assert not left(here.home)


def of_today(session: Any) -> None:
    """In the middle: the first and the last are as they were."""
    first = session.scalars(select(Change).order_by(Change.seq).limit(1)).one()
    session.connection().execute(
        update(table_of(Change)).where(Change.seq == 2).values(head=first.head)
    )


@pytest.mark.parametrize("how", [missing, cut_short, of_today])
def test_where_todays_log_is_the_wrong_one_the_backup_is_to_be_kept(
    here: Station, how: Callable[[Any], None]
) -> None:
    """A new backup would prove nothing then, and push out the good one in time."""
    register(here, *PEOPLE)
    here.backup("hand")
    with here.store.apply() as session:
        how(session)
    assert drill.drill(here).words == (
        "今天的资料里上报记录缺了或者变了，原因不明。"
        "备份没有受影响；请不要删备份，现在就联系技术支持"
    )


def no_person(session: Any, key: str) -> None:
    session.execute(text("DELETE FROM search_key WHERE entity_id = :id"), {"id": key})
    session.connection().execute(delete(table_of(Retiree)).where(Retiree.id == key))


def other_name(session: Any, key: str) -> None:
    session.connection().execute(
        update(table_of(Retiree)).where(Retiree.id == key).values(name="别人")
    )


def test_a_person_missing_in_the_backup_fails(here: Station) -> None:
    """Though its log is right, and the page about it as well."""
    key = register(here, *PEOPLE)[1]
    with by_hand(here, here.backup("hand")) as store, store.apply() as session:
        no_person(session, key)
    assert drill.drill(here).words == f"11月23日的备份缺了 1 条记录。{NEXT}"


@pytest.mark.parametrize("of_today", [False, True])
def test_a_person_who_is_not_the_same_on_both_sides_fails(here: Station, *, of_today: bool) -> None:
    """Nobody can say which side is right: so neither is called safe, and no backup thrown away."""
    key = register(here, *PEOPLE)[1]
    made = here.backup("hand")
    side = nullcontext(here.store) if of_today else by_hand(here, made)
    with side as store, store.apply() as session:
        other_name(session, key)
    assert drill.drill(here).words == (
        "11月23日的备份有 1 条记录和今天的资料对不上，看不出是哪一边不对。"
        "两边都原样留着；请不要删备份，现在就联系技术支持"
    )


def test_a_backup_that_holds_less_than_it_says_fails(here: Station) -> None:
    key = register(here, *PEOPLE)[1]
    made = here.backup("hand")
    told = zipfile.ZipFile(made.path).read("about.json")
    with by_hand(here, made) as store, store.apply() as session:
        no_person(session, key)
    about = json.loads(told)
    with zipfile.ZipFile(made.path) as file:
        now = json.loads(file.read("about.json"))
        body, keys = file.read("database"), file.read("keys.json")
    with zipfile.ZipFile(made.path, "w") as file:
        file.writestr("database", body)
        file.writestr("keys.json", keys)
        file.writestr("about.json", json.dumps({**about, "sha256": now["sha256"]}))
    assert drill.drill(here).words == f"11月23日的备份里面的内容不完整。{NEXT}"


def test_a_record_that_only_the_backup_has_is_the_stations_loss(here: Station) -> None:
    """Then the backup is what must not be thrown away."""
    key = register(here, *PEOPLE)[1]
    here.backup("hand")
    with here.store.apply() as session:
        no_person(session, key)
    assert drill.drill(here).words == (
        "今天的资料比11月23日的备份少了 1 条记录，原因不明。"
        "备份没有受影响；请不要删备份，现在就联系技术支持"
    )


def test_a_backup_from_before_a_restore_proves_nothing_and_is_not_counted(here: Station) -> None:
    register(here, *PEOPLE)
    here.backup("hand")
    with here.store.apply() as session:
        new_incarnation(session)
    with pytest.raises(Refusal, match="恢复或另起续报以前的"):
        drill.drill(here)
    assert not entries(here)
    assert not left(here.home)
    here.backup("hand")
    assert drill.drill(here).passed


@pytest.mark.parametrize("early", [True, False])
def test_a_full_disk_says_so_and_harms_nothing(
    made_station: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, early: bool
) -> None:
    """Whether that is seen before it begins or only in the middle of it."""
    with disks.small(tmp_path / "small", 8) as folder:
        home = at_home(Home(Path(shutil.copytree(made_station, folder / "own"))))
        with station.open_station(home, None, PASSWORD) as here:
            register(here, *PEOPLE)
            with monkeypatch.context() as roomy:
                roomy.setattr(backup, "SPARE", 0)
                made = here.backup("hand")
            before = made.path.read_bytes()
            fill_up(folder, 200_000)
            if not early:
                monkeypatch.setattr(backup, "room", lambda *_: None)
            done = drill.drill(here)
            assert not done.passed
            assert done.words == (
                "硬盘上没有地方演练（剩 0 MB）。"
                "今天的资料没有受影响，备份也在；请清理硬盘，再演练一次"
            )
            assert not left(home)
            assert made.path.read_bytes() == before
            with here.store.look() as session:
                assert set(session.scalars(select(Retiree.name))) == set(PEOPLE)


def fill_up(folder: Path, room: int) -> None:
    with (folder / "ballast").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            file.truncate(file.tell() - room)


def test_what_a_killed_rehearsal_left_is_gone_at_the_next_start(
    station_home: Home, tmp_path: Path
) -> None:
    """Killed while the backup lies open in its folder; one that is under way is not disturbed."""
    with station.open_station(station_home, None, PASSWORD) as here:
        here.backup("hand")
        with rehearsal.rehearsed(
            station_home, here.vault.key, station.TABLES, rehearsal.newest(station_home, "")
        ):
            rehearsal.clear(station_home)
            assert left(station_home)
        assert not left(station_home)
    said = subprocess.run(
        [sys.executable, "-c", KILLED, str(station_home.dir), PASSWORD],
        env={**os.environ},
        capture_output=True,
        check=False,
    )
    assert said.returncode == 9, said.stderr
    assert left(station_home)
    with station.open_station(station_home, None, PASSWORD) as here:
        assert not left(station_home)
        assert drill.drill(here).passed


KILLED = """
import os, sys
from pathlib import Path
from app import drill, station
from app.kit import wrap
from app.kit.paths import Home
wrap.WORK = wrap.Work(memory_kib=64, passes=1, lanes=1)
drill.rehearse.compare = lambda *_: os._exit(9)
drill.drill(station.open_station(Home(Path(sys.argv[1])), None, sys.argv[2]))
"""


# ---- when ----------------------------------------------------------------------------------


def days_on(here: Station, days: int) -> bool:
    with clock.freeze(NOW + timedelta(days=days)):
        return look(here.store, here.program, drill.is_due)


def test_the_first_is_due_a_week_after_the_station_began(station_home: Home) -> None:
    with station.open_station(station_home, None, PASSWORD) as here:
        assert [days_on(here, days) for days in (6, 7)] == [False, True]


def test_the_next_is_due_when_the_months_of_the_rule_are_over(here: Station) -> None:
    here.backup("hand")
    drill.drill(here)
    assert [days_on(here, days) for days in (0, 1, 91, 92)] == [False, False, False, True]
    say_rule(here, "drill_months", 1)
    assert [days_on(here, days) for days in (29, 30)] == [False, True]


def test_zero_months_is_never(here: Station) -> None:
    say_rule(here, "drill_months", 0)
    assert not days_on(here, 4000)


def test_a_failed_one_is_tried_again_each_day_until_one_has_passed(here: Station) -> None:
    assert not drill.drill(here).passed
    assert [days_on(here, days) for days in (0, 1)] == [False, True]
    here.backup("hand")
    assert drill.drill(here).passed
    assert not days_on(here, 1)


def test_one_from_a_time_when_the_clock_was_wrong_delays_nothing(here: Station) -> None:
    with clock.freeze(NOW + timedelta(days=2000)):
        drill.drill(here)
    here.backup("hand")
    with clock.freeze(NOW + timedelta(days=8)):
        assert drill.drill_if_due(here)
        assert drill.drill_if_due(here) is None


def test_the_program_rehearses_by_itself_when_it_is_due(here: Station) -> None:
    assert drill.drill_if_due(here) is None
    with clock.freeze(NOW + timedelta(days=9)):
        here.backup("hand")
        done = drill.drill_if_due(here)
        assert done is not None
        assert done.passed
        assert drill.drill_if_due(here) is None
    assert [one.who for one in entries(here)] == ["系统"]


def test_the_centre_may_order_never_and_nothing_below(here: Station) -> None:
    run(here.store, here.program, parameter.publish, "drill_months", 0, doc_no="2026年会议")
    assert look(here.store, here.desk, drill.months) == 0
    with pytest.raises(Refusal, match="至少是 0"):
        run(here.store, here.program, parameter.publish, "drill_months", -1, doc_no="2026年会议")


# ---- what stands afterwards ----------------------------------------------------------------


def test_a_failed_one_stands_among_the_things_to_do_until_one_has_passed(here: Station) -> None:
    def standing() -> list[tuple[str, str, str]]:
        found = look(here.store, here.desk, workbench.todo)
        assert found.counts["today"] == len(found.rows)
        return [(one.title, one.matter, one.detail) for one in found.rows]

    assert standing() == []
    said = drill.drill(here).words
    assert standing() == [("恢复演练", "没有通过", said)]
    here.backup("hand")
    drill.drill(here)
    assert standing() == []


def test_who_may_not_back_up_may_not_rehearse_nor_is_it_theirs_to_do(here: Station) -> None:
    desk = Desk(new_id(), "周医生", here.office.id, frozenset({"health"}))
    with pytest.raises(Refusal, match="权限"):
        drill.drill(here, desk)
    drill.drill(here)
    assert look(here.store, desk, workbench.todo).rows == ()


def test_late_is_a_month_after_the_rule(here: Station) -> None:
    here.backup("hand")
    drill.drill(here)
    last = look(here.store, here.desk, drill.last)
    assert last is not None
    for days, late in ((92, False), (120, False), (121, True)):
        with clock.freeze(NOW + timedelta(days=days)):
            assert drill.is_late(3, last, None) == late
            assert drill.is_late(3, None, NOW) == late
            assert not drill.is_late(0, last, NOW)
    assert not drill.is_late(3, None, None)


def test_nobody_is_late_for_what_an_older_program_could_not_do(here: Station) -> None:
    long_ago, days = NOW - timedelta(days=900), {100: False, 140: True}
    assert drill.is_late(3, None, long_ago)
    for later, late in days.items():
        with clock.freeze(NOW + timedelta(days=later)):
            ruled_on = look(here.store, here.desk, drill.ruled_on)
            assert drill.is_late(3, None, long_ago, ruled_on) == late
    run(here.store, here.program, parameter.publish, "drill_months", 1, doc_no="2026年会议")
    assert look(here.store, here.desk, drill.ruled_on) == NOW.date()
