"""What the centre's people decide (裁定). The answer is an edit of the record by the centre, where
another value is to hold, and a ruling that goes down to the stations."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import not_, select
from sqlalchemy.orm import Session

from app import audit, handover, person, roles
from app.circles import hidden_in
from app.kit.refusal import Overtaken, Refusal
from app.kit.who import at_desk
from app.retiree.register import check
from app.ruling import aside
from app.ruling.aside import VOID
from app.ruling.lists import known_fact
from app.ruling.slip import Key, said_of
from models.entities import BY_NAME
from models.exchange import Change, Conflict
from models.kit import clock
from models.kit.base import Record, facts, from_wire
from models.kit.changes import base_of
from models.kit.validate import problem_of
from models.retiree import Retiree
from models.ruling import ANOTHER, NOW, OTHER, Ruling, concerned, is_ruled

SHORTEST = 2


@dataclass(frozen=True, slots=True)
class Choice:
    """The answer to one field: the present value, that of another change, or a value of one's own.
    ``seen`` is the change whose value was on screen as the present one."""

    key: Key
    choice: str
    seen: str
    change_id: str = ""
    value: Any = None


def rule(session: Session, about: str, choices: Sequence[Choice], ground: str) -> str:
    """Decide some fields of a person. The value that shall hold becomes the record's, and both
    sides are told with the ground. Returns the sentence for the toast."""
    roles.allow(at_desk(session), "ruling", "write")
    if len(ground.strip()) < SHORTEST:
        raise Refusal("请写明依据，例如“身份证原件”“社保局回函”", "ground")
    if not choices:
        raise Refusal("还没有选择采用哪一个值")
    _agree(session, choices)
    settled: set[Key] = set()
    labels = [_rule(session, about, one, ground.strip(), settled) for one in choices]
    for one in choices:
        _with_its_action(session, one, ground.strip())
    session.flush()
    handover.end(session, about)
    name = person.names(session, [about]).get(about, "")
    audit.note(session, "裁定争议", choices[0].key[0], about, "、".join(labels))
    return f"已裁定 {name} 的{'、'.join(labels)}，下次联系时告诉站点"


def _agree(session: Session, choices: Sequence[Choice]) -> None:
    """Several disputes of one action are answered alike."""
    taken = {part.change_id for one in choices for part in _taken(session, one)}
    for one in choices:
        if one.change_id not in taken and any(
            case.other_change in taken for case in _open_cases(session, one.key)
        ):
            raise Refusal("有几项是同一次操作里填的，要么都采用，要么都不采用")


def _taken(session: Session, one: Choice) -> list[aside.Part]:
    """The action that is taken with this choice."""
    return aside.action_of(session, one.change_id) if one.choice == OTHER else []


def _open_cases(session: Session, key: Key) -> Sequence[Conflict]:
    name, record_id, field = key
    return session.scalars(
        select(Conflict).where(
            Conflict.entity == name,
            Conflict.entity_id == record_id,
            Conflict.field == field,
            not_(is_ruled()),
        )
    ).all()


def _rule(session: Session, about: str, one: Choice, ground: str, settled: set[Key]) -> str:
    """``settled``: fields that an action decided before has brought along."""
    name, record_id, field = one.key
    entity = BY_NAME[name]
    record = session.get(entity, record_id)
    if record is None:
        raise Overtaken("这个人的资料已经清除，不用再裁定")
    if field in hidden_in(session, entity, vars(record)):
        raise Refusal(f"{known_fact(entity, field).label}不在您的查看范围，请中心主任裁定")
    cases = [case for case in _open_cases(session, one.key) if case.about == about]
    if one.key not in settled:
        if not cases or base_of(record.stamps, field) != one.seen:
            raise Overtaken(_why_not(session, one.key, known_fact(entity, field).label))
        parts = _taken(session, one)
        if parts:
            aside.take(session, parts)
            beside = aside.cases_of(session, parts)
            settled |= {(case.entity, case.entity_id, case.field) for case in beside}
        elif field == VOID and one.choice == OTHER:
            aside.void_again(session, one.change_id, one.seen)
            parts = aside.parts_of(session, one.change_id)
        for part, value in _values(session, entity, one).items() if not parts else ():
            setattr(record, part, value)
    for case in cases:
        _tell(session, case, one.seen if one.choice == NOW else one.change_id, ground)
    return known_fact(entity, field).label


def _why_not(session: Session, key: Key, label: str) -> str:
    """Somebody else decided it meanwhile, or it changed once more."""
    name, record_id, field = key
    earlier = session.scalars(
        select(Ruling)
        .where(
            Ruling.entity == name,
            Ruling.record_id == record_id,
            Ruling.item == field,
            Ruling.is_void.is_(False),
        )
        .order_by(Ruling.ruled_at.desc())
        .limit(1)
    ).first()
    if earlier is not None and not _open_cases(session, key):
        who = f"已由 {earlier.ruled_by} 裁定" if earlier.ruled_by else "已经没有争议"
        return f"{label}{who}，不用再定"
    return f"{label}刚刚又有变动，请再看一遍再定"


def _with_its_action(session: Session, one: Choice, ground: str) -> None:
    """The other disputes of the actions that were taken or left with this choice."""
    name, record_id, field = one.key
    for said in session.scalars(
        select(Conflict.other_change).where(
            Conflict.entity == name, Conflict.entity_id == record_id, Conflict.field == field
        )
    ).all():
        parts = aside.action_of(session, said)
        is_taken = one.choice == OTHER and said == one.change_id
        if parts and not is_taken:
            aside.leave(session, parts)
        for case in aside.cases_of(session, parts, not_(is_ruled())):
            _tell(session, case, case.other_change if is_taken else case.kept_change, ground)


def _tell(session: Session, case: Conflict, holds: str, ground: str) -> None:
    for office_id in concerned(session, case, at_desk(session).office_id):
        session.add(_ruling(session, case, office_id, holds, ground))
    session.flush()


def _values(session: Session, entity: type[Record], one: Choice) -> dict[str, Any]:
    """What is to be written: nothing where the present value holds; with a number of one's own
    also what follows from it."""
    field = one.key[2]
    if one.choice == NOW:
        return {}
    if one.choice == OTHER:
        return {field: _of_the_other(session, entity, one)}
    if entity is Retiree:
        done = check(session, {field: one.value}, one.key[1])
        if field in done.errors:
            raise Refusal(done.errors[field].message, field)
        return dict(done.values)
    problem = problem_of(facts(entity)[field], one.value)
    if problem is not None:
        raise Refusal(problem.message, field)
    return {field: one.value}


def _of_the_other(session: Session, entity: type[Record], one: Choice) -> Any:
    change = session.scalars(
        select(Change)
        .where(Change.change_id == one.change_id, Change.entity_id == one.key[1])
        .limit(1)
    ).first()
    if change is None or change.payload is None:
        raise Refusal("那一边的值已经不在了，请另定一个值")
    return from_wire(entity, one.key[2], said_of(one.key[2], change)[0])


def _ruling(session: Session, case: Conflict, office_id: str, holds: str, ground: str) -> Ruling:
    person = session.get(Retiree, case.about)
    choice = {case.kept_change: NOW, case.other_change: OTHER}.get(holds, ANOTHER)
    return Ruling(
        office_id=office_id,
        retiree_id=person.id if person else None,
        conflict_id=case.id,
        entity=case.entity,
        record_id=case.entity_id,
        item=case.field,
        kept_change=case.kept_change,
        other_change=case.other_change,
        choice=choice,
        ground=ground,
        ruled_at=clock.now(),
        ruled_by=at_desk(session).name,
    )
