"""what a contact showed of a clock."""

import sqlalchemy as sa
from alembic import op

import models.kit.kinds

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Towards the newer schema."""
    op.create_table(
        "clock_reading",
        sa.Column("office_id", sa.String(length=32), nullable=False),
        sa.Column("incarnation", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", models.kit.kinds.UtcTime(timezone=True), nullable=False),
        sa.Column("ahead", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("office_id", "incarnation", "seq", name=op.f("pk_clock_reading")),
    )
    op.create_index(op.f("ix_clock_reading_at"), "clock_reading", ["at"], unique=False)
