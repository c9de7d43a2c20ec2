"""A district and its city: how it joins, and one contact over any link or by stick."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.exchange import Replica
from models.office import Office
from models.relay import City, Known
from sync import blobs, enrol, files, pack
from sync.centre import downlink
from sync.centre.parties import OF_DISTRICTS
from sync.centre.relay import agreeing, contents, forward
from sync.centre.relay.agreeing import Compared
from sync.centre.service import Centre
from sync.centre_card import CITY, CentreCard, city_card, keep
from sync.fault import Fault
from sync.keys import Keys
from sync.link import Link
from sync.message import Header, Reported

ROUNDS = 1000
# a lost line costs at most one of these
ON_LINE = 2 * 2**20


@dataclass(slots=True)
class Relayed:
    """What one contact did: words and items ``sent``, ``streams`` that the city now knows further.
    Where both sides compared, ``differed`` records were told again, and the city has ``more`` that
    we do not. ``contents`` are photos and scans that were sent."""

    sent: int = 0
    files: int = 0
    streams: int = 0
    differed: int = 0
    more: int = 0
    compared: bool = False
    contents: int = 0

    def take(self, one: Compared) -> None:
        """What a comparison found."""
        self.compared, self.differed, self.more = True, one.differed, one.more


def join(session: Session, keys: Keys, invited: enrol.Invited, sealed_key: str = "") -> bytes:
    """The district's answer to its city's invitation. Raises Fault for a second city."""
    known = city_card(session)
    if known is not None and known.id != invited.centre.id:
        raise Fault("joined", f"本区中心已经向“{known.name}”转报，不能再加入另一个")
    keep(session, invited.centre, CITY)
    return enrol.answer(session, keys, invited, sealed_key)


def joined(session: Session, keys: Keys, data: bytes) -> CentreCard:
    """Read the city's approval; from then on everything goes up."""
    card = card_of(session)
    enrol.accept(session, keys, card, data)
    if session.get(City, card.id) is None:
        session.add(City(id=card.id))
        session.flush()
    return card


def card_of(session: Session) -> CentreCard:
    """The city's; raises Fault where there is none."""
    card = city_card(session)
    if card is None:
        raise Fault("no_city", "本区中心还没有加入市级，不用转报。请先读入市级给的邀请文件")
    return card


def is_joined(session: Session) -> bool:
    """Has a city let us in?"""
    return session.scalar(select(City.id)) is not None


def over(centre: Centre, link: Link) -> Relayed:
    """Send all that the city lacks, until it says that it has it. Raises Fault."""
    centre.keep()
    done = Relayed()
    _send(centre, link, done)
    if _compare(centre, link, done):
        _send(centre, link, done)
    _send_contents(centre, link, done)
    tell_stations(centre)
    return done


def _send(centre: Centre, link: Link, done: Relayed) -> None:
    while done.files < ROUNDS:
        part = _next(centre)
        if not part.count and done.files:
            break
        before = _standing(centre)
        answer = _exchange(link, part.data)
        done.files += 1
        done.sent += part.count
        done.streams += len(hear(centre, answer))
        if _standing(centre) == before:
            break  # the answers bring us no further, however often we ask


def _send_contents(centre: Centre, link: Link, done: Relayed) -> None:
    """What the city's records name and we have; each is tried once a contact."""
    tried: set[str] = set()
    for _ in range(ROUNDS):
        with centre.store.apply() as session:
            card, code = _joined(session)
            made = contents.parts(session, centre.keys, card, code, blobs.ON_LINE, tried)
            part = next(made, None)
        if part is None:
            return
        _, names, data = part
        hear(centre, _exchange(link, data))
        tried.update(names)
        done.contents += len(names)


