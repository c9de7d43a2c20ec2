"""An installation from its first day: set up, opened, recovered, restored. The centre's desktop
and commands come through here as well."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import account, audit, erasure, office, renewal, roles, settings
from app.kit import backup, faults, files, keyfile, restore, start, vault
from app.kit.backup import Copy
from app.kit.files import put, sweep
from app.kit.keyfile import Entry
from app.kit.lock import Lock
from app.kit.marker import Marker
from app.kit.paths import Home
from app.kit.refusal import Refusal
from app.kit.restore import Restored
from app.kit.start import Schema, Store
from app.kit.tries import Policy
from app.kit.vault import Vault
from app.kit.who import Desk
from app.renewal import Renewed
from models import exchange
from models.exchange import Replica
from models.kit import clock
from models.kit.ids import new_id
from models.migrations import run as migrations
from models.office import Office
from models.staff import Account, Staff

SCHEMA = Schema(
    exchange.STREAM,
    migrations.upgrade,
    migrations.current,
    migrations.newest,
    migrations.known,
)
SECRET = "installation"  # noqa: S105
CENTRE_OFFICE = {"code": "519902000000", "name": "区退休人员服务中心"}
PROGRAM = "program"


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
    as another incarnation because the file was put back or copied."""

    home: Home
    store: Store
    vault: Vault
    desk: Desk
    office: OfficeInfo
    replica: str
    lock: Lock | None = field(default=None, repr=False)
    renewed: Renewed | None = None

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
        )

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


@dataclass(frozen=True, slots=True)
class Created:
    """``recovery_code`` is shown this once."""

    station: Station
    recovery_code: str


def second_folder(home: Home) -> Path | None:
    """Where copies go a second time."""
    folder = settings.machine(home).get("backup_folder")
    return Path(folder) if folder else None


def names(home: Home) -> list[Entry]:
    """Who may log in here, before anybody has."""
    _finish(home)
    restore.mend_keys(home, second_folder(home))
    return keyfile.names(home)


def state(home: Home) -> str:
    """``new`` or ``ready``."""
    return start.state(home)


# ---- opening -------------------------------------------------------------------------------


def open_station(
    home: Home,
    name: str | None,
    password: str,
    *,
    alone: bool = True,
    lock: Lock | None = None,
    url: str | None = None,
) -> Station:
    """Log in and open; without a name for the only account there is. ``alone=False`` is for a
    command that may run beside the desktop. Raises `faults.Fault`."""
    if start.state(home) == "new":
        raise faults.NotSetUp("这台电脑上还没有资料，请用区中心给的邀请文件开始设置")
    taken = lock or (start.claim(home) if alone else None)
    try:
        with faults.explained(home.dir):
            return _enter(home, name, password, taken, url)
    except BaseException:
        if taken is not None and lock is None:
            taken.release()
        raise


def _enter(
    home: Home, name: str | None, password: str, lock: Lock | None, url: str | None
) -> Station:
    if lock is not None:
        restore.finish(home)
    else:
        _finish(home)
    restore.mend_keys(home, second_folder(home))
    opened = vault.unlock(home, name, password)
    marker = Marker.of(home)
    mark = marker.read()
    store = _marked(_open(home, opened, url, alone=lock is not None), marker, home)
    try:
        renewed = None
        if home.side == "station":
            erasure.erase_again(store, marker.erased)
            renewed = renewal.if_put_back(store, opened.account, marker, mark)
        return _station(home, store, opened, lock, renewed)
    except BaseException:
        store.close()
        raise


def open_centre(
    home: Home,
    name: str | None,
    password: str,
    *,
    url: str | None = None,
    alone: bool = True,
) -> Station:
    """The centre's installation: its own file, or a server database by URL."""
    return open_station(Home(home.dir, "centre"), name, password, alone=alone, url=url)


def _open(home: Home, opened: Vault, url: str | None, *, alone: bool = True) -> Store:
    if url:
        return start.open_server(url, SCHEMA)
    second = second_folder(home)
    return start.open_database(home, opened.key, SCHEMA, second=second, alone=alone)


