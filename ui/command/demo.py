"""``sangyu demo``: a centre and two stations of invented people on this machine (演示).

Does the main job for real: roster → import → forms → returned forms → a home visit → one station
over the network, the other by stick → the centre → answers read. Every step looks first what is
there already, so that a demo that was stopped anywhere goes on and doubles nothing.
"""

import json
import os
from argparse import Namespace
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import centre as centre_verbs
from app import certification, imports, results_list, retiree, visit
from app.certification import DueFilter
from app.daily import daily
from app.kit import sheet
from app.kit.files import sweep
from app.kit.paths import Home
from app.kit.run import look, run
from app.printing import certification_form
from app.retiree import People
from app.seed_roster import roster
from app.station import Station, create_centre, open_centre, open_station, state
from models.cert_task import CertTask
from models.kit import clock
from models.notice import Notice
from models.visit import Visit
from sync import enrol
from sync.centre_card import centre_card
from sync.keys import Keys
from sync.station.run import standing
from ui.command.centre import equip
from ui.command.demo_faults import Faults, lines
from ui.command.demo_places import PASSWORD, PLACES, Place
from ui.command.display import has_display
from ui.command.opened import exchange_of, refusing, service_of, write_new
from ui.command.parser import Answer, Rooms, command, count, progress
from ui.command.taking_in import take_roster
from ui.exchange import enrolment, joining

CENTRE_NAME = "吉阳区退休人员服务中心"
RETURNED_SHARE = 0.6


Say = Callable[[str], None]


def add_arguments(rooms: Rooms) -> None:
    """One command."""
    made = command(rooms, "demo", "演示：一个区中心和两个站，从名册做到回执", run_demo)
    made.add_argument("--headless", action="store_true", help="不打开桌面程序")
    made.add_argument("--faults", action="store_true", help="再演练四种故障怎样自己恢复")
    made.add_argument("--people", type=count, default=120, metavar="N", help="每个站的人数")


def run_demo(args: Namespace) -> Answer:
    """Go through the whole job; then open the desktop, if there is a display."""
    say = progress(args)
    headless = args.headless or not has_display()
    if headless and not args.headless:
        say("这台电脑没有显示器，只在后台演示。")
    with refusing():
        demo = Demo.at(args.home, args.people, say)
        data = demo.run()
        more: list[str] = []
        if args.faults:
            scenes = Faults(demo).run()
            data = {**demo.report(), "faults": [one._asdict() for one in scenes]}
            more = lines(scenes)
    told = [*_told(data), *more]
    if not headless:
        os.environ.setdefault("SANGYU_PASSWORD", PASSWORD)
        from ui.command import desktop  # noqa: PLC0415 - needs Qt

        say("\n".join(told))
        args.home = args.home / PLACES[0].key
        return desktop.run(args)
    return Answer(data, told)


def _told(data: dict[str, Any]) -> list[str]:
    lines = [f"演示完成，数据在 {data['home']}；口令都是 {PASSWORD}。"]
    lines += [_told_of(one) for one in data["stations"]]
    lines.append(f"  {CENTRE_NAME}：{data['centre']['people']} 人")
    return [*lines, f"  认证表：{'、'.join(one['forms_pdf'] for one in data['stations'])}"]


def _told_of(one: dict[str, Any]) -> str:
    done = f"导入 {one['imported']} 人，打印认证表 {one['forms']} 份，回收 {one['returned']} 份"
    return f"  {one['office']}（{one['head']}）：{done}，待上报 {one['pending']} 条"


