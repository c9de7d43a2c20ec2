"""The words and tones beside a name: status of certification, tags, visits."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from app import person
from models.cert_task import CONTACTED, DUE, HOME, LOST, OVERDUE, SUSPENDED
from models.kit import clock, codes
from models.retiree import CERTIFIABLE, DEAD, MANAGED, MOVED_OUT

ALONE, AGED_ALONE = "T03", "T01+T03"
PARTY = frozenset({"01", "02"})
_GREY = ("T08", "T09", "T10", "T11", "T12", "T13", "T15", "T18", "T19", "T21")
_SHORT = {
    "T02": "孤寡",
    "T06": "重病卧床",
    "T07": "失能半失能",
    "T08": "特困",
    "T10": "劳模先进",
    "T11": "军转干部",
    "T14": "工伤残疾",
    "T15": "退役军人",
    "T16": "子女不在身边",
    "T19": "异地居住",
    "T20": "失独",
    "T21": "归侨侨眷",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """``tone`` is one of ok, warn, bad, info, party, neu."""

    code: str
    text: str
    tone: str


def tag_marks(
    tags: Collection[str], years: int | None, politics: str | None, hidden: Collection[str] = ()
) -> tuple[Mark, ...]:
    """The tags of a person, those that matter at the door first."""
    aged = years is not None and years >= person.AGED
    found = []
    if aged and ALONE in tags:
        found.append(Mark(AGED_ALONE, "高龄独居", "warn"))
    elif aged:
        found.append(Mark("T01", "高龄", "warn"))
    found += [
        Mark(code, tag_word(code), "neu" if code in _GREY else "warn")
        for code in tags
        if code not in hidden and code != "T01" and not (aged and code == ALONE)
    ]
    if politics in PARTY:
        found.append(Mark("party", "党员", "party"))
    return tuple(found)


def tag_word(code: str) -> str:
    """A tag short enough for a row."""
    return _SHORT.get(code) or codes.table("TAG").name(code).split("（")[0]


def state_mark(state: str) -> Mark:
    """在册, or what became of the person."""
    if state in CERTIFIABLE:
        return Mark(state, "在册" if state == MANAGED else "托管", "ok")
    words = {DEAD: "已去世", MOVED_OUT: "已迁出"}
    name = words.get(state) or codes.table("MANAGE_STATE").name(state)
    return Mark(state, name, "neu" if state in (DEAD, MOVED_OUT, "7") else "bad")


def cert_mark(
    state: str, task_state: str | None, due_on: date | None, last_on: date | None, *, doubt: bool
) -> Mark:
    """The certification status as the list shows it."""
    if state not in CERTIFIABLE:
        return state_mark(state)
    if doubt:
        return Mark("suspicion", "异常待核", "bad")
    if task_state is None:
        known = last_on is not None
        return Mark("done", "已认证", "ok") if known else Mark("none", "未到认证期", "neu")
    return _task_mark(task_state, due_on)


def _task_mark(state: str, due_on: date | None) -> Mark:
    if state == HOME:
        return Mark(HOME, "待上门核验", "info")
    if state == SUSPENDED:
        return Mark(SUSPENDED, "经办机构已暂停", "bad")
    if state == LOST:
        return Mark(LOST, "失联", "bad")
    if due_on is None:
        return Mark("unknown", "到期日待核", "warn")
    if state == OVERDUE or due_on < clock.today():
        return Mark(OVERDUE, f"逾期 {(clock.today() - due_on).days} 天", "bad")
    return Mark(CONTACTED if state == CONTACTED else DUE, "待认证", "warn")
