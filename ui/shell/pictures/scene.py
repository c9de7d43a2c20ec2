"""A station of invented people with nine months of work in it, for pictures of the screens.

Everything happens through the verbs the screens use, on the days it would have happened; only
what a centre would have said is written in its place. Nobody here exists.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from app import account, audit, certification, imports, movement, retiree, suspicion, visit
from app.certification import DueFilter, DueRow
from app.daily import daily
from app.kit.paths import Home
from app.kit.refusal import Refusal
from app.kit.run import Session, look, run
from app.retiree import People
from app.ruling.ground import SETTLED, noted
from app.station import Station, open_station
from models import clock_reading
from models.exchange import Change, Contact, Replica
from models.handover import Handover, LateEdit
from models.kit import clock
from models.kit.ids import new_id
from models.notice import Notice
from models.office import Office
from models.retiree import Retiree
from models.ruling import ANOTHER, Ruling
from sync.centre_card import CentreCard
from sync.enrol import Invited
from sync.keys import Keys
from ui.exchange import joining
from ui.shell.pictures.people import EMPLOYER, NAMES, number, others, rows

NOW = datetime(2026, 11, 23, 14, 32, tzinfo=clock.SHANGHAI)
NAME, CLERK, AUDITOR = "刘桂兰", "周小林", "林小妹"
PASSWORD = "Guiyuan-2026"  # noqa: S105 - for invented people
OFFICE, CODE, PHONE = "桂苑社区退休人员服务站", "519902001001", "0876-0000-218"
CENTRE, CENTRE_PHONE = "棠湖区退休人员服务中心", "0876-0000-100"
OTHER_CODE, NEIGHBOUR = "519902001002", "望江社区退休人员服务站"
ARRIVING = (
    ("梁凤英", "2", "1949-05-17", "搬到桂苑二区，与女儿同住"),
    ("黄启明", "1", "1955-09-02", "户籍迁入桂苑一区"),
)
UNSEEN = frozenset({"王秀英", "许春梅", "谢金水", "李建国", "曾庆云"})
WEEK = [date(2026, 11, at) for at in range(23, 28)]
NOTES = (
    "身体还好，药按时吃；子女周末回来。",
    "门口台阶不好走，想装扶手，已记下。",
    "血压偏高，提醒按时复查。",
    "精神好，每天去公园走一圈。",
)
METHODS = ("01", "02", "04", "05", "04", "02")
NOTICES = (
    ("做好岁末年初资格认证", "请在 11 月 30 日前完成本月到期人员的认证，并核对“到期日待核”的人员。",
     date(2026, 11, 18)),
    ("台风天气走访提醒", "请重点走访独居、行动不便的老人，看门窗和用电，有事随时报告。",
     date(2026, 10, 9)),
)  # fmt: skip


@dataclass
class Scene:
    """The station, and what pictures ask for."""

    station: Station
    numbers: dict[str, str] = field(default_factory=dict)  # forms that are out, by task

    def do(self, verb: Any, *args: Any, **kwargs: Any) -> Any:
        return run(self.station.store, self.station.desk, verb, *args, **kwargs).result

    def ask(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        return look(self.station.store, self.station.desk, query, *args, **kwargs)

    def person(self, name: str) -> str:
        """The id of somebody drawn."""
        rows = self.ask(retiree.people, People(chip="all", text=name)).rows
        return str(next(one.id for one in rows if one.name == name))

    def due(self, **wanted: Any) -> list[DueRow]:
        return list(self.ask(certification.due_rows, DueFilter(**wanted)))


def day(month: int, at: int, hour: int = 9, minute: int = 0) -> datetime:
    """A moment of 2026 on the wall clock."""
    return datetime(2026, month, at, hour, minute, tzinfo=clock.SHANGHAI)


def invited() -> Invited:
    """An invitation nobody sent."""
    keys = Keys.new()
    card = CentreCard(
        id=new_id(), name=CENTRE, sign=keys.public, recipient=keys.recipient,
        recovery=keys.recipient, url="https://127.0.0.1:9", certificate="", phone=CENTRE_PHONE,
    )  # fmt: skip
    office = {
        "id": new_id(),
        "code": CODE,
        "name": OFFICE,
        "level": "3",
        "phone": PHONE,
        "address": "桂苑路 1 号",
        "hours": "周一至周五 8:00—12:00，14:30—17:30",
    }
    return Invited(new_id(), office, card)


@contextmanager
def empty(folder: Path) -> Iterator[Station]:
    """A station on its first day."""
    with clock.freeze(NOW):
        made = joining.join(Home(folder), invited(), NAME, PASSWORD).station
        try:
            yield made
        finally:
            made.close()


@contextmanager
def worked(folder: Path) -> Iterator[Scene]:
    """A station in its ninth month; the clock has to stand at `NOW` afterwards."""
    home = Home(folder)
    _spring(home)
    with clock.freeze(day(11, 23, 8, 31)):
        opened = open_station(home, NAME, PASSWORD)
    try:
        scene = Scene(opened)
        _today(scene)
        yield scene
    finally:
        opened.close()


# nine months --------------------------------------------------------------------------------


def _spring(home: Home) -> None:
    """Set up in March, the roster taken in, a month's work every month."""
    with clock.freeze(day(3, 2)):
        opened = joining.join(home, invited(), NAME, PASSWORD).station
    try:
        scene = Scene(opened)
        with clock.freeze(day(3, 2, 9, 20)):
            for name, role in ((CLERK, "clerk"), (AUDITOR, "auditor")):
                scene.do(account.create, opened.vault, name, PASSWORD, [role])
            scene.do(imports.import_rows, rows(), f"{EMPLOYER}2026年移交名册.xlsx", EMPLOYER, 6)
            _approved(opened)
        for month in range(3, 12):
            _month(scene, month)
        _sent(opened)
        for at in (day(11, 21, 17, 30), day(11, 22, 12), day(11, 22, 17, 30), day(11, 23, 12)):
            with clock.freeze(at):
                opened.backup("noon" if at.hour == 12 else "evening")
    finally:
        opened.close()


