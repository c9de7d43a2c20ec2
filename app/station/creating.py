"""Setting an installation up: a station from the centre's invitation, a centre by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app import account, audit, roles
from app.kit import faults, files, start, vault
from app.kit.files import put, sweep
from app.kit.lock import Lock
from app.kit.marker import Marker
from app.kit.paths import Home
from app.kit.refusal import Refusal
from app.kit.start import Store
from app.kit.who import Desk
from app.station.installation import (
    SECRET,
    TABLES,
    Station,
    installed,
    marked,
    opened_store,
)
from models.exchange import Replica
from models.kit import clock
from models.kit.ids import new_id
from models.office import Office
from models.staff import PROGRAM

CITY = "1"
CENTRE_OFFICE = {"code": "519902000000", "name": "区退休人员服务中心"}


@dataclass(frozen=True, slots=True)
class Created:
    """``recovery_code`` is shown this once."""

    station: Station
    recovery_code: str


def create_station(
    home: Home,
    invitation: Mapping[str, Any],
    name: str,
    password: str,
    *,
    secret: bytes | None = None,
) -> Created:
    """Set this PC up from an invitation. ``secret`` goes into the vault under ``SECRET``. Stopped
    half-way, it begins again; it never touches data that are there."""
    offices = [_office(invitation["office"], "3"), *_centre_office(invitation)]
    recipient = invitation["centre"].get("recovery_recipient")
    given = _Given(offices, name.strip(), password, "head", recipient, secret)
    return _create(home, given, None)


def create_centre(
    home: Home,
    name: str,
    password: str,
    *,
    office: Mapping[str, Any] | None = None,
    url: str | None = None,
    secret: bytes | None = None,
) -> Created:
    """Set the centre up, or a city: an office of its own, of level 2 or 1, and the account of its
    head."""
    own = _office({"id": new_id(), **CENTRE_OFFICE, **(office or {})}, "2")
    role = "city_head" if own.level == CITY else "centre_head"
    given = _Given([own], name.strip(), password, role, None, secret)
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
    made = marked(opened_store(home, opened, url), Marker.of(home), home)
    return Created(installed(home, made, opened, lock), code)


def _only_new(home: Home, url: str | None) -> None:
    """A file decides by itself; of a server database only its content tells."""
    if home.database.exists() or (start.state(home) != "new" and not url):
        raise Refusal("这台电脑上已经有资料了，不能再设置一次。请直接登录")


def _fresh(home: Home, key: bytes, url: str | None) -> Store:
    if url:
        return start.open_server(url, TABLES)
    sweep(home.dir, f"{home.making.name}*")
    put(home.making, b"")
    return start.new_database(home.making, key, TABLES)


def _fill(store: Store, given: _Given, who: str) -> None:
    """A centre's own office is its own word and goes down; a station's is the centre's."""
    own, said = given.offices[0].id, given.role in roles.CENTRAL
    where = given.offices[0].name
    desk = Desk(who, given.name, own, frozenset({given.role}))
    with store.apply() as session:
        if session.scalars(select(Replica)).first() is not None:
            raise Refusal("这个数据库已经设置过了，请换一个空的数据库")
        session.add(Replica(id=new_id(), office_id=own, incarnation=new_id()))
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
