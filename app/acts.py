"""What was done lately, in words: read from the outgoing stream, which nothing escapes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.account import Account
from models.entities import BY_NAME
from models.exchange import Change, Replica
from models.imports import Import
from models.kit import codes
from models.kit.base import facts, from_wire
from models.kit.stream import Head, moment_of, read_head
from models.retiree import ADDRESS_PARTS, Retiree
from models.schema import today, values_of
from models.staff import PROGRAM, Staff

QUIET = ADDRESS_PARTS | {"employer_id"}
# what somebody did who made a record of this noun, and its icon
WORDS = {
    "import": ("导入名册", "file-spreadsheet"),
    "certification": ("登记资格认证", "badge-check"),
    "visit": ("登记走访", "footprints"),
    "movement": ("登记变动", "log-out"),
    "print": ("打印", "printer"),
    "survey": ("登记生存调查", "heart-pulse"),
    "suspicion": ("列入异常", "file-warning"),
    "family": ("登记家属", "users"),
    "tag": ("设置标签", "flag"),
    "consent": ("登记同意事项", "file-check"),
    "visit_plan": ("安排走访", "calendar"),
    "attachment": ("添加附件", "image"),
    "employer": ("登记单位", "building-2"),
    "handover": ("办理人员转接", "arrow-right-left"),
    "late_edit": ("处理迟到的修改", "git-compare"),
    "staff": ("修改人员与账号", "key-round"),
    "account": ("修改人员与账号", "key-round"),
}
_EDITED = {
    "certification": "更正资格认证",
    "visit": "更正走访记录",
    "attachment": "修改附件说明",
    "suspicion": "处理异常",
    "family": "修改家属",
    "tag": "修改标签",
    "import": "撤销导入",
    "handover": "办理人员转接",
    "late_edit": "处理迟到的修改",
}
# what an action is named after that wrote several
ORDER = (
    "import",
    "visit",
    "certification",
    "movement",
    "retiree",
    "survey",
    "print",
    "suspicion",
    "family",
    "tag",
    "attachment",
    "cert_task",
)


@dataclass(frozen=True, slots=True)
class Act:
    """One action: ``subject`` is the person's name, or how many things it touched."""

    at: datetime
    who: str
    subject: str
    words: str
    icon: str
    entity: str
    retiree_id: str


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a person's own data: the labels and new values, in words."""

    at: datetime
    who: str
    op: str
    fields: tuple[tuple[str, str], ...]
    change: str = ""


def names(session: Session) -> dict[str, str]:
    """The name behind every account the log mentions."""
    rows = session.execute(select(Account.id, Staff.name).join(Staff, Staff.id == Account.staff_id))
    desk = session.info.get("desk")
    found = {row.id: row.name for row in rows}
    return found if desk is None else {**found, desk.account: desk.name}


def recent(session: Session, limit: int = 8) -> list[Act]:
    """The last actions of people, one line each, however many changes an action holds; what the
    program does by itself is none."""
    replica = session.execute(select(Replica.office_id, Replica.incarnation, Replica.seq)).first()
    if replica is None:
        return []
    who, found = names(session), list[Act]()
    office_id, incarnation, seq = replica
    while seq > 0 and len(found) < limit:
        last = session.get(Change, (office_id, incarnation, seq))
        if last is None:
            break
        head = read_head(last.head)
        first = seq - head.part
        if head.who != PROGRAM:
            entries = _entries(session, office_id, incarnation, first, seq)
            act = _act(session, entries, head, who)
            found += [act] if act is not None else []
        seq = first - 1
    return found


def _entries(
    session: Session, office_id: str, incarnation: str, first: int, last: int
) -> list[tuple[str, Head, bytes | None]]:
    """An action's changes; of a very large one only its beginning."""
    rows = session.execute(
        select(Change.entity, Change.head, Change.payload)
        .where(
            Change.office_id == office_id,
            Change.incarnation == incarnation,
            Change.seq.between(first, min(last, first + 40)),
        )
        .order_by(Change.seq)
    )
    return [(entity, read_head(head), payload) for entity, head, payload in rows]


