"""What the centre and the agency know already (W1.1): it closes tasks; a refusal reopens them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from app import cert_task, person, results_list, roles, suspicion
from app.certification import record
from app.kit.who import at_desk
from app.outside import outside
from models.cert_task import DONE, CertTask
from models.certification import ALIVE, REFUSED, Certification, holding
from models.exchange import Change
from models.kit import clock, codes, id_number, partial_date, person_name, plain
from models.kit.among import among
from models.kit.changes import insert_many
from models.kit.ids import new_id
from models.retiree import CERTIFIABLE, DEAD, LOST, MOVED_OUT, Retiree

FROM_CENTRE, FROM_RESULTS = "2", "3"
SELF_SERVICE = "02"
LOOK_BACK = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Closed:
    """How many tasks the centre's news closed, and how many came back."""

    closed: int
    reopened: int


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A row of the results list that fits nobody here, or says that somebody did not pass."""

    line: int
    id_no: str
    name: str
    reason: str
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class Results:
    """What became of a results list."""

    matched: int
    closed: int
    already: int
    unmatched: tuple[Unmatched, ...]


def close_from_centre(session: Session) -> Closed:
    """Certifications that came down close their tasks, also those of another computer here of which
    the day was said at the same time; refused ones are to be done again. Doing it again changes
    nothing."""
    session.flush()
    news = session.execute(
        select(Certification, Retiree)
        .join(Retiree, Retiree.id == Certification.retiree_id)
        .where(
            Certification.certified_on >= clock.today() - LOOK_BACK,
            Certification.result == ALIVE,
            Certification.report_state != REFUSED,
            Certification.is_void.is_(False),
            Retiree.last_certified_on.is_(None)
            | (Retiree.last_certified_on < Certification.certified_on),
        )
        .order_by(Certification.certified_on)
    ).all()
    aside = outside(session, [one for one, _ in news])
    count = [(one, who) for one, who in news if one.id not in aside]
    closed = [cert_task.settle(session, who, one.certified_on, one.id) for one, who in count]
    doubted = suspicion.unreached(session)
    for one, who in count:
        if who.id in doubted:
            suspicion.reached(session, who.id, one.certified_on, record.CERTIFIED)
        _doubt_the_dead(session, one, who)
    return Closed(sum(1 for one in closed if one is not None), _reopen_refused(session))


def _reopen_refused(session: Session) -> int:
    """Also one that closed no task, since none was open yet, does not count any more."""
    counts = and_(
        Retiree.last_certified_on == Certification.certified_on, Certification.is_void.is_(False)
    )
    rows = session.execute(
        select(Certification, CertTask.id.label("task"))
        .join(Retiree, Retiree.id == Certification.retiree_id)
        .outerjoin(CertTask, and_(CertTask.closed_by == Certification.id, CertTask.state == DONE))
        .where(
            Certification.report_state == REFUSED,
            CertTask.id.is_not(None) | counts,
        )
    ).all()
    refused = [
        one
        for one, task in rows
        if task is not None or record.last_valid(session, one.retiree_id) != one.certified_on
    ]
    for one in refused:
        record.uncount(session, one, one.void_reason or one.remark or "区中心退回")
    return len(refused)


def _doubt_the_dead(session: Session, one: Certification, who: Retiree) -> None:
    if who.manage_state == DEAD:
        detail = f"登记去世，但 {one.certified_on} 仍有认证"
        suspicion.open_suspicion(session, who.id, suspicion.AFTER_DEATH, detail)


def import_results(session: Session, rows: Sequence[Mapping[str, Any]]) -> Results:
    """A list of 身份证号, 姓名, 认证日期, 方式: matched by number, the rest reported. At the centre
    it concerns every station's people; their own station closes the tasks."""
    roles.allow(at_desk(session), "certification", "write")
    person.one_by_one(session)
    read = [_read(line, row) for line, row in enumerate(rows, 1)]
    people = _people(session, [one["id_no"] for one in read])
    had = _had(session, [who.id for who in people.values()])
    mine = None if roles.is_central(at_desk(session)) else at_desk(session).office_id
    unmatched: list[Unmatched] = []
    good: list[tuple[dict[str, Any], Retiree]] = []
    already = 0
    for one in read:
        who = people.get(one["id_no"])
        reason = _reason(one, who, mine)
        if reason or who is None:
            where = one["line"], one["id_no"], one["name"]
            unmatched.append(Unmatched(*where, reason, one["sheet"]))
        elif (who.id, one["certified_on"]) in had:
            already += 1
        else:
            had.add((who.id, one["certified_on"]))
            good.append((one, who))
    closed = _store(session, good)
    return Results(len(good), closed, already, tuple(unmatched))


