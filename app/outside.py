"""Records made here that the centre keeps outside (待区中心核定、没有收下): shown as such until
their outcome comes. The mark goes by itself once they entered."""

from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.exchange import CASE, Change
from models.kit.among import among
from models.kit.base import Record
from models.kit.changes import base_of

WORDS: Mapping[str, str] = {
    CASE: "待区中心裁定",
    "quarantined": "待区中心核定",
    "refused": "区中心没有收下",
}


def outside(session: Session, records: Collection[Record]) -> dict[str, str]:
    """What to say of those whose making never entered, by record id."""
    made = {base_of(one.stamps, "id"): one.id for one in records}
    made.pop("", None)
    if not made:
        return {}
    rows = session.execute(
        select(Change.change_id, Change.outcome).where(
            among(Change.change_id, made.keys()), Change.outcome.in_(tuple(WORDS))
        )
    )
    return {made[row.change_id]: WORDS[row.outcome] for row in rows}
