"""Registering and editing a person: what can be derived is derived,
what is wrong is said in words, what is doubtful warns."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import cert_task, circles, employer, movement, person, suspicion
from app.kit.refusal import Refusal, Refusals
from app.kit.saved import Saved
from app.retiree.family import add_tags, put_family
from app.visit.plan import plan_visits
from models.employer import Employer
from models.kit import address, clock, codes, id_number, partial_date, person_name, phone, validate
from models.kit.base import facts
from models.kit.ids import new_id
from models.kit.kinds import PartialDay
from models.kit.reading import Problem
from models.retiree import DEAD, MANAGED, MOVED_OUT, SELF_MANAGED, Retiree

CITIZEN = "01"
ODD = "check_digit"
NEVER = frozenset({"id", "office_id", "created_at", "created_by", "is_void", "void_reason"})
USUAL_AGE = (45, 70)


@dataclass(slots=True)
class Checked:
    """The values as they would be stored, and what is to be said beside each field."""

    values: dict[str, Any]
    errors: dict[str, Problem] = field(default_factory=dict)
    warnings: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)


def check(
    session: Session,
    values: Mapping[str, Any],
    retiree_id: str | None = None,
    *,
    keep_odd_number: bool = False,
) -> Checked:
    """Look at a form without saving it. With an id only the given fields are judged, together
    with what is stored."""
    validate.only_known(Retiree, values, facts(Retiree).keys() - NEVER)
    stored = _stored(session, retiree_id)
    done = Checked({name: _clean(value) for name, value in values.items()})
    _name(done)
    _number(session, done, stored, retiree_id, keep_odd_number=keep_odd_number)
    _phones(done, stored)
    _address(session, done, retiree_id)
    _employer(session, done)
    _dates(done, stored)
    judged = set(facts(Retiree)) if retiree_id is None else set(done.values)
    for name, problem in validate.problems(Retiree, done.values, judged).items():
        done.errors.setdefault(name, problem)
    return done


def register(
    session: Session,
    values: Mapping[str, Any],
    *,
    contacts: Sequence[Mapping[str, Any]] = (),
    tags: Iterable[str | Mapping[str, Any]] = (),
    keep_odd_number: bool = False,
) -> Saved:
    """A new person on the books, with tasks and plan of their own."""
    circles.allow_fields(session, Retiree, [one for one in values if values[one] is not None])
    done = _passed(check(session, values, keep_odd_number=keep_odd_number))
    _link_employer(session, done)
    done.values.setdefault("received_on", clock.today())
    who = Retiree(id=new_id(), **done.values)
    if who.manage_state is None:
        who.manage_state = MANAGED
    session.add(who)
    session.flush()
    put_family(session, who.id, contacts)
    add_tags(session, who.id, tags)
    basis = codes.table("RECEIVED_WAY").name(who.received_way) or movement.AT_THE_DESK
    movement.received(session, who, who.received_on or clock.today(), basis)
    _after(session, who)
    return Saved(who.id, tuple(done.warnings.values()), tuple(done.notes.values()))


def edit(
    session: Session, retiree_id: str, values: Mapping[str, Any], *, keep_odd_number: bool = False
) -> Saved:
    """Change the given fields only. The state is moved by movements, never edited."""
    who = person.get(session, retiree_id)
    if who.manage_state in (DEAD, MOVED_OUT):
        raise Refusal(f"{who.name} 已登记{person.state_word(who)}，资料只读")
    if values.get("manage_state", who.manage_state) != who.manage_state:
        raise Refusal("管理状态请用“更多”里的登记办理，不能直接修改", "manage_state")
    circles.allow_fields(session, Retiree, values)
    done = _passed(check(session, values, retiree_id, keep_odd_number=keep_odd_number))
    _link_employer(session, done)
    for name, value in done.values.items():
        setattr(who, name, value)
    session.flush()
    _after(session, who)
    return Saved(who.id, tuple(done.warnings.values()), tuple(done.notes.values()))


def _after(session: Session, who: Retiree) -> None:
    if who.id_doubtful:
        detail = f"证件上就是 {id_number.mask(who.id_no)}，校验位不符"
        suspicion.open_suspicion(session, who.id, suspicion.NUMBER, detail)
    cert_task.open_tasks(session, only=[who.id])
    plan_visits(session, only=[who.id])


def _passed(done: Checked) -> Checked:
    if len(done.errors) == 1:
        ((name, problem),) = done.errors.items()
        raise Refusal(problem.message, name)
    if done.errors:
        raise Refusals(done.errors)
    return done


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip() or None
    return value


def _stored(session: Session, retiree_id: str | None) -> Mapping[str, Any]:
    if retiree_id is None:
        return {}
    who = person.get(session, retiree_id)
    return {name: getattr(who, name) for name in facts(Retiree)}


def _name(done: Checked) -> None:
    if "name" not in done.values:
        return
    read = person_name.check(done.values["name"])
    if read.problem is not None:
        done.errors["name"] = read.problem
        return
    done.values["name"] = read.text
    _say(done.warnings, "name", read.warnings)


def _number(
    session: Session,
    done: Checked,
    stored: Mapping[str, Any],
    retiree_id: str | None,
    *,
    keep_odd_number: bool,
) -> None:
    if "id_no" not in done.values:
        return
    kind = done.values.get("id_type") or stored.get("id_type") or CITIZEN
    if kind == CITIZEN:
        _citizen(done, keep_odd_number=keep_odd_number)
    elif done.values["id_no"]:
        done.values["id_no"] = id_number.normalise(done.values["id_no"]).upper()
    if "id_no" not in done.errors and done.values["id_no"]:
        twin = person.registered(session, done.values["id_no"], retiree_id)
        if twin is not None:
            words = f"这个号码已登记为 {person.label(twin)}"
            done.errors["id_no"] = Problem(words, kind=f"twin {twin.id}")


def _citizen(done: Checked, *, keep_odd_number: bool) -> None:
    said = done.values.get("sex")
    read = id_number.check(done.values["id_no"])
    odd = read.problem is not None and read.problem.kind == ODD
    if read.problem is not None and not (odd and keep_odd_number):
        done.errors["id_no"] = read.problem
        return
    done.values["id_no"] = read.text
    done.values["id_doubtful"] = odd
    done.values["birth_on"] = read.birth_on
    _say(done.warnings, "id_no", read.warnings)
    if said and read.sex and said in ("1", "2") and said != read.sex:
        table = codes.table("SEX")
        words = f"身份证显示为{table.name(read.sex)}，与所选“{table.name(said)}”不一致，请核对"
        done.warnings["sex"] = words
    elif read.sex:
        done.values["sex"] = read.sex


def _phones(done: Checked, stored: Mapping[str, Any]) -> None:
    given = [name for name in ("mobile", "phone") if name in done.values]
    for name in given:
        if done.values[name]:
            _phone(done, name)
    if given or "no_phone" in done.values or not stored:
        now = {**stored, **done.values}
        if not (now.get("mobile") or now.get("phone") or now.get("no_phone")):
            words = "手机、固定电话至少填一个；都没有请勾选“无电话”"
            done.errors.setdefault("mobile", Problem(words, kind="empty"))


def _phone(done: Checked, name: str) -> None:
    read = phone.parse(done.values[name])
    if read.problem is not None:
        done.errors[name] = read.problem
        return
    if read.more.get("no_phone"):
        done.values[name], done.values["no_phone"] = None, True
        return
    other = "phone" if name == "mobile" else "mobile"
    done.values[name] = read.more.get(name)
    if read.more.get(other):
        if done.values.get(other):
            done.values[name] = None
            done.notes[name] = f"{read.more[other]} 应填在另一栏，那里已有号码"
        else:
            done.values[other] = read.more[other]
    _say(done.notes, name, read.notes)


def _address(session: Session, done: Checked, retiree_id: str | None) -> None:
    if not done.values.get("live_address"):
        return
    read = address.parse(done.values["live_address"])
    done.values["live_address"] = read.text
    done.values.update(read.columns)
    if read.room and "live_address" not in done.errors:
        _household(session, done, read.sort_key, retiree_id)


def _household(session: Session, done: Checked, key: str, retiree_id: str | None) -> None:
    there = session.scalars(
        select(Retiree)
        .where(Retiree.address_key == key, Retiree.is_void.is_(False), Retiree.id != retiree_id)
        .limit(4)
    ).all()
    if there:
        names = "、".join(
            one.name + (f"（已{person.state_word(one)}）" if one.manage_state == DEAD else "")
            for one in there
        )
        words = f"这一户已登记 {len(there)} 人：{names}。如为同住配偶请继续"
        done.notes["live_address"] = words


def _employer(session: Session, done: Checked) -> None:
    name = done.values.get("employer_name")
    if not name:
        return
    done.values["employer_name"] = employer.tidy(name)
    found = employer.known(session, name)
    if found is None:
        done.notes["employer_name"] = f"“{employer.tidy(name)}”是新单位，保存后报区中心确认"
    elif found.self_managed:
        done.warnings["employer_name"] = (
            f"{found.name} 的退休人员由单位自管，保存后管理状态为“单位自管”，不列入本站名单"
        )


def _link_employer(session: Session, done: Checked) -> None:
    """An unknown employer becomes a proposal; a self-managed one keeps its people."""
    name = done.values.get("employer_name")
    if not name:
        return
    done.values["employer_id"] = employer.propose(session, name)
    found = session.get_one(Employer, done.values["employer_id"])
    if found.self_managed:
        done.values["manage_state"] = SELF_MANAGED


def _dates(done: Checked, stored: Mapping[str, Any]) -> None:
    for name, fact in facts(Retiree).items():
        if isinstance(fact.kind, PartialDay) and done.values.get(name):
            read = partial_date.parse(done.values[name], label=fact.label)
            if read.problem is not None:
                done.errors[name] = read.problem
            else:
                done.values[name] = read.text or None
                _say(done.warnings, name, read.warnings)
    for name, label in (("last_certified_on", "上次认证日期"), ("received_on", "接收日期")):
        day = done.values.get(name)
        if isinstance(day, date) and day > clock.today():
            done.errors[name] = Problem(f"{label} {day} 晚于今天，请核对", kind="future")
    _order(done, {**stored, **done.values})


def _order(done: Checked, now: Mapping[str, Any]) -> None:
    """Dates that do not fit each other."""
    start, end, born = now.get("work_start"), now.get("retired_on"), now.get("birth_on")
    if not {"work_start", "retired_on", "birth_on_archive", "id_no"} & set(done.values):
        return
    if start and end and end[: len(start)] < start[: len(end)]:
        words = f"退休时间 {end} 早于参加工作时间 {start}，请核对"
        done.errors.setdefault("retired_on", Problem(words, kind="order"))
    if end and born and "retired_on" not in done.errors:
        years = int(end[:4]) - born.year
        if not USUAL_AGE[0] <= years <= USUAL_AGE[1]:
            done.warnings["retired_on"] = f"按这个退休时间，退休时是 {years} 岁，请核对"
    archive = now.get("birth_on_archive")
    if archive and born and not born.isoformat().startswith(archive):
        words = f"档案认定的出生日期 {archive} 与身份证 {born} 不同，以档案最早记载为准，两者都保留"
        done.warnings["birth_on_archive"] = words


def _say(into: dict[str, str], name: str, words: Iterable[str]) -> None:
    text = "；".join(words)
    if text:
        into[name] = text
