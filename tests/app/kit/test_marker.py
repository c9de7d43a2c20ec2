"""The mark outside the database: put back, copied, carried away, and what is no reason at all."""

import json
from datetime import datetime
from pathlib import Path
from shutil import copytree, rmtree

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import station
from app.kit.marker import Found, Marker
from app.kit.paths import Home
from app.kit.run import run
from app.station import Station
from models.audit import Audit
from models.exchange import REOFFERED, Change, Replica
from models.kit import clock
from models.kit.stream import Position
from tests.app.life import PASSWORD, a_retiree, a_station, quick_vault

__all__ = ["quick_vault"]


def opened(home: Home) -> Station:
    return station.open_station(home, None, PASSWORD)


def replica(here: Station) -> tuple[str, int]:
    with here.store.look() as session:
        me = session.scalars(select(Replica)).one()
        return me.incarnation, me.seq


def register(here: Station, *numbers: int) -> None:
    for number in numbers:
        run(
            here.store,
            here.desk,
            Session.add,
            a_retiree(f"王{number}", f"51990219520314{number:04d}"),
        )


def test_opening_again_in_the_same_place_is_nothing_special(tmp_path: Path) -> None:
    home = Home(tmp_path / "s")
    with a_station(home.dir).station as here:
        register(here, 1, 2)
        before = replica(here)
    with opened(home) as here:
        assert here.renewed is None
        assert replica(here) == before


def test_a_file_put_back_behind_the_programs_back_goes_on_as_another(tmp_path: Path) -> None:
    home = Home(tmp_path / "s")
    last_month = datetime(2026, 6, 3, 14, 32, tzinfo=clock.SHANGHAI)
    with clock.freeze(last_month), a_station(home.dir).station as here:
        register(here, 1)
        then = replica(here)
    copytree(home.dir, tmp_path / "last month")
    with opened(home) as here:
        register(here, 2, 3)
    rmtree(home.dir)
    copytree(tmp_path / "last month", home.dir)
    with opened(home) as here:
        assert here.renewed is not None
        assert (here.renewed.found, here.renewed.missing) == (Found.BEHIND, 2)
        told = "换成了较早的一份（2026-06-03 14:32 的），少了后来录入的 2 条。"
        assert told in here.renewed.sentence
        assert replica(here)[0] != then[0]
        with here.store.look() as session:
            assert "资料文件被换回较早的一份" in session.scalars(select(Audit.act)).all()
            old = session.scalars(select(Change.outcome).where(Change.incarnation == then[0]))
            assert set(old) == {REOFFERED}
    with opened(home) as here:
        assert here.renewed is None


def test_a_copy_in_another_place_is_another_and_the_first_stays_itself(tmp_path: Path) -> None:
    home, other = Home(tmp_path / "s"), Home(tmp_path / "copy")
    with a_station(home.dir).station as here:
        register(here, 1)
        first = replica(here)
    copytree(home.dir, other.dir)
    with opened(other) as here:
        assert here.renewed is not None
        assert here.renewed.found is Found.COPIED
        assert "只留一处" in here.renewed.sentence
        assert replica(here)[0] != first[0]
    with opened(home) as here:
        assert here.renewed is None
        assert replica(here) == first


def test_two_lives_of_one_length_are_told_apart(tmp_path: Path) -> None:
    """The number alone would not tell: as many entries, but others."""
    home = Home(tmp_path / "s")
    with a_station(home.dir).station as here:
        register(here, 1)
    copytree(home.dir, tmp_path / "before")
    with opened(home) as here:
        register(here, 2)
    copytree(home.dir, tmp_path / "one life")
    rmtree(home.dir)
    copytree(tmp_path / "before", home.dir)
    with opened(home) as here:
        register(here, 3)
    mark = Marker.of(home).path.read_bytes()
    rmtree(home.dir)
    copytree(tmp_path / "one life", home.dir)
    Marker.of(home).path.write_bytes(mark)
    with opened(home) as here:
        assert here.renewed is not None
        assert here.renewed.found is Found.BEHIND


def test_a_kill_between_commit_and_mark_is_no_reason(tmp_path: Path) -> None:
    home = Home(tmp_path / "s")
    with a_station(home.dir).station as here:
        mark = Marker.of(home).path.read_bytes()
        register(here, 1)
    Marker.of(home).path.write_bytes(mark)
    with opened(home) as here:
        assert here.renewed is None


def test_a_kill_before_the_first_mark_of_a_new_station_is_no_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database is in its place and nothing was written since."""
    home = Home(tmp_path / "s")
    with monkeypatch.context() as dead:
        dead.setattr(Marker, "write", lambda _self, _at: None)
        a_station(home.dir).station.close()
    with opened(home) as here:
        assert here.renewed is None


def test_a_mark_spoilt_by_a_power_cut_is_no_reason(tmp_path: Path) -> None:
    home = Home(tmp_path / "s")
    with a_station(home.dir).station as here:
        register(here, 1)
        now = replica(here)
    for spoilt in (b"", b"\0\0\0", b'{"incarnation": 1}', b"[]"):
        Marker.of(home).path.write_bytes(spoilt)
        with opened(home) as here:
            assert here.renewed is None
            assert replica(here) == now


def test_a_restore_by_the_program_is_renewed_once_not_twice(tmp_path: Path) -> None:
    home = Home(tmp_path / "s")
    with a_station(home.dir).station as here:
        copy = here.backup()
        register(here, 1)
    station.restore_station(home, copy.path, None, PASSWORD)
    with opened(home) as here:
        assert here.renewed is None


def test_where_no_mark_can_be_written_work_goes_on(tmp_path: Path) -> None:
    home = Home(tmp_path / "s")
    with a_station(home.dir).station as here:
        place = Marker.of(home).path.parent
        rmtree(place)
        place.write_text("in the way")
        register(here, 1)
    place.unlink()
    with opened(home) as here:
        assert here.renewed is not None
        assert here.renewed.found is Found.COPIED


def test_the_mark_tells_nothing_of_anybody(tmp_path: Path) -> None:
    home = Home(tmp_path / "s")
    with a_station(home.dir).station as here:
        register(here, 1)
    said = Marker.of(home).path
    assert "王1" not in said.read_text("utf-8")
    assert said.stem != "s"


def test_who_was_erased_stays_in_it_also_where_it_was_written_by_an_older_program(
    tmp_path: Path,
) -> None:
    mark = Marker(tmp_path / "mark.json")
    older = {"incarnation": "a", "seq": 3, "head": "00", "erased": ["b"]}
    mark.path.write_text(json.dumps(older))
    assert mark.read()
    mark.write(Position("a", 4, b"\1", {"b": "", "c": "aa"}))
    mark.forget()
    again = Marker(mark.path)
    again.read()
    assert again.erased == {"b": "", "c": "aa"}
