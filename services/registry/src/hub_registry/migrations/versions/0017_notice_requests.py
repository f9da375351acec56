"""Notices to one person that the registry asks for outside any round: invitations by mail."""

from hub_chassis.migrations import grant, sql

revision = "0017"
down_revision = "0016"

_REQUESTS = """
CREATE TABLE notice_request (
    request_id uuid PRIMARY KEY,
    hub_id     uuid NOT NULL REFERENCES hub,
    about      text NOT NULL CHECK (about IN ('invitation', 'application')),
    subject_id uuid NOT NULL,
    asked_by   uuid, -- none: a visitor who is not signed in
    asked_at   timestamptz NOT NULL DEFAULT now(),
    state      text NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'sent', 'failed', 'uncertain')),
    reason     text NOT NULL DEFAULT '',
    settled_at timestamptz,
    CHECK ((state = 'asked') = (settled_at IS NULL))
);
CREATE INDEX notice_request_subject ON notice_request (subject_id, request_id);

ALTER TABLE notice_request ENABLE ROW LEVEL SECURITY;
CREATE POLICY by_hub ON notice_request TO hub_registry_app
    USING (hub_id = (SELECT scope_hub()) AND (SELECT scope_role()) = 'hub');
CREATE POLICY worker_all ON notice_request TO hub_registry_worker USING (true) WITH CHECK (true);
"""


def upgrade() -> None:
    sql(_REQUESTS)
    grant("SELECT, INSERT", on="notice_request", to=("app",))
    grant("SELECT, UPDATE, DELETE", on="notice_request", to=("worker",))
