"""The centre's side of an exchange: a file in, the signed answer out. No HTTP in here: the
network, the stick and the tests all call ``accept``."""

import hashlib
import logging
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import zip_longest

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import emptying
from models.exchange import Installation, RawBatch, Replica, Stream
from models.kit import clock, search
from models.kit.db import Store, is_storage
from models.relay import City
from sync import blobs, erase_order, pack, relayed
from sync.centre.deciding.apply import merge_entries, release
from sync.centre.deciding.decide import Decided
from sync.centre.hearing import Hearing
from sync.centre.keeping import blobs as contents
from sync.centre.keeping import erasing, keep
from sync.centre.keeping.journal import DECIDED, RECEIVED, STORED, Journal, Kept, State
from sync.centre.receiving import clocks, evidence, intake
from sync.centre.receiving.files import Answer, Opened, Verified, store, verified_before
from sync.centre.receiving.parties import Parties, foresee, parties
from sync.centre.receiving.streams import Entry, entries_in
from sync.centre.relay import city
from sync.centre.telling import agree as beside
from sync.centre.telling import downlink, handing
from sync.claim import CLAIM, Claim, decode
from sync.fault import Fault
from sync.keys import Keys
from sync.merge import Result
from sync.message import Header

log = logging.getLogger(__name__)
AT_THE_END = select(Replica.centre_epoch, Replica.seq, erasing.IS_DUE.scalar_subquery())


