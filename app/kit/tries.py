"""Wrong passwords, counted on disk so that a restart forgets nothing.

This slows down people at the desk. Against somebody who has the files only the cost of Argon2id
counts, so the file is not protected against its owner.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from app.kit.files import sweep, write_whole
from app.kit.lock import held
from app.kit.paths import Home
from models.kit import clock


@dataclass(frozen=True, slots=True)
class Policy:
    """How many wrong tries, and how long the door stays shut then."""

    tries: int = 5
    minutes: int = 30


@dataclass(slots=True)
class Door:
    """The state for one person: seconds to wait are counted down only while the clock goes on."""

    wrong: int = 0
    wait: float = 0.0
    seen: str = ""


def knock(home: Home, who: str, policy: Policy) -> int:
    """Count a try before it is made. The tries left if it fails; -1 while the door is shut."""
    with held(home.dir / "keys.lock"):
        for name in (home.tries.name, home.keys.name):  # left by a process that was killed
            sweep(home.dir, f"{name}.*.part")
        doors = _read(home)
        door = doors.setdefault(who, Door())
        _pass_time(door)
        if door.wait > 0:
            _write(home, doors)
            return -1
        door.wrong = door.wrong + 1 if door.wrong < policy.tries else 1
        left = policy.tries - door.wrong
        if left == 0:
            door.wait = policy.minutes * 60.0
        _write(home, doors)
        return left


def opened(home: Home, who: str) -> int:
    """Forget the wrong tries after a right one; how many there were."""
    with held(home.dir / "keys.lock"):
        doors = _read(home)
        before = doors.pop(who, Door())
        _write(home, doors)
    return max(0, before.wrong - 1)


def waiting(home: Home, who: str) -> int:
    """Whole minutes until the door opens; 0 when it is open."""
    door = _read(home).get(who, Door())
    _pass_time(door)
    return -int(-door.wait // 60)


def _pass_time(door: Door) -> None:
    now = clock.now()
    if door.wait > 0 and door.seen:
        gone = now - datetime.fromisoformat(door.seen)
        door.wait = max(0.0, door.wait - max(gone, timedelta()).total_seconds())
    door.seen = now.isoformat()


def _read(home: Home) -> dict[str, Door]:
    try:
        stored = json.loads(home.tries.read_text("utf-8"))
        return {who: Door(**door) for who, door in stored.items()}
    except (FileNotFoundError, ValueError, TypeError, AttributeError):
        return {}


def _write(home: Home, doors: dict[str, Door]) -> None:
    content = {who: asdict(door) for who, door in doors.items()}
    write_whole(home.tries, json.dumps(content, sort_keys=True).encode())
