"""`sangyu roster`: an invented but realistic employer roster, with the usual mess."""

from argparse import Namespace
from pathlib import Path

from app.kit.refusal import Refusal
from ui.command.opened import write_new
from ui.command.parser import Answer, Rooms, command, count, folder

PURPOSE = "造一份虚构的单位花名册，带着平常名册里的各种毛病"
MOST = 100_000
STATES = {
    "good": "行可以导入",
    "must_fix": "行必须改正",
    "confirm": "行请确认",
    "duplicate": "行重复",
}


def add_arguments(rooms: Rooms) -> None:
    """--people, --seed, --out."""
    made = command(rooms, "roster", PURPOSE, run)
    made.add_argument("--people", type=count, default=300, metavar="N", help="人数，不写时 300")
    made.add_argument("--seed", type=int, default=1, metavar="S", help="同一个数造出同一份名册")
    made.add_argument("--out", type=folder, required=True, metavar="FILE.xlsx", help="存到哪里")


def run(args: Namespace) -> Answer:
    """Make it, write it whole or not at all, say what is in it."""
    from app import seed_roster  # noqa: PLC0415  other commands do not wait for it

    _refuse_place(args.out, args.people)
    made = seed_roster.roster(args.people, args.seed)
    write_new(args.out, made.data)
    truth = made.truth
    found = {state: truth.count(state) for state in STATES}
    lines = [f"已写好 {args.out}", f"共 {len(truth.states)} 行：{_counted(found)}", "人物全部虚构"]
    data = {"file": args.out, "people": args.people, "seed": args.seed, "rows": len(truth.states)}
    return Answer(data | found | {"skipped": len(truth.skipped)}, lines)


def _counted(found: dict[str, int]) -> str:
    return "，".join(f"{found[state]} {words}" for state, words in STATES.items())


def _refuse_place(out: Path, people: int) -> None:
    if out.suffix.lower() != ".xlsx":
        raise Refusal(f"文件名应以 .xlsx 结尾，不是 {out.name}", "out")
    if out.is_dir() or not out.parent.is_dir():
        raise Refusal(f"没有文件夹 {out.parent}，或 {out.name} 是一个文件夹", "out")
    if people > MOST:
        raise Refusal(f"最多 {MOST} 人", "people")
