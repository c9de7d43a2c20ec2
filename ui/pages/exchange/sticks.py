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
            name = volume.displayName().rstrip("/\\").rsplit("/", 1)[-1]
            free = volume.bytesAvailable() / 1024**3
            found.append(Plugged(Path(root), f"{name or root}，剩余 {free:.1f} GB"))
    return found


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
