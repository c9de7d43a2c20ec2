"""One contact of a district with its city, over any link or by stick."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.exchange import Replica
from models.kit.db import Store
from models.office import Office
from models.relay import City, Known
from sync import blobs, files, pack, told_card
from sync.centre.keeping.journal import Journal
from sync.centre.receiving.parties import OF_DISTRICTS
from sync.centre.relay import agreeing, answered, contents, forward
from sync.centre.telling import downlink
from sync.centre_card import CentreCard
from sync.fault import Fault
from sync.keys import Keys
from sync.link import Link, Step, go_on, so_far
from sync.message import Header, Reported
from sync.uplink import STICK, Relayed, Written, card_of, is_joined, remember

ROUNDS = 1000
# a lost line costs at most one of these
ON_LINE = 2 * 2**20
WORDS = {
    "unreachable": "连不上市级，本区中心的资料没有影响，稍后会自动再报",
    "busy": "市级正忙，本区中心的资料没有影响，稍后会自动再报",
    "revoked": "市级已停用本区中心的这台电脑，没有转报。资料都在，请与市级联系",
    "unknown": "市级还不认得本区中心的这台电脑，没有转报。资料都在，请与市级联系",
    "centre": "市级暂时不能接收，本区中心的资料没有影响，稍后会自动再报",
    "forged": "市级说数据包的签名不对，没有转报。资料都在，请打电话与市级核实",
    "too_new": "市级的程序比本区中心的旧，没有转报。资料都在，请市级先升级程序，以后会自动再报",
    "too_big": "这一包太大，去市级的网络没有放行，资料都在。请告诉市级，或改用U盘上报",
    "card": "市级邀请里的地址或证书不对，没有转报。资料都在，请与市级联系",
}


class Service(Protocol):
    """The district's own, which is above this package."""

    store: Store
    keys: Keys
    journal: Journal | None

    def keep(self) -> None:
        """Keep beside the database what our people have said since the last time."""


def over(centre: Service, link: Link, step: Step | None = None) -> Relayed:
    """Send all that the city lacks, until it says that it has it; what is not sent when the person
    stops goes another time. Raises Fault."""
    centre.keep()
    done, step = Relayed(), step or go_on
    _send(centre, link, done, step)
    if not done.stopped:
        done.stopped = step(2, "与市级核对")
    if not done.stopped and _compare(centre, link, done):
        _send(centre, link, done, step)
    _send_contents(centre, link, done, step)
    tell_stations(centre)
    step(4, "记下市级已收到的")
    return done


def _send(centre: Service, link: Link, done: Relayed, step: Step) -> None:
    while done.files < ROUNDS:
        done.stopped = step(1, "上报各站的资料")
        if done.stopped:
            return
        part = _next(centre)
        done.unproved = part.unproved
        if not part.count and done.files:
            break
        before = _standing(centre)
        answer = _exchange(link, part.data)
        done.files += 1
        done.sent += part.count
        done.entries += part.entries
        done.streams += len(hear(centre, answer))
        if _standing(centre) == before:
            break  # the answers bring us no further, however often we ask


def _send_contents(centre: Service, link: Link, done: Relayed, step: Step) -> None:
    """What the city's records name and we have; each is tried once a contact."""
    tried: set[str] = set()
    for _ in range(ROUNDS):
        done.stopped = done.stopped or step(3, "送照片和扫描件")
        if done.stopped:
            return
        with centre.store.apply() as session:
            card, code = let_in(session)
            made = contents.parts(session, centre.keys, card, code, blobs.ON_LINE, tried)
            part = next(made, None)
        if part is None:
            return
        _, names, data = part
        hear(centre, _exchange(link, data))
        tried.update(names)
        done.contents += len(names)


def _compare(centre: Service, link: Link, done: Relayed) -> bool:
    """Does the city show what we show? Once after each change; what it lacks is told again. Is
    there something to tell?"""
    with centre.store.apply() as session:
        card, code = let_in(session)
        if agreeing.last(session) == agreeing.position(session, card):
            return False
        part = forward.claim(session, centre.keys, card, code)
    if part is None:
        return False
    answer = _exchange(link, part.data)
    with centre.store.apply() as session:
        header, told = answered.told_in(session, centre.keys, card, answer)
        compared = agreeing.mend(session, centre.keys, card, header, told)
    if compared is not None:
        done.compare(compared.differed, compared.more)
    return bool(done.differed)


