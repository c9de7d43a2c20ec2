"""Models and migrations say the same, on both kinds of database."""

import pytest

from models import exchange
from models.kit.db import Store, open_url
from models.migrations.run import current, differences, known, newest, upgrade


def test_a_migrated_station_is_what_the_models_say(store: Store) -> None:
    with store.engine.connect() as connection:
        assert current(connection) == newest()
        assert differences(connection) == []


@pytest.mark.postgres
def test_a_migrated_server_is_what_the_models_say(postgres_url: str) -> None:
    server = open_url(postgres_url, exchange.STREAM)
    with server.engine.begin() as connection:
        upgrade(connection)
        assert differences(connection) == []
    server.close()


def test_a_revision_of_a_newer_program_is_not_known() -> None:
    assert known("0001")
    assert not known("9999")
