"""The centre and a stick: read the stations' files, write the answers beside them."""

from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.exchange import Installation, RawBatch, Replica
from models.kit.base import table_of
from models.office import Office
from models.relay import District
from sync import agree, blobs, files, pack, relayed
from sync.centre import blobs as contents
from sync.centre import relaying
from sync.centre.relay import city
from sync.centre.service import Centre
from sync.enrol import revoked_ones
from sync.fault import Fault
from sync.message import Header
from sync.uplink import Relayed

KINDS = (agree.KIND, "changes", blobs.KIND, relayed.KIND, relayed.ANSWER, relayed.CONTENTS)


@dataclass(slots=True)
class Stick:
    """What was done with a stick. ``refused`` are (file name, sentence); ``others`` files are for
    somebody else, whose courier brings them along; ``relayed`` is what our city answered."""

    files: list[Path] = field(default_factory=list)
    entries: int = 0
    others: int = 0
    relayed: Relayed | None = None
    refused: list[tuple[str, str]] = field(default_factory=list)


def unpack_stick(centre: Centre, folder: Path) -> Stick:
    """Take in every station's file, each in a transaction of its own, and write its answer."""
    done = Stick()
    with centre.store.look() as session:
        me = session.scalars(select(Replica.id)).one()
    for path, data in _incoming(folder, me, done):
        try:
            if pack.read(data).header.kind == relayed.ANSWER:
                done.relayed = relaying.read_answer(centre, data)
                done.files.append(path)
                continue
            answer = centre.accept(data)
            done.files.append(path)
            done.entries += answer.received
            if answer.header.kind == agree.KIND:
                files.put(folder, path.name.replace("-check.", "-checked."), answer.data)
        except Fault as fault:  # or it takes no answer: the others are read all the same
            done.refused.append((path.name, fault.message))
    return done


def _incoming(folder: Path, me: str, done: Stick) -> list[tuple[Path, bytes]]:
    """In order; a comparison is as of before what was written after it, and the parts for a city
    build on each other; contents come after what names them."""
    found = []
    for path in files.found(folder):
        try:
            data = files.get(path)
            header = pack.read(data).header
        except Fault as fault:
            done.refused.append((path.name, fault.message))
            continue
        if header.kind in KINDS and header.recipient != me:
            done.others += 1
        elif header.kind in KINDS:
            part = header.part if header.kind == relayed.KIND else 0
            rank = 2 if header.kind == relayed.CONTENTS else header.kind != agree.KIND
            found.append((rank, part, path.name, path, data))
    return [(path, data) for *_, path, data in sorted(found, key=lambda one: one[:3])]


def pack_stick(centre: Centre, folder: Path) -> Stick:
    """One answer for every approved station, from where it last said it had read; earlier answers
    of ours that a station has read are taken away."""
    done = Stick()
    with centre.store.apply() as session:
        offices = session.execute(select(table_of(Office).c.id, table_of(Office).c.code))
        codes = {row.id: row.code for row in offices}
        stations = session.scalars(
            select(Installation).where(
                Installation.approved_at.is_not(None), Installation.id.not_in(revoked_ones())
            )
        ).all()
        answers, also = [], list[tuple[str, bytes]]()
        districts = set(session.scalars(select(District.office_id)))
        for station in stations:
            if station.office_id in districts:
                name = f"{codes.get(station.office_id, '0')}-{station.id[-8:]}-down{files.SUFFIX}"
                also.append((name, city.answer_again(session, centre.keys, station)))
                continue
            header = _last_word(session, station)
            if header is not None:
                code = codes.get(station.office_id) or header.office_code
                stem = answer_stem(code, header)
                answers.append((stem, centre.answer_again(session, header)))
                made = contents.answers(session, centre.keys, station)
                also += [(f"{stem}-C{number}.sangyu", data) for number, data in enumerate(made, 1)]
    for stem, data in answers:
        told = pack.read(data).header
        _take_away_read(folder, stem, told.first)
        done.files.append(files.put(folder, f"{stem}-D{told.first}-{told.last}.sangyu", data))
        done.entries += told.count
    for name, data in also:
        done.files.append(files.put(folder, name, data))
    return done


def answer_stem(code: str, header: Header) -> str:
    """The fixed part of an answer's name."""
    return f"{code}-{header.incarnation[-8:]}"


def _last_word(session: Session, station: Installation) -> Header | None:
    """The header of the newest file this station sent, which says how far it has read."""
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
