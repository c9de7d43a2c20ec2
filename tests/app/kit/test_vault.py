"""Keys on disk: who opens them, who does not, and what a kill or a flipped byte does."""

import json
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyrage
import pytest

from app.kit import faults, keyfile, vault, wrap
from app.kit.paths import Home
from app.kit.refusal import Refusal
from app.kit.tries import Policy
from app.kit.vault import Vault
from models.kit import clock

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
GOOD = "Guiyuan-2026"
NEW = "Haitang-2027"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "station")
    made.make()
    return made


@pytest.fixture
def open_vault(home: Home) -> Vault:
    made, _ = vault.create(home, "a" * 32, "刘桂兰", GOOD, title="站长")
    return made


def _wrong(home: Home, name: str | None = None) -> faults.Fault:
    with pytest.raises(faults.Fault) as raised:
        vault.unlock(home, name, "Wrong-pass-1")
    return raised.value


def test_the_right_password_gives_the_key_back(home: Home, open_vault: Vault) -> None:
    opened = vault.unlock(home, "刘桂兰", GOOD)
    assert opened.key == open_vault.key
    assert len(opened.key) == 32
    assert opened.account == "a" * 32


def test_what_a_killed_process_left_half_written_is_swept_away(
    home: Home, open_vault: Vault
) -> None:
    halves = [home.dir / f"{path.name}.0a1b2c3d.part" for path in (home.tries, home.keys)]
    for half in halves:
        half.write_bytes(b"{")
    vault.unlock(home, "刘桂兰", GOOD)
    assert not any(half.exists() for half in halves)


def test_a_password_typed_in_full_width_is_the_same_password(home: Home, open_vault: Vault) -> None:
    wide = "".join(chr(ord(one) + 0xFEE0) for one in GOOD)
    assert vault.unlock(home, None, wide).key == open_vault.key


def test_wrong_tries_are_told_and_the_fifth_shuts_the_door(home: Home, open_vault: Vault) -> None:
    said = [_wrong(home).message for _ in range(5)]
    assert said[0] == "口令不对，还可以再试 4 次。"
    assert said[3] == "口令不对，还可以再试 1 次。"
    assert said[4] == "连续输错 5 次，请等 30 分钟再试"
    with pytest.raises(faults.LockedOut, match="还不能登录"):
        vault.unlock(home, None, GOOD)


def test_the_door_opens_after_half_an_hour_and_counts_anew(home: Home, open_vault: Vault) -> None:
    with clock.freeze(NOON):
        for _ in range(5):
            _wrong(home)
    with clock.freeze(NOON + timedelta(minutes=29)), pytest.raises(faults.LockedOut) as raised:
        vault.unlock(home, None, GOOD)
    assert raised.value.minutes == 1
    with clock.freeze(NOON + timedelta(minutes=31)):
        assert _wrong(home).message == "口令不对，还可以再试 4 次。"
        assert vault.unlock(home, None, GOOD).wrong_before == 1


def test_a_clock_set_back_does_not_open_the_door_sooner(home: Home, open_vault: Vault) -> None:
    with clock.freeze(NOON):
        for _ in range(5):
            _wrong(home)
    for minutes in (-600, -590, -575):
        with clock.freeze(NOON + timedelta(minutes=minutes)), pytest.raises(faults.LockedOut):
            vault.unlock(home, None, GOOD)
    with clock.freeze(NOON + timedelta(minutes=-569)):
        assert vault.unlock(home, None, GOOD).key


