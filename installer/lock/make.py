"""The hashed requirement files: remake them, or prove that they fit.

`python installer/lock/make.py` renews what `pyproject.toml` asks for and keeps the other pins;
`--upgrade` takes the newest of everything; `--check` writes nothing: the files must be what a
renewal would write, each of them must resolve to wheels on every system we ship to, and the
wheels of Windows are fetched once to compare the hashes.
Versions, hashes and markers only: no index is ever named in the files.
"""

import argparse
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
PROJECT = HERE.parent.parent / "pyproject.toml"
FILES = {
    "dev": ["--extra", "desk", "--extra", "centre", "--group", "dev"],
    "station": ["--extra", "desk"],
    "centre": ["--extra", "centre"],
}
SYSTEMS = ("x86_64-pc-windows-msvc", "x86_64-manylinux_2_34")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")


def main() -> int:
    """Remake, or with --check prove."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--check", action="store_true")
    ask.add_argument("--upgrade", action="store_true")
    given = ask.parse_args()
    if given.check:
        return 1 if stale() + unresolved() + unfetched() else 0
    for name in FILES:
        compile_into(HERE / f"{name}.txt", name, upgrade=given.upgrade)
    return 0


def compile_into(out: Path, name: str, *, upgrade: bool = False) -> None:
    """Resolve one file for both systems at once; station and centre follow the pins of dev."""
    pins = [] if name == "dev" else ["--constraints", str(out.with_name("dev.txt"))]
    uv(
        *["pip", "compile", "--quiet", "--universal", "--python-version", PYTHONS[0]],
        *["--only-binary", ":all:", "--generate-hashes", "--no-header", "--no-annotate"],
        *["--no-emit-index-url", "--no-emit-find-links", "--output-file", str(out)],
        *(["--upgrade"] if upgrade else []),
        *[str(PROJECT), *FILES[name], *pins],
    )


def stale() -> int:
    """How many files a renewal would change."""
    count = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in FILES:
            shutil.copy(HERE / f"{name}.txt", folder)
        for name in FILES:
            fresh = Path(folder, f"{name}.txt")
            compile_into(fresh, name)
            if fresh.read_text("utf-8") != (HERE / f"{name}.txt").read_text("utf-8"):
                print(f"{name}.txt does not follow pyproject.toml: run installer/lock/make.py")
                count += 1
    return count


def unresolved() -> int:
    """How many of file x system x Python do not resolve to wheels with the stated hashes."""
    count = 0
    for name in FILES:
        for system in SYSTEMS:
            for python in PYTHONS:
                found = resolves(HERE / f"{name}.txt", system, python)
                print(f"{'wheels' if found else 'FAILS '}  {name:8} {system:24} {python}")
                count += not found
    return count


def unfetched() -> int:
    """1 unless all wheels for Windows arrive with the stated hashes and hold nothing of Linux."""
    with tempfile.TemporaryDirectory() as target:
        done = install(HERE / "dev.txt", SYSTEMS[0], PYTHONS[0], target)
        foreign = [found.name for found in Path(target).rglob("*.so")]
        native = len(list(Path(target).rglob("*.pyd")))
    print(f"fetched for Windows: {native} native modules, {len(foreign)} foreign")
    return 1 if done.returncode or foreign or not native else 0


def resolves(lock: Path, system: str, python: str) -> bool:
    """Whether every pin that counts there has a wheel there; nothing is downloaded."""
    with tempfile.TemporaryDirectory() as target:
        return install(lock, system, python, target, "--dry-run").returncode == 0


def install(
    lock: Path, system: str, python: str, target: str, *more: str
) -> subprocess.CompletedProcess[bytes]:
    """Install for another system into a folder, from wheels and by hash."""
    return uv(
        *["pip", "install", "--quiet", "--target", target, "--no-deps", *more],
        *["--python-platform", system, "--python-version", python],
        *["--only-binary", ":all:", "--require-hashes", "--requirement", str(lock)],
        check=False,
    )


def uv(*words: str, check: bool = True) -> subprocess.CompletedProcess[bytes]:
    """The resolver beside this interpreter, else the one on the path."""
    beside = shutil.which("uv", path=sysconfig.get_path("scripts"))
    program = beside or shutil.which("uv")
    if program is None:
        sys.exit("uv is missing: it is in installer/lock/dev.txt")
    return subprocess.run([program, *words], check=check)


if __name__ == "__main__":
    sys.exit(main())