@dataclass(frozen=True, slots=True)
class Demo:
    """All of it under one folder."""

    home: Path
    people: int
    say: Say
    sent: dict[str, int] = field(default_factory=dict)

    @classmethod
    def at(cls, home: Path, people: int, say: Say) -> "Demo":
        """The demo of this folder; one that was begun keeps its number of people."""
        note = home / "demo.json"
        if not note.exists():
            write_new(note, json.dumps({"people": people}).encode())
        begun = int(json.loads(note.read_text("utf-8"))["people"])
        if begun != people:
            say(f"这个文件夹里的演示是每站 {begun} 人，接着做。")
        return cls(home, begun, say)

    def run(self) -> dict[str, Any]:
        """Every step in order; what is done already is passed over."""
        for folder in (self.home, self.folder("papers"), self.folder("stick")):
            sweep(folder)  # left by a run that was killed
        self.ensure_centre()
        for place in PLACES:
            self.ensure_station(place)
            self.ensure_work(place)
        self.exchange()
        self.ensure_results()
        self.exchange()
        return self.report()

    def folder(self, name: str) -> Path:
        """A folder of the demo."""
        path = self.home / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    @contextmanager
    def centre(self) -> Iterator[Station]:
        """The centre, open."""
        home = Home(self.home / "centre", side="centre")
        with open_centre(home, None, PASSWORD) as opened:
            yield opened

    @contextmanager
    def station(self, place: Place) -> Iterator[Station]:
        """A station, open."""
        with open_station(Home(self.home / place.key), place.head, PASSWORD) as opened:
            yield opened

    def ensure_centre(self) -> None:
        """The centre, its keys, and a notice for the stations."""
        home = Home(self.home / "centre", side="centre")
        if state(home) == "new":
            office = {"code": "460203000000", "name": CENTRE_NAME, "phone": "0898-00000000"}
            keys = Keys.new().dump()
            create_centre(home, "陈主任", PASSWORD, office=office, secret=keys).station.close()
            self.say(f"建立 {CENTRE_NAME}")
        with self.centre() as opened:
            equip(opened, CENTRE_NAME, "https://127.0.0.1:8743")
            run(opened.store, opened.desk, _publish_notice)

    def ensure_station(self, place: Place) -> None:
        """Invitation, station, answer, approval: each only where it is still missing."""
        home = Home(self.home / place.key)
        invitation = self.home / f"{place.key}.invitation.sangyu"
        if not invitation.exists():
            write_new(invitation, self.invite(place))
        invited = enrol.read_invitation(invitation.read_bytes())
        if state(home) == "new":
            joining.begin(home, invited, place.head, PASSWORD).station.close()
            self.say(f"建立 {place.name}服务站")
        with self.station(place) as opened:
            if not look(opened.store, opened.desk, standing).approved:
                keys = joining.keys_of(opened)
                approval = self.approve(joining.answer(opened, invited))
                with opened.store.apply() as session:
                    enrol.accept(session, keys, centre_card(session), approval)
                self.say(f"{CENTRE_NAME} 批准 {place.name}")

    def invite(self, place: Place) -> bytes:
        """An invitation for one place."""
        with self.centre() as opened:
            office = partial(centre_verbs.invited, words=place.name, code=place.code)
            return enrolment.invite(opened, office).data

    def approve(self, answer: bytes) -> bytes:
        """The centre's yes."""
        with self.centre() as opened:
            return enrolment.approve(opened, answer, centre_verbs.approved)[1]

    def ensure_work(self, place: Place) -> None:
        """Roster, forms, returned forms and a home trip of one station."""
        file = self.home / f"{place.key}.xlsx"
        if not file.exists():
            write_new(file, roster(self.people, place.seed).data)
        with self.station(place) as opened:
            if not look(opened.store, opened.desk, imports.imports):
                taken = take_roster(opened, file, place.employer)
                self.say(f"{place.name} 导入名册：{taken['imported']} 人可用")
            run(opened.store, opened.program, daily)
            codes = self.ensure_forms(opened, place)
            for code in codes[: int(len(codes) * RETURNED_SHARE)]:
                run(opened.store, opened.desk, certification.returned, code)
            if not look(opened.store, opened.desk, _count_visits):
                self.home_trip(opened, place)

    def ensure_forms(self, opened: Station, place: Place) -> list[str]:
        """Print everybody's form once; the codes on them are what a scan gun would read."""
        pdf = self.home / "papers" / f"{place.key}-forms.pdf"
        index = pdf.with_suffix(".json")
        if not index.exists():
            self.draw_forms(opened, place, pdf, index)
        codes: dict[str, str] = json.loads(index.read_text("utf-8"))
        unnoted = look(opened.store, opened.desk, _not_noted, codes)
        if unnoted:
            run(opened.store, opened.desk, certification.printed, unnoted, "资格认证")
        return list(codes.values())

    def draw_forms(self, opened: Station, place: Place, pdf: Path, index: Path) -> None:
        """The papers themselves; the index comes last and says that they are whole."""
        tasks = look(opened.store, opened.desk, certification.due_ids, DueFilter())
        run(opened.store, opened.desk, certification.assign_form_numbers, tasks)
        paper = look(opened.store, opened.desk, certification.paper_of, tasks, "资格认证")
        write_new(pdf, certification_form.draw(paper))
        codes = {one.number: one.payload for one in paper.people}
        write_new(index, json.dumps(codes, indent=1).encode())
        self.say(f"{place.name} 打印认证表 {len(codes)} 份")

    def home_trip(self, opened: Station, place: Place) -> None:
        """One trip to somebody who has not come: visit, survey and certification at once."""
        due = look(opened.store, opened.desk, certification.due_rows, DueFilter())
        there = sorted(due, key=lambda one: (one.way != "home", one.address, one.name))[0]
        values = {
            "retiree_id": there.retiree_id,
            "visited_on": clock.today(),
            "visit_type": "15",
            "way": "1",
            "visitors": place.head,
            "met_in_person": True,
            "living_note": "精神好，家里安全；已当面核对身份证。",
        }
        run(opened.store, opened.desk, visit.record_visit, values, also_certify=True)
        self.say(f"{place.name} 上门核验 1 人，走访、调查、认证一次登记")

    def exchange(self) -> None:
        """One station over the network, the other by stick."""
        with (
            self.centre() as opened,
            self.serving(opened) as url,
            self.station(PLACES[0]) as station,
        ):
            done = exchange_of(station).sync(url=url)
            self.count_sent(PLACES[0], done.sent)
            self.say(f"{PLACES[0].name} 联网上报 {done.sent} 条，区中心回执 {done.receipt}")
        stick = self.folder("stick")
        with self.station(PLACES[1]) as station:
            packed = exchange_of(station).pack(stick)
            self.count_sent(PLACES[1], packed.exchanged.sent)
            self.say(f"{PLACES[1].name} 写U盘 {packed.exchanged.sent} 条")
        with self.centre() as opened:
            from sync.centre import sticks  # noqa: PLC0415 - needs the centre extra

            service = service_of(opened)
            sticks.unpack_stick(service, stick)
            sticks.pack_stick(service, stick)
        with self.station(PLACES[1]) as station:
            read = exchange_of(station).unpack(stick)
            self.say(f"{PLACES[1].name} 读U盘回执，{read.exchanged.decided} 条已有结果")

    def count_sent(self, place: Place, sent: int) -> None:
        """What went up in this run, for whoever runs the demo twice."""
        self.sent[place.key] = self.sent.get(place.key, 0) + sent

    @contextmanager
    def serving(self, opened: Station) -> Iterator[str]:
        """The centre's service on loopback, on any free port."""
        from sync.centre.serving.main import Service  # noqa: PLC0415 - needs the centre extra

        with Service(service_of(opened), *enrolment.own_of(opened).pair) as port:
            yield f"https://127.0.0.1:{port}"

    def ensure_results(self) -> None:
        """The agency's results reach the centre, and with the next answers the stations."""
        file = self.home / "results.xlsx"
        if not file.exists():
            with self.station(PLACES[0]) as opened:
                due = look(opened.store, opened.desk, certification.due_rows, DueFilter())[:5]
            rows = [[one.id_no, one.name, clock.today().isoformat(), "数据比对"] for one in due]
            columns = ["身份证号", "姓名", "认证日期", "认证方式"]
            write_new(file, sheet.write_xlsx(columns, rows, title="认证结果"))
        with self.centre() as opened:
            done = run(
                opened.store,
                opened.desk,
                certification.import_results,
                results_list.rows(file),
            ).result
        if done.matched:
            self.say(f"区中心导入认证结果 {done.matched} 人")

    def report(self) -> dict[str, Any]:
        """What is where now, from the databases."""
        stations = [self.report_station(place) for place in PLACES]
        with self.centre() as opened:
            people = look(opened.store, opened.desk, centre_verbs.people, full=True)
            figures = look(opened.store, opened.desk, centre_verbs.figures)
        return {
            "home": self.home,
            "password": PASSWORD,
            "stations": stations,
            "centre": {
                **figures,
                "home": self.home / "centre",
                "distinct_numbers": len({one["id_no"] for one in people}),
            },
            "stick": [path.name for path in sorted((self.home / "stick").iterdir())],
        }

    def report_station(self, place: Place) -> dict[str, Any]:
        """One station in numbers."""
        good = roster(self.people, place.seed).truth.good_numbers
        with self.station(place) as opened:
            found = look(opened.store, opened.desk, standing)
            figures = look(opened.store, opened.desk, _figures)
            chips = look(opened.store, opened.desk, retiree.chips)
            ids = look(opened.store, opened.desk, retiree.people_ids, People())
        return {
            "office": place.name,
            "head": place.head,
            "home": self.home / place.key,
            "database": Home(self.home / place.key).database,
            "roster": self.home / f"{place.key}.xlsx",
            "good_rows": len(good),
            "imported": len(ids),
            "due": chips["due"],
            **figures,
            "forms_pdf": str(self.home / "papers" / f"{place.key}-forms.pdf"),
            "forms_index": self.home / "papers" / f"{place.key}-forms.json",
            "sent": found.total,
            "sent_now": self.sent.get(place.key, 0),
            "pending": found.pending,
        }


def _publish_notice(session: Session) -> None:
    if session.scalar(select(func.count()).select_from(Notice)):
        return
    body = "请各站核对“到期日待核”的人员，月底前上报。"
    session.add(Notice(title="做好本月资格认证", body=body, published_on=clock.today()))


def _not_noted(session: Session, codes: Collection[str]) -> list[str]:
    """Tasks whose form was drawn, while the program was stopped before it wrote so down."""
    return list(
        session.scalars(
            select(CertTask.id).where(CertTask.form_no.in_(codes), CertTask.printed_at.is_(None))
        )
    )


def _count_visits(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Visit)) or 0


def _figures(session: Session) -> dict[str, int]:
    numbered = select(func.count()).select_from(CertTask).where(CertTask.form_no.is_not(None))
    done = numbered.where(CertTask.state == "done")
    return {
        "forms": session.scalar(numbered) or 0,
        "returned": session.scalar(done) or 0,
        "visits": _count_visits(session),
    }


__all__ = ["PASSWORD", "PLACES", "Demo", "Place", "add_arguments"]
