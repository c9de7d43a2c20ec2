from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from app import certification, notice, suspicion, visit, workbench
from app.certification import DueFilter, forms
from app.drill import standing
from app.retiree.timeline import birthday_note
from models.certification import REFUSED, Certification
from models.kit import clock
from models.kit.ids import new_id
from models.notice import Notice
from models.retiree import Retiree
from tests.make import Station, a_day, a_retiree, a_visit, an_id_number


def some_work(station: Station) -> dict[str, str]:
    """王秀英 alone and overdue, 陈玉兰 to be certified at home, 吴国华 doubtful."""
    with clock.freeze(clock.now() - timedelta(days=49)):
        alone = station.do(a_retiree, tags=["T03"], last_certified_on=a_day("2026-10-01"))
        station.do(a_visit, alone)
    home = station.do(
        a_retiree,
        name="陈玉兰",
        id_no=an_id_number("1953-04-26", 42),
        live_address="桂苑一区1栋204",
        last_certified_on=a_day("2025-12-05"),
    )
    task = station.ask(certification.due_rows, DueFilter(text="cyl"))[0].task_id
    station.do(certification.plan_home, task)
    doubt = station.do(
        a_retiree,
        name="吴国华",
        id_no=an_id_number("1944-01-02", 57),
        live_address="桂苑一区9栋101",
        last_certified_on=a_day("2026-10-01"),
    )
    station.do(suspicion.open_suspicion, doubt, "04", "回收表照片与档案不符")
    return {"visit": alone, "home": home, "suspicion": doubt}


def test_the_longest_overdue_comes_first(station: Station) -> None:
    people = some_work(station)
    rows = station.ask(workbench.todo).rows
    assert [(row.kind, row.title) for row in rows] == [
        ("visit", "王秀英"),
        ("suspicion", "吴国华"),
        ("birthday", "王秀英"),
        ("home", "陈玉兰"),
    ]
    assert (rows[0].retiree_id, rows[0].days_late) == (people["visit"], 18)
    assert rows[0].detail == "80岁 · 高龄独居"
    assert (rows[3].days_left, rows[3].button) == (7, "填写结果")


def test_that_recovery_does_not_work_comes_before_everything(station: Station) -> None:
    some_work(station)
    station.do(standing.note, "备份打不开", passed=False)
    for order in ("urgency", "building"):
        assert station.ask(workbench.todo, order=order, limit=1).rows[0].kind == "drill"
    found = station.ask(workbench.todo)
    assert found.counts == {"all": 5, "overdue": 1, "today": 3, "week": 3}
    assert not [one for one in station.ask(workbench.todo, "overdue").rows if one.kind == "drill"]


def test_a_notice_is_to_be_read_until_somebody_opened_it(station: Station) -> None:
    some_work(station)
    before = station.ask(workbench.todo).counts
    station.do(announce, "年底前完成集中认证")
    found = station.ask(workbench.todo)
    for order in ("urgency", "building"):  # not behind what is overdue
        assert station.ask(workbench.todo, order=order, limit=1).rows[0].kind == "notice"
    (row,) = [one for one in found.rows if one.kind == "notice"]
    assert (row.title, row.matter, row.button) == ("区中心通知", "1 条", "看通知")
    assert found.counts == {**{key: n + 1 for key, n in before.items()}, "overdue": 1}
    assert station.sits("auditor").do(notice.see) == 1
    assert station.ask(workbench.todo).counts == before
    station.do(announce, "慰问金标准")
    assert len(station.ask(notice.unread)) == 1


def announce(session: Session, title: str) -> None:
    """As the centre's word arrives."""
    session.add(Notice(id=new_id(), title=title, published_on=clock.today()))


def test_a_day_that_was_chosen_for_a_visit_is_told_as_that(station: Station) -> None:
    key = station.do(a_retiree)
    station.do(visit.reschedule, [key], a_day("2026-11-25"))
    act = station.ask(workbench.workbench).acts[0]
    assert (act.subject, act.words) == ("王秀英", "安排走访")


def test_by_building_the_way_is_short(station: Station) -> None:
    some_work(station)
    rows = station.ask(workbench.todo, order="building").rows
    assert [row.title for row in rows[:3]] == ["陈玉兰", "王秀英", "吴国华"]


def test_segments_count_what_they_show(station: Station) -> None:
    some_work(station)
    found = station.ask(workbench.todo)
    for segment, count in found.counts.items():
        rows = station.ask(workbench.todo, segment, limit=50).rows
        assert len(rows) == count, segment
    assert found.counts == {"all": 4, "overdue": 1, "today": 2, "week": 2}


def test_forms_to_hand_out_are_one_row_a_building(station: Station) -> None:
    for at in range(3):
        station.do(
            a_retiree,
            id_no=an_id_number("1960-01-02", at * 2 + 2),
            live_address=f"桂苑一区3栋{at + 1}01",
            last_certified_on=a_day("2025-12-05"),
        )
    rows = station.ask(workbench.todo).rows
    assert [(row.title, row.matter, row.days_left) for row in rows] == [
        ("桂苑一区3栋", "发放认证表 3 份", 7)
    ]


