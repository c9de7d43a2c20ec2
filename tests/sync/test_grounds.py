"""On what grounds each side said its value stands beside it: at the centre, and at the station."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update

from app import exchange, imports, movement, ruling
from app.ruling import Item
from models.exchange import Change
from models.movement import Movement
from models.ruling import ANOTHER, OTHER
from models.tag import Tag
from tests.make import an_id_number
from tests.sync.parts import Node, World, edit, register
from tests.sync.people import FOURTH, HERS, OTHERS, THIRD, choose, seat, seen, slip_of

ON = date(2026, 11, 20)
BOOK, CALLED = "子女同住，户口本已核对", "女儿来电"


@pytest.fixture
def known(here: World) -> tuple[Node, str]:
    """A station and a person the centre knows."""
    station = here.station("519902001001")
    seat(here.node, "centre_head")
    seat(station, "head")
    key = str(station.do(register, id_no=HERS, mobile="13800002617"))
    here.sync(station)
    return station, key


def kept(station: Node) -> exchange.Kept:
    return station.get(seen(station, exchange.kept))[0]  # type: ignore[no-any-return]


def grounds(item: Item) -> tuple[str, ...]:
    return tuple(one.ground for one in (item.now, *item.others))


def moved(here: World, station: Node, key: str) -> None:
    """Both sides moved her state, each with what they had heard."""
    here.node.do(movement.suspected_death, key, ON, "殡仪馆名单", "名单第 12 号")
    station.do(movement.moved_out, key, ON, "省外", BOOK)
    here.sync(station)


def test_what_a_movement_rests_on_stands_beside_either_value(
    here: World, known: tuple[Node, str]
) -> None:
    station, key = known
    moved(here, station, key)
    item = slip_of(here, key).items[0]
    assert grounds(item) == ("名单第 12 号（消息来源 殡仪馆名单）", BOOK)
    assert any(line.startswith("新登记增减变动") for line in item.others[0].also)
    told = kept(station)
    assert (told.ground, told.their_ground) == (BOOK, "")


def test_what_is_said_twice_in_one_movement_is_told_once(
    here: World, known: tuple[Node, str]
) -> None:
    station, key = known
    here.node.do(edit, key, manage_state="4")
    station.do(movement.suspected_death, key, ON, CALLED)
    here.sync(station)
    assert grounds(slip_of(here, key).items[0]) == ("", CALLED)


def test_only_what_was_said_of_this_person_is_told(here: World, known: tuple[Node, str]) -> None:
    """Of an action with several people, and of one that says nothing of it."""
    station, key = known
    other = str(station.do(register, id_no=an_id_number(sequence=30)))
    here.sync(station)

    def both(session: Any) -> None:
        edit(session, key, id_no=THIRD)
        made = {"change_type": "2", "changed_on": ON, "basis": "别人的依据"}
        session.add(Movement(retiree_id=other, **made))

    here.node.do(edit, key, id_no=OTHERS)
    station.do(both)
    here.sync(station)
    assert grounds(slip_of(here, key).items[0]) == ("", "")


def test_a_roster_is_the_ground_of_what_came_in_with_it(here: World) -> None:
    station = here.station("519902001001")
    seat(here.node, "centre_head")
    seat(station, "head")
    rows = [{"name": "王秀英", "id_no": HERS, "mobile": "13800002617"}]
    station.do(imports.import_rows, rows, "移交名册.xlsx", "市棉纺织厂", 6)
    here.sync(station)
    (key,) = station.get(lambda s: s.scalars(select(Movement.retiree_id)).all())
    here.node.do(edit, key, door_note="按铃")
    station.do(edit, key, id_no=OTHERS)
    here.node.do(edit, key, id_no=THIRD)
    here.sync(station)
    choose(here, key, OTHER)
    assert grounds(slip_of(here, key, ruling.RULED).items[0])[0] == "身份证原件"
    entry = here.node.get(
        lambda s: s.scalars(select(Change).where(Change.entity_id == key)).first()
    )
    behind = seen(here.node, ruling.ground.behind, entry, key, {"mobile"})
    assert here.node.get(behind) == "移交名册.xlsx"


def test_what_a_station_typed_for_a_third_value_is_read_at_the_centre(
    here: World, known: tuple[Node, str]
) -> None:
    station, key = known
    station.do(edit, key, mobile="13900004471")
    here.node.do(edit, key, mobile="13700001111")
    here.sync(station)
    station.do(
        exchange.settle,
        kept(station).change_id,
        {"mobile": "13900000005"},
        "本人来站核对，依据：旧号已停机",
    )
    here.sync(station)
    item = slip_of(here, key, ruling.AUTO).items[0]
    assert item.now.shown == "139****0005"
    assert item.now.ground == "本人来站核对，依据：旧号已停机"


def test_the_ground_of_a_ruling_is_beside_the_value_it_set_at_the_station(
    here: World, known: tuple[Node, str]
) -> None:
    station, key = known
    here.node.do(edit, key, id_no=OTHERS)
    station.do(edit, key, id_no=THIRD)
    here.sync(station)
    choose(here, key, ANOTHER, FOURTH)
    station.do(edit, key, id_no=HERS)  # had not heard of it
    here.sync(station)
    told = next(
        one
        for one in station.get(seen(station, exchange.kept))
        if one.fields[0].mine.startswith(HERS[:6]) and not one.ruling
    )
    assert (told.ground, told.their_ground) == ("", "身份证原件")


def test_a_ground_that_was_erased_is_told_no_more(here: World, known: tuple[Node, str]) -> None:
    station, key = known
    moved(here, station, key)
    gone = update(Change).where(Change.entity.in_(("movement", "suspicion")))
    with here.centre.store.apply() as session:
        session.execute(gone.values(payload=None))
    assert grounds(slip_of(here, key).items[0]) == ("", "")


def test_whoever_may_not_see_a_value_does_not_read_its_ground(
    here: World, known: tuple[Node, str]
) -> None:
    """Neither beside it, nor beside what was typed together with it."""
    station, key = known
    both = ("13700001111", 210_000), ("13900004471", 220_000), ("13900000005", 230_000)
    theirs, ours, third = ({"mobile": a, "monthly_pension_fen": b} for a, b in both)
    station.do(edit, key, **ours)
    here.node.do(edit, key, **theirs)
    here.sync(station)
    station.do(exchange.settle, kept(station).change_id, third, "养老金存折 2,300 元")
    here.sync(station)
    items = {one.key[2]: one for one in slip_of(here, key, ruling.AUTO).items}
    assert {one.now.ground for one in items.values()} == {"养老金存折 2,300 元"}
    assert set(items) == set(third)
    seat(here.node, "centre_clerk")
    items = {one.key[2]: one for one in slip_of(here, key, ruling.AUTO).items}
    assert {one.now.ground for one in items.values()} == {""}
    assert items["mobile"].visible
    assert not items["monthly_pension_fen"].visible


def test_a_sensitive_tag_of_the_same_action_is_no_ground_for_a_clerk(
    here: World, known: tuple[Node, str]
) -> None:
    station, key = known

    def tagged(session: Any) -> None:
        edit(session, key, id_no=THIRD)
        session.add(Tag(retiree_id=key, code="T17", evidence="医院证明"))

    here.node.do(edit, key, id_no=OTHERS)
    station.do(tagged)
    here.sync(station)
    side = slip_of(here, key).items[0].others[0]
    assert side.ground == "医院证明"
    assert any("医院证明" in line for line in side.also)
    seat(here.node, "centre_clerk")
    side = slip_of(here, key).items[0].others[0]
    assert (side.ground, side.also) == ("", ("新登记标签",))
