"""What only a whole row of a roster can tell, and whose roster it is."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date

from app.kit.importing import DITTO, Finding, Level, Table
from app.kit.importing.field import header_keys
from app.roster_fields import REMARK, fields
from models.kit import id_number, partial_date, plain

YOUNGEST, OLDEST = 45, 70
SHOWN = 20
_DIED = re.compile("去世|死亡|病故|亡故|过世|身故|逝世|已故|病逝")
_KIN = re.compile("夫|妻|爱人|配偶|丧偶|老伴|父|母|儿|子|属")
NAMELESS = {"contact1": "联系人", "contact2": "第二联系人"}


def check_row(values: dict[str, object], today: date) -> Iterator[Finding]:
    """Sex, birth and retirement against the number; leftovers of cells into the remark."""
    yield from _sex(values)
    yield from _birth(values)
    yield from _span(values)
    yield from _age(values, today)
    yield from _nameless(values)
    yield from _dead(values)
    _tidy(values)


def _warning(field: str, label: str, message: str) -> Finding:
    return Finding(field, label, message, Level.CONFIRM, kind="differs_from_id")


def _sex(values: dict[str, object]) -> Iterator[Finding]:
    by_id = values.pop("sex_by_id", None)
    said = values.get("sex")
    if by_id and said in ("1", "2") and said != by_id:
        shown, typed = ("男", "女") if by_id == "1" else ("女", "男")
        message = f"身份证显示为{shown}，与所填“{typed}”不一致，请核对"
        yield _warning("sex", "性别", message)
    if by_id and said not in ("1", "2"):
        values["sex"] = by_id


def _birth(values: dict[str, object]) -> Iterator[Finding]:
    """The day of the card needs no second copy; another one is the archive's."""
    said, born = values.get("birth_on_archive"), values.get("birth_on")
    if not isinstance(said, str) or not isinstance(born, date):
        return
    # Excel turns a typed month into its first day.
    if born.isoformat().startswith(said.removesuffix("-01") if len(said) == 10 else said):
        del values["birth_on_archive"]
        return
    message = f"出生日期与身份证不同：名册 {said}，身份证 {born}；确认后记作档案认定的出生日期"
    yield _warning("birth_on_archive", "出生日期", message)


def _span(values: dict[str, object]) -> Iterator[Finding]:
    started, retired = values.get("work_start"), values.get("retired_on")
    if not isinstance(started, str) or not isinstance(retired, str):
        return
    if partial_date.last_day(retired) < partial_date.first_day(started):
        message = f"退休时间 {retired} 早于参加工作时间 {started}，请核对"
        yield Finding("retired_on", "退休时间", message, Level.ERROR, later=True, kind="order")


def _age(values: dict[str, object], today: date) -> Iterator[Finding]:
    born, retired = values.get("birth_on"), values.get("retired_on")
    if not isinstance(born, date):
        return
    if isinstance(retired, str):
        lowest = id_number.age(born, partial_date.first_day(retired))
        highest = id_number.age(born, partial_date.last_day(retired))
        if highest < YOUNGEST or lowest > OLDEST:
            message = f"按身份证退休时 {highest} 岁，不在 {YOUNGEST}–{OLDEST} 岁之间，请核对"
            yield _warning("retired_on", "退休时间", message)
    elif id_number.age(born, today) < YOUNGEST:
        message = f"按身份证现在才 {id_number.age(born, today)} 岁，请核对"
        yield _warning("id_no", "身份证号", message)


def _nameless(values: dict[str, object]) -> Iterator[Finding]:
    """A telephone that stands without a name is still one to call."""
    for key, label in NAMELESS.items():
        if values.get(f"{key}_phone") and not values.get(f"{key}_name"):
            values[f"{key}_name"] = label
            words = f"{label}没有写姓名，记作“{label}”"
            yield Finding(f"{key}_phone", f"{label}电话", words, Level.NOTE, kind="nameless")


def _dead(values: dict[str, object]) -> Iterator[Finding]:
    """A roster often carries whoever has died, and says so beside the name alone."""
    said = values.get("remark")
    if isinstance(said, str) and _DIED.search(said) and not _KIN.search(said):
        shown = said if len(said) <= SHOWN else f"{said[:SHOWN]}…"
        words = f"备注写着“{shown}”，像是已经去世，请核对；去世了的点“忽略”"
        yield Finding("remark", "备注", words, Level.CONFIRM, kind="dead")


def _tidy(values: dict[str, object]) -> None:
    if values.get("mobile") or values.get("phone"):
        values.pop("no_phone", None)
    words = values.pop("tag_words", None)
    if isinstance(words, str):
        before = values.get("remark")
        remark = f"{before}；{words}" if isinstance(before, str) else words
        values["remark"] = remark[:REMARK]


# -- whose roster it is ---------------------------------------------------------------------------

_OWNER = re.compile(
    r"(?:移交|填报|编制|报送|企业|原)?单位(?:名称)?(?:[(（]盖章[)）])?[:：]\s*([^\s:：]{2,40})"
)
_TITLE = re.compile(
    r"^(?:关于)?(.{2,40}?)(?:\d{4}年?(?:度|第?[一二三四]季度|\d{1,2}月)?)?"
    r"(?:第?[一二三四五六七八九十\d]+批)?(?:社会化管理|移交|离退休|退休|已退休|企业)+.*?"
    r"(?:花?名册|名单|登记表|台账|信息表|基本情况表)"
)


def guess_employer(table: Table) -> str:
    """The employer a roster came from: from its column, else from the lines above the header."""
    column = [
        at for at, head in enumerate(table.headers) if _employer_headers() & set(header_keys(head))
    ]
    if column:
        said = (plain.narrow(plain.text(row.cells[column[0]])) for row in table.rows[:2000])
        names = Counter(
            one for one in said if not plain.is_nothing(one) and plain.tight(one) not in DITTO
        )
        if names:
            return names.most_common(1)[0][0]
    owner = _OWNER.search(table.title)
    if owner:
        return owner[1].strip("_－-—")
    titled = (_TITLE.match(line) for line in table.title.splitlines())
    return next((one[1] for one in titled if one), "")


def _employer_headers() -> frozenset[str]:
    return next(one.synonyms for one in fields() if one.id == "employer_name")


def employer_key(name: str) -> str:
    """Under which an employer's mapping is remembered: without place, form and accidents."""
    bare = re.sub(r"[()\[\]【】·.]", "", plain.tight(name)).casefold()
    bare = re.sub(r"^(?:海南省?)?(?:三亚)?市?", "", bare) or bare
    return re.sub(r"(?:股份|集团|总|责任)*(?:有限|责任)*公司$", "", bare) or bare


RULES = (check_row,)
