"""People go from one station to another: the records change hands, and each side is told what it is
to hold from then on."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    and_,
    bindparam,
    exists,
    func,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from models import attachment as contents
from models import emptying
from models.attachment import Attachment, Blob
from models.entities import GOES_ALONG, STAYS, key_of
from models.exchange import Change
from models.handover import STUB, TAKEN, Handover, is_over
from models.kit.base import Record, table_of, to_wire, wire_fields
from models.kit.changes import base_of
from models.retiree import MANAGED, MOVED_OUT, MOVING_OUT, Retiree
from sync import later
from sync.merge import Result
from sync.message import Gone, Whole

CAME_IN = "3"
PERSONAL = (*STUB, "brings", "basis")
UNNAMED = "未转来的人"
NONE: Mapping[str, later.Word] = {}


def whole(entity: type[Record], row: Any, words: Mapping[str, later.Word] = NONE) -> Whole:
    """A stored record as it is told, with what only a newer program understands of it."""
    values = {
        name: to_wire(entity, name, row[name])
        for name in wire_fields(table_of(entity))
        if row[name] is not None
    }
    said = later.beside(values, row["stamps"], dict(words))
    return Whole(entity.__tablename__, row["id"], *said)


def as_it_stands(session: Session, offer: Any) -> Whole:
    """An offer in place of whatever is held of it."""
    kept = later.words_of(session, [offer["id"]])
    return whole(Handover, offer, kept.get((Handover.__tablename__, offer["id"]), NONE))


def move(session: Session, offer: Any, change_id: str) -> list[str]:
    """The person and all that goes along belong to the new station, by the change with which it
    took them; the old station's papers and movements stay its own. Returns what went, by id."""
    new = offer["to_office_id"]
    went = later.about(session, offer["person_id"])
    later.hand_over(session, went, new)
    for entity in GOES_ALONG:
        extra = _arrival(session, offer) if entity is Retiree else {}
        ids = _give(session, entity, offer["person_id"], {"office_id": new, **extra}, change_id)
        later.hand_over(session, ids, new)
        went += ids
    _share_contents(session, offer)
    return went


def state_after(was: str) -> str:
    """Somebody on the way is managed again; whoever was assigned stays what they were."""
    return MANAGED if was in (MOVING_OUT, MOVED_OUT) else was


def _arrival(session: Session, offer: Any) -> dict[str, Any]:
    was = session.scalar(select(Retiree.manage_state).where(Retiree.id == offer["person_id"]))
    return {
        "manage_state": state_after(was or MANAGED),
        "received_on": offer["answered_on"],
        "received_way": CAME_IN,
        "import_id": None,
    }


def _give(
    session: Session, entity: type[Record], person: str, values: dict[str, Any], change_id: str
) -> list[str]:
    table = table_of(entity)
    rows = session.execute(
        select(table.c.id, table.c.stamps).where(table.c[key_of(entity)] == person)
    ).all()
    if not rows:
        return []
    fresh: dict[str, Any] = {name: bindparam(name) for name in (*values, "stamps")}
    stamps = dict.fromkeys(values, change_id)
    session.connection().execute(
        update(table)
        .where(table.c.id == bindparam("of_id"))
        .values(**fresh, row_version=table.c.row_version + 1),
        [{"of_id": row.id, "stamps": {**row.stamps, **stamps}, **values} for row in rows],
    )
    for one in list(session.identity_map.values()):
        if isinstance(one, entity):
            session.expire(one)
    return [row.id for row in rows]


def _share_contents(session: Session, offer: Any) -> None:
    """Contents are kept by office: the new one finds those that have arrived under its own name."""
    old, new = offer["office_id"], offer["to_office_id"]
    names = set(
        session.scalars(
            select(Attachment.sha256).where(Attachment.retiree_id == offer["person_id"])
        )
    )
    rows = session.scalars(select(Blob).where(Blob.office_id == old, Blob.sha256.in_(names)))
    for one in rows.all():
        contents.keep(session, new, one.data, epoch=one.confirmed_epoch or 0)


