"""``sangyu centre …``: the district centre from the command line (区中心)."""

import os
import signal
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from typing import Any

from app import centre as verbs
from app import certification, erasure, results_list, stations
from app.kit.lock import Lock
from app.kit.moments import near
from app.kit.paths import Home
from app.kit.refusal import Refusal
from app.kit.run import look, run
from app.station import Station, create_centre, state
from sync import own_card
from sync.keys import Keys
from ui.command import city, copies, place
from ui.command.opened import (
    at_its_place,
    centre,
    read_file,
    refusal_of,
    refused_files,
    refusing,
    service_of,
    write_new,
)
from ui.command.parser import (
    Answer,
    Parser,
    Rooms,
    Run,
    address,
    command,
    existing_file,
    folder,
    group,
    minutes,
    named,
    office_code,
    password,
    port,
    progress,
    shown,
    with_password,
)
from ui.exchange import enrolment

PORT = 8743
LEVELS = {"district": verbs.DISTRICT, "city": verbs.CITY}
ONE = "CERTIFICATION|FORM_NO"
PURPOSE = "区中心：建立、邀请、批准、接收服务、认证意见、名单"


def add_arguments(rooms: Rooms) -> None:
    """Every command of the centre."""
    inner = group(rooms, "centre", PURPOSE)
    made = _command(inner, "create", "建立区中心", create)
    made.add_argument("--name", type=named, default="区中心", metavar="NAME", help="区中心名称")
    code = "460203000000"
    made.add_argument("--code", type=office_code, default=code, metavar="CODE", help="机构代码")
    made.add_argument("--phone", default="", metavar="PHONE", help="联系电话")
    made.add_argument(
        "--level", choices=LEVELS, default="district", help="district 区中心；city 市级，由各区转报"
    )
    url = f"https://127.0.0.1:{PORT}"
    made.add_argument("--url", type=address, default=url, metavar="URL", help="联网地址")
    place.add_words(inner, _database)
    made = _command(inner, "invite", "邀请一个站点，市级邀请一个区中心", invite)
    made.add_argument("office", type=named, metavar="OFFICE", help="名称，站点也可写 12 位代码")
    made.add_argument("--code", type=office_code, metavar="CODE", help="新站点的 12 位代码")
    made.add_argument("--out", type=folder, required=True, metavar="FILE", help="邀请文件")
    made = _command(inner, "approve", "批准站点的回复", approve)
    made.add_argument("answer", type=existing_file, metavar="ANSWER", help="站点的回复文件")
    made.add_argument("--out", type=folder, required=True, metavar="FILE", help="批准文件")
    made = _command(inner, "serve", "接收站点的上报", serve)
    made.add_argument("--host", default="127.0.0.1", metavar="HOST", help="监听地址")
    made.add_argument("--port", type=port, default=PORT, metavar="PORT", help="监听端口")
    made.add_argument(
        "--watch", type=port, metavar="PORT", help="本机的监控端口：/healthz 与 /metrics"
    )
    every = "每隔几分钟向市级转报一次，0 为不转报"
    made.add_argument("--relay", type=minutes, default=60, metavar="MINUTES", help=every)
    city.add_words(inner, _database)
    made = _command(inner, "results", "导入认证结果（数据比对、自助认证）", results)
    made.add_argument("file", type=existing_file, metavar="FILE", help="结果名单")
    made = _command(inner, "certifications", "各站报来、等区中心意见的认证", certifications)
    made.add_argument("--office", metavar="OFFICE", help="只看一个站点（名称或代码）")
    made.add_argument("--all", action="store_true", help="已确认和已退回的也列出")
    made = _command(inner, "confirm", "确认认证", confirm)
    made.add_argument("which", nargs="+", metavar=ONE, help="记录编号或认证表编号")
    made = _command(inner, "refuse", "退回一条认证，站里的任务重新打开", refuse)
    made.add_argument("which", metavar=ONE, help="记录编号或认证表编号")
    made.add_argument("--reason", required=True, metavar="TEXT", help="退回的原因，站里会看到")
    made = _command(inner, "erase", "清除一个人的资料，不能恢复；不带 --name 只看会清除什么", erase)
    made.add_argument("who", metavar="WHO", help="完整证号或人员编号")
    made.add_argument("--reason", default="", metavar="TEXT", help="清除的依据，会一直留着")
    made.add_argument("--name", default="", metavar="NAME", help="再输一遍姓名，确认清除")
    made = _command(inner, "unpack", "读U盘上各站的数据包", unpack)
    made.add_argument("folder", type=folder, metavar="DIR", help="U盘文件夹")
    made = _command(inner, "pack", "把给各站的回执写到U盘", pack)
    made.add_argument("folder", type=folder, metavar="DIR", help="U盘文件夹")
    made.add_argument("--city", action="store_true", help="改写给市级的转报包")
    copies.add_words(inner, _database)
    _command(inner, "status", "各站交换情况", status)
    made = _command(inner, "people", "人员名单", people)
    made.add_argument("--office", metavar="OFFICE", help="只看一个站点（名称或代码）")
    made.add_argument("--full", action="store_true", help="显示完整证号")


