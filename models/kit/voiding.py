"""What a voiding takes from sight, by the changes behind it: the record's values and the records
that belong to it. A voiding names them, so that nothing goes that its author had not seen."""

from collections.abc import Collection, Iterator, Mapping
from functools import cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.kit.among import among
from models.kit.base import Flow, Record, facts, table_of

Stamps = Mapping[str, str]


@cache
def belongings(entity: type[Record]) -> tuple[tuple[type[Record], str], ...]:
    """The nouns whose records belong to one of this, and the required link that says so."""
    nouns = sorted(
        (one.class_ for one in Record.registry.mappers if issubclass(one.class_, Record)),
        key=lambda one: one.__tablename__,
    )
    return tuple(
        (noun, name)
        for noun in nouns
        if noun.flow is not Flow.LOCAL
        for name, fact in facts(noun).items()
        if fact.required and fact.link == entity.__tablename__
    )


def belonging(
    session: Session, entity: type[Record], ids: Collection[str], office_id: str | None = None
) -> Iterator[tuple[str, str, str, Stamps]]:
    """(owner, noun, id, stamps) of what is in sight with these records, of one office or any."""
    wanted = list(ids)
    for noun, link in belongings(entity) if wanted else ():
        table = table_of(noun)
        query = select(table.c[link], table.c.id, table.c.stamps).where(table.c.is_void.is_(False))
        if office_id is not None:
            query = query.where(table.c.office_id == office_id)
        for owner, key, stamps in session.execute(query.where(among(table.c[link], wanted))):
            yield owner, noun.__tablename__, key, stamps


def sights(
    session: Session, entity: type[Record], stamps: Mapping[str, Stamps]
) -> dict[str, tuple[str, ...]]:
    """The changes that a voiding of each of these records takes from sight."""
    found = {key: set(one.values()) for key, one in stamps.items()}
    for owner, _, _, one in belonging(session, entity, stamps):
        found[owner] |= set(one.values())
    return {key: tuple(sorted(one - {""})) for key, one in found.items()}