def _marked(store: Store, marker: Marker, home: Home) -> Store:
    """A station leaves a mark of how far it is."""
    return replace(store, committed=marker.write) if home.side == "station" else store


def _finish(home: Home) -> None:
    """End an interrupted restore, unless somebody is at it."""
    if home.restoring.exists():
        lock = start.claim(home)
        try:
            restore.finish(home)
        finally:
            lock.release()


def _station(
    home: Home, store: Store, opened: Vault, lock: Lock | None, renewed: Renewed | None = None
) -> Station:
    with store.look() as session:
        me = session.scalars(select(Replica)).one()
        where = _info(session, me.office_id)
        desk = _desk(session, opened, me.office_id)
        policy = _policy(session)
        office.use_published_codes(session)
    opened.set_policy(policy)
    with store.begin(desk.account, desk.office_id) as session:
        session.info["desk"] = desk
        audit.local_note(session, "login", {"wrong_before": opened.wrong_before})
    return Station(home, store, opened, desk, where, me.id, lock, renewed)


def _desk(session: Session, opened: Vault, office_id: str) -> Desk:
    found = session.get(Account, opened.account)
    if found is None or found.is_disabled or found.is_void:
        raise faults.NoSuchAccount("这个账号已停用，或者不在这份资料里，请找站长", field="name")
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
    tries, minutes = (
        int(office.parameter(session, key).value)
        for key in ("password_tries", "password_lock_minutes")
    )
    return Policy(max(1, tries), max(1, minutes))


# ---- setting up ----------------------------------------------------------------------------


def create_station(
    home: Home,
    invitation: Mapping[str, Any],
    name: str,
    password: str,
    *,
    secret: bytes | None = None,
    replica: str | None = None,
) -> Created:
    """Set this PC up from an invitation. ``secret`` goes into the vault under ``SECRET``. Stopped
    half-way, it begins again; it never touches data that are there."""
    offices = [_office(invitation["office"], "3"), *_centre_office(invitation)]
    recipient = _recovery(invitation["centre"])
    key = replica or new_id()
    given = _Given(offices, name.strip(), password, "head", recipient, secret, key)
    return _create(home, given, None)


def create_centre(
    home: Home,
    name: str,
    password: str,
    *,
    office: Mapping[str, Any] | None = None,
    url: str | None = None,
    secret: bytes | None = None,
    replica: str | None = None,
) -> Created:
    """Set the centre up: an office of its own, level 2, and the account of its head."""
    own = _office({"id": new_id(), **CENTRE_OFFICE, **(office or {})}, "2")
    key = replica or new_id()
    given = _Given([own], name.strip(), password, "centre_head", None, secret, key)
    return _create(Home(home.dir, "centre"), given, url)


@dataclass(frozen=True, slots=True)
class _Given:
    """What an installation starts with; the first office is its own."""

    offices: list[Office]
    name: str
    password: str
    role: str
    recipient: str | None
    secret: bytes | None
    replica: str


def _create(home: Home, given: _Given, url: str | None) -> Created:
    problem = vault.password_problem(given.password)
    if problem or not given.name:
        raise Refusal(problem or "请填姓名", "password" if problem else "name")
    with faults.explained(home.dir.parent):
        home.make()
    lock = start.claim(home)
    try:
        with faults.explained(home.dir):
            _only_new(home, url)
            return _make(home, given, url, lock)
    except BaseException:
        lock.release()
        raise


def _make(home: Home, given: _Given, url: str | None, lock: Lock) -> Created:
    key, who = vault.new_key(), new_id()
    store = _fresh(home, key, url)
    try:
        _fill(store, given, who)
    finally:
        store.close()
    opened, code = vault.create(
        home,
        who,
        given.name,
        given.password,
        title=roles.title([given.role]),
        recipient=given.recipient,
        mark="" if url else vault.file_mark(home.making),
        key=key,
    )
    if given.secret is not None:
        opened.put(SECRET, given.secret)
    if not url:
        if home.side == "station":
            Marker.of(home).forget()
        files.replace(home.making, home.database)
    made = _marked(_open(home, opened, url), Marker.of(home), home)
    return Created(_station(home, made, opened, lock), code)


