"""What an import does beside the window: read, match, check, write and roll back."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from weakref import WeakKeyDictionary

from app import imports, roster_fields, roster_rules
from app.imports import Imported
from app.kit import importing, sheet
from app.kit.files import write_whole
from app.kit.importing import Analysis, Field, Known, Table
from app.kit.importing import Mapping as Columns
from app.kit.refusal import Refusal
from app.kit.run import Outcome, look, run
from app.kit.sheet import Sheet
from app.kit.who import Desk
from app.station import Station
from ui.kit.work import Work

EMPLOYER = "employer_name"
SAMPLE = (
    ("姓名", "身份证号", "性别", "退休单位", "退休时间", "居住地址", "手机号", "紧急联系人",
     "联系人电话", "上次认证时间"),
    ("王秀英", "519902194611230269", "女", "市棉纺织厂", "1996-11", "桂苑一区3栋502",
     "13800002617", "陈志明", "13900006208", "2025-12-01"),
    ("李建国", "519902195107150379", "男", "市棉纺织厂", "2011-07", "桂苑二区7栋301",
     "0876-0000218", "李小梅", "13700003319", ""),
)  # fmt: skip


class Stopped(Exception):
    """The person wants everything back as it was."""


@dataclass(frozen=True)
class Opened:
    """A file that was read: its sheets, and the tables found, the likeliest first."""

    path: Path
    sheets: tuple[Sheet, ...]
    tables: tuple[Table, ...]


@dataclass(frozen=True)
class Laid:
    """A table with its columns matched and the employer it seems to come from."""

    table: Table
    columns: Columns
    employer: str
    remembered: bool


@dataclass(frozen=True)
class Begun:
    """A roster under check, with all that was put right in it."""

    opened: Opened
    laid: Laid
    analysis: Analysis

    def is_of(self, table: Table, columns: Columns, employer: str) -> bool:
        """Whoever only looked at the columns again goes on where they were."""
        asked = self.analysis.mapping == columns and self.laid.employer == employer
        return asked and self.laid.table is table


# The one that was left half way, until it is written or another one is checked. In memory alone.
_BEGUN: WeakKeyDictionary[Work, Begun] = WeakKeyDictionary()


def begun(work: Work) -> Begun | None:
    """What somebody who works here left half way."""
    return _BEGUN.get(work)


def keep(work: Work, one: Begun | None) -> None:
    """Pages go when they are left, what was done in them stays."""
    if one is None:
        _BEGUN.pop(work, None)
    else:
        _BEGUN[work] = one


def fields() -> tuple[Field, ...]:
    return roster_fields.fields()


def read(path: Path, password: str = "") -> Opened:
    """Raises Locked where the file asks for a password, and Refusal with what to do."""
    sheets = sheet.read(path, password)
    found = importing.tables(sheets, fields())
    if not found:
        raise Refusal("文件里没有找到人员名册，请看是不是选错了文件")
    return Opened(path, tuple(sheets), tuple(found))


def lay(work: Work, table: Table) -> Laid:
    """Match the columns, as they were confirmed for this employer before."""
    employer = roster_rules.guess_employer(table)
    kept = look(work.store, work.desk, imports.remembered, employer) if employer else None
    return Laid(table, importing.match(table, fields(), kept), employer, kept is not None)


def lay_again(work: Work, opened: Opened, name: str, header_row: int) -> Laid:
    """The header stands in another row."""
    one = next(each for each in opened.sheets if each.name == name)
    found = importing.table(one, fields(), header_row)
    if not found.rows:
        raise Refusal(f"第 {header_row} 行下面没有人员，请看表头在第几行")
    return lay(work, found)


def lookup(work: Work) -> Callable[[Collection[str]], Mapping[str, Known]]:
    def known(numbers: Collection[str]) -> Mapping[str, Known]:
        return look(work.store, work.desk, imports.known_people, numbers)

    return known


def check(
    work: Work, laid: Laid, columns: Columns, employer: str, told: Callable[[int, int], None]
) -> Analysis:
    """Every row, before anything is written."""
    own = columns.index_of(EMPLOYER) is not None
    defaults = {EMPLOYER: employer} if employer and not own else {}
    return importing.check(
        laid.table,
        columns,
        fields(),
        lookup(work),
        rules=roster_rules.RULES,
        defaults=defaults,
        progress=told,
    )


@dataclass(frozen=True)
class Order:
    """Everything one import needs to be written."""

    analysis: Analysis
    file_name: str
    employer: str
    columns: Columns | None


def take_in(
    work: Work,
    station: Station,
    order: Order,
    halt: Event,
    told: Callable[[int, int, str], None],
) -> Outcome[Imported]:
    """A backup, then all good rows in one action; raises Stopped, and then nothing was written."""
    told(0, 0, "正在备份")
    station.backup("import")

    def step(done: int, total: int) -> None:
        if halt.is_set():
            raise Stopped
        told(done, total, f"正在写入第 {done} / {total} 行")

    rows = order.analysis.importable()
    step(0, len(rows))
    left = len(order.analysis.left())
    outcome = run(
        work.store, work.desk, imports.import_rows, rows, order.file_name, order.employer,
        left, step,
    )  # fmt: skip
    if order.columns is not None and order.employer:
        _remember(work, order.employer, order.columns.remember())
    return outcome


def _remember(work: Work, employer: str, columns: str) -> None:
    run(work.store, work.desk, imports.remember_mapping, employer, columns)


def desk_may(desk: Desk) -> bool:
    from app import roles  # noqa: PLC0415

    return roles.may(desk, "import", "write")


def sample() -> bytes:
    """A roster as one wishes for."""
    return sheet.write_xlsx(SAMPLE[0], SAMPLE[1:], name="名册样表")


def bad_rows(analysis: Analysis) -> bytes:
    """What stays behind, with the reason, the wrong cells painted."""
    columns, rows, marks = analysis.report()
    title = "这些行还没有导入；改好后可以再导入，不会重复"
    return sheet.write_xlsx(columns, rows, title=title, marks=marks, name="未导入的行")


def save(path: Path, data: bytes) -> Path:
    try:
        write_whole(path, data)
    except OSError:
        raise Refusal(f"“{path.name}”写不进去，请先关掉打开它的程序，或换个位置再存") from None
    return path


def preview(laid: Laid, columns: Columns, count: int = 3) -> list[tuple[str, ...]]:
    """The first rows as they would come out: name, number, month of retirement."""
    wanted = [columns.index_of(one) for one in ("name", "id_no", "retired_on")]
    return [tuple(_cell(row.cells, at) for at in wanted) for row in laid.table.rows[:count]]


def _cell(cells: Sequence[object], at: int | None) -> str:
    from models.kit import id_number, plain  # noqa: PLC0415

    if at is None or at >= len(cells):
        return "—"
    text = plain.narrow(plain.text(cells[at]))
    bare = id_number.normalise(text)
    return id_number.mask(bare) if len(bare) >= 15 and bare[:14].isdigit() else text or "—"
