"""Reading a command line and shaping an answer: what every command has in common."""

import argparse
import getpass
import json
import os
import re
import sys
from argparse import SUPPRESS, ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, NoReturn, Protocol, TypeVar, cast

from platformdirs import user_data_path

from app.kit.office_lock import Locked
from app.kit.refusal import Refusal
from models.kit import clock
from sync.fault import Fault
from sync.told_card import as_typed

PASSWORD = "SANGYU_PASSWORD"  # noqa: S105 - the name of a variable
FILE_PASSWORD = "SANGYU_FILE_PASSWORD"  # noqa: S105 - the name of a variable


@dataclass(frozen=True)
class Answer:
    """What a command found or did: data for scripts, lines for people. ``refused`` says what of
    the input was not taken, where the rest was."""

    data: Mapping[str, Any]
    lines: Sequence[str] = field(default_factory=list)
    refused: str = ""

    def json(self) -> str:
        """Exactly one object."""
        said = {**self.data, "refused": self.refused} if self.refused else dict(self.data)
        return json.dumps(said, ensure_ascii=False, default=plain)

    def text(self) -> str:
        """One line after the other."""
        return "\n".join(self.lines)


Run = Callable[[Namespace], Answer]
R = TypeVar("R")
SHOWN = 50
LONGEST_NAME = 60


def shown(lines: Iterable[str]) -> list[str]:
    """As many as a person reads, and how many more there are."""
    every = [f"  {line}" for line in lines]
    more = len(every) - SHOWN
    rest = [f"  ……还有 {more} 行，加 --json 全部输出"] if more > 0 else []
    return every[:SHOWN] + rest


class Rooms(Protocol):
    """Where subcommands are hung up: what `add_subparsers` gives back."""

    def add_parser(self, name: str, *, help: str) -> "Parser":  # noqa: A002
        """A new subcommand."""


class Parser(ArgumentParser):
    """argparse that speaks Chinese and refuses instead of leaving."""

    def __init__(self, prog: str | None = None, description: str | None = None, **_: Any) -> None:
        super().__init__(
            prog, description=description, formatter_class=Help, add_help=False, allow_abbrev=False
        )
        self._positionals.title = "命令与参数"
        self._optionals.title = "选项"
        self.add_argument("-h", "--help", action="help", default=SUPPRESS, help="显示这段说明")

    def rooms(self, dest: str = "command") -> Rooms:
        """Make room for subcommands, one of which must be given."""
        made = self.add_subparsers(
            dest=dest, required=True, metavar="命令", parser_class=Parser, title="命令"
        )
        return cast("Rooms", made)

    def error(self, message: str) -> NoReturn:
        """A mistyped command is a refusal like any other."""
        raise Refusal(f"命令写法不对：{in_chinese(message)}。查看说明：{self.prog} --help")


class Help(argparse.HelpFormatter):
    """Help with a Chinese heading."""

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        """Write 用法 where argparse writes usage."""
        super().add_usage(usage, actions, groups, "用法：" if prefix is None else prefix)


def command(rooms: Rooms, name: str, purpose: str, run: Run) -> Parser:
    """A subcommand that does something: `args.run(args)` gives the `Answer`."""
    made = rooms.add_parser(name, help=purpose)
    made.description = purpose
    made.set_defaults(run=run)
    common(made)
    return made


def group(rooms: Rooms, name: str, purpose: str) -> Rooms:
    """A subcommand that has subcommands: `sangyu station …`."""
    made = rooms.add_parser(name, help=purpose)
    made.description = purpose
    common(made)
    return made.rooms(dest=f"{name}_command")


def common(parser: Parser, *, top: bool = False) -> None:
    """--home, --as and --json, anywhere on the command line; the later one counts."""
    add = parser.add_argument
    home = data_folder() if top else SUPPRESS
    add("--home", type=folder, default=home, metavar="DIR", help="数据文件夹，不写时用本用户的")
    add("--as", dest="person", default=None if top else SUPPRESS, metavar="NAME", help="以谁的身份")
    add(
        "--json", action="store_true", default=False if top else SUPPRESS, help="输出一个 JSON 对象"
    )


def data_folder() -> Path:
    """The user's own data folder; on Windows the local one, which does not roam."""
    return user_data_path("Sangyu", appauthor=False)


def first_word(words: Sequence[str]) -> str | None:
    """The command among the options in front of it."""
    rest = iter(words)
    for word in rest:
        if word in {"--home", "--as"}:
            next(rest, None)
        elif not word.startswith("-"):
            return word
    return None


def wants_json(words: Sequence[str]) -> bool:
    """Known before parsing, for a command line that cannot be parsed."""
    return "--json" in words


def folder(text: str) -> Path:
    """A path with ~ filled in, independent of where the program goes later."""
    if not text.strip():
        raise ArgumentTypeError("文件夹不能是空的")
    return Path(text).expanduser().absolute()


