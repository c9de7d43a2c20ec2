"""``sangyu station …``: everything the main job needs, without a display (本站)."""

from argparse import Namespace
from collections.abc import Collection
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from app import (
    certification,
    imports,
    printed,
    results_list,
    retiree,
    roster_fields,
    roster_rules,
    visit,
)
from app.certification import DueFilter
from app.daily import daily
from app.kit import backup, importing, log, sheet
from app.kit.paths import Home
from app.kit.refusal import Refusal
from app.kit.run import look, run
from app.printing import certification_form
from app.printing.kit.fonts import missing
from app.retiree import People
from app.station import Station, restore_station, state
from models.kit import clock, codes, id_number
from sync import enrol
from sync.centre_card import centre_card
from ui.command import attachment
from ui.command.opened import (
    exchange_of,
    person_of,
    read_file,
    ready_for,
    refusal_of,
    refused_files,
    refusing,
    station,
    write_new,
)
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
    password,
    shown,
    with_password,
)
from ui.command.salvage import salvage
from ui.kit.exchange import told_words
from ui.shell import joining

PURPOSE = "本站：建站、导入名册、到期名单、打印、回收、走访、交换、备份"
PURPOSE_OF_PRINT = "资格认证"
TAKEN = ("ok", "changed", "already")


def add_arguments(rooms: Rooms) -> None:
    """Every command of a station."""
    inner = group(rooms, "station", PURPOSE)
    made = command(inner, "create", "用邀请文件建站", create)
    _file(made, "--invitation", "区中心给的邀请文件")
    made.add_argument("--answer", type=folder, required=True, metavar="OUT", help="回复文件")
    _file(command(inner, "accept", "读入区中心的批准", accept), "file", "批准文件")
    made = command(inner, "import", "导入花名册", import_roster)
    _file(made, "file", "花名册（xls、xlsx、csv）")
    made.add_argument("--employer", default="", metavar="NAME", help="移交单位")
    made = command(inner, "people", "在册人员", people)
    made.add_argument("--search", default="", metavar="TEXT", help="姓名、拼音、证号、电话、楼栋")
    made.add_argument("--full", action="store_true", help="显示完整证号")
    made = command(inner, "due", "到期人员", due)
    made.add_argument("--month", type=month, metavar="YYYY-MM", help="月份")
    made = command(inner, "forms", "打印认证表到 PDF", forms)
    made.add_argument("--month", type=month, metavar="YYYY-MM", help="月份")
    made.add_argument("--all", action="store_true", help="所有待认证的人，含到期日待核")
    made.add_argument("--out", type=folder, required=True, metavar="PDF", help="PDF 文件")
    made = command(inner, "returned", "回收认证表", returned)
    made.add_argument("codes", nargs="+", metavar="CODE", help="二维码内容或编号")
    _visit_arguments(command(inner, "visit", "登记走访", record_visit))
    attachment.add_to(inner)
    _file(command(inner, "results", "导入认证结果", results), "file", "认证结果名单")
    command(inner, "status", "本站情况", status)
    command(inner, "sync", "联网上报与接收", sync)
    for name, purpose, verb in (("pack", "写U盘", pack), ("unpack", "读U盘", unpack)):
        command(inner, name, purpose, verb).add_argument("folder", type=folder, metavar="DIR")
    made = command(inner, "salvage", "从旧资料、备份或U盘找回没有上报的录入", salvage)
    made.add_argument("source", type=folder, metavar="FILE|DIR", help="旧资料文件、备份或U盘文件夹")
    made.add_argument("--look", action="store_true", help="只看，不找回")
    command(inner, "backup", "立即备份", back_up)
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


def create(args: Namespace) -> Answer:
    """Set the station up from its invitation and write the answer for the centre."""
    with refusing():
        invited = enrol.read_invitation(read_file(args.invitation))
    ready_for(args.answer)
    if state(Home(args.home)) == "ready":
        return answer_again(args, invited)
    name = args.person or "站长"
    made = joining.begin(Home(args.home), invited, name, password())
    with made.station as opened, refusing():
        answer = joining.answer(opened, invited)
    write_new(args.answer, answer)
    data = {"home": args.home, "office": invited.office["name"], "answer": args.answer}
    lines = [
        f"{invited.office['name']} 已建好，{name} 可以登录。",
        f"恢复口令卡：{made.recovery_code}（请抄下锁好）",
        f"核对码（请在电话里和区中心对一遍）：{invited.centre.fingerprint}",
        f"请把回复文件交给区中心：{args.answer}",
    ]
    secrets = {"fingerprint": invited.centre.fingerprint, "recovery_code": made.recovery_code}
    return Answer({**data, **secrets}, lines)


