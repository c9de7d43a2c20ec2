"""What this PC remembers for before anybody is in: the station's name, who was last, whom to call.

Nothing secret and nobody's data: names of accounts stay with the keys.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from app.kit.files import write_whole
from app.kit.paths import Home

SIZES = (100, 125, 150)


@dataclass(frozen=True)
class Remembered:
    """`last` is the account that was last in; `support` a telephone number."""

    station: str = ""
    last: str = ""
    support: str = ""


def _file(home: Home) -> Path:
    return home.dir / "door.json"


def look(home: Home) -> Remembered:
    """An unreadable file counts as none."""
    try:
        said = json.loads(_file(home).read_text("utf-8"))
        return Remembered(str(said["station"]), str(said["last"]), str(said["support"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Remembered()


def remember(home: Home, what: Remembered) -> None:
    if what != look(home):
        write_whole(_file(home), json.dumps(asdict(what), ensure_ascii=False).encode())


def text_size(home: Home) -> float:
    """This PC's text size, read before the settings themselves can be loaded."""
    try:
        said = json.loads(home.settings.read_text("utf-8")).get("text_size", 100)
    except (OSError, ValueError, AttributeError):
        said = 100
    return (said if said in SIZES else 100) / 100