def _compare(centre: Centre, link: Link, done: Relayed) -> bool:
    """Does the city show what we show? Once after each change; what it lacks is told again. Is
    there something to tell?"""
    with centre.store.apply() as session:
        card, code = _joined(session)
        if agreeing.last(session) == agreeing.position(session, card):
            return False
        part = forward.claim(session, centre.keys, card, code)
    if part is None:
        return False
    answer = _exchange(link, part.data)
    with centre.store.apply() as session:
        header, told = forward.told_in(session, centre.keys, card, answer)
        compared = agreeing.mend(session, card, header, told)
    if compared is not None:
        done.take(compared)
    return bool(done.differed)


def tell_stations(centre: Centre) -> None:
    """Each station hears, once a contact, how far the city has its words."""
    with centre.store.apply() as session:
        me = session.scalars(select(Replica.office_id)).one()
        rows = session.scalars(select(Known).where(Known.seq > Known.told, Known.office_id != me))
        for one in rows.all():
            downlink.dispatch_of(session, one.office_id)
            downlink.tell(session, one.office_id, [Reported(one.incarnation, one.seq)])
            one.told = one.seq


def _exchange(link: Link, data: bytes) -> bytes:
    """Raises Fault in words that fit whom we are talking to."""
    try:
        return link.exchange(data)
    except Fault as fault:
        words = {
            "unreachable": "连不上市级，本区中心的资料没有影响，稍后会自动再报",
            "busy": "市级正忙，本区中心的资料没有影响，稍后会自动再报",
            "revoked": "市级已停用本区中心的这台电脑，没有转报。资料都在，请与市级联系",
            "centre": "市级暂时不能接收，本区中心的资料没有影响，稍后会自动再报",
        }
        raise Fault(fault.kind, words.get(fault.kind, fault.message), fault.after) from None


def _next(centre: Centre) -> forward.Part:
    with centre.store.apply() as session:
        card, code = _joined(session)
        return next(forward.parts(session, centre.keys, card, code, ON_LINE))


def _joined(session: Session) -> tuple[CentreCard, str]:
    card = card_of(session)
    if not is_joined(session):
        raise Fault("unknown", "市级还没有批准本区中心，没有转报。请先读入市级给的批准文件")
    me = session.scalars(select(Replica)).one()
    return card, session.scalar(select(Office.code).where(Office.id == me.office_id)) or "0"


def _standing(centre: Centre) -> list[object]:
    with centre.store.look() as session:
        city = session.scalars(select(City)).one()
        known = session.execute(select(Known.office_id, Known.incarnation, Known.seq)).all()
        epoch = session.scalar(select(Replica.centre_epoch))
        return [epoch, city.epoch, city.seq, sorted(map(tuple, known))]


def hear(centre: Centre, answer: bytes) -> list[Known]:
    """Take in an answer of the city. Raises Fault."""
    with centre.store.apply() as session:
        return forward.hear(session, centre.keys, card_of(session), answer)


def read_answer(centre: Centre, answer: bytes) -> Relayed:
    """An answer of the city that a stick brought: what it has, and what it shows otherwise, which
    the next stick tells again. Raises Fault."""
    done = Relayed()
    with centre.store.apply() as session:
        card = card_of(session)
        done.streams = len(forward.hear(session, centre.keys, card, answer))
        header, told = forward.told_in(session, centre.keys, card, answer)
        compared = agreeing.mend(session, card, header, told)
    if compared is not None:
        done.take(compared)
    tell_stations(centre)
    return done


def pack_stick(centre: Centre, folder: Path) -> tuple[list[Path], int]:
    """All that the city lacks, onto a stick; our earlier files there are no longer needed."""
    centre.keep()
    with centre.store.apply() as session:
        card, code = _joined(session)
        compare = agreeing.last(session) != agreeing.position(session, card)
        made = list(forward.parts(session, centre.keys, card, code, compare=compare))
        me = session.scalars(select(Replica.id)).one()
    for path in _ours(folder, me):
        files.take_away(path)
    written = [files.put(folder, one.name, one.data) for one in made]
    with centre.store.apply() as session:
        for name, _, data in contents.parts(session, centre.keys, card, code, blobs.ON_STICK):
            written.append(files.put(folder, name, data))
    return written, sum(one.count for one in made)


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
