"""Files that were refused, or that the program failed at, in words."""

from collections.abc import Mapping

import msgspec
from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from app import roles
from app.kit.listing import SIZE
from app.kit.who import at_desk
from app.trouble.row import FILES, STUCK, TroubleRow, unseen
from models.backlog import backlogs
from models.exchange import Queued, RawBatch

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

STUCK_WHY = "程序办不了这个数据包"
STUCK_SAFE = "已原样留存，没有丢，也不用站点再送。别的站点照常，只是这台电脑送来的都在等它"
STUCK_TODO = (
    "请升级区中心的程序，升级后重新打开接收服务会自己接着办；"
    "已是最新的，请联系技术支持，报下面的编号"
)


def refused() -> tuple[ColumnElement[bool], ...]:
    return RawBatch.refused.is_not(None), unseen(RawBatch.sha256)


def read_files(session: Session, offices: Mapping[str, str], start: int) -> list[TroubleRow]:
    rows = session.execute(
        select(RawBatch.sha256, RawBatch.office_id, RawBatch.received_at, RawBatch.refused)
        .where(*refused())
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


def stuck() -> ColumnElement[bool]:
    """No seeing to it takes it off the list: whatever comes after it in its stream waits."""
    return Queued.stuck_at.is_not(None)


class Span(msgspec.Struct):
    """Which entries a file brings, by its kept header; none where ``last`` comes before."""

    first: int = 1
    last: int = 0


def span_of(header: str) -> Span:
    """Everything else in the header is passed over."""
    return msgspec.json.decode(header, type=Span)


def read_stuck(session: Session, offices: Mapping[str, str], start: int) -> list[TroubleRow]:
    """With how many entries wait because of it."""
    here = and_(RawBatch.office_id == Queued.office_id, RawBatch.sha256 == Queued.sha256)
    rows = session.execute(
        select(Queued, RawBatch.received_at, RawBatch.header)
        .join(RawBatch, here)
        .where(stuck())
        .order_by(RawBatch.received_at, Queued.sha256)
        .limit(SIZE)
        .offset(start)
    )
    waits = {(one.office_id, one.incarnation): one.entries for one in backlogs(session)}
    found = []
    for one, at, header in rows:
        span, count = span_of(header), waits[one.office_id, one.incarnation]
        todo = f"{STUCK_SAFE}（{count:,} 条）。{STUCK_TODO}"
        title = f"数据包（第 {span.first:,}—{span.last:,} 条）"
        office = offices.get(one.office_id, "")
        found.append(TroubleRow(one.sha256, STUCK, title, office, at, STUCK_WHY, todo, count))
    return found


def file_words(kind: str, *, is_city: bool = False) -> tuple[str, str]:
    """Why a file was refused, and what to do, to a centre's people or to a city's."""
    if is_city:
        usual = FILE_WORDS.get(kind, ("没有读懂", "请该区中心重新写一份送来"))
        return CITY_FILE_WORDS.get(kind, usual)
    return FILE_WORDS.get(kind, ("没有读懂", "请站点重新写一份送来"))
