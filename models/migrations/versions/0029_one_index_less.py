"""one index less."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The index of the list begins with the office: no query needs one of the office alone."""
    op.drop_index("ix_retiree_office_id", table_name="retiree")
