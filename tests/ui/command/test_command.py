import errno
import json
import re
import subprocess
import sys
from argparse import Namespace
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType

import pytest

from app.kit.paths import Home
from app.kit.refusal import Refusal
from ui import command
from ui.command import main, parser
from ui.command.display import missing_library
from ui.command.parser import Answer, Rooms

Trial = Callable[[Callable[[Namespace], Answer]], None]


@pytest.fixture
def trial(monkeypatch: pytest.MonkeyPatch) -> Trial:
    """Put a command `trial` with a subcommand `go` among the commands."""

    def install(run: Callable[[Namespace], Answer]) -> None:
        def add_arguments(rooms: Rooms) -> None:
            inner = parser.group(rooms, "trial", "试")
            go = parser.command(inner, "go", "走", run)
            go.add_argument("--file", type=parser.existing_file)
            go.add_argument("--month", type=parser.month)
            go.add_argument("--day", type=parser.day)
            go.add_argument("--people", type=parser.count)

        module = ModuleType("ui.command.trial")
        module.__dict__["add_arguments"] = add_arguments
        monkeypatch.setitem(sys.modules, "ui.command.trial", module)
        monkeypatch.setitem(command.COMMANDS, "trial", "试")

    return install


def echo(args: Namespace) -> Answer:
    data = {"home": args.home, "person": args.person, "month": args.month, "day": args.day}
    return Answer(data, [f"好：{args.month}"])


def refusing(args: Namespace) -> Answer:
    raise Refusal("这个人已经登记过了。", "id_no")


def test_an_answer_is_lines_for_people(trial: Trial, capsys: pytest.CaptureFixture[str]) -> None:
    trial(echo)
    assert main(["trial", "go", "--month", "2026-11"]) == 0
    assert capsys.readouterr() == ("好：2026-11\n", "")


@pytest.mark.parametrize("place", [0, 1, 2], ids=["in-front", "between", "behind"])
def test_an_answer_is_one_object_for_scripts(
    place: int, trial: Trial, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    trial(echo)
    shared = ["--home", str(tmp_path), "--as", "刘桂兰", "--json"]
    words = ["trial", "go"]
    assert main([*words[:place], *shared, *words[place:], "--day", "2026-11-23"]) == 0
    out, err = capsys.readouterr()
    assert out.count("\n") == 1
    assert json.loads(out) == {
        "home": str(tmp_path),
        "person": "刘桂兰",
        "month": None,
        "day": "2026-11-23",
    }
    assert not err


def test_a_refusal_is_a_sentence_on_stderr_and_exit_2(
    trial: Trial, capsys: pytest.CaptureFixture[str]
) -> None:
    trial(refusing)
    assert main(["trial", "go"]) == 2
    assert capsys.readouterr() == ("", "这个人已经登记过了。\n")
    assert main(["trial", "go", "--json"]) == 2
    out, err = capsys.readouterr()
    assert json.loads(out) == {"refused": "这个人已经登记过了。", "field": "id_no"}
    assert err == "这个人已经登记过了。\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["trial"], "缺少 命令"),
        (["trial", "go", "--month"], "--month 后面要写值"),
        (["trial", "go", "--month", "11"], "--month：月份应写成 2026-11，不是 11"),
        (["trial", "go", "--month", "0000-01"], "月份应写成 2026-11"),
        (["trial", "go", "--month", "２０２６-11"], "月份应写成 2026-11"),
        (["trial", "go", "--day", "2026-13-01"], "日期应写成 2026-11-23"),
        (["trial", "go", "--people", "0"], "应是一个正整数"),
        (["trial", "go", "--file", "none.xlsx"], "没有这个文件：none.xlsx"),
        (["trial", "go", "--colour", "red"], "不认识"),
        (["trial", "stop"], "没有 'stop'"),
        (["fly"], "没有 'fly'"),
        (["trial", "go", "--home", ""], "文件夹不能是空的"),
    ],
)
def test_a_mistyped_command_is_refused_in_chinese(
    words: list[str], said: str, trial: Trial, capsys: pytest.CaptureFixture[str]
) -> None:
    trial(echo)
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert not out
    assert "命令写法不对" in err
    assert said in err
    assert not {"argument", "expected", "required", "invalid"} & set(err.split())


def broken(args: Namespace) -> Answer:
    raise ValueError("王秀英 519902195203140269")


