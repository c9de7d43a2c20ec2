"""W1.1: the agency's list of people already certified (认证结果)."""

import re
from functools import cache
from pathlib import Path
from typing import Any

from app.kit import importing, sheet
from app.kit.importing import Field
from app.kit.importing import readers as read
from app.kit.importing.field import synonyms as words
from app.kit.refusal import Refusal

# a roster or a list of people due is no list of results
OTHER_DAYS = re.compile("上次|上期|下次|应认证|截止|到期")


@cache
def fields() -> tuple[Field, ...]:
    """The four columns; a row needs a number and a day."""
    number = words("身份证号 公民身份号码 身份证号码 证件号码 社会保障号码 身份证")
    on = words("认证日期 认证时间 资格认证日期 认证通过日期 通过时间 认证完成时间")
    way = words("认证方式 方式 认证渠道 渠道 认证途径")
    return (
        Field("id_no", "身份证号", read.id_no, number, ("身份证", "证件号"), required=True),
        Field("name", "姓名", read.name(), words("姓名 名字"), ("姓名",)),
        Field("certified_on", "认证日期", read.day("认证日期"), on, ("认证",), required=True),
        Field("method", "认证方式", read.text(40, "认证方式"), way, ("方式", "渠道")),
    )


def rows(path: Path, password: str = "") -> list[dict[str, Any]]:
    """Every row as it stands in the file, by field; raises Refusal on a file that is no such
    list."""
    found = importing.tables(sheet.read(path, password), fields())
    if not found:
        raise Refusal("文件里没有找到认证结果名单，表头要有：身份证号、姓名、认证日期、方式")
    table = found[0]
    mapping = importing.match(table, fields())
    missing = [*mapping.missing]
    if OTHER_DAYS.search(mapping.header_of("certified_on")):
        missing.append("certified_on")
    if missing:
        labels = {one.id: one.label for one in fields()}
        lacking = "、".join(labels.get(one, one) for one in missing)
        raise Refusal(f"认证结果名单里缺少这几列：{lacking}")
    columns = {one.id: mapping.index_of(one.id) for one in fields()}
    return [
        {name: row.cells[at] for name, at in columns.items() if at is not None}
        for row in table.rows
    ]
