"""Reminders the hub asked for are told as publications are: what a notice is about."""

from hub_chassis.migrations import sql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    sql(
        """
        -- Of a reminder, run_id is the id of the hub's request, result_sha256 that of its recipients, published_at
        -- when it was asked for.
        ALTER TABLE publication
            ADD COLUMN about text NOT NULL DEFAULT 'published' CHECK (about IN ('published', 'chasing'));
        """
    )
