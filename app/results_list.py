"""W1.1: the agency's list of people already certified (认证结果)."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from app.kit import importing, sheet
from app.kit.importing import Field, Table
from app.kit.importing import readers as read
from app.kit.importing.field import synonyms as words
from app.kit.refusal import Refusal
from models.certification import ALIVE
from models.kit import codes

# a roster or a list of people due is no list of results
OTHER_DAYS = re.compile("上次|上期|下次|应认证|截止|到期")
FAILED = re.compile("未|不|失败|待(?!遇)|死|停|丧失|疑|驳回|退回|无效|否|×")


@cache
def fields() -> tuple[Field, ...]:
    """The columns; a row needs a number and a day."""
    number = words("身份证号 公民身份号码 身份证号码 证件号码 社会保障号码 身份证")
    on = words("认证日期 认证时间 资格认证日期 认证通过日期 通过时间 认证完成时间")
    way = words("认证方式 方式 认证渠道 渠道 认证途径")
    passed = words("认证结果 认证状态 认证情况 结果 是否通过 是否认证 审核结果 资格认证结果")
    return (
        Field("id_no", "身份证号", read.id_no, number, ("身份证", "证件号"), required=True),
        Field("name", "姓名", read.name(), words("姓名 名字"), ("姓名",)),
        Field("certified_on", "认证日期", read.day("认证日期"), on, ("认证",), required=True),
        Field("method", "认证方式", read.text(40, "认证方式"), way, ("方式", "渠道")),
        Field("result", "认证结果", read.text(40, "认证结果"), passed, ("认证结果", "认证状态")),
    )


def rows(path: Path, password: str = "") -> list[dict[str, Any]]:
    """Every row as it stands in the file, by field, with the sheet where there are several and the
    number that Excel shows; raises Refusal on a file that is no such list."""
    sheets = sheet.read(path, password)
    found = importing.tables(sheets, fields())
    if not found:
        raise Refusal("文件里没有找到认证结果名单，表头要有：身份证号、姓名、认证日期、方式")
    lacking = _lacking(found[0])
    if lacking:
        raise Refusal(f"认证结果名单里缺少这几列：{'、'.join(lacking)}")
    hidden = {one.name for one in sheets if one.hidden}
    more = [one for one in found[1:] if one.sheet not in hidden and _is_another(one)]
    order = {one.name: at for at, one in enumerate(sheets)}
    taken = sorted([found[0], *more], key=lambda one: order[one.sheet])
    return [row for one in taken for row in _rows(one, named=bool(more))]


def has_failed(said: str) -> bool:
    """Does a list say that somebody did not pass?"""
    code = codes.table("CERT_RESULT").find(said)
    return code != ALIVE if code else FAILED.search(said) is not None


def _is_another(table: Table) -> bool:
    return table.score > 0 and not FAILED.search(table.sheet) and not _lacking(table)


def _lacking(table: Table) -> list[str]:
    """The labels of the columns that are missing."""
    mapping = importing.match(table, fields())
    missing = {*mapping.missing}
    if OTHER_DAYS.search(mapping.header_of("certified_on")):
        missing.add("certified_on")
    return [one.label for one in fields() if one.id in missing]


def _rows(table: Table, *, named: bool) -> Iterator[dict[str, Any]]:
    mapping = importing.match(table, fields())
    columns = {one.id: mapping.index_of(one.id) for one in fields()}
    beside = {"sheet": table.sheet} if named else {}
    for row in table.rows:
        said = {name: row.cells[at] for name, at in columns.items() if at is not None}
        yield {"line": row.number, **beside, **said}
