"""Reminders the hub asks for: who was reminded of which round and when, and what became of it."""

from hub_chassis.migrations import grant, sql

revision = "0010"
down_revision = "0009"

_CHASING = """
CREATE TABLE chase (
    chase_id          uuid PRIMARY KEY,
    hub_id            uuid NOT NULL REFERENCES hub,
    round_id          uuid NOT NULL REFERENCES round,
    recipients_sha256 text NOT NULL CHECK (recipients_sha256 ~ '^[0-9a-f]{64}$'),
    asked_at          timestamptz NOT NULL,
    asked_by          uuid NOT NULL
);
CREATE INDEX chase_by_round ON chase (round_id, chase_id);

-- A person is reminded once a day at most, whatever the round; the day is the region's.
CREATE TABLE chased (
    chase_id       uuid NOT NULL REFERENCES chase,
    hub_id         uuid NOT NULL REFERENCES hub,
    round_id       uuid NOT NULL,
    recipient_kind text NOT NULL CHECK (recipient_kind IN ('adviser', 'employer')),
    recipient_id   text NOT NULL,
    school_id      text,
    troubled       integer NOT NULL DEFAULT 0 CHECK (troubled >= 0),
    chased_on      date NOT NULL,
    state          text NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'sent', 'failed', 'uncertain')),
    reason         text NOT NULL DEFAULT '',
    settled_at     timestamptz,
    PRIMARY KEY (chase_id, recipient_kind, recipient_id),
    UNIQUE (hub_id, recipient_kind, recipient_id, chased_on)
);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['chase', 'chased'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY by_hub ON %I TO hub_registry_app '
                       'USING (hub_id = (SELECT scope_hub()) AND (SELECT scope_role()) = ''hub'')', name);
        EXECUTE format('CREATE POLICY worker_all ON %I TO hub_registry_worker USING (true)', name);
    END LOOP;
END $$;

CALL audit_table('chase', 'chase_id');
"""


def upgrade() -> None:
    sql(_CHASING)
    for table in ("chase", "chased"):
        grant("SELECT, INSERT", on=table, to=("app",))
        grant("SELECT", on=table, to=("worker",))
    grant("UPDATE (state, reason, settled_at)", on="chased", to=("worker",))
