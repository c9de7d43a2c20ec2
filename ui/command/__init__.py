"""The console entry: `sangyu` alone opens the desktop, every other command needs no display.

A command answers; this module prints the answer, in Chinese for people or as one JSON object.
"""

import contextlib
import importlib
import logging
import os
import sys
import traceback
from argparse import Namespace
from collections.abc import Sequence
from typing import TextIO

from app.kit import faults, log
from app.kit.paths import Home
from app.kit.refusal import Refusal
from ui.command.parser import Answer, Parser, common, first_word, wants_json

# name -> what it is for, in the order of the help; each is a module of this package
COMMANDS = {
    "station": "本站：建站、导入名册、到期名单、打印、回收、走访、交换、备份",
    "centre": "区中心：建立、邀请、批准、接收服务、认证意见、名单",
    "demo": "演示：一个区中心和两个站，从名册做到回执",
    "roster": "造一份虚构的单位花名册",
    "screens": "把每个界面存成图片",
    "desktop": "打开桌面程序（不写命令时就是它）",
}

DONE, BUG, REFUSED, STOPPED = 0, 1, 2, 130

# import name -> what to install
EXTRAS = {
    "PySide6": ("PySide6-Essentials", "desk"),
    "starlette": ("starlette", "centre"),
    "uvicorn": ("uvicorn", "centre"),
    "psycopg": ("psycopg[binary]", "centre"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line; the number is the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    speak_utf8(sys.stdout, sys.stderr)
    try:
        return answer(words)
    except Refusal as refusal:
        return refuse(words, refusal)
    except KeyboardInterrupt:
        print("已中断。", file=sys.stderr)  # noqa: T201
        return STOPPED
    except BrokenPipeError:
        # whoever read our output has enough; do not fail again while closing it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except UnicodeEncodeError:
        return refuse(words, Refusal("输入或文件名里有认不出来的字（编码不对），请改用 UTF-8 再试"))
    except Exception as problem:
        if expected := missing_extra(problem) or faults.known(problem):
            return refuse(words, expected)
        return fault(words, problem)


def answer(words: list[str]) -> int:
    """Parse, do, print."""
    args = parse(words)
    given = args.run(args)
    if not isinstance(given, Answer):
        raise TypeError(f"{args.run.__module__} gave no Answer")
    print(given.json() if args.json else given.text(), flush=True)  # noqa: T201
    if not given.refused:
        return DONE
    print(given.refused, file=sys.stderr)  # noqa: T201
    return REFUSED


def parse(words: list[str]) -> Namespace:
    """Only the command that is asked for gets imported."""
    parser = Parser("sangyu", "桑榆：离退休人员社会化管理服务")
    common(parser, top=True)
    rooms = parser.rooms()
    wanted = first_word(words)
    for name, purpose in COMMANDS.items():
        if name == (wanted or "desktop"):
            importlib.import_module(f"ui.command.{name}").add_arguments(rooms)
        else:
            rooms.add_parser(name, help=purpose)
    if wanted is None and not {"-h", "--help"} & set(words):
        words = [*words, "desktop"]
    return parser.parse_args(words)


def refuse(words: list[str], refusal: Refusal) -> int:
    """The sentence for the person; with --json the object says it too."""
    print(refusal.message, file=sys.stderr)  # noqa: T201
    if wants_json(words):
        said = Answer({"refused": refusal.message, "field": refusal.field}, [])
        print(said.json())  # noqa: T201
    return REFUSED


def fault(words: list[str], problem: Exception) -> int:
    """A mistake of ours: one sentence with its number, the places in the log of the home, and
    nothing it said, which may be somebody's name."""
    if sys.flags.dev_mode:
        traceback.print_exception(problem)
    log_down(words, problem)
    kind, *places = log.places(problem)
    where = f"{log.number(problem)}，{kind}，{places[-1]}"
    said = f"程序出错了，这一步没有做完，已存的资料没有影响。请把这个编号告诉技术支持：{where}"
    print(said, file=sys.stderr)  # noqa: T201
    if wants_json(words):
        print(Answer({"fault": said, "number": log.number(problem)}, []).json())  # noqa: T201
    return BUG


def log_down(words: list[str], problem: Exception) -> None:
    """Into the log where there is a home; without one there is nothing to add."""
    with contextlib.suppress(Exception):
        home = Home(parse(words).home)
        if home.log.is_dir():
            kept = log.keep(home)
            log.note(logging.getLogger("sangyu"), problem)
            logging.getLogger("sangyu").removeHandler(kept)
            kept.close()


def missing_extra(problem: Exception) -> Refusal | None:
    """Say which package to install; a module of our own that is missing is a bug."""
    module = problem.name if isinstance(problem, ModuleNotFoundError) else None
    package, extra = EXTRAS.get((module or "").split(".")[0], ("", ""))
    if not package:
        return None
    return Refusal(f"这个命令需要 {package}，本机没有安装。请运行：pip install 'sangyu[{extra}]'")


def speak_utf8(*streams: TextIO | None) -> None:
    """A Windows pipe would use the ANSI code page, which lacks rare characters of names."""
    for stream in streams:
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")
