"""The rehearsal itself: all that a restore does, in a folder of its own, and a comparison."""

from dataclasses import dataclass
from time import monotonic

from app import roles
from app.drill import standing
from app.drill.compare import compare
from app.kit.rehearsal import ANEW, Unfit, day_words, newest, rehearsed
from app.kit.run import look, run
from app.kit.who import Desk
from app.station import TABLES, Station, second_folder
from models.kit import clock

OLD = 31
"""Days; there are two backups on each day that somebody works."""


@dataclass(frozen=True, slots=True)
class Drilled:
    """``words`` say which backup and what was found, or what happened, is safe and is to do."""

    passed: bool
    words: str
    people: int = 0
    records: int = 0
    seconds: int = 0


def drill(here: Station, desk: Desk | None = None) -> Drilled:
    """Rehearse now, and note what came of it. Raises a refusal where nothing can be said: a backup
    from before a restore, or the disk failed for a reason of its own."""
    who = desk or here.desk
    roles.allow(who, "backup", "manage")
    found = _tried(here)
    run(here.store, who, standing.note, found.words, passed=found.passed)
    return found


def drill_if_due(here: Station) -> Drilled | None:
    """Nobody is asked, nor is a network."""
    if not look(here.store, here.program, standing.is_due):
        return None
    return drill(here, here.program)


def _tried(here: Station) -> Drilled:
    begun = monotonic()
    try:
        copy = newest(here.home, here.office.code, second_folder(here.home))
        day = day_words(copy.made_at)
        with (
            rehearsed(here.home, here.vault.key, TABLES, copy) as old,
            old.look() as then,
            here.store.look() as now,
        ):
            people, records = compare(then, now, day)
    except Unfit as no:
        return Drilled(passed=False, words=no.message)
    days = (clock.today() - clock.local(copy.made_at).date()).days
    if days > OLD:
        said = f"最新的备份是{day}的，能恢复，但那以后 {days} 天的资料都不在备份里。{ANEW}"
        return Drilled(passed=False, words=said)
    seconds = max(1, round(monotonic() - begun))
    said = f"{day}的备份能恢复：{people} 人、{records} 条记录核对一致，用了 {seconds} 秒"
    return Drilled(passed=True, words=said, people=people, records=records, seconds=seconds)
