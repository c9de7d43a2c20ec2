"""W4: what an import had changed of people registered before is as it was (撤销导入)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from app import person
from app.undo import Part
from models.cert_task import VOID, CertTask
from models.family import Family
from models.kit.base import Record, from_wire
from models.kit.changes import base_of
from models.retiree import DEAD, MOVED_OUT, Retiree
from models.tag import Tag

UNDONE = "撤销导入"
Beside = Family | Tag | CertTask
NOUNS: Mapping[str, type[Retiree | Beside]] = {
    one.__tablename__: one for one in (Retiree, CertTask, Family, Tag)
}


@dataclass(slots=True)
class _Told:
    """What an import said of somebody registered, of them and of what hangs on them."""

    edits: list[tuple[Record, Part]] = field(default_factory=list)
    born: list[Beside] = field(default_factory=list)


def give_back(session: Session, parts: Sequence[Part]) -> tuple[int, dict[str, str]]:
    """What an import said, taken back: how many people got what they had, and why the others, by
    id, keep what they have."""
    mine = frozenset(part.head.change_id for part in parts)
    count, kept = 0, {}
    for who, told in _registered(session, parts):
        reason = _holds(who, told, mine)
        if reason:
            kept[who.id] = reason
        else:
            _as_before(told)
            count += 1
    return count, kept


def _registered(session: Session, parts: Sequence[Part]) -> list[tuple[Retiree, _Told]]:
    """Those whom the import did not bring, and are on record."""
    told: dict[str, _Told] = defaultdict(_Told)
    for part in parts:
        noun = NOUNS.get(part.head.entity)
        record = session.get(noun, part.head.entity_id) if noun and _is_edit(part) else None
        if record is not None:
            key = record.id if isinstance(record, Retiree) else record.retiree_id
            told[key].edits.append((record, part))
    births = [one for one in parts if not _is_edit(one)]
    brought = {one.head.entity_id for one in births if one.head.entity == Retiree.__tablename__}
    for part in births:
        noun, key = NOUNS.get(part.head.entity), part.values.get("retiree_id")
        if noun is None or key is None:
            continue
        if key in told or (noun is not CertTask and key not in brought):
            made = session.get(noun, part.head.entity_id)
            if made is not None and not isinstance(made, Retiree):
                told[key].born.append(made)
    people = ((session.get(Retiree, key), one) for key, one in told.items())
    return [(who, said) for who, said in people if who is not None and not who.is_void]


def _is_edit(part: Part) -> bool:
    return part.head.op == "update"


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
