"""R47: two registrations of one person at one station (重复登记) become one.

They come from a move to where the person was registered already, or from two computers that did
not know of each other. What was noted under the one that goes is entered under the one that is
kept, under ids that follow from both: two computers that join them make the same records. Then the
other is voided with all it had, so the whole is one action that can be taken back.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit, cert_task, circles, draft, nouns, person, roles, suspicion
from app.certification.record import last_valid, settle_again
from app.kit.refusal import Refusal
from app.kit.who import at_desk
from app.retiree.void import void_registration
from app.undo import UNDO_REASON
from app.visit.plan import PLAN, plan_visits, put_plan
from app.voided import as_entered, entered_as
from models.attachment import PORTRAIT, Attachment
from models.cert_task import CONTACTED, DUE, HOME, OVERDUE, TASK_STATES
from models.certification import REFUSED, Certification
from models.consent import Consent
from models.family import Family
from models.kit import clock
from models.kit.base import BIRTH, Record, facts
from models.kit.fields import Fact
from models.kit.ids import named_id
from models.kit.states import move
from models.retiree import ADDRESS_PARTS, Retiree
from models.survey import Survey
from models.suspicion import Suspicion
from models.tag import Tag
from models.visit import Visit
from models.visit_plan import VisitPlan

FOLLOWING: tuple[type[Any], ...] = (
    Family, Tag, Consent, Visit, Survey, Certification, Suspicion, Attachment,
)  # fmt: skip
"""What is noted about a person, whatever it hangs on first. Tasks and plans the program makes
itself; how each registration came and went (变动) stays with it."""
SEEN = "见到本人（两份登记合并）"
LINKS = ("visit_id", "certification_id", "family_id")
OWN = frozenset(
    {
        "id", "office_id", "created_at", "created_by", "is_void", "void_reason", "id_type", "id_no",
        "id_doubtful", "no_phone", "manage_state", "pay_state", "last_certified_on", "import_id",
        "received_on", "received_way", "employer_id", *ADDRESS_PARTS,
    }
)  # fmt: skip
"""Of the registration itself, or following from what is chosen."""

OF_RELATIVES = frozenset(facts(Family)) - BIRTH - {"retiree_id", "void_reason", "contact_order"}


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: whose it is, since when, and how much was noted under it."""

    id: str
    name: str
    place: str
    since: str
    counts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that both fill in, each its own way; as people read it."""

    field: str
    label: str
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Joining:
    """Both, the one that is kept first, and where they differ."""

    sides: tuple[Side, Side]
    differences: tuple[Difference, ...]


def to_join(session: Session, retiree_id: str) -> Joining:
    """What there is to choose before this and the other registration become one; raises Refusal
    where they cannot."""
    who = person.get(session, retiree_id)
    one, other = _both(session, who.id, person.twin(session, who) or who.id)
    hidden = circles.hidden_fields(session, Retiree)
    return Joining(
        (_side(session, one), _side(session, other)),
        tuple(
            Difference(name, fact.label, _shown(fact, one, name), _shown(fact, other, name))
            for name, fact in facts(Retiree).items()
            if name not in hidden and _differ(one, other, name)
        ),
    )


def join(session: Session, one_id: str, other_id: str, taken: Collection[str] = ()) -> str:
    """Make the two one, the one that was registered first: two computers at once never void both.
    Of the fields ``taken`` the later one's value stands, empty ones are filled from it. Returns the
    sentence for the toast; raises Refusal."""
    kept, other = _both(session, one_id, other_id)
    may = set(facts(Retiree)) - circles.hidden_fields(session, Retiree)
    for name in {*_lacking(kept, other), *(set(taken) & may)} - OWN:
        _take(kept, other, name)
    without = kept.no_phone or other.no_phone
    kept.no_phone = without and not person.phone(kept)
    session.flush()
    count = _follow(session, kept, other)
    _tasks(session, kept, other)
    void_registration(session, other.id, person.JOINED)
    draft.hand_on(session, Visit.__tablename__, other.id, kept.id)
    session.flush()
    if not person.twin(session, kept):
        _settle(session, kept)
    cert_task.open_tasks(session, only=[kept.id])
    plan_visits(session, only=[kept.id])
    more = f"，{count} 条记录并入保留的一份" if count else ""
    said = f"{kept.name} 的两份登记已合并{more}"
    audit.note(session, "合并登记", "retiree", kept.id, said, people=[kept.id, other.id])
    return said


def follow(session: Session) -> int:
    """What another computer noted under a registration that was joined meanwhile is entered under
    the one that is kept; how many. Doing it again changes nothing."""
    gone = select(Retiree).where(Retiree.is_void.is_(True), Retiree.void_reason == person.JOINED)
    count = 0
    for other in session.scalars(gone.order_by(Retiree.id)).all():
        kept = person.in_use(session, other)
        if kept is not None:
            draft.hand_on(session, Visit.__tablename__, other.id, kept.id)
        late = [one for noun in FOLLOWING for one in _noted(session, noun, other)]
        if late and kept is not None:
            count += _follow(session, kept, other)
            for one in late:
                one.is_void, one.void_reason = True, person.JOINED
    return count


# what can be joined -------------------------------------------------------------------------


def _both(session: Session, one_id: str, other_id: str) -> tuple[Retiree, Retiree]:
    """In the order in which they were registered."""
    roles.allow(at_desk(session), "retiree", "write")
    kept, other = (person.get(session, key) for key in sorted((one_id, other_id)))
    if kept.id == other.id or kept.id_no != other.id_no or kept.office_id != other.office_id:
        raise Refusal("只有同一身份证号在本站的两份登记可以合并，请刷新")
    if kept.manage_state != other.manage_state:
        words = f"“{person.state_word(kept)}”和“{person.state_word(other)}”"
        raise Refusal(f"两份登记的管理状态不同（{words}），请先把登错的一份更正过来，再合并")
    return kept, other


def _differ(kept: Retiree, other: Retiree, name: str) -> bool:
    mine, theirs = getattr(kept, name), getattr(other, name)
    return name not in OWN and not _empty(mine) and not _empty(theirs) and mine != theirs


def _shown(fact: Fact, who: Retiree, name: str) -> str:
    return fact.kind.show(getattr(who, name))


def _lacking(kept: Retiree, other: Retiree) -> list[str]:
    return [
        name
        for name in facts(Retiree)
        if name not in OWN and _empty(getattr(kept, name)) and not _empty(getattr(other, name))
    ]


def _empty(value: Any) -> bool:
    return value is None or value == ""


def _take(kept: Retiree, other: Retiree, name: str) -> None:
    for one in (name, *(ADDRESS_PARTS if name == "live_address" else ())):
        setattr(kept, one, getattr(other, one))
    if name == "employer_name":
        kept.employer_id = other.employer_id


def _side(session: Session, who: Retiree) -> Side:
    noted = ((noun, len(_noted(session, noun, who))) for noun in FOLLOWING)
    counts = [(nouns.of(noun.__tablename__).word, number) for noun, number in noted if number]
    since = f"{who.received_on}" if who.received_on else ""
    return Side(who.id, who.name, person.place(who), since, tuple(counts))


# what follows -------------------------------------------------------------------------------


def _follow(session: Session, kept: Retiree, other: Retiree) -> int:
    """Enter under the one what was noted under the other; how many."""
    now: dict[str, str] = {}
    count = 0
    for noun in FOLLOWING:
        there = _is_there(session, noun, kept, now)
        for one in _noted(session, noun, other):
            same = there(one)
            if same is None:
                same = _enter(session, kept, one, now)
                count += 1
            else:
                _complete(same, one)
            now[one.id] = same.id
    _plan(session, kept, other)
    session.flush()
    for old in _noted(session, Certification, other):
        again = session.get_one(Certification, now[old.id])
        if not again.is_void:
            settle_again(session, again)
    last = suspicion.alive_after(session, kept.id, date.min)
    if last is not None:
        suspicion.reached(session, kept.id, last, SEEN)
    return count


def _complete(same: Record, one: Record) -> None:
    """What only the other says of it, where more can be said."""
    for name in _SAID_OF.get(type(one), ()):
        if _empty(getattr(same, name)):
            setattr(same, name, getattr(one, name))


def _noted(session: Session, noun: type[Any], who: Retiree) -> Sequence[Any]:
    kept = (noun.retiree_id == who.id, noun.is_void.is_(False))
    query = select(noun).where(*kept).order_by(noun.created_at, noun.id)
    if noun is Suspicion:
        query = query.where(Suspicion.reason != suspicion.TWICE)
    return session.scalars(query).all()


def _enter(session: Session, kept: Retiree, one: Any, now: dict[str, str]) -> Any:
    """The same record of the one that is kept; made again after it was taken back, it comes back
    as it is now."""
    noun: type[Record] = type(one)
    key, there = entered_as(session, noun, kept.id, one.id)
    made: Any = there
    if made is not None and _went_on(made):
        return made
    if made is None:
        made = noun(id=key)
        session.add(made)
    for name in facts(noun):
        if name not in ("office_id", "retiree_id"):
            setattr(made, name, getattr(one, name))
    made.retiree_id, made.is_void = kept.id, False
    for name in LINKS:
        link = getattr(one, name, None)
        if link is not None:
            setattr(made, name, now.get(link))
    if hasattr(made, "task_id"):
        made.task_id = None
    return made


def _went_on(made: Record) -> bool:
    """Did somebody correct or void since what a joining made?"""
    return made.void_reason != UNDO_REASON if made.is_void else not as_entered(made)


def _is_there(
    session: Session, noun: type[Any], kept: Retiree, now: dict[str, str]
) -> Callable[[Any], Any]:
    """Finds what says the same under the one that is kept, and hangs on the same."""
    said = _SAME.get(noun)
    if said is None:
        return lambda _one: None
    there = [(said(one), one) for one in _noted(session, noun, kept)]

    def find(one: Any) -> Any:
        places = [(name, now.get(getattr(one, name, None) or "")) for name in LINKS]
        alike = (
            it
            for what, it in there
            if what is not None
            and what == said(one)
            and all(getattr(it, name, None) == place for name, place in places)
        )
        return next((it for it in alike if noun is not Family or _agree(it, one)), None)

    return find


def _agree(mine: Family, theirs: Family) -> bool:
    """Nothing that both say of a relative is said differently."""
    both = ((getattr(mine, name), getattr(theirs, name)) for name in OF_RELATIVES)
    return all(_empty(one) or _empty(other) or one == other for one, other in both)


def _holds(one: Tag) -> bool:
    return one.until_on is None or one.until_on > clock.today()


def _same_doubt(one: Suspicion) -> Any:
    return one.reason if one.decision is None else None


def _same_picture(one: Attachment) -> Any:
    return PORTRAIT if one.kind == PORTRAIT else (one.kind, one.sha256)


_SAME: dict[type[Any], Callable[[Any], Any]] = {
    Family: lambda one: (one.relation, one.name),
    Tag: lambda one: one.code if _holds(one) else None,
    Certification: lambda one: (one.certified_on, one.result, one.report_state == REFUSED),
    Suspicion: _same_doubt,
    Attachment: _same_picture,
}
"""Of these a person has no two that are alike."""
_SAID_OF: dict[type[Any], frozenset[str]] = {
    Family: OF_RELATIVES,
    Tag: frozenset({"evidence", "remark"}),
}


def _settle(session: Session, kept: Retiree) -> None:
    """The doubts about the number end, the centre's too, but not about what another station has."""
    mine = (Suspicion.retiree_id == kept.id, Suspicion.reason == suspicion.TWICE)
    joined = (Retiree.id_no == kept.id_no, Retiree.void_reason == person.JOINED)
    ours = set(session.scalars(select(Retiree.id).where(*joined, Retiree.is_void.is_(True))))
    found = session.scalars(select(Suspicion).where(*mine)).all()
    ours |= {f"{suspicion.TWICE} {number}" for number in range(len(found))}
    named = {named_id(kept.id, one) for one in ours}
    for one in found:
        if one.decision is None and not one.is_void and one.id in named:
            suspicion.decide(session, one.id, suspicion.PASSED, "两份登记已合并")


