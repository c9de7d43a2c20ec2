"""Set up everything in `.venv` and run: needs Python 3.11 or newer and a package index, no root.

    python3 installer/run.py demo     the main job on invented people, then the desktop
    python3 installer/run.py test     the tests
    python3 installer/run.py setup    only the environment

Further words go to `sangyu demo` or to pytest. Only the standard library is used here, and
nothing that a Python too old would stumble over before it is told so.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "installer" / "lock" / "dev.txt"
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "installed.txt"
OLDEST = (3, 11)
FEW = ("--mistakes", "12")  # all of them take minutes more


def main(words: list[str]) -> int:
    """Set up, then do what is asked."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    if sys.version_info < OLDEST:
        return fail("需要 Python 3.11 或更新的版本，这里是 {}.{}。".format(*sys.version_info[:2]))
    chores = {"setup": nothing, "demo": demo, "test": test}
    if not words or words[0] not in chores:
        return fail("用法：python3 installer/run.py demo|test|setup")
    return set_up() or chores[words[0]](words[1:])


def nothing(_words: list[str]) -> int:
    """The environment is all that was asked for."""
    return 0


def demo(words: list[str]) -> int:
    """The main job in a throw-away folder; without Qt's libraries it goes without the desktop."""
    if not any(word.split("=")[0] == "--home" for word in words):
        words = ["--home", str(ROOT / ".home" / "demo"), *words]
    if "--headless" not in words and inside("-m", "ui.command.display", "--window"):
        words = [*words, "--headless"]
    return inside("-m", "ui.command", "demo", *words)


def test(words: list[str]) -> int:
    """All tests that need no built installer, on every core, with some of the known mistakes. They
    open windows without a display, yet with Qt."""
    missing = inside("-m", "ui.command.display")
    cores = [] if "-n" in words else ["-n", "auto", "--dist", "loadscope", "--no-loadscope-reorder"]
    return missing or inside("-m", "pytest", "-m", "not frozen and not soak", *FEW, *cores, *words)


def set_up() -> int:
    """An environment that has exactly the pinned packages; nothing to do when it has them."""
    wanted = fingerprint()
    if STAMP.is_file() and STAMP.read_text("utf-8") == wanted and PYTHON.exists():
        return 0
    print("正在准备运行环境（.venv）。第一次要下载约 200 MB，请稍候……", file=sys.stderr, flush=True)
    pip = make_environment()
    if not pip:
        return fail("这个 Python 没有 pip 和 ensurepip：Debian 请安装软件包 python3-venv。")
    quiet = [] if sys.stderr.isatty() else ["-qq"]
    options = ["install", "--disable-pip-version-check", "--no-deps", *quiet]
    pinned = [*options, "--only-binary", ":all:", "--require-hashes", "--requirement", str(LOCK)]
    here = [*options, "--no-build-isolation", "--editable", str(ROOT)]
    if run([*pip, *pinned]) or run([*pip, *here]):
        return fail("软件包没有装好：请检查网络和软件包源的设置，再运行一次，会接着做。")
    STAMP.write_text(wanted, "utf-8")
    return 0


def make_environment() -> list[str]:
    """How to call pip for the environment; Debian's Python may come without ensurepip."""
    ours = f"import sys, pip; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    is_ours = [str(PYTHON), "-c", ours]
    make = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    outer = [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    if works(is_ours) or (works(make) and works(is_ours)):
        return [str(PYTHON), "-m", "pip"]
    if works([*make, "--without-pip"]) and works([*outer, "--version"]):
        return outer
    return []


def fingerprint() -> str:
    """Changes with the pins, with our own metadata and with the Python."""
    pins = hashlib.sha256(LOCK.read_bytes() + (ROOT / "pyproject.toml").read_bytes())
    return f"{pins.hexdigest()} {sys.version.split()[0]}\n"


def inside(*words: str) -> int:
    """Run the environment's Python."""
    return run([str(PYTHON), *words])


def run(words: list[str]) -> int:
    """In the project's folder, free of settings made for another Python, and of the one by which
    each program that is started compiles everything anew."""
    skip = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE")
    around = {name: value for name, value in os.environ.items() if name not in skip}
    return subprocess.run(words, cwd=str(ROOT), env=around, check=False).returncode


def works(words: list[str]) -> bool:
    """Try in silence."""
    try:
        return subprocess.run(words, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def fail(sentence: str) -> int:
    print(sentence, file=sys.stderr, flush=True)
    return 2


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
