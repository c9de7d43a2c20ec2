"""A centre of invented stations, for pictures of its screens: everything comes in by real files.
Lives with the commands, since only they may put a centre and its stations side by side."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import centre as verbs
from app import certification, drill, handover, imports, printed, revocation, seed, visit
from app.certification import DueFilter
from app.daily import daily
from app.kit.paths import Home
from app.kit.run import look, run
from app.station import Station, create_centre
from models.exchange import Replica
from models.kit import clock, id_number
from models.movement import Movement
from models.retiree import LOST, SUSPECTED_DEAD, Retiree
from sync import enrol
from sync.centre_card import CentreCard, centre_card
from sync.fault import Fault
from sync.keys import Keys
from sync.station import outbox
from sync.station.run import sync_now
from ui.command.centre import equip
from ui.command.opened import service_of
from ui.exchange import enrolment, joining

if TYPE_CHECKING:
    from sync.centre.service import Centre

SMALL = 300  # bytes of a part, so that few edits are several
FAST = timedelta(hours=2)
PASSWORD = "Haitang-2026"  # noqa: S105 - for invented people
NAME, OFFICE, CODE = "陈主任", "棠湖区退休人员服务中心", "519902000000"
HEADS = {"桂苑社区服务站": "刘桂兰", "海棠社区服务站": "周小林", "椰林社区服务站": "何美玉"}


@dataclass
class Link:
    """A line that never fails. ``fast`` is how far the station's clock is ahead, as the two read
    each other's."""

    service: "Centre"
    fast: timedelta = timedelta()

    @property
    def ahead(self) -> timedelta:
        return -self.fast

    def exchange(self, data: bytes) -> bytes:
        with clock.at(clock.now() - self.fast):
            return self.service.accept(data, self.fast).data

    def close(self) -> None:
        """Nothing to close."""


@dataclass
class Branch:
    """One station of the centre."""

    opened: Station
    keys: Keys
    link: Link

    def do(self, verb: Any, *args: Any, **kwargs: Any) -> Any:
        return run(self.opened.store, self.opened.desk, verb, *args, **kwargs).result

    def sync(self, keys: Keys | None = None, fast: timedelta = timedelta()) -> None:
        link, code = replace(self.link, fast=fast), self.opened.office.code
        with clock.at(clock.now() + fast):
            sync_now(self.opened.store, keys or self.keys, link, code)

    def replica(self) -> str:
        return look(self.opened.store, self.opened.desk, _replica)


@contextmanager
def centre_at_work(folder: Path, now: datetime) -> Iterator[Station]:
    """The centre, open, with something of everything on its desk."""
    with ExitStack() as open_ones:
        with clock.freeze(now - timedelta(days=70)):
            centre = open_ones.enter_context(a_centre(folder / "centre", CODE, OFFICE))
            branches = [
                open_ones.enter_context(branch(folder, centre, name, number))
                for number, name in enumerate(HEADS, 1)
            ]
            for number, one in enumerate(branches):
                taken_in(one, number)
        with clock.freeze(now - timedelta(days=36)):
            branches[0].opened.backup()
            for each in branches[:2]:
                drill.drill(each.opened)
        for days, working in ((36, branches), (10, branches[:2])):
            with clock.freeze(now - timedelta(days=days)):
                for each in working:
                    work(each)
        with clock.freeze(now - timedelta(days=9)):
            _disputes(centre, branches)
            _strangers(branches)
        with clock.freeze(now - timedelta(days=8)):
            _gap(centre, branches[1])
        with clock.freeze(now - timedelta(days=6)):
            _handed(centre, branches)
        with clock.freeze(now - timedelta(days=3)):
            _lost(centre, open_ones.enter_context(branch(folder, centre, "荔枝社区服务站", 4)))
            enrolment.invite(centre, partial(verbs.invited, words="丹州社区服务站"))
        with clock.freeze(now - timedelta(minutes=25)):
            branches[0].sync()
        with clock.freeze(now - timedelta(minutes=10)):
            _stored(centre, branches)
        yield centre