def test_a_bug_is_one_sentence_with_a_number_and_quotes_nobodys_data(
    trial: Trial, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    trial(broken)
    Home(tmp_path).make()
    assert main(["trial", "go", "--home", str(tmp_path)]) == 1
    out, err = capsys.readouterr()
    assert not out
    assert err.count("\n") == 1
    assert "程序出错了" in err
    assert "test_command.py" in err
    logged = (tmp_path / "log" / "sangyu.log").read_text("utf-8")
    number = re.search(r"UI-[0-9]{4}", err)
    assert number is not None
    assert number[0] in logged
    for said in (err, logged):
        assert "ValueError" in said
        assert "王秀英" not in said
        assert "519902" not in said


def test_a_bug_is_one_object_too(
    trial: Trial, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    trial(broken)
    nowhere = tmp_path / "nowhere"
    assert main(["trial", "go", "--json", "--home", str(nowhere)]) == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["fault"] == err.strip()
    assert not nowhere.exists()


def test_a_full_disk_is_no_bug(trial: Trial, capsys: pytest.CaptureFixture[str]) -> None:
    def full(args: Namespace) -> Answer:
        raise OSError(errno.ENOSPC, "No space left on device", "/somewhere")

    trial(full)
    assert main(["trial", "go"]) == 2
    assert "硬盘快满了" in capsys.readouterr().err


def test_words_in_another_encoding_are_refused(
    trial: Trial, capsys: pytest.CaptureFixture[str]
) -> None:
    def kept(args: Namespace) -> Answer:
        return Answer({"stored": args.person.encode().hex()})

    trial(kept)
    assert main(["trial", "go", "--as", "\udcd5\udcc5"]) == 2
    assert "编码不对" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("module", "package"), [("starlette.routing", "starlette"), ("PySide6", "PySide6-Essentials")]
)
def test_a_missing_extra_names_the_package(
    module: str, package: str, trial: Trial, capsys: pytest.CaptureFixture[str]
) -> None:
    def lacking(args: Namespace) -> Answer:
        raise ModuleNotFoundError(f"No module named {module!r}", name=module)

    trial(lacking)
    assert main(["trial", "go"]) == 2
    assert package in capsys.readouterr().err


@pytest.mark.parametrize(
    ("library", "package"),
    [("libEGL.so.1", "libegl1"), ("libxcb-cursor.so.0", "libxcb-cursor0"),
     ("libxcb-render-util.so.0", "libxcb-render-util0")],
)  # fmt: skip
def test_a_missing_system_library_names_the_debian_package(library: str, package: str) -> None:
    said = missing_library(f"{library}: cannot open shared object file: No such file").message
    assert library.rpartition(".")[0] in said
    assert f"软件包 {package}。" in said
    assert f"{package} " in said.partition("apt install ")[2] + " "


def test_a_long_list_is_cut_for_people_and_says_so() -> None:
    assert parser.shown(["甲", "乙"]) == ["  甲", "  乙"]
    lines = parser.shown(str(number) for number in range(72))
    assert len(lines) == 51
    assert lines[-1] == "  ……还有 22 行，加 --json 全部输出"


def test_the_password_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANGYU_PASSWORD", "Ab3456789")
    assert parser.password() == "Ab3456789"


def test_without_terminal_and_variable_the_password_is_asked_for_in_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SANGYU_PASSWORD", raising=False)
    with pytest.raises(Refusal, match="SANGYU_PASSWORD"):
        parser.password()


def test_json_writes_days_times_and_sets() -> None:
    said = Answer(
        {"day": date(2026, 11, 23), "at": datetime(2026, 11, 23, 6, 32, tzinfo=UTC), "all": {"a"}}
    )
    assert json.loads(said.json()) == {
        "day": "2026-11-23",
        "at": "2026-11-23T14:32:00+08:00",
        "all": ["a"],
    }


def test_the_help_is_chinese_and_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    out = capsys.readouterr().out
    assert out.startswith("用法：sangyu")
    assert all(name in out for name in command.COMMANDS)
    assert "show this help" not in out


def test_rare_characters_leave_through_a_pipe_of_an_old_code_page() -> None:
    script = "from ui.command import *; speak_utf8(sys.stdout); print('\U00020bb7䶮')"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONIOENCODING": "gbk", "PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode("utf-8").strip() == "\U00020bb7䶮"


def test_asking_for_help_loads_neither_qt_nor_the_server() -> None:
    script = (
        "import sys; from ui.command import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'PySide6', 'starlette', 'uvicorn'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout.decode("utf-8").splitlines()[-1] == "[]"