def comes_to(session: Session, person: str) -> Iterator[Whole]:
    """Everything of a person, for the station that takes them over: their records, and copies of
    what the stations before noted."""
    for entity in (*GOES_ALONG, *STAYS):
        table = table_of(entity)
        query = select(table).where(table.c[key_of(entity)] == person).order_by(table.c.id)
        rows = session.execute(query).mappings().all()
        kept = later.words_of(session, [row["id"] for row in rows])
        for row in rows:
            yield whole(entity, row, kept.get((entity.__tablename__, row["id"]), NONE))
    for (noun, key), words in later.words_of(session, later.about(session, person)).items():
        yield Whole(noun, key, *later.beside({}, {}, words))


def gone(offer: Any, office_id: str, change_id: str) -> Gone:
    """What the old station is told: as much of the person as it keeps."""
    values = {
        name: to_wire(Handover, name, offer[name]) for name in STUB if offer[name] is not None
    }
    return Gone(offer["person_id"], office_id, change_id, values)


def has_gone(person: Mapping[str, Any]) -> Gone:
    """What an office is told that has somebody who is in another's care by a move of which nothing
    is known any longer: that, and nothing more of the person."""
    return Gone(person["id"], person["office_id"], base_of(person["stamps"], "office_id"), {})


def is_ours(office_id: BindParameter[str]) -> ColumnElement[bool]:
    """Of changes: is what they speak of still this office's to read?"""
    change = table_of(Change).c
    elsewhere = [
        and_(
            change.entity == table.name,
            exists().where(table.c.id == change.entity_id, table.c.office_id != office_id),
        )
        for table in map(table_of, GOES_ALONG)
    ]
    return not_(or_(func.coalesce(change.outcome, "") == Result.LATE, *elsewhere))


def gone_from(session: Session, office_id: str) -> Iterator[Gone]:
    """Everybody who was in an office's care and is in another's now, as they were when they left
    it last."""
    table, who = table_of(Handover), table_of(Retiree)
    rows = session.execute(
        select(table, who.c.office_id.label("now_at"))
        .join(who, who.c.id == table.c.person_id)
        .where(
            table.c.office_id == office_id,
            table.c.state == TAKEN,
            who.c.office_id != office_id,
        )
        .order_by(table.c.id)
    ).mappings()
    last = {row["person_id"]: row for row in rows}
    for row in last.values():
        yield gone(row, row["now_at"], row["stamps"].get("state", ""))


def as_lent(session: Session, key: str, change_id: str) -> Whole:
    """An offer as the station it was made to is to have it by now."""
    table = table_of(Handover)
    row = session.execute(select(table).where(table.c.id == key)).mappings().one()
    return to_nobody(session, key, change_id) if is_over(row) else as_it_stands(session, row)


def to_nobody(session: Session, key: str, change_id: str) -> Whole:
    """An offer came to nothing: whoever it was made to is told so in place of all before, and keeps
    neither name nor number."""
    table = table_of(Handover)
    row = session.execute(select(table).where(table.c.id == key)).mappings().one()
    emptying.empty_told(session, [key], row["to_office_id"])
    return nobody(row, change_id)


def nobody(offer: Any, change_id: str) -> Whole:
    """An offer that came to nothing, as the station it was made to has it."""
    told = whole(Handover, offer)
    left = {name: value for name, value in told.values.items() if name not in PERSONAL}
    stamps = {**told.stamps, **dict.fromkeys(PERSONAL, change_id)}
    return Whole(told.entity, told.entity_id, {**left, "name": UNNAMED}, stamps)


def lent_to(session: Session, office_id: str) -> Iterator[Whole]:
    """Records of other offices that this one is to see: offers made to it, and what stations before
    it noted of its people."""
    offers = table_of(Handover)
    query = select(offers).where(offers.c.to_office_id == office_id).order_by(offers.c.id)
    kept = later.words_by(session, Handover.__tablename__)
    for row in session.execute(query).mappings():
        told = whole(Handover, row, kept.get(row["id"], NONE))
        by = row["stamps"].get("is_void" if row["is_void"] else "state", "")
        yield nobody(row, by) if is_over(row) else told
    who = table_of(Retiree)
    for entity in STAYS:
        table = table_of(entity)
        copies = (
            select(table)
            .join(who, who.c.id == table.c.retiree_id)
            .where(who.c.office_id == office_id, table.c.office_id != office_id)
            .order_by(table.c.id)
        )
        kept = later.words_by(session, entity.__tablename__)
        for row in session.execute(copies).mappings():
            yield whole(entity, row, kept.get(row["id"], NONE))
