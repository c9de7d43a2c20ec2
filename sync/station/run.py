"""One exchange from a station's side, over any link. Every answer is applied in a transaction of
its own; stopping or dying anywhere loses nothing and doubles nothing."""

import logging
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import attachment as contents
from models.exchange import Change, Contact, Replica
from models.kit import clock
from models.kit.base import table_of
from models.kit.bulk import insert_rows
from models.kit.db import Store
from models.kit.ids import new_id
from sync import blobs, versions
from sync.centre_card import CentreCard, centre_card
from sync.fault import TOO_BIG, UNREACHABLE, Fault, unreachable
from sync.keys import Keys
from sync.link import LONG, Link, Step, go_on, size_words
from sync.station import damage, inbox, outbox, reported

ROUNDS = 200
# a lost line costs at most one of these, and the centre decides each in a moment
ON_LINE = 2 * 2**20
NETWORK = "网络"
APART = timedelta(minutes=5)
LOST = (
    "已经 {days} 天连不上区中心，它的联网地址可能换了。资料都存在本机；"
    "请带U盘到区中心交换一次，新地址会自动记下，不用重新开通"
)
MOVED = "区中心的联网地址或证书换了，已经记下，以后自动用新的，不用另外办理"
DOUBTED = (
    "本机读到过的回执，区中心没有记录，本机又没有它签过名的凭据，区中心暂时没有发来新的内容。"
    "本机资料都在，请打电话告诉区中心"
)
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Exchanged:
    """What one exchange did. ``pending`` changes have no verdict yet, or contents of attachments
    no receipt; ``unsent`` changes the centre does not even have; ``contents`` were delivered (or
    written on a stick), ``fetched`` came; ``waiting``: the centre has stored what we sent and
    decides it later; ``doubted``: it does not believe what we say to have read of it; ``anew``
    says how many changes were offered again where our stream had to begin anew, ``begun`` that
    the centre began to count anew; ``moved`` is the centre's word that it is reached elsewhere;
    ``erased`` are people whose data went by its order; ``ahead`` by how much the centre's clock
    was before ours, where that is known."""

    sent: int = 0
    received: int = 0
    decided: int = 0
    pending: int = 0
    unsent: int = 0
    remaining: int = 0
    receipt: str = ""
    forked: bool = False
    stopped: bool = False
    waiting: bool = False
    doubted: bool = False
    contents: int = 0
    fetched: int = 0
    anew: int | None = None
    begun: bool = False
    moved: bytes = b""
    ahead: timedelta | None = None
    erased: list[str] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)

    def add(self, more: "Exchanged") -> None:
        """Another round of the same contact."""
        self.sent += more.sent
        self.received += more.received
        self.decided += more.decided
        self.pending, self.unsent = more.pending, more.unsent
        self.receipt = more.receipt or self.receipt
        self.stopped, self.waiting = self.stopped or more.stopped, more.waiting
        self.doubted = more.doubted
        self.begun = self.begun or more.begun
        self.moved = more.moved or self.moved
        self.ahead = more.ahead or self.ahead
        self.erased += more.erased
        self.changed |= more.changed

    def add_contents(self, carried: blobs.Carried) -> None:
        """What was carried after the changes."""
        self.contents += carried.delivered
        self.fetched += carried.fetched
        if carried.fetched or carried.delivered:
            self.changed |= {"attachment"}


@dataclass(frozen=True, slots=True)
class Standing:
    """How the station stands with its centre, from facts in the database alone. ``upgrade`` says
    whose program is older and what is safe; empty where both are alike. ``at_city`` is how far the
    city has our stream, None where there is none. Of the ``pending``, the oldest was written at
    ``oldest_pending_at``, and ``arrived`` the centre has without having decided them."""

    total: int
    acked: int
    pending: int
    unsent: int
    approved: bool
    last_confirmed_at: datetime | None
    oldest_pending_at: datetime | None
    upgrade: str = ""
    at_city: int | None = None
    arrived: int = 0


