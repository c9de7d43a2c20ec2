"""What tests of the exchange share."""

import pytest

from models.kit.db import Store


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def centre_store(request: pytest.FixtureRequest) -> Store | None:
    """Both databases of a centre; None: an encrypted file of its own, which the world makes."""
    if request.param == "sqlite":
        return None
    store: Store = request.getfixturevalue("postgres_store")
    return store