def existing_file(text: str) -> Path:
    """A file that is there to be read."""
    path = folder(text)
    if not path.is_file():
        raise ArgumentTypeError(f"没有这个文件：{text}")
    return path


def day(text: str) -> date:
    """A day as 2026-11-23."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"日期应写成 2026-11-23，不是 {text}") from None


def month(text: str) -> str:
    """A month as 2026-11."""
    if not re.fullmatch(r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])", text):
        raise ArgumentTypeError(f"月份应写成 2026-11，不是 {text}")
    return text


def count(text: str) -> int:
    """A number of at least one."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise ArgumentTypeError(f"应是一个正整数，不是 {text}")
    return int(text)


def minutes(text: str) -> int:
    """A number of minutes, none included."""
    return 0 if text == "0" else count(text)


def password(prompt: str = "口令：") -> str:
    """From SANGYU_PASSWORD, else asked for at the terminal without showing it."""
    given = os.environ.get(PASSWORD)
    return _typed(prompt, "没有口令", PASSWORD) if given is None else given


def named(text: str) -> str:
    """A name that is kept: not empty, not a page of text."""
    name = " ".join(text.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise ArgumentTypeError(f"名称要有 1—{LONGEST_NAME} 个字，现在 {len(name)} 个")
    return name


def office_code(text: str) -> str:
    """The twelve digits of an office."""
    if not re.fullmatch("[0-9]{12}", text):
        raise ArgumentTypeError(f"机构代码应为 12 位数字，不是 {text}")
    return text


def address(text: str) -> str:
    """Where stations reach the centre."""
    try:
        return as_typed(text)
    except Fault as fault:
        raise ArgumentTypeError(fault.message) from None


def port(text: str) -> int:
    """A port of this machine; 0 lets the system choose."""
    if not re.fullmatch("[0-9]{1,5}", text) or int(text) > 65535:
        raise ArgumentTypeError(f"端口应是 0—65535 的整数，不是 {text}")
    return int(text)


def with_password(read: Callable[[Path, str], R], file: Path) -> R:
    """Read a file that may be locked: its password is SANGYU_FILE_PASSWORD, else it is asked for
    at the terminal, and only where the file asks."""
    given = os.environ.get(FILE_PASSWORD, "")
    try:
        return read(file, given)
    except Locked as locked:
        if locked.wrong:
            raise
        return read(file, _typed("文件的打开密码：", f"{file.name} 加了打开密码", FILE_PASSWORD))


def old_password(file: Path) -> str:
    """The password of that time, for a database with another key than the present one."""
    given = os.environ.get(FILE_PASSWORD)
    said = f"{file.name} 用的是另一把钥匙"
    return _typed("那时的口令：", said, FILE_PASSWORD) if given is None else given


def _typed(prompt: str, lacking: str, variable: str) -> str:
    if not sys.stdin or not sys.stdin.isatty():
        raise Refusal(f"{lacking}：请设置环境变量 {variable}，或在终端里运行后输入。")
    return getpass.getpass(prompt)


def progress(args: Namespace) -> Callable[[str], None]:
    """Tell a person how far a long command is; a script's stdout stays one JSON object."""
    stream = sys.stderr if args.json else sys.stdout

    def say(line: str) -> None:
        print(line, file=stream, flush=True)

    return say


def plain(value: Any) -> Any:
    """What JSON has no word for; moments as the clock on the wall, with the offset."""
    if isinstance(value, datetime):
        return clock.local(value).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} is not for JSON")


_SENTENCES = (
    (r"the following arguments are required: (?P<a>.+)", r"缺少 \g<a>"),
    (r"unrecognized arguments: (?P<a>.+)", r"不认识 \g<a>"),
    (r"argument (?P<a>\S+): expected (?:one|at least one) argument", r"\g<a> 后面要写值"),
    (
        r"argument (?P<a>\S+): invalid choice: (?P<b>\S+) \(choose from (?P<c>.+)\)",
        r"\g<a> 没有 \g<b>，只有 \g<c>",
    ),
    (r"argument (?P<a>\S+): not allowed with argument (?P<b>\S+)", r"\g<a> 与 \g<b> 不能同时写"),
    (r"argument (?P<a>\S+): invalid \w+ value: (?P<b>.+)", r"\g<a> 的值不对：\g<b>"),
    (r"one of the arguments (?P<a>.+) is required", r"下列选项要写一个：\g<a>"),
    (r"argument (?P<a>\S+): (?P<b>.+)", r"\g<a>：\g<b>"),
)


def in_chinese(message: str) -> str:
    """argparse's own sentences, as far as our commands can meet them."""
    for pattern, sentence in _SENTENCES:
        found = re.fullmatch(pattern, message)
        if found:
            return found.expand(sentence)
    return message