def a_centre(folder: Path, code: str, name: str, level: str = verbs.DISTRICT) -> Station:
    """One on its first day, also a city."""
    made = create_centre(
        Home(folder, "centre"),
        NAME,
        PASSWORD,
        office={"code": code, "name": name, "phone": "0876-0000-100", "level": level},
        secret=Keys.new().dump(),
    ).station
    equip(made, name, "https://127.0.0.1:9")
    return made


@contextmanager
def branch(folder: Path, centre: Station, name: str, number: int) -> Iterator[Branch]:
    """Invited, set up, approved."""
    office = partial(verbs.invited, words=name, code=f"{centre.office.code[:8]}{number:04}")
    invited = enrol.read_invitation(enrolment.invite(centre, office).data)
    home = Home(folder / f"station-{number}")
    head = HEADS.get(name, "林小妹")
    with joining.begin(home, invited, head, PASSWORD).station as opened:
        keys, answer = joining.keys_of(opened), joining.answer(opened, invited)
        _, approval = enrolment.approve(centre, answer, verbs.approved)
        with opened.store.apply() as session:
            enrol.accept(session, keys, centre_card(session), approval)
        yield Branch(opened, keys, Link(service_of(centre)))


def taken_in(one: Branch, number: int, *, also: int | None = None) -> None:
    """A roster, sent; the first of another one is ``also`` on it."""
    roster = _people(number) + (_people(also)[:1] if also is not None else [])
    one.do(imports.import_rows, roster, "移交名册.xlsx", "市棉纺织厂", 6)
    one.sync()


def _people(number: int) -> list[dict[str, object]]:
    found = seed.people(46 - 9 * number, seed=20 + number)
    for place, one in enumerate(found):
        on = datetime(2025, 11, 1, tzinfo=clock.SHANGHAI) + timedelta(days=place * 7 % 60)
        one["last_certified_on"] = on.date()
    return found


def work(branch: Branch) -> None:
    """Some are certified, some are visited, and it is sent."""
    run(branch.opened.store, branch.opened.program, daily)
    due = look(branch.opened.store, branch.opened.desk, certification.due_rows, DueFilter())
    for place, row in enumerate(due[:9]):
        seen = {
            "certified_on": clock.today(), "method": "04", "result": "1",
            "present_in_person": True, "docs_checked": ["1"],
        }  # fmt: skip
        branch.do(certification.certify, row.retiree_id, seen, task_id=row.task_id)
        if place % 2:
            branch.do(visit.record_visit, _seen_at_home(row.retiree_id, branch.opened.desk.name))
    branch.sync()


def _seen_at_home(key: str, who: str) -> dict[str, Any]:
    return {
        "retiree_id": key, "visited_on": clock.today(), "visit_type": "14", "way": "1",
        "visitors": who, "met_in_person": True, "living_note": "身体还好，药按时吃",
    }  # fmt: skip


def _disputes(centre: Station, branches: list[Branch]) -> None:
    """Three people of whom both sides said something else; the clock of one station is fast."""
    one, two, *_ = branches
    first, second = (look(each.opened.store, each.opened.desk, _everybody) for each in (one, two))
    disputed = (
        (one, first[0], {"id_no": _number(61)}, {"id_no": _number(63)}),
        (one, first[1], {"manage_state": LOST}, {"manage_state": SUSPECTED_DEAD}),
        (two, second[0], {"bank_account": "6222000000000011"},
         {"bank_account": "6222000000000029"}),
    )  # fmt: skip
    for place, (branch, key, at_centre, at_station) in enumerate(disputed):
        run(
            centre.store,
            centre.desk,
            _lose if "manage_state" in at_centre else _edit,
            key,
            at_centre,
        )
        fast = FAST if branch is one else timedelta()
        with clock.at(clock.now() + fast + timedelta(seconds=place)):
            branch.do(_suspect if "manage_state" in at_station else _edit, key, at_station)
            paper = printed.Item(key, f"RZ26-{key[-3:].upper()}-00012-7")
            branch.do(printed.printed, "资格认证表", [paper])
    one.sync(fast=FAST)
    two.sync()


