"""The centre and a stick: read the stations' files, write the answers beside them."""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from models.backlog import backlogs
from models.exchange import (
    Change,
    Downlink,
    Installation,
    Parked,
    RawBatch,
    Replica,
    Stream,
)
from models.office import Office
from models.relay import District
from sync import blobs, files, pack, relayed
from sync.centre.keeping import blobs as contents
from sync.centre.receiving.parties import OF_DISTRICTS
from sync.centre.relay import city, contact
from sync.centre.service import Centre
from sync.claim import CLAIM
from sync.desktop import FromOne, Step
from sync.enrol import revoked_ones
from sync.fault import Fault
from sync.message import Header
from sync.uplink import Relayed

KINDS = (CLAIM, "changes", blobs.KIND, relayed.KIND, relayed.ANSWER, relayed.CONTENTS)


CONTENTS = (blobs.KIND, relayed.CONTENTS)


@dataclass(slots=True)
class Stick:
    """What was done with a stick. ``refused`` are (file name, sentence), ``strange`` those of them
    that do not say whose they are; ``others`` files are for somebody else, whose courier brings
    them along; ``relayed`` is what our city answered; ``senders`` by computer; ``unwritten`` why a
    reply is not on the stick; ``stopped`` by the person."""

    files: list[Path] = field(default_factory=list)
    entries: int = 0
    others: int = 0
    relayed: Relayed | None = None
    refused: list[tuple[str, str]] = field(default_factory=list)
    strange: list[tuple[str, str]] = field(default_factory=list)
    senders: dict[str, FromOne] = field(default_factory=dict)
    unwritten: Fault | None = None
    stopped: bool = False

    def of(self, replica: str, name: str) -> FromOne:
        """What this one had on it."""
        return self.senders.setdefault(replica, FromOne(replica, name))


def unpack_stick(centre: Centre, folder: Path, step: Step | None = None) -> Stick:
    """Take in every station's file, each in a transaction of its own, and write its answer."""
    done = Stick()
    with centre.store.look() as session:
        me = session.scalars(select(Replica.id)).one()
        names = _names(session)
    found = _incoming(folder, me, done)
    for number, (path, header) in enumerate(found, 1):
        if step is not None and step(
            number, len(found), names.get(header.office_code, header.office_code)
        ):
            done.stopped = True
            break
        try:
            reply = _take(centre, path, header, done)
        except Fault as problem:  # or it takes no answer: the others are read all the same
            fault = city.worded(problem) if header.kind in OF_DISTRICTS else problem
            done.refused.append((path.name, fault.message))
            if header.kind != relayed.ANSWER:
                done.of(header.sender, header.office_code).refused.append(fault.message)
            continue
        done.files.append(path)
        try:
            if reply:
                files.put(folder, path.name.replace("-check.", "-checked."), reply)
        except Fault as fault:
            done.refused.append((path.name, fault.message))
            done.unwritten = fault
    if done.senders:
        with centre.store.look() as session:
            _undecided(session, done)
    return done


def _undecided(session: Session, done: Stick) -> None:
    """How much of each computer has no verdict yet, and why."""
    for one in done.senders.values():
        one.waiting = _count(session, one.replica, Change, Change.outcome.is_(None))
        one.waiting += _count(session, one.replica, Parked)
    for late in backlogs(session):
        if whose := done.senders.get(late.replica):
            whose.stored += late.entries
            whose.stuck = whose.stuck or late.stuck > 0


def _count(session: Session, replica: str, kind: Any, *wanted: ColumnElement[bool]) -> int:
    of_stream = (kind.office_id == Stream.office_id, kind.incarnation == Stream.incarnation)
    found = select(func.count()).select_from(kind).join(Stream, and_(*of_stream))
    return session.scalar(found.where(Stream.replica == replica, *wanted)) or 0


def _take(centre: Centre, path: Path, header: Header, done: Stick) -> bytes:
    """One file; what lies on the stick in reply to it at once, if anything. Raises Fault."""
    data = files.get(path)
    if header.kind == relayed.ANSWER:
        done.relayed = contact.read_answer(centre, data)
        return b""
    answer = centre.accept_or_store(data)
    one = done.of(header.sender, header.office_code)
    one.files += 1
    one.entries += answer.received
    one.contents += header.kind in CONTENTS
    done.entries += answer.received
    return answer.data if header.kind == CLAIM else b""


def _incoming(folder: Path, me: str, done: Stick) -> list[tuple[Path, Header]]:
    """In order; a comparison is as of before what was written after it, and the parts for a city
    build on each other; contents come after what names them. Only headers are read yet: a courier
    brings more than memory holds."""
    found = []
    for path in files.found(folder):
        try:
            header = pack.read(files.beginning(path, pack.HEAD)).header
        except Fault as fault:
            done.refused.append((path.name, fault.message))
            done.strange.append((path.name, fault.message))
            continue
        if header.kind in KINDS and header.recipient != me:
            done.others += 1
        elif header.kind in KINDS:
            part = header.part if header.kind == relayed.KIND else 0
            rank = 2 if header.kind == relayed.CONTENTS else header.kind != CLAIM
            found.append((rank, part, path.name, path, header))
    return [(path, header) for *_, path, header in sorted(found, key=lambda one: one[:3])]


