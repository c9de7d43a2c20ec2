"""Random histories of certification: two computers of one office and another office certify, amend,
void and undo while apart, people are said to be dead, lost and found, the centre confirms, sends
back, rules and brings the agency's results. At the end nobody falls off the due list, no task is
closed by what does not count, and nobody dead counts as seen alive later (sync.md 4.4)."""

from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import initialize, rule
from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from app import cert_task, movement, undo
from app.certification import confirming, record
from app.certification.centre import import_results
from app.daily import daily
from app.kit.refusal import Refusal
from app.kit.run import run
from app.kit.who import Desk
from app.visit.plan import PLAN, put_plan
from models.cert_task import DONE, CertTask
from models.certification import REFUSED, Certification
from models.entities import GOES_ALONG, key_of
from models.exchange import Change, Conflict
from models.handover import LateEdit
from models.kit import clock
from models.kit.ids import named_id
from models.kit.stream import read_head
from models.retiree import CERTIFIABLE, Retiree
from models.ruling import NOW, OTHER, Ruling
from models.staff import PROGRAM
from models.suspicion import Suspicion
from models.visit_plan import VisitPlan
from sync.merge import OUTSIDE
from tests.sync.parts import Node
from tests.sync.people import choose
from tests.sync.test_moving import WHERE, TwoDesks, pictured, rows_of, written_down
from tests.sync.views import agree_now, same

HOURS = some.sampled_from([timedelta(hours=one) for one in (0, 0, -20, 26)])
AGO = some.sampled_from([0, 1, 40])
SEEN = {"method": "04", "docs_checked": ["1"], "present_in_person": True}


class Certified(TwoDesks):
    """Real verbs, which refuse what cannot be; clocks are at most a day wrong, or days would be."""

    @initialize(skews=some.lists(HOURS, min_size=3, max_size=3))
    def clocks_are_wrong(self, skews: list[timedelta]) -> None:
        super().clocks_are_wrong(skews)

    @rule(target=TwoDesks.people, where=WHERE)
    def somebody_is_due(self, where: int) -> str:
        key: Any = self.someone_is_registered(where)
        with self.at(where):
            round_of(self.stations[where])
        self.everybody_talks()
        return key  # type: ignore[no-any-return]

    @rule(where=WHERE, key=TwoDesks.people, ago=AGO)
    def somebody_is_certified(self, where: int, key: str, ago: int) -> None:
        if self.has(where, key):
            with self.at(where), suppress(Refusal):
                on = clock.today() - timedelta(days=ago)
                self.stations[where].do(record.certify, key, {**SEEN, "certified_on": on})

    @rule(key=TwoDesks.people, agos=some.tuples(AGO, AGO))
    def both_desks_certify(self, key: str, agos: tuple[int, int]) -> None:
        self.somebody_is_certified(0, key, agos[0])
        self.somebody_is_certified(2, key, agos[1])

    @rule(where=WHERE, key=TwoDesks.people, how=some.sampled_from(["void", "amend", "undo"]))
    def a_certification_is_taken_back(self, where: int, key: str, how: str) -> None:
        station = self.stations[where]
        found = station.get(lambda s: live(s, key))
        with self.at(where), suppress(Refusal):
            if how == "undo":
                station.do(undo.undo)
            elif found and how == "void":
                station.do(record.void_certification, found[-1].id, "登记错了")
            elif found:
                on = clock.today() - timedelta(days=2)
                station.do(record.amend, found[-1].id, {"certified_on": on}, "日期写错")

    @rule(where=WHERE, key=TwoDesks.people, ago=AGO)
    def somebody_is_said_to_be_dead(self, where: int, key: str, ago: int) -> None:
        if self.has(where, key):
            with self.at(where), suppress(Refusal):
                on = clock.today() - timedelta(days=ago)
                self.stations[where].do(movement.suspected_death, key, on, "邻居告知")

    @rule(where=WHERE, key=TwoDesks.people, how=some.sampled_from(["lost", "found", "correct"]))
    def somebody_is_lost_or_found(self, where: int, key: str, how: str) -> None:
        if self.has(where, key):
            with self.at(where), suppress(Refusal):
                if how == "correct":
                    self.stations[where].do(movement.correct, key, "登记有误")
                else:
                    self.stations[where].do(getattr(movement, how), key, clock.today(), "上门")

    @rule(where=WHERE)
    def a_day_begins(self, where: int) -> None:
        with self.at(where):
            round_of(self.stations[where])

    @rule(key=TwoDesks.people, good=some.booleans())
    def the_centre_answers_a_certification(self, key: str, good: bool) -> None:  # noqa: FBT001
        for one in self.here.node.get(lambda s: live(s, key))[-1:]:
            with self.at(None), suppress(Refusal):
                if good:
                    self.here.node.do(confirming.confirm, one.id)
                else:
                    self.here.node.do(confirming.refuse, one.id, "照片不清")

    @rule(key=TwoDesks.people, ago=AGO)
    def the_agency_has_seen_somebody(self, key: str, ago: int) -> None:
        who = self.here.node.person(key)
        if who is not None:
            with self.at(None), suppress(Refusal):
                on = clock.today() - timedelta(days=ago)
                row = {"id_no": who.id_no, "name": who.name, "certified_on": on, "method": "01"}
                self.here.node.do(import_results, [row])

    @rule(key=TwoDesks.people, choice=some.sampled_from([NOW, OTHER]))
    def the_centre_rules(self, key: str, choice: str) -> None:
        with self.at(None), suppress(Refusal):
            choose(self.here, key, choice)

    # the oracle ---------------------------------------------------------------------------------

    def come_to_rest(self) -> None:
        """A day passes at each desk, until none has anything to do and nobody is asked."""
        for _ in range(3):
            super().come_to_rest()
            for key in self.here.node.read(disputed_people):
                self.the_centre_rules(key, NOW)
            super().come_to_rest()
            for where in range(len(self.stations)):
                self.a_day_begins(where)
                self.sync(where)
        super().come_to_rest()
        for where, station in enumerate(self.stations):
            with self.at(where):
                agree_now(self.here, station)
        super().come_to_rest()

    def holds_what_is_its_own(self, station: Node, mine: set[str]) -> None:
        """But for what was made outside: its author shows it as waiting."""
        aside = self.here.node.read(made_outside)
        for entity in GOES_ALONG:
            whose: Any = select(entity).where(getattr(entity, key_of(entity)).in_(mine))
            pictures = (pictured(one, whose) for one in (station, self.here.node))
            same(*({key: one[key] for key in one.keys() - aside} for one in pictures))

    def agree(self) -> None:
        super().agree()
        asked = self.here.node.read(questions)
        assert len(set(asked)) == len(asked), "asked twice"
        unclear = self.here.node.read(unclear_records)
        for where, station in enumerate(self.stations):
            with self.at(where):
                before = station.read(last_said)
                round_of(station)
                assert station.read(last_said) == before
                for who in station.get(partial(cared_for, office=station.desk.office_id)):
                    if who.id not in unclear:
                        station.get(partial(is_sound, who=who))


