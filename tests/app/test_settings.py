"""Settings of a computer, and those the centre's rules decide."""

from datetime import date
from pathlib import Path

import pytest

from app import parameter, settings
from app.kit.paths import Home
from app.kit.refusal import Refusal
from app.kit.run import look
from app.station import Station
from tests.app.life import here, made_station, quick_vault, say_rule, station_home

__all__ = ["here", "made_station", "quick_vault", "station_home"]


def rule(here: Station, key: str, on: date | None = None) -> parameter.Value:
    return look(here.store, here.desk, parameter.in_force, key, on)


def test_every_setting_has_words_and_a_fitting_default() -> None:
    assert len(settings.BY_NAME) == len(settings.SETTINGS)
    for one in settings.SETTINGS:
        assert one.label
        assert one.help
        assert settings.check(one, one.default) == one.default


def test_settings_of_this_pc_work_before_login_and_survive_a_bad_file(tmp_path: Path) -> None:
    home = Home(tmp_path / "s")
    pc = settings.machine(home)
    assert pc.get("text_size") == 100
    pc.set("text_size", 125)
    assert settings.machine(home).get("text_size") == 125
    with pytest.raises(Refusal, match="“文字大小”不能是 110"):
        pc.set("text_size", 110)
    for bad in ("{", "[]", '{"text_size": "big"}'):
        home.settings.write_text(bad)
        assert pc.get("text_size") == 100
    with pytest.raises(KeyError):
        pc.get("lock_minutes")


def test_settings_the_disk_does_not_give_or_take_are_in_nobodys_way(tmp_path: Path) -> None:
    home = Home(tmp_path / "s")
    pc = settings.machine(home)
    home.settings.mkdir(parents=True)  # as unreadable as a file on a bad place of the disk
    assert (pc.get("text_size"), pc.get("backup_folder")) == (100, "")
    pc.remember("stick_folder", str(tmp_path))
    with pytest.raises(OSError, match="settings"):
        pc.set("text_size", 125)
    assert home.settings.is_dir()


def test_the_second_place_of_backups_is_not_where_the_first_one_is(tmp_path: Path) -> None:
    home = Home(tmp_path / "s")
    pc = settings.machine(home)
    for inside in (home.dir, home.backups, home.dir / "x" / ".." / "second"):
        with pytest.raises(Refusal, match="不能在本机的资料文件夹里"):
            pc.set("backup_folder", str(inside))
    for place in (str(tmp_path / "stick"), ""):
        pc.set("backup_folder", place)
        assert pc.get("backup_folder") == place


def test_settings_of_the_centre_are_its_rules_within_bounds(here: Station) -> None:
    assert look(here.store, here.desk, settings.read, "lock_minutes") == 10
    say_rule(here, "lock_minutes", 90)
    assert look(here.store, here.desk, settings.read, "lock_minutes") == 30
