"""Finding: each start is a stretch of the index, in whatever database."""

from typing import Any

import pytest
from sqlalchemy import text

from models.kit.base import table_of
from models.kit.bulk import insert_tuples
from models.kit.db import Store
from models.kit.ids import new_id
from models.kit.search import COLUMNS, NUMBER, SearchKey, found


def plan_of(store: Store, words: str) -> str:
    """How the database goes about it, with the values written in."""
    with store.look() as session:
        query = found(words).compile(
            session.get_bind(), compile_kwargs={"literal_binds": True, "render_postcompile": True}
        )
        how: Any = {"sqlite": "EXPLAIN QUERY PLAN"}.get(query.dialect.name, "EXPLAIN")
        rows = session.execute(text(f"{how} {query}".replace(":", r"\:"))).all()
    return "\n".join(str(row) for row in rows)


@pytest.mark.postgres
@pytest.mark.parametrize("words", ["王秀", "wxy", "0012", "没有人"])
def test_a_server_reads_what_begins_so_and_not_all_keys_there_are(
    postgres_store: Store, words: str
) -> None:
    signs = [chr(0x4E00 + at) for at in range(200)]
    names = [(first + second, new_id()) for first in signs for second in signs]
    numbers = [(f"{NUMBER}{at:05d}", new_id()) for at in range(40_000)]
    with postgres_store.apply() as session:
        insert_tuples(session, table_of(SearchKey), COLUMNS, names + numbers)
        session.execute(text("ANALYZE search_key"))
    plan = plan_of(postgres_store, words)
    assert "Index Cond" in plan
    for joined_or_read_whole in ("Nested Loop", "Seq Scan"):
        assert joined_or_read_whole not in plan
