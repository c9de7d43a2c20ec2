"""Who may write of a person while people go from station to station: what was written in an earlier
tenure is late, an offer is answered once, by the one it was made to. Pure: no session."""

from collections.abc import Mapping
from typing import Any

import msgspec

from models.entities import follows
from models.handover import DECLINED, OFFERED, TAKEN, WITHDRAWN
from models.kit.base import Record
from models.movement import Movement
from models.retiree import DEAD, Retiree

STATES = ("is_void", "manage_state")
ANSWER = frozenset({"state", "answered_on", "answered_by", "reason"})
CLOSED = {
    TAKEN: "这个人已经由接收站点接收",
    DECLINED: "接收站点已经答复不接收",
    WITHDRAWN: "这一项转接已经撤回",
}
NOT_OURS = "这条资料不归本站管理"
GONE = "这个人已登记去世或作废"
ASSIGNED = "区中心指定的转接，由区中心撤回"
MOVED_ON = "这个人已不归本站管理"
LATE = "写的时候本站还不知道这个人已经转走，已交现在的站点处理"


class Person(msgspec.Struct, frozen=True):
    """A person as the centre has them; ``title`` is the change that gave them their office."""

    office_id: str
    title: str
    has_moved: bool = False
    is_gone: bool = False


def title_of(stamps: Mapping[str, str]) -> str:
    """The change that gave a record its office."""
    return stamps.get("office_id") or stamps.get("*", "")


def person_of(row: Mapping[str, Any]) -> Person:
    """From a stored record."""
    return as_they_are(row["office_id"], row["stamps"], *map(row.get, STATES))


def as_they_are(office_id: str, stamps: Mapping[str, str], is_void: Any, state: Any) -> Person:
    """From what says who may write of them."""
    is_gone = bool(is_void) or state == DEAD
    return Person(office_id, title_of(stamps), "office_id" in stamps, is_gone)


def is_other(
    entity: type[Record] | None,
    office_id: str,
    title: str,
    stored: Person | None,
    person: Person | None,
) -> bool:
    """Was the change written in another tenure than the present one? ``stored`` is the record it
    changes, ``person`` whom a new record is about. An empty title is not known."""
    if entity is not None and not follows(entity):
        return False
    if stored is None:
        return person is not None and person.office_id != office_id and entity is not Retiree
    if entity is Movement:
        return False  # the event of the station that noted it
    return stored.office_id != office_id or title not in ("", stored.title)


def hand_over_problem(
    office_id: str, stored: Mapping[str, Any] | None, values: Mapping[str, Any], person: Person
) -> str:
    """Why an entry about an offer is refused; empty when it is not."""
    if stored is None:
        return _offer_problem(office_id, values, person)
    if _wants_what_is(office_id, stored, values):
        return ""
    if _offers_again(stored, values):
        return _offer_problem(office_id, {**stored, **values}, person)
    if stored.get("is_void") or stored["state"] != OFFERED:
        return CLOSED.get(stored["state"], CLOSED[WITHDRAWN])
    if office_id == stored["office_id"] and stored.get("assigned_by"):
        return ASSIGNED
    if office_id == stored["office_id"]:
        fixed = {"office_id", "person_id", "to_office_id"} & set(values)
        return NOT_OURS if fixed or values.get("state", WITHDRAWN) != WITHDRAWN else ""
    if office_id != stored["to_office_id"] or not set(values) <= ANSWER:
        return NOT_OURS
    if values.get("state") == TAKEN:
        if person.office_id != stored["office_id"]:
            return CLOSED[TAKEN]
        if person.is_gone:
            return GONE
    return "" if values.get("state") in (TAKEN, DECLINED) else NOT_OURS


def _wants_what_is(office_id: str, stored: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """It was withdrawn while it was declined, or by both computers of an office: with either the
    person stays, and whatever else was said in that action holds."""
    own = office_id == stored["office_id"] and not stored.get("assigned_by")
    is_over = stored["state"] in (DECLINED, WITHDRAWN)
    return own and is_over and dict(values) == {"state": WITHDRAWN}


def _offers_again(stored: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """It was undone before anybody answered, and is done again: an offer like any other."""
    is_open = bool(stored.get("is_void")) and stored["state"] == OFFERED
    return is_open and dict(values) == {"is_void": False, "void_reason": None}


def _offer_problem(office_id: str, values: Mapping[str, Any], person: Person) -> str:
    if values.get("office_id") != office_id or values.get("assigned_by"):
        return NOT_OURS
    if person.office_id != office_id:
        return MOVED_ON
    if person.is_gone:
        return GONE
    if values.get("to_office_id") in ("", None, office_id):
        return "没有写明接收的站点"
    return "" if values.get("state", OFFERED) == OFFERED else NOT_OURS
