"""nobody looks for a visit by the next one."""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Towards the newer schema."""
    op.drop_index("ix_visit_next_on", table_name="visit")
