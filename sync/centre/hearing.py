"""What the centre does with one file it believes, in the caller's transaction: put it by, or decide
it, tell everybody whom it concerns, and answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from models.exchange import BREACHES, MAY_ENTER, Dispatch, Stream
from models.kit import clock
from models.kit.bulk import settle
from models.kit.stream import heard
from sync import erase_order, own_card, pack
from sync.centre.deciding import doubles, taken_back
from sync.centre.deciding.apply import merge_entries, names_of, release, try_again, unfinished
from sync.centre.deciding.decide import Decided
from sync.centre.deciding.verdicts import items_for
from sync.centre.receiving import epoch, intake
from sync.centre.receiving.files import Answer, Verified, as_it_came, store
from sync.centre.receiving.intake import Reach
from sync.centre.receiving.parties import Parties, marks, parties
from sync.centre.receiving.streams import Entry, take_in
from sync.centre.relay import cityward
from sync.centre.telling import downlink, handing, paging
from sync.header import from_us
from sync.keys import Keys
from sync.message import ANSWER, MOST_SCHEMA, RECEIVED, Body, Header, erased_in


@dataclass(frozen=True, slots=True)
class Hearing:
    """With our keys; ``is_recalling``: it was heard before and is played again."""

    keys: Keys
    is_recalling: bool = False

    def put_by(self, session: Session, file: Verified) -> Answer:
        """Store, to be decided in its turn, and say so: a receipt and no verdict. Who only asks
        again meanwhile adds nothing to the queue."""
        header, found = file.header, file.parties
        at = intake.reach(session, found.stream) if found.has_queued else Reach.of(found.stream)
        is_new = bool(file.entries) and not found.is_known
        waits_for, goes_on = at.sha256, at.goes_on
        if is_new:
            waits_for, goes_on = file.sha256, intake.goes_on(file.entries)
            at = at.with_file(header, file.entries)
            intake.put(session, header, as_it_came(session, file), file.entries, at)
        else:  # of a new file it is noted as it is decided
            found.station.last_contact_at = clock.now()
        if goes_on and not is_new:  # it has no more of it to say now, and is to hear what there is
            intake.wait_no_longer(session, found.stream)
            goes_on = False
        said = from_us(
            found.me,
            RECEIVED,
            found.station.id,
            incarnation=header.incarnation,
            seen=at.last,
            seen_hash=at.hash.hex(),
            fork=found.stream.forked_at or 0,
            receipt=found.receipt,
            office_code=header.office_code,
        )
        plain = pack.encode_body(Body(found.me.id, found.station.id))
        data = pack.write(self.keys, said, plain, [found.station.recipient])
        return Answer(
            data,
            header,
            0,
            is_new,
            is_decided=False,
            goes_on=goes_on,
            sha256=waits_for,
            kept=file.kept,
        )

    def decide(
        self, session: Session, file: Verified, begun: Sequence[Entry] = (), *, tell: bool = True
    ) -> Answer:
        """Store, decide, answer; an answer nobody waits for is left empty. ``begun``: what the
        files before it brought of the action that ends in it. A file that says nothing and after
        which everything is as before is not stored: stations ask every quarter of an hour."""
        header, found = file.header, file.parties
        before = marks(session, found)
        epoch.follow(session, self.keys, found, header, file.proof)
        session.add(found.stream)
        if file.entries and not found.is_known:
            store(session, file)
        at = found.at or downlink.dispatch_of(session, header.sender_office)
        # what the centre's people did before this file was read must also be told before it
        downlink.tell_own(session, found.me, at)
        stored = begun[0].seq - 1 if begun else found.stream.contiguous
        taken = take_in(session, found.stream, header, file.entries, has_parked=found.has_parked)
        fresh = [*begun, *taken]
        decided: list[Decided] = []
        if fresh:
            there = unfinished(session, found.stream, fresh)
            decided = self._merge(session, found, there + fresh, stored)
        released: list[tuple[Stream, list[Decided]]] = []
        if found.has_held or any(one.result is None for one in decided):
            for other, late in release(session, names_of(decided)):
                self._tell_late(session, found, other, late)
                released.append((other, late))
        if found.has_outside or any(one.reason in BREACHES for one in decided):
            # our people may have changed what stood against it, never what did not come
            why = MAY_ENTER if decided or released else BREACHES
            for other, late in try_again(session, why):
                self._tell_late(session, found, other, late)
                released.append((other, late))
        self._met(found, header)
        downlink.tell_own(session, found.me, at)
        found.at = at
        is_heard = bool(file.entries or released or marks(session, found) != before)
        settle(session, found.me, found.station, found.stream, at)
        session.flush()
        is_new = (is_heard or self.is_recalling) and not found.is_known
        if is_new and not file.entries:
            store(session, file)
        answer = self._answer(session, found, at, header) if tell else b""
        return Answer(answer, header, len(fresh), is_new, sha256=file.sha256, kept=file.kept)

    def answer_again(self, session: Session, header: Header) -> bytes:
        """An answer for a stick: to the last word we have of a station, with all told since."""
        found = parties(session, header, "")
        session.add(found.stream)
        at = found.at or downlink.dispatch_of(session, header.sender_office)
        downlink.tell_own(session, found.me, at)
        session.flush()
        return self._answer(session, found, at, header)

    def _merge(
        self, session: Session, found: Parties, entries: list[Entry], stored: int
    ) -> list[Decided]:
        schema = found.me.centre_schema
        decided = merge_entries(session, found.stream, entries, stored=stored, schema=schema)
        self.tell(session, found.stream, decided, found.city)
        # played again, our own words follow as they were said
        if not self.is_recalling:
            doubles.suggest(session, decided)
        return decided

    def _tell_late(
        self, session: Session, found: Parties, other: Stream, decided: list[Decided]
    ) -> None:
        """To a station that is not the one at the line, after what our people had said before."""
        at = downlink.dispatch_of(session, other.office_id)
        downlink.tell_own(session, found.me, at)
        self.tell(session, other, decided, found.city)

    def tell(
        self, session: Session, stream: Stream, decided: list[Decided], city_id: str | None
    ) -> None:
        """Whom it concerns: its author, the other offices, who had or has the person, the city."""
        downlink.tell(session, stream.office_id, items_for(session, stream, decided))
        downlink.tell_others(session, stream.office_id, decided)
        handing.carry_out(session, stream, decided, silent=self.is_recalling)
        if not self.is_recalling:
            taken_back.close(session, decided)
        if city_id:
            cityward.note(session, city_id, stream, decided)

    def begin(self, session: Session, file: Verified) -> list[Entry]:
        """Of a file that says nothing whole by itself."""
        header, found = file.header, file.parties
        epoch.follow(session, self.keys, found, header, file.proof)
        session.add(found.stream)
        self._met(found, header)
        return take_in(session, found.stream, header, file.entries, has_parked=False)

    def _met(self, found: Parties, header: Header) -> None:
        station, me = found.station, found.me
        own_card.met(self.keys, me, station, header.card)
        station.last_contact_at = clock.now()
        station.incarnation = header.incarnation
        station.schema = min(header.schema, MOST_SCHEMA)
        station.down_acked = header.seen if header.epoch == me.centre_epoch else 0
        me.hlc = heard(me.hlc, header.made, int(clock.now().timestamp() * 1000))

    def _answer(self, session: Session, found: Parties, at: Dispatch, header: Header) -> bytes:
        me, station, stream = found.me, found.station, found.stream
        is_doubted = station.claimed_at is not None
        told = paging.NOTHING
        if not is_doubted:
            told = paging.page(session, header, at, me.centre_epoch)
        seen = intake.reach(session, stream) if found.has_queued else Reach.of(stream)
        said = from_us(
            me,
            ANSWER,
            station.id,
            incarnation=header.incarnation,
            first=told.first,
            last=told.last,
            before=told.before.hex(),
            after=told.after.hex(),
            count=len(told.items),
            seen=seen.last,
            seen_hash=seen.hash.hex(),
            fork=stream.forked_at or 0,
            remaining=told.remaining,
            receipt=found.receipt,
            office_code=header.office_code,
            prove=int(is_doubted),
        )
        card = own_card.for_whom(session, me, station)
        orders = erase_order.tokens(self.keys, erased_in(told.items)) if me.erased else {}
        body = Body(me.id, station.id, [], told.items, told.own, card=card, orders=orders)
        plain = pack.encode_body(body)
        return pack.write(self.keys, said, plain, [station.recipient])
