"""What follows from decided entries between two stations: offers reach the other side, people who
were taken change hands, late changes are put before the station that has the person now, and its
answer reaches who wrote them (sync.md 4.11)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models import emptying
from models.account import Account
from models.entities import BY_NAME, follows
from models.exchange import Change, Replica, Stream
from models.handover import ADOPTED, OFFERED, TAKEN, WAITING, WITHDRAWN, Handover, LateEdit, is_over
from models.kit import clock
from models.kit.base import table_of
from models.kit.ids import named_id
from models.kit.stream import GARBLED, moment_of, read_payload
from models.movement import Movement
from models.office import Office
from models.retiree import DEAD, MANAGED, MOVED_OUT, Retiree
from models.staff import Staff
from sync.centre.deciding import voice
from sync.centre.deciding.decide import Decided
from sync.centre.telling import downlink, moves
from sync.merge import Result
from sync.message import Item, State, Verdict
from sync.records import load

Row = Mapping[Any, Any]
MOVED_IN, LEFT_US = "2", "3"


def carry_out(
    session: Session, stream: Stream, decided: Sequence[Decided], *, silent: bool = False
) -> None:
    """Everything in the transaction that decided it. ``silent``: what the program then said for
    the centre follows of itself."""
    for one in decided:
        name = one.entry.head.entity
        if name == Retiree.__tablename__ and (why := _end(one)):
            _close_offers(session, one.entry.head.entity_id, one.entry.head.change_id, why)
        if one.result is Result.APPLIED and one.values:
            if name == Handover.__tablename__:
                _offer(session, stream, one, silent=silent)
            elif name == LateEdit.__tablename__:
                _answer(session, one)
    if not silent:
        put_before(session, stream, [one for one in decided if one.result is Result.LATE])


# offers -----------------------------------------------------------------------------------------


def _offer(session: Session, stream: Stream, one: Decided, *, silent: bool) -> None:
    head = one.entry.head
    row = _handover(session, head.entity_id)
    me = session.scalars(select(Replica)).one()
    for office_id in (row["office_id"], row["to_office_id"]):  # what our people said comes first
        downlink.tell_own(session, me, downlink.dispatch_of(session, office_id))
    other = row["to_office_id"] if stream.office_id == row["office_id"] else row["office_id"]
    # one that is made, or after it was undone is made after all, may be there with an answer that
    # we have forgotten or that came to nothing
    is_made = head.op == "insert" or one.values.get("is_void") is False
    said = moves.as_it_stands(session, row) if is_made else downlink.state(Handover, head, one)
    downlink.tell(session, other, [said])
    if is_over(one.values):
        nothing = moves.to_nobody(session, row["id"], head.change_id)
        downlink.tell(session, row["to_office_id"], [nothing])
    if one.values.get("state") == TAKEN:
        _hand_over(session, row, head.change_id, silent=silent)


def _handover(session: Session, key: str) -> Row:
    table = table_of(Handover)
    return session.execute(select(table).where(table.c.id == key)).mappings().one()


def _hand_over(session: Session, offer: Row, change_id: str, *, silent: bool) -> None:
    old, new, person = offer["office_id"], offer["to_office_id"], offer["person_id"]
    was = session.scalar(select(Retiree.manage_state).where(Retiree.id == person)) or MANAGED
    session.flush()
    _close_offers(session, person, change_id, "", but=offer["id"])
    emptying.empty_told(session, moves.move(session, offer, change_id), old)
    downlink.tell(session, old, [moves.gone(offer, new, change_id)])
    downlink.tell(session, new, list(moves.comes_to(session, person)))
    if not silent:
        voice.say(session, Movement, _movements(session, offer, was))


def _end(one: Decided) -> str:
    """Why nobody is to be handed over after this change; empty where they still are."""
    if one.result not in (Result.APPLIED, Result.CONFLICT):
        return ""
    if one.values.get("manage_state") == DEAD:
        return "已登记去世"
    return "已作废" if one.values.get("is_void") else ""


def _close_offers(session: Session, person: str, change_id: str, why: str, but: str = "") -> None:
    """Whatever else the person was offered for is offered no longer."""
    table = table_of(Handover)
    rows = session.execute(
        select(table).where(
            table.c.person_id == person, table.c.state == OFFERED, table.c.id != but
        )
    ).mappings()
    me = session.scalars(select(Replica)).one()
    for row in rows.all():
        for office_id in (row["office_id"], row["to_office_id"]):  # that it is open is told before
            downlink.tell_own(session, me, downlink.dispatch_of(session, office_id))
        values = {"state": WITHDRAWN, **({"reason": why} if why else {})}
        stamps = dict.fromkeys(values, change_id)
        session.execute(
            update(table)
            .where(table.c.id == row["id"])
            .values(**values, stamps={**row["stamps"], **stamps})
        )
        said = State(Handover.__tablename__, row["id"], dict(values), stamps)
        downlink.tell(session, row["office_id"], [said])
        nothing = moves.to_nobody(session, row["id"], change_id)
        downlink.tell(session, row["to_office_id"], [nothing])


def _movements(session: Session, offer: Row, was: str) -> list[dict[str, Any]]:
    """One less here, one more there: the register of each side explains its month."""
    old, new = offer["office_id"], offer["to_office_id"]
    on = offer["answered_on"] or clock.today()
    rows = session.execute(select(Office.id, Office.name).where(Office.id.in_((old, new))))
    names = {row.id: row.name for row in rows}
    both = {
        "retiree_id": offer["person_id"],
        "changed_on": on,
        "basis": offer["basis"],
        "report_month": f"{on:%Y-%m}",
        "from_office": names.get(old),
        "to_office": names.get(new),
    }
    return [
        {
            **both,
            "id": named_id(offer["id"], "out"),
            "office_id": old,
            "change_type": LEFT_US,
            "from_state": was,
            "to_state": MOVED_OUT,
        },
        {
            **both,
            "id": named_id(offer["id"], "in"),
            "office_id": new,
            "change_type": MOVED_IN,
            "from_state": None,
            "to_state": moves.state_after(was),
        },
    ]


# late changes -----------------------------------------------------------------------------------


def put_before(session: Session, stream: Stream, late: Sequence[Decided]) -> None:
    """Each person's part of a late action, before the station that has that person now."""
    rows: list[dict[str, Any]] = []
    whose: dict[str, str | None] = {}  # of records that are late themselves
    for one in late:
        head = one.entry.head
        try:
            said = read_payload(one.entry.payload).values
        except GARBLED:
            continue
        known = whose.get(head.entity_id)
        person = known or _whom(session, head.entity, head.entity_id, said)
        whose[head.entity_id] = person
        office_id = session.scalar(select(Retiree.office_id).where(Retiree.id == person))
        if person and office_id:
            rows.append(
                {
                    "id": named_id(head.change_id, "late"),
                    "office_id": office_id,
                    "retiree_id": person,
                    "change_id": head.change_id,
                    "action": head.tx,
                    "place": head.part,
                    "entity": head.entity,
                    "record_id": head.entity_id,
                    "is_new": head.op == "insert",
                    "said": said,
                    "from_office_id": stream.office_id,
                    "said_by": _who(session, head.who),
                    "said_at": moment_of(head.hlc),
                    "state": WAITING,
                }
            )
    if rows:
        voice.say(session, LateEdit, rows)


