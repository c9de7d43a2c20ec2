"""A station as a line of the list."""

from dataclasses import replace
from datetime import timedelta

from app.stations import CHIPS, StationRow
from models.kit import clock
from ui.kit.cells import Cell, Stat, Tags, TagWord, Text, Two
from ui.kit.format import fast
from ui.kit.table import Column
from ui.kit.view import View

VIEW = View(
    columns=(
        Column("office", "站点 / 代码", 200, stretch=3),
        Column("contact", "最近联系", 150, stretch=1),
        Column("received", "已收", 90, right=True, drop=2),
        Column("down", "未取回执", 100, right=True, drop=1),
        Column("state", "情况", 260, stretch=3),
    ),
    search="站点名称或代码",
    chips=CHIPS,
    unit="台",
    keys="↑↓ 选站点   Enter 看详情",
)

# at a city the districts are what reports, each with its stations
CITY_VIEW = replace(
    VIEW,
    columns=(
        Column("office", "区中心 / 代码", 210, stretch=3),
        Column("contact", "最近联系", 140, stretch=1),
        Column("stations", "站点", 70, right=True, drop=2),
        Column("received", "已收", 90, right=True, drop=1),
        Column("agreed", "核对", 130, stretch=1),
        Column("state", "情况", 210, stretch=3),
    ),
    search="区中心名称或代码",
    unit="个",
    keys="↑↓ 选区中心   Enter 看详情",
)


def city_cells(row: StationRow) -> tuple[Cell, ...]:
    """A district."""
    if row.invited_at is not None:
        sent = f"{clock.local(row.invited_at):%Y-%m-%d} 邀请"
        return (Two(row.office, ""), Text(sent, "t2"), Text("—", "t3"), Text("—", "t3"),
                Text("—", "t3"), Tags((TagWord("等区中心交回复文件", "info"),)))  # fmt: skip
    many = len(row.report.stations) if row.report else 0
    return (
        Two(row.office or "区中心", row.code or "还没有报来资料"),
        contact(row),
        Text(f"{many:,}"),
        Text(f"{row.received:,}"),
        agreed(row),
        Tags(tuple(troubles(row))),
    )


def agreed(row: StationRow) -> Stat:
    """Did both sides hold the same when they last compared?"""
    report = row.report
    if report is None or report.compared_at is None:
        return Stat("没有核对过", "neu", "clock")
    return Stat("一致", "ok", "check") if report.agreed else Stat("不一致", "bad", "circle-alert")


def cells(row: StationRow) -> tuple[Cell, ...]:
    if row.invited_at is not None:
        sent = f"{clock.local(row.invited_at):%Y-%m-%d} 邀请"
        return (Two(row.office, row.code), Text(sent, "t2"), Text("—", "t3"), Text("—", "t3"),
                Tags((TagWord("等站点交回复文件", "info"),)))  # fmt: skip
    return (
        Two(row.office, f"{row.code} · 电脑 {row.computer}"),
        contact(row),
        Text(f"{row.received:,}"),
        Text(f"{row.undelivered:,}" if row.undelivered else "—", "" if row.undelivered else "t3"),
        Tags(tuple(troubles(row))),
    )


def contact(row: StationRow) -> Stat:
    """今天 14:28, 3 天前; amber after a week, red after a month."""
    if row.revoked_at is not None:
        return Stat(f"{clock.local(row.revoked_at):%Y-%m-%d} 停用", "neu", "circle-x")
    if row.last_contact_at is None:
        tone = {"silent": "bad", "quiet": "warn"}.get(row.silence, "info")
        return Stat("还没有联系过", tone, "clock")
    tone = {"silent": "bad", "quiet": "warn"}.get(row.silence, "ok")
    return Stat(ago(clock.now() - row.last_contact_at), tone, "clock" if row.silence else "check")


def ago(age: timedelta) -> str:
    """How long ago, as people say it."""
    minutes = int(age.total_seconds() // 60)
    if minutes < 1:
        return "刚才"
    if minutes < 60:
        return f"{minutes} 分钟前"
    if minutes < 60 * 24:
        return f"{minutes // 60} 小时前"
    return f"{age.days} 天前"


def troubles(row: StationRow) -> list[TagWord]:
    """Everything that is not as it should be, the worst first."""
    if row.revoked_at is not None:
        return [TagWord("已停用", "neu")]
    found = []
    if row.forked:
        found.append(TagWord("资料分叉", "bad", "git-compare"))
    if row.doubted:
        found.append(TagWord("读到哪里没有凭据", "bad"))
    if row.stuck:
        found.append(TagWord(f"程序办不了，{row.queued} 条在等", "bad"))
    if row.parked:
        found.append(TagWord(f"中间缺一段，后面 {row.parked} 条在等", "bad"))
    if row.held:
        found.append(TagWord(f"等前面的资料 {row.held}", "warn"))
    if row.set_aside:
        found.append(TagWord(f"没有收下 {row.set_aside}", "warn"))
    if row.files:
        found.append(TagWord(f"退回数据包 {row.files}", "warn"))
    if row.differs:
        found.append(TagWord("核对不一致", "bad"))
    if row.report is not None and row.report.waits_since:
        found.append(TagWord("等前面的数据包", "warn"))
    if row.report is not None and row.report.strangers:
        found.append(TagWord(f"新站点待确认 {row.report.strangers}", "warn"))
    if row.drill_failed:
        found.append(TagWord("恢复演练没有通过", "bad"))
    elif row.drill_late:
        found.append(TagWord("恢复演练逾期", "warn"))
    if row.clock_off is not None:
        found.append(TagWord(f"时钟{fast(row.clock_off)}", "warn", "clock"))
    if not found and row.silence:
        found.append(TagWord("很久没有联系", "bad" if row.silence == "silent" else "warn"))
    if row.queued and not row.stuck:
        found.append(TagWord(f"{row.queued} 条已收好，还没有办", "info"))
    return found or [TagWord("正常", "ok", "circle-check")]