def _act(
    session: Session,
    entries: list[tuple[str, Head, bytes | None]],
    last: Head,
    who: Mapping[str, str],
) -> Act | None:
    shown = [one for one in entries if one[0] in WORDS or one[0] in ORDER]
    if not shown:
        return None
    entity, head, payload = min(shown, key=lambda one: rank(one[1]))
    values = values_of(head, payload) if payload else {}
    words, icon = _words(entity, head.op, values)
    if not words:
        return None
    retiree_id = head.entity_id if entity == "retiree" else str(values.get("retiree_id") or "")
    if not retiree_id and head.op == "update" and entity in BY_NAME:
        record = session.get(BY_NAME[entity], head.entity_id)
        retiree_id = str(getattr(record, "retiree_id", "") or "")
    subject = _subject(session, head, retiree_id, values, last.parts)
    by = who.get(head.who, "")
    return Act(moment_of(head.hlc), by, subject, words, icon, entity, retiree_id)


def rank(head: Head) -> int:
    """What an action is named after has the least: a person that comes or goes before all that
    does so along, but for the import that brings or takes them."""
    if head.entity == "retiree" and (head.op == "insert" or "is_void" in head.bases):
        return 3
    return ORDER.index(head.entity) * 2 + 2 if head.entity in ORDER else len(ORDER) * 2 + 2


def _subject(
    session: Session, head: Head, retiree_id: str, values: Mapping[str, Any], parts: int
) -> str:
    if head.entity == "import":
        one = session.get(Import, head.entity_id)
        return (one.employer_name or one.file_name) if one is not None else ""
    if retiree_id:
        who = session.get(Retiree, retiree_id)
        return who.name if who else ""
    return str(values.get("name") or (f"{parts} 项" if parts > 1 else ""))


def _words(entity: str, op: str, values: Mapping[str, Any]) -> tuple[str, str]:
    if entity == "retiree":
        return ("新登记", "user-plus") if op == "insert" else (_edited(values), "pencil")
    if entity == "cert_task":
        return _task_words(op, values)
    words, icon = WORDS.get(entity, ("", "pencil"))
    if values.get("is_void"):
        return f"作废{words.removeprefix('登记')}", "undo-2"
    if op == "update":
        return _EDITED.get(entity, "修改"), icon
    if entity == "certification":
        method = codes.table("CERT_METHOD").name(str(values.get("method") or ""))
        return ("认证表已回收" if values.get("form_no") else f"登记认证：{method}"), icon
    if entity == "visit":
        return f"登记{codes.table('VISIT_WAY').name(str(values.get('way') or ''))}走访", icon
    if entity == "movement":
        return f"登记{codes.table('CHANGE_TYPE').name(str(values.get('change_type') or ''))}", icon
    if entity == "print":
        return f"打印{values.get('paper') or ''}", icon
    return words, icon


def _task_words(op: str, values: Mapping[str, Any]) -> tuple[str, str]:
    """Tasks open and close by themselves; only what people do to them is told."""
    if op == "update" and values.get("attempts"):
        return "登记联系情况", "phone"
    if op == "update" and values.get("state") == "home_visit":
        return "安排上门核验", "house"
    if op == "update" and values.get("due_on"):
        return "填写认证到期日", "calendar-check"
    return "", ""


def _edited(values: Mapping[str, Any]) -> str:
    if "is_void" in values:
        return "登记作废" if values["is_void"] else "恢复作废的登记"
    labels = [label for label, _ in labelled("retiree", values)]
    if not labels:
        return "修改资料"
    return f"修改{'、'.join(labels[:3])}{'等' if len(labels) > 3 else ''}"


def labelled(entity: str, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(label, value in words) of what people would call a change."""
    known = facts(BY_NAME[entity])
    found = []
    for name, value in values.items():
        fact = known.get(name)
        if fact is not None and name not in QUIET and fact.link is None:
            shown = fact.kind.show(from_wire(BY_NAME[entity], name, value))
            found.append((fact.label, shown or "（空）"))
    return found


def edits(session: Session, retiree_id: str, hidden: Iterable[str] = ()) -> list[Edit]:
    """Every change of the person's own data that was entered here, newest first."""
    rows = session.execute(
        select(Change.head, Change.payload)
        .where(Change.entity_id == retiree_id, Change.entity == Retiree.__tablename__)
        .order_by(Change.seq.desc())
    )
    who, found = names(session), []
    unseen = frozenset(hidden)
    for said, payload in rows:
        head, words = today(said, payload)
        values = {name: one for name, one in words.items() if name not in unseen}
        fields = tuple(labelled("retiree", values)) if head.op == "update" else ()
        if fields or head.op == "insert":
            by = who.get(head.who, "")
            found.append(Edit(moment_of(head.hlc), by, head.op, fields, head.change_id))
    return found
