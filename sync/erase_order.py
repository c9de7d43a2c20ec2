"""The centre's order to erase somebody, such that whoever was told it, a station or the city, can
show it again: a centre put back with nothing beside it has forgotten it, and nobody who was not
told can make it erase anybody (sync.md 4.5, 4.9)."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import Annotated

import msgspec
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from models.exchange import Erased
from sync.keys import Keys

MOST = 5_000
Orders = Annotated[dict[str, bytes], msgspec.Meta(max_length=MOST)]
"""Tokens by person, as they are shown in a file."""


def token(keys: Keys, person_id: str) -> bytes:
    """32 bytes that only whoever has these keys can make."""
    return hashlib.sha256(keys.sign.sign(b"sangyu erased " + person_id.encode())).digest()


def tokens(keys: Keys, people: Iterable[str]) -> Orders:
    """By their ids."""
    return {one: token(keys, one) for one in people}


def kept(session: Session, people: Select[str] | None = None) -> Orders:
    """What we were given, of some people or all, the latest first."""
    told = select(Erased.id, Erased.token).where(Erased.token.is_not(None))
    if people is not None:
        told = told.where(Erased.id.in_(people))
    rows = session.execute(told.order_by(Erased.at.desc(), Erased.id).limit(MOST))
    return {row.id: row.token for row in rows}


def proved(keys: Keys, shown: Mapping[str, bytes]) -> list[str]:
    """Those of whom somebody shows our own order."""
    return sorted(one for one, said in shown.items() if hmac.compare_digest(said, token(keys, one)))
