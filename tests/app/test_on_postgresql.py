from datetime import datetime

import pytest

from app import acts, certification, imports, movement, retiree, seed, suspicion, visit, workbench
from app.certification import DueFilter
from app.daily import daily
from app.kit.who import Desk
from app.retiree import CHIPS, People
from models.exchange import Replica
from models.kit.db import Store
from models.kit.ids import new_id
from models.office import Office
from tests.make import Station, a_day, a_retiree, a_visit

pytestmark = pytest.mark.postgres


@pytest.fixture
def station(postgres_store: Store, stopped_clock: datetime) -> Station:
    """The same verbs on a server's database."""
    office = Office(id=new_id(), code="519902001001", name="桂苑社区服务站", level="3")
    office.office_id, office.created_at = office.id, stopped_clock
    with postgres_store.apply() as session:
        session.add(office)
        session.add(Replica(id=new_id(), office_id=office.id, incarnation=new_id()))
    return Station(postgres_store, Desk(new_id(), "刘桂兰", office.id, frozenset({"head"})))


def test_every_question_has_an_answer_on_postgresql(station: Station) -> None:
    done = station.do(imports.import_rows, seed.people(30, 5), "花名册.xlsx", "市棉纺织厂")
    key = station.do(a_retiree, last_certified_on=a_day("2025-12-05"), tags=["T03"])
    station.do(daily)
    for chip, _ in CHIPS:
        count = station.ask(retiree.chips)[chip]
        assert station.ask(retiree.people, People(chip=chip)).total == count, chip
    for sort in ("address", "name", "age", "due", "visit", "number", "employer"):
        assert len(station.ask(retiree.people, People(sort=sort, descending=True)).rows) == 31
    assert station.ask(retiree.find, "wxy")[0].id == key
    assert station.ask(certification.due_total, DueFilter(month="2026-11")) == 31
    assert sum(n for _, n in station.ask(certification.due_groups, DueFilter())) == 31
    counts = station.ask(certification.due_counts)
    assert counts["all"] == counts["unknown"] + counts["month"] == 31
    task = next(
        row.task_id
        for row in station.ask(certification.due_rows, DueFilter(unknown=False))
        if row.retiree_id == key
    )
    station.do(certification.assign_form_numbers, [task])
    payload = station.ask(certification.form_data, [task])[0].payload
    station.do(certification.printed, [task])
    assert station.do(certification.returned, payload).kind == "ok"
    station.do(a_visit, key)
    assert station.ask(certification.strip).done == 1
    assert station.ask(certification.past_periods)[0].done == 1
    assert station.ask(workbench.workbench).people == 31
    assert station.ask(workbench.todo).counts["all"] >= 1
    assert station.ask(retiree.timeline, key).counts["visit"] == 1
    assert station.ask(retiree.missing).total == 31
    assert station.ask(visit.overdue).total == 0
    assert station.ask(acts.recent)[0].subject == "王秀英"
    station.do(movement.lost, key, a_day("2026-11-20"), "无人")
    assert station.ask(suspicion.suspicions).total == 1
    assert station.do(imports.undo_import, done.import_id).voided == 30
    assert station.ask(retiree.chips)["managed"] == 1
