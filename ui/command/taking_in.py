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
    newer = f"，另有 {data['updated']} 人的资料按名册更新" if data["updated"] else ""
    lines = [
        f"已导入 {data['imported']} 人{newer}；{figures}，{data['duplicate']} 行重复。",
        *shown(f"第 {one['row']} 行 {one['name']}：{one['reason']}" for one in left),
    ]
    if unread := "、".join(f"“{one}”" for one in data["unread"]):
        lines.append(f"读的是工作表“{data['sheet']}”；{unread}里也像有名单，没有读。")
        lines.append("要导入别的工作表，请在桌面程序的“导入花名册”里选它。")
    return Answer(data, lines)


def take_roster(opened: Station, file: Path, employer: str) -> dict[str, Any]:
    """Back up, then import all good rows of a file in one action."""
    tables = readable(file)
    analysis = analyse(opened, tables[0])
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
        "sheet": tables[0].sheet,
        "unread": [one.sheet for one in tables[1:] if one.score and one.rows],
        "left": left,
    }


def readable(file: Path) -> list[importing.Table]:
    """Every sheet that may be the roster, the likeliest first; raises Refusal where none may."""
    tables = importing.tables(with_password(sheet.read, file), roster_fields.fields())
    if not tables:
        raise Refusal("文件里没有找到人员名册，请看是不是选错了文件")
    return tables


def analyse(opened: Station, table: importing.Table) -> importing.Analysis:
    """Check a roster against the register; raises Refusal on a sheet that is none."""
    fields = roster_fields.fields()
    employer = roster_rules.guess_employer(table)
    before = look(opened.store, opened.desk, imports.remembered, employer)
    mapping = importing.match(table, fields, before)
    if mapping.missing:
        labels = "、".join(one.label for one in fields if one.id in mapping.missing)
        raise Refusal(f"名册里没有找到这几列：{labels}")

    def known(numbers: Collection[str]) -> dict[str, importing.Known]:
        return look(opened.store, opened.desk, imports.known_people, numbers)

    return importing.check(table, mapping, fields, known, rules=roster_rules.RULES)
