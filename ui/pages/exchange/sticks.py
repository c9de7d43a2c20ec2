"""Sticks that are in: asked of the system, so that nobody has to look for a folder."""

import ctypes
import sys
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QStorageInfo
from PySide6.QtWidgets import QWidget

from app import settings
from ui.kit.context import Context

REMOVABLE = 2
MB, GB = 1024**2, 1024**3
MOUNTS = ("/media/", "/run/media/", "/mnt/usb")


@dataclass(frozen=True)
class Plugged:
    """A stick; the brand is nobody's business."""

    folder: Path
    words: str


def plugged() -> list[Plugged]:
    """Every removable place that can be written."""
    found = []
    for volume in QStorageInfo.mountedVolumes():
        root = volume.rootPath()
        if volume.isValid() and volume.isReady() and _removable(root):
            found.append(Plugged(Path(root), told(Path(root))))
    return found


def told(folder: Path) -> str:
    """KINGSTON（E:），剩余 12.4 GB; of a folder on it the folder's name; without the rest where it
    was pulled out."""
    volume = QStorageInfo(str(folder))
    name = folder.name or _called(volume) or str(folder)
    if not (volume.isValid() and volume.isReady() and folder.exists()):
        return name
    free = volume.bytesAvailable()
    left = f"{free / GB:.1f} GB" if free >= GB // 10 else f"{free // MB} MB"
    return f"{name}，剩余 {left}"


def _called(volume: QStorageInfo) -> str:
    """A drive has a letter and perhaps a label."""
    drive, label = volume.rootPath().rstrip("/\\"), volume.name()
    return f"{label}（{drive}）" if label and drive else label or drive


def ask_folder(context: Context, parent: QWidget) -> Path | None:
    """One stick that is in is taken at once after asking; else a folder is chosen."""
    found = plugged()
    if found:
        choices = [(str(one.folder), one.words) for one in found]
        chosen = context.ask.choose(
            parent, "选U盘", [*choices, ("", "选别的文件夹…")], act="用这个U盘"
        )
        if chosen is None or chosen:
            return Path(chosen) if chosen else None
    last = settings.machine(context.station.home).get("stick_folder")
    return context.ask.folder(parent, "选U盘", start=last)


def _removable(root: str) -> bool:
    if sys.platform == "win32":
        return int(ctypes.windll.kernel32.GetDriveTypeW(root)) == REMOVABLE
    return root.startswith(MOUNTS)
