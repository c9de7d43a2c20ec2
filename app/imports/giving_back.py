"""W4: what an import had changed of people registered before is as it was (撤销导入)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import cert_task, person, undo
from app.undo import Part
from models.cert_task import VOID, CertTask
from models.entities import BY_NAME
from models.family import Family
from models.imports import Import
from models.kit.among import among
from models.kit.base import Record, from_wire
from models.kit.changes import base_of
from models.retiree import DEAD, MOVED_OUT, Retiree
from models.tag import Tag

UNDONE = "撤销导入"


@dataclass(slots=True)
class _Told:
    """What an import said of somebody registered, of them and of what hangs on them."""

    edits: list[tuple[Record, Part]] = field(default_factory=list)
    born: list[Family | Tag | CertTask] = field(default_factory=list)


def give_back(session: Session, one: Import) -> tuple[int, dict[str, str]]:
    """What an import said of people it did not bring, taken back: how many got what they had, and
    why the others, by id, keep what they have. Only where it was made is it known what they had."""
    tx = undo.action_of(session, base_of(one.stamps, "id"))
    parts = undo.edits_of(session, tx) if tx else []
    mine = frozenset(part.head.change_id for part in parts)
    back, kept = [], {}
    for who, told in _registered(session, one, tx, parts):
        reason = _holds(who, told, mine)
        if reason:
            kept[who.id] = reason
        else:
            _as_before(told)
            back.append(who.id)
    if back:
        cert_task.open_tasks(session, only=back)
    return len(back), kept


def _registered(
    session: Session, one: Import, tx: str, parts: Sequence[Part]
) -> list[tuple[Retiree, _Told]]:
    """Those whom the import did not bring, and are on record."""
    told: dict[str, _Told] = defaultdict(_Told)
    tasks: list[tuple[CertTask, Part]] = []
    for part in parts:
        record = session.get(BY_NAME[part.head.entity], part.head.entity_id)
        if isinstance(record, Retiree):
            told[record.id].edits.append((record, part))
        elif isinstance(record, Family):
            told[record.retiree_id].edits.append((record, part))
        elif isinstance(record, CertTask):
            tasks.append((record, part))
    for made in _born(session, one):
        if tx and undo.action_of(session, base_of(made.stamps, "id")) == tx:
            told[made.retiree_id].born.append(made)
    for task, part in tasks:  # the day also opens tasks of others again
        if task.retiree_id in told:
            told[task.retiree_id].edits.append((task, part))
    certified = [key for key, said in told.items() if said.edits]
    for task in session.scalars(select(CertTask).where(among(CertTask.retiree_id, certified))):
        if undo.action_of(session, base_of(task.stamps, "id")) == tx:
            told[task.retiree_id].born.append(task)
    people = ((session.get(Retiree, key), said) for key, said in told.items())
    return [(who, said) for who, said in people if who is not None and not who.is_void]


def _born(session: Session, one: Import) -> list[Family | Tag]:
    """Contacts and tags made in its moment, as all that comes with it, of people it did not
    bring."""
    people = select(Retiree.id).where(
        Retiree.import_id.is_(None) | (Retiree.import_id != one.id), Retiree.is_void.is_(False)
    )
    made = {"created_at": one.imported_at, "is_void": False}
    family = select(Family).filter_by(**made).where(Family.retiree_id.in_(people))
    tags = select(Tag).filter_by(**made).where(Tag.retiree_id.in_(people))
    return [*session.scalars(family), *session.scalars(tags)]


def _holds(who: Retiree, told: _Told, mine: frozenset[str]) -> str:
    """Why somebody is not touched; empty where nobody wrote of it since."""
    if who.manage_state in (DEAD, MOVED_OUT):
        return f"已登记{person.state_word(who)}"
    for record, part in told.edits:
        if not part.values.keys() <= part.former.keys():
            return "原来的内容没有留底"
        if any(base_of(record.stamps, name) not in mine for name in part.values):
            return "资料改过"
    for made in told.born:
        if not isinstance(made, CertTask) and made.row_version > 1:
            return "资料改过"
        if isinstance(made, CertTask) and (made.form_no or made.attempts or made.closed_by):
            return "认证已在办理"
    return ""


def _as_before(told: _Told) -> None:
    for record, part in reversed(told.edits):
        for name in part.values:
            setattr(record, name, from_wire(type(record), name, part.former[name]))
    for made in told.born:
        made.is_void, made.void_reason = True, UNDONE
        if isinstance(made, CertTask):
            made.state = VOID
