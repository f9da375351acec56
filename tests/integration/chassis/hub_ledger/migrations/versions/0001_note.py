from hub_chassis.migrations import chassis_tables, grant, sql

revision = "0001"
down_revision = None


def upgrade() -> None:
    chassis_tables()
    sql("""
        CREATE TABLE note (
            place    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            hub_id   uuid NOT NULL,
            slot_id  uuid NOT NULL,
            capacity integer NOT NULL CHECK (capacity <> 666),
            twin     integer UNIQUE DEFERRABLE INITIALLY DEFERRED
        );
        ALTER TABLE note ENABLE ROW LEVEL SECURITY;
        CREATE POLICY own_hub ON note USING (hub_id = nullif(current_setting('hub.hub_id', true), '')::uuid);
    """)
    grant("SELECT, INSERT, UPDATE", on="note", to=("app", "worker"))
