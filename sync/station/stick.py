"""A station and a stick: put waiting changes on it, read the centre's answers from it."""

import contextlib
import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import select

from models.exchange import Contact, Packed, Replica
from models.kit import clock
from models.kit.db import Store
from sync import blobs, files, pack, told_card
from sync.centre_card import centre_card
from sync.claim import REPLY
from sync.fault import Fault, not_kept
from sync.keys import Keys
from sync.link import Step, go_on, so_far
from sync.station import agree, outbox
from sync.station.run import Exchanged, remember, take

WAY = "U盘"
CHECK = "-check"
MEND = f"-mend{CHECK}"
# a comparison is as of before the answers that lie beside it; contents hang on records
ORDER = (REPLY, "answer", blobs.ANSWER)


@dataclass(frozen=True, slots=True)
class Wrote:
    """A file as it went onto a stick, for the paper that goes with it."""

    path: Path
    size: int
    sha256: str


@dataclass(slots=True)
class Stick:
    """What was done with a stick. ``refused`` are (file name, sentence); ``wrote`` are those
    ``files`` that were written, as they were then: the stick may be gone since."""

    files: list[Path] = field(default_factory=list)
    wrote: list[Wrote] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    exchanged: Exchanged = field(default_factory=Exchanged)

    def write(self, folder: Path, name: str, data: bytes) -> None:
        """Raises Fault."""
        path = files.put(folder, name, data)
        self.files.append(path)
        self.wrote.append(Wrote(path, len(data), hashlib.sha256(data).hexdigest()))

    def is_stopped(self, step: Step, whole: int) -> bool:
        """Asks before each of so many files, once it was told to stop no more."""
        stopped = self.exchanged.stopped or step(*so_far(len(self.files), whole))
        self.exchanged.stopped = stopped
        return stopped


def pack_stick(
    store: Store, keys: Keys, folder: Path, office_code: str, step: Step = go_on
) -> Stick:
    """Everything since the last verified answer; says nothing of delivery. Between two files
    ``step`` may stop it: those that are there are whole, the rest comes with the next. Raises
    Fault."""
    with store.look() as session:
        parts = outbox.parts(session, keys, centre_card(session), office_code)
        whole = len(parts) + blobs.part_count(session)
    done = Stick()
    for part in parts:
        if done.is_stopped(step, whole):
            break
        done.write(folder, part.name, part.data)
        done.exchanged.sent += part.count
        _note(store, part, folder)
    with store.look() as session:
        station = blobs.Station(keys, centre_card(session), office_code)
        for name, data in blobs.parts(session, station):
            if done.is_stopped(step, whole):
                break
            done.write(folder, name, data)
            done.exchanged.contents += pack.read(data).header.count
    if not done.exchanged.stopped:
        _ask_to_compare(store, keys, folder, office_code)
    remember(store, WAY, done.exchanged, "stopped" if done.exchanged.stopped else "packed", "")
    return done


def _note(store: Store, part: outbox.Part, folder: Path) -> None:
    """It is on a stick, whatever becomes of the files after it."""
    with store.apply() as session:
        me = session.scalars(select(Replica)).one()
        session.merge(
            Packed(
                name=part.name,
                first=part.first,
                last=part.last,
                incarnation=me.incarnation,
                sha256=hashlib.sha256(part.data).hexdigest(),
                at=clock.now(),
                folder=folder.name,
                confirmed_at=None,
            )
        )


def _ask_to_compare(store: Store, keys: Keys, folder: Path, office_code: str) -> None:
    """What we hold, to lie on the stick until it comes to the centre; not before that has mended
    what was found to differ."""
    with store.look() as session:
        me = session.scalars(select(Replica)).one()
        claim = agree.due(session, keys, centre_card(session), office_code)
    stem = f"{office_code}-{me.incarnation[-8:]}"
    if claim is not None and not (folder / f"{stem}{MEND}{files.SUFFIX}").exists():
        files.put(folder, f"{stem}{CHECK}{files.SUFFIX}", claim)


