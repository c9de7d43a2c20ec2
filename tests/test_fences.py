"""The twelve fences of pyproject.toml hold, and each of them bites."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = ("ui", "app", "sync", "models")

# one deliberate violation each: fence -> file -> what it imports
VIOLATIONS = {
    "ui -> app | sync -> models": {"models/bad.py": "app.kit.refusal"},
    "Qt stays in ui": {"sync/bad_qt.py": "PySide6.QtCore"},
    "screens speak no SQL": {"ui/pages/bad_sql.py": "sqlalchemy"},
    "server code stays in the centre": {"ui/shell/bad_server.py": "sync.centre"},
    "sync: station and centre know only what they share": {
        "sync/station/bad_centre.py": "sync.centre.service"
    },
    "screens of the exchange: a station's and a centre's know only what they share": {
        "ui/pages/exchange/centre/bad_station.py": "ui.pages.exchange.station.doing"
    },
    "commands run without a display": {"ui/command/bad_qt.py": "PySide6.QtWidgets"},
    "the database is opened and committed in one place": {"app/bad_db.py": "models.kit.db"},
    "kits know no feature": {"ui/kit/bad_noun.py": "models.visit"},
    "ui: command -> main -> shell -> pages -> exchange -> kit": {"ui/kit/bad_shell.py": "ui.shell"},
    "screens do not import each other": {
        "ui/pages/bad_one.py": "ui.pages.bad_two",
        "ui/pages/bad_two.py": "json",
    },
    "no cycles anywhere": {"app/bad_here.py": "app.bad_there", "app/bad_there.py": "app.bad_here"},
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    words = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__")
    for layer in LAYERS:
        shutil.copytree(ROOT / layer, tmp_path / layer, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_fences_hold() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout
    assert f"{len(VIOLATIONS)} kept, 0 broken" in done.stdout


def test_every_fence_bites(copy: Path) -> None:
    for files in VIOLATIONS.values():
        for file, imported in files.items():
            (copy / file).write_text(f"import {imported}\n", "utf-8")
    done = lint(copy)
    broken = {line.split(" BROKEN")[0] for line in done.stdout.splitlines() if " BROKEN" in line}
    assert broken == set(VIOLATIONS), done.stdout


def test_a_new_folder_in_ui_must_be_declared(copy: Path) -> None:
    (copy / "ui" / "attic").mkdir()
    (copy / "ui" / "attic" / "__init__.py").touch()
    done = lint(copy)
    assert done.returncode
    assert "attic" in done.stdout
