"""``sangyu station …``: everything the main job needs, without a display (本站)."""

from argparse import Namespace
from dataclasses import asdict
from typing import Any

from sqlalchemy.orm import Session

from app import drill, retiree
from app.daily import daily
from app.kit import backup
from app.kit.moments import oldest
from app.kit.paths import Home
from app.kit.run import look, run
from app.retiree import People
from app.station import Station
from models.kit import codes
from ui.command import attachment, certifying, copies, place, setting_up, taking_in
from ui.command.opened import exchange_of, refusal_of, refused_files, station
from ui.command.parser import (
    Answer,
    Parser,
    Rooms,
    command,
    day,
    existing_file,
    folder,
    group,
    month,
    shown,
)
from ui.command.salvage import salvage
from ui.exchange.with_centre import told_words

PURPOSE = "本站：建站、导入名册、到期名单、打印、回收、走访、交换、备份"


def add_arguments(rooms: Rooms) -> None:
    """Every command of a station."""
    inner = group(rooms, "station", PURPOSE)
    made = command(inner, "create", "用邀请文件建站", setting_up.create)
    _file(made, "--invitation", "区中心给的邀请文件")
    made.add_argument("--answer", type=folder, required=True, metavar="OUT", help="回复文件")
    _file(command(inner, "accept", "读入区中心的批准", setting_up.accept), "file", "批准文件")
    made = command(inner, "import", "导入花名册", taking_in.import_roster)
    _file(made, "file", "花名册（xls、xlsx、csv）")
    made.add_argument("--employer", default="", metavar="NAME", help="移交单位")
    made = command(inner, "people", "在册人员", people)
    made.add_argument("--search", default="", metavar="TEXT", help="姓名、拼音、证号、电话、楼栋")
    made.add_argument("--full", action="store_true", help="显示完整证号")
    made = command(inner, "due", "到期人员", certifying.due)
    made.add_argument("--month", type=month, metavar="YYYY-MM", help="月份")
    made = command(inner, "forms", "打印认证表到 PDF", certifying.forms)
    made.add_argument("--month", type=month, metavar="YYYY-MM", help="月份")
    made.add_argument("--all", action="store_true", help="所有待认证的人，含到期日待核")
    made.add_argument("--out", type=folder, required=True, metavar="PDF", help="PDF 文件")
    made = command(inner, "returned", "回收认证表", certifying.returned)
    made.add_argument("codes", nargs="+", metavar="CODE", help="二维码内容或编号")
    _visit_arguments(command(inner, "visit", "登记走访", certifying.record_visit))
    attachment.add_to(inner)
    _file(command(inner, "results", "导入认证结果", certifying.results), "file", "认证结果名单")
    command(inner, "status", "本站情况", status)
    place.add_stations(inner)
    command(inner, "sync", "联网上报与接收", sync)
    for name, purpose, verb in (("pack", "写U盘", pack), ("unpack", "读U盘", unpack)):
        command(inner, name, purpose, verb).add_argument("folder", type=folder, metavar="DIR")
    made = command(inner, "salvage", "从旧资料、备份或U盘找回没有上报的录入", salvage)
    made.add_argument("source", type=folder, metavar="FILE|DIR", help="旧资料文件、备份或U盘文件夹")
    made.add_argument("--look", action="store_true", help="只看，不找回")
    command(inner, "backup", "立即备份", back_up)
    command(inner, "drill", "用最新的备份演练一次恢复，资料不变", rehearse)
    _file(command(inner, "restore", "从备份恢复", restore), "file", "备份文件")


def _file(made: Parser, name: str, purpose: str) -> None:
    extra: dict[str, Any] = {"required": True} if name.startswith("-") else {}
    made.add_argument(name, type=existing_file, metavar="FILE", help=purpose, **extra)


def _visit_arguments(made: Parser) -> None:
    made.add_argument("who", metavar="PERSON", help="人员编号、完整证号，或唯一的姓名")
    made.add_argument("--on", type=day, metavar="DATE", help="走访日期，不写时为今天")
    made.add_argument("--type", default="15", metavar="CODE", help="走访类型代码，15 上门认证")
    made.add_argument("--way", default="1", metavar="CODE", help="走访方式代码，1 上门")
    made.add_argument("--visitors", default="", metavar="NAMES", help="走访人")
    made.add_argument("--note", default="", metavar="TEXT", help="谈话内容")
    made.add_argument("--not-met", action="store_true", help="没有见到本人")
    made.add_argument("--certify", action="store_true", help="同时完成上门核验")