def _tasks(session: Session, kept: Retiree, other: Retiree) -> None:
    """The open task of the one goes on with what was tried and planned for the other, and with the
    day on which they were last certified, where that is known without a record."""
    last = other.last_certified_on
    if last is not None and last != last_valid(session, other.id):
        cert_task.settle(session, kept, last, None)
    mine, theirs = (cert_task.open_task(session, one.id) for one in (kept, other))
    if mine is None or theirs is None:
        return
    if theirs.attempts:
        tried = [*(mine.attempts or ()), *theirs.attempts]
        mine.attempts = sorted(tried, key=lambda one: str(one["at"]))
    if mine.state in (DUE, CONTACTED, OVERDUE) and theirs.state in (CONTACTED, HOME):
        verb = "plan_home" if theirs.state == HOME else "contact"
        mine.state = move(TASK_STATES, mine.state, verb)


def _plan(session: Session, kept: Retiree, other: Retiree) -> None:
    """Whoever was visited under either is next visited after that."""
    mine, theirs = (session.get(VisitPlan, named_id(one.id, PLAN)) for one in (kept, other))
    if theirs is None or theirs.last_on is None or theirs.next_on is None:
        return
    if mine is None or mine.last_on is None or mine.last_on < theirs.last_on:
        last, next_on, reason = theirs.last_on, theirs.next_on, theirs.reason or ""
        put_plan(session, kept.id, last_on=last, next_on=next_on, reason=reason)
