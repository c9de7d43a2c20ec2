"""``sangyu centre join | joined | relay``: a district and its city (市级)."""

from argparse import Namespace
from collections.abc import Callable
from typing import Any

from app import centre as verbs
from app import districts, stations
from app.districts import Passed
from app.kit.refusal import Refusal
from app.kit.run import look
from app.station import Station
from sync import enrol, uplink
from ui.command.opened import centre, read_file, refusing, way_of, write_new
from ui.command.parser import Answer, Rooms, command, existing_file, folder
from ui.exchange import enrolment

SENT = "已报到市级"


def add_words(inner: Rooms, database: Callable[[Any], None]) -> None:
    """What a district says to its city."""
    made = command(inner, "join", "读市级的邀请，写回复", join)
    made.add_argument("invitation", type=existing_file, metavar="INVITATION", help="市级的邀请文件")
    made.add_argument("--answer", type=folder, required=True, metavar="FILE", help="回复文件")
    database(made)
    made = command(inner, "joined", "读市级的批准，从此转报", joined)
    made.add_argument("approval", type=existing_file, metavar="APPROVAL", help="市级的批准文件")
    database(made)
    database(command(inner, "relay", "用网络向市级转报一次", relay))


def join(args: Namespace) -> Answer:
    """The district's answer to an invitation of its city."""
    with refusing():
        invited = enrol.read_invitation(read_file(args.invitation), of_district=True)
    with centre(args, args.database) as opened:
        data = enrolment.join_city(opened, invited, verbs.joins)
    write_new(args.answer, data)
    card = invited.centre
    lines = [
        f"已写好给“{card.name}”的回复：{args.answer}",
        f"核对码（电话里念）：{card.fingerprint}",
    ]
    said = {"city": card.name, "file": args.answer, "fingerprint": card.fingerprint}
    return Answer(said, lines)


def joined(args: Namespace) -> Answer:
    """The city's yes."""
    with centre(args, args.database) as opened:
        name = enrolment.joined_city(opened, read_file(args.approval), verbs.reports)
    return Answer({"city": name}, [f"“{name}”已批准，从现在起向市级转报。"])


def relay(args: Namespace) -> Answer:
    """Everything the city lacks, over the network."""
    with centre(args, args.database) as opened, refusing():
        _is_below(opened)
        with opened.store.look() as session:
            card = uplink.card_of(session)
        done = way_of(opened).report()
    said = {
        "city": card.name,
        "sent": done.sent,
        "entries": done.entries,
        "streams": done.streams,
        "differed": done.differed,
        "more": done.more,
        "contents": done.contents,
    }
    lines = [f"{SENT}“{card.name}”，这次转报 {done.entries} 条。", *done.found("已重新报送")]
    if done.contents:
        lines.append(f"另送照片和扫描件 {done.contents} 份。")
    return Answer(said, lines)


def _is_below(opened: Station) -> None:
    """Raises Refusal at a city, which nobody could ever let into one."""
    if look(opened.store, opened.desk, verbs.is_city):
        raise Refusal("这里就是市级，由各区中心转报上来，不用再转报")


def told(done: uplink.Relayed) -> list[str]:
    """What the city's answer on a stick says."""
    is_alike = done.compared and not (done.differed or done.more)
    head = "已读市级的回执，与市级核对一致。" if is_alike else "已读市级的回执。"
    return [head, *done.found("下次写给市级的U盘会重新报送")]


def status(opened: Station) -> Answer:
    """How every district stands with its city, and what it passed on of each station."""
    found = look(opened.store, opened.desk, stations.every)
    figures = look(opened.store, opened.desk, verbs.figures)
    twice = look(opened.store, opened.desk, districts.twice_counted)
    rows = [one for one in found if one.approved_at is not None]
    said, lines = [], list[str]()
    for one in sorted(rows, key=lambda row: row.code):
        passed = one.report.stations if one.report else ()
        compared = one.report.compared_at if one.report else None
        agreed = one.report.agreed if one.report and compared else None
        said.append(
            {
                "office": one.office,
                "last_contact_at": one.last_contact_at,
                "received": one.received,
                "compared_at": compared,
                "agreed": agreed,
                "stations": [
                    {
                        "office": each.name,
                        "received": each.received,
                        "people": each.people,
                        "confirmed": not each.strangers,
                    }
                    for each in passed
                ],
            }
        )
        checked = "没有核对过" if agreed is None else "核对一致" if agreed else "核对不一致"
        lines.append(f"  {one.office}：收到 {one.received} 条，{len(passed)} 个站点，{checked}")
        lines += [_passed(each) for each in passed]
    many = sum(len(one.report.stations) for one in rows if one.report)
    head = f"在册 {figures['people']} 人，{len(said)} 个区中心、{many} 个站点。"
    if twice:
        head += f"其中 {twice} 人不止一个区登记，各区都算了。"
    return Answer({**figures, "in_several_districts": twice, "districts": said}, [head, *lines])


def _passed(one: Passed) -> str:
    new = "（新站点，等确认）" if one.strangers else ""
    return f"    {one.name or one.office_id}：收到 {one.received} 条{new}"


def pack(args: Namespace) -> Answer:
    """Everything the city lacks, onto a stick."""
    with centre(args, args.database) as opened, refusing():
        _is_below(opened)
        done = way_of(opened).write(args.folder)
    names = [path.name for path in done.files]
    brings = f"共 {done.entries} 条" if done.entries else "没有新的要报，可以和市级核对"
    lines = [f"已写 {len(names)} 个转报包到U盘，{brings}，请送到市级读入。"]
    return Answer({"files": names, "items": done.count, "entries": done.entries}, lines)
