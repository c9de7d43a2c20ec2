from pathlib import Path

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from models.exchange import STREAM, Replica
from models.kit import db
from models.kit.base import table_of
from models.kit.db import Store
from models.retiree import Retiree
from tests import quick
from tests.make import KEY

WAITING = ("journal_mode", "synchronous")


def test_an_error_of_the_database_quotes_nobodys_data(store: Store) -> None:
    row = {"id": "0" * 32, "name": "王秀英", "id_no": "519902194611230269"}
    with store.apply() as session, pytest.raises(IntegrityError) as caught:
        session.execute(insert(table_of(Retiree)), [row])
    assert "retiree" in str(caught.value)
    assert not [word for word in row.values() if word in str(caught.value)]


def test_what_a_program_commits_has_reached_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "_store", quick.made)
    store = db.open_file(tmp_path / "a.db", KEY, STREAM, fresh=True)
    with store.engine.connect() as connection:
        waits = [connection.exec_driver_sql(f"PRAGMA {one}").scalar() for one in WAITING]
    store.close()
    assert waits == ["wal", 2]


def test_only_what_would_be_said_again_does_not_wait_for_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "_store", quick.made)
    store = db.open_file(tmp_path / "a.db", KEY, STREAM, fresh=True)
    levels = []
    for again in (False, True, False):
        with store.apply(again=again) as session:
            levels.append(session.connection().exec_driver_sql("PRAGMA synchronous").scalar())
    store.close()
    assert levels == [2, 1, 2]


def test_what_went_is_not_called_swept_while_somebody_reads_on_from_before(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a rehearsal beside the desktop does: the log with the old pages stays till it ends."""
    monkeypatch.setattr(db, "WAIT_MS", 100)
    path = tmp_path / "station.db"
    mine, other = (db.open_file(path, None, STREAM) for _ in range(2))
    log = path.with_name(f"{path.name}-wal")
    with other.look() as session:
        session.scalars(select(Replica)).all()
        assert not mine.scrub()
        assert log.stat().st_size
    assert mine.scrub()
    assert not log.stat().st_size
    mine.close()
    other.close()