def answer_again(args: Namespace, invited: enrol.Invited) -> Answer:
    """The answer once more, where the first start was stopped or its file got lost."""
    with station(args) as opened:
        if opened.office.id != invited.office["id"] or exchange_of(opened).standing().approved:
            raise Refusal("这台电脑上已经有资料了，不能再设置一次。请直接登录")
        write_new(args.answer, joining.answer(opened, invited))
    data = {"home": args.home, "office": opened.office.name, "answer": args.answer}
    fingerprint = {"fingerprint": invited.centre.fingerprint}
    lines = [
        f"{opened.office.name} 已经建好，回复文件又写了一份：{args.answer}",
        "恢复口令卡还没有抄下的，请打开桌面程序，在“设置”里换一张新的。",
    ]
    return Answer({**data, **fingerprint}, lines)


def accept(args: Namespace) -> Answer:
    """Read the approval."""
    with station(args) as opened:
        keys = exchange_of(opened).keys
        with opened.store.apply() as session:
            card = centre_card(session)
            enrol.accept(session, keys, card, read_file(args.file))
    return Answer({"approved": True}, [f"{card.name} 已批准本站，可以上报了。"])


def import_roster(args: Namespace) -> Answer:
    """Take in the good rows of a roster; the rest is told, row by row."""
    with station(args) as opened:
        data = take_roster(opened, args.file, args.employer)
    left = data["left"]
    figures = f"{data['must_fix']} 行必须改正，{data['confirm']} 行请确认"
    lines = [
        f"已导入 {data['imported']} 人；{figures}，{data['duplicate']} 行与在册重复。",
        *shown(f"第 {one['row']} 行 {one['name']}：{one['reason']}" for one in left),
    ]
    return Answer(data, lines)


def take_roster(opened: Station, file: Path, employer: str) -> dict[str, Any]:
    """Back up, then import all good rows of a file in one action."""
    analysis = analyse(opened, file)
    good = analysis.importable()
    copy = opened.backup("import")
    name = employer or roster_rules.guess_employer(analysis.table)
    left = [
        {
            "row": row.number,
            "name": str(row.values.get("name") or ""),
            "state": row.state.value,
            # a reason may quote a number; on screen that helps, in a script's output it stays
            "reason": log.blot("；".join(one.message for one in row.findings)),
        }
        for row in analysis.left()
    ]
    done = run(
        opened.store, opened.desk, imports.import_rows, good, file.name, name, len(left)
    ).result
    counts = analysis.counts
    return {
        "import_id": done.import_id,
        "imported": done.new,
        "updated": done.updated,
        "must_fix": counts.must_fix,
        "confirm": counts.confirm,
        "duplicate": counts.duplicate,
        "skipped": counts.skipped,
        "backup": copy.path.name,
        "left": left,
    }


def analyse(opened: Station, file: Path) -> importing.Analysis:
    """Read and check a roster against the register; raises Refusal on a file that is none."""
    fields = roster_fields.fields()
    tables = importing.tables(with_password(sheet.read, file), fields)
    if not tables:
        raise Refusal("文件里没有找到人员名册，请看是不是选错了文件")
    employer = roster_rules.guess_employer(tables[0])
    before = look(opened.store, opened.desk, imports.remembered, employer)
    mapping = importing.match(tables[0], fields, before)
    if mapping.missing:
        labels = "、".join(one.label for one in fields if one.id in mapping.missing)
        raise Refusal(f"名册里没有找到这几列：{labels}")

    def known(numbers: Collection[str]) -> dict[str, importing.Known]:
        return look(opened.store, opened.desk, imports.known_people, numbers)

    return importing.check(tables[0], mapping, fields, known, rules=roster_rules.RULES)


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


def due(args: Namespace) -> Answer:
    """Who has to be certified."""
    with station(args) as opened:
        run(opened.store, opened.program, daily)
        rows = look(opened.store, opened.desk, certification.due_rows, _of_month(args.month))
    found = [
        {
            "id": row.retiree_id,
            "task_id": row.task_id,
            "name": row.name,
            "id_no": id_number.mask(row.id_no),
            "state": row.state,
            "due_on": row.due_on,
            "way": row.way,
            "note": row.note,
            "address": row.address,
        }
        for row in rows
    ]
    lines = [f"应认证 {len(found)} 人。"]
    lines += shown(
        f"{one['name']} {one['due_on'] or '到期日待核'} {one['address']}" for one in found
    )
    return Answer({"people": found}, lines)


