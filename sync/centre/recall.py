"""Playing what a centre's database that was put back to an older copy lacks, from what was kept
beside it (sync.md 4.9)."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

import msgspec
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import emptying
from models.erasure import Erasure
from models.exchange import (
    Change,
    Held,
    Installation,
    Invitation,
    RawBatch,
    Replica,
    forget_told,
    new_epoch,
)
from models.kit import clock
from models.kit.among import among
from models.kit.stream import SCHEMA, read_head, read_payload
from models.relay import District, Vouched
from sync import pack, salvage, told_card
from sync.centre.keeping import erasing
from sync.centre.keeping.journal import (
    DECIDED,
    OWN,
    RECEIVED,
    STORED,
    UPGRADE,
    Journal,
    Kept,
    State,
)
from sync.centre.keeping.keep import BEGINNING, Local
from sync.centre.receiving import intake
from sync.centre.service import Centre
from sync.centre.upgrade import understand
from sync.centre_card import CITY
from sync.fault import Fault, too_new
from sync.keys import Keys

FROM_STATIONS = frozenset({RECEIVED, STORED, DECIDED})
GAP = (
    "原始数据存底里少了文件，和这份资料库接不上，没有打开，资料没有改动。请换一份更新的备份恢复；"
    "没有的话，把存底文件夹移到别处再打开，下次交换时会重新报来"
)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Recalled:
    """Files that were played; ``epoch`` where a new one was begun."""

    files: int
    epoch: int | None

    @property
    def sentence(self) -> str:
        """What happened, what is safe, what to do next."""
        return (
            f"资料库恢复到了较早的一份，之后收到和录入的已从原始数据存底补齐（{self.files} 份），"
            "没有丢。下次交换时会自动核对一遍，不用另外办理"
        )


def recall(centre: Centre) -> Recalled | None:
    """Bring the database up to what is kept beside it, in one transaction; raises Fault for a
    damaged file or one that is not there any more, and then nothing is changed. None where nothing
    is lacking."""
    if centre.journal is None:
        return None
    try:
        return _recall(centre, centre.journal)
    except IntegrityError:
        raise Fault("journal", GAP) from None


def _recall(centre: Centre, journal: Journal) -> Recalled | None:
    told_card.take_beside(centre.store, journal.folder, CITY)
    state = journal.state()
    with centre.store.apply() as session:
        me = session.scalars(select(Replica)).one()
        lacking = list(reversed(list(_lacking(session, centre.keys, journal))))
        is_older = state is not None and state.epoch > me.centre_epoch
        if not lacking and not is_older:
            erasing.erase_again(session, journal)
            return None
        told = max(journal.numbers(), default=0) if state is None else state.told
        was_told = is_older or any(number <= told for number, _ in lacking)
        if was_told:
            new_epoch(session, state.epoch if state else 0)
        centre.is_recalling = True
        try:
            for _, kept in lacking:
                for one in kept:
                    with clock.at(BEGINNING + timedelta(microseconds=one.at)):
                        _play(session, centre, one)
        finally:
            centre.is_recalling = False
        erasing.erase_again(session, journal)
        if was_told:  # each office is told what stands now, not how it came about
            forget_told(session)
        epoch = session.scalars(select(Replica.centre_epoch)).one()
        last = max(journal.numbers(), default=0)
        now = msgspec.structs.replace(
            state or State(), epoch=epoch, told=last, incarnation="", own=0
        )
    journal.note(now)
    return Recalled(len(lacking), now.epoch if was_told else None)


def _lacking(
    session: Session, keys: Keys, journal: Journal
) -> Iterator[tuple[int, Sequence[Kept]]]:
    """From the newest back to the first that came from a station and is wholly in the database:
    what came before is too, since both are written in one order. What our own people said proves
    nothing of it: after a recall it is kept once more."""
    for number in reversed(journal.numbers()):
        kept = journal.read(number)
        if not all(_is_known(session, keys, one) for one in kept):
            yield number, kept
        elif any(one.kind in FROM_STATIONS for one in kept):
            return


def _is_known(session: Session, keys: Keys, one: Kept) -> bool:
    if one.kind in (RECEIVED, STORED):
        office_id = pack.read(one.data).header.sender_office
        name = one.sha256 or sha256(one.data).hexdigest()
        there = session.get(RawBatch, (office_id, name))
        return there is not None and there.refused is None
    if one.kind == OWN:
        return not _unknown(session, _own(keys, one))
    if one.kind == DECIDED:
        names = msgspec.json.decode(one.data, type=list[str])
        stored = session.scalars(select(RawBatch.sha256).where(RawBatch.sha256.in_(names)))
        return set(stored) == set(names) and not intake.named(session, names)
    if one.kind == UPGRADE:
        return _schema(keys, one) <= session.scalars(select(Replica.centre_schema)).one()
    known = {(row.office_id, row.id) for row in session.scalars(select(Installation))}
    return {(row.office_id, row.id) for row in _said(keys, one).approved} <= known


def _own(keys: Keys, one: Kept) -> list[salvage.Entry]:
    packet = pack.read(one.data)
    packet.check(keys.public)
    return [
        salvage.Entry(packet.header.incarnation, seq, read_head(raw), raw, payload)
        for seq, (raw, payload) in enumerate(packet.body(keys).entries, packet.header.first)
    ]


def _unknown(session: Session, entries: Sequence[salvage.Entry]) -> list[salvage.Entry]:
    ids = [one.head.change_id for one in entries]
    known = set(session.scalars(select(Change.change_id).where(among(Change.change_id, ids))))
    return [one for one in entries if one.head.change_id not in known]


def _schema(keys: Keys, one: Kept) -> int:
    """Of the program that went on from here; raises Fault where that was newer than this one."""
    packet = pack.read(one.data)
    packet.check(keys.public)
    if packet.header.schema > SCHEMA:
        raise too_new("区中心")
    return packet.header.schema


def _said(keys: Keys, one: Kept) -> Local:
    packet = pack.read(one.data)
    packet.check(keys.public)
    return msgspec.msgpack.decode(packet.plain(keys), type=Local)


def _play(session: Session, centre: Centre, one: Kept) -> None:
    if one.kind in (RECEIVED, STORED):
        done = centre.take(session, one.data, later=one.kind == STORED, name=one.sha256)
        if isinstance(done, Fault):
            log.warning("a kept file was refused when played again: %s", done.kind)
    elif one.kind == DECIDED:
        centre.decide_these(session, msgspec.json.decode(one.data, type=list[str]))
    elif one.kind == OWN:
        fresh = _unknown(session, _own(centre.keys, one))
        salvage.offer(session, salvage.whole_actions(fresh))
        session.flush()
        session.refresh(session.scalars(select(Replica)).one())
        _erase(session, fresh)
    elif one.kind == UPGRADE:
        understand(session, _schema(centre.keys, one))
    else:
        _let_in(session, _said(centre.keys, one))


def _erase(session: Session, said: Sequence[salvage.Entry]) -> None:
    for one in said:
        if one.head.entity == Erasure.__tablename__:
            person = str(read_payload(one.payload).values["person_id"])
            emptying.erase(session, person)


def _let_in(session: Session, said: Local) -> None:
    for one in said.approved:
        if session.get(Installation, (one.office_id, one.id)) is None:
            session.add(Installation(**msgspec.structs.asdict(one)))
    for office_id, code, made_at, used_at in said.invited:
        row = Invitation(office_id=office_id, code=code, made_at=made_at, used_at=used_at)
        row.name = said.named.get(code, "")
        session.merge(row)
    for office_id, tx, at in said.forced:
        held = session.get(Held, (office_id, tx))
        if held is not None and held.forced_at is None:
            held.forced_at = at
    for office_id, replica, name in said.districts:
        if session.get(District, office_id) is None:
            session.add(District(office_id=office_id, id=replica, name=name))
    for office_id, replica, at, by in said.confirmed:
        voucher = session.get(Vouched, (office_id, replica))
        if voucher is not None:
            voucher.confirmed_at, voucher.confirmed_by = at, by
    session.flush()