def _month(scene: Scene, month: int) -> None:
    """Most of who is due is certified, some of who is to be visited is visited."""
    with clock.freeze(day(month, 3)):
        run(scene.station.store, scene.station.program, daily)
    share = 1.0 if month < 11 else 0.34
    wanted = NAMES | {one["name"] for one in others()[7::19]}  # some are not found in time
    due = [
        one
        for one in scene.due(month=f"2026-{month:02}")
        if one.due_on is not None and one.name not in wanted
    ]
    chosen = due[: round(len(due) * share)] if month < 11 else due[1 :: round(1 / share)]
    for place, one in enumerate(chosen):
        with clock.freeze(day(month, min(20, 4 + place), 9 + place % 7, place * 7 % 60)):
            _quietly(scene, certification.certify, one.retiree_id, _seen(place),
                     task_id=one.task_id)  # fmt: skip
    people = scene.ask(retiree.people, People(sort="visit"), 1).rows
    people = [one for one in people if one.name not in UNSEEN or month < 10]
    for place, who in enumerate(people[:17]):
        with clock.freeze(day(month, 4 + place, 10, place * 3)):
            _visit(scene, who.id, place + month)


def _seen(place: int) -> dict[str, object]:
    return {
        "certified_on": clock.today(),
        "method": METHODS[place % len(METHODS)],
        "result": "1",
        "present_in_person": True,
        "docs_checked": ["1"],
    }


def _visit(scene: Scene, key: str, place: int) -> None:
    values = {
        "retiree_id": key,
        "visited_on": clock.today(),
        "visit_type": ("14", "12", "08", "21")[place % 4],
        "way": "1" if place % 3 else "3",
        "visitors": NAME if place % 2 else f"{NAME}、{CLERK}",
        "met_in_person": bool(place % 3),
        "living_note": NOTES[place % len(NOTES)],
    }
    _quietly(scene, visit.record_visit, values)


def _quietly(scene: Scene, verb: Any, *args: Any, **kwargs: Any) -> None:
    """An invented person may be refused what another may do."""
    try:
        scene.do(verb, *args, **kwargs)
    except Refusal:
        return


# what a centre would have said --------------------------------------------------------------


def _approved(opened: Station) -> None:
    with opened.store.apply() as session:
        session.query(Replica).one().approved_at = clock.now()
        for title, body, on in NOTICES:
            session.add(
                Notice(
                    id=new_id(), office_id="c" * 32, created_at=clock.now(), title=title,
                    body=body, published_on=on, row_version=1, is_void=False, stamps={},
                )
            )  # fmt: skip


