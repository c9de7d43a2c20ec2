"""What tests of the exchange share."""

import pytest

from models.exchange import STREAM
from models.kit.db import Store, open_url
from models.migrations.run import upgrade


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def centre_store(request: pytest.FixtureRequest) -> Store | None:
    """Both databases of a centre; None: an encrypted file of its own, which the world makes."""
    if request.param == "sqlite":
        return None
    store = open_url(request.getfixturevalue("postgres_url"), STREAM)
    with store.engine.begin() as connection:
        upgrade(connection)
    return store