def sync_now(
    store: Store,
    keys: Keys,
    link: Link,
    office_code: str,
    step: Step | None = None,
    done: Exchanged | None = None,
) -> Exchanged:
    """Send what waits, read all answers. ``step`` of 1 to 4 may return True to stop.
    Raises Fault; the failed contact is remembered too, and ``done`` says how far it came."""
    done = done or Exchanged()
    try:
        is_remembered = _talk(store, keys, link, office_code, done, step or go_on)
    except Fault as fault:
        told = Fault(UNREACHABLE, _lost(store)) if fault.kind == UNREACHABLE else fault
        remember(store, NETWORK, done, "failed", told.message)
        raise told from None
    if not is_remembered:
        remember(store, NETWORK, done, _result(done), "")
    return done


def _lost(store: Store) -> str:
    """What to do where nobody answers, once that is no passing trouble."""
    at = table_of(Contact).c
    with store.look() as session:
        since = session.scalar(
            select(func.max(at.at)).where(at.way == NETWORK, at.result != "failed")
        ) or session.scalar(select(func.min(at.at)).where(at.way == NETWORK))
    days = (clock.now() - since).days if since else 0
    return LOST.format(days=days) if days >= LONG else unreachable().message


def _result(done: Exchanged) -> str:
    """As the exchange history names it."""
    if done.stopped:
        return "stopped"
    return "waiting" if done.waiting else "done"


def _talk(
    store: Store, keys: Keys, link: Link, office_code: str, done: Exchanged, step: Step
) -> bool:
    """Changes round after round until nothing is left on either side, then contents. A contact
    without contents ends in the transaction that reads its last answer; was it remembered there?"""
    is_over = _talk_of_changes(store, keys, link, office_code, done, step)
    if is_over or done.stopped or done.forked:
        return is_over
    with store.look() as session:
        card = centre_card(session)
    station = blobs.Station(keys, card, office_code)
    said = blobs.carry(store, station, link, lambda words, share: step(2, words, share))
    done.stopped = said.stopped
    done.add_contents(said)
    with store.look() as session:
        done.pending = outbox.waiting(session)
    if not done.stopped:
        step(4, "已核对")
    return False


def _talk_of_changes(
    store: Store,
    keys: Keys,
    link: Link,
    office_code: str,
    done: Exchanged,
    step: Step,
) -> bool:
    """Is the contact over and remembered?"""
    before: tuple[int, int] | None = None
    most, prove = ON_LINE, False
    for _ in range(ROUNDS):
        step(1, "正在整理待上报的资料")
        with store.look() as session:
            card = centre_card(session)
            parts = outbox.parts(session, keys, card, office_code, most, prove=prove, stays=False)
        whole, sent = sum(len(one.data) for one in parts), 0
        words = f"正在上报，共 {sum(one.count for one in parts)} 条（{size_words(whole)}）"
        for part in parts:
            if step(2, words, sent / whole):
                done.stopped = True
                return False
            sent += len(part.data)
            try:
                answer = link.exchange(part.data)
            except Fault as fault:
                if fault.kind != TOO_BIG or part.count < 2:
                    raise
                most, before = min(most, len(part.data)) // 2, None
                break
            done.ahead = getattr(link, "ahead", None)  # a line that knows the centre's clock
            if part is parts[-1]:
                step(3, "正在接收区中心的回执")
            done.sent += part.count
            got, is_over = take(store, keys, card, answer, done, NETWORK)
            if is_over:
                step(4, "已核对")
            if got.is_last:
                return is_over
            if got.doubted and not prove:
                prove, before = True, None
                break
        at = (done.unsent, done.received)
        if at == before:
            break  # the answers bring us no further, however often we ask
        before = at
    return False


def take(
    store: Store, keys: Keys, card: CentreCard, answer: bytes, done: Exchanged, way: str = ""
) -> tuple[inbox.Received, bool]:
    """Apply one answer in one transaction and add it up. With a ``way``, the answer that leaves
    nothing to be said on either side also ends the contact: it is then remembered, and over. On a
    line the centre says at once again what the disk did not keep; a stick takes a trip for it. What
    hangs on a record that is lost here is passed over, for the comparison to bring."""
    before = replace(done, erased=[*done.erased], changed={*done.changed})
    try:
        return _take(store, keys, card, answer, done, way)
    except IntegrityError:
        log.warning("a record that others link to is not here any more")
        for one in fields(done):
            setattr(done, one.name, getattr(before, one.name))
        return _take(store, keys, card, answer, done, way, careful=True)