def test_who_was_born_on_a_leap_day_has_a_birthday_each_year(station: Station) -> None:
    key = station.do(a_retiree, id_no=an_id_number("1948-02-29", 28))
    for today, said in (
        ("2027-02-22", [("2027-02-28", 79)]),
        ("2027-02-28", [("2027-02-28", 79)]),
        ("2027-03-01", []),
        ("2028-02-23", [("2028-02-29", 80)]),
        ("2028-02-28", [("2028-02-29", 80)]),
        ("2028-02-29", [("2028-02-29", 80)]),
    ):
        noon = datetime.fromisoformat(f"{today}T12:00:00+08:00")
        with clock.freeze(noon):
            found = station.ask(workbench.birthdays)
            (stop,) = station.ask(visit.plan_route, [key])
            note = birthday_note(a_day("1948-02-29"))
        assert [(f"{one.on}", one.turning) for one in found] == said, today
        is_today = today in ("2027-02-28", "2028-02-29")
        assert ("生日问候" in stop.matter, note.startswith("今天")) == (is_today, is_today)


def forget_address(who: Retiree) -> None:
    """As a roster brings somebody of whom the employer knew none."""
    who.live_address = who.building_text = who.address_key = None


def test_a_row_of_forms_opens_as_many_as_it_says(station: Station) -> None:
    """Those without an address are not everybody, and what is due in a month is not this week's."""
    lasts = ("2025-12-05", "2025-12-05", "2025-12-05", "2026-01-05")
    for at, last in enumerate(lasts):
        number = an_id_number("1960-01-02", at * 2 + 2)
        key = station.do(a_retiree, id_no=number, last_certified_on=a_day(last))
        if not at:
            station.do(lambda session, key=key: forget_address(session.get_one(Retiree, key)))
    rows = {row.title: row for row in station.ask(workbench.todo).rows}
    assert rows["住址不详"].matter == "发放认证表 1 份"
    assert rows["桂苑一区3栋"].matter == "发放认证表 2 份"
    for row in rows.values():
        tasks = station.ask(workbench.form_tasks, row.target)
        assert row.matter == f"发放认证表 {len(tasks)} 份"
        assert station.ask(workbench.form_tasks, row.target, "overdue") == []


def test_a_form_that_did_not_come_back_in_time_is_asked_for(station: Station) -> None:
    key = station.do(
        a_retiree, id_no=an_id_number("1960-01-02", 4), last_certified_on=a_day("2025-10-05")
    )
    (due,) = station.ask(certification.due_rows, DueFilter())
    assert [row.kind for row in station.ask(workbench.todo).rows] == ["forms"]
    station.do(forms.printed, [due.task_id])
    (row,) = station.ask(workbench.todo).rows
    assert (row.kind, row.retiree_id, row.target) == ("unreturned", key, due.task_id)
    assert (row.days_late, row.detail[-5:]) == ((clock.today() - due.due_on).days, "没有联系过")
    assert station.ask(workbench.todo).counts == {"all": 1, "overdue": 1, "today": 0, "week": 0}


def test_what_the_centre_sent_back_is_told_where_the_day_begins(station: Station) -> None:
    key = station.do(a_retiree, id_no=an_id_number("1960-01-02", 4), last_certified_on=None)
    saved = station.do(certification.certify, key, {"docs_checked": ["1"]})
    with station.store.apply() as session:
        one = session.get_one(Certification, saved.id)
        one.report_state, one.void_reason = REFUSED, "照片模糊"
    station.do(certification.close_from_centre)
    found = station.ask(workbench.todo)
    (row,) = found.rows
    assert (row.retiree_id, row.matter, row.days_late) == (key, "认证被区中心退回", 0)
    assert row.detail.endswith("照片模糊")
    assert found.counts == {"all": 1, "overdue": 0, "today": 0, "week": 0}
    assert station.ask(workbench.todo, "overdue").rows == ()
    station.do(certification.certify, key, {"docs_checked": ["1"]})
    assert station.ask(workbench.todo).rows == ()


def test_the_cards_say_how_many_and_how_urgent(station: Station) -> None:
    some_work(station)
    page = station.ask(workbench.workbench)
    cards = {card.key: (card.count, card.note) for card in page.cards}
    assert cards["due"] == (1, "30 日截止，还剩 7 天")
    assert cards["visit"] == (1, "最久已 18 天")
    assert cards["suspicion"][0] == 1
    assert cards["outbox"][0] > 0
    assert page.people == 3
    assert page.acts[0].words == "列入异常"
    assert page.ring.total == 1
    with clock.freeze(datetime(2026, 11, 30, 1, tzinfo=UTC)):
        today = station.ask(workbench.workbench).cards[0]
    assert (today.key, today.note) == ("due", "今天截止")
    with clock.freeze(datetime(2026, 12, 1, 1, tzinfo=UTC)):
        late = station.ask(workbench.workbench).cards[0]
    assert late.note == "都已逾期"


def test_birthdays_of_the_week_begin_with_the_round_ones(station: Station) -> None:
    for born, number in (("1959-11-23", 12), ("1946-11-28", 14), ("1960-12-01", 16)):
        station.do(a_retiree, id_no=an_id_number(born, number))
    found = station.ask(workbench.birthdays)
    assert [(one.turning, one.days, one.is_milestone) for one in found] == [
        (80, 5, True),
        (67, 0, False),
    ]


def test_an_empty_station_has_an_empty_desk(station: Station) -> None:
    page = station.ask(workbench.workbench)
    assert (page.people, page.acts, page.birthdays) == (0, (), ())
    assert station.ask(workbench.todo).rows == ()
