"""orders to erase."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Towards the newer schema."""
    with op.batch_alter_table("erased", schema=None) as batch_op:
        batch_op.add_column(sa.Column("token", sa.LargeBinary(), nullable=True))