@pytest.mark.slow
def test_a_restart_does_not_forget_wrong_tries(home: Home, open_vault: Vault) -> None:
    script = (
        "import sys; from pathlib import Path; from app.kit import faults, vault;"
        "from app.kit.paths import Home\n"
        "try: vault.unlock(Home(Path(sys.argv[1])), None, 'Wrong-pass-1')\n"
        "except faults.WrongPassword as wrong: print(wrong.left)"
    )
    left = [
        subprocess.run(
            [sys.executable, "-c", script, str(home.dir)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for _ in range(2)
    ]
    assert left == ["4", "3"]


def test_a_right_password_forgets_the_slips_and_says_how_many(
    home: Home, open_vault: Vault
) -> None:
    _wrong(home)
    _wrong(home)
    assert vault.unlock(home, None, GOOD).wrong_before == 2
    assert vault.unlock(home, None, GOOD).wrong_before == 0


def test_tries_and_minutes_are_parameters(home: Home, open_vault: Vault) -> None:
    open_vault.set_policy(Policy(tries=2, minutes=5))
    _wrong(home)
    assert _wrong(home).message == "连续输错 2 次，请等 5 分钟再试"


def test_one_persons_slips_do_not_lock_another_out(home: Home, open_vault: Vault) -> None:
    open_vault.add("b" * 32, "陈敏", "Chen-min-26", "经办人")
    for _ in range(5):
        _wrong(home, "刘桂兰")
    assert vault.unlock(home, "陈敏", "Chen-min-26").account == "b" * 32


def test_only_display_names_can_be_read_without_a_password(home: Home, open_vault: Vault) -> None:
    open_vault.put("installation", b"very secret signing key")
    assert [one.shown for one in vault.names(home)] == ["刘桂兰（站长）"]
    text = home.keys.read_text("utf-8")
    assert open_vault.key.hex() not in text
    assert "secret signing" not in text
    assert GOOD not in text


@pytest.mark.skipif(sys.platform == "win32", reason="rights are ACLs there")
def test_keys_are_for_this_user_only(home: Home, open_vault: Vault) -> None:
    assert home.keys.stat().st_mode & 0o077 == 0
    assert keyfile.second_copy(home).stat().st_mode & 0o077 == 0


def test_the_login_name_may_be_given_as_shown_and_must_exist(home: Home, open_vault: Vault) -> None:
    assert vault.unlock(home, "刘桂兰(站长)", GOOD).key
    with pytest.raises(faults.NoSuchAccount, match="可以登录的有：刘桂兰"):
        vault.unlock(home, "张三", GOOD)
    open_vault.add("b" * 32, "陈敏", NEW)
    with pytest.raises(faults.NoSuchAccount, match="请说明是谁登录：刘桂兰、陈敏"):
        vault.unlock(home, None, GOOD)


def test_a_changed_password_opens_and_the_old_one_does_not(home: Home, open_vault: Vault) -> None:
    with pytest.raises(faults.WrongPassword):
        open_vault.change_password("Wrong-pass-1", NEW)
    with pytest.raises(Refusal, match="和原来的一样"):
        open_vault.change_password(GOOD, GOOD)
    open_vault.change_password(GOOD, NEW)
    assert vault.unlock(home, None, NEW).key == open_vault.key
    with pytest.raises(faults.WrongPassword):
        vault.unlock(home, None, GOOD)


def test_a_locked_screen_opens_for_the_same_person_only(home: Home, open_vault: Vault) -> None:
    open_vault.again(GOOD)
    with pytest.raises(faults.WrongPassword, match="还可以再试 4 次"):
        open_vault.again("Wrong-pass-1")
    open_vault.disable("a" * 32)
    with pytest.raises(faults.NoSuchAccount, match="已停用"):
        open_vault.again(GOOD)
    assert vault.names(home) == []


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("Ab1", "至少 8 位，现在是 3 位"),
        ("abcdefgh", "三种"),
        ("abcdefg1", "三种"),
        ("Abcdefg1", None),
        ("abcdef1!", None),
        ("ＡＢＣＤefg1", None),
        ("中文口令abc123", None),
    ],
)
def test_a_new_password_has_eight_characters_of_three_kinds(
    password: str, said: str | None
) -> None:
    problem = vault.password_problem(password)
    assert (problem is None) if said is None else said in (problem or "")


def test_the_recovery_card_sets_a_new_password_and_makes_a_new_card(home: Home) -> None:
    made, code = vault.create(home, "a" * 32, "刘桂兰", GOOD)
    opened, fresh = vault.recover(home, code.lower(), "刘桂兰", NEW)
    assert opened.key == made.key
    assert fresh != code
    assert vault.unlock(home, None, NEW).key == made.key
    with pytest.raises(faults.WrongCode, match="还可以再试 4 次"):
        vault.recover(home, code, "刘桂兰", GOOD)
    assert vault.recover(home, fresh, "刘桂兰", GOOD)[0].key == made.key


def test_the_card_also_opens_when_the_door_is_shut(home: Home) -> None:
    _, code = vault.create(home, "a" * 32, "刘桂兰", GOOD)
    for _ in range(5):
        _wrong(home)
    vault.recover(home, code, "刘桂兰", NEW)
    assert vault.unlock(home, None, NEW).key


def test_a_bad_new_password_does_not_use_up_the_card(home: Home) -> None:
    _, code = vault.create(home, "a" * 32, "刘桂兰", GOOD)
    with pytest.raises(Refusal, match="至少 8 位"):
        vault.recover(home, code, "刘桂兰", "short")
    assert vault.recover(home, code, "刘桂兰", NEW)


def test_the_centre_can_open_what_is_sealed_to_it_and_give_the_key_back(home: Home) -> None:
    identity = pyrage.x25519.Identity.generate()
    made, _ = vault.create(home, "a" * 32, "刘桂兰", GOOD, recipient=str(identity.to_public()))
    key = pyrage.decrypt(wrap.unb64(made.centre_box()), [identity])
    assert key == made.key
    assert vault.with_key(home, key, "a" * 32, NEW)[0].key == made.key
    assert vault.unlock(home, None, NEW).key
    with pytest.raises(faults.WrongKey):
        vault.with_key(home, bytes(32), "a" * 32, GOOD)


def test_secrets_come_back_and_need_the_right_key_and_name(home: Home, open_vault: Vault) -> None:
    open_vault.put("signing", b"\x01" * 32)
    open_vault.put("receiving", b"\x02" * 32)
    again = vault.unlock(home, None, GOOD)
    assert (again.get("signing"), again.get("receiving")) == (b"\x01" * 32, b"\x02" * 32)
    assert again.get("nothing") is None
    with pytest.raises(Refusal, match="重新向区中心申请"):
        Vault(home, "a" * 32, bytes(32)).get("signing")
    body = keyfile.load(home)
    body["sealed"]["signing"] = body["sealed"]["receiving"]
    keyfile.save(home, body)
    with pytest.raises(Refusal):
        again.get("signing")