def _sent(opened: Station) -> None:
    """Everything until this noon was sent and answered; a few exchanges are remembered."""
    contacts: Sequence[tuple[datetime, str, int, int, str, str, str]] = (
        (day(11, 19, 17), "网络", 31, 2, "done", "", "HZ-20261119-006"),
        (day(11, 20, 9, 12), "U盘", 12, 0, "done", "", "HZ-20261120-002"),
        (day(11, 20, 17), "网络", 0, 0, "failed", "连不上区中心，资料已存在本机", ""),
        (day(11, 21, 17), "网络", 18, 1, "done", "", "HZ-20261121-011"),
        (day(11, 22, 17), "网络", 7, 0, "done", "", "HZ-20261122-004"),
        (day(11, 23, 8, 45), "网络", 5, 3, "done", "", "HZ-20261123-001"),
    )
    with opened.store.apply() as session:
        me = session.query(Replica).one()
        me.acked_seq = me.seq
        session.query(Change).update({"outcome": "applied", "decided_at": day(11, 23, 8, 45)})
        for at, way, sent, received, result, message, receipt in contacts:
            session.add(
                Contact(
                    id=new_id(), at=at, way=way, sent=sent, received=received, result=result,
                    message=message or None, receipt=receipt or None,
                )
            )  # fmt: skip


def _disputed(scene: Scene) -> None:
    """The centre's people ruled on another telephone number before they heard of ours."""
    key = scene.person("罗玉梅")
    with clock.freeze(day(11, 21, 10, 5)):
        scene.do(_corrected, key)
    with scene.station.store.apply() as session:
        changes = session.query(Change).filter_by(entity_id=key).order_by(Change.seq.desc())
        last, at = changes.first(), day(11, 23, 8, 45)
        if last is not None:
            last.outcome, last.reason, last.decided_at = "conflict-kept", "手机", at
            stream = (last.office_id, last.incarnation)
            for seq, hour, fast in ((last.seq - 2, 7, 0), (last.seq + 1, 9, 2)):
                off = timedelta(hours=fast)
                clock_reading.note(session, stream, seq, day(11, 21, hour, 30), off)
        who = session.query(Retiree).filter_by(id=key).one()
        who.mobile, who.stamps = "13900004471", {**who.stamps, "mobile": new_id()}
        session.add(
            Ruling(
                id=new_id(), office_id=who.office_id, created_at=at, retiree_id=key,
                conflict_id=new_id(), entity="retiree", record_id=key, item="mobile",
                kept_change=new_id(), other_change=new_id(), choice=ANOTHER, ruled_at=at,
                ground="公安户籍比对，儿子来电也这样说", row_version=1, is_void=False,
                stamps={"*": new_id()},
            )
        )  # fmt: skip


def _corrected(session: Session, key: str) -> None:
    """What 都不对，另填 does."""
    retiree.edit(session, key, {"mobile": "13800002617"})
    said = noted("手机", "走访时本人口述")
    audit.note(session, SETTLED, "retiree", key, said)


# this day -----------------------------------------------------------------------------------


def _today(scene: Scene) -> None:
    """A Monday: calls without an answer, a doubt, forms printed and some of them back."""
    with clock.freeze(day(11, 23, 8, 40)):
        run(scene.station.store, scene.station.program, daily)
    _disputed(scene)
    _sent_again(scene)
    _calls(scene)
    _papers(scene)
    with clock.freeze(day(11, 23, 8, 55)):
        overdue = scene.ask(visit.overdue, 1).rows
        scene.do(visit.spread, [one.retiree_id for one in overdue[6:20]], WEEK)
    with clock.freeze(day(11, 23, 14, 2)):
        _visit(scene, scene.person("何美珍"), 1)
    with clock.freeze(day(11, 23, 14, 20)):
        scene.do(retiree.edit, scene.person("张德明"), {"mobile": "13700005528"})
        away = scene.person("周桂芳")
        where = (date(2026, 11, 20), "市外，随女儿居住", "本人申请")
        scene.do(movement.moved_out, away, *where)
        scene.do(movement.moved_out, away, *where, confirmed=True)


