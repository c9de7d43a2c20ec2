"""The centre's side of an exchange: a file in, the signed answer out. No HTTP in here: the
network, the stick and the tests all call ``accept``."""

import hashlib
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models.exchange import BREACHES, Dispatch, Installation, RawBatch, Replica, Stream
from models.kit import clock, search
from models.kit.base import table_of
from models.kit.bulk import insert_rows
from models.kit.db import Store
from models.kit.stream import heard
from models.relay import City
from sync import agree, blobs, pack, relayed
from sync.centre.deciding import doubles
from sync.centre.deciding.apply import merge_entries, names_of, release, try_again, unfinished
from sync.centre.deciding.decide import Decided
from sync.centre.deciding.verdicts import items_for
from sync.centre.keeping import blobs as contents
from sync.centre.keeping import erasing, keep
from sync.centre.keeping.journal import DECIDED, RECEIVED, STORED, Journal, Kept, State
from sync.centre.receiving import epoch, evidence, intake
from sync.centre.receiving.parties import Parties, marks, parties
from sync.centre.receiving.streams import Entry, entries_in, take_in
from sync.centre.relay import city, cityward
from sync.centre.telling import agree as beside
from sync.centre.telling import downlink, handing
from sync.fault import Fault
from sync.header import from_us
from sync.keys import Keys
from sync.merge import Result
from sync.message import ANSWER, MOST_SCHEMA, Body, Header
from sync.message import RECEIVED as STORED_ONLY

