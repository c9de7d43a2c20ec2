"""Every setting once: name, type, default, label, help, scope.

``machine`` settings are this PC's and can be read before login; ``station`` settings are kept with
the data of this PC; ``centre`` settings are parameters, which only the centre changes.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit, parameter, roles
from app.kit.files import write_whole
from app.kit.paths import Home
from app.kit.refusal import Refusal
from app.kit.who import at_desk
from models.kit.ids import new_id
from models.local_note import LocalNote

Scope = Literal["machine", "station", "centre"]
KIND = "setting"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting; ``choices`` are (value, words), ``least`` and ``most`` bound a number."""

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
    Setting("paper_tray", str, "", "纸盒", "空着由打印机决定", "machine"),
    Setting(
        "scanner_sound",
        bool,
        default=True,
        label="扫码提示音",
        help="一长声是收好了，两短声是有问题",
        scope="machine",
    ),
    Setting(
        "scanner_idle_ms",
        int,
        80,
        "扫码枪停顿",
        "扫码枪不会自动回车时，停顿这么多毫秒就当扫完了",
        "machine",
        least=30,
        most=1000,
    ),
    Setting(
        "privacy_mode",
        bool,
        default=False,
        label="窗口隐私模式",
        help="有来访群众时打开：名单不显示证号和电话",
        scope="machine",
    ),
    Setting(
        "sync_auto",
        bool,
        default=True,
        label="自动联网上报",
        help="联网时每 15 分钟和 17:00 自动上报，不影响录入",
        scope="station",
    ),
    Setting("stick_folder", str, "", "U盘位置", "上次用的U盘文件夹", "machine"),
    Setting(
        "slip_note",
        str,
        "",
        "通知单附言",
        "印在温馨提示通知单最下面，例如办公时间有变",
        "station",
    ),
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
    """The settings of this PC, in ``settings.json``; an unreadable file counts as empty."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def get(self, name: str) -> Any:
        """The value kept, else the default."""
        setting = _of(name, "machine")
        try:
            return check(setting, self._all().get(name, setting.default))
        except Refusal:
            return setting.default

    def set(self, name: str, value: Any) -> None:
        """Keep a value; raises Refusal for one that makes no sense."""
        checked = check(_of(name, "machine"), value)
        said = json.dumps(self._all() | {name: checked}, ensure_ascii=False, sort_keys=True)
        self._home.dir.mkdir(parents=True, exist_ok=True)
        write_whole(self._home.settings, said.encode())

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
    """A setting of the station or the centre."""
    setting = BY_NAME[name]
    if setting.scope == "centre":
        value = parameter.in_force(session, name).value
    else:
        row = session.scalars(_kept(_of(name, "station"))).first()
        value = row.value if row is not None else setting.default
    return _bounded(setting, value)


def write(session: Session, name: str, value: Any) -> None:
    """Change a setting of the station."""
    setting = BY_NAME[name]
    if setting.scope == "centre":
        raise Refusal(f"“{setting.label}”由区中心统一规定，本站不能改", name)
    checked = check(_of(name, "station"), value)
    row = session.scalars(_kept(setting)).first()
    if row is None:
        session.add(LocalNote(id=new_id(), kind=KIND, key=name, value=checked))
    else:
        row.value = checked


def check(setting: Setting, value: Any) -> Any:
    """The value if it fits its setting."""
    fits = type(value) is setting.type
    if setting.choices and value not in [one for one, _ in setting.choices]:
        fits = False
    if not fits:
        raise Refusal(f"“{setting.label}”不能是 {value}", setting.name)
    if setting.type is int and value != _bounded(setting, value):
        raise Refusal(f"“{setting.label}”应在 {setting.least} 到 {setting.most} 之间", setting.name)
    return value


def _bounded(setting: Setting, value: Any) -> Any:
    if setting.type is not int or isinstance(value, bool) or not isinstance(value, int):
        return value
    low = value if setting.least is None else max(setting.least, value)
    return low if setting.most is None else min(setting.most, low)


def _kept(setting: Setting) -> Any:
    return select(LocalNote).where(LocalNote.kind == KIND, LocalNote.key == setting.name)


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
