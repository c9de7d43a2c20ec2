"""The log: in the transaction of what it tells, and nothing taken out unseen."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import audit
from app.kit.refusal import Refusal
from app.kit.run import look, run
from app.station import Station
from models.audit import Audit
from models.local_note import LocalNote
from tests.app.life import a_retiree, here, made_station, quick_vault, station_home

__all__ = ["here", "made_station", "quick_vault", "station_home"]


def test_an_entry_is_in_the_transaction_of_what_it_tells(here: Station) -> None:
    def fails(session: Session) -> None:
        audit.note(session, "查看证号", "retiree", "x")
        raise Refusal("nein")

    with pytest.raises(Refusal):
        run(here.store, here.desk, fails)
    with here.store.look() as session:
        assert session.query(Audit).count() == 1


def test_an_untouched_log_is_whole(here: Station) -> None:
    run(here.store, here.desk, audit.note, "查看证号", "retiree", "x", "因打印")
    run(here.store, here.desk, audit.note, "导出", succeeded=False)
    run(here.store, here.desk, audit.local_note, "sync", {"sent": 3})
    run(here.store, here.desk, lambda session: session.add(a_retiree()))
    assert look(here.store, here.desk, audit.altered) == []


@pytest.mark.parametrize(
    "line",
    [
        "UPDATE audit SET who = '别人' WHERE act = '查看证号'",
        "DELETE FROM audit WHERE act = '查看证号'",
        "UPDATE audit SET is_void = 1 WHERE act = '查看证号'",
        "UPDATE change SET payload = x'00' WHERE entity = 'audit'",
    ],
)
def test_an_entry_changed_behind_the_program_is_found(here: Station, line: str) -> None:
    run(here.store, here.desk, audit.note, "查看证号", "retiree", "x")
    with here.store.apply() as session:
        session.execute(text(line))
    assert look(here.store, here.desk, audit.altered)


def test_a_local_entry_taken_out_of_the_middle_is_found(here: Station) -> None:
    for number in range(3):
        run(here.store, here.desk, audit.local_note, "sync", {"number": number})
    with here.store.apply() as session:
        rows = session.query(LocalNote).filter(LocalNote.key == "sync").all()
        session.execute(text("DELETE FROM local_note WHERE id = :id"), {"id": rows[1].id})
    assert look(here.store, here.desk, audit.altered)
