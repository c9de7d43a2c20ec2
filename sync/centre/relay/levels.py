"""That the city shows of a district what the district shows (sync.md 4.12): digests of the changes
behind each field, of those fields only that both may see."""

from collections.abc import Collection, Iterator, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.entities import BY_NAME, ENTITIES
from models.kit.base import Record, apart, table_of, wire_fields
from sync.centre.relay.laying import NOT_LAID
from sync.centre.relay.visible import travels
from sync.digests import BUCKETS, SIZE, bucket_of, digest, plain

Digests = dict[str, list[bytes]]
Rows = list[tuple[str, int, dict[str, bytes]]]
MOST = 20_000


def of_noun(
    session: Session, entity: type[Record], offices: Collection[str] | None
) -> Iterator[tuple[str, bytes]]:
    """A digest of every record, at the city of those of a district's offices. Of a noun whose
    records may be closed as a whole only what is told of a closed one counts."""
    table = table_of(entity)
    hidden = apart(entity, None)
    seen = {"*", *wire_fields(table)} - hidden
    query = select(table.c.id, table.c.stamps)
    if offices is not None:
        query = query.where(table.c.office_id.in_(offices))
    for key, stamps in session.execute(query):
        said = plain({name: one for name, one in stamps.items() if name in seen})
        yield key, digest(key, said).to_bytes(SIZE)


def digests(session: Session, offices: Collection[str] | None = None) -> Digests:
    """One per noun and bucket."""
    made = {}
    for entity in ENTITIES:
        if not travels(entity) or entity.__tablename__ in NOT_LAID:
            continue
        sums = [0] * BUCKETS
        for key, one in of_noun(session, entity, offices):
            sums[bucket_of(key)] ^= int.from_bytes(one)
        made[entity.__tablename__] = [one.to_bytes(SIZE) for one in sums]
    return made


def differing(session: Session, offices: Collection[str], said: Mapping[str, list[bytes]]) -> Rows:
    """What the city holds in every bucket that is not as the district says."""
    found: Rows = []
    size = 0
    for noun, ours in digests(session, offices).items():
        theirs = said.get(noun, ours)
        which = {n for n, one in enumerate(ours) if theirs[n : n + 1] != [one]}
        if not which or size > MOST:
            continue
        rows: dict[int, dict[str, bytes]] = {number: {} for number in which}
        for key, one in of_noun(session, BY_NAME[noun], offices):
            if bucket_of(key) in which:
                rows[bucket_of(key)][key] = one
                size += 1
        found += [(noun, number, each) for number, each in sorted(rows.items())]
    return found


def lacking(
    session: Session, rows: Rows, but: Collection[tuple[str, str]] = ()
) -> tuple[dict[str, set[str]], int]:
    """The records of which the city shows something else than we, or nothing; and how many it
    shows that we do not have. Not ``but`` these."""
    wanted: dict[str, set[str]] = {}
    more = 0
    theirs: dict[str, dict[str, bytes]] = {}
    which: dict[str, set[int]] = {}
    for noun, number, each in rows:
        theirs.setdefault(noun, {}).update(each)
        which.setdefault(noun, set()).add(number)
    for noun, there in theirs.items():
        if noun not in BY_NAME:
            continue
        ours = {
            key: one
            for key, one in of_noun(session, BY_NAME[noun], None)
            if bucket_of(key) in which[noun]
        }
        left = {key for name, key in but if name == noun}
        wanted[noun] = {key for key, one in ours.items() if there.get(key) != one} - left
        more += len(there.keys() - ours.keys() - left)
    return wanted, more
