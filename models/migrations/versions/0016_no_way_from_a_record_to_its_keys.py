"""no way from a record to its keys: what is stored says which they are."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Towards the newer schema."""
    op.drop_index("ix_search_key_entity_id", "search_key")
