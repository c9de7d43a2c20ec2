"""What the centre's people decide, as rows: rulings and revocations go down to the stations."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import exchange, movement, revocation, ruling, undo, workbench
from app.kit.refusal import Refusal
from app.ruling import Choice
from models import exchange as tables
from models.audit import Audit
from models.exchange import Conflict, RawBatch
from models.kit import clock
from models.kit.db import Store
from models.kit.ids import new_id
from models.movement import Movement
from models.retiree import LOST, SUSPECTED_DEAD
from models.revocation import Revocation
from models.ruling import ANOTHER, NOW, OTHER, Ruling
from models.tag import Tag
from sync import enrol
from sync.fault import Fault
from tests.sync.parts import Node, World, edit, register, world
from tests.sync.people import FOURTH, HERS, OTHERS, THIRD, choose, seat, seen, slip_of


@pytest.fixture
def here(centre_store: Store | None, tmp_path: Path) -> Iterator[World]:
    """A centre on either database, with its head at the desk."""
    made = world(tmp_path, centre_store)
    seat(made.node, "centre_head")
    yield made
    made.centre.store.close()


def disputed(here: World, **said: Any) -> tuple[Node, str]:
    """A person of whom the centre and her station said different things at once."""
    station = here.station("519902001001")
    seat(station, "head")
    key = station.do(register, id_no=HERS, mobile="13800002617")
    here.sync(station)
    for name, (centre, at_station) in said.items():
        here.node.do(edit, key, **{name: centre})
        station.do(edit, key, **{name: at_station})
    here.sync(station)
    return station, key


def test_what_has_effect_in_law_keeps_its_value_until_a_person_has_answered(here: World) -> None:
    station, key = disputed(here, manage_state=(LOST, SUSPECTED_DEAD))
    for node in (here.node, station):
        assert node.person(key).manage_state == LOST  # type: ignore[union-attr]
    item = slip_of(here, key).items[0]
    assert (item.legal, item.label) == (True, "管理状态")
    assert (item.now.shown, item.others[0].shown) == ("失联", "疑似死亡")
    assert item.others[0].office == "519902001001社区"


def test_the_other_value_with_its_ground_reaches_the_station(here: World) -> None:
    station, key = disputed(here, id_no=(OTHERS, THIRD))
    assert choose(here, key, OTHER) == "已裁定 王秀英 的身份证号，下次联系时告诉站点"
    here.sync(station)
    for node in (here.node, station):
        assert node.person(key).id_no == THIRD  # type: ignore[union-attr]
    told = station.get(seen(station, exchange.kept))[0]
    assert "陈主任" in told.ruling
    assert "裁定身份证号采用本站的值，依据：身份证原件" in told.ruling
    assert here.node.get(ruling.chips) == {"open": 0, "auto": 0, "ruled": 1}


def test_the_work_bench_says_that_a_value_is_to_be_looked_at_until_it_was(here: World) -> None:
    station, _ = disputed(here, id_no=(OTHERS, THIRD))

    def note() -> str:
        cards = station.get(seen(station, workbench.workbench)).cards
        return next(str(one.note) for one in cards if one.key == "outbox")

    assert note() == "1 处要您确认"
    station.do(exchange.read, station.get(seen(station, exchange.kept))[0].change_id)
    assert note().endswith("已上报")


def test_a_ruling_is_told_again_at_a_station_that_had_looked_already(here: World) -> None:
    station, key = disputed(here, id_no=(OTHERS, THIRD))
    entry = station.get(seen(station, exchange.kept))[0]
    station.do(exchange.read, entry.change_id)
    assert station.get(exchange.kept_count) == 0
    choose(here, key, NOW)
    here.sync(station)
    told = station.get(seen(station, exchange.kept))[0]
    assert "采用另一方的值" in told.ruling
    station.do(exchange.read, told.change_id)
    assert station.get(exchange.kept_count) == 0


def test_a_third_value_is_checked_like_any_other(here: World) -> None:
    station, key = disputed(here, id_no=(OTHERS, THIRD))
    with pytest.raises(Refusal):
        choose(here, key, ANOTHER, FOURTH[:-1] + "?")
    choose(here, key, ANOTHER, FOURTH)
    here.sync(station)
    assert station.person(key).id_no == FOURTH  # type: ignore[union-attr]
    told = station.get(seen(station, exchange.kept))[0]
    assert "另定了一个值" in told.ruling


def test_a_ruling_needs_a_ground_and_what_was_on_screen(here: World) -> None:
    _, key = disputed(here, id_no=(OTHERS, THIRD))
    item = slip_of(here, key).items[0]
    answer = Choice(item.key, NOW, item.now.change_id)
    with pytest.raises(Refusal, match="依据"):
        here.node.do(ruling.rule, key, [answer], " ")
    here.node.do(edit, key, id_no=FOURTH)
    with pytest.raises(Refusal, match="刚刚又有变动"):
        here.node.do(ruling.rule, key, [answer], "身份证原件")
    assert here.node.get(ruling.chips)["open"] == 1


def test_a_ruling_can_be_taken_back_and_the_station_hears_of_it(here: World) -> None:
    station, key = disputed(here, id_no=(OTHERS, THIRD))
    choose(here, key, OTHER)
    here.sync(station)
    here.node.do(undo.undo)
    item = slip_of(here, key).items[0]
    assert [item.now.value, *(one.value for one in item.others)] == [OTHERS, THIRD]
    here.sync(station)
    assert station.person(key).id_no == OTHERS  # type: ignore[union-attr]
    assert station.get(seen(station, exchange.kept))[0].ruling == ""


def test_a_station_that_had_read_a_ruling_hears_that_it_was_taken_back(here: World) -> None:
    station, key = disputed(here, id_no=(OTHERS, THIRD))
    choose(here, key, OTHER)
    here.sync(station)
    station.do(exchange.read, station.get(seen(station, exchange.kept))[0].change_id)
    here.node.do(undo.undo)
    here.sync(station)
    (told,) = station.get(seen(station, exchange.kept))
    assert (told.ruling, told.withdrawn[-11:]) == ("", "对身份证号的裁定已撤回")
    station.do(exchange.read, told.change_id)
    assert station.get(exchange.kept_count) == 0
    choose(here, key, NOW)
    here.sync(station)
    (told,) = station.get(seen(station, exchange.kept))
    assert ("裁定" in told.ruling, told.withdrawn) == (True, "")
    station.do(exchange.read, told.change_id)
    assert station.get(exchange.kept_count) == 0


def test_what_was_taken_with_a_ruling_comes_back_when_it_is_ruled_once_more(here: World) -> None:
    station = here.station("519902001001")
    seat(station, "head")
    key = station.do(register, id_no=HERS, mobile="13800002617")
    here.sync(station)
    here.node.do(edit, key, manage_state=LOST)
    station.do(movement.suspected_death, key, clock.today(), "儿子来电")
    here.sync(station)

    def noted(node: Node) -> list[bool]:
        return node.get(lambda s: [*s.scalars(select(Movement.is_void))])  # type: ignore[no-any-return]

    choose(here, key, OTHER)
    here.node.do(undo.undo)
    assert noted(here.node) == [True]
    item = slip_of(here, key).items[0]
    theirs = next(one for one in item.others if one.value == SUSPECTED_DEAD)
    again = Choice(item.key, OTHER, item.now.change_id, theirs.change_id)
    here.node.do(ruling.rule, key, [again], "死亡证明")
    here.sync(station)
    for node in (here.node, station):
        assert node.person(key).manage_state == SUSPECTED_DEAD  # type: ignore[union-attr]
        assert noted(node) == [False]


def test_what_was_settled_by_rule_can_still_be_ruled_otherwise(here: World) -> None:
    station, key = disputed(here, mobile=("13900004471", "13900000005"))
    found = here.node.get(seen(here.node, ruling.slips, ruling.AUTO))
    assert [(one.name, one.labels, one.legal) for one in found.rows] == [
        ("王秀英", ("手机",), False)
    ]
    item = slip_of(here, key, ruling.AUTO).items[0]
    other = item.others[0]
    answer = Choice(item.key, OTHER, item.now.change_id, other.change_id)
    here.node.do(ruling.rule, key, [answer], "电话核对")
    here.sync(station)
    assert station.person(key).mobile == other.value  # type: ignore[union-attr]


def test_a_field_of_another_circle_is_hidden_from_a_clerk_and_not_his_to_decide(
    here: World,
) -> None:
    _, key = disputed(here, bank_account=("6222000000000011", "6222000000000029"))
    seat(here.node, "centre_clerk")
    item = slip_of(here, key).items[0]
    assert not item.visible
    assert {item.now.shown, item.others[0].shown} == {ruling.HIDDEN}
    assert item.now.value is None
    with pytest.raises(Refusal, match="中心主任"):
        choose(here, key, OTHER)


def test_a_tag_of_the_health_circle_in_dispute_is_hidden_from_a_clerk(here: World) -> None:
    station, key = disputed(here)
    tag = new_id()

    def words(said: str) -> Callable[[Session], None]:
        return lambda session: setattr(session.get_one(Tag, tag), "evidence", said)

    station.do(lambda s: s.add(Tag(id=tag, retiree_id=key, code="T17", evidence="诊断书")))
    here.sync(station)
    here.node.do(words("二级精神残疾证"))
    station.do(words("三级精神残疾证"))
    here.sync(station)
    assert slip_of(here, key, ruling.AUTO).items[0].visible
    seat(here.node, "centre_clerk")
    item = slip_of(here, key, ruling.AUTO).items[0]
    assert {item.now.shown, item.others[0].shown} == {ruling.HIDDEN}
    answer = Choice(item.key, OTHER, item.now.change_id, item.others[0].change_id)
    with pytest.raises(Refusal, match="中心主任"):
        here.node.do(ruling.rule, key, [answer], "电话核对")


def test_only_the_centre_rules(here: World) -> None:
    station, key = disputed(here, id_no=(OTHERS, THIRD))
    item = slip_of(here, key).items[0]
    with pytest.raises(Refusal, match="权限"):
        station.do(ruling.rule, key, [Choice(item.key, NOW, "")], "身份证原件")


def test_a_revoked_installation_is_heard_no_more_and_everybody_is_told(here: World) -> None:
    lost, other = here.station("519902001001"), here.station("519902001002")
    key = lost.do(register, id_no=HERS)
    here.sync(other)
    replica = lost.get(lambda s: s.scalar(select(tables.Replica.id)))
    with pytest.raises(Refusal, match="停用原因"):
        here.node.do(revocation.revoke, replica, "")
    assert "已停用 519902001001社区" in here.node.do(revocation.revoke, replica, "电脑丢失")
    with pytest.raises(Fault, match="已被区中心停止"):
        here.sync(lost)
    assert here.node.person(key) is None
    kept = here.node.get(lambda s: s.scalars(select(RawBatch.refused)).all())
    assert "revoked" in kept
    here.sync(other)
    told = other.get(lambda s: s.scalars(select(Revocation)).one())
    assert (told.replica_id, told.reason) == (replica, "电脑丢失")


def test_a_revocation_is_final_and_its_old_answer_is_worth_nothing(here: World) -> None:
    lost = here.station("519902001001", approved=False)
    with here.centre.store.apply() as session:
        office = {"id": lost.desk.office_id, "code": lost.code, "name": "丹州社区", "level": "3"}
        invited = enrol.read_invitation(enrol.invite(session, here.centre.keys, here.card, office))
    with lost.store.apply() as session:
        answer = enrol.answer(session, lost.keys, invited, "")
    with here.centre.store.apply() as session:
        station, _ = enrol.approve(session, here.centre.keys, answer)
        replica = station.id
    here.node.do(revocation.revoke, replica, "电脑报废")
    with pytest.raises(Refusal, match="重新邀请"):
        here.node.do(undo.undo)
    with pytest.raises(Refusal, match="已由 陈主任 停用"):
        here.node.do(revocation.revoke, replica, "再停一次")
    with here.centre.store.apply() as session, pytest.raises(Fault, match="已经停用"):
        enrol.approve(session, here.centre.keys, answer)
    noted = here.node.get(lambda s: s.scalars(select(Audit.act)).all())
    assert noted.count("停用电脑") == 1


def test_a_conflict_is_kept_with_the_person_it_is_about(here: World) -> None:
    _, key = disputed(here, id_no=(OTHERS, THIRD))
    case = here.node.get(lambda s: s.scalars(select(Conflict)).one())
    assert (case.about, case.needs_person) == (key, True)
    choose(here, key, NOW)
    rows = here.node.get(lambda s: s.scalars(select(Ruling)).all())
    assert [(one.retiree_id, one.choice) for one in rows] == [(key, NOW)]
