import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from models.kit.base import table_of
from models.kit.db import Store
from models.retiree import Retiree


def test_an_error_of_the_database_quotes_nobodys_data(store: Store) -> None:
    row = {"id": "0" * 32, "name": "王秀英", "id_no": "519902194611230269"}
    with store.apply() as session, pytest.raises(IntegrityError) as caught:
        session.execute(insert(table_of(Retiree)), [row])
    assert "retiree" in str(caught.value)
    assert not [word for word in row.values() if word in str(caught.value)]
