"""D4: what takes a person off the lists and brings them back (增减变动).

The station notes and reports; only the agency (社保经办机构) suspends or stops a pension.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import cert_task, handover, person, suspicion
from app.kit.refusal import Refusal
from app.kit.saved import Saved
from app.kit.who import at_desk
from models.kit import clock, codes
from models.kit.ids import new_id
from models.kit.states import WrongState, move
from models.movement import Movement
from models.retiree import MANAGE_STATES, MANAGED, MOVING_OUT, Retiree

RECEIVED, MOVED_IN, LEFT, DIED, VANISHED, FOUND = "1", "2", "3", "4", "5", "6"
CORRECTED, MAYBE_DEAD = "8", "9"
AT_THE_DESK = "本站登记"  # on what grounds, as whoever registered the person says it
WORDS = {
    "suspect_death": "登记疑似死亡",
    "move_out": "登记迁出",
    "stay": "撤回迁出",
    "moved": "登记已迁出",
    "come_back": "登记迁回",
    "lose": "登记失联",
    "find": "登记找回",
    "correct": "更正状态",
}


@dataclass(frozen=True, slots=True)
class MovementRow:
    """One line of the register."""

    id: str
    change_type: str
    changed_on: date
    from_state: str
    to_state: str
    other: str
    basis: str
    by: str


def suspected_death(
    session: Session, retiree_id: str, on: date, source: str, note: str = ""
) -> Saved:
    """Somebody said the person died: off the due lists, up to the centre, to be confirmed."""
    if not source.strip():
        raise Refusal("请填写消息来源，例如：儿子电话告知", "source")
    who = person.get(session, retiree_id)
    detail, notes = f"{on} 去世（{source.strip()}）", ["已移出到期名单，随下次上报送区中心核实"]
    if alive := suspicion.alive_after(session, who.id, on):
        detail += f"，但 {alive} 还登记过本人健在"
        notes.append(f"{alive} 还登记过本人健在，请核对去世日期")
    moved = _move(session, who, "suspect_death", MAYBE_DEAD, on, note or source, source=source)
    cert_task.freeze(session, who.id)
    suspicion.open_suspicion(session, who.id, suspicion.DEATH, detail)
    return Saved(moved, notes=tuple(notes))


def moved_out(
    session: Session, retiree_id: str, on: date, to: str, basis: str, *, confirmed: bool = False
) -> Saved:
    """The person moves away; until the other side has confirmed they are on the way (迁出中). To a
    station of the district they are handed over."""
    if not to.strip():
        raise Refusal("请填写迁往哪里", "to")
    who = person.get(session, retiree_id)
    waits = handover.open_offer(session, who.id)
    if confirmed and waits is not None:
        raise Refusal(f"{who.name} 正等接收站点答复，对方接收后会自动转为已迁出")
    station, to = handover.station_called(session, to)
    if confirmed and station:
        said = f"{to} 是本区的站点，由对方接收。请先撤回迁出，再登记迁出转给对方"
        raise Refusal(said, "to")
    verb = "moved" if confirmed else "move_out"
    moved = _move(session, who, verb, LEFT, on, basis, to=to)
    cert_task.freeze(session, who.id)
    if not station:
        return Saved(moved)
    handover.offer(session, who, station, on, basis)
    return Saved(moved, notes=(f"随下次上报转给 {to}，对方接收以前仍由本站管理",))


def stayed(session: Session, retiree_id: str, reason: str) -> Saved:
    """The person does not move after all, or the other station did not take them over."""
    if not reason.strip():
        raise Refusal("请写明撤回的原因", "reason")
    who = person.get(session, retiree_id)
    moved = _move(session, who, "stay", CORRECTED, clock.today(), reason)
    withdrawn = handover.withdraw(session, who.id)
    cert_task.thaw(session, who.id)
    return Saved(moved, final=withdrawn)


def come_back(session: Session, retiree_id: str, on: date, place: str, basis: str) -> Saved:
    """Who had moved to a place outside the district lives here again, and counts again (迁入)."""
    if not place.strip():
        raise Refusal("请填写从哪里迁回", "from_office")
    who = person.get(session, retiree_id)
    _is_ours(session, who)
    left = session.scalar(
        select(func.max(Movement.changed_on)).where(
            Movement.retiree_id == who.id,
            Movement.change_type == LEFT,
            Movement.is_void.is_(False),
        )
    )
    if left is not None and on < left:
        raise Refusal(f"{who.name} 是 {left} 迁出的，迁回日期不能早于这一天", "on")
    moved = _move(session, who, "come_back", MOVED_IN, on, basis, came_from=place)
    cert_task.thaw(session, who.id)
    return Saved(moved)


def lost(session: Session, retiree_id: str, on: date, basis: str) -> Saved:
    """Nobody can find the person; the task waits off the lists."""
    who = person.get(session, retiree_id)
    moved = _move(session, who, "lose", VANISHED, on, basis)
    cert_task.lose(session, who.id)
    suspicion.open_suspicion(session, who.id, suspicion.UNREACHED, basis)
    return Saved(moved)


def found(session: Session, retiree_id: str, on: date, basis: str) -> Saved:
    """The lost person is back, in the state they were lost from."""
    who = person.get(session, retiree_id)
    moved = _move(session, who, "find", FOUND, on, basis)
    suspicion.settle(session, who.id, (suspicion.UNREACHED,), f"已找回：{basis}")
    cert_task.thaw(session, who.id)
    return Saved(moved)


def correct(session: Session, retiree_id: str, reason: str) -> Saved:
    """A wrong entry is put right: by the head, with a reason, and it stays on record."""
    if not {"head", "centre_head"} & at_desk(session).roles:
        raise Refusal("只有站长可以更正人员状态，请站长登录后办理")
    if not reason.strip():
        raise Refusal("请写明更正的原因", "reason")
    who = person.get(session, retiree_id)
    _is_ours(session, who)
    moved = _move(session, who, "correct", CORRECTED, clock.today(), reason)
    if who.manage_state != MOVING_OUT:  # whoever was on the way before is so again
        handover.withdraw(session, who.id)
    answered = (suspicion.DEATH, suspicion.UNREACHED, suspicion.AFTER_DEATH)
    suspicion.settle(session, who.id, answered, f"状态已更正：{reason}")
    cert_task.thaw(session, who.id)
    return Saved(moved)


def allowed(session: Session, retiree_id: str) -> tuple[str, ...]:
    """The verbs that the person's state permits, in the order of the menu."""
    who = person.get(session, retiree_id)
    possible = {} if handover.has_left(session, who) else MANAGE_STATES.get(who.manage_state, {})
    return tuple(verb for verb in WORDS if verb in possible)


