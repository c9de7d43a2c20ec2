"""The centre's order to erase somebody, such that whoever was told it can show it again: a centre
put back with nothing beside it has forgotten it, and nobody who was not told can make it erase
anybody (sync.md 4.5, 4.9)."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping

from sync.keys import Keys
from sync.message import erased_in


def token(keys: Keys, person_id: str) -> bytes:
    """32 bytes that only whoever has these keys can make."""
    return hashlib.sha256(keys.sign.sign(b"sangyu erased " + person_id.encode())).digest()


def tokens(keys: Keys, items: Iterable[bytes]) -> dict[str, bytes]:
    """Of whoever these items of a downlink erase, by their ids."""
    return {one: token(keys, one) for one in erased_in(items)}


def proved(keys: Keys, shown: Mapping[str, bytes]) -> list[str]:
    """Those of whom somebody shows our own order."""
    return sorted(one for one, said in shown.items() if hmac.compare_digest(said, token(keys, one)))
