"""``sangyu centre join | joined | relay``: a district and its city (市级)."""

from argparse import Namespace
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Any

from app import centre as verbs
from app import stations
from app.districts import Passed
from app.kit.run import look, run
from app.station import Station
from sync import enrol
from ui.command.opened import centre, read_file, refusing, service_of, write_new
from ui.command.parser import Answer, Rooms, command, existing_file, folder
from ui.kit.enrolment import keys_of

if TYPE_CHECKING:
    from sync.centre.relaying import Relayed

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
    from sync.centre import relaying  # noqa: PLC0415 - only the centre needs it

    with refusing():
        invited = enrol.read_invitation(read_file(args.invitation), of_district=True)
    with centre(args, args.database) as opened, refusing():
        keys = keys_of(opened)
        data = run(opened.store, opened.desk, relaying.join, keys, invited).result
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
    from sync.centre import relaying  # noqa: PLC0415 - only the centre needs it

    with centre(args, args.database) as opened, refusing():
        keys, data = keys_of(opened), read_file(args.approval)

        def read(session: Any) -> str:
            card = relaying.joined(session, keys, data)
            verbs.reports(session, card.name)
            return card.name

        name = run(opened.store, opened.desk, read).result
    return Answer({"city": name}, [f"“{name}”已批准，从现在起向市级转报。"])


def relay(args: Namespace) -> Answer:
    """Everything the city lacks, over the network."""
    from sync.centre import relaying  # noqa: PLC0415 - only the centre needs it
    from sync.http_link import HttpLink  # noqa: PLC0415 - as above

    with centre(args, args.database) as opened, refusing():
        with opened.store.look() as session:
            card = relaying.card_of(session)
        with closing(HttpLink(card)) as link:
            done = relaying.over(service_of(opened), link)
    said = {
        "city": card.name,
        "sent": done.sent,
        "streams": done.streams,
        "differed": done.differed,
        "more": done.more,
        "contents": done.contents,
    }
    lines = [f"{SENT}“{card.name}”，这次转报 {done.sent} 条。", *found(done, "已重新报送")]
    if done.contents:
        lines.append(f"另送照片和扫描件 {done.contents} 份。")
    return Answer(said, lines)


def told(done: "Relayed") -> list[str]:
    """What the city's answer on a stick says."""
    if not done.compared:
        return ["已读市级的回执。"]
    if not (done.differed or done.more):
        return ["已读市级的回执，与市级核对一致。"]
    return ["已读市级的回执。", *found(done, "下次写给市级的U盘会重新报送")]


def found(done: "Relayed", then: str) -> list[str]:
    """What a comparison found, and what becomes of it."""
    lines = []
    if done.differed:
        lines.append(f"与市级核对有 {done.differed} 处不一致，{then}，没有丢失。")
    if done.more:
        lines.append(f"市级另有 {done.more} 条本区中心没有，请与市级核实。")
    return lines


def status(opened: Station) -> Answer:
    """How every district stands with its city, and what it passed on of each station."""
    found = look(opened.store, opened.desk, stations.every)
    figures = look(opened.store, opened.desk, verbs.figures)
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
    return Answer({**figures, "districts": said}, [head, *lines])


def _passed(one: Passed) -> str:
    new = "（新站点，等确认）" if one.strangers else ""
    return f"    {one.name or one.office_id}：收到 {one.received} 条{new}"


def pack(args: Namespace) -> Answer:
    """Everything the city lacks, onto a stick."""
    from sync.centre import relaying  # noqa: PLC0415 - only the centre needs it

    with centre(args, args.database) as opened, refusing():
        files, count = relaying.pack_stick(service_of(opened), args.folder)
    names = [path.name for path in files]
    lines = [f"已写 {len(names)} 个转报包到U盘，共 {count} 条，请送到市级读入。"]
    return Answer({"files": names, "items": count}, lines)
