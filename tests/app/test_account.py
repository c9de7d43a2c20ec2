"""Staff and accounts: the record and the password side stay together."""

import pytest

from app import account, station
from app.kit import faults, wrap
from app.kit.paths import Home
from app.kit.refusal import Refusal
from app.kit.run import look, run
from app.kit.who import Desk
from app.station import Station
from models.audit import Audit
from tests.app.life import NAME, here, made_station, quick_vault, station_home

__all__ = ["here", "made_station", "quick_vault", "station_home"]

OTHER = "Chen-min-26"


def create(here: Station, name: str = "陈敏", *roles: str) -> account.Row:
    given = list(roles or ("clerk",))
    return run(
        here.store, here.desk, account.create, here.vault, name, OTHER, given, phone="18600000001"
    ).result


def test_a_new_account_logs_in_with_its_roles(here: Station, station_home: Home) -> None:
    made = create(here, "陈敏", "clerk", "health")
    assert made.role_names == "经办人、健康管理员"
    assert [one.shown for one in station.names(station_home)] == [
        "刘桂兰（站长）",
        "陈敏（经办人）",
    ]
    here.close()
    with station.open_station(station_home, "陈敏", OTHER) as again:
        assert again.desk == Desk(made.id, "陈敏", here.office.id, frozenset({"clerk", "health"}))


@pytest.mark.parametrize(
    ("name", "password", "roles", "field"),
    [
        (" ", OTHER, ["clerk"], "name"),
        (NAME, OTHER, ["clerk"], "name"),
        ("陈敏", "short", ["clerk"], "password"),
        ("陈敏", OTHER, [], "roles"),
        ("陈敏", OTHER, ["centre_head"], "roles"),
        ("陈敏", OTHER, ["king"], "roles"),
    ],
)
def test_what_an_account_lacks_is_said_at_its_field(
    here: Station, name: str, password: str, roles: list[str], field: str
) -> None:
    with pytest.raises(Refusal) as raised:
        run(here.store, here.desk, account.create, here.vault, name, password, roles)
    assert raised.value.field == field
    assert len(look(here.store, here.desk, account.accounts)) == 1
    assert len(here.vault.entries()) == 1


def test_the_last_head_can_neither_be_disabled_nor_demoted(here: Station) -> None:
    clerk = create(here)
    head = here.desk.account
    with pytest.raises(Refusal, match="正在使用的账号"):
        run(here.store, here.desk, account.disable, here.vault, head)
    with pytest.raises(Refusal, match="最后一位站长"):
        run(here.store, here.desk, account.set_roles, here.vault, head, ["clerk"])
    other = Desk("x", "别人", here.office.id, frozenset({"head"}))
    with pytest.raises(Refusal, match="最后一位站长"):
        run(here.store, other, account.disable, here.vault, head)
    run(here.store, here.desk, account.set_roles, here.vault, clerk.id, ["head"])
    assert run(here.store, other, account.disable, here.vault, head).result.disabled


def test_a_disabled_account_is_out_and_comes_back_with_a_new_password(
    here: Station, station_home: Home
) -> None:
    clerk = create(here)
    run(here.store, here.desk, account.disable, here.vault, clerk.id)
    assert [one.name for one in station.names(station_home)] == [NAME]
    with pytest.raises(Refusal, match="已停用，请先启用"):
        run(here.store, here.desk, account.reset, here.vault, clerk.id, "Neu-es-2026")
    run(here.store, here.desk, account.enable, here.vault, clerk.id, "Neu-es-2026")
    here.close()
    with pytest.raises(faults.WrongPassword):
        station.open_station(station_home, "陈敏", OTHER)
    station.open_station(station_home, "陈敏", "Neu-es-2026").close()


def test_a_forgotten_password_of_a_clerk_is_reset_by_the_head(
    here: Station, station_home: Home
) -> None:
    clerk = create(here)
    run(here.store, here.desk, account.reset, here.vault, clerk.id, "Neu-es-2026")
    here.close()
    station.open_station(station_home, "陈敏", "Neu-es-2026").close()


def test_a_clerk_may_not_touch_accounts(here: Station) -> None:
    clerk = Desk("x", "陈敏", here.office.id, frozenset({"clerk"}))
    with pytest.raises(Refusal, match="陈敏 没有“登记和修改账号”的权限，请找站长"):
        run(here.store, clerk, account.create, here.vault, "王五", OTHER, ["head"])
    assert len(here.vault.entries()) == 1


def test_roles_and_title_change_together_and_are_audited(here: Station, station_home: Home) -> None:
    clerk = create(here)
    run(here.store, here.desk, account.set_roles, here.vault, clerk.id, ["auditor"])
    assert station.names(station_home)[1].shown == "陈敏（审计员）"
    with here.store.look() as session:
        acts = [(one.who, one.act, one.detail) for one in session.query(Audit).order_by(Audit.id)]
    assert acts[1:] == [
        (NAME, "新增账号", "陈敏：经办人"),
        (NAME, "改角色", "陈敏：经办人 → 审计员"),
    ]


def test_a_failure_of_the_keys_leaves_no_account_behind(
    here: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("app.kit.keyfile.write_whole", broken)
    with pytest.raises(faults.DiskFull, match="快满了"):
        create(here)
    monkeypatch.undo()
    monkeypatch.setattr(wrap, "WORK", wrap.Work(64, 1, 1))
    assert [one.name for one in look(here.store, here.desk, account.accounts)] == [NAME]
    create(here)


def test_a_new_recovery_card_makes_the_old_one_worthless(here: Station, station_home: Home) -> None:
    old, new = here.new_card(), here.new_card()
    here.close()
    with pytest.raises(faults.WrongCode):
        station.recover(station_home, old, NAME, OTHER)
    assert station.recover(station_home, new, NAME, OTHER) not in (old, new)
    station.open_station(station_home, NAME, OTHER).close()
