"""The vault: the database key, wrapped for each account, for the recovery card and for
the centre, and the installation's secrets sealed under it. Only display names can be read
without a password.
"""

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag

from app.kit import dpapi, faults, keyfile, recovery_code, tries, wrap
from app.kit.keyfile import Body, Entry, load, names, save
from app.kit.lock import held
from app.kit.paths import Home
from app.kit.refusal import Refusal
from app.kit.tries import Policy
from app.kit.wrap import password_problem
from models.kit import clock

__all__ = ["Entry", "Policy", "Vault", "create", "names", "password_problem", "recover", "unlock"]

BY_CARD = "by_card"
Guessed = type[faults.WrongPassword] | type[faults.WrongCode]


@dataclass(slots=True)
class Vault:
    """An open vault. ``account`` is who opened it; ``wrong_before`` the slips since last
    time; ``by_card`` where nobody has signed in since the recovery card gave them the password."""

    home: Home
    account: str
    key: bytes = field(repr=False)
    wrong_before: int = 0
    by_card: bool = False

    def again(self, password: str) -> None:
        """The same person after a locked screen; counted like a login."""
        entry = _by_id(load(self.home), self.account)
        _try(self.home, entry, password)

    def put(self, name: str, secret: bytes) -> None:
        """Seal a secret of this installation; on Windows also for this user and machine."""
        box = wrap.seal(self.key, name, secret)
        box = dpapi.protect(box) if dpapi.PRESENT else box
        kept = {"dpapi": dpapi.PRESENT, "box": wrap.b64(box)}
        self._change(lambda body: body["sealed"].update({name: kept}))

    def get(self, name: str) -> bytes | None:
        """A sealed secret; None when there is none, a refusal when it belongs elsewhere."""
        kept = load(self.home)["sealed"].get(name)
        if kept is None:
            return None
        try:
            box = wrap.unb64(kept["box"])
            return wrap.unseal(self.key, name, dpapi.unprotect(box) if kept["dpapi"] else box)
        except (OSError, InvalidTag) as error:
            raise Refusal("交换钥匙是在另一台电脑上生成的，请重新向区中心申请接入") from error

    def change_password(self, old: str, new: str) -> None:
        """One's own, knowing the old one."""
        entry = _by_id(load(self.home), self.account)
        _try(self.home, entry, old)
        if wrap.plain(old) == wrap.plain(new):
            raise Refusal("新口令和原来的一样，请换一个", "new_password")
        self.set_password(self.account, new)

    def set_password(self, account: str, new: str) -> None:
        """For anybody who has an entry; also lets a disabled account in again."""
        kept = self._new_wrap(account, new)
        self._change(lambda body: _by_id(body, account).update(wrap=kept))

    def add(self, account: str, name: str, password: str, title: str = "") -> None:
        """A new account; takes the place of one of the same name that has no password."""
        kept = self._new_wrap(account, password)
        entry = {"id": account, "name": name.strip(), "title": title, "wrap": kept}
        self._change(lambda body: _insert(body, entry))

    def rename(self, account: str, name: str, title: str) -> None:
        """What the login page shows."""
        self._change(lambda body: _by_id(body, account).update(name=name.strip(), title=title))

    def disable(self, account: str) -> None:
        """Forget the wrap: the password opens nothing any more."""
        self._change(lambda body: _by_id(body, account).update(wrap=None))

    def remove(self, account: str) -> None:
        """Forget the account altogether."""

        def drop(body: Body) -> None:
            body["accounts"] = [one for one in body["accounts"] if one["id"] != account]

        self._change(drop)

    def entries(self) -> list[Entry]:
        """Everybody, the disabled too."""
        return [keyfile.entry(one) for one in load(self.home)["accounts"]]

    def new_code(self) -> str:
        """A new recovery code; the old one opens nothing any more."""
        code, kept = _new_recovery(self.key)
        self._change(lambda body: body.update(recovery=kept))
        return code

    def code_made_on(self) -> str:
        """The day on the recovery card that is valid now."""
        made: str = load(self.home)["recovery"]["made_on"]
        return made

    def centre_box(self) -> str:
        """The key, sealed to the centre's recovery key, for the centre to keep; may be empty."""
        centre = load(self.home)["centre"]
        return centre["box"] if centre else ""

    def set_policy(self, policy: Policy) -> None:
        """As the centre's parameters say."""
        if load(self.home)["policy"] != asdict(policy):
            self._change(lambda body: body.update(policy=asdict(policy)))

    def card_is_used(self) -> None:
        """Whoever the card let in has signed in."""
        if self.by_card:
            self._change(lambda body: body.pop(BY_CARD, None))

    def fits(self, database: Path) -> None:
        """Remember which file this key belongs to."""
        mark = file_mark(database)
        if load(self.home)["file"] != mark:
            self._change(lambda body: body.update(file=mark))

    def _new_wrap(self, account: str, password: str) -> Body:
        problem = password_problem(password)
        if problem:
            raise Refusal(problem, "new_password")
        return wrap.wrap(self.key, password, f"account {account}")

    def _change(self, edit: Callable[[Body], object]) -> None:
        with held(self.home.dir / "keys.lock"):
            body = load(self.home)
            edit(body)
            save(self.home, body)