def _command(rooms: Rooms, name: str, purpose: str, run: Run) -> Parser:
    """One that opens the centre's database, wherever that is."""
    made = command(rooms, name, purpose, run)
    _database(made)
    return made


def _database(made: Any) -> None:
    made.add_argument(
        "--database",
        metavar="URL",
        default=os.environ.get("SANGYU_DATABASE"),
        help="PostgreSQL 地址，也可写在 SANGYU_DATABASE 里；都不写时用内置数据库",
    )


def create(args: Namespace) -> Answer:
    """A new centre with its keys and certificate; one that a kill left without is finished."""
    if state(Home(args.home, side="centre")) == "ready":
        return finish(args)
    keys = Keys.new()
    home = Home(args.home, side="centre")
    office = {"code": args.code, "name": args.name, "phone": args.phone}
    office["level"] = LEVELS[args.level]
    with refusing():
        made = create_centre(
            home,
            args.person or "主任",
            password(),
            office=office,
            url=args.database,
            secret=keys.dump(),
        )
    with made.station as opened:
        equip(opened, args.name, args.url)
    return _created(args, made.recovery_code)


def finish(args: Namespace) -> Answer:
    """The rest of a start that was stopped before anybody saw its recovery code."""
    with centre(args, args.database) as opened:
        if own_card.of(opened.vault) is not None:
            raise Refusal("这里已经有一个区中心了，不能再建一次")
        code = opened.vault.new_code()
        equip(opened, args.name, args.url)
    return _created(args, code)


def _created(args: Namespace, code: str) -> Answer:
    data = {"home": args.home, "name": args.name, "recovery_code": code}
    what = "市级节点" if args.level == "city" else "区中心"
    return Answer(data, [f"{what}“{args.name}”已建立。", f"恢复口令卡：{code}"])


def equip(opened: Station, name: str, url: str) -> None:
    """Recovery key, address and certificate; what is there stays, the certificate comes last."""
    from sync.centre.serving.tls import new_certificate  # noqa: PLC0415 - only the centre needs it

    if own_card.of(opened.vault) is not None:
        return
    certificate, private = new_certificate(name)
    opened.vault.put("recovery", Keys.new().dump())
    own_card.keep(opened.vault, own_card.Own(url, certificate.decode(), private.decode()))


def invite(args: Namespace) -> Answer:
    """An invitation for a station; the office is made where there is none of that name or code."""
    with centre(args, args.database) as opened:
        made = enrolment.invite(opened, partial(verbs.invited, words=args.office, code=args.code))
    write_new(args.out, made.data)
    office = made.office
    said = {"office": office["name"], "code": office["code"], "file": args.out}
    lines = [
        f"已给 {office['name']} 写好邀请：{args.out}",
        f"核对码（电话里念）：{made.fingerprint}",
    ]
    return Answer({**said, "fingerprint": made.fingerprint}, lines)


def approve(args: Namespace) -> Answer:
    """The centre's yes to one station's answer, or a city's to one district's."""
    with centre(args, args.database) as opened:
        office, data = enrolment.approve(opened, read_file(args.answer), verbs.approved)
    write_new(args.out, data)
    return Answer({"office": office, "file": args.out}, [f"已批准 {office}，批准文件：{args.out}"])