def forms(args: Namespace) -> Answer:
    """Number, draw and note the prints of forms."""
    ready_for(args.out)
    with station(args) as opened:
        run(opened.store, opened.program, daily)
        chosen = _of_month(None if args.all else args.month or this_month())
        tasks = look(opened.store, opened.desk, certification.due_ids, chosen)
        if not tasks:
            raise Refusal("没有要打印的人：这个月没有到期的，也可以加 --all 打印全部待认证")
        numbers = run(opened.store, opened.desk, certification.assign_form_numbers, tasks).result
        people = look(opened.store, opened.desk, certification.form_data, tasks)
        imprint = look(opened.store, opened.desk, printed.imprint, PURPOSE_OF_PRINT)
        lacking = missing(*certification_form.texts(certification_form.Forms(imprint, people)))
        write_new(args.out, certification_form.draw(certification_form.Forms(imprint, people)))
        run(opened.store, opened.desk, certification.printed, tasks, PURPOSE_OF_PRINT)
    said = {"file": args.out, "forms": len(tasks), "numbers": sorted(numbers.values())}
    said["codes"] = {one.number: one.payload for one in people}
    lines = [f"{len(tasks)} 份认证表已写到 {args.out}"]
    lines += [f"这些字打印不出来，请手写补上：{'、'.join(lacking)}"] if lacking else []
    return Answer({**said, "unprintable": lacking}, lines)


def _of_month(month: str | None) -> DueFilter:
    """Due in the month or overdue by then; without a month also who has no day yet."""
    return DueFilter(month=month, unknown=False) if month else DueFilter()


def this_month() -> str:
    """YYYY-MM."""
    return clock.today().strftime("%Y-%m")


def returned(args: Namespace) -> Answer:
    """Take scanned forms back."""
    found = []
    with station(args) as opened:
        for code in args.codes:
            one = run(opened.store, opened.desk, certification.returned, code).result
            found.append(
                {"kind": one.kind, "name": one.name, "number": one.number, "title": one.title}
            )
    taken = [one["title"] for one in found if one["kind"] in TAKEN]
    refused = [one["title"] for one in found if one["kind"] not in TAKEN]
    return Answer({"forms": found}, taken, "；".join(refused))


def record_visit(args: Namespace) -> Answer:
    """One visit; with --certify also survey and certification."""
    with station(args) as opened:
        key = person_of(opened, args.who)
        values = {
            "retiree_id": key,
            "visited_on": args.on or clock.today(),
            "visit_type": args.type,
            "way": args.way,
            "visitors": args.visitors or opened.desk.name,
            "met_in_person": not args.not_met,
            "living_note": args.note or None,
        }
        saved = run(
            opened.store, opened.desk, visit.record_visit, values, also_certify=args.certify
        ).result
    lines = ["走访已登记。", *saved.warnings]
    return Answer({"id": saved.id, "person": key, "warnings": list(saved.warnings)}, lines)


def results(args: Namespace) -> Answer:
    """People the agency has certified already."""
    rows = with_password(results_list.rows, args.file)
    with station(args) as opened:
        done = run(opened.store, opened.desk, certification.import_results, rows).result
    unmatched = [
        {"row": one.line, "name": one.name, "reason": one.reason} for one in done.unmatched
    ]
    lines = [f"{done.matched} 人已记入，{done.closed} 个任务办结，{len(unmatched)} 行没有对上。"]
    lines += shown(f"{one['name']}：{one['reason']}" for one in unmatched)
    data = {"matched": done.matched, "closed": done.closed, "already": done.already}
    return Answer({**data, "unmatched": unmatched}, lines)


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
        "last_confirmed_at": standing.last_confirmed_at,
        "upgrade": standing.upgrade or None,
        "at_city": standing.at_city,
        "last_backup_at": newest[0].made_at if newest else None,
    }
    said = "全部已上报" if standing.pending == 0 else f"待上报 {standing.pending} 条"
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
        copy = opened.backup("hand")
    return Answer({"file": copy.path}, [f"已备份并核对：{copy.path.name}"])


def restore(args: Namespace) -> Answer:
    """Put a copy in the place of the database; undecided changes are offered again."""
    with refusing():
        done = restore_station(Home(args.home), args.file, args.person, password())
    made = f"{clock.local(done.made_at):%Y-%m-%d %H:%M}"
    lines = [
        f"已恢复到 {made} 的备份，原来的资料另存在 {done.replaced.name}。",
        f"还没有定论的 {done.result} 条会重新上报，不会重复。",
    ]
    return Answer({"made_at": done.made_at, "offered": done.result}, lines)


__all__ = ["add_arguments"]