def new_key() -> bytes:
    """A database key."""
    return secrets.token_bytes(32)


def create(
    home: Home,
    account: str,
    name: str,
    password: str,
    *,
    title: str = "",
    recipient: str | None = None,
    mark: str = "",
    key: bytes | None = None,
) -> tuple[Vault, str]:
    """A new vault with one account; the second value is the recovery code, shown this once."""
    if home.database.exists():
        raise FileExistsError(home.database)
    key = new_key() if key is None else key
    vault = Vault(home, account, key)
    kept = vault._new_wrap(account, password)  # noqa: SLF001
    code, recovery = _new_recovery(key)
    body = {
        "key": wrap.key_name(key),
        "file": mark,
        "policy": asdict(Policy()),
        "accounts": [{"id": account, "name": name.strip(), "title": title, "wrap": kept}],
        "recovery": recovery,
        "centre": wrap.for_recipient(key, recipient),
        "sealed": {},
    }
    save(home, body)
    return vault, code


def unlock(home: Home, name: str | None, password: str) -> Vault:
    """Open with a password. No name means the only account there is."""
    body = load(home)
    entry = _by_name(body, name)
    key, slips = _try(home, entry, password)
    if not keyfile.is_double(home):
        with held(home.dir / "keys.lock"):
            save(home, load(home))
    return Vault(home, entry["id"], key, slips, body.get(BY_CARD) == entry["id"])


def open_body(body: Body, home: Home, name: str | None, password: str) -> tuple[str, bytes]:
    """Account and key from other keys than the home's own (a backup's); counted all the same."""
    entry = _by_name(body, name)
    key, _ = _try(home, entry, password)
    return entry["id"], key


def recover(home: Home, code: str, name: str, new_password: str) -> tuple[Vault, str]:
    """Forgotten password: with the card, a new password and a new card."""
    plain = recovery_code.read(code)
    body = load(home)
    entry = _by_name(body, name)
    kept = body["recovery"]["wrap"]
    problem = password_problem(new_password)
    if problem:
        raise Refusal(problem, "new_password")
    key, _ = _guess(home, "recovery", kept, plain, "recovery", faults.WrongCode)
    return with_key(home, key, entry["id"], new_password)


def with_key(home: Home, key: bytes, account: str, new_password: str) -> tuple[Vault, str]:
    """The same for somebody to whom the centre gave the key back."""
    if wrap.key_name(key) != load(home)["key"]:
        raise faults.WrongKey("这把钥匙不是这份资料的，请向区中心核对")
    vault = Vault(home, account, key)
    kept = vault._new_wrap(account, new_password)  # noqa: SLF001
    code, recovery = _new_recovery(key)

    def edit(body: Body) -> None:
        _by_id(body, account).update(wrap=kept)
        body.update({"recovery": recovery, BY_CARD: account})

    vault._change(edit)  # noqa: SLF001
    tries.opened(home, account)
    return vault, code


