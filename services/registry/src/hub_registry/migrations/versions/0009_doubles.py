"""Employers entered twice: merged with a record that can be undone, or said to be two."""

from hub_chassis.migrations import grant, sql

revision = "0009"
down_revision = "0008"

_DOUBLES = """
ALTER TABLE employer
    ADD COLUMN merged_into uuid REFERENCES employer CHECK (merged_into <> employer_id);

CREATE TABLE employer_merge (
    merge_id  uuid PRIMARY KEY,
    hub_id    uuid NOT NULL REFERENCES hub,
    kept_id   uuid NOT NULL,
    merged_id uuid NOT NULL,
    moved     jsonb NOT NULL,
    merged_at timestamptz NOT NULL,
    merged_by uuid NOT NULL,
    undone_at timestamptz,
    undone_by uuid,
    FOREIGN KEY (hub_id, kept_id) REFERENCES employer (hub_id, employer_id),
    FOREIGN KEY (hub_id, merged_id) REFERENCES employer (hub_id, employer_id),
    CHECK (kept_id <> merged_id),
    CHECK ((undone_at IS NULL) = (undone_by IS NULL))
);
CREATE INDEX employer_merge_recent ON employer_merge (hub_id, merge_id);

CREATE TABLE not_doubles (
    one_id   uuid NOT NULL REFERENCES employer,
    other_id uuid NOT NULL REFERENCES employer,
    hub_id   uuid NOT NULL REFERENCES hub,
    said_at  timestamptz NOT NULL,
    said_by  uuid NOT NULL,
    PRIMARY KEY (one_id, other_id),
    CHECK (one_id < other_id)
);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['employer_merge', 'not_doubles'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY by_hub ON %I TO hub_registry_app '
                       'USING (hub_id = (SELECT scope_hub()) AND (SELECT scope_role()) = ''hub'')', name);
        EXECUTE format('CREATE POLICY worker_all ON %I TO hub_registry_worker USING (true)', name);
    END LOOP;
END $$;

CALL audit_table('employer_merge', 'merge_id');
CALL audit_table('not_doubles', 'one_id');
"""


def upgrade() -> None:
    sql(_DOUBLES)
    grant("SELECT, INSERT, UPDATE (undone_at, undone_by)", on="employer_merge", to=("app",))
    grant("SELECT, INSERT", on="not_doubles", to=("app",))
    grant("SELECT", on="employer_merge", to=("worker",))
    grant("SELECT", on="not_doubles", to=("worker",))