def serve(args: Namespace) -> Answer:
    """Serve until interrupted."""
    from sync.centre.serving.main import serve as run_service  # noqa: PLC0415 - needs the centre extra
    from sync.centre.serving.timer import reporting  # noqa: PLC0415 - only the centre needs it

    with centre(args, args.database) as opened:

        def fresh() -> tuple[bytes, bytes]:
            at_its_place(opened)
            return enrolment.own_of(opened).pair

        ready = _say_ready(args)
        service = service_of(opened)
        with (
            _only_service(opened),
            _stopped_by_signals(),
            reporting(service, args.relay),
            copies.kept_up(opened),
        ):
            run_service(
                service,
                *enrolment.own_of(opened).pair,
                host=args.host,
                port=args.port,
                watch=args.watch,
                ready=ready,
                fresh=fresh,
            )
    return Answer({"served": True}, ["接收服务已停止。"])


@contextmanager
def _only_service(opened: Station) -> Iterator[None]:
    """Two services on one centre would each take themselves for its only writer, and of two homes
    at one server's database each would keep half of what came."""
    lock = Lock(opened.home.serving)
    try:
        with opened.store.sole() as is_sole:
            if not (is_sole and lock.take()):
                raise Refusal("这里的接收服务已经在运行了，不用再开一个")
            yield
    finally:
        lock.release()


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """The server ends by SIGINT and SIGTERM and then raises them again, which would end the
    process before the database is closed; being asked to stop is no failure."""
    ends = (signal.SIGINT, signal.SIGTERM)
    before = {one: signal.signal(one, lambda *_: None) for one in ends}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _say_ready(args: Namespace) -> Any:
    say = progress(args)
    return lambda port: say(f"正在接收：https://{args.host}:{port}（按 Ctrl+C 停止）")


def results(args: Namespace) -> Answer:
    """The agency's list of people certified silently or by themselves."""
    rows = with_password(results_list.rows, args.file)
    with centre(args, args.database) as opened:
        done = run(opened.store, opened.desk, certification.import_results, rows).result
    unmatched = [{"name": one.name, "reason": one.reason} for one in done.unmatched]
    lines = [f"{done.matched} 人已记入认证结果，{len(unmatched)} 行没有对上。"]
    lines += shown(f"{one['name']}：{one['reason']}" for one in unmatched)
    return Answer({"matched": done.matched, "unmatched": unmatched}, lines)


def certifications(args: Namespace) -> Answer:
    """What waits for the centre's word."""
    with centre(args, args.database) as opened:
        office = look(opened.store, opened.desk, verbs.office_id, args.office)
        found = look(opened.store, opened.desk, certification.waiting, office, every=args.all)
    lines = [f"共 {len(found)} 条。"]
    lines += shown(_line(one) for one in found)
    return Answer({"certifications": [asdict(one) for one in found]}, lines)


def _line(one: certification.Told) -> str:
    said = f"{one.office} {one.name} {one.certified_on} {one.method} {one.form_no or one.id}"
    return f"{said} {one.state}" + (f"：{one.reason}" if one.reason else "")


def confirm(args: Namespace) -> Answer:
    """The good ones are confirmed, the rest is told."""
    done, refused = [], []
    with centre(args, args.database) as opened:
        for which in args.which:
            try:
                done.append(run(opened.store, opened.desk, certification.confirm, which).result)
            except Refusal as refusal:
                refused.append(refusal.message)
    lines = [f"已确认 {one.name} {one.certified_on} 的认证。" for one in done]
    return Answer({"certifications": [asdict(one) for one in done]}, lines, "；".join(refused))


def refuse(args: Namespace) -> Answer:
    """The station hears of it with its next exchange."""
    with centre(args, args.database) as opened:
        done = run(opened.store, opened.desk, certification.refuse, args.which, args.reason).result
    what = f"{done.office} {done.name} {done.certified_on} 的认证"
    return Answer(asdict(done), [f"已退回 {what}：{done.reason}。下次交换时站里收到。"])


