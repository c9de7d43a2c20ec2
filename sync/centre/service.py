"""The centre's side of an exchange: a file in, the signed answer out. No HTTP in here: the
network, the stick and the tests all call ``accept``."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.exchange import Change, Held, Installation, RawBatch, Replica, Stream
from models.kit import clock
from models.kit.db import Store
from models.kit.ids import new_id
from models.kit.stream import heard
from sync import agree, blobs, pack
from sync.centre import agree as beside
from sync.centre import blobs as contents
from sync.centre import doubles, downlink
from sync.centre.apply import Decided, items_for, merge_entries, names_of, release, unfinished
from sync.centre.streams import Entry, stream_of, take_in
from sync.enrol import is_revoked
from sync.fault import Fault, broken, elsewhere, forged, revoked, unknown_station
from sync.keys import Keys
from sync.message import Body, Header
from sync.outbox import APP


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer file, and what it answers."""

    data: bytes
    header: Header
    received: int


@dataclass(slots=True)
class Centre:
    """An open centre. ``Store.apply`` gives one transaction for any number of files, which is how
    the writer commits in groups."""

    store: Store
    keys: Keys
    office_id: str

    def accept(self, data: bytes) -> Answer:
        """One file, one transaction; raises Fault after keeping the file as evidence."""
        refused: Fault | None = None
        answer: Answer | None = None
        with self.store.apply() as session:
            try:
                with session.begin_nested():
                    answer = self.take(session, data)
            except Fault as fault:
                refused = fault
                keep_refused(session, data, fault)
        if refused is not None or answer is None:
            raise refused or broken()
        return answer

    def take(self, session: Session, data: bytes) -> Answer:
        """Inside the caller's transaction: verify, store, decide, answer."""
        packet = pack.read(data)
        header = packet.header
        station = self._sender(session, header)
        packet.check(station.sign_key)
        if header.kind == blobs.KIND:
            parcel = blobs.parcel_of(packet, self.keys)
            station.last_contact_at = clock.now()
            return Answer(contents.take(session, self.keys, station, parcel), header, 0)
        if header.kind == agree.KIND:
            claim: agree.Claim = agree.decode(packet, self.keys, agree.Claim)
            downlink.tell_own(session, header.sender_office)
            return Answer(beside.take(session, self.keys, station, header, claim), header, 0)
        body = packet.body(self.keys)
        self._keep(session, data, header)
        # what the centre's people did before this file was read must also be told before it
        downlink.tell_own(session, header.sender_office)
        stream = stream_of(session, header)
        stored = stream.contiguous
        fresh = take_in(session, stream, header, body.entries)
        if fresh:
            self._decide(session, stream, unfinished(session, stream, stored) + fresh, stored)
        self._met(session, station, header)
        downlink.tell_own(session, header.sender_office)
        session.flush()
        return Answer(self._answer(session, station, header, stream), header, len(fresh))

    def answer_again(self, session: Session, header: Header) -> bytes:
        """An answer for a stick: to the last word we have of a station, with all told since."""
        station = session.get_one(Installation, (header.sender_office, header.sender))
        downlink.tell_own(session, header.sender_office)
        session.flush()
        return self._answer(session, station, header, stream_of(session, header))

    def _sender(self, session: Session, header: Header) -> Installation:
        if header.kind not in ("changes", blobs.KIND, agree.KIND):
            raise elsewhere("区中心")
        if header.recipient != self._me(session).id:
            raise Fault("foreign_centre", "这个数据包是给另一个区中心的，没有读入")
        station = session.get(Installation, (header.sender_office, header.sender))
        if station is None or station.approved_at is None:
            raise unknown_station()
        if is_revoked(session, station.id):
            raise revoked()
        return station

    def _decide(self, session: Session, stream: Stream, entries: list[Entry], stored: int) -> None:
        decided = merge_entries(session, stream, entries, stored=stored)
        self._tell(session, stream, decided)
        doubles.suggest(session, decided, self.office_id)
        for other, late in release(session, names_of(decided)):
            self._tell(session, other, late)

    @staticmethod
    def _tell(session: Session, stream: Stream, decided: list[Decided]) -> None:
        downlink.tell(session, stream.office_id, items_for(session, stream, decided))
        downlink.tell_others(session, stream.office_id, decided)

    def _keep(self, session: Session, data: bytes, header: Header) -> None:
        digest = hashlib.sha256(data).hexdigest()
        if session.get(RawBatch, (header.sender_office, digest)) is None:
            session.add(
                RawBatch(
                    office_id=header.sender_office,
                    sha256=digest,
                    received_at=clock.now(),
                    header=msgspec.json.encode(header).decode(),
                    body=data,
                )
            )
            session.flush()

    def _met(self, session: Session, station: Installation, header: Header) -> None:
        station.last_contact_at = clock.now()
        station.incarnation = header.incarnation
        station.schema = header.schema
        station.down_acked = header.seen
        me = self._me(session)
        me.hlc = heard(me.hlc, header.made, int(clock.now().timestamp() * 1000))

    def _me(self, session: Session) -> Replica:
        return session.scalars(select(Replica)).one()

    def _answer(
        self, session: Session, station: Installation, header: Header, stream: Stream
    ) -> bytes:
        me = self._me(session)
        told = downlink.page(session, header)
        said = Header(
            kind="answer",
            batch=new_id(),
            sender=me.id,
            sender_office=me.office_id,
            incarnation=header.incarnation,
            recipient=station.id,
            sha256="",
            size=0,
            made=me.hlc,
            app=APP,
            first=told.first,
            last=told.last,
            before=told.before.hex(),
            after=told.after.hex(),
            count=len(told.items),
            seen=stream.contiguous,
            seen_hash=stream.head.hex() if stream.contiguous else "00" * 32,
            fork=stream.forked_at or 0,
            epoch=me.centre_epoch,
            remaining=told.remaining,
            receipt=self._receipt(session),
            office_code=header.office_code,
        )
        plain = pack.encode_body(Body(me.id, station.id, [], told.items, told.own))
        return pack.write(self.keys, said, plain, [station.recipient])

    @staticmethod
    def _receipt(session: Session) -> str:
        today = clock.local(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
        count = session.scalar(
            select(func.count()).select_from(RawBatch).where(RawBatch.received_at >= today)
        )
        return f"HZ-{today:%m%d}-{count or 0:04d}"


def keep_refused(session: Session, data: bytes, fault: Fault) -> None:
    """A file we do not believe is kept as it came, unread."""
    digest = hashlib.sha256(data).hexdigest()
    try:
        header = pack.read(data).header
        office_id, text = header.sender_office[:32], msgspec.json.encode(header).decode()
    except Fault:
        office_id, text = "", json.dumps({})
    if session.get(RawBatch, (office_id, digest)) is None:
        session.add(
            RawBatch(
                office_id=office_id,
                sha256=digest,
                received_at=clock.now(),
                header=text,
                body=data,
                refused=fault.kind,
            )
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """One station as the centre sees it."""

    office_id: str
    last_contact_at: datetime | None
    received: int
    held: int
    undelivered: int


def standings(session: Session) -> list[Standing]:
    """Every approved installation's state of exchange."""
    made = []
    for one in session.scalars(select(Installation).where(Installation.approved_at.is_not(None))):
        received = session.scalar(
            select(func.count()).select_from(Change).where(Change.office_id == one.office_id)
        )
        held = session.scalar(
            select(func.count()).select_from(Held).where(Held.office_id == one.office_id)
        )
        left = downlink.undelivered(session, one.office_id, one.down_acked)
        made.append(Standing(one.office_id, one.last_contact_at, received or 0, held or 0, left))
    return made


__all__ = ["Answer", "Centre", "Standing", "forged", "keep_refused", "standings"]
