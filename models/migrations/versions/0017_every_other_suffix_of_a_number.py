"""every other suffix of a number is a key."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

NUMBERS = "('id_no', 'mobile', 'phone')"
# a number with letters in it, as other documents have, keeps all its keys
WHOLE = f"""
    CREATE TEMPORARY TABLE whole AS
    SELECT entity, entity_id, kind, max(length(key)) AS size
    FROM search_key WHERE kind IN {NUMBERS}
    GROUP BY entity, entity_id, kind
    HAVING max(ltrim(rtrim(key, 'X'), '0123456789')) = ''
"""  # noqa: S608 - nothing from outside
BETWEEN = f"""
    DELETE FROM search_key WHERE kind IN {NUMBERS} AND EXISTS (
        SELECT 1 FROM whole
        WHERE whole.entity_id = search_key.entity_id AND whole.entity = search_key.entity
        AND whole.kind = search_key.kind AND (whole.size - length(search_key.key)) % 2 = 1
    )
"""  # noqa: S608


def upgrade() -> None:
    """Those between are found with any digit in front."""
    op.execute(WHOLE)
    op.execute("CREATE UNIQUE INDEX ix_whole ON whole (entity_id, entity, kind)")
    op.execute(BETWEEN)
    op.execute("DROP TABLE whole")