def _is_ours(session: Session, who: Retiree) -> None:
    if handover.has_left(session, who):
        raise Refusal(f"{who.name} 已经由别的站点接收，请在那边办理")


def received(session: Session, who: Retiree, on: date, basis: str) -> str:
    """A new person on the books; the register alone must explain every month's balance."""
    return _note(session, who, RECEIVED, on, basis, None, who.manage_state)


def movements(session: Session, retiree_id: str) -> list[MovementRow]:
    """The person's line of life here, newest first."""
    rows = session.scalars(
        select(Movement)
        .where(Movement.retiree_id == retiree_id, Movement.is_void.is_(False))
        .order_by(Movement.changed_on.desc(), Movement.id.desc())
    )
    return [
        MovementRow(
            one.id,
            one.change_type,
            one.changed_on,
            one.from_state or "",
            one.to_state or "",
            other(one),
            one.basis or "",
            one.created_by or "",
        )
        for one in rows
    ]


def other(one: Movement) -> str:
    """The place on the other side: of somebody who moved in, where from."""
    to = "" if one.change_type == MOVED_IN else one.to_office
    return to or one.from_office or ""


def _move(
    session: Session,
    who: Retiree,
    verb: str,
    change_type: str,
    on: date,
    basis: str,
    *,
    source: str = "",
    to: str = "",
    came_from: str = "",
) -> str:
    person.not_later(on, "日期", "on", who.birth_on)
    if not basis.strip():
        raise Refusal("请写明依据", "basis")
    before = who.manage_state
    try:
        after = move(MANAGE_STATES, before, verb)
    except WrongState:
        state = codes.table("MANAGE_STATE").name(before)
        raise Refusal(f"{who.name} 现在是“{state}”，不能{WORDS[verb]}") from None
    if after == MANAGED and verb in ("find", "correct", "stay"):
        after = _state_before(session, who.id, before)
    who.manage_state = after
    return _note(session, who, change_type, on, basis, before, after, source, to, came_from)


def _state_before(session: Session, retiree_id: str, now: str) -> str:
    """From which state the person came into the present one; on the way, as another station had
    them or we the last time, nobody is who was taken over since."""
    mine = (Movement.retiree_id == retiree_id, Movement.is_void.is_(False))
    us = Movement.office_id == at_desk(session).office_id
    last = session.scalars(
        select(Movement)
        .where(
            *mine,
            Movement.to_state == now,
            Movement.from_state.is_not(None),
            Movement.change_type.not_in((CORRECTED, FOUND)),  # back into it, not from there
        )
        .order_by(Movement.created_at.desc(), Movement.id.desc())
        .limit(1)
    ).first()
    came = session.scalar(
        select(func.max(Movement.created_at)).where(*mine, us, Movement.change_type == MOVED_IN)
    )
    usual = last.from_state if last else None
    if last and usual == MOVING_OUT and came is not None and last.created_at <= came:
        return MANAGED
    return usual if usual in MANAGE_STATES and usual != now and usual else MANAGED


def _note(
    session: Session,
    who: Retiree,
    change_type: str,
    on: date,
    basis: str,
    before: str | None,
    after: str,
    source: str = "",
    to: str = "",
    came_from: str = "",
) -> str:
    made = Movement(
        id=new_id(),
        retiree_id=who.id,
        change_type=change_type,
        changed_on=on,
        from_state=before,
        to_state=after,
        from_office=came_from[:60] or None,
        to_office=to[:60] or None,
        basis=basis[:100],
        source_way=source[:60] or None,
        report_month=person.month_of(on),
    )
    session.add(made)
    session.flush()
    return made.id
