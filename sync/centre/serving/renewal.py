"""The certificate of a centre before it ends: another is told to everybody long before it is shown,
and shown as soon as all know it."""

from datetime import timedelta

import msgspec
from sqlalchemy.orm import Session

from models.kit import clock
from sync import own_card
from sync.centre.serving.tls import new_certificate
from sync.desktop import How
from sync.keys import Keys
from sync.own_card import Own, Secrets

EARLY, LATE = timedelta(days=730), timedelta(days=90)
"""So long before its end the next one is told; so long before, it is shown to whoever comes."""


def renew(session: Session, keys: Keys, secrets: Secrets, own: Own, how: How, name: str) -> Own:
    """A new certificate: told first and shown once all know it, or ``replace``, shown at once,
    where the key of the old one got lost or into other hands."""
    certificate, key = (one.decode() for one in new_certificate(name))
    if how == "replace":
        own = msgspec.structs.replace(own, certificate=certificate, key=key, next=None)
    else:
        own = msgspec.structs.replace(own, next=(certificate, key))
    return own_card.change(session, keys, secrets, own)


def is_due(session: Session, own: Own) -> bool:
    """Is there something to do about the certificate?"""
    left = own.ends_at - clock.now()
    if own.next is None:
        return left < EARLY
    known, peers = own_card.knowing(session, own.number)
    return known == peers or left < LATE


def settle(session: Session, keys: Keys, secrets: Secrets, name: str) -> str:
    """Do it; what was done, for the log."""
    own = own_card.of(secrets)
    if own is None or not is_due(session, own):
        return ""
    if own.next is None:
        renew(session, keys, secrets, own, "renew", name)
        return "证书快到期，已做新的，先告知各处"
    certificate, key = own.next
    own = msgspec.structs.replace(own, certificate=certificate, key=key, next=None)
    own_card.change(session, keys, secrets, own)
    return "新证书已启用"
