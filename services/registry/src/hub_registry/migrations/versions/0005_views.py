"""Who looked at which student, when and on which page; the record of changes in the order of time."""

from hub_chassis.migrations import grant, sql

revision = "0005"
down_revision = "0004"

_VIEWS = """
CREATE TABLE student_view (
    view_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hub_id     uuid NOT NULL,
    staff_id   uuid NOT NULL,
    at         timestamptz NOT NULL DEFAULT now(),
    student_id uuid NOT NULL,
    page       text NOT NULL
);
CREATE INDEX student_view_at ON student_view (hub_id, at DESC);
CREATE INDEX student_view_student ON student_view (student_id, at DESC);
CREATE INDEX audit_at ON audit (hub_id, at DESC);

ALTER TABLE student_view ENABLE ROW LEVEL SECURITY;
CREATE POLICY by_hub ON student_view FOR SELECT TO hub_registry_app
    USING (hub_id = (SELECT scope_hub()) AND (SELECT scope_role()) = 'hub');
CREATE POLICY own ON student_view FOR INSERT TO hub_registry_app, hub_registry_import
    WITH CHECK (hub_id = (SELECT scope_hub()) AND staff_id = (SELECT scope_staff()));
CREATE POLICY worker_all ON student_view TO hub_registry_worker USING (true) WITH CHECK (true);
"""


def upgrade() -> None:
    sql(_VIEWS)
    grant("SELECT, INSERT", on="student_view", to=("app",))
    grant("INSERT", on="student_view", to=("import",))
    grant("SELECT, INSERT, DELETE", on="student_view", to=("worker",))
