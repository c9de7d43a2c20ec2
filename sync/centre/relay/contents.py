"""Photos and scans on their way to the city (sync.md 4.12): its answers name what its records
lack, and the district sends that in parts of their own, as stations do. Only what an open record
names is sent or taken, by digest, so that nothing closed comes along and nobody is asked twice."""

from collections.abc import Collection, Iterator, Sequence
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import attachment as contents
from models.attachment import Attachment, Blob
from models.exchange import Replica
from models.kit.among import among
from models.kit.base import table_of
from models.relay import City
from sync import pack, relayed
from sync.blobs import Parcel, batches, encode, is_right, loaded, parcel_of
from sync.centre.relay.visible import names_in
from sync.centre_card import CentreCard
from sync.header import from_us
from sync.keys import Keys

MOST = 5000
"""As many are asked for at a time, the newest first."""


def lacking(session: Session, offices: Collection[str]) -> list[bytes]:
    """At the city: the contents that records of these offices name and that are not here. What
    another of them has, whose person moved, is not asked for again."""
    found = _lacking(session, offices)
    here = session.execute(
        select(Blob.sha256, Blob.office_id).where(
            among(Blob.sha256, sorted({name for name, _ in found})), Blob.office_id.in_(offices)
        )
    )
    elsewhere = {row.sha256: row.office_id for row in here}
    epoch = session.scalars(select(Replica.centre_epoch)).one() if elsewhere else 0
    for name, office_id in found:
        data = contents.content(session, elsewhere[name], name) if name in elsewhere else None
        if data is not None:
            contents.keep(session, office_id, data, epoch=epoch)
    return [bytes.fromhex(name) for name, _ in found if name not in elsewhere][:MOST]


def _lacking(session: Session, offices: Collection[str]) -> dict[tuple[str, str], None]:
    rows = session.execute(
        select(Attachment.sha256, Attachment.office_id)
        .outerjoin(
            Blob,
            (Blob.sha256 == Attachment.sha256) & (Blob.office_id == Attachment.office_id),
        )
        .where(
            Attachment.office_id.in_(offices),
            Attachment.is_void.is_(False),
            Attachment.sha256 != "",  # of a closed one we only know that it is there
            Blob.sha256.is_(None),
        )
        .order_by(Attachment.id.desc())
    )
    return {(row.sha256, row.office_id): None for row in rows}


def take(session: Session, keys: Keys, packet: pack.Packet, offices: Collection[str]) -> int:
    """At the city: keep what is lacking and is what it is called; how many. Raises Fault."""
    parcel = parcel_of(packet, keys)
    epoch = session.scalars(select(Replica.centre_epoch)).one()
    wanted: dict[str, list[str]] = {}
    for name, office_id in _lacking(session, offices):
        wanted.setdefault(name, []).append(office_id)
    came = 0
    for digest, data in parcel.blobs:
        whose = wanted.get(digest.hex(), ()) if is_right(digest, data) else ()
        for office_id in whose:
            contents.keep(session, office_id, data, epoch=epoch)
        came += bool(whose)
    return came


# the district's side ----------------------------------------------------------------------------


def wanted(session: Session, card: CentreCard) -> list[str]:
    """What the city lacked when it spoke last."""
    return session.get_one(City, card.id).lacking()


def ready(session: Session, names: Sequence[str]) -> dict[str, tuple[str, int]]:
    """Of these contents those that are here and that an open record names: whose, and the size."""
    table = table_of(Attachment)
    rows = session.execute(
        select(table, Blob.size.label("length"))
        .join(Blob, (Blob.sha256 == table.c.sha256) & (Blob.office_id == table.c.office_id))
        .where(among(table.c.sha256, sorted(names)), table.c.is_void.is_(False))
        .order_by(table.c.id.desc())
    ).mappings()
    found: dict[str, tuple[str, int]] = {}
    for row in rows:
        if "sha256" in names_in(Attachment, dict(row)):
            found[row["sha256"]] = (row["office_id"], row["length"])
    return found


def _cut(
    session: Session, card: CentreCard, limit: int, but: Collection[str] = ()
) -> tuple[dict[str, tuple[str, int]], list[list[str]]]:
    """What is `ready`, and by the part."""
    here = ready(session, [one for one in wanted(session, card) if one not in but])
    return here, list(batches([(name, size) for name, (_, size) in here.items()], limit))


def part_count(session: Session, card: CentreCard, limit: int) -> int:
    """How many files `parts` makes."""
    return len(_cut(session, card, limit)[1])


def parts(
    session: Session,
    keys: Keys,
    card: CentreCard,
    code: str,
    limit: int,
    but: Collection[str] = (),
) -> Iterator[tuple[str, list[str], bytes]]:
    """(name, digests, file) of all the city lacks and we have, not ``but`` these; about ``limit``
    bytes in each. The name follows the contents."""
    me = session.scalars(select(Replica)).one()
    here, cut = _cut(session, card, limit, but)
    for number, names in enumerate(cut, 1):
        blobs = [one for name in names for one in loaded(session, here[name][0], [name])]
        header = from_us(
            me,
            relayed.CONTENTS,
            card.id,
            part=number,
            parts=len(cut),
            count=len(blobs),
            office_code=code,
            card=card.mark,
        )
        plain = encode(Parcel(me.id, card.id, blobs=blobs))
        mark = sha256("".join(names).encode()).hexdigest()[:8]
        name = f"{code}-{me.incarnation[-8:]}-upB{mark}-{number}of{len(cut)}.sangyu"
        yield name, names, pack.write(keys, header, plain, [card.recipient, keys.recipient])
