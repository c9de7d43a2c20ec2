"""What was voided is shown where one looks for it, and comes back by one verb."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app import (
    acts,
    attachment,
    audit,
    certification,
    consent,
    draft,
    imports,
    movement,
    retiree,
    seed,
    survey,
    suspicion,
    undo,
    visit,
    voided,
)
from app.daily import daily
from app.kit.refusal import Refusal
from app.retiree.void import void_registration
from models.cert_task import CertTask
from models.entities import BY_NAME
from models.kit import clock
from models.kit.base import table_of
from models.local_note import LocalNote
from models.retiree import Retiree
from tests.app.test_attachment import photo
from tests.app.test_results import sent_back
from tests.make import Station, a_day, a_retiree, a_visit, an_id_number

SON = {"name": "王一鸣", "relation": "20", "phone": "13800000001"}
DAUGHTER = {"name": "王一鹭", "relation": "30", "phone": "13800000002"}
CERTIFIED = {"certified_on": a_day("2026-11-20"), "docs_checked": ["1"]}


def rows(station: Station, **asked: str) -> list[tuple[str, str, str]]:
    return [(one.noun, one.what, one.reason) for one in station.ask(voided.voided, **asked).rows]


def task_of(station: Station) -> CertTask:
    with station.store.look() as session:
        return session.scalars(select(CertTask)).one()


def test_a_visit_comes_back_with_its_survey_however_long_ago(station: Station) -> None:
    key = station.do(a_retiree)
    one = station.do(a_visit, key)
    seen = station.ask(survey.surveys, key).rows
    with pytest.raises(Refusal, match="没有作废"):
        station.do(voided.restore, "visit", one)
    station.do(visit.void_visit, one, "登记错人")
    (row,) = station.ask(voided.voided).rows
    assert (row.name, row.reason, row.who) == ("王秀英", "登记错人", "刘桂兰")
    assert station.ask(voided.counts, key) | {"": 1, "visit": 1} == station.ask(voided.counts)
    with clock.freeze(clock.now() + timedelta(days=90)):
        assert "已恢复" in station.do(voided.restore, "visit", one)
    assert rows(station) == []
    assert station.ask(visit.visits).total == 1
    assert station.ask(survey.surveys, key).rows == seen
    (entry,) = [one for one in station.ask(audit.entries).rows if one.act == "恢复"]
    assert "登记错人" in entry.detail


def test_a_relative_taken_off_the_list_comes_back_alone(station: Station) -> None:
    key = station.do(a_retiree)
    station.do(retiree.set_family, key, [SON, DAUGHTER])
    first = station.ask(retiree.person, key).family
    left = [{"id": first[1].id, **DAUGHTER, "phone": "13800000003"}]
    station.do(retiree.set_family, key, left)
    assert rows(station, group="family") == [("family", "儿子 王一鸣", "从家属名单中去掉")]
    station.do(voided.restore, "family", first[0].id)
    again = {one.name: one.phone[-2:] for one in station.ask(retiree.person, key).family}
    assert again == {"王一鸣": "01", "王一鹭": "03"}


def test_a_paper_of_a_relative_is_told_once_the_relative_is_back(station: Station) -> None:
    key = station.do(a_retiree)
    station.do(retiree.set_family, key, [SON])
    (son,) = station.ask(retiree.person, key).family
    station.do(attachment.attach, key, [attachment.New(photo(), "22")], family_id=son.id)
    (paper,) = station.ask(attachment.attachments, key)
    station.do(attachment.remove, paper.id, "看不清")
    station.do(retiree.set_family, key, [])
    assert [noun for noun, *_ in rows(station)] == ["family"]
    with pytest.raises(Refusal, match="先恢复那条家属"):
        station.do(voided.restore, "attachment", paper.id)
    station.do(voided.restore, "family", son.id)
    assert [noun for noun, *_ in rows(station)] == ["attachment"]
    station.do(voided.restore, "attachment", paper.id)
    assert rows(station) == []


def test_a_tag_comes_back_unless_it_is_there(station: Station) -> None:
    key = station.do(a_retiree, tags=["T03"])
    station.do(retiree.set_tags, key, [])
    (row,) = station.ask(voided.voided, retiree_id=key).rows
    station.do(retiree.set_tags, key, ["T03"])
    with pytest.raises(Refusal, match="现在就有"):
        station.do(voided.restore, "tag", row.id)
    station.do(retiree.set_tags, key, [])
    station.do(voided.restore, "tag", row.id)
    assert [one.code for one in station.ask(retiree.person, key).tags] == ["T03"]


def test_a_doubt_comes_back_unless_it_was_noted_anew(station: Station) -> None:
    key = station.do(a_retiree)
    first = station.do(suspicion.open_suspicion, key, suspicion.UNREACHED, "电话停机")
    station.do(undo.undo)
    again = station.do(suspicion.open_suspicion, key, suspicion.UNREACHED, "搬走了")
    with pytest.raises(Refusal, match="现在就有一条待核查"):
        station.do(voided.restore, "suspicion", first)
    station.do(suspicion.decide, again, suspicion.PASSED)
    station.do(voided.restore, "suspicion", first)
    assert [one.id for one in station.ask(suspicion.suspicions).rows] == [first]


def test_a_certification_closes_its_task_again_even_when_the_task_went_on(station: Station) -> None:
    key = station.do(a_retiree, last_certified_on=a_day("2025-12-05"))
    made = station.do(certification.certify, key, CERTIFIED)
    station.do(certification.void_certification, made.id, "登记错人")
    task = task_of(station)
    assert task.state == "due"
    station.do(lambda session: setattr(session.get(CertTask, task.id), "state", "contacted"))
    station.do(voided.restore, "certification", made.id)
    assert task_of(station).state == "done"
    assert station.get(Retiree, key).last_certified_on == a_day("2026-11-20")


def test_a_correction_is_taken_back_and_done_again(station: Station) -> None:
    key = station.do(a_retiree, last_certified_on=a_day("2025-12-05"))
    made = station.do(certification.certify, key, CERTIFIED)
    other = station.do(certification.amend, made.id, {"certified_on": a_day("2026-11-19")}, "写错")
    for verb, stands in ((undo.undo, made), (undo.redo, other), (undo.undo, made)):
        station.do(verb)
        assert [one.id for one in station.ask(certification.history, key) if not one.is_void] == [
            stands.id
        ]
        assert (task_of(station).state, task_of(station).closed_by) == ("done", stands.id)
    assert station.get(Retiree, key).last_certified_on == a_day("2026-11-20")


def test_of_two_certifications_for_one_task_only_one_counts(station: Station) -> None:
    key = station.do(a_retiree, last_certified_on=a_day("2025-12-05"))
    made = station.do(certification.certify, key, CERTIFIED)
    other = station.do(certification.amend, made.id, {"certified_on": a_day("2026-11-19")}, "写错")
    with pytest.raises(Refusal, match="已经有 2026-11-19 的认证"):
        station.do(voided.restore, "certification", made.id)
    station.do(certification.void_certification, other.id, "都不对")
    station.do(voided.restore, "certification", made.id)
    assert task_of(station).state == "done"


def test_one_that_the_centre_sent_back_does_not_hold_another_of_the_task(station: Station) -> None:
    key = station.do(a_retiree, last_certified_on=a_day("2025-12-05"))
    made = station.do(certification.certify, key, CERTIFIED)
    station.do(certification.void_certification, made.id, "登记错人")
    other = station.do(certification.certify, key, {**CERTIFIED, "certified_on": clock.today()})
    sent_back(station, other.id)
    station.do(voided.restore, "certification", made.id)
    assert (task_of(station).state, task_of(station).closed_by) == ("done", made.id)
    station.do(certification.void_certification, other.id, "不算数的也作废")
    station.do(voided.restore, "certification", other.id)
    assert (task_of(station).state, task_of(station).closed_by) == ("done", made.id)


def test_a_former_portrait_takes_the_place_of_the_present_one(station: Station) -> None:
    key = station.do(a_retiree)
    for wide in (90, 120):
        station.do(attachment.set_portrait, key, photo(wide))
    (former,) = station.ask(voided.voided, group="attachment").rows
    station.do(voided.restore, "attachment", former.id)
    (now,) = station.ask(voided.voided, group="attachment").rows
    assert (now.id != former.id, now.reason) == (True, "更换照片")


def test_who_was_taken_back_is_registered_anew_with_the_same_employer(station: Station) -> None:
    station.do(a_retiree)
    station.do(undo.undo)
    key = station.do(a_retiree)
    assert station.ask(retiree.person, key).values["employer_name"] == "市棉纺织厂"


def test_a_registration_taken_back_comes_back_with_all_of_it(station: Station) -> None:
    key = station.do(a_retiree, tags=["T03"], contacts=[SON])
    station.do(undo.undo)
    assert rows(station) == [("retiree", "桂苑一区 3栋 502", "撤销")]
    twin = station.do(a_retiree)
    with pytest.raises(Refusal, match="不能再恢复一份"):
        station.do(voided.restore, "retiree", key)
    station.do(undo.undo)
    station.do(voided.restore, "retiree", key)
    person = station.ask(retiree.person, key)
    assert ([one.code for one in person.tags], len(person.family)) == (["T03"], 1)
    assert [row.id for row in station.ask(voided.voided).rows] == [twin]


def test_a_movement_taken_back_comes_back_with_the_state(station: Station) -> None:
    key = station.do(a_retiree)
    station.do(movement.lost, key, clock.today(), "电话停机")
    station.do(undo.undo)
    (row,) = station.ask(voided.voided, group="movement").rows
    station.do(voided.restore, "movement", row.id)
    assert station.get(Retiree, key).manage_state == "6"


def test_one_person_of_an_import_taken_back_comes_back_alone(station: Station) -> None:
    done = station.do(imports.import_rows, seed.people(3, 7), "花名册.xlsx")
    station.do(imports.undo_import, done.import_id)
    first, *others = station.ask(voided.voided).rows
    station.do(voided.restore, "retiree", first.id)
    assert [row.id for row in station.ask(voided.voided).rows] == [one.id for one in others]
    (task,) = station.ask(certification.due_rows, certification.DueFilter())
    assert task.retiree_id == first.id
    assert station.ask(retiree.person, first.id).movements


@pytest.mark.parametrize("noun", ["visit", "retiree"])
def test_what_another_computer_voided_comes_back_with_what_belongs_to_it(
    station: Station, noun: str
) -> None:
    key = station.do(a_retiree, tags=["T03"])
    keys = {"retiree": key, "visit": station.do(a_visit, key)}
    elsewhere(station, "登记错人")
    assert rows(station)[0][0] == "retiree"
    if noun == "visit":
        with pytest.raises(Refusal, match="先恢复人员资料"):
            station.do(voided.restore, noun, keys[noun])
    station.do(voided.restore, "retiree", key)
    person = station.ask(retiree.person, key)
    assert ([one.code for one in person.tags], person.visits_total) == (["T03"], 1)
    assert station.ask(survey.surveys, key).rows[0].values["surveyed_on"] == clock.today()
    assert rows(station) == []


def elsewhere(station: Station, reason: str) -> None:
    """Everything voided, as an answer of the centre writes it: with the stamp of a change that is
    not in this computer's log."""

    def write(session: Session) -> None:
        for noun in ("retiree", "visit", "survey", "tag", "cert_task", "visit_plan"):
            table = table_of(BY_NAME[noun])
            for key, stamps in session.execute(select(table.c.id, table.c.stamps)).all():
                told = stamps | {"is_void": "e" * 32, "void_reason": "e" * 32}
                session.execute(
                    update(table)
                    .where(table.c.id == key)
                    .values(is_void=True, void_reason=reason, stamps=told)
                )

    with station.store.apply() as session:
        write(session)


