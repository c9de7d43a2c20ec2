"""Files the centre does not believe, kept as evidence."""

import hashlib
import json
import logging
from datetime import timedelta

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.exchange import RawBatch
from models.kit import clock
from sync import pack
from sync.fault import Fault

A_DAY = 256 * 2**20
log = logging.getLogger(__name__)


def keep(session: Session, data: bytes, fault: Fault) -> None:
    """A file we do not believe is kept as it came, unread: evidence. Anybody may send one, so a
    day's worth has a limit; what is beyond it is refused all the same and leaves no trace."""
    if _today(session) + len(data) > A_DAY:
        log.warning("refused files fill their share of the disk; one was not kept")
        return
    digest = hashlib.sha256(data).hexdigest()
    try:
        header = pack.apart(data).header
        office_id, text = header.sender_office[:32], msgspec.json.encode(header).decode()
    except Fault:
        office_id, text = "", json.dumps({})
    kept = session.get(RawBatch, (office_id, digest))
    if kept is not None and kept.refused is not None:
        kept.refused = fault.kind
    if kept is None:
        session.add(
            RawBatch(
                office_id=office_id,
                sha256=digest,
                received_at=clock.now(),
                header=text,
                body=data,
                refused=fault.kind,
            )
        )


def _today(session: Session) -> int:
    """Bytes kept of refused files in a day."""
    since = clock.now() - timedelta(days=1)
    kept = select(func.sum(func.length(RawBatch.body))).where(
        RawBatch.refused.is_not(None), RawBatch.received_at > since
    )
    return int(session.scalar(kept) or 0)
