"""A fault of the installation as its page shows it, and what each way out does."""

from collections.abc import Sequence

from app.kit import backup, faults
from app.kit.paths import Home
from models.kit import clock
from ui.shell.fault_page import Backup, Look, Way

LOOKS: dict[type[faults.Fault], tuple[str, str]] = {
    faults.WrongKey: ("key-round", "warn"),
    faults.KeysMissing: ("key-round", "warn"),
    faults.KeysDamaged: ("key-round", "bad"),
    faults.NewerSchema: ("download", "warn"),
    faults.DiskFull: ("hard-drive-download", "warn"),
    faults.FileBusy: ("lock", "warn"),
    faults.ReadOnly: ("lock", "warn"),
    faults.SecondInstance: ("monitor", "info"),
}
ICONS = {
    "retry": "refresh-cw",
    "restore": "history",
    "choose_backup": "folder-open",
    "support": "phone",
    "recover": "key-round",
    "close": "log-out",
}
LISTED = 5


def look_of(fault: faults.Fault, home: Home, support: str) -> Look:
    """With backups to choose from where they help."""
    wanted = {action.name for action in fault.actions}
    copies = backup.copies(home)[:LISTED] if wanted & {"restore", "choose_backup"} else []
    icon, tone = LOOKS.get(type(fault), ("database", "bad"))
    return Look(
        fault.title,
        fault.message,
        fault.code,
        ways=tuple(_ways(fault, copies)),
        backups=tuple(Backup(str(one.path), one.shown, missing(one)) for one in copies),
        details=f"{type(fault).__name__} {fault.detail}",
        support=support,
        icon=icon,
        tone=tone,
    )


def _ways(fault: faults.Fault, copies: Sequence[backup.Copy]) -> list[Way]:
    ways = [Way("restore", "从选中的备份恢复", ICONS["restore"])] if copies else []
    for action in fault.actions:
        if action.name == "choose_backup":
            label = "选别处的备份…" if copies else "选备份文件…"
            ways.append(Way("choose_backup", label, ICONS["choose_backup"]))
        elif action.name != "restore":
            ways.append(Way(action.name, action.label, ICONS.get(action.name, "")))
    if not any(way.key == "close" for way in ways):
        ways.append(Way("close", "退出", ICONS["close"]))
    return ways


def missing(copy: backup.Copy) -> str:
    """What will not be there after going back to this backup."""
    word = backup.WORDS.get(copy.reason, "备份")
    at = clock.local(copy.made_at)
    people = copy.rows.get("retiree", 0)
    return f"{word} · 有 {people} 人 · 缺 {at:%m-%d %H:%M} 以后录入的"
