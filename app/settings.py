"""Every setting once: name, type, default, label, help, scope.

``machine`` settings are this PC's and can be read before login; ``centre`` settings are parameters,
which only the centre changes.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sqlalchemy.orm import Session

from app import audit, parameter, roles
from app.kit.files import write_whole
from app.kit.paths import Home
from app.kit.refusal import Refusal
from app.kit.who import at_desk

Scope = Literal["machine", "centre"]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting; ``choices`` are (value, words), ``least`` and ``most`` bound a
    number of the centre's."""

    name: str
    type: type[str] | type[int] | type[bool]
    default: Any
    label: str
    help: str
    scope: Scope
    choices: tuple[tuple[Any, str], ...] = ()
    least: int | None = None
    most: int | None = None


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "text_size",
        int,
        100,
        "文字大小",
        "只影响这台电脑的屏幕，打印不变。Ctrl+= 放大，Ctrl+- 缩小",
        "machine",
        choices=((100, "标准"), (125, "大"), (150, "特大")),
    ),
    Setting(
        "backup_folder",
        str,
        "",
        "备份的第二个位置",
        "另一块硬盘、U盘或网络文件夹。电脑坏了，可以从那里恢复；备份是加密的",
        "machine",
    ),
    Setting("printer", str, "", "打印机", "空着就用系统默认打印机", "machine"),
    Setting(
        "scanner_sound",
        bool,
        default=True,
        label="扫码提示音",
        help="一长声是收好了，两短声是有问题",
        scope="machine",
    ),
    Setting("stick_folder", str, "", "U盘位置", "上次用的U盘文件夹", "machine"),
    Setting(
        "lock_minutes",
        int,
        10,
        "不操作自动锁屏",
        "锁屏后要重新输口令，正在填的内容会留着",
        "centre",
        least=5,
        most=30,
    ),
)
BY_NAME: Mapping[str, Setting] = {one.name: one for one in SETTINGS}


class Machine:
    """The settings of this PC, in ``settings.json``; an unreadable file counts as empty, and is
    not written over."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def get(self, name: str) -> Any:
        """The value kept, else the default."""
        setting = _of(name, "machine")
        try:
            return check(setting, self._all().get(name, setting.default))
        except (OSError, Refusal):
            return setting.default

    def remember(self, name: str, value: Any) -> None:
        """Keep a value for convenience: where the disk does not take it, what people came for goes
        on."""
        with suppress(OSError):
            self.set(name, value)

    def set(self, name: str, value: Any) -> None:
        """Keep a value; raises Refusal for one that makes no sense."""
        checked = check(_of(name, "machine"), value)
        if name == "backup_folder" and checked:
            self._is_elsewhere(Path(checked))
        said = json.dumps(self._all() | {name: checked}, ensure_ascii=False, sort_keys=True)
        self._home.dir.mkdir(parents=True, exist_ok=True)
        write_whole(self._home.settings, said.encode())

    def _is_elsewhere(self, folder: Path) -> None:
        if folder.resolve().is_relative_to(self._home.dir.resolve()):
            raise Refusal(
                "第二个位置不能在本机的资料文件夹里，不然电脑坏了两份一起丢。"
                "请选U盘、另一块硬盘或网络文件夹",
                "backup_folder",
            )

    def _all(self) -> dict[str, Any]:
        try:
            found = json.loads(self._home.settings.read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}


def machine(home: Home) -> Machine:
    """What this PC prefers; works before login."""
    return Machine(home)


def read(session: Session, name: str) -> Any:
    """A setting of the centre, within its bounds."""
    return _bounded(_of(name, "centre"), parameter.in_force(session, name).value)


def check(setting: Setting, value: Any) -> Any:
    """The value if it fits its setting."""
    fits = type(value) is setting.type
    if setting.choices and value not in [one for one, _ in setting.choices]:
        fits = False
    if not fits:
        raise Refusal(f"“{setting.label}”不能是 {value}", setting.name)
    return value


def _bounded(setting: Setting, value: Any) -> Any:
    low = value if setting.least is None else max(setting.least, value)
    return low if setting.most is None else min(setting.most, low)


def _of(name: str, scope: Scope) -> Setting:
    setting = BY_NAME[name]
    if setting.scope != scope:
        raise KeyError(f"{name} is a {setting.scope} setting")
    return setting


def network(session: Session, what: str) -> None:
    """May whoever is at the desk say where the centre is reached, and with which certificate?
    Raises Refusal; ``what`` is noted."""
    roles.allow(at_desk(session), "setting", "manage")
    audit.note(session, "改联网设置", "office", at_desk(session).office_id, what)
