"""What the hub decides about employers: until when a check holds, or why one was turned away; files that wait."""

from hub_chassis.migrations import grant, sql

revision = "0007"
down_revision = "0006"

_CHECKS = """
ALTER TABLE employer
    ADD COLUMN verified_until     date,
    ADD COLUMN turned_away_at     timestamptz,
    ADD COLUMN turned_away_reason text CHECK (turned_away_reason ~ '^[a-z_]+$'),
    ADD CHECK ((turned_away_at IS NULL) = (turned_away_reason IS NULL)),
    ADD CHECK (verified_at IS NULL OR turned_away_at IS NULL),
    ADD CHECK (verified_until IS NULL OR verified_at IS NOT NULL);

-- An employer who changes its insurance is looked at anew, also when it had been turned away.
CREATE OR REPLACE FUNCTION employer_changes_itself() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF (NEW.risk_band, NEW.employer_ref) IS DISTINCT FROM (OLD.risk_band, OLD.employer_ref)
        OR (NEW.turned_away_at, NEW.turned_away_reason) IS DISTINCT FROM (OLD.turned_away_at, OLD.turned_away_reason)
        OR ((NEW.verified_at, NEW.verified_by, NEW.verified_until)
               IS DISTINCT FROM (OLD.verified_at, OLD.verified_by, OLD.verified_until)
            AND NEW.verified_at IS NOT NULL)
    THEN
        RAISE EXCEPTION 'only the hub verifies an employer and sets its risk band and reference'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.insurance_valid_until IS DISTINCT FROM OLD.insurance_valid_until THEN
        NEW.verified_at := NULL;
        NEW.verified_by := NULL;
        NEW.verified_until := NULL;
        NEW.turned_away_at := NULL;
        NEW.turned_away_reason := NULL;
    END IF;
    RETURN NEW;
END $$;
"""

# A file between its preview and its confirmation, for who sent it; forgotten after a day.
_UPLOADS = """
CREATE TABLE upload (
    upload_id  uuid PRIMARY KEY,
    hub_id     uuid NOT NULL REFERENCES hub,
    staff_id   uuid NOT NULL REFERENCES staff,
    kind       text NOT NULL,
    about      jsonb NOT NULL,
    sha256     text NOT NULL,
    content    bytea STORAGE EXTERNAL NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX upload_age ON upload (created_at);

ALTER TABLE upload ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON upload TO hub_registry_app, hub_registry_import
    USING (hub_id = (SELECT scope_hub()) AND staff_id = (SELECT scope_staff()));
CREATE POLICY worker_all ON upload TO hub_registry_worker USING (true) WITH CHECK (true);
"""


def upgrade() -> None:
    sql(_CHECKS)
    sql(_UPLOADS)
    grant("SELECT, INSERT, DELETE", on="upload", to=("app", "import"))
    grant("SELECT, DELETE", on="upload", to=("worker",))