def _whom(session: Session, name: str, key: str, said: Row) -> str | None:
    """The person a change is about; of a record that was late itself, as that said."""
    if name == Retiree.__tablename__:
        return key
    entity = BY_NAME.get(name)
    if entity is not None and not follows(entity):
        return None
    stored = load(session, entity, [key], ("retiree_id",)).get(key, {}) if entity else {}
    found = said.get("retiree_id") or stored.get("retiree_id")
    if found:
        return str(found)
    return session.scalar(select(LateEdit.retiree_id).where(LateEdit.record_id == key).limit(1))


def _who(session: Session, account: str) -> str | None:
    return session.scalar(
        select(Staff.name).join(Account, Account.staff_id == Staff.id).where(Account.id == account)
    )


def _answer(session: Session, one: Decided) -> None:
    """Whoever wrote the late change hears what became of it."""
    state = one.values.get("state")
    if state in (None, WAITING):
        return
    found = session.get_one(LateEdit, one.entry.head.entity_id, populate_existing=True)
    place = session.scalar(select(Office.name).where(Office.id == found.office_id)) or "接收站点"
    word = "已采用" if state == ADOPTED else "没有采用"
    reason = f"{place} {word}" + (f"：{found.reason}" if found.reason else "")
    for row in _written(session, found):
        row.reason = reason
        said: list[Item] = [Verdict(row.incarnation, row.seq, row.change_id, Result.LATE, reason)]
        downlink.tell(session, row.office_id, said)


def _written(session: Session, found: LateEdit) -> Iterable[Change]:
    return session.scalars(
        select(Change).where(
            Change.change_id == found.change_id,
            Change.office_id == found.from_office_id,
            Change.outcome == Result.LATE,
        )
    ).all()
