"""``keys.json``: the wrapped keys on disk, with a second copy.

The second copy, ``keys.json.bak``, is brought up to date as soon as a new file has been read back:
one damaged file costs nothing, and an old password does not live on in a copy.
"""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from app.kit import faults
from app.kit.files import write_whole
from app.kit.paths import Home

FORMAT = 1
Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """An account as the login page may show it."""

    id: str
    name: str
    title: str = ""
    disabled: bool = False

    @property
    def shown(self) -> str:
        """刘桂兰（站长）"""
        return f"{self.name}（{self.title}）" if self.title else self.name


def entry(kept: Mapping[str, Any]) -> Entry:
    """An account of a body; disabled when its password opens nothing."""
    return Entry(kept["id"], kept["name"], kept["title"], kept["wrap"] is None)


def names(home: Home) -> list[Entry]:
    """Who may log in here; all that can be read without a password."""
    return [entry(one) for one in load(home)["accounts"] if one["wrap"]]


def second_copy(home: Home) -> Path:
    """Where the second copy of the keys is."""
    return home.keys.with_name(home.keys.name + ".bak")


def encode(body: Body) -> bytes:
    """The file of a body, with a digest that tells damage from a wrong password."""
    whole = {"format": FORMAT, "body": body, "sha256": _digest(body)}
    return json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True).encode()


def decode(data: bytes) -> Body:
    """Raises ValueError on bytes that are not whole, `faults.NewerSchema` on a later format."""
    whole = json.loads(data)
    if not isinstance(whole, dict) or not isinstance(whole.get("body"), dict):
        raise ValueError("no keys")  # noqa: TRY004
    body: Body = whole["body"]
    if whole.get("sha256") != _digest(body):
        raise ValueError("the keys are damaged")
    if whole.get("format") != FORMAT:
        raise faults.NewerSchema("钥匙文件是新版本的桑榆写的，请先升级这台电脑上的桑榆")
    return body


def _digest(body: Body) -> str:
    plain = json.dumps(body, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return sha256(plain.encode()).hexdigest()


def load(home: Home) -> Body:
    """The keys, from the second copy where the first cannot be read."""
    seen = False
    for path in (home.keys, second_copy(home)):
        try:
            return decode(path.read_bytes())
        except FileNotFoundError:
            continue
        except (ValueError, RecursionError):
            seen = True
    if seen:
        raise faults.KeysDamaged
    raise faults.KeysMissing


def save(home: Home, body: Body) -> None:
    """Store and read back, then renew the second copy. Once the first is stored it counts, so one
    that has no room for a second is none the less done; the next sign-in makes it."""
    data = encode(body)
    write_whole(home.keys, data)
    try:
        write_whole(second_copy(home), data)
    except OSError:
        with contextlib.suppress(OSError):
            second_copy(home).unlink(missing_ok=True)


def is_double(home: Home) -> bool:
    """Are both copies there and the same?"""
    try:
        return home.keys.read_bytes() == second_copy(home).read_bytes()
    except FileNotFoundError:
        return False
