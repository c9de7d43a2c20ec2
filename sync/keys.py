"""Keys of one installation: Ed25519 to sign, X25519 (age) to receive."""

from dataclasses import dataclass

import msgspec
import pyrage
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sync.fault import broken


class _Stored(msgspec.Struct):
    sign: bytes
    identity: str


@dataclass(frozen=True, slots=True)
class Keys:
    """Both private keys; ``dump`` goes into the vault and nowhere else."""

    sign: Ed25519PrivateKey
    identity: pyrage.x25519.Identity

    @classmethod
    def new(cls) -> "Keys":
        """Fresh keys from the system's randomness."""
        return cls(Ed25519PrivateKey.generate(), pyrage.x25519.Identity.generate())

    @classmethod
    def load(cls, data: bytes) -> "Keys":
        """From what ``dump`` gave."""
        stored = msgspec.json.decode(data, type=_Stored)
        sign = Ed25519PrivateKey.from_private_bytes(stored.sign)
        return cls(sign, pyrage.x25519.Identity.from_str(stored.identity))

    def dump(self) -> bytes:
        """The private parts, for the vault."""
        return msgspec.json.encode(_Stored(self.sign.private_bytes_raw(), str(self.identity)))

    @property
    def public(self) -> bytes:
        """32 bytes that verify our signatures."""
        return self.sign.public_key().public_bytes_raw()

    @property
    def recipient(self) -> str:
        """The age recipient others encrypt to."""
        return str(self.identity.to_public())

    def open(self, sealed: bytes) -> bytes:
        """Decrypt what was sealed to us; raises Fault."""
        try:
            return bytes(pyrage.decrypt(sealed, [self.identity]))
        except pyrage.DecryptError:
            raise broken() from None


def seal(data: bytes, recipients: list[str]) -> bytes:
    """An age v1 file for these recipients."""
    keys = [pyrage.x25519.Recipient.from_str(one) for one in recipients]
    return bytes(pyrage.encrypt(data, keys))


def is_recipient(text: str) -> bool:
    """Can something be sealed to it?"""
    try:
        pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError:
        return False
    return True


def is_signed(public: bytes, signature: bytes, data: bytes) -> bool:
    """Did the owner of this key sign exactly these bytes?"""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True
