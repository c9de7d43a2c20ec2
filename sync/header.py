"""The header of a file that this installation writes, whichever kind it is."""

from typing import Any

from models.exchange import Replica
from models.kit.ids import new_id
from models.kit.stream import SCHEMA
from resources import VERSION
from sync.message import Header

APP = VERSION


def from_us(me: Replica, kind: str, recipient: str, **said: Any) -> Header:
    """Who we are and how far our clock and our centre's epoch are; ``said`` is the rest. Size and
    digest are filled in where the payload is written."""
    who = {
        "incarnation": me.incarnation,
        "schema": SCHEMA,
        "app": APP,
        "epoch": me.centre_epoch,
        **said,
    }
    return Header(
        kind=kind,
        batch=new_id(),
        sender=me.id,
        sender_office=me.office_id,
        recipient=recipient,
        sha256="",
        size=0,
        made=me.hlc,
        **who,
    )