AT_THE_END = select(Replica.centre_epoch, Replica.seq, erasing.IS_DUE.scalar_subquery())


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer file, and what it answers; ``is_new``: changes that never came before,
    ``is_decided``: not only stored, ``goes_on``: nor will it be before the end of its action comes.
    ``sha256`` is that of the file that came; ``kept`` what is kept of it where somebody in it was
    erased."""

    data: bytes
    header: Header
    received: int
    is_new: bool = False
    is_decided: bool = True
    goes_on: bool = False
    sha256: str = ""
    kept: bytes = b""


@dataclass(frozen=True, slots=True)
class Verified:
    """A file that is what it says it is: everything that can be wrong with it was looked for, and
    nothing of it is stored yet. ``kept``: nothing of whoever was erased is in it any more."""

    data: bytes
    sha256: str
    header: Header
    entries: list[Entry]
    parties: Parties
    kept: bytes = b""

    @property
    def is_further(self) -> bool:
        """Does it say more of a stream of which nothing is in doubt?"""
        stream = self.parties.stream
        is_clear = stream.forked_at is None and not self.parties.has_parked
        return is_clear and self.header.last > stream.contiguous

    @property
    def follows(self) -> bool:
        """Does it go on just where the stream ends for us?"""
        header, stream = self.header, self.parties.stream
        is_next = header.first == stream.contiguous + 1 and header.before == stream.head.hex()
        return self.is_further and is_next


@dataclass(slots=True)
class Centre:
    """An open centre. ``Store.apply`` gives one transaction for any number of files, which is how
    the writer commits in groups."""

    store: Store
    keys: Keys
    office_id: str
    journal: Journal | None = None
    is_recalling: bool = False

    def accept(self, data: bytes) -> Answer:
        """One file, after all that came before it; raises Fault after keeping the file as
        evidence."""
        while names := self.waiting():
            self.decide_some(names)
        (done,) = self.take_all([data])
        if isinstance(done, Fault):
            raise done
        name = done.sha256
        while not done.is_decided and (names := self.waiting()):
            done = self.decide_some(names, {name}).get(name) or done
        return done

    def take_all(self, files: Sequence[bytes], *, later: bool = False) -> list[Answer | Fault]:
        """Several files in one transaction, decided at once or ``later``. What is new is kept
        beside the database before it is committed, and what our people had said before them."""
        done: list[Answer | Fault] = []
        with self.writing() as (session, kept):
            for data in files:
                moment = clock.now()
                with clock.at(moment):
                    one = self.take(session, data, later=later)
                if isinstance(one, Answer) and one.is_new:
                    kind = RECEIVED if one.is_decided else STORED
                    name = one.sha256 if one.kept else ""
                    kept.append(Kept(kind, keep.micros(moment), one.kept or data, name))
                done.append(one)
        return done

    def waiting(self) -> list[str]:
        """The next files of the queue, by digest: as many as are decided in one transaction."""
        with self.store.look() as session:
            return [one.sha256 for one in intake.first_ones(session)]

    def decide_some(
        self, names: Sequence[str], asked: Container[str] = ()
    ) -> dict[str, Answer | None]:
        """Files of the queue in one transaction; their answers where they are ``asked`` for."""
        with self.writing() as (session, kept):
            with search.gathered(session):
                done = self.decide_these(session, names, asked)
            if done:
                kept.append(Kept(DECIDED, keep.micros(clock.now()), msgspec.json.encode([*done])))
        return done

    def decide_these(
        self, session: Session, names: Sequence[str], asked: Container[str] = ()
    ) -> dict[str, Answer | None]:
        """Files of the queue, each as of the moment it came; those of one action with the one that
        ends it."""
        done: dict[str, Answer | None] = {}
        begun: dict[Stream, list[Entry]] = {}
        for row in intake.named(session, names):
            data, came = session.execute(
                select(RawBatch.body, RawBatch.received_at).where(
                    RawBatch.office_id == row.office_id, RawBatch.sha256 == row.sha256
                )
            ).one()
            with clock.at(came):
                file = self._verified(session, data, row.sha256)
                stream = file.parties.stream
                session.delete(row)
                if stream in begun and not file.follows:
                    merge_entries(session, stream, begun.pop(stream))
                if row.goes_on and file.follows:
                    begun.setdefault(stream, []).extend(self._take_on(session, file))
                    done[row.sha256] = None
                    continue
                is_asked = row.sha256 in asked
                answer = self.decide(session, file, begun.pop(stream, []), tell=is_asked)
                done[row.sha256] = answer if is_asked else None
        for stream, entries in begun.items():
            merge_entries(session, stream, entries)
        return done

    def _take_on(self, session: Session, file: Verified) -> list[Entry]:
        """Of a file that says nothing whole by itself."""
        header, found = file.header, file.parties
        epoch.follow(session, found, header)
        session.add(found.stream)
        self._met(found, header)
        return take_in(session, found.stream, header, file.entries, has_parked=False)

    def set_aside(self, sha256: str) -> None:
        """The program failed at this file: its stream waits, the others go on."""
        with self.store.apply() as session:
            for row in intake.named(session, [sha256]):
                row.stuck_at = clock.now()

    def loosen(self) -> None:
        """Try again what the program failed at."""
        with self.store.apply() as session:
            intake.loosen(session)

    @contextmanager
    def writing(self) -> Iterator[tuple[Session, list[Kept]]]:
        """One transaction; what is put on the list is kept beside the database before it ends."""
        journal = self.journal
        if journal is None:
            with self.store.apply() as session:
                yield session, []
                is_due = erasing.is_due(session)
            if is_due:
                self._settle_erasures()
            return
        with self.store.apply() as session:
            kept, state = keep.words(session, self.keys, journal.state() or State())
            yield session, kept
            told = journal.write(kept, state.told) if kept else state.told
            epoch, seq, is_due = session.execute(AT_THE_END).one()
        journal.note(msgspec.structs.replace(state, epoch=epoch, told=told))
        if seq > state.own:
            self.keep()
        elif is_due:
            self._settle_erasures()

    def keep(self) -> None:
        """Keep beside the database what our people have said since the last time."""
        if self.journal is None:
            self._settle_erasures()
            return
        with self.store.apply() as session:
            kept, state = keep.words(session, self.keys, self.journal.state() or State())
            if kept:
                told = self.journal.write(kept, state.told)
                self.journal.note(msgspec.structs.replace(state, told=told))
        self._settle_erasures()

    def _settle_erasures(self) -> None:
        """What an erasure leaves to do once it stands: an action that waits for somebody who is
        gone is decided without them, and the files received before are emptied."""
        with self.store.look() as session:
            if not erasing.is_due(session):
                return
        with self.store.apply() as session:
            waits = {one.waits_for for one in erasing.held(session)}
            city_id = session.scalar(select(City.id))
            for stream, decided in release(session, waits) if waits else ():
                self._tell(session, stream, decided, city_id)
            for stream, rest in erasing.left_over(session):
                put_before = [Decided(one, Result.CASE) for one in rest]
                handing.put_before(session, stream, put_before)
        erasing.empty_files(self.store, self.keys, self.journal)
        self.store.scrub()  # where somebody is reading, what went is zeroed all the same

    def take(
        self, session: Session, data: bytes, *, later: bool = False, name: str = ""
    ) -> Answer | Fault:
        """Inside the caller's transaction: the answer, or why there is none; a file we do not
        believe is kept as evidence. ``name`` is the digest of a file of which we kept only what an
        erasure left."""
        sha256 = name or hashlib.sha256(data).hexdigest()
        try:
            packet = pack.read(data)
            found = parties(session, packet.header, sha256)
            packet.check(found.station.sign_key, emptied=bool(name))
            if packet.header.kind == blobs.KIND:
                return self._take_contents(session, packet, found.station)
            if packet.header.kind == agree.KIND:
                return self._compare(session, packet, found)
            if packet.header.kind == relayed.CONTENTS:
                return self._take_relayed_contents(session, packet, found.station)
            if packet.header.kind == relayed.KIND:
                file = Verified(data, sha256, packet.header, [], found)
                return self._take_relay(session, packet, file)
            heard = erasing.hear(session, self.keys, packet) if found.me.erased else b""
            kept = pack.read(heard) if heard else packet
            entries = entries_in(
                packet.header, kept.body(self.keys, emptied=bool(heard or name)).entries
            )
        except Fault as fault:
            if not erasing.is_in(session, self.keys, data):
                evidence.keep(session, data, fault)
            return fault
        file = Verified(heard or data, sha256, packet.header, entries, found, heard)
        is_new = bool(entries) and not found.is_known
        is_piece = intake.goes_on(entries) and file.is_further
        if found.has_queued or (is_new and (later or is_piece)):
            return self.put_by(session, file)
        return self.decide(session, file)

    def _verified(self, session: Session, data: bytes, sha256: str) -> Verified:
        """A file that was verified before it was stored."""
        packet = pack.read(data)
        found = parties(session, packet.header, sha256, was_let_in=True)
        entries = entries_in(
            packet.header, packet.body(self.keys, emptied=packet.is_emptied).entries
        )
        return Verified(data, sha256, packet.header, entries, found)

    def _take_contents(
        self, session: Session, packet: pack.Packet, station: Installation
    ) -> Answer:
        parcel = blobs.parcel_of(packet, self.keys)
        station.last_contact_at = clock.now()
        return Answer(contents.take(session, self.keys, station, parcel), packet.header, 0)

    def _take_relayed_contents(
        self, session: Session, packet: pack.Packet, station: Installation
    ) -> Answer:
        done = city.take_contents(session, self.keys, station, packet)
        station.last_contact_at = clock.now()
        return Answer(done.answer, packet.header, 0)

    def _take_relay(self, session: Session, packet: pack.Packet, file: Verified) -> Answer:
        """A district's file; nothing is written where it cannot be believed."""
        found = file.parties
        with session.begin_nested():
            done = city.take(session, self.keys, found.me, found.station, packet)
        heard = b""
        if found.me.erased:
            heard = erasing.hear(session, self.keys, packet, is_stored=True)
        file = replace(file, data=heard or file.data, kept=heard)
        found.station.last_contact_at = clock.now()
        is_new = (done.is_heard or self.is_recalling) and not found.is_known
        if is_new:
            self._keep(session, file)
        return Answer(
            done.answer, file.header, done.fresh, is_new, sha256=file.sha256, kept=file.kept
        )

    def _compare(self, session: Session, packet: pack.Packet, found: Parties) -> Answer:
        claim: agree.Claim = agree.decode(packet, self.keys, agree.Claim)
        at = found.at or downlink.dispatch_of(session, found.station.office_id)
        downlink.tell_own(session, found.me, at)
        data = beside.take(session, self.keys, found.station, found.stream, packet.header, claim)
        return Answer(data, packet.header, 0)

    def put_by(self, session: Session, file: Verified) -> Answer:
        """Store, to be decided in its turn, and say so: a receipt and no verdict. Who only asks
        again meanwhile adds nothing to the queue."""
        header, found = file.header, file.parties
        found.station.last_contact_at = clock.now()
        at = intake.reach(session, found.stream)
        is_new = bool(file.entries) and not found.is_known
        waits_for, goes_on = at.sha256, at.goes_on
        if is_new:
            waits_for, goes_on = file.sha256, intake.goes_on(file.entries)
            self._keep(session, file)
            at = at.with_file(header, file.entries)
            size = len(file.data)
            intake.put(session, header, file.sha256, file.entries, size, at)
        elif goes_on:  # it has no more of it to say now, and is to hear what there is
            intake.wait_no_longer(session, found.stream)
            goes_on = False
        said = from_us(
            found.me,
            STORED_ONLY,
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
        epoch.follow(session, found, header)
        session.add(found.stream)
        if file.entries and not found.is_known:
            self._keep(session, file)
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
            released += release(session, names_of(decided))
        for other, late in released:
            self._tell_late(session, found, other, late)
        if found.has_breach or any(one.reason in BREACHES for one in decided):
            for other, late in try_again(session):
                self._tell_late(session, found, other, late)
                released.append((other, late))
        self._met(found, header)
        downlink.tell_own(session, found.me, at)
        session.flush()
        found.at = at
        is_heard = bool(file.entries or released or marks(session, found) != before)
        is_new = (is_heard or self.is_recalling) and not found.is_known
        if is_new and not file.entries:
            self._keep(session, file)
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
        self._tell(session, found.stream, decided, found.city)
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
        self._tell(session, other, decided, found.city)

    def _tell(
        self, session: Session, stream: Stream, decided: list[Decided], city_id: str | None
    ) -> None:
        downlink.tell(session, stream.office_id, items_for(session, stream, decided))
        downlink.tell_others(session, stream.office_id, decided)
        handing.carry_out(session, stream, decided, silent=self.is_recalling)
        if city_id:
            cityward.note(session, city_id, stream, decided)

    @staticmethod
    def _keep(session: Session, file: Verified) -> None:
        raw = table_of(RawBatch)
        if file.parties.was_refused:
            session.execute(
                delete(raw).where(
                    raw.c.office_id == file.header.sender_office, raw.c.sha256 == file.sha256
                )
            )
        row = {
            "office_id": file.header.sender_office,
            "sha256": file.sha256,
            "received_at": clock.now(),
            "header": msgspec.json.encode(file.header).decode(),
            "body": file.data,
            "incarnation": file.header.incarnation if file.entries else None,
            "last": file.header.last if file.entries else None,
        }
        insert_rows(session, raw, [row])
        file.parties.today += 1

    @staticmethod
    def _met(found: Parties, header: Header) -> None:
        station, me = found.station, found.me
        station.last_contact_at = clock.now()
        station.incarnation = header.incarnation
        station.schema = min(header.schema, MOST_SCHEMA)
        station.down_acked = header.seen if header.epoch == me.centre_epoch else 0
        me.hlc = heard(me.hlc, header.made, int(clock.now().timestamp() * 1000))

    def _answer(self, session: Session, found: Parties, at: Dispatch, header: Header) -> bytes:
        me, station, stream = found.me, found.station, found.stream
        told = downlink.page(session, header, at, me.centre_epoch)
        seen = intake.reach(session, stream) if found.has_queued else intake.Reach.of(stream)
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
        )
        plain = pack.encode_body(Body(me.id, station.id, [], told.items, told.own))
        return pack.write(self.keys, said, plain, [station.recipient])