def unpack_stick(
    store: Store,
    keys: Keys,
    folder: Path,
    inbox_folder: Path,
    office_code: str,
    step: Step = go_on,
) -> Stick:
    """Read every answer that is for us, in the centre's order; others stay as they are. Between two
    ``step`` may stop it: the rest stays on the stick."""
    done = Stick()
    inbox_folder.mkdir(parents=True, exist_ok=True)
    with store.look() as session:
        card = centre_card(session)
        me = session.scalars(select(Replica)).one()
    mine = _answers(folder, me.id, done)
    for number, (path, kind) in enumerate(mine):
        if step(*so_far(number, len(mine), "读好")):
            done.exchanged.stopped = True
            break
        try:
            data = files.get(path)
            if kind == REPLY:
                _compared(store, keys, path, data, office_code)
            elif kind == blobs.ANSWER:
                with store.apply() as session:
                    done.exchanged.fetched += blobs.receive(session, keys, card, data)
            else:
                _keep_here(inbox_folder, path.name, data)
                take(store, keys, card, data, done.exchanged)
            done.files.append(path)
        except Fault as fault:
            done.refused.append((path.name, fault.message))
    _follow_cards(store, folder, done)
    _confirm(store, folder, done)
    _carried(store, keys, folder, done)
    with store.look() as session:
        done.exchanged.pending = outbox.waiting(session)
    if done.files or done.exchanged.moved:
        heard = done.exchanged
        if _heard_before(store, heard):
            heard = replace(heard, receipt="")
        remember(store, WAY, heard, "done", "")
        with contextlib.suppress(Fault):  # a stick that takes nothing more: the next one will
            _ask_to_compare(store, keys, folder, office_code)
    return done


def _heard_before(store: Store, got: Exchanged) -> bool:
    """The receipt of an earlier trip and nothing beside it proves nothing new."""
    new = (got.received, got.decided, got.fetched, got.moved, got.doubted, got.forked)
    if any(new) or not got.receipt:
        return False
    with store.look() as session:
        known = select(Contact.id).where(Contact.receipt == got.receipt)
        return session.scalar(known.limit(1)) is not None


def _keep_here(folder: Path, name: str, data: bytes) -> None:
    """In the inbox, as it came; raises Fault that speaks of this computer's disk."""
    try:
        files.put(folder, name, data)
    except Fault:
        raise not_kept() from None


def _answers(folder: Path, replica: str, done: Stick) -> list[tuple[Path, str]]:
    """Answers addressed to this installation with their kind, by their place in the downlink; a
    centre put back begins it anew. Only headers are read yet: photos of years may lie there."""
    mine = []
    for path in files.found(folder):
        try:
            header = pack.read(files.beginning(path, pack.HEAD)).header
        except Fault as fault:
            done.refused.append((path.name, fault.message))
            continue
        if header.kind in ORDER and header.recipient == replica:
            turn = ORDER.index(header.kind)
            mine.append((turn, header.epoch, header.first, header.seen, path, header.kind))
    return [(path, kind) for *_, path, kind in sorted(mine, key=lambda one: one[:4])]


def _follow_cards(store: Store, folder: Path, done: Stick) -> None:
    """换地址文件 that somebody put beside: an answer brings the same word where there is one."""
    for path in _left_on(folder):
        with contextlib.suppress(Fault):  # another's, or broken: told before
            if pack.read(files.beginning(path, pack.HEAD)).header.kind != told_card.CARD:
                continue
            data = files.get(path)
            with store.apply() as session:
                done.exchanged.moved = told_card.heard(session, data) or done.exchanged.moved


def _left_on(folder: Path) -> list[Path]:
    """Our kind of file; nothing, where the stick was pulled out while its answers were read: what
    was read counts."""
    with contextlib.suppress(Fault):
        return list(files.found(folder))
    return []


def _compared(store: Store, keys: Keys, path: Path, data: bytes, office_code: str) -> None:
    """The reply to our claim has done its work; what differs is asked to be mended."""
    with store.look() as session:
        card = centre_card(session)
        me = session.scalars(select(Replica)).one()
    _, wants = agree.hear(store, keys, card, office_code, data)
    files.take_away(path)
    files.take_away(path.with_name(path.name.replace(f"{CHECK}ed.", f"{CHECK}.")))
    if wants is not None:
        name = f"{office_code}-{me.incarnation[-8:]}{MEND}{files.SUFFIX}"
        files.put(path.parent, name, wants)


def _confirm(store: Store, folder: Path, done: Stick) -> None:
    """Files of ours whose content the centre has confirmed leave the stick."""
    with store.apply() as session:
        me = session.scalars(select(Replica)).one()
        waiting = session.scalars(
            select(Packed).where(
                Packed.incarnation == me.incarnation,
                Packed.last <= me.acked_seq,
                Packed.confirmed_at.is_(None),
            )
        ).all()
        confirmed = [one for one in waiting if done.files]
        for one in confirmed:
            one.confirmed_at = clock.now()
        names = [one.name for one in confirmed]
    for name in names:
        path = folder / name
        if path.is_file() and files.take_away(path):
            done.removed.append(name)


def _carried(store: Store, keys: Keys, folder: Path, done: Stick) -> None:
    """Files of ours with contents that have all arrived leave the stick too."""
    if not done.files:
        return
    with store.look() as session:
        for path in _left_on(folder):
            try:
                gone = blobs.is_done(session, keys, files.get(path)) and files.take_away(path)
            except Fault:
                continue  # another's, or broken: not ours to judge
            if gone:
                done.removed.append(path.name)
