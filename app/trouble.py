"""What else waits for a person at the centre (待办): entries set aside, files refused, actions held
for want of what they rest on, people registered twice. Each with the reason and what to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, String, cast, func, select
from sqlalchemy.orm import Session

from app import audit, person, roles
from app.certification.record import CONFIRMED, REFUSED
from app.kit.listing import SIZE, Page, cut
from app.kit.refusal import Overtaken, Refusal
from app.kit.who import at_desk
from models.certification import Certification, Suspicion
from models.exchange import (
    AFTER_DEATH,
    CASE,
    CLOSED_TWICE,
    LEFT_OUT,
    NEVER_CAME,
    Change,
    Held,
    RawBatch,
)
from models.kit import clock, codes
from models.kit.ids import new_id
from models.office import Office
from models.parameter import LocalNote
from models.retiree import Retiree
from models.schema import today

ASIDE, HELD, FILES, TWICE, CERTS = "aside", "held", "files", "twice", "certs"
CHIPS = (
    (ASIDE, "没有收下"),
    (HELD, "等前面的资料"),
    (FILES, "退回的数据包"),
    (TWICE, "重复登记"),
    (CERTS, "待确认的认证"),
)
LOOKED = "trouble"
SAME_NUMBER = "06"
HOLD = timedelta(days=7)
SOME = 3

# kind of a refused file -> why, what to do
FILE_WORDS: Mapping[str, tuple[str, str]] = {
    "forged": ("签名不对，可能被改动过或者是冒名的", "打电话给站点核实；站点没有送过的，报告主任"),
    "revoked": ("来自已经停用的电脑", "核对电脑在谁手里；要恢复使用，请重新邀请该站点"),
    "unknown": ("来自没有批准过的电脑", "请站点交来回复文件，批准以后再送一次"),
    "broken": ("数据包不完整或被改动过", "请站点重新写一份送来"),
    "not_ours": ("不是桑榆的数据包", "多半是拿错了文件，不用处理"),
    "elsewhere": ("不是给区中心的数据包", "多半是拿错了文件，不用处理"),
    "foreign_centre": ("是给另一个区中心的", "请站点核对邀请来自哪个区中心"),
    "too_new": ("站点的程序比区中心的新", "请先升级区中心的程序，升级后重新打开接收服务会自动读入"),
    "too_big": ("数据包太大", "请站点分几次送"),
}
# the same at a city, where it differs
CITY_FILE_WORDS: Mapping[str, tuple[str, str]] = {
    "forged": (FILE_WORDS["forged"][0], "打电话给该区中心核实；区里没有送过的，报告主任"),
    "revoked": (FILE_WORDS["revoked"][0], "核对电脑在谁手里；要恢复使用，请重新邀请该区中心"),
    "unknown": ("来自没有批准过的区中心", "请该区中心交来回复文件，批准以后再送一次"),
    "broken": (FILE_WORDS["broken"][0], "请该区中心重新写一份送来"),
    "elsewhere": ("不是给市级的数据包", "多半是拿错了文件，不用处理"),
    "foreign_centre": ("是给另一个市级的", "请该区中心核对邀请来自哪里"),
    "too_new": (
        "区中心的程序比市级的新",
        "请先升级市级的程序，升级后重新打开接收服务会自动读入",
    ),
    "too_big": (FILE_WORDS["too_big"][0], "请该区中心分几次送"),
    "altered": (
        "与站点签过名的原话不一致",
        "请该区中心升级程序后重报；还是不一致的，打电话与站点核实",
    ),
    "closed": ("里面有市级不该看到的内容", "请该区中心升级程序后重报"),
}
BREACH_TODO = {
    AFTER_DEATH: "请站点核对本人：状态登错的更正状态，认证登错的作废认证。改好以后这一项会自己收下",
    CLOSED_TWICE: "请站点核对两份认证，作废不对的一份。改好以后这一项会自己收下",
}
REASON_TODO = BREACH_TODO | {
    LEFT_OUT: "不用处理。站点已看到原因，需要的话由他们更正后重新登记",
    NEVER_CAME: "站点已看到原因。请他们核对前面的资料，补齐后重新登记这一项",
}
ASIDE_TODO = {
    "quarantined": "请先升级区中心的程序；已是最新的，把原因告诉技术支持。站点可以更正后重新登记",
    "refused": "站点已收到原因。需要的话打电话说明，请他们按原因更正后重新登记",
}


@dataclass(frozen=True, slots=True)
class TroubleRow:
    """One thing that waits. ``can_force`` for what has been held long enough."""

    key: str
    kind: str
    title: str
    office: str
    since: datetime
    reason: str
    todo: str
    count: int = 1
    can_force: bool = False
    forced: bool = False
    retiree_id: str = ""

    @property
    def id(self) -> str:
        """The key of the list."""
        return self.key


def chips(session: Session) -> dict[str, int]:
    """How many of each kind."""
    counted = {
        ASIDE: select(func.count()).select_from(aside().subquery()),
        HELD: select(func.count()).select_from(Held),
        FILES: select(func.count()).select_from(RawBatch).where(*files()),
        TWICE: select(func.count()).select_from(Suspicion).where(*_twice()),
        CERTS: select(func.count()).select_from(Certification).where(*_unconfirmed()),
    }
    return {key: session.scalar(query) or 0 for key, query in counted.items()}


def troubles(session: Session, chip: str = ASIDE, number: int = 1) -> Page[TroubleRow]:
    """One kind, the oldest first."""
    roles.allow(at_desk(session), "exchange", "see")
    count = chips(session)[chip]
    number = max(1, min(number, -(-count // SIZE) or 1))
    offices = {row.id: row.name for row in session.execute(select(Office.id, Office.name))}
    found = _READ[chip](session, offices, (number - 1) * SIZE)
    return cut(found, count, number)


def looked(session: Session, key: str) -> str:
    """Somebody has seen to it; it leaves the list and stays in the records."""
    roles.allow(at_desk(session), "exchange", "manage")
    if session.scalar(select(LocalNote.id).where(LocalNote.kind == LOOKED, LocalNote.key == key)):
        raise Overtaken("这一项已经有人处理过了")
    session.add(LocalNote(id=new_id(), kind=LOOKED, key=key))
    audit.note(session, "处理待办", "exchange", None, key)
    return "已处理，不再列出；原件和记录都留着"


def force(session: Session, key: str) -> str:
    """Decide a held action without what it waits for; whatever was changed meanwhile becomes a
    conflict for a person. Done by the service with the next file."""
    roles.allow(at_desk(session), "exchange", "manage")
    office_id, _, tx = key.partition(":")
    found = session.get(Held, (office_id, tx))
    if found is None:
        raise Overtaken("前面的资料刚刚到了，这一项已经自己办完")
    if found.forced_at is not None:
        raise Overtaken("这一项已经有人安排强制执行，收到下一个数据包时办")
    if not _is_old(found.since):
        raise Refusal(f"等满 {HOLD.days} 天才能强制执行，先请站点把前面的数据包补送来")
    found.forced_at = clock.now()
    audit.note(session, "强制执行", "exchange", None, tx)
    return "已安排，收到下一个数据包时执行，有出入的会列在“争议”里"


# each kind ----------------------------------------------------------------------------------


def _unseen(key: SQLColumnExpression[str]) -> ColumnElement[bool]:
    return key.not_in(
        select(LocalNote.key).where(LocalNote.kind == LOOKED, LocalNote.key.is_not(None))
    )


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
    return select(grouped).where(_unseen(grouped.c.key))


def _read_aside(session: Session, offices: Mapping[str, str], start: int) -> list[TroubleRow]:
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
    heads = [
        today(row.head, row.payload)
        for row in session.execute(
            select(Change.head, Change.payload)
            .where(
                Change.office_id == office_id,
                Change.incarnation == incarnation,
                Change.seq.between(first, last),
            )
            .order_by(Change.seq)
            .limit(SOME)
        )
    ]
    ids = [str(values.get("retiree_id") or head.entity_id) for head, values in heads]
    known = person.names(session, ids)
    said = [
        str(values.get("name") or known.get(key) or "")
        for key, (_, values) in zip(ids, heads, strict=True)
    ]
    names = "、".join(dict.fromkeys(one for one in said if one))
    nouns = "、".join(dict.fromkeys(roles.NOUNS.get(head.entity, "资料") for head, _ in heads))
    more = f"等 {count} 条" if count > 1 else ""
    return " · ".join(part for part in (names, f"{nouns}{more}") if part)


def _read_held(session: Session, offices: Mapping[str, str], start: int) -> list[TroubleRow]:
    rows = session.scalars(
        select(Held).order_by(Held.since, Held.tx).limit(SIZE).offset(start)
    ).all()
    return [_held(session, offices, row) for row in rows]


def _is_old(since: datetime) -> bool:
    """Has it waited long enough? What came by a clock that was ahead is not made to wait for
    years."""
    return not timedelta() <= clock.now() - since < HOLD


def _held(session: Session, offices: Mapping[str, str], row: Held) -> TroubleRow:
    old, count = _is_old(row.since), row.last - row.first + 1
    reason = "它所依据的资料还没有送到"
    todo = "前面的资料一到就自己办完。先请站点把没送到的数据包补来"
    if _rests_on_case(session, row.waits_for):
        reason, old = "它所依据的那次操作在等裁定", False
        todo = "请到“争议”里裁定那一项。采用的，这一项跟着收下；不采用的，这一项跟着退回"
    if row.forced_at:
        todo = "已安排强制执行，收到下一个数据包时办"
    elif old:
        days = max(HOLD, clock.now() - row.since).days
        todo = f"已等 {days} 天。补不来的，可以强制执行，有出入的列入争议"
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


def files() -> tuple[ColumnElement[bool], ...]:
    return RawBatch.refused.is_not(None), _unseen(RawBatch.sha256)


def _read_files(session: Session, offices: Mapping[str, str], start: int) -> list[TroubleRow]:
    rows = session.execute(
        select(RawBatch.sha256, RawBatch.office_id, RawBatch.received_at, RawBatch.refused)
        .where(*files())
        .order_by(RawBatch.received_at, RawBatch.sha256)
        .limit(SIZE)
        .offset(start)
    )
    found = []
    is_city = roles.is_city(at_desk(session))
    for digest, office_id, at, kind in rows:
        reason, todo = file_words(kind or "", is_city=is_city)
        office = offices.get(office_id, "")
        title = f"自称 {office} 的数据包" if office else "来历不明的数据包"
        found.append(TroubleRow(digest, FILES, title, office, at, reason, todo))
    return found


def file_words(kind: str, *, is_city: bool = False) -> tuple[str, str]:
    """Why a file was refused, and what to do, to a centre's people or to a city's."""
    if is_city:
        usual = FILE_WORDS.get(kind, ("没有读懂", "请该区中心重新写一份送来"))
        return CITY_FILE_WORDS.get(kind, usual)
    return FILE_WORDS.get(kind, ("没有读懂", "请站点重新写一份送来"))


def _twice() -> tuple[ColumnElement[bool], ...]:
    return (
        Suspicion.reason == SAME_NUMBER,
        Suspicion.decision.is_(None),
        Suspicion.is_void.is_(False),
        _unseen(Suspicion.id),
    )


def _read_twice(session: Session, offices: Mapping[str, str], start: int) -> list[TroubleRow]:
    rows = session.execute(
        select(Suspicion, Retiree.name)
        .join(Retiree, Retiree.id == Suspicion.retiree_id)
        .where(*_twice())
        .order_by(Suspicion.found_on, Suspicion.id)
        .limit(SIZE)
        .offset(start)
    )
    return [
        TroubleRow(
            one.id,
            TWICE,
            name,
            offices.get(one.office_id, ""),
            one.created_at,
            one.detail or "",
            "请两站核对由谁管理，不管的一方登记迁出或作废；两站都收到了提醒",
            retiree_id=one.retiree_id,
        )
        for one, name in rows
    ]


def _unconfirmed() -> tuple[ColumnElement[bool], ...]:
    said = (CONFIRMED, REFUSED)
    return Certification.is_void.is_(False), Certification.report_state.not_in(said)


def _read_certs(session: Session, offices: Mapping[str, str], start: int) -> list[TroubleRow]:
    rows = session.execute(
        select(Certification, Retiree.name)
        .join(Retiree, Retiree.id == Certification.retiree_id)
        .where(*_unconfirmed())
        .order_by(Certification.certified_on, Certification.id)
        .limit(SIZE)
        .offset(start)
    )
    method = codes.table("CERT_METHOD").name
    return [
        TroubleRow(
            one.id,
            CERTS,
            name,
            offices.get(one.office_id, ""),
            one.created_at,
            f"{one.certified_on} {method(one.method)}",
            "核对无误的确认；有问题的写明原因退回，站里的任务会重新打开",
            retiree_id=one.retiree_id,
        )
        for one, name in rows
    ]


_READ = {
    ASIDE: _read_aside,
    HELD: _read_held,
    FILES: _read_files,
    TWICE: _read_twice,
    CERTS: _read_certs,
}
