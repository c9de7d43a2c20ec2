"""C1: code tables (代码表): what a code is called. The centre puts a newer one in place for all its
stations; a code that records may use is never taken away."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit, nouns, roles
from app.kit import sheet
from app.kit.refusal import Overtaken, Refusal
from app.kit.who import at_desk
from models.code_table import CodeTable
from models.entities import ENTITIES
from models.kit import codes, plain
from models.kit.base import facts
from models.kit.codes import COLUMNS, Entry
from models.kit.kinds import Code, Codes

HEAD = ("代码", "名称", "上级代码", "在用", "别名", "来源")
YES, NO, PARTED = "是", "否", "|"
SAMPLE, NAMED = 6, 5


@dataclass(frozen=True, slots=True)
class TableRow:
    """One table in force; ``since`` is when the centre published it, None for the one we ship."""

    key: str
    title: str
    sample: str
    count: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Newer:
    """A table out of a file that may take the place of the one in force: what would change."""

    key: str
    rows: str
    changes: tuple[str, ...]


def tables(session: Session) -> list[TableRow]:
    """All of them, by what their fields are called."""
    roles.allow(at_desk(session), "code_table", "see")
    published = {
        one.key: one.updated_at or one.created_at
        for one in session.scalars(select(CodeTable).where(CodeTable.is_void.is_(False)))
    }
    titles = _titles()
    rows = [
        TableRow(key, titles.get(key, key), _sample(key), len(_entries(key)), published.get(key))
        for key in sorted(codes.keys())
    ]
    return sorted(rows, key=lambda one: (one.key not in titles, one.title))


def exported(key: str) -> bytes:
    """The table in force as a workbook to change and read back."""
    rows = [
        (one.code, one.name, one.parent, YES if one.active else NO,
         PARTED.join(one.synonyms), one.source)
        for one in _entries(key)
    ]  # fmt: skip
    return sheet.write_xlsx(HEAD, rows, name=key)


def newer(key: str, path: Path) -> Newer:
    """Read a changed table. Raises Refusal where it cannot take the place of the one in force."""
    found = _read(path)
    now = {one.code: one for one in _entries(key)}
    then = {one.code: one for one in found}
    _refuse_wrong(found, now, then)
    changes = (
        _said("新增", (one for one in found if one.code not in now)),
        _said("改名", (one for one in found if one.code in now and now[one.code].name != one.name)),
        _said("停用", (one for one in found if _was(now, one) and not one.active)),
        _said("重新启用", (one for one in found if one.active and _was(now, one) is False)),
    )
    told = tuple(one for one in changes if one)
    if not told and [*now.values()] != found:
        told = ("只改了上级代码、别名、来源或顺序",)
    if not told:
        raise Refusal("文件里的内容和现在的代码表一样，不用下发")
    return Newer(key, _csv(found), told)


def publish_codes(session: Session, made: Newer) -> str:
    """Put it in place of the one in force, for all stations; returns the sentence for the toast."""
    found = session.scalars(select(CodeTable).where(CodeTable.key == made.key)).first()
    if found is None:
        found = CodeTable(key=made.key, rows=made.rows)
        session.add(found)
    elif found.rows == made.rows:
        raise Overtaken("这份代码表已经下发了")
    found.rows = made.rows
    session.flush()
    codes.publish(made.key, made.rows)
    title = _titles().get(made.key, made.key)
    audit.note(session, "下发代码表", "code_table", found.id, f"{title}：{'；'.join(made.changes)}")
    return f"代码表“{title}”已下发，各站下次联系时收到"


def use_published_codes(session: Session) -> None:
    """Take the tables the centre has published into use: at start and after an exchange."""
    published = select(CodeTable).where(CodeTable.is_void.is_(False))
    codes.use({one.key: one.rows for one in session.scalars(published)})


def _entries(key: str) -> list[Entry]:
    return list(codes.table(key))


def _titles() -> dict[str, str]:
    """What the field that uses a table first is called, and whose it is: 性别（人员资料）."""
    found: dict[str, str] = {}
    for entity in ENTITIES:
        noun = nouns.of(entity.__tablename__).word
        for fact in facts(entity).values():
            if isinstance(fact.kind, (Code, Codes)):
                found.setdefault(fact.kind.table, f"{fact.label}（{noun}）")
    return found


def _sample(key: str) -> str:
    names = [name for _, name in codes.table(key).items]
    return "、".join(names[:SAMPLE]) + ("…" if len(names) > SAMPLE else "")


def _was(now: dict[str, Entry], one: Entry) -> bool | None:
    return now[one.code].active if one.code in now else None


def _said(word: str, entries: Iterable[Entry]) -> str:
    names = [f"{one.code} {one.name}" for one in entries]
    more = f"等 {len(names)} 项" if len(names) > NAMED else ""
    return f"{word}：{'、'.join(names[:NAMED])}{more}" if names else ""


def _read(path: Path) -> list[Entry]:
    for one in sheet.read(path):
        if one.rows and tuple(map(_cell, one.rows[0][: len(HEAD)])) == HEAD:
            rows = [[_cell(cell) for cell in row] for row in one.rows[1:] if any(map(_cell, row))]
            return [_entry(n, (row + [""] * len(HEAD))) for n, row in enumerate(rows, 2)]
    raise Refusal(f"文件里没有代码表。请先“导出”一份，在上面改；表头是：{'、'.join(HEAD)}")


def _cell(cell: object) -> str:
    return plain.text(cell).strip()


def _entry(line: int, row: Sequence[str]) -> Entry:
    code, name, parent, active, synonyms, source = row[: len(HEAD)]
    if not code or not name:
        raise Refusal(f"第 {line} 行缺代码或名称，请补上")
    if active not in {YES, NO}:
        raise Refusal(f"第 {line} 行“在用”请填“{YES}”或“{NO}”")
    said = tuple(filter(None, (one.strip() for one in synonyms.split(PARTED))))
    return Entry(code, name, parent, active == YES, said, source)


def _refuse_wrong(found: list[Entry], now: dict[str, Entry], then: dict[str, Entry]) -> None:
    twice = sorted({one.code for one in found if sum(x.code == one.code for x in found) > 1})
    if twice:
        raise Refusal(f"代码 {'、'.join(twice)} 写了不止一次，请只留一行")
    gone = [f"{one.code} {one.name}" for one in now.values() if one.code not in then]
    if gone:
        told = "、".join(gone[:NAMED])
        raise Refusal(f"少了 {told}。资料里可能用着，不能删；不再用的请把“在用”改成“{NO}”")
    lost = sorted({one.parent for one in found if one.parent and one.parent not in then})
    if lost:
        raise Refusal(f"上级代码 {'、'.join(lost)} 不在表里，请核对")


def _csv(entries: Iterable[Entry]) -> str:
    text = StringIO(newline="")
    out = csv.writer(text, lineterminator="\n")
    out.writerow(COLUMNS)
    for one in entries:
        active = "1" if one.active else "0"
        out.writerow(
            (one.code, one.name, one.parent, active, PARTED.join(one.synonyms), one.source)
        )
    return text.getvalue()
