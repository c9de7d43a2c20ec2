"""Who is due, papers out and back, home trips, results, for ``sangyu station`` (资格认证)."""

from argparse import Namespace

from app import certification, results_list, visit
from app.certification import DueFilter
from app.daily import daily
from app.kit.refusal import Refusal
from app.kit.run import look, run
from app.printing import certification_form
from app.printing.kit.fonts import missing
from models.kit import clock, id_number
from ui.command.opened import person_of, ready_for, station, write_new
from ui.command.parser import Answer, shown, with_password

PURPOSE_OF_PRINT = "资格认证"
TAKEN = ("ok", "changed", "already")


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
        paper = look(opened.store, opened.desk, certification.paper_of, tasks, PURPOSE_OF_PRINT)
        lacking = missing(*certification_form.texts(paper))
        write_new(args.out, certification_form.draw(paper))
        run(opened.store, opened.desk, certification.printed, tasks, PURPOSE_OF_PRINT)
    said = {"file": args.out, "forms": len(tasks), "numbers": sorted(numbers.values())}
    said["codes"] = {one.number: one.payload for one in paper.people}
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
