"""every other suffix of a number is a key."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

NUMBERS = ("id_no", "mobile", "phone")


def upgrade() -> None:
    """Those between are found with any digit in front."""
    keys = sa.table("search_key", *map(sa.column, ("entity", "key", "entity_id", "kind")))
    connection = op.get_bind()
    runs: dict[tuple[str, str, str], list[str]] = {}
    for row in connection.execute(sa.select(keys).where(keys.c.kind.in_(NUMBERS))):
        runs.setdefault((row.entity, row.entity_id, row.kind), []).append(row.key)
    old = [
        {"entity_": entity, "key_": key, "entity_id_": own, "kind_": kind}
        for (entity, own, kind), found in runs.items()
        if (longest := max(found, key=len)).removesuffix("X").isdigit()
        for key in found
        if (len(longest) - len(key)) % 2
    ]
    if old:
        each = (column == sa.bindparam(f"{column.name}_") for column in keys.columns)
        connection.execute(sa.delete(keys).where(*each), old)
