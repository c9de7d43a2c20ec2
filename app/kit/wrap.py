"""Wrapping the database key: a slow password hash, then an authenticated cipher. All of it from
``cryptography`` and ``pyrage``."""

import base64
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pyrage
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SHORTEST, KINDS = 8, 3
MOST_MEMORY = 1 << 20
Kept = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Work:
    """What one guess costs. Kept with each wrap, so that it can rise later."""

    memory_kib: int = 64 * 1024
    passes: int = 3
    lanes: int = 4


WORK = Work()


def password_problem(password: str) -> str | None:
    """What a new password lacks."""
    letters = plain(password)
    if len(letters) < SHORTEST:
        return f"口令至少 {SHORTEST} 位，现在是 {len(letters)} 位"
    if len({_kind(one) for one in letters}) < KINDS:
        return "口令要有大写字母、小写字母、数字、符号中的三种"
    return None


def _kind(one: str) -> str:
    if one.isdigit():
        return "digit"
    if one.isalpha() and one.isascii():
        return "upper" if one.isupper() else "lower"
    return "sign"


def plain(password: str) -> str:
    """Full-width letters of an input method are the letters they look like."""
    return unicodedata.normalize("NFKC", password)


def b64(data: bytes) -> str:
    """Bytes as JSON keeps them."""
    return base64.b64encode(data).decode()


def unb64(text: str) -> bytes:
    """And back."""
    return base64.b64decode(text)


def wrap(key: bytes, password: str, label: str) -> Kept:
    """The key under a password; the label is bound in, so that wraps cannot change places."""
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    box = AESGCM(_slow(password, salt, WORK)).encrypt(nonce, key, label.encode())
    return {"salt": b64(salt), "nonce": b64(nonce), "box": b64(box), **asdict(WORK)}


def unwrap(kept: Mapping[str, Any], password: str, label: str) -> bytes:
    """The key again; raises cryptography's InvalidTag on a wrong password."""
    salt, nonce, box = (unb64(kept[part]) for part in ("salt", "nonce", "box"))
    work = Work(kept["memory_kib"], kept["passes"], kept["lanes"])
    return AESGCM(_slow(password, salt, work)).decrypt(nonce, box, label.encode())


def _slow(password: str, salt: bytes, work: Work) -> bytes:
    kdf = Argon2id(
        salt=salt,
        length=32,
        iterations=work.passes,
        lanes=work.lanes,
        memory_cost=min(work.memory_kib, MOST_MEMORY),
    )
    return kdf.derive(plain(password).encode())


def for_recipient(key: bytes, recipient: str | None) -> Kept | None:
    """The key as an age file only the recipient can open."""
    if not recipient:
        return None
    box = pyrage.encrypt(key, [pyrage.x25519.Recipient.from_str(recipient)])
    return {"recipient": recipient, "box": b64(box)}


def seal(key: bytes, name: str, secret: bytes) -> bytes:
    """A secret under a key derived from the database key."""
    nonce = secrets.token_bytes(12)
    return nonce + AESGCM(_secrets(key)).encrypt(nonce, secret, name.encode())


def unseal(key: bytes, name: str, box: bytes) -> bytes:
    """And back; raises InvalidTag."""
    return AESGCM(_secrets(key)).decrypt(box[:12], box[12:], name.encode())


def _secrets(key: bytes) -> bytes:
    return _derive(key, b"sangyu secrets 1")


def key_name(key: bytes) -> str:
    """A name for a key that says nothing about it."""
    return _derive(key, b"sangyu key name 1").hex()[:16]


def _derive(key: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=purpose).derive(key)