def tell_stations(centre: Service) -> None:
    """Each station hears, once a contact, how far the city has its words."""
    with centre.store.apply() as session:
        me = session.scalars(select(Replica.office_id)).one()
        rows = session.scalars(select(Known).where(Known.seq > Known.told, Known.office_id != me))
        for one in rows.all():
            downlink.dispatch_of(session, one.office_id)
            downlink.tell(session, one.office_id, [Reported(one.incarnation, one.seq)])
            one.told = one.seq


def _exchange(link: Link, data: bytes) -> bytes:
    try:
        return link.exchange(data)
    except Fault as fault:
        raise worded(fault) from None


def worded(fault: Fault) -> Fault:
    """In words that fit whom we are talking to."""
    return Fault(fault.kind, WORDS.get(fault.kind, fault.message), fault.after)


def _next(centre: Service) -> forward.Part:
    with centre.store.apply() as session:
        card, code = let_in(session)
        return next(forward.parts(session, centre.keys, card, code, ON_LINE))


def let_in(session: Session) -> tuple[CentreCard, str]:
    """Raises Fault where no city has let us in."""
    card = card_of(session)
    if not is_joined(session):
        raise Fault("unknown", "市级还没有批准本区中心，没有转报。请先读入市级给的批准文件")
    me = session.scalars(select(Replica)).one()
    return card, session.scalar(select(Office.code).where(Office.id == me.office_id)) or "0"


def _standing(centre: Service) -> list[object]:
    with centre.store.look() as session:
        city = session.scalars(select(City)).one()
        known = session.execute(select(Known.office_id, Known.incarnation, Known.seq)).all()
        epoch = session.scalar(select(Replica.centre_epoch))
        return [epoch, city.epoch, city.seq, sorted(map(tuple, known))]


def hear(centre: Service, answer: bytes) -> list[Known]:
    """Take in an answer of the city. Raises Fault."""
    with centre.store.apply() as session:
        rose, moved = answered.hear(session, centre.keys, card_of(session), answer)
    if moved and centre.journal is not None:
        told_card.keep_beside(centre.journal.folder, moved)
    return rose


def read_answer(centre: Service, answer: bytes) -> Relayed:
    """An answer of the city that a stick brought: what it has, and what it shows otherwise, which
    the next stick tells again. Raises Fault."""
    done = Relayed()
    with centre.store.look() as session:
        card, _ = let_in(session)
    done.streams = len(hear(centre, answer))
    with centre.store.apply() as session:
        done.moved = card_of(session).way != card.way
        header, told = answered.told_in(session, centre.keys, card, answer)
        compared = agreeing.mend(session, centre.keys, card, header, told)
    if compared is not None:
        done.compare(compared.differed, compared.more)
    with centre.store.apply() as session:
        said = "".join(("U盘带回了市级的回执。", *done.found("会重新报送"))).rstrip("。")
        remember(session, STICK, done, "done", said)
    tell_stations(centre)
    return done


def pack_stick(centre: Service, folder: Path, step: Step = go_on) -> Written:
    """All that the city lacks, onto a stick; our earlier files there are no longer needed, unless
    ``step`` stops it between two files."""
    centre.keep()
    with centre.store.apply() as session:
        card, code = let_in(session)
        compare = agreeing.last(session) != agreeing.position(session, card)
        made = list(forward.parts(session, centre.keys, card, code, compare=compare))
        whole = len(made) + contents.part_count(session, card, blobs.ON_STICK)
        me = session.scalars(select(Replica.id)).one()
    earlier = _ours(folder, me)
    written: list[Path] = []
    stopped, count, entries = False, 0, 0
    for one in made:
        if stopped := step(*so_far(len(written), whole)):
            break
        written.append(files.put(folder, one.name, one.data))
        count, entries = count + one.count, entries + one.entries
    with centre.store.look() as session:  # a slow stick holds nobody up
        parts = contents.parts(session, centre.keys, card, code, blobs.ON_STICK)
        for name, _, data in parts if not stopped else ():
            if stopped := step(*so_far(len(written), whole)):
                break
            written.append(files.put(folder, name, data))
    for path in {*earlier} - {*written} if not stopped else ():  # one that fails keeps what it had
        files.take_away(path)
    with centre.store.apply() as session:
        remember(session, STICK, Relayed(entries=entries), "stopped" if stopped else "packed")
    return Written(written, count, entries, stopped)


def _ours(folder: Path, replica: str) -> list[Path]:
    return [
        path
        for path in files.found(folder)
        if _is(path, lambda header: header.kind in OF_DISTRICTS and header.sender == replica)
    ]


def _is(path: Path, wanted: Callable[[Header], bool]) -> bool:
    try:
        return wanted(pack.read(files.get(path)).header)
    except Fault:
        return False