def pack_stick(
    centre: Centre,
    folder: Path,
    whose: Collection[str] | None = None,
    step: Step | None = None,
) -> Stick:
    """The answers for every approved station, or for those of the computers ``whose`` stick it is,
    from where it last said it had read until nothing remains; earlier answers of ours that a
    station has read are taken away. Where the stick is full, what is on it is whole, and the next
    trip goes on from what was read."""
    done, number = Stick(), 0
    with centre.store.look() as session:
        names = _names(session)
        stations = _stations(session, whose)

    def goes_on(one: _Peer, total: int) -> bool:
        done.stopped = step is not None and step(number, total, names.get(one.code, one.code))
        return not done.stopped

    # what a small stick has room for are everybody's verdicts first, photos and scans last
    left: list[tuple[_Peer, Header | None]] = [(one, None) for one in stations]
    while left:
        one, at = left.pop(0)
        number += 1
        if not goes_on(one, number + len(left) + len(stations)):
            return done
        rest = _put_answer(centre, folder, one, at, done)
        left += [(one, rest)] if rest else []
    for one in stations:
        number += 1
        if not goes_on(one, max(number, 2 * len(stations))):
            return done
        _put_contents(centre, folder, one, done)
    return done


@dataclass(frozen=True, slots=True)
class _Peer:
    """Somebody who is answered."""

    id: str
    office_id: str
    code: str
    is_district: bool


def _stations(session: Session, whose: Collection[str] | None) -> list[_Peer]:
    codes = {one.id: one.code for one in session.execute(select(Office.id, Office.code))}
    districts = set(session.scalars(select(District.office_id)))
    found = session.execute(
        select(Installation.id, Installation.office_id).where(
            Installation.approved_at.is_not(None), Installation.id.not_in(revoked_ones())
        )
    )
    return [
        _Peer(one.id, one.office_id, codes.get(one.office_id, ""), one.office_id in districts)
        for one in found
        if whose is None or one.id in whose
    ]


def _names(session: Session) -> dict[str, str]:
    """By code, which files say."""
    return {one.code: one.name for one in session.execute(select(Office.code, Office.name))}


def _put_answer(
    centre: Centre, folder: Path, one: _Peer, at: Header | None, done: Stick
) -> Header | None:
    """One page, ``at`` the word it answers, None for the station's last; returns where the next one
    begins, as if the station had read this one."""
    if one.is_district:
        _put_city_answer(centre, folder, one, done)
        return None
    with centre.store.apply() as session:
        station = session.get_one(Installation, (one.office_id, one.id))
        header = at or _last_word(session, station)
        if header is None:
            return None
        data = centre.hearing.answer_again(session, header)
    told, stem = pack.read(data).header, _stem(one, header)
    if at is None:
        _take_away_read(folder, stem, told.first)
    done.files.append(files.put(folder, f"{stem}-D{told.first}-{told.last}{files.SUFFIX}", data))
    done.entries += told.count
    done.of(one.id, one.code)
    if not told.remaining:
        return None
    read = {"seen": told.last, "seen_hash": told.after, "epoch": told.epoch}
    return msgspec.structs.replace(header, **read)


def _put_city_answer(centre: Centre, folder: Path, one: _Peer, done: Stick) -> None:
    """How far the city has read; there is never more of it than one file."""
    with centre.store.apply() as session:
        station = session.get_one(Installation, (one.office_id, one.id))
        data = city.answer_again(session, centre.keys, station)
    name = f"{one.code or '0'}-{one.id[-8:]}-down{files.SUFFIX}"
    done.files.append(files.put(folder, name, data))
    done.of(one.id, one.code)


def _put_contents(centre: Centre, folder: Path, one: _Peer, done: Stick) -> None:
    if one.is_district:
        return
    with centre.store.look() as session:
        station = session.get_one(Installation, (one.office_id, one.id))
        header = _last_word(session, station)
        if header is None:
            return
        stem, made = _stem(one, header), contents.answers(session, centre.keys, station)
        for number, data in enumerate(made, 1):
            done.files.append(files.put(folder, f"{stem}-C{number}{files.SUFFIX}", data))


def _stem(one: _Peer, header: Header) -> str:
    return answer_stem(one.code or header.office_code, header)


def answer_stem(code: str, header: Header) -> str:
    """The fixed part of an answer's name."""
    return f"{code}-{header.incarnation[-8:]}"


def _last_word(session: Session, station: Installation) -> Header | None:
    """The header of the newest file we kept of this station, with how far it has read by now: a
    file that says nothing else is not kept."""
    header = _last_kept(session, station)
    if header is None or header.incarnation != station.incarnation:
        return header
    seen = (station.office_id, station.down_acked)
    told = session.get(Downlink, seen) if station.down_acked != header.seen else None
    epoch = session.scalars(select(Replica.centre_epoch)).one()
    if told is None or header.epoch != epoch:
        return header
    return msgspec.structs.replace(header, seen=told.seq, seen_hash=told.hash.hex())


def _last_kept(session: Session, station: Installation) -> Header | None:
    text = session.scalar(
        select(RawBatch.header)
        .where(
            RawBatch.office_id == station.office_id,
            RawBatch.refused.is_(None),
            RawBatch.header.contains(f'"sender":"{station.id}"'),  # an office may have several
        )
        .order_by(RawBatch.received_at.desc())
        .limit(1)
    )
    return msgspec.json.decode(text, type=Header) if text else None


def _take_away_read(folder: Path, stem: str, first: int) -> None:
    for path in files.found(folder):
        if not path.name.startswith(f"{stem}-D"):
            continue
        span = path.stem.removeprefix(f"{stem}-D").split("-")
        if len(span) == 2 and span[1].isdigit() and int(span[1]) < first:
            files.take_away(path)
