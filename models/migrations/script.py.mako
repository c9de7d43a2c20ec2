"""${message}."""

import sqlalchemy as sa
from alembic import op

import models.kit.kinds

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Towards the newer schema."""
    ${upgrades if upgrades else "pass"}