def _read(line: int, row: Mapping[str, Any]) -> dict[str, Any]:
    number = id_number.check(row.get("id_no"))
    on = row.get("certified_on")
    if not isinstance(on, date) or isinstance(on, datetime):
        on = _day(on)
    method = codes.table("CERT_METHOD").find(str(row.get("method") or "")) or SELF_SERVICE
    return {
        "line": row.get("line", line),
        "sheet": row.get("sheet", ""),
        "problem": number.problem.message if number.problem else "",
        "result": plain.narrow(plain.text(row.get("result"))),
        "id_no": number.text or id_number.normalise(str(row.get("id_no") or "")),
        "name": person_name.normalise(str(row.get("name") or "")),
        "certified_on": on,
        "method": method,
    }


def _day(raw: object) -> date | None:
    """Also one that is to come: it is refused as that, not as one that cannot be read."""
    read = partial_date.parse(raw).text or partial_date.parse(raw, date.max).text
    return partial_date.as_day(read)


def _reason(one: Mapping[str, Any], who: Retiree | None, mine: str | None) -> str:
    """Why a row is not taken; empty when it is. ``mine``: the station that takes the list in, none
    at the centre."""
    if who is None:
        return one["problem"] or f"{'本站' if mine else '各站都'}没有这个身份证号"
    if one["name"] and one["name"] != who.name:
        return f"姓名不符：名单是 {one['name']}，{'本站' if mine else '登记的'}是 {who.name}"
    if mine is not None and who.office_id != mine:
        return "已由别的站点接收，由那边导入"
    if one["certified_on"] is None:
        return "认证日期没有填，或看不懂"
    if one["certified_on"] > clock.today():
        return f"认证日期 {one['certified_on']} 晚于今天"
    if results_list.has_failed(one["result"]):
        return f"名单上的认证结果是“{one['result'][:20]}”，没有记作已认证"
    return ""


def _people(session: Session, numbers: Sequence[str]) -> dict[str, Retiree]:
    """By number; a living holder goes before one who left, and those before a dead one."""
    found: dict[str, Retiree] = {}
    query = select(Retiree).where(among(Retiree.id_no, numbers), Retiree.is_void.is_(False))
    there = (Retiree.manage_state == DEAD, Retiree.manage_state == MOVED_OUT, Retiree.id)
    for who in session.scalars(query.order_by(*there)):
        found.setdefault(who.id_no, who)
    return found


def _had(session: Session, retiree_ids: Sequence[str]) -> set[tuple[str, date]]:
    rows = session.execute(
        select(Certification.retiree_id, Certification.certified_on).where(
            among(Certification.retiree_id, retiree_ids), *holding()
        )
    )
    return {(retiree_id, on) for retiree_id, on in rows}


def _store(session: Session, good: Sequence[tuple[dict[str, Any], Retiree]]) -> int:
    """Write the records in bulk, then let each of our own people's count."""
    here = at_desk(session).office_id
    rows = [
        {
            "id": new_id(),
            "office_id": who.office_id,
            "retiree_id": who.id,
            "certified_on": one["certified_on"],
            "method": one["method"],
            "result": ALIVE,
            "source": FROM_RESULTS if who.office_id == here else FROM_CENTRE,
            "report_state": "0",
            "subject_type": record.subject_type(who),
        }
        for one, who in good
    ]
    insert_many(session, Certification, rows)
    closed, doubted = 0, suspicion.unreached(session)
    for row, (one, who) in zip(rows, good, strict=True):
        if who.office_id != here:
            continue
        if who.manage_state == DEAD:
            detail = f"登记去世，但 {one['certified_on']} 仍有认证"
            suspicion.open_suspicion(session, who.id, suspicion.AFTER_DEATH, detail)
        elif who.manage_state in (*CERTIFIABLE, LOST):
            closed += cert_task.settle(session, who, one["certified_on"], row["id"]) is not None
            if who.id in doubted:
                suspicion.reached(session, who.id, one["certified_on"], record.CERTIFIED)
    return closed


def unconfirmed(session: Session, retiree_id: str) -> bool:
    """Does the last certification still wait for the centre's word? Its word is the verdict on
    the change that made the record."""
    last = session.scalars(
        select(Certification)
        .where(
            Certification.retiree_id == retiree_id,
            Certification.result == ALIVE,
            Certification.is_void.is_(False),
        )
        .order_by(Certification.certified_on.desc(), Certification.id.desc())
        .limit(1)
    ).first()
    if last is None or last.source != record.OURS or last.report_state == REFUSED:
        return False
    counts = person.get(session, retiree_id).last_certified_on == last.certified_on
    verdict = session.scalar(select(Change.outcome).where(Change.change_id == last.stamps["*"]))
    return counts and verdict is None
