"""Can windows be shown here? Asked before Qt is loaded, so that what is missing gets a name.

`python -m ui.command.display` says in one sentence what is missing and exits 2, or exits 0.
"""

import importlib
import os
import sys

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
    "libxcb-cursor.so": "libxcb-cursor0",
}
ALL_OF_THEM = "libegl1 libgl1 libxkbcommon0 libdbus-1-3 libfontconfig1 libglib2.0-0"


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


def missing_library(message: str) -> Refusal:
    """The sentence for what the loader said."""
    for library, package in LIBRARIES.items():
        if library in message:
            return Refusal(
                f"界面（测试也要用）需要系统库 {library}，属于 Debian 软件包 {package}。"
                f"请管理员运行：apt install {ALL_OF_THEM}"
            )
    return Refusal(f"界面所需的系统库载入不了：{message}")


def main() -> int:
    """For scripts that set the program up."""
    try:
        load_qt()
    except Refusal as refusal:
        print(refusal.message, file=sys.stderr)  # noqa: T201
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
