"""Every path of an installation. What ships with the program is found by ``resources.path``."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import platformdirs

Side = Literal["station", "centre"]


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of one installation. Nothing is created before `make`."""

    dir: Path
    side: Side = "station"

    @classmethod
    def default(cls, side: Side = "station") -> "Home":
        """Where the user's own data belongs on this system."""
        name = "sangyu" if side == "station" else "sangyu-centre"
        return cls(Path(platformdirs.user_data_dir(name, appauthor=False)), side)

    @classmethod
    def at(cls, folder: Path) -> "Home":
        """The folder as it was set up: only a centre's has room for what it received."""
        there = cls(folder, "centre")
        return there if there.database.exists() or there.raw.is_dir() else cls(folder)

    @property
    def database(self) -> Path:
        """The one database."""
        return self.dir / f"{self.side}.db"

    @property
    def making(self) -> Path:
        """A database that is being set up; of no value until it is renamed."""
        return self.dir / f"{self.side}.db.making"

    @property
    def keys(self) -> Path:
        """The wrapped database key and the sealed secrets."""
        return self.dir / "keys.json"

    @property
    def tries(self) -> Path:
        """Wrong passwords so far."""
        return self.dir / "tries.json"

    @property
    def settings(self) -> Path:
        """What this PC prefers; readable before login."""
        return self.dir / "settings.json"

    @property
    def running(self) -> Path:
        """The file whose lock says that the program runs."""
        return self.dir / "running.lock"

    @property
    def serving(self) -> Path:
        """The file whose lock says that a centre's service runs."""
        return self.dir / "serving.lock"

    @property
    def restoring(self) -> Path:
        """The plan of a restore that was decided and is not finished."""
        return self.dir / "restoring.json"

    @property
    def backups(self) -> Path:
        """Encrypted copies."""
        return self.dir / "backups"

    @property
    def rehearsal(self) -> Path:
        """Where a backup is taken out for a rehearsal; nothing stays there."""
        return self.dir / "drill"

    @property
    def rehearsing(self) -> Path:
        """The file whose lock says that a rehearsal is under way."""
        return self.dir / "drill.lock"

    @property
    def replaced(self) -> Path:
        """Databases set aside by a restore; never deleted by the program."""
        return self.dir / "replaced"

    @property
    def inbox(self) -> Path:
        """Batches received."""
        return self.dir / "inbox"

    @property
    def outbox(self) -> Path:
        """Batches to be sent."""
        return self.dir / "outbox"

    @property
    def raw(self) -> Path:
        """The centre's write-once store of what it received."""
        return self.dir / "raw"

    @property
    def log(self) -> Path:
        """The program's own log, without personal data."""
        return self.dir / "log"

    def make(self) -> None:
        """Create the folders of this side, for this user only."""
        self.dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        own = (self.inbox, self.outbox) if self.side == "station" else (self.raw,)
        for folder in (self.backups, self.log, *own):
            folder.mkdir(exist_ok=True, mode=0o700)
