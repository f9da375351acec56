"""Notices that the registry asks for by itself, to one person each, outside any round."""

from hub_chassis.migrations import sql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    sql(
        """
        -- Of such a request, run_id is its own id, result_sha256 that of what it is about.
        ALTER TABLE publication
            ALTER COLUMN round_id DROP NOT NULL,
            ALTER COLUMN programme_id DROP NOT NULL,
            DROP CONSTRAINT publication_about_check,
            ADD CHECK (about IN ('published', 'chasing', 'invitation', 'application')),
            ADD CHECK ((round_id IS NULL) = (about IN ('invitation', 'application'))),
            ADD CHECK ((round_id IS NULL) = (programme_id IS NULL));
        ALTER TABLE notice
            DROP CONSTRAINT notice_kind_check,
            ADD CHECK (kind IN ('adviser', 'employer', 'person'));
        """
    )
