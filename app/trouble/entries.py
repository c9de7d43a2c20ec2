"""What stations wrote that was not taken in: entries set aside, and actions held for want of what
they rest on."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, cast, func, select
from sqlalchemy.orm import Session

from app import audit, nouns, person, roles
from app.kit.listing import SIZE
from app.kit.refusal import Overtaken, Refusal
from app.kit.who import at_desk
from app.trouble.row import ASIDE, HELD, TroubleRow, unseen
from models.entities import BY_NAME
from models.exchange import AFTER_DEATH, CASE, CLOSED_TWICE, LEFT_OUT, NEVER_CAME, Change, Held
from models.kit import clock
from models.kit.base import fact_of
from models.kit.stream import Head
from models.schema import today

HOLD = timedelta(days=7)
SOME, FIRST = 3, 200


BREACH_TODO = {
    AFTER_DEATH: "请站点核对本人：状态登错的更正状态，认证登错的作废认证。改好以后这一项会自己收下",
    CLOSED_TWICE: "请站点核对两份认证，作废不对的一份。改好以后这一项会自己收下",
}
REASON_TODO = BREACH_TODO | {
    LEFT_OUT: "不用处理。站点已看到原因，需要的话由他们更正后重新登记",
    NEVER_CAME: "站点已看到原因。请他们把前面的资料补来，这一项会自己收下；补不来的，重新登记",
}
ASIDE_TODO = {
    "quarantined": "请先升级区中心的程序；已是最新的，把原因告诉技术支持。站点可以更正后重新登记",
    "refused": "站点已收到原因。需要的话打电话说明，请他们按原因更正后重新登记",
}


def force(session: Session, key: str) -> str:
    """Decide a held action without what it waits for; whatever was changed meanwhile becomes a
    conflict for a person. Done by the service with the next file."""
    roles.allow(at_desk(session), "exchange", "manage")
    office_id, _, tx = key.partition(":")
    found = session.get(Held, (office_id, tx))
    if found is None:
        raise Overtaken("前面的资料刚刚到了，这一项已经自己办完")
    if found.forced_at is not None:
        raise Overtaken("这一项已经有人安排不再等，收到下一个数据包时办")
    if not _is_old(found.since):
        raise Refusal(f"等满 {HOLD.days} 天才能不再等、直接办，先请站点把前面的数据包补送来")
    found.forced_at = clock.now()
    where = found.office_id, found.incarnation, found.first, found.last
    said = _kinds(_said(session, *where, SOME), _count(found))
    audit.note(session, "不等前面的资料", "exchange", None, said)
    return "已安排，收到下一个数据包时办，有出入的会列在“争议”里"


def aside() -> Any:
    """Entries set aside together for one reason, as one row."""
    first = func.min(Change.seq)
    key = Change.incarnation + ":" + cast(first, String)
    grouped = (
        select(
            Change.office_id,
            Change.incarnation,
            Change.outcome,
            Change.reason,
            Change.decided_at,
            first.label("first"),
            func.max(Change.seq).label("last"),
            func.count().label("entries"),
            key.label("key"),
        )
        .where(Change.outcome.in_(tuple(ASIDE_TODO)))
        .group_by(
            Change.office_id, Change.incarnation, Change.outcome, Change.reason, Change.decided_at
        )
        .subquery()
    )
    return select(grouped).where(unseen(grouped.c.key))


def read_aside(session: Session, offices: Mapping[str, str], start: int) -> list[TroubleRow]:
    query = aside()
    at = query.selected_columns
    rows = session.execute(query.order_by(at.decided_at, at.key).limit(SIZE).offset(start)).all()
    return [
        TroubleRow(
            row.key,
            ASIDE,
            _what(session, row.office_id, row.incarnation, row.first, row.last, row.entries),
            offices.get(row.office_id, ""),
            row.decided_at,
            row.reason or "没有说明",
            REASON_TODO.get(row.reason) or ASIDE_TODO[row.outcome],
            row.entries,
        )
        for row in rows
    ]


def _what(
    session: Session, office_id: str, incarnation: str, first: int, last: int, count: int
) -> str:
    """王秀英、罗玉梅 · 人员资料 等 12 条."""
    heads = _said(session, office_id, incarnation, first, last, SOME)
    ids = [str(values.get("retiree_id") or head.entity_id) for head, values in heads]
    known = person.names(session, ids)
    said = [
        str(values.get("name") or known.get(key) or "")
        for key, (_, values) in zip(ids, heads, strict=True)
    ]
    names = "、".join(dict.fromkeys(one for one in said if one))
    return " · ".join(part for part in (names, _kinds(heads, count)) if part)


def _kinds(heads: Sequence[tuple[Head, Mapping[str, Any]]], count: int) -> str:
    kinds = "、".join(dict.fromkeys(nouns.of(head.entity).word for head, _ in heads))
    return f"{kinds}等 {count} 条" if count > 1 else kinds


def read_held(session: Session, offices: Mapping[str, str], start: int) -> list[TroubleRow]:
    rows = session.scalars(
        select(Held).order_by(Held.since, Held.tx).limit(SIZE).offset(start)
    ).all()
    return [_held(session, offices, row) for row in rows]


def _count(row: Held) -> int:
    return row.last - row.first + 1


def told_aside(session: Session, key: str) -> str:
    """What such a row is about, without a name; empty where it is of another kind."""
    query = aside()
    row = session.execute(query.where(query.selected_columns.key == key)).first()
    if row is None:
        return ""
    said = _said(session, row.office_id, row.incarnation, row.first, row.last, SOME)
    return _kinds(said, row.entries)


def _is_old(since: datetime) -> bool:
    """Has it waited long enough? What came by a clock that was ahead is not made to wait for
    years."""
    return not timedelta() <= clock.now() - since < HOLD


def _held(session: Session, offices: Mapping[str, str], row: Held) -> TroubleRow:
    old, count = _is_old(row.since), _count(row)
    reason = f"{_awaited(session, row)}还没有送到"
    todo = "前面的资料一到就自己办完。先请站点把没送到的数据包补来"
    if _rests_on_case(session, row.waits_for):
        reason, old = "它所依据的那次操作在等裁定", False
        todo = "请到“争议”里裁定那一项。采用的，这一项跟着收下；不采用的，这一项跟着退回"
    if row.forced_at:
        todo = "已安排不再等，收到下一个数据包时办"
    elif old:
        days = max(HOLD, clock.now() - row.since).days
        todo = f"已等 {days} 天。补不来的，可以不再等、直接办，有出入的列入争议"
    return TroubleRow(
        f"{row.office_id}:{row.tx}",
        HELD,
        _what(session, row.office_id, row.incarnation, row.first, row.last, count),
        offices.get(row.office_id, ""),
        row.since,
        reason,
        todo,
        count,
        old and row.forced_at is None,
        row.forced_at is not None,
    )


def _rests_on_case(session: Session, key: str) -> bool:
    """Is what it waits for put aside until a person has ruled?"""
    made = select(Change.seq).where(Change.entity_id == key, Change.outcome == CASE)
    return session.scalars(made.limit(1)).first() is not None


def _awaited(session: Session, row: Held) -> str:
    """What it waits for, as far as its own words tell."""
    where = row.office_id, row.incarnation, row.first, row.last
    for head, values in _said(session, *where, FIRST):
        if head.entity_id == row.waits_for:
            return f"这条{nouns.of(head.entity).word}的登记"
        entity = BY_NAME.get(head.entity)
        for said, words in ((values, "它指到的“{}”"), (head.bases, "“{}”更早的一次修改")):
            names = [name for name, one in said.items() if one == row.waits_for]
            if known := [one for name in names if entity and (one := fact_of(entity, name))]:
                return words.format(known[0].label)
    return "它所依据的资料"


def _said(
    session: Session, office_id: str, incarnation: str, first: int, last: int, most: int
) -> list[tuple[Head, dict[str, Any]]]:
    rows = session.execute(
        select(Change.head, Change.payload)
        .where(
            Change.office_id == office_id,
            Change.incarnation == incarnation,
            Change.seq.between(first, last),
        )
        .order_by(Change.seq)
        .limit(most)
    )
    return [today(row.head, row.payload) for row in rows]