def _take(
    store: Store,
    keys: Keys,
    card: CentreCard,
    answer: bytes,
    done: Exchanged,
    way: str,
    *,
    careful: bool = False,
) -> tuple[inbox.Received, bool]:
    with store.apply(again=bool(way)) as session:
        session.info[damage.CAREFUL] = careful
        got = inbox.receive(session, keys, card, answer, done.ahead if way else None)
        done.received += got.items
        done.decided += got.decided
        done.remaining = got.remaining
        done.receipt = got.receipt or done.receipt
        done.changed |= got.changed
        done.forked, done.waiting = done.forked or got.forked, got.waiting
        done.begun, done.doubted = done.begun or got.begun, got.doubted
        done.moved = got.moved or done.moved
        done.erased += got.erased
        (done.pending, is_due), done.unsent = outbox.left(session), got.unsent
        is_over = bool(way) and got.is_last and not is_due
        if is_over:
            _note(session, way, done, _result(done), "")
    if got.erased or got.sweeps:
        store.scrub(noted=True)
    return got, is_over


def remember(store: Store, way: str, done: Exchanged, result: str, message: str) -> None:
    """Write the contact into the exchange history (交换记录), which never travels."""
    with store.apply() as session:
        _note(session, way, done, result, message)


def _note(session: Session, way: str, done: Exchanged, result: str, message: str) -> None:
    row = {
        "id": new_id(),
        "at": clock.now(),
        "way": way,
        "sent": done.sent + done.contents,
        "received": done.received + done.fetched,
        "result": result,
        "message": "；".join(filter(None, (message, _noted(done)))) or None,
        "receipt": done.receipt or None,
    }
    insert_rows(session, table_of(Contact), [row])


def _noted(done: Exchanged) -> str:
    words = (MOVED if done.moved else "", DOUBTED if done.doubted else "")
    return "；".join(filter(None, (erased_words(done.erased), *words, clock_words(done.ahead))))


def clock_words(ahead: timedelta | None) -> str:
    """Where one of the two clocks is wrong; empty where they agree well enough."""
    if ahead is None or abs(ahead) < APART:
        return ""
    off = abs(ahead)
    hours, minutes = off.seconds // 3600, off.seconds // 60
    span = f"{off.days} 天" if off.days else f"{hours} 小时" if hours else f"{minutes} 分钟"
    word = "慢" if ahead > timedelta() else "快"
    return f"本机的时钟比区中心{word} {span}，请核对两边电脑的日期和时间。资料已送到，没有影响"


def erased_words(people: list[str]) -> str:
    """Without a word of who they were; empty where nobody was erased."""
    if not people:
        return ""
    return f"按规定清除了 {len(people)} 人的资料（编号 {'、'.join(people)}）"


def standing(session: Session) -> Standing:
    """For the bottom of the navigation and 数据交换."""
    me = session.scalars(select(Replica)).one()
    last = session.scalar(select(func.max(Contact.at)).where(Contact.receipt.is_not(None)))
    undecided = Change.outcome.is_(None)
    oldest = session.scalar(select(func.min(Change.hlc)).where(undecided))
    since = [contents.waits_since(session), clock.from_millis(oldest >> 16) if oldest else None]
    here = (Change.incarnation == me.incarnation, Change.seq <= me.acked_seq)
    arrived = select(func.count()).select_from(Change).where(undecided, *here)
    return Standing(
        total=me.seq,
        acked=me.acked_seq,
        pending=outbox.waiting(session),
        unsent=me.seq - me.acked_seq,
        approved=me.approved_at is not None,
        last_confirmed_at=last,
        oldest_pending_at=min(filter(None, since), default=None),
        upgrade=versions.behind(me.centre_schema),
        at_city=reported.position(session),
        arrived=session.scalar(arrived) or 0,
    )
