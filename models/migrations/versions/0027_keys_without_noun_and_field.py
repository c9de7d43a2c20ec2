"""keys without noun and field, numbers behind a mark."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

# A name's last syllable begins with its letter, unless it is one.
OVER = """
    DELETE FROM search_key WHERE kind = 'name' AND length(key) = 1 AND key BETWEEN 'a' AND 'z'
    AND NOT EXISTS (
        SELECT 1 FROM retiree WHERE retiree.id = search_key.entity_id
        AND lower(substr(retiree.name, length(retiree.name), 1)) = search_key.key
    )
"""
KEPT = """
    INSERT INTO new_key (key, entity_id)
    SELECT DISTINCT
        CASE WHEN kind IN ('id_no', 'mobile', 'phone') THEN '#' || key ELSE key END AS key,
        entity_id
    FROM search_key ORDER BY 1
"""


def upgrade() -> None:
    """Keys are a fifth of what PostgreSQL is given at a first sync."""
    op.execute(OVER)
    columns = [
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("entity_id", sa.String(32), nullable=False),
    ]
    if op.get_context().dialect.name == "sqlite":
        ordered = sa.PrimaryKeyConstraint(
            "key", "entity_id", name="pk_search_key", sqlite_on_conflict="IGNORE"
        )
        op.create_table("new_key", *columns, ordered, sqlite_with_rowid=False)
    else:
        columns[0] = sa.Column("key", sa.String(64, collation="C"), nullable=False)
        op.create_table("new_key", *columns)
    op.execute(KEPT)
    op.drop_table("search_key")
    op.rename_table("new_key", "search_key")
    if op.get_context().dialect.name != "sqlite":
        op.create_index("ix_search_key_key", "search_key", ["key"])