def test_a_disabled_account_opens_nothing_until_it_gets_a_new_password(
    home: Home, open_vault: Vault
) -> None:
    open_vault.add("b" * 32, "陈敏", "Chen-min-26")
    with pytest.raises(Refusal, match="已经有一个叫“陈敏”的账号"):
        open_vault.add("c" * 32, "陈敏", "Chen-min-27")
    open_vault.disable("b" * 32)
    assert [one.name for one in vault.names(home)] == ["刘桂兰"]
    with pytest.raises(faults.NoSuchAccount):
        vault.unlock(home, "陈敏", "Chen-min-26")
    assert b"Chen" not in keyfile.second_copy(home).read_bytes()
    assert keyfile.is_double(home)
    open_vault.set_password("b" * 32, "Chen-min-27")
    assert vault.unlock(home, "陈敏", "Chen-min-27").key
    open_vault.remove("b" * 32)
    assert [one.id for one in open_vault.entries()] == ["a" * 32]


def test_damaged_keys_are_read_from_the_second_copy_and_mended(
    home: Home, open_vault: Vault
) -> None:
    data = bytearray(home.keys.read_bytes())
    data[len(data) // 2] ^= 0x01
    home.keys.write_bytes(data)
    assert vault.unlock(home, None, GOOD).key == open_vault.key
    assert keyfile.is_double(home)
    home.keys.unlink()
    assert vault.unlock(home, None, GOOD).key == open_vault.key
    assert home.keys.exists()


@pytest.mark.parametrize("at", [10, 200, 700, -40])
def test_damage_of_both_copies_is_called_damage_not_a_wrong_password(
    home: Home, open_vault: Vault, at: int
) -> None:
    for path in (home.keys, keyfile.second_copy(home)):
        data = bytearray(path.read_bytes())
        data[at] ^= 0x02
        path.write_bytes(data)
    before = home.keys.read_bytes()
    with pytest.raises(faults.KeysDamaged, match="不要删除任何文件"):
        vault.unlock(home, None, GOOD)
    assert home.keys.read_bytes() == before


@pytest.mark.parametrize("junk", [b"", b"null", b"\xff", b"[" * 200_000, b'{"accounts": []}'])
def test_keys_that_are_none_are_damaged(home: Home, open_vault: Vault, junk: bytes) -> None:
    for path in (home.keys, keyfile.second_copy(home)):
        path.write_bytes(junk)
    with pytest.raises(faults.KeysDamaged):
        vault.unlock(home, None, GOOD)


def test_missing_keys_and_keys_of_a_later_program_say_so(home: Home) -> None:
    with pytest.raises(faults.KeysMissing, match="放回原处"):
        vault.unlock(home, None, GOOD)
    vault.create(home, "a" * 32, "刘桂兰", GOOD)
    whole = json.loads(home.keys.read_text("utf-8")) | {"format": 2}
    home.keys.write_text(json.dumps(whole), "utf-8")
    with pytest.raises(faults.NewerSchema, match="请先升级"):
        vault.unlock(home, None, GOOD)


def test_a_vault_is_never_made_beside_a_database(home: Home) -> None:
    home.database.write_bytes(b"somebody's data")
    with pytest.raises(FileExistsError):
        vault.create(home, "a" * 32, "刘桂兰", GOOD)
    assert not home.keys.exists()


KILLED = """
import sys
from pathlib import Path
from app.kit import vault, wrap
from app.kit.paths import Home
wrap.WORK = wrap.Work(64, 1, 1)
opened = vault.unlock(Home(Path(sys.argv[1])), None, "Guiyuan-2026")
print("ready", flush=True)
turn = 0
while True:
    turn += 1
    opened.put("counter", turn.to_bytes(4, "big") * 2000)
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kill -9 is POSIX")
def test_a_kill_in_the_middle_of_writing_leaves_whole_keys(home: Home, open_vault: Vault) -> None:
    for turn in range(8):
        child = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(home.dir)], stdout=subprocess.PIPE, text=True
        )
        with child:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
            time.sleep(0.02 + turn * 0.007)
            child.kill()
        kept = keyfile.decode(home.keys.read_bytes())
        assert kept["key"] == wrap.key_name(open_vault.key)
        opened = vault.unlock(home, None, GOOD)
        secret = opened.get("counter")
        assert secret is not None
        assert len({secret[at : at + 4] for at in range(0, len(secret), 4)}) == 1
        assert keyfile.is_double(home)


def test_the_real_cost_of_a_guess_is_64_mebibytes(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wrap, "WORK", wrap.Work())
    vault.create(home, "a" * 32, "刘桂兰", GOOD)
    kept = keyfile.load(home)["accounts"][0]["wrap"]
    assert (kept["memory_kib"], kept["passes"]) == (65536, 3)
    assert vault.unlock(home, None, GOOD).key
