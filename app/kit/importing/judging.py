"""What becomes of a row beside the others and beside the people registered already."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from app.kit.importing.field import Field, Finding, Known, Level
from app.kit.importing.row import KEY, NAME, CheckedRow, State


def shared(row: CheckedRow, sharing: Sequence[CheckedRow], label: str) -> Iterator[Finding]:
    """The same number in other rows: the same person again, or a mistake in one of them."""
    others = [one for one in sharing if one is not row and not one.ignored]
    if not others:
        return
    name = row.values.get(NAME)
    stranger = next((one for one in others if one.values.get(NAME) != name), None)
    if stranger is not None:
        who = stranger.values.get(NAME) or "姓名没有填"
        words = f"与第 {stranger.number} 行（{who}）的身份证号相同，请核对是谁的"
        yield Finding(KEY, label, words, Level.ERROR, kind="shared")
        return
    first = _first([one for one in sharing if not one.ignored])
    if first is not row and not row.ignored:
        words = f"与第 {first.number} 行是同一个人，只导入第 {first.number} 行"
        yield Finding(KEY, label, words, Level.DUPLICATE, kind="twice")


def registered(row: CheckedRow, fields: Mapping[str, Field]) -> Iterator[Finding]:
    """What is known of the person decides between new, update and nothing to do."""
    row.changes, row.action = (), "new"
    known = row.known
    if known is None:
        return
    label = fields[KEY].label
    words = _not_here(known, str(row.values.get(NAME) or ""))
    if words:
        row.action = ""
        yield Finding(KEY, label, words, Level.DUPLICATE, kind=known.state)
        return
    row.action = "update"
    yield from _differing(row, known, fields)


def _differing(row: CheckedRow, known: Known, fields: Mapping[str, Field]) -> Iterator[Finding]:
    here, label = known.values, fields[KEY].label
    if here is None:
        row.action = ""
        yield Finding(KEY, label, f"{known.name} 已在册", Level.DUPLICATE, kind="here")
        return
    said = row.values
    differing = [one for one in said if one in here and _is_new(said[one], here[one], fields, one)]
    row.changes = tuple(differing)
    if not differing:
        row.action = ""
        words = f"{known.name} 已在册，没有新内容"
        yield Finding(KEY, label, words, Level.DUPLICATE, kind="same")
    for one in differing:
        field = fields.get(one)
        if field is not None and _overwrites(here[one]):
            old, new = _shown(field, here[one]), field.show(row.values[one])
            words = f"{field.label}与在册的不同：在册 {old}，名册 {new}"
            yield Finding(one, field.label, words, Level.CONFIRM, kind="differs")


def _is_new(said: object, here: object, fields: Mapping[str, Field], name: str) -> bool:
    field = fields.get(name)
    if field is not None and field.newest and isinstance(said, date) and isinstance(here, date):
        return said > here
    if isinstance(here, frozenset | tuple):
        return not set(said if isinstance(said, list) else [said]) <= set(here)
    return said != here


def _overwrites(here: object) -> bool:
    return here not in (None, "", [], ()) and not isinstance(here, frozenset)


def _shown(field: Field, here: object) -> str:
    return "、".join(map(field.show, here)) if isinstance(here, tuple) else field.show(here)


def _not_here(known: Known, name: str) -> str:
    """Why somebody known cannot be taken in; empty where an update is possible."""
    since = f"（{known.since}）" if known.since else ""
    if known.state == "dead":
        return f"{known.name} 已登记去世{since}，不能导入"
    if known.state == "elsewhere":
        return f"{known.name} 已在{known.place or '别的社区'}登记，请先办转移"
    if known.state == "left":
        return f"{known.name} 已迁出{since}，如已迁回请在人员页登记迁回"
    if name and name != known.name:
        place = f"（{known.place}）" if known.place else ""
        return f"这个号码已登记为 {known.name}{place}"
    return ""


def _first(sharing: Sequence[CheckedRow]) -> CheckedRow:
    """The row that counts: the first without a mistake, else the first."""
    sound = (one for one in sharing if not any(f.level is Level.ERROR for f in one.own))
    return next(sound, sharing[0])


def state_of(row: CheckedRow) -> State:
    """One of the four counters, or set aside by a person."""
    levels = {one.level for one in row.findings}
    if row.ignored:
        return State.IGNORED
    if Level.ERROR in levels:
        return State.MUST_FIX
    if Level.DUPLICATE in levels:
        return State.DUPLICATE
    if Level.CONFIRM in levels and not row.accepted:
        return State.CONFIRM
    return State.GOOD


def reason(row: CheckedRow) -> str:
    """All that holds the row back, in one line."""
    if row.ignored:
        return "已忽略"
    return "；".join(one.message for one in row.findings if one.level is not Level.NOTE)