@dataclass(slots=True)
class Centre:
    """An open centre. ``Store.apply`` gives one transaction for any number of files, which is how
    the writer commits in groups."""

    store: Store
    keys: Keys
    office_id: str
    journal: Journal | None = None
    is_recalling: bool = False
    opened: Opened = field(default_factory=Opened)

    @property
    def hearing(self) -> Hearing:
        """How a file is heard at this moment."""
        return Hearing(self.keys, self.is_recalling)

    def accept(self, data: bytes, ahead: timedelta | None = None) -> Answer:
        """One file, after all that came before it; raises Fault after keeping the file as
        evidence."""
        while names := self.waiting():
            self.decide_some(names)
        (done,) = self.take_all([data], ahead=[ahead])
        if isinstance(done, Fault):
            raise done
        name = done.sha256
        while not done.is_decided and (names := self.waiting()):
            done = self.decide_some(names, {name}).get(name) or done
        return done

    def accept_or_store(self, data: bytes) -> Answer:
        """The same, where others wait behind it: what the program fails at is stored at least, and
        set aside with its stream."""
        try:
            return self.accept(data)
        except Exception as error:
            if isinstance(error, Fault) or is_storage(error):
                raise
            log.exception("a file could not be decided at once")
        (done,) = self.take_all([data], later=True)
        if isinstance(done, Fault):
            raise done
        while names := self.waiting():
            self.work_off(names)
        return done

    def take_all(
        self,
        files: Sequence[bytes],
        *,
        later: bool = False,
        ahead: Sequence[timedelta | None] = (),
    ) -> list[Answer | Fault]:
        """Several files in one transaction, decided at once or ``later``. What is new is kept
        beside the database before it is committed, and what our people had said before them.
        ``ahead`` is by how much their senders' clocks were before ours, where that is known."""
        done: list[Answer | Fault] = []
        with self.writing() as (session, kept), intake.together(session):
            if later:
                foresee(session, [*_heads(files)])
            for data, off in zip_longest(files, ahead):
                moment = clock.now()
                with clock.at(moment):
                    one = self.take(session, data, later=later)
                if isinstance(one, Answer) and one.is_new:
                    kind = RECEIVED if one.is_decided else STORED
                    name = one.sha256 if one.kept else ""
                    kept.append(Kept(kind, keep.micros(moment), one.kept or data, name))
                if isinstance(one, Answer) and off is not None:
                    clocks.read(session, one.header, moment, off)
                done.append(one)
        return done

    def waiting(self) -> list[str]:
        """The next files of the queue, by digest: as many as are decided in one transaction."""
        with self.store.look() as session:
            return intake.first_ones(session)

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

    def work_off(
        self, names: Sequence[str], asked: Container[str] = ()
    ) -> dict[str, Answer | None]:
        """The same; where the program fails at one of them, those before it, and it is set
        aside."""
        try:
            return self.decide_some(names, asked)
        except Exception as error:
            if is_storage(error):
                raise
            log.exception("a group of files was not decided")
        done: dict[str, Answer | None] = {}
        for name in names:
            try:
                done |= self.decide_some([name], asked)
            except Exception as error:
                if is_storage(error):
                    raise
                said = {"file": name[:12]}
                log.exception("a stored file cannot be decided", extra={"said": said})
                self.set_aside(name)
                break
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
                file = verified_before(session, self.keys, data, row.sha256, self.opened)
                stream = file.parties.stream
                session.delete(row)
                if stream in begun and not file.follows:
                    merge_entries(session, stream, begun.pop(stream))
                if row.goes_on and file.follows:
                    begun.setdefault(stream, []).extend(self.hearing.begin(session, file))
                    done[row.sha256] = None
                    continue
                is_asked = row.sha256 in asked
                answer = self.hearing.decide(session, file, begun.pop(stream, []), tell=is_asked)
                done[row.sha256] = answer if is_asked else None
        for stream, entries in begun.items():
            merge_entries(session, stream, entries)
        return done

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
                self.hearing.tell(session, stream, decided, city_id)
            for stream, rest in erasing.left_over(session):
                put_before = [Decided(one, Result.CASE) for one in rest]
                handing.put_before(session, stream, put_before)
            emptying.drop_unnamed(session)
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
            if packet.header.kind != pack.CHANGES:
                intake.settle(session)
            if packet.header.kind == blobs.KIND:
                return self._take_contents(session, packet, found.station)
            if packet.header.kind == CLAIM:
                return self._compare(session, packet, found)
            if packet.header.kind == relayed.CONTENTS:
                return self._take_relayed_contents(session, packet, found.station)
            if packet.header.kind == relayed.KIND:
                file = Verified(data, sha256, packet.header, [], found)
                return self._take_relay(session, packet, file)
            heard = erasing.hear(session, self.keys, packet) if found.me.erased else b""
            kept = pack.read(heard) if heard else packet
            body = kept.body(self.keys, emptied=bool(heard or name))
            entries = entries_in(packet.header, body.entries)
        except Fault as fault:
            if not erasing.is_in(session, self.keys, data):
                evidence.keep(session, data, fault)
            return fault
        file = Verified(heard or data, sha256, packet.header, entries, found, heard, body.proof)
        is_new = bool(entries) and not found.is_known
        is_piece = intake.goes_on(entries) and file.is_further
        if found.has_queued or (is_new and (later or is_piece)):
            if is_new and not (heard or name):
                self.opened.keep(file)
            return self.hearing.put_by(session, file)
        intake.settle(session)
        return self.hearing.decide(session, file)

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
            store(session, file)
        return Answer(
            done.answer, file.header, done.fresh, is_new, sha256=file.sha256, kept=file.kept
        )

    def _compare(self, session: Session, packet: pack.Packet, found: Parties) -> Answer:
        said: Claim = decode(packet, self.keys, Claim)
        erasing.carry_out_again(session, erase_order.proved(self.keys, said.orders))
        at = found.at or downlink.dispatch_of(session, found.station.office_id)
        downlink.tell_own(session, found.me, at)
        data = beside.take(session, self.keys, found.station, found.stream, packet.header, said)
        return Answer(data, packet.header, 0)


def _heads(files: Sequence[bytes]) -> Iterator[tuple[Header, str]]:
    """Of those that are changes, with their digests."""
    for data in files:
        with suppress(Fault):
            header = pack.read(data).header
            if header.kind == pack.CHANGES:
                yield header, hashlib.sha256(data).hexdigest()
