"""The centre's side of contents: verified one by one, kept once per office, named in the answer.

Parts with contents are not kept as they came: each content proves itself by the digest that a
signed and chained change names.
"""

from collections.abc import Collection, Iterator

import msgspec
from sqlalchemy import Select, and_, exists, select, union
from sqlalchemy.orm import Session

from models import attachment as contents
from models.attachment import Attachment, Blob
from models.exchange import Change, Installation, Replica
from models.handover import TAKEN, Handover
from models.kit import clock
from models.kit.among import among
from models.kit.base import another
from sync import pack
from sync.blobs import ANSWER, ON_LINE, ON_STICK, Parcel, batches, encode, is_right, loaded, raw
from sync.centre.keeping import erasing
from sync.header import from_us
from sync.keys import Keys

TOLD = 5000


def take(session: Session, keys: Keys, station: Installation, parcel: Parcel) -> bytes:
    """Store what came and answer; a content that is not what it is called is refused alone."""
    office_id = station.office_id
    epoch = session.scalars(select(Replica.centre_epoch)).one()
    refused = []
    whose = {digest.hex(): person_id[:32] for digest, person_id in parcel.left}
    wanted = erasing.without_gone(session, [digest.hex() for digest, _ in parcel.blobs], whose)
    for digest, data in parcel.blobs:
        if digest.hex() not in wanted:
            continue
        if is_right(digest, data):
            contents.keep(session, office_id, data, epoch=epoch)
        else:
            refused.append((digest, "内容和摘要对不上，请重新传"))
    for name, person_id in whose.items():
        contents.mark(session, office_id, [name], of_person=person_id)
    wants = [one.hex() for one in parcel.wants]
    _share(session, {*wanted, *wants})
    offered = [one.hex() for one in (*parcel.asks, *(digest for digest, _ in parcel.blobs))]
    held = contents.known(session, office_id, offered)
    contents.confirm(session, office_id, held, epoch)
    _note_wants(session, office_id, wants)
    names = _known_sizes(session, office_id, wants)
    sent = next(batches(names, ON_LINE), [])
    said = Parcel("", "", held=raw(sorted(held)), refused=refused)
    return _write(session, keys, station, said, loaded(session, office_id, sent))


def _share(session: Session, names: Collection[str]) -> None:
    """Whoever hung a picture delivers it under their own office, and its person may be in another's
    care by now, which finds it under its own; so does who had both before, also where nothing else
    is known of that any more. Of those alone: nobody learns by naming a content whether somebody
    else has it."""
    theirs = another(Blob)
    had = union(_hung(names), _gave_away(names), _let_go(names)).subquery()
    there = exists().where(theirs.office_id == had.c.office_id, theirs.sha256 == had.c.sha256)
    rows = session.execute(
        select(had.c.office_id, Blob.confirmed_epoch, Blob.data)
        .join(Blob, and_(Blob.office_id == had.c.giver, Blob.sha256 == had.c.sha256))
        .where(~there)
    )
    for row in rows.all():
        contents.keep(session, row.office_id, row.data, epoch=row.confirmed_epoch or 0)


def _hung(names: Collection[str]) -> Select[str, str, str]:
    """Whose each of them is, and the offices that wrote of it."""
    return (
        select(Attachment.office_id, Attachment.sha256, Change.office_id.label("giver"))
        .join(Change, Change.entity_id == Attachment.id)
        .where(among(Attachment.sha256, names))
    )


def _gave_away(names: Collection[str]) -> Select[str, str, str]:
    """The same of those that have changed hands, and the offices that handed their person over."""
    return (
        select(Attachment.office_id, Attachment.sha256, Handover.office_id.label("giver"))
        .join(Handover, Handover.person_id == Attachment.retiree_id)
        .where(among(Attachment.sha256, names), Handover.state == TAKEN)
        .where(Attachment.stamps["office_id"].as_string().is_not(None))
    )


def _let_go(names: Collection[str]) -> Select[str, str, str]:
    """The same, and the offices that delivered them as those of a person who had left."""
    return (
        select(Attachment.office_id, Attachment.sha256, Blob.office_id.label("giver"))
        .join(Blob, Blob.sha256 == Attachment.sha256)
        .where(among(Attachment.sha256, names), Blob.of_person == Attachment.retiree_id)
    )


def _note_wants(session: Session, office_id: str, wants: list[str]) -> None:
    """What a station lacks is also written on its stick, until it lacks it no more."""
    still = select(Blob.sha256).where(Blob.office_id == office_id, Blob.wanted_at.is_not(None))
    contents.mark(session, office_id, list(session.scalars(still)), wanted_at=None)
    contents.mark(session, office_id, wants, wanted_at=clock.now())


def _known_sizes(session: Session, office_id: str, names: list[str]) -> list[tuple[str, int]]:
    rows = session.execute(
        select(Blob.sha256, Blob.size).where(Blob.office_id == office_id, Blob.sha256.in_(names))
    )
    return [(row.sha256, row.size) for row in rows]


def answers(session: Session, keys: Keys, station: Installation) -> Iterator[bytes]:
    """For a stick: what we have of what a station offered last, and what it lacks; nothing for one
    that never offered any."""
    told = session.scalars(
        select(Blob.sha256)
        .where(Blob.office_id == station.office_id)
        .order_by(Blob.confirmed_at.desc())
        .limit(TOLD)
    ).all()
    wanted = session.execute(
        select(Blob.sha256, Blob.size).where(
            Blob.office_id == station.office_id, Blob.wanted_at.is_not(None)
        )
    )
    parts = list(batches([(row.sha256, row.size) for row in wanted], ON_STICK))
    if not told:
        return
    for names in parts or [[]]:
        blobs = loaded(session, station.office_id, names)
        yield _write(session, keys, station, Parcel("", "", held=raw(told)), blobs)


def _write(
    session: Session,
    keys: Keys,
    station: Installation,
    said: Parcel,
    blobs: list[tuple[bytes, bytes]],
) -> bytes:
    me = session.scalars(select(Replica)).one()
    parcel = msgspec.structs.replace(said, sender=me.id, recipient=station.id, blobs=blobs)
    incarnation = station.incarnation
    header = from_us(me, ANSWER, station.id, incarnation=incarnation, count=len(blobs))
    return pack.write(keys, header, encode(parcel), [station.recipient])
