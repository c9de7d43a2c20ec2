"""Records written from what somebody else said."""

from pathlib import Path

import pytest
from sqlalchemy import select

from models.kit.base import table_of
from models.kit.changes import insert_many
from models.kit.db import Store
from models.kit.ids import new_id
from models.kit.search import SearchKey, keys_of
from models.retiree import Retiree
from sync.records import Write, load, write
from tests.sync.parts import edit, register, world


@pytest.mark.parametrize("known", [(), ("name",), ("name", "mobile")], ids="+".join)
def test_after_any_edit_the_keys_are_those_of_what_is_stored_and_no_others(
    known: tuple[str, ...], tmp_path: Path, centre_store: Store | None
) -> None:
    """Whatever of it who writes had looked up before."""
    store = world(tmp_path, centre_store).node.store
    given = [
        {"id": new_id(), "name": "王秀英", "id_no": f"{number:018d}", "mobile": "13800001234"}
        for number in range(30)
    ]
    first, second, *rest = [row["id"] for row in given]
    with store.apply() as session:
        insert_many(session, Retiree, given)
    with store.apply() as session:
        there = load(session, Retiree, [first, *rest], ("stamps", *known))
        write(
            session,
            Retiree,
            {
                first: Write({"name": "单雄信", "mobile": None}, {"name": new_id()}),
                **{key: Write({"mobile": "13800005678"}, {"mobile": new_id()}) for key in rest},
            },
            there,
        )
    with store.begin("", "0" * 32) as session:
        session.get_one(Retiree, second).name = "李秀英"
    with store.look() as session:
        people = session.execute(select(table_of(Retiree))).mappings().all()
        wanted = {(row["id"], key) for row in people for key in keys_of(Retiree, dict(row))}
        stored = session.scalars(select(SearchKey)).all()
    assert {(one.entity_id, one.key) for one in stored} == wanted
    assert len(stored) == len(wanted)
    store.close()


def test_a_number_changed_twice_in_one_file_leaves_the_keys_of_the_last(
    tmp_path: Path, centre_store: Store | None
) -> None:
    here = world(tmp_path, centre_store)
    station = here.station("460203198001")
    key = station.do(register, mobile="13800001234")
    here.sync(station)
    for mobile in ("13800005678", "13800009999"):
        station.do(edit, key, mobile=mobile)
    here.sync(station)
    with here.centre.store.look() as session:
        person = session.get_one(Retiree, key)
        row = {column.name: getattr(person, column.name) for column in table_of(Retiree).columns}
        stored = session.execute(select(SearchKey.key)).all()
    assert person.mobile == "13800009999"
    assert sorted(key for (key,) in stored) == sorted(keys_of(Retiree, row))
    here.centre.store.close()