def disputed_people(rows: Connection) -> list[str]:
    open_ = Conflict.needs_person & Conflict.id.not_in(select(Ruling.conflict_id))
    return sorted(set(rows.scalars(select(Conflict.about).where(open_))))


def unclear_records(rows: Connection) -> set[str]:
    """In dispute, or with something outside that its author shows as waiting."""
    aside = rows.scalars(select(Change.entity_id).where(Change.outcome.in_(OUTSIDE)))
    return {*disputed_people(rows), *aside}


def questions(rows: Connection) -> list[tuple[str, str, frozenset[str]]]:
    """Of each dispute, what it is about and between which words."""
    asked = rows.execute(select(Conflict).where(Conflict.needs_person)).all()
    return [
        (one.entity_id, one.field, frozenset({one.kept_change, one.other_change})) for one in asked
    ]


def made_outside(rows: Connection) -> set[str]:
    aside = rows.execute(select(Change.entity_id, Change.head).where(Change.outcome.in_(OUTSIDE)))
    return {one.entity_id for one in aside if read_head(one.head).op == "insert"}


def last_said(rows: Connection) -> int | None:
    return rows.scalar(select(func.max(Change.seq)))


def round_of(station: Node) -> None:
    """By the program itself."""
    run(station.store, Desk(PROGRAM, "程序", station.desk.office_id, frozenset()), daily)


def live(session: Session, key: str) -> list[Certification]:
    chosen = select(Certification).where(
        Certification.retiree_id == key, Certification.is_void.is_(False)
    )
    return list(session.scalars(chosen.order_by(Certification.id)))


def cared_for(session: Session, office: str) -> list[Retiree]:
    chosen = select(Retiree).where(Retiree.office_id == office, Retiree.is_void.is_(False))
    return list(session.scalars(chosen))


def is_sound(session: Session, who: Retiree) -> None:
    """What the lists of this person say is borne out by what is on record."""
    counts = {one.id for one in live(session, who.id) if one.report_state != REFUSED}
    tasks = session.scalars(select(CertTask).where(CertTask.retiree_id == who.id)).all()
    for task in tasks:
        if task.state == DONE:
            assert task.closed_by in counts, "closed by what does not count"
    assert who.last_certified_on == record.last_valid(session, who.id), "the day is not on record"
    if who.manage_state in CERTIFIABLE:
        due = cert_task.next_due(session, who)
        is_open = cert_task.open_task(session, who.id) is not None
        horizon = clock.today() + timedelta(days=60)
        assert is_open or (due is not None and due > horizon), "off the due list"


Certified.TestCase.settings = settings(max_examples=5, stateful_step_count=20)
TestCertified = pytest.mark.timeout(300)(Certified.TestCase)


