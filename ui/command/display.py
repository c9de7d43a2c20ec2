"""Can windows be shown here? Asked before Qt is loaded, so that what is missing gets a name.

`python -m ui.command.display` says in one sentence what is missing and exits 2, or exits 0;
with `--window` also what real windows need, not only drawing off the screen.
"""

import ctypes
import importlib
import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from app.kit.refusal import Refusal

# shared library -> Debian and Ubuntu package
LIBRARIES = {
    "libEGL.so": "libegl1",
    "libGL.so": "libgl1",
    "libxkbcommon.so": "libxkbcommon0",
    "libdbus-1.so": "libdbus-1-3",
    "libfontconfig.so": "libfontconfig1",
    "libfreetype.so": "libfreetype6",
    "libglib-2.0.so": "libglib2.0-0",
    "libgthread-2.0.so": "libglib2.0-0",
    "libX11.so": "libx11-6",
}
ALL_OF_THEM = "libegl1 libgl1 libxkbcommon0 libdbus-1-3 libfontconfig1 libglib2.0-0"
# what the plugin for X displays needs on top
WINDOW_LIBRARIES = {
    "libX11-xcb.so": "libx11-xcb1",
    "libxcb-cursor.so": "libxcb-cursor0",
    "libxcb-icccm.so": "libxcb-icccm4",
    "libxcb-image.so": "libxcb-image0",
    "libxcb-keysyms.so": "libxcb-keysyms1",
    "libxcb-randr.so": "libxcb-randr0",
    "libxcb-render-util.so": "libxcb-render-util0",
    "libxcb-render.so": "libxcb-render0",
    "libxcb-shape.so": "libxcb-shape0",
    "libxcb-shm.so": "libxcb-shm0",
    "libxcb-sync.so": "libxcb-sync1",
    "libxcb-util.so": "libxcb-util1",
    "libxcb-xfixes.so": "libxcb-xfixes0",
    "libxcb-xkb.so": "libxcb-xkb1",
    "libxkbcommon-x11.so": "libxkbcommon-x11-0",
}


def has_display() -> bool:
    """Whether a window would have a screen to go to."""
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def load_qt() -> None:
    """Load the libraries that windows, pictures and tests need, or refuse with what to install."""
    try:
        importlib.import_module("PySide6.QtWidgets")
        importlib.import_module("PySide6.QtPrintSupport")
    except ModuleNotFoundError:
        raise
    except ImportError as problem:
        raise missing_library(str(problem)) from problem


def load_windows() -> None:
    """`load_qt`, and the plugin that puts windows on an X display: without one of its libraries Qt
    itself does not refuse but aborts the process."""
    load_qt()
    plugin = _x_plugin()
    if plugin is None:
        return
    try:
        ctypes.CDLL(str(plugin))
    except OSError as problem:
        raise missing_library(str(problem)) from problem


def _x_plugin() -> Path | None:
    """Where it is, if Qt is going to use it here."""
    wanted = os.environ.get("QT_QPA_PLATFORM", "xcb").startswith("xcb")
    x_only = os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY")
    found = find_spec("PySide6")
    if not (sys.platform.startswith("linux") and wanted and x_only and found and found.origin):
        return None
    plugin = Path(found.origin).with_name("Qt") / "plugins" / "platforms" / "libqxcb.so"
    return plugin if plugin.is_file() else None


def missing_library(message: str) -> Refusal:
    """The sentence for what the loader said."""
    for library, package in LIBRARIES.items():
        if library in message:
            return Refusal(
                f"界面（测试也要用）需要系统库 {library}，属于 Debian 软件包 {package}。"
                f"请管理员运行：apt install {ALL_OF_THEM}"
            )
    for library, package in WINDOW_LIBRARIES.items():
        if library in message:
            packages = " ".join(WINDOW_LIBRARIES.values())
            return Refusal(
                f"打开窗口需要系统库 {library}，属于 Debian 软件包 {package}。"
                f"请管理员运行：apt install {packages}"
            )
    return Refusal(f"界面所需的系统库载入不了：{message}")


def main(words: Sequence[str]) -> int:
    """For scripts that set the program up."""
    try:
        (load_windows if "--window" in words else load_qt)()
    except Refusal as refusal:
        print(refusal.message, file=sys.stderr)  # noqa: T201
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
