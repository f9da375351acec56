"""Which pages of a run each person opened before they approved it."""

from hub_chassis.migrations import grant, sql

revision = "0008"
down_revision = "0007"

_LOOKS = """
CREATE TABLE run_look (
    run_id    uuid NOT NULL REFERENCES run,
    hub_id    uuid NOT NULL REFERENCES hub,
    staff_id  uuid NOT NULL REFERENCES staff,
    page      text NOT NULL CHECK (page IN ('summary', 'schools', 'slots', 'groups', 'unplaced', 'explanations',
                                            'recruit', 'moves', 'comparison')),
    first_at  timestamptz NOT NULL DEFAULT now(),
    last_at   timestamptz NOT NULL DEFAULT now(),
    times     integer NOT NULL DEFAULT 1 CHECK (times >= 1),
    PRIMARY KEY (run_id, staff_id, page)
);

ALTER TABLE run_look ENABLE ROW LEVEL SECURITY;
CREATE POLICY by_hub ON run_look FOR SELECT TO hub_registry_app
    USING (hub_id = (SELECT scope_hub()) AND (SELECT scope_role()) = 'hub');
CREATE POLICY own ON run_look TO hub_registry_app
    USING (hub_id = (SELECT scope_hub()) AND (SELECT scope_role()) = 'hub' AND staff_id = (SELECT scope_staff()));
CREATE POLICY worker_all ON run_look TO hub_registry_worker USING (true);
"""


def upgrade() -> None:
    sql(_LOOKS)
    grant("SELECT, INSERT, UPDATE", on="run_look", to=("app",))
    grant("SELECT, INSERT, UPDATE, DELETE", on="run_look", to=("worker",))