def people(args: Namespace) -> Answer:
    """Everybody in the register, or those a search finds."""
    rows: list[Any] = []
    with station(args) as opened:
        wanted = People(text=args.search)
        number = 1
        while True:
            page = look(opened.store, opened.desk, retiree.people, wanted, number)
            rows += page.rows
            if number * page.size >= page.total:
                break
            number += 1
        full = _full_numbers(opened, [row.id for row in rows]) if args.full else {}
    found = [
        {
            "id": row.id,
            "name": row.name,
            "id_no": full.get(row.id, row.id_no),
            "state": row.manage_state,
            "address": row.address,
        }
        for row in rows
    ]
    state = codes.table("MANAGE_STATE")
    lines = [f"共 {len(found)} 人。"]
    lines += shown(f"{one['name']} {one['id_no']} {state.name(one['state'])}" for one in found)
    return Answer({"people": found}, lines)


def _full_numbers(opened: Station, ids: list[str]) -> dict[str, str]:
    """Whole numbers, noted in the log one by one."""

    def reveal(session: Session) -> dict[str, str]:
        return {key: retiree.reveal(session, key, "id_no") for key in ids}

    return run(opened.store, opened.desk, reveal).result


def status(args: Namespace) -> Answer:
    """How the station stands."""
    with station(args) as opened:
        chips = look(opened.store, opened.desk, retiree.chips)
        standing = exchange_of(opened).standing()
        newest = backup.copies(opened.home)[:1]
        office = opened.office.name
    data = {
        "office": office,
        "people": chips["managed"],
        "due": chips["due"],
        "unknown": chips["unknown"],
        "suspicions": chips["suspicion"],
        "pending": standing.pending,
        "unsent": standing.unsent,
        "approved": standing.approved,
        "arrived": standing.arrived,
        "oldest_pending_at": standing.oldest_pending_at,
        "last_confirmed_at": standing.last_confirmed_at,
        "upgrade": standing.upgrade or None,
        "at_city": standing.at_city,
        "last_backup_at": newest[0].made_at if newest else None,
    }
    said = "全部已上报"
    if standing.pending:
        said = f"待上报 {standing.pending} 条{oldest(standing.oldest_pending_at)}"
        if standing.arrived:
            said += f"，其中 {standing.arrived} 条区中心已收到，还没有办"
    if standing.at_city is not None:
        said += f"，已到市级 {standing.at_city} 条"
    lines = [f"{office}：在册 {chips['managed']} 人，待认证 {chips['due']} 人，{said}。"]
    return Answer(data, lines + ([f"{standing.upgrade}。"] if standing.upgrade else []))


def sync(args: Namespace) -> Answer:
    """Over the network."""
    with station(args) as opened:
        run(opened.store, opened.desk, daily)
        done = exchange_of(opened).sync()
    return _exchanged(done)


def _exchanged(done: Any) -> Answer:
    data = {
        "sent": done.sent,
        "received": done.received,
        "decided": done.decided,
        "pending": done.pending,
        "receipt": done.receipt,
        "anew": done.anew,
        "begun": done.begun,
        "doubted": done.doubted,
    }
    lines = [f"发出 {done.sent} 条，收到 {done.received} 条，区中心回执 {done.receipt}。"]
    told = told_words(done)
    return Answer(data, [*lines, f"{told}。"] if told else lines)


def pack(args: Namespace) -> Answer:
    """Onto a stick."""
    with station(args) as opened:
        run(opened.store, opened.desk, daily)
        done = exchange_of(opened).pack(args.folder)
    names = [path.name for path in done.files]
    lines = [
        f"已把 {done.exchanged.sent} 条写到U盘：{'、'.join(names)}",
        "拿到区中心的回执才算报到。",
    ]
    return Answer({"files": names, "changes": done.exchanged.sent}, lines)


def unpack(args: Namespace) -> Answer:
    """From a stick."""
    with station(args) as opened:
        done = exchange_of(opened).unpack(args.folder)
    answer = _exchanged(done.exchanged)
    data = {**answer.data, "files": [path.name for path in done.files]}
    lines = list(answer.lines) if done.files else ["U盘里没有给本站的新回执。"]
    return Answer({**data, **refused_files(done.refused)}, lines, refusal_of(done.refused))


def back_up(args: Namespace) -> Answer:
    """A verified encrypted copy now."""
    with station(args) as opened:
        return copies.back_up(opened)


def rehearse(args: Namespace) -> Answer:
    """Would the newest backup bring this station back?"""
    with station(args) as opened:
        done = drill.drill(opened)
    if done.passed:
        return Answer(asdict(done), [f"{done.words}。"])
    return Answer(asdict(done), refused=done.words)


def restore(args: Namespace) -> Answer:
    """Put a copy in the place of the database; undecided changes are offered again."""
    return copies.put_back(Home(args.home), args)
