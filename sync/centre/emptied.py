"""Taking values out of what offices are told: of somebody who has left one, of somebody who is
erased. Numbers and chain values stay, so whoever reads on or anew reads the same stream, and an
answer that is already under way on a stick is followed by the next one like any other."""

from collections.abc import Collection

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from models.exchange import Downlink
from models.kit.among import among
from models.kit.base import table_of
from sync.message import Emptied, encode_item


def empty(session: Session, ids: Collection[str], office_id: str | None = None) -> None:
    """Whatever was said of these records, read or not, to one office or to everybody."""
    table = table_of(Downlink)
    whose = () if office_id is None else (table.c.office_id == office_id,)
    rows = session.execute(
        select(table.c.office_id, table.c.seq, table.c.hash).where(
            among(table.c.about, ids), *whose
        )
    ).all()
    if rows:
        session.connection().execute(
            update(table)
            .where(table.c.office_id == bindparam("of_office"), table.c.seq == bindparam("at"))
            .values(body=bindparam("empty"), about=None),
            [
                {"of_office": row.office_id, "at": row.seq, "empty": encode_item(Emptied(row.hash))}
                for row in rows
            ],
        )
