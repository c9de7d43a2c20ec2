"""The result of a rehearsal goes up as an entry of the log, and the centre knows it of each
computer."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from app import audit, drill
from app.drill import standing
from app.drill.compare import compare
from app.exchange import start_anew
from app.kit.rehearsal import Unfit
from models.audit import Audit
from models.exchange import STREAM, Change, Replica
from models.kit import clock
from models.kit.db import Store, open_file
from models.kit.ids import new_id
from tests.conftest import NOW
from tests.sync.parts import KEY, Node, World, copy_of, edit, register, world

WELL = "11月23日的备份能恢复：3 人、40 条记录核对一致，用了 2 秒"
BADLY = "这台电脑上一份备份也没有。今天的资料没有受影响；请现在重新备份一次，再演练一次"


@pytest.fixture
def here(tmp_path: Path, stopped_clock: object, centre_store: Store | None) -> World:
    """On either database of a centre."""
    return world(tmp_path, centre_store)


def replica(node: Node) -> str:
    return str(node.get(lambda session: session.scalars(select(Replica.id)).one()))


def known(here: World) -> dict[str, tuple[bool, str]]:
    found: dict[str, drill.Last] = here.node.get(drill.by_replica)
    return {key: (one.passed, one.words) for key, one in found.items()}


def test_the_centre_knows_of_each_computer_what_came_of_the_last(here: World) -> None:
    first = here.station("460203001001")
    second, other = here.new_pc(first), here.station("460203001002")
    first.do(register)
    first.do(standing.note, WELL, passed=True)
    second.do(standing.note, BADLY, passed=False)
    assert known(here) == {}
    for node in (first, second, other):
        here.sync(node)
    assert known(here) == {replica(first): (True, WELL), replica(second): (False, BADLY)}


def test_a_later_one_replaces_it_and_when_one_passed_last_stays_known(here: World) -> None:
    node = here.station("460203001001")
    node.do(standing.note, WELL, passed=True)
    with clock.freeze(NOW + timedelta(days=92)):
        node.do(standing.note, BADLY, passed=False)
        here.sync(node)
        last = here.node.get(drill.by_replica)[replica(node)]
    assert (last.passed, last.at, last.passed_at) == (False, NOW + timedelta(days=92), NOW)
    assert not drill.is_late(3, last, None)
    with clock.freeze(NOW + timedelta(days=121)):
        assert drill.is_late(3, last, None)


def test_what_is_offered_again_after_a_restore_is_of_the_same_computer_once(here: World) -> None:
    node = here.station("460203001001")
    node.do(standing.note, WELL, passed=True)
    node.do(start_anew)
    here.sync(node)
    assert known(here) == {replica(node): (True, WELL)}


def test_each_computer_of_an_office_rehearses_for_itself(here: World) -> None:
    """What the first has said comes to the second too, and speaks of the first one's backups."""
    first = here.station("460203001001")
    first.do(standing.note, BADLY, passed=False)
    here.sync(first)
    with clock.freeze(NOW + timedelta(days=300)):
        second = here.new_pc(first)
        here.sync(second)
        assert second.get(lambda session: session.scalars(select(Audit)).all())
        assert second.do(drill.last) is None
        second.do(audit.note, "导出", "retiree", new_id())
    for days, is_due in ((306, False), (307, True)):
        with clock.freeze(NOW + timedelta(days=days)):
            assert second.do(drill.is_due) == is_due
    with clock.freeze(NOW + timedelta(days=307)):
        second.do(standing.note, WELL, passed=True)
        here.sync(second)
        here.sync(first)
        assert not first.do(drill.last).passed
        assert first.do(drill.is_due)
        assert known(here) == {replica(first): (False, BADLY), replica(second): (True, WELL)}


def test_one_from_a_time_when_the_clock_was_wrong_hides_none_that_came_since(here: World) -> None:
    node = here.station("460203001001")
    with clock.freeze(NOW + timedelta(days=20_000)):
        node.do(standing.note, BADLY, passed=False)
    node.do(standing.note, WELL, passed=True)
    here.sync(node)
    assert known(here) == {replica(node): (True, WELL)}


def rehearsed(node: Node, old: bytes) -> tuple[int, int]:
    """What a backup of that moment holds, compared with today's data."""
    path = node.path.with_name("backup.db")
    path.write_bytes(old)
    store = open_file(path, KEY, STREAM)
    try:
        with store.look() as then, node.store.look() as now:
            return compare(then, now, "11月23日")
    finally:
        store.close()


def test_what_another_computer_of_the_office_said_speaks_against_no_backup(here: World) -> None:
    """The centre gave it back without its chain, which is the other computer's."""
    first = here.station("460203001001")
    key = first.do(register)
    here.sync(first)
    other = here.new_pc(first)
    here.sync(other)
    assert other.outcomes()
    before = copy_of(other)
    other.do(edit, key, mobile="13800001111")
    for node in (other, first, other):
        here.sync(node)
    assert rehearsed(other, before)[0] == 1
    assert rehearsed(other, copy_of(other))[0] == 1
    assert rehearsed(first, copy_of(first))[0] == 1
    with other.store.apply() as session:
        strange = session.scalars(select(Change).where(Change.hash == b"").limit(1)).one()
        strange.head = strange.head[:-1] + bytes([strange.head[-1] ^ 1])
    with pytest.raises(Unfit, match="上报记录"):
        rehearsed(other, before)
