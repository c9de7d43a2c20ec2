"""Copies of a station's or a centre's database: made, put back, and made by themselves beside a
service at which nobody sits (备份与恢复)."""

import logging
import threading
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from app.kit.paths import Home
from app.kit.refusal import Refusal
from app.station import Station, after_restoring, restore_station
from models.kit import clock
from ui.command.opened import centre, refusing
from ui.command.parser import Answer, Rooms, command, existing_file, password

EVERY = 180.0
"""Seconds; a copy is made where its hour has passed."""
log = logging.getLogger("sync.copies")


def add_words(inner: Rooms, database: Callable[[Any], None]) -> None:
    """Those of a centre."""
    database(command(inner, "backup", "立即备份", _back_up_centre))
    made = command(inner, "restore", "从备份恢复，先停下接收服务", _put_back_centre)
    made.add_argument("file", type=existing_file, metavar="FILE", help="备份文件")


def _back_up_centre(args: Namespace) -> Answer:
    with centre(args, args.database) as opened:
        return back_up(opened)


def _put_back_centre(args: Namespace) -> Answer:
    return put_back(Home(args.home, side="centre"), args)


def back_up(opened: Station) -> Answer:
    """A verified encrypted copy now."""
    if not opened.has_file:
        raise Refusal("资料库在 PostgreSQL 服务器上，请用服务器自己的备份，没有另做")
    copy = opened.backup("hand")
    return Answer({"file": copy.path}, [f"已备份并核对：{copy.path.name}"])


def put_back(home: Home, args: Namespace) -> Answer:
    """A copy in the place of the database, and what becomes of what it lacks."""
    with refusing():
        done = restore_station(home, args.file, args.person, password())
    made = f"{clock.local(done.made_at):%Y-%m-%d %H:%M}"
    lines = [
        f"已恢复到 {made} 的备份，原来的资料另存在 {done.replaced.name}。",
        *(f"{one}。" for one in after_restoring(home, done)),
    ]
    aside = done.replaced / home.database.name
    if aside.exists() and home.side == "station":
        lines.append(f"用命令找回：sangyu station salvage {aside}")
    data = {"made_at": done.made_at, "offered": done.result, "replaced": done.replaced}
    return Answer(data, lines)


@contextmanager
def kept_up(opened: Station) -> Iterator[None]:
    """As long as the context lasts, copies are made at their hours, as at an open desktop."""
    stop = threading.Event()
    thread = threading.Thread(target=_work, args=(opened, stop), name="copies", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _work(opened: Station, stop: threading.Event) -> None:
    while not stop.wait(EVERY):
        try:
            if opened.backup_if_due():
                log.info("backed up")
        except Exception:
            log.exception("no backup was made")