def test_a_draft_about_somebody_who_was_voided_stays_as_long_as_they_may_come_back(
    station: Station,
) -> None:
    key = station.do(a_retiree)
    other = station.do(a_retiree, name="李建国", id_no=an_id_number("1951-07-15", 27))
    for who in (key, other):
        station.do(draft.save, "visit", who, {"living_note": "在家"}, "", [("门口.jpg", photo())])
    station.do(void_registration, key, "登记错了")
    station.do(daily)
    assert len(station.ask(draft.waiting)) == 2
    with clock.freeze(clock.now() + timedelta(days=31)):
        station.do(daily)
    assert [one.subject for one in station.ask(draft.waiting)] == [other]
    notes = select(func.count()).select_from(LocalNote).where(LocalNote.kind == draft.KIND)
    assert station.ask(lambda session: session.scalar(notes)) == 2


def test_who_may_not_write_it_sees_it_and_restores_nothing(station: Station) -> None:
    key = station.do(a_retiree, tags=["T17"])
    one = station.do(a_visit, key)
    station.do(retiree.set_tags, key, [])
    station.do(visit.void_visit, one, "登记错人")
    auditor = station.sits("auditor")
    assert [row.noun for row in auditor.ask(voided.voided).rows] == ["visit"]
    assert not auditor.ask(voided.voided).rows[0].may_restore
    with pytest.raises(Refusal, match="没有“登记和修改走访记录”的权限"):
        auditor.do(voided.restore, "visit", one)


