"""The only source of identifiers: UUIDv7 (RFC 9562) as 32 lower-case hex digits."""

import secrets
import uuid

from models.kit import clock


def new_id() -> str:
    """A fresh UUIDv7: 48 bits of milliseconds, then random; sorts by time of birth."""
    millis = int(clock.now().timestamp() * 1000) & (2**48 - 1)
    random = secrets.randbits(74)
    value = millis << 80 | 0x7 << 76 | (random >> 62) << 64 | 0b10 << 62 | random & (2**62 - 1)
    return f"{value:032x}"


def named_id(space: str, name: str) -> str:
    """UUIDv5 of a name within the space of another id: made twice, it is the same id."""
    return uuid.uuid5(uuid.UUID(hex=space), name).hex