def _number(serial: int) -> str:
    first = f"{seed.AREA}19500507{serial:03d}"
    return first + id_number.check_digit(first)


def _everybody(session: Session) -> list[str]:
    return list(session.scalars(select(Retiree.id).order_by(Retiree.name, Retiree.id)))


def _edit(session: Session, key: str, values: dict[str, Any]) -> None:
    """What both sides did, wherever it was done on screen."""
    who = session.get_one(Retiree, key)
    for name, value in values.items():
        setattr(who, name, value)


def _lose(session: Session, key: str, values: dict[str, Any]) -> None:
    _edit(session, key, values)
    said = "连续三次电话和上门都没有找到人，居委会、派出所和原单位也都说不知道去向"
    session.add(Movement(retiree_id=key, change_type="5", changed_on=clock.today(), basis=said))


def _suspect(session: Session, key: str, values: dict[str, Any]) -> None:
    """With whom to call, and the event in the register: one action."""
    _edit(session, key, {**values, "mobile": "13800007733"})
    noted = {"changed_on": clock.today(), "basis": "女儿来电", "source_way": "家属来电"}
    session.add(Movement(retiree_id=key, change_type="9", to_state=SUSPECTED_DEAD, **noted))


def _strangers(branches: list[Branch]) -> None:
    """A file with a wrong signature, an edit of somebody the centre was never told of."""
    with suppress(Fault):
        branches[1].sync(Keys.new())
    branch = branches[0]
    key = look(branch.opened.store, branch.opened.desk, _everybody)[2]
    with branch.opened.store.apply() as session:
        who = session.get_one(Retiree, key)
        who.stamps = {**who.stamps, "mobile": "f" * 32}
    branch.do(_edit, key, {"mobile": "13800007731"})
    branch.sync()


def _gap(centre: Station, branch: Branch) -> None:
    """The middle of three sticks never arrived."""
    key = look(branch.opened.store, branch.opened.desk, _everybody)[3]
    for place in range(4):
        branch.do(_edit, key, {"mobile": f"1380000773{place}"})
    with branch.opened.store.look() as session:
        card: CentreCard = centre_card(session)
        parts = outbox.parts(session, branch.keys, card, branch.opened.office.code, SMALL)
    service_of(centre).accept(parts[-1].data)


def _stored(centre: Station, branches: list[Branch]) -> None:
    """The program failed at a file of one; what another sent has not had its turn yet."""
    service, (busy, bad, _) = service_of(centre), branches
    for branch in (bad, busy):
        key = look(branch.opened.store, branch.opened.desk, _everybody)[5]
        branch.do(_edit, key, {"mobile": "13800007739"})
        with branch.opened.store.look() as session:
            card: CentreCard = centre_card(session)
            parts = outbox.parts(session, branch.keys, card, branch.opened.office.code)
        service.take_all([one.data for one in parts], later=True)
        if branch is bad:
            service.set_aside(service.waiting()[0])


def _handed(centre: Station, branches: list[Branch]) -> None:
    """Boundaries were redrawn: one came over, of whom the old station wrote something before it
    knew, one was sent back, some wait for an answer."""
    one, two, three = branches
    people = look(one.opened.store, one.opened.desk, _everybody)[4:9]
    why = "区民政局〔2026〕18号文，桂苑二区划归海棠社区"
    to = two.opened.desk.office_id
    run(centre.store, centre.desk, handover.assign, people, to, clock.today(), why)
    two.sync()
    offered = two.do(handover.handovers).rows
    two.do(handover.take, offered[0].id)
    two.do(handover.decline, offered[1].id, "住桂苑一区，不在划过来的范围")
    two.sync()
    one.do(_edit, offered[0].person_id, {"mobile": "13800007735"})
    for each in (one, three):
        each.sync()


def _lost(centre: Station, branch: Branch) -> None:
    branch.sync()
    run(centre.store, centre.desk, revocation.revoke, branch.replica(), "电脑丢失，已报案")


def _replica(session: Session) -> str:
    return session.scalars(select(Replica.id)).one()
