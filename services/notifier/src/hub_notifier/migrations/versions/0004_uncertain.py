"""Uncertain notices are counted every few seconds: they are few, the others many."""

from hub_chassis.migrations import sql

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    sql("CREATE INDEX notice_uncertain ON notice (notice_id) WHERE state = 'uncertain'")
