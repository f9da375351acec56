"""Files that a person has sent and not confirmed yet: what they would change is shown first."""

from hub_chassis.migrations import grant, sql

revision = "0012"
down_revision = "0011"

_UPLOADS = """
CREATE TABLE student_file (
    file_id    uuid PRIMARY KEY,
    hub_id     uuid NOT NULL REFERENCES hub,
    staff_id   uuid NOT NULL REFERENCES staff,
    school_id  text NOT NULL,
    name       text NOT NULL,
    absent     text NOT NULL CHECK (absent IN ('keep', 'left')),
    sha256     text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    size_bytes bigint NOT NULL CHECK (size_bytes >= 0),
    content    bytea STORAGE EXTERNAL,
    state      text NOT NULL CHECK (state IN ('checking', 'checked', 'taking', 'taken', 'refused', 'failed')),
    outcome    jsonb,
    changed_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((content IS NULL) = (state IN ('taken', 'refused')))
);
CREATE INDEX student_file_age ON student_file (changed_at);
ALTER TABLE student_file ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON student_file TO hub_registry_app, hub_registry_import
    USING (hub_id = (SELECT scope_hub()) AND staff_id = (SELECT scope_staff()));
CREATE POLICY worker_all ON student_file TO hub_registry_worker USING (true);
COMMENT ON TABLE student_file IS
    'Names of students: seen only by who sent the file, emptied once it is taken, gone in a day';
"""


def upgrade() -> None:
    sql(_UPLOADS)
    grant("SELECT, INSERT, UPDATE", on="student_file", to=("app", "import"))
    grant("SELECT, DELETE", on="student_file", to=("worker",))