def with_a_past(station: Station) -> str:
    """Somebody with a visit, a certification that closed a task, a consent and a relative."""
    key: str = station.do(a_retiree, tags=["T03"], contacts=[SON])
    station.do(a_visit, key)
    station.do(certification.certify, key, CERTIFIED)
    station.do(consent.record_consent, key, ["1"], clock.today())
    return key


def test_a_registration_by_mistake_goes_with_all_of_it_and_comes_back(station: Station) -> None:
    key = with_a_past(station)
    before, task = station.ask(retiree.person, key), task_of(station)
    for reason in ("", "  "):
        with pytest.raises(Refusal, match="原因"):
            station.do(retiree.void_registration, key, reason)
    station.do(retiree.void_registration, key, "和另一站登记重了")
    assert rows(station) == [("retiree", "桂苑一区 3栋 502", "和另一站登记重了")]
    assert station.ask(retiree.people, retiree.People()).total == 0
    assert station.ask(visit.visits).total == 0
    assert station.ask(acts.recent, 1)[0].words == "登记作废"
    with pytest.raises(Refusal, match="登记已作废（和另一站登记重了）"):
        station.ask(retiree.person, key)
    twin = station.do(a_retiree)
    with pytest.raises(Refusal, match="不能再恢复一份"):
        station.do(voided.restore, "retiree", key)
    station.do(retiree.void_registration, twin, "重了")
    assert station.do(voided.restore, "retiree", key) == "已恢复 王秀英 的人员资料"
    after = station.ask(retiree.person, key)
    assert (after.tags, after.family, after.visits) == (before.tags, before.family, before.visits)
    assert (after.history, after.consents) == (before.history, before.consents)
    assert station.get(CertTask, task.id).state == task.state
    assert station.ask(retiree.person, key).movements


def test_ctrl_z_takes_a_voided_registration_back(station: Station) -> None:
    key = with_a_past(station)
    station.do(retiree.void_registration, key, "登记错人")
    assert station.do(undo.undo) == "已撤销 王秀英 的人员资料"
    assert station.ask(retiree.person, key).visits_total == 1


def test_the_dead_that_come_back_stay_off_the_lists(station: Station) -> None:
    key = station.do(a_retiree)
    station.do(movement.suspected_death, key, clock.today(), "邻居说的")
    elsewhere(station, "登记错人")
    station.do(voided.restore, "retiree", key)
    assert station.ask(certification.due_rows, certification.DueFilter()) == []
    assert task_of(station).state == "void"


def test_a_centre_voids_nobody(station: Station) -> None:
    key = station.do(a_retiree)
    with pytest.raises(Refusal, match="请管理的站点作废"):
        station.sits("centre_head").do(retiree.void_registration, key, "登记错人")