def file_mark(database: Path) -> str:
    """The salt at the beginning of an encrypted file tells it from every other."""
    with database.open("rb") as file:
        return file.read(16).hex()


def _new_recovery(key: bytes) -> tuple[str, Body]:
    code = recovery_code.make()
    made = clock.today().isoformat()
    return code, {"made_on": made, "wrap": wrap.wrap(key, code, "recovery")}


def _try(home: Home, entry: Mapping[str, Any], password: str) -> tuple[bytes, int]:
    if not entry["wrap"]:
        raise faults.NoSuchAccount("这个账号已停用，请找站长", field="name")
    label = f"account {entry['id']}"
    return _guess(home, entry["id"], entry["wrap"], password, label, faults.WrongPassword)


def _guess(
    home: Home,
    who: str,
    kept: Mapping[str, Any],
    password: str,
    label: str,
    fault: Guessed,
) -> tuple[bytes, int]:
    policy = _policy(home)
    left = tries.knock(home, who, policy)
    if left < 0:
        raise _locked(home, who, "还不能登录")
    try:
        key = wrap.unwrap(kept, password, label)
    except InvalidTag:
        if left == 0:
            raise _locked(home, who, f"连续输错 {policy.tries} 次") from None
        raise _wrong(fault, left, _hint(home)) from None
    return key, tries.opened(home, who)


def _wrong(fault: Guessed, left: int, hint: str = "") -> faults.WrongPassword | faults.WrongCode:
    if issubclass(fault, faults.WrongPassword):
        wrong = fault(f"口令不对，还可以再试 {left} 次。{hint}", field="password")
        wrong.left = left
        return wrong
    return fault(
        f"恢复口令不对，还可以再试 {left} 次。请看是不是这台电脑的、最新的一张卡", field="code"
    )


def _hint(home: Home) -> str:
    mended = load(home).get("mended")
    if not mended:
        return ""
    at = clock.local(datetime.fromisoformat(mended))
    return f"钥匙取自 {at.month}月{at.day}日 {at:%H:%M} 的备份，请用那时的口令"


def _locked(home: Home, who: str, why: str) -> faults.LockedOut:
    minutes = tries.waiting(home, who)
    locked = faults.LockedOut(f"{why}，请等 {minutes} 分钟再试", field="password")
    locked.minutes = minutes
    return locked


def _policy(home: Home) -> Policy:
    try:
        return Policy(**load(home)["policy"])
    except faults.Fault:
        return Policy()


def _by_name(body: Body, name: str | None) -> dict[str, Any]:
    able = [one for one in body["accounts"] if one["wrap"]]
    if name is None and len(able) != 1:
        raise faults.NoSuchAccount("请说明是谁登录：" + _listed(able), field="name")
    wanted = able[0]["name"] if name is None else wrap.plain(name).strip()
    for one in able:
        if wanted in (wrap.plain(one["name"]), one["id"], wrap.plain(keyfile.entry(one).shown)):
            return dict(one)
    raise faults.NoSuchAccount(
        f"没有“{wanted}”这个账号。可以登录的有：{_listed(able)}", field="name"
    )


def _listed(entries: Iterable[Mapping[str, Any]]) -> str:
    return "、".join(one["name"] for one in entries)


def _by_id(body: Body, account: str) -> dict[str, Any]:
    for one in body["accounts"]:
        if one["id"] == account:
            found: dict[str, Any] = one
            return found
    raise faults.NoSuchAccount("这台电脑上没有这个账号", field="name")


def _insert(body: Body, entry: Body) -> None:
    for one in body["accounts"]:
        if one["name"] == entry["name"] and one["wrap"] and one["id"] != entry["id"]:
            raise Refusal(f"已经有一个叫“{entry['name']}”的账号，请加以区别", "name")
    gone = {entry["id"], *(one["id"] for one in body["accounts"] if one["name"] == entry["name"])}
    body["accounts"] = [one for one in body["accounts"] if one["id"] not in gone] + [entry]