def erase(args: Namespace) -> Answer:
    """Without the name typed again: what it would take. The stations hear of it with their next
    exchange, and the files received before are emptied at the end of this command."""
    with centre(args, args.database) as opened:
        key = look(opened.store, opened.desk, erasure.find, args.who)
        found = look(opened.store, opened.desk, erasure.taking, key)
        data = {"person": key, "holds": dict(found.counts), "erased": bool(args.name)}
        if not args.name:
            lines = [*found.lines, "确认清除请加 --name 姓名 --reason 依据"]
            return Answer(data, lines)
        words = (key, args.name, args.reason)
        said = run(opened.store, opened.desk, erasure.erase, *words).result
        erasure.scrub(opened.store)
    return Answer(data, [f"{said}。", *erasure.FOLLOWS])


def unpack(args: Namespace) -> Answer:
    """Take in the stations' files from a stick."""
    from sync.centre import sticks  # noqa: PLC0415 - only the centre needs it

    with centre(args, args.database) as opened:
        done = sticks.unpack_stick(service_of(opened), args.folder)
    stored = sum(one.stored for one in done.senders.values())
    data: dict[str, object] = {
        "files": [path.name for path in done.files],
        "changes": done.entries,
        "queued": stored,
        "for_others": done.others,
    }
    lines = [f"读了 {len(done.files)} 个数据包，新收 {done.entries} 条。"]
    if stored:
        lines.append(f"{stored} 条已收好，还没有办。")
    if done.others:
        lines.append(f"U盘上另有 {done.others} 个数据包是给别处的，没有读，也没有动。")
    if done.relayed is not None:
        lines += city.told(done.relayed)
        data["city"] = asdict(done.relayed)
    return Answer({**data, **refused_files(done.refused)}, lines, refusal_of(done.refused))


def pack(args: Namespace) -> Answer:
    """Write the answers onto a stick, or what the city lacks."""
    if args.city:
        return city.pack(args)
    from sync.centre import sticks  # noqa: PLC0415 - only the centre needs it

    with centre(args, args.database) as opened:
        done = sticks.pack_stick(service_of(opened), args.folder)
    names = [path.name for path in done.files]
    return Answer({"files": names, "items": done.entries}, [f"已写 {len(names)} 个回执到U盘。"])


def status(args: Namespace) -> Answer:
    """How every station stands."""
    with centre(args, args.database) as opened:
        if look(opened.store, opened.desk, verbs.is_city):
            return city.status(opened)
        found = look(opened.store, opened.desk, stations.every)
        figures = look(opened.store, opened.desk, verbs.figures)
    rows = sorted((one for one in found if one.approved_at), key=lambda one: (one.code, one.id))
    said = [
        {
            "office": one.office,
            "last_contact_at": one.last_contact_at,
            "received": one.received,
            "spoken": one.spoken,
            "held": one.held,
            "undelivered": one.undelivered,
            "queued": one.queued,
            "queued_since": one.queued_since,
            "stuck": one.stuck,
            "drilled_at": one.drill.at if one.drill else None,
            "drill_passed": one.drill.passed if one.drill else None,
            "drill_late": one.drill_late,
        }
        for one in rows
    ]
    lines = [f"在册 {figures['people']} 人，{len(rows)} 个站点。", *map(_standing, rows)]
    return Answer({**figures, "stations": said}, lines)


def _standing(one: stations.StationRow) -> str:
    said = f"  {one.office}：收到 {one.received} 条"
    if one.spoken:
        said += f"（电话回执 {one.read_out}）"
    if one.queued_since is not None:
        said += f"，另有 {one.queued} 条已收好，还没有办，从 {near(one.queued_since)} 起"
    if one.stuck:
        said += f"：有 {one.stuck} 个数据包程序办不了，请升级程序，已是最新的请联系技术支持"
    return f"{said}；恢复演练{one.drilled}" if one.drill or one.drill_late else said


def people(args: Namespace) -> Answer:
    """Everybody the centre knows, masked unless asked in full."""
    with centre(args, args.database) as opened:
        found = look(opened.store, opened.desk, verbs.people, args.office, full=args.full)
    lines = [f"共 {len(found)} 人。"]
    lines += shown(f"{one['name']} {one['id_no']} {one['office']}" for one in found)
    return Answer({"people": found}, lines)
