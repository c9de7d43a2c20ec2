"""`sangyu` alone: the desktop."""

from argparse import Namespace
from typing import TYPE_CHECKING

from app.kit.refusal import Refusal
from ui.command.display import has_display, load_windows
from ui.command.parser import Answer, Rooms, command

if TYPE_CHECKING:
    from app.station import Station
    from sync.desktop import Serving


def add_arguments(rooms: Rooms) -> None:
    """No options of its own."""
    command(rooms, "desktop", "打开桌面程序", run)


def run(args: Namespace) -> Answer:
    """Open the window and stay until it is closed."""
    if not has_display():
        raise Refusal("这里没有显示器，打不开桌面。不用界面的命令见：sangyu --help")
    load_windows()
    from ui.main import main  # noqa: PLC0415 - Qt is loaded only when a window is wanted

    code = main(args.home, serving)
    return Answer({"exit": code})


def serving(opened: "Station") -> "Serving":
    """What a centre has done by the server's code; loaded when there is a centre."""
    from ui.command.opened import serving_of  # noqa: PLC0415 - the first window needs none of it

    return serving_of(opened)