def handed(scene: Scene) -> None:
    """Two people whom a neighbouring station hands over, what it wrote too late of a third, and one
    of ours who is on the way there."""
    here, there = scene.station.desk.office_id, new_id()
    with scene.station.store.apply() as session:
        session.add(Office(id=there, office_id=there, code=OTHER_CODE, name=NEIGHBOUR, level="3"))
        for place, (name, sex, born, why) in enumerate(ARRIVING):
            session.add(
                Handover(
                    id=new_id(), office_id=there, person_id=new_id(), to_office_id=here, name=name,
                    id_type="01", id_no=number(born, sex, place), sex=sex, basis=why,
                    birth_on=date.fromisoformat(born), moved_on=date(2026, 11, 18 + place),
                    brings="全部资料、认证记录 3 条、走访记录 12 条、家属 2 条、附件 4 条",
                    offered_by="何晓燕",
                )
            )  # fmt: skip
        action = new_id()
        for place, (entity, key, said) in enumerate(_late(scene.person("罗素琴"))):
            session.add(
                LateEdit(
                    id=new_id(), office_id=here, retiree_id=scene.person("罗素琴"),
                    change_id=new_id(), action=action, place=place, entity=entity, record_id=key,
                    is_new=entity != "retiree", said=said, from_office_id=there, said_by="何晓燕",
                    said_at=day(11, 20, 16, 5),
                )
            )  # fmt: skip
    with clock.freeze(day(11, 23, 14, 25)):
        where = (date(2026, 11, 20), NEIGHBOUR, "随儿子居住")
        scene.do(movement.moved_out, scene.person("潘惠芬"), *where)


def registered_again(scene: Scene, name: str) -> str:
    """The same person as another computer of the station wrote them down; returns the id."""
    with scene.station.store.apply() as session:
        first = session.get_one(Retiree, scene.person(name))
        again = Retiree(
            id=new_id(), office_id=first.office_id, name=first.name, id_no=first.id_no,
            sex=first.sex, birth_on=first.birth_on, mobile="13900008814",
            live_address="凤凰路 12 号 2栋 401", employer_name=first.employer_name,
            door_note="耳背，多敲几下", received_on=date(2026, 9, 3), created_at=day(9, 3),
        )  # fmt: skip
        session.add(again)
        session.flush()
        key = again.id
    with clock.freeze(day(10, 12, 10)):
        _visit(scene, key, 2)
    return key


def _late(key: str) -> tuple[tuple[str, str, dict[str, Any]], ...]:
    seen = {
        "retiree_id": key, "visited_on": "2026-11-20", "visit_type": "12", "way": "1",
        "visitors": "何晓燕", "living_note": "已搬到女儿家，问医保怎么转",
    }  # fmt: skip
    return ("retiree", key, {"mobile": "13900007712"}), ("visit", new_id(), seen)


def _sent_again(scene: Scene) -> None:
    with scene.station.store.apply() as session:
        waiting = session.query(Change).filter(Change.outcome.is_(None))
        waiting.update({"outcome": "applied", "decided_at": day(11, 23, 8, 45)})
        me = session.query(Replica).one()
        me.acked_seq = me.seq


def _calls(scene: Scene) -> None:
    """Three calls in vain make a doubt of it; one family said something worse."""
    row = next(one for one in scene.due() if one.name == "谢金水")
    for at in (day(11, 16, 10, 20), day(11, 19, 15, 5), day(11, 23, 9, 10)):
        with clock.freeze(at):
            scene.do(certification.record_contact, row.task_id, "1", "6", "电话没有人接")
    for minute, name in enumerate(("谢金水", "许春梅", "王秀英"), 8):
        with clock.freeze(day(11, 23, 9, minute)):
            scene.do(retiree.reveal, scene.person(name), "mobile")
    with clock.freeze(day(11, 23, 9, 32)):
        photo = "回收的表上，照片和档案里的不像"
        scene.do(suspicion.open_suspicion, scene.person("李建国"), "04", photo)
        home = next(one for one in scene.due() if one.name == "曾庆云")
        _quietly(scene, certification.plan_home, home.task_id)


def _papers(scene: Scene) -> None:
    """Twenty forms went out this morning; from two o'clock they come back."""
    month = f"{NOW:%Y-%m}"
    due = [one for one in scene.due(month=month) if one.name not in UNSEEN]
    tasks = [one.task_id for one in due[:20]]
    with clock.freeze(day(11, 23, 10, 48)):
        scene.do(certification.assign_form_numbers, tasks)
        people = scene.ask(certification.form_data, tasks)
        scene.numbers = dict(zip(tasks, (one.payload for one in people), strict=True))
        scene.do(certification.printed, tasks, "资格认证")
    for place, task in enumerate(tasks[:9]):
        with clock.freeze(day(11, 23, 14, 5) + timedelta(minutes=2 * place)):
            _quietly(scene, certification.returned, scene.numbers.pop(task))