def _recovery(centre: Mapping[str, Any]) -> str | None:
    return centre.get("recovery_recipient") or centre.get("recovery")


def _only_new(home: Home, url: str | None) -> None:
    """A file decides by itself; of a server database only its content tells."""
    if home.database.exists() or (start.state(home) != "new" and not url):
        raise Refusal("这台电脑上已经有资料了，不能再设置一次。请直接登录")


def _fresh(home: Home, key: bytes, url: str | None) -> Store:
    if url:
        return start.open_server(url, SCHEMA)
    sweep(home.dir, f"{home.making.name}*")
    put(home.making, b"")
    return start.new_database(home.making, key, SCHEMA)


def _fill(store: Store, given: _Given, who: str) -> None:
    """A centre's own office is its own word and goes down; a station's is the centre's."""
    own, said = given.offices[0].id, given.role == "centre_head"
    where = given.offices[0].name
    desk = Desk(who, given.name, own, frozenset({given.role}))
    with store.apply() as session:
        if session.scalars(select(Replica)).first() is not None:
            raise Refusal("这个数据库已经设置过了，请换一个空的数据库")
        session.add(Replica(id=given.replica, office_id=own, incarnation=new_id()))
        session.add_all([] if said else given.offices)
    with store.begin(PROGRAM, own) as session:
        session.info["desk"] = desk
        session.add_all(given.offices if said else [])
        account.first(session, given.name, [given.role], key=who)
        audit.note(session, "开始使用", "office", own, where)
    if store.engine.dialect.name == "sqlite":
        start.one_file(store)


def _office(said: Mapping[str, Any], level: str) -> Office:
    """An office as the centre wrote it; not a change of ours, so it does not travel up."""
    names = ("code", "name", "address", "phone", "hours", "parent_id")
    given = {name: said[name] for name in names if said.get(name)}
    return Office(
        id=said["id"],
        office_id=said.get("office_id") or said["id"],
        created_at=clock.now(),
        level=said.get("level") or level,
        stamps=dict(said.get("stamps") or {}),
        **given,
    )


def _centre_office(invitation: Mapping[str, Any]) -> list[Office]:
    """The centre's own row, as far as the invitation tells; the centre sends the rest."""
    said, parent = invitation["centre"], invitation["office"].get("parent_id")
    if not parent:
        return []
    return [
        _office(
            {
                "id": parent,
                "office_id": parent,
                "code": said.get("code") or "",
                "name": said["name"],
                "phone": said.get("phone"),
            },
            "2",
        )
    ]


# ---- when something went wrong -------------------------------------------------------------


def recover(home: Home, code: str, name: str, new_password: str) -> str:
    """Forgotten password: the card gives a new one and a new card, which is returned."""
    lock = start.claim(home)
    try:
        with faults.explained(home.dir):
            restore.finish(home)
            _, fresh = vault.recover(home, code, name, new_password)
        return fresh
    finally:
        lock.release()


def restore_station(home: Home, file: Path, name: str | None, password: str) -> Restored[int]:
    """Bring a backup back as a new incarnation; ``result`` entries are offered to the centre
    again. The installation must be closed. Raises Refusal for another office's backup."""
    marker = Marker.of(home)
    marker.forget()
    ours = backup.offices(home, file) if home.database.exists() else set()
    renew = partial(_renew, ours, marker.erased)
    return restore.restore(home, file, name, password, SCHEMA, renew)


def _renew(ours: set[str], erased: frozenset[str], store: Store, who: str) -> int:
    """Only a backup from another folder can be another office's; in a fresh folder any is right."""
    with store.look() as session:
        own = session.get_one(Office, session.scalars(select(Replica.office_id)).one())
        if ours and own.code not in ours:
            raise Refusal(f"这份备份是“{own.name}”的，不是本站的，没有恢复。请另选一份备份", "file")
    erasure.erase_again(store, erased)
    return renewal.renew(store, who, "恢复备份")
