"""A roster checked and taken in, for ``sangyu station`` and the demo (导入花名册)."""

from argparse import Namespace
from collections.abc import Collection
from pathlib import Path
from typing import Any

from app import imports, roster_fields, roster_rules
from app.kit import importing, log, sheet
from app.kit.refusal import Refusal
from app.kit.run import look, run
from app.station import Station
from ui.command.opened import station
from ui.command.parser import Answer, shown, with_password


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
