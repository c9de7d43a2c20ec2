"""``sangyu screens``: every screen and dialog as a picture (把每个界面存成图片)."""

import os
from argparse import Namespace
from pathlib import Path

from app.kit.refusal import Refusal
from ui.command.display import load_qt
from ui.command.parser import Answer, Rooms, command, folder, progress

TEXTS = {"100": 1.0, "125": 1.25, "150": 1.5}


def add_arguments(rooms: Rooms) -> None:
    """Where to, and in which text sizes."""
    made = command(rooms, "screens", "把每个界面存成图片", run)
    made.add_argument("--out", type=folder, required=True, metavar="DIR", help="图片文件夹")
    made.add_argument(
        "--text", nargs="+", choices=sorted(TEXTS), default=["100"], metavar="SIZE",
        help="文字大小：100 125 150",
    )  # fmt: skip


def run(args: Namespace) -> Answer:
    """Needs no display: the pictures are drawn off the screen."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    load_qt()
    from ui import main  # noqa: PLC0415 - Qt is loaded only when pictures are wanted
    from ui.command.centre_scene import centre_at_work  # noqa: PLC0415 - needs the centre extra
    from ui.command.city_scene import city_over  # noqa: PLC0415 - as above

    out: Path = args.out
    if out.exists() and not out.is_dir():
        raise Refusal(f"{out.name} 不是文件夹，请换一个位置")
    texts = [TEXTS[one] for one in args.text]
    album = main.pictures(out, texts, progress(args), centre_at_work, city_over)
    lines = [f"已存 {len(album.made)} 张图片到 {out}"]
    if album.left:
        lines.append(f"这些界面还没有，没有拍：{'、'.join(album.left)}")
    return Answer({"folder": out, "files": album.made, "left_out": album.left}, lines)
