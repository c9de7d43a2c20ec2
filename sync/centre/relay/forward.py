"""The district passes its stations' words on to the city: unaltered, under the stations' own
signatures, without what the city may not see; then what it says of its records. Always everything
since the last answer it has verified."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.exchange import (
    Downlink,
    Installation,
    Replica,
    Stream,
)
from models.kit.stream import GENESIS
from models.office import Office
from models.relay import City
from sync import erase_order, pack, relayed
from sync.centre.relay import cityward, levels, needs, stretches, unsigned
from sync.centre.relay.unsigned import Ends
from sync.centre_card import CentreCard
from sync.erase_order import MOST
from sync.header import from_us
from sync.keys import Keys
from sync.message import PAGE_BYTES, PAGE_ITEMS, PART_BYTES
from sync.relayed import Relay, Signer, Unsigned, Words, item_in

OFFICE = Office.__tablename__


@dataclass(frozen=True, slots=True)
class Part:
    """One file for the city; ``count`` words and items in it, ``entries`` are those of
    our stations' streams and our own. ``unproved`` streams end in a way nobody signed."""

    name: str
    data: bytes
    count: int
    entries: int
    unproved: int = 0


@dataclass(slots=True)
class _Filling:
    """A part in the making."""

    words: list[Words] = field(default_factory=list)
    items: list[bytes] = field(default_factory=list)
    needs: dict[tuple[str, str], int] = field(default_factory=dict)
    digests: levels.Digests = field(default_factory=dict)
    unsigned: list[Unsigned] = field(default_factory=list)
    first: int = 1
    before: bytes = GENESIS
    after: bytes = GENESIS
    size: int = 0

    @property
    def count(self) -> int:
        return self.entries + len(self.items)

    @property
    def entries(self) -> int:
        return sum(len(one.entries) for one in self.words)


def parts(
    session: Session,
    keys: Keys,
    card: CentreCard,
    code: str,
    limit: int = PART_BYTES,
    *,
    compare: bool = False,
) -> Iterator[Part]:
    """All that the city has not acknowledged; one file of nothing where that is all, since its
    answer still says what the city has. About ``limit`` bytes in each, before packing. To
    ``compare``, the last brings digests of all that the city should hold by then."""
    city = session.get_one(City, card.id)
    cityward.tell_own(session, card.id)
    me = session.scalars(select(Replica)).one()
    ends: Ends = {}
    fillings = _fillings(session, me, city, limit, ends)
    empty = _Filling(first=city.seq + 1, before=city.head, after=city.head)
    one, number = next(fillings, empty), 1
    for following in fillings:
        yield _write(session, keys, card, code, city, one, number, len(ends))
        one, number = following, number + 1
    if compare:
        one.digests = levels.digests(session)
    yield _write(session, keys, card, code, city, one, number, len(ends))


def claim(session: Session, keys: Keys, card: CentreCard, code: str) -> Part | None:
    """Digests of all that the city should hold; None where it has not read everything yet."""
    city = session.get_one(City, card.id)
    at = cityward.tell_own(session, card.id)
    if (at.seq, at.head) != (city.seq, city.head):
        return None
    one = _Filling(first=city.seq + 1, before=city.head, after=city.head)
    one.digests = levels.digests(session)
    return _write(session, keys, card, code, city, one, 1)


def _fillings(
    session: Session, me: Replica, city: City, limit: int, ends: Ends
) -> Iterator[_Filling]:
    """Words first, then items; ``ends`` is filled by the words."""
    made = _Filling(first=city.seq + 1, before=city.head, after=city.head)
    there = needs.known(session)
    for words, size in stretches.all_words(session, me, limit, ends):
        if made.size and made.size + size > limit:
            yield made
            made = _Filling(first=city.seq + 1, before=city.head, after=city.head)
        made.words.append(words)
        there[words.office_id, words.incarnation] = words.first + len(words.entries) - 1
        made.size += size
    seq, most = city.seq, min(limit, PAGE_BYTES)
    while rows := _items(session, city.id, seq):
        builds = needs.of_items(session, me, there, [row.body for row in rows])
        for row, wanted in zip(rows, builds, strict=True):
            is_full = made.count and made.size > most
            if is_full and not _go_together(session, me, made.items[-1:], row.body):
                yield made
                made = _Filling(first=row.seq, before=made.after, after=made.after)
            made.items.append(row.body)
            for at, last in wanted:
                made.needs[at] = max(made.needs.get(at, 0), last)
            made.after, made.size, seq = row.hash, made.size + len(row.body), row.seq
            account = unsigned.account(session, ends, row.body, me.centre_schema)
            made.unsigned += account
            made.size += sum(len(one.head) + len(one.payload) for one in account)
    if made.count:
        yield made


def _go_together(session: Session, me: Replica, before: Sequence[bytes], body: bytes) -> bool:
    """Are both of offices? Those refer to each other, to older and to younger ones, and no file may
    name one that is not there yet."""
    said = [cityward.about(session, me, one) for raw in (*before, body) if (one := item_in(raw))]
    return len(said) > 1 and all(any(noun == OFFICE for noun, _ in one) for one in said)


def _items(session: Session, city_id: str, seq: int) -> Any:
    return session.execute(
        select(Downlink.seq, Downlink.hash, Downlink.body)
        .where(Downlink.office_id == city_id, Downlink.seq > seq)
        .order_by(Downlink.seq)
        .limit(PAGE_ITEMS)
    ).all()


def _write(
    session: Session,
    keys: Keys,
    card: CentreCard,
    code: str,
    city: City,
    one: _Filling,
    number: int,
    left: int = 0,
) -> Part:
    me = session.scalars(select(Replica)).one()
    signers = _signers(session, me, one)
    needs = [(*at, last) for at, last in one.needs.items()]
    erased = cityward.erased_in(session, me, one.items)[:MOST]
    said = Relay(
        me.id,
        card.id,
        city.epoch,
        signers,
        one.words,
        one.items,
        needs,
        one.digests,
        one.unsigned,
        erase_order.tokens(keys, erased),
    )
    header = from_us(
        me,
        relayed.KIND,
        card.id,
        first=one.first,
        last=one.first + len(one.items) - 1,
        before=one.before.hex(),
        after=one.after.hex(),
        part=number,
        count=one.count,
        office_code=code,
        card=card.mark,
    )
    data = pack.write(keys, header, relayed.encode(said), [card.recipient, keys.recipient])
    stem = f"{code}-{me.incarnation[-8:]}-up{me.centre_epoch}"
    return Part(
        f"{stem}-{header.first}-{header.last}-{number}.sangyu",
        data,
        one.count,
        one.entries,
        left,
    )


def _signers(session: Session, me: Replica, one: _Filling) -> list[Signer]:
    """Of whose words are in it, signed or not."""
    wanted = {(words.office_id, words.replica) for words in one.words if words.replica != me.id}
    for at in {(said.office_id, said.incarnation) for said in one.unsigned}:
        wanted.add((at[0], session.get_one(Stream, at).replica))
    return [Signer(*at, session.get_one(Installation, at).sign_key) for at in sorted(wanted)]
