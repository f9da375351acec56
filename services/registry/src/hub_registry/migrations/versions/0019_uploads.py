"""Files that people send have one table, with how far each is; those that waited are sent anew: they last a day."""

from hub_chassis.migrations import grant, sql

revision = "0019"
down_revision = "0018"

_UPLOADS = """
DROP TABLE student_file;
DROP TABLE upload;
CREATE TABLE upload (
    upload_id  uuid PRIMARY KEY,
    hub_id     uuid NOT NULL REFERENCES hub,
    staff_id   uuid NOT NULL REFERENCES staff,
    kind       text NOT NULL,
    about      jsonb NOT NULL,
    name       text NOT NULL,
    sha256     text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    size_bytes bigint NOT NULL CHECK (size_bytes >= 0),
    content    bytea STORAGE EXTERNAL,
    state      text NOT NULL CHECK (state IN ('checking', 'checked', 'taking', 'taken', 'refused', 'failed')),
    step       text NOT NULL DEFAULT 'waiting',
    rows_done  integer NOT NULL DEFAULT 0 CHECK (rows_done >= 0),
    rows_total integer NOT NULL DEFAULT 0 CHECK (rows_total >= 0),
    outcome    jsonb,
    changed_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((content IS NULL) = (state IN ('taken', 'refused')))
);
CREATE INDEX upload_age ON upload (changed_at);
ALTER TABLE upload ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON upload TO hub_registry_app, hub_registry_import
    USING (hub_id = (SELECT scope_hub()) AND staff_id = (SELECT scope_staff()));
CREATE POLICY worker_all ON upload TO hub_registry_worker USING (true);
COMMENT ON TABLE upload IS
    'May hold names of students: seen only by who sent the file, emptied once it is taken, gone in a day';
"""


def upgrade() -> None:
    sql(_UPLOADS)
    grant("SELECT, INSERT, UPDATE", on="upload", to=("app", "import"))
    grant("SELECT, DELETE", on="upload", to=("worker",))
