"""An open installation: its file, its keys, who sits at it and where it is."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import account, audit, code_table, parameter, roles, settings
from app.clock_doubt import clock_doubt
from app.kit import backup, faults, start
from app.kit.backup import Copy
from app.kit.lock import Lock
from app.kit.marker import Marker
from app.kit.paths import Home
from app.kit.refusal import Refusal
from app.kit.run import run
from app.kit.start import Store, Tables
from app.kit.tries import Policy
from app.kit.vault import Vault
from app.kit.who import Desk
from app.renewal import Renewed
from models import exchange
from models.account import Account
from models.exchange import Replica
from models.kit import clock
from models.migrations import run as migrations
from models.office import Office
from models.staff import PROGRAM, Staff

TABLES = Tables(
    exchange.STREAM,
    migrations.upgrade,
    migrations.current,
    migrations.newest,
    migrations.known,
)
SECRET = "installation"  # noqa: S105


@dataclass(frozen=True, slots=True)
class OfficeInfo:
    """Where we are, for titles and papers."""

    id: str
    code: str
    name: str
    level: str
    address: str = ""
    phone: str = ""
    hours: str = ""
    parent_id: str = ""
    centre_name: str = ""
    centre_phone: str = ""


@dataclass(slots=True)
class Station:
    """An open installation. Close it, or use it in a ``with``. ``renewed`` where it had to go on
    as another incarnation because the file was put back or copied; ``clock_doubt`` is what was to
    be said of the clock."""

    home: Home
    store: Store
    vault: Vault
    desk: Desk
    office: OfficeInfo
    replica: str
    lock: Lock | None = field(default=None, repr=False)
    renewed: Renewed | None = None
    clock_doubt: str = ""

    @property
    def program(self) -> Desk:
        """For what the program does by itself: never undone by Ctrl+Z, may do what a head may."""
        role = "centre_head" if self.home.side == "centre" else "head"
        return Desk(PROGRAM, "系统", self.office.id, frozenset({role}))

    def backup(self, reason: str = "hand") -> Copy:
        """A verified copy now, also to the second folder if one is set."""
        return backup.make(
            self.home,
            self.vault.key,
            exchange.STREAM,
            reason,
            label=self.office.code,
            second=second_folder(self.home),
            keep=timedelta(days=self.keep_days),
        )

    @property
    def keep_days(self) -> int:
        """So long a copy stays, as the centre's rule says."""
        with self.store.look() as session:
            return int(parameter.in_force(session, "backup_keep_days").value)

    def again(self, password: str) -> None:
        """The same person after a locked screen."""
        with faults.explained(self.home.dir):
            self.vault.again(password)
        self.stays()

    def stays(self) -> None:
        """Raises Refusal where another computer of this office, or the head at this one, stopped
        whoever sits here or changed their roles since they signed in."""
        with faults.explained(self.home.dir), self.store.look() as session:
            now = session.get_one(Account, self.desk.account)
        if now.is_disabled or set(now.roles) != self.desk.roles:
            raise Refusal("您的账号停用了或者角色改过了，请点“换人登录”重新登录", "password")

    def new_card(self) -> str:
        """Another recovery code, returned this once; the card in the safe opens nothing any more.
        Made last of all: nobody would see the code of an action that failed after it."""
        run(self.store, self.desk, account.note_card)
        with faults.explained(self.home.dir):
            return self.vault.new_code()

    @property
    def has_file(self) -> bool:
        """A database on a server has backups of its own."""
        return self.store.engine.dialect.name == "sqlite"

    def backup_if_due(self) -> Copy | None:
        """Twice a day; ask every few minutes."""
        if not self.has_file:
            return None
        reason = backup.due(self.home, clock.now())
        return self.backup(reason) if reason else None

    def close(self) -> None:
        """Let go of the file and the folder."""
        self.store.close()
        if self.lock is not None:
            self.lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def second_folder(home: Home) -> Path | None:
    """Where copies go a second time."""
    folder = settings.machine(home).get("backup_folder")
    return Path(folder) if folder else None


def opened_store(home: Home, opened: Vault, url: str | None, *, alone: bool = True) -> Store:
    if url:
        return start.open_server(url, TABLES)
    second = second_folder(home)
    return start.open_database(home, opened.key, TABLES, second=second, alone=alone)


def marked(store: Store, marker: Marker, home: Home) -> Store:
    """A station leaves a mark of how far it is."""
    return replace(store, committed=marker.write) if home.side == "station" else store


def installed(
    home: Home, store: Store, opened: Vault, lock: Lock | None, renewed: Renewed | None = None
) -> Station:
    _let_in(store, opened)
    with store.look() as session:
        me = session.scalars(select(Replica)).one()
        where = _info(session, me.office_id)
        desk = _desk(session, opened, me.office_id)
        policy = _policy(session)
        account.titles(session, opened)
        doubt = clock_doubt(session, central=home.side == "centre")
        code_table.use_published_codes(session)
    opened.set_policy(policy)
    opened.card_is_used()
    with store.begin(desk.account, desk.office_id) as session:
        session.info["desk"] = desk
        audit.local_note(session, "login", {"wrong_before": opened.wrong_before})
    return Station(home, store, opened, desk, where, me.id, lock, renewed, doubt)


def _let_in(store: Store, opened: Vault) -> None:
    """Who was stopped, or whom the recovery card helped, may be the only one left to come in."""
    with store.look() as session:
        found = session.get(Account, opened.account)
        own = session.scalars(select(Replica.office_id)).one()
        name = session.get_one(Staff, found.staff_id).name if found else ""
    if found is not None and (found.is_disabled or opened.by_card):
        with store.begin(found.id, own) as session:
            session.info["desk"] = Desk(found.id, name, own)
            account.let_in(session, opened)


def _desk(session: Session, opened: Vault, office_id: str) -> Desk:
    found = session.get(Account, opened.account)
    if found is None or found.is_disabled or found.is_void:
        raise faults.NoSuchAccount(
            "这个账号已停用，或者不在这份资料里，请站长用自己的账号或恢复口令卡登录", field="name"
        )
    person = session.get_one(Staff, found.staff_id)
    return Desk(found.id, person.name, office_id, frozenset(found.roles), roles.guard_write)


def _info(session: Session, office_id: str) -> OfficeInfo:
    row = session.get_one(Office, office_id)
    parent = session.get(Office, row.parent_id) if row.parent_id else None
    return OfficeInfo(
        row.id,
        row.code,
        row.name,
        row.level,
        row.address or "",
        row.phone or "",
        row.hours or "",
        row.parent_id or "",
        parent.name if parent else "",
        (parent.phone or "") if parent else "",
    )


def _policy(session: Session) -> Policy:
    tries = int(parameter.in_force(session, "password_tries").value)
    minutes = int(parameter.in_force(session, "password_lock_minutes").value)
    return Policy(max(1, tries), max(1, minutes))