def test_of_a_round_about_several_people_only_who_has_left_is_late() -> None:
    with written_down(Certified) as story:
        gone, here = (story.someone_is_registered(where=1) for _ in range(2))
        story.sync(1)
        story.goes_over(gone)
        story.a_day_begins(1)
        story.sync(1)
        centre = story.here.node
        assert (here,) in centre.get(rows_of(CertTask.retiree_id))
        assert {key for (key,) in centre.get(rows_of(LateEdit.retiree_id))} == {gone}


def test_what_a_round_makes_and_edits_of_whoever_has_left_holds_up_nobody_else() -> None:
    with written_down(Certified) as story:
        gone, here = (story.someone_is_registered(where=1) for _ in range(2))
        story.sync(1)
        story.goes_over(gone)
        story.stations[1].do(planned_and_moved, gone, here)
        story.sync(1)
        centre = story.here.node
        assert centre.get(rows_of(VisitPlan.retiree_id, VisitPlan.remark)) == [(here, "改期")]
        assert {key for (key,) in centre.get(rows_of(LateEdit.retiree_id))} == {gone}


def planned_and_moved(session: Session, *keys: str) -> None:
    """One action that makes and edits."""
    plans = [put_plan(session, key, last_on=None, next_on=clock.today(), reason="") for key in keys]
    session.flush()
    for plan in plans:
        plan.remark = "改期"


def test_whoever_was_too_late_hears_of_the_record_that_another_desk_made_in_time() -> None:
    """What it had heard of it before the verdict, its own word had covered."""
    with written_down(Certified) as story:
        story.skews[:] = [timedelta(days=1, hours=2), timedelta(days=-1, hours=4), timedelta(0)]
        key: Any = story.someone_is_registered(where=2)
        story.somebody_moves_at_once(key=key, where=2)
        story.somebody_moves_at_once(key=key, where=1)
        for where in (0, 2):
            story.stations[where].do(planned_and_moved, key)
        for where in (0, 2):
            story.sync(where)
        plans = [
            side.get(rows_of(VisitPlan.retiree_id, VisitPlan.next_on, VisitPlan.remark))
            for side in (story.here.node, story.stations[0], story.stations[2])
        ]
        assert plans[0] == plans[1] == plans[2] != []


def test_the_program_doubts_nobody_who_has_left() -> None:
    """Both had one number, which the centre knows of both."""
    with written_down(Certified) as story:
        gone, here = (story.someone_is_registered(where=1) for _ in range(2))
        story.sync(1)
        story.goes_over(gone)
        story.sync(1)
        story.a_day_begins(1)
        old = story.stations[1]
        assert (gone,) not in old.get(rows_of(Suspicion.retiree_id))
        assert (here,) not in old.get(rows_of(Suspicion.retiree_id))


def test_what_two_computers_find_to_be_doubtful_is_one_doubt() -> None:
    with written_down(Certified) as story:
        for _ in range(2):
            story.someone_is_registered(where=0)
        story.everybody_talks()
        for where in (0, 2):
            story.a_day_begins(where)
        story.everybody_talks()
        about = story.here.node.get(rows_of(Suspicion.retiree_id))
        assert len(about) == len(set(about)) == 2


def test_a_plan_that_one_desk_makes_too_late_and_the_other_in_time_is_there_whole() -> None:
    """They came back meanwhile; both made it under one id."""
    with written_down(Certified, (800, 200)) as story:
        story.skews[:] = [timedelta(days=1, hours=2), timedelta(days=-1, hours=4), timedelta(0)]
        key: Any = story.someone_is_registered(where=2)
        story.somebody_moves_at_once(key=key, where=2)
        story.somebody_moves_at_once(key=key, where=1)
        story.come_to_rest()
        sides = story.here.node, story.stations[0], story.stations[2]
        whose = VisitPlan.id == named_id(key, PLAN)
        plans = [one.get(lambda s: s.scalars(select(VisitPlan.retiree_id).where(whose)).all())
                 for one in sides]  # fmt: skip
        assert plans == [[key]] * 3


def test_voiding_what_is_outside_waits_for_nothing() -> None:
    """Two desks closed one task; whose certification did not enter takes it back."""
    with written_down(Certified) as story:
        key: Any = story.somebody_is_due(where=0)
        story.both_desks_certify(key=key, agos=(1, 0))
        story.sync(0)
        story.sync(2)
        story.a_certification_is_taken_back(where=2, key=key, how="void")


def test_of_two_days_said_at_once_the_later_certification_counts() -> None:
    with written_down(Certified) as story:
        key: Any = story.someone_is_registered(where=0)
        story.everybody_talks()
        story.somebody_is_certified(where=2, key=key, ago=1)
        story.somebody_is_certified(where=0, key=key, ago=40)
        story.everybody_talks()


def test_a_certification_sent_back_does_not_count_though_it_closed_no_task() -> None:
    with written_down(Certified) as story:
        key: Any = story.someone_is_registered(where=1)
        story.somebody_is_certified(where=1, key=key, ago=1)
        story.sync(1)
        story.the_centre_answers_a_certification(key=key, good=False)
