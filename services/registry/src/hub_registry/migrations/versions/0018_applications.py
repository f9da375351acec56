"""Employers that register by themselves: what they entered, until the address is confirmed and the hub has verified."""

from hub_chassis.migrations import grant, sql

revision = "0018"
down_revision = "0017"

_APPLICATIONS = """
ALTER TABLE hub ADD COLUMN takes_applications boolean NOT NULL DEFAULT true;

CREATE TABLE application (
    application_id uuid PRIMARY KEY,
    hub_id         uuid NOT NULL REFERENCES hub,
    name           text NOT NULL CHECK (name <> ''),
    sector         text NOT NULL,
    postcode       text NOT NULL,
    contact_name   text NOT NULL CHECK (contact_name <> ''),
    contact_email  text NOT NULL CHECK (contact_email LIKE '%_@_%'),
    form_sha256    bytea NOT NULL UNIQUE CHECK (length(form_sha256) = 32),
    secret_sha256  bytea NOT NULL UNIQUE CHECK (length(secret_sha256) = 32),
    made_at        timestamptz NOT NULL DEFAULT now(),
    expires_at     timestamptz NOT NULL,
    confirmed_at   timestamptz,
    employer_id    uuid,
    staff_id       uuid,
    let_in_at      timestamptz,
    CHECK ((confirmed_at IS NULL) = (employer_id IS NULL)),
    CHECK ((confirmed_at IS NULL) = (staff_id IS NULL)),
    CHECK (let_in_at IS NULL OR confirmed_at IS NOT NULL)
);
CREATE INDEX application_employer ON application (employer_id) WHERE employer_id IS NOT NULL;
CREATE INDEX application_email ON application (hub_id, lower(contact_email), made_at);
"""

# Nobody is signed in who applies. The door may add an employer that nobody has checked, and a person who can't sign
# in, to the hub of its transaction; it changes neither.
_RIGHTS = """
ALTER TABLE application ENABLE ROW LEVEL SECURITY;
CREATE POLICY by_hub ON application TO hub_registry_app
    USING (hub_id = (SELECT scope_hub()) AND (SELECT scope_role()) = 'hub');
CREATE POLICY worker_all ON application TO hub_registry_worker USING (true) WITH CHECK (true);
CREATE POLICY door_all ON application TO hub_registry_door USING (true) WITH CHECK (true);
CREATE POLICY door_asks ON notice_request FOR INSERT TO hub_registry_door
    WITH CHECK (hub_id = (SELECT scope_hub()) AND about = 'application' AND asked_by IS NULL);
CREATE POLICY door_reads ON notice_request FOR SELECT TO hub_registry_door USING (hub_id = (SELECT scope_hub()));
CREATE POLICY door_registers ON employer FOR INSERT TO hub_registry_door
    WITH CHECK (hub_id = (SELECT scope_hub()) AND verified_at IS NULL AND verified_by IS NULL
                AND verified_until IS NULL AND turned_away_at IS NULL AND merged_into IS NULL);
CREATE POLICY door_registers ON staff FOR INSERT TO hub_registry_door
    WITH CHECK (hub_id = (SELECT scope_hub()) AND role = 'employer' AND NOT active);
GRANT SELECT (slug, takes_applications) ON hub TO hub_registry_door;
GRANT SELECT (asked_at) ON notice_request TO hub_registry_door;
"""


def upgrade() -> None:
    sql(_APPLICATIONS)
    sql(_RIGHTS)
    grant("SELECT, UPDATE (let_in_at)", on="application", to=("app",))
    grant("SELECT, UPDATE, DELETE", on="application", to=("worker",))
    grant("SELECT, INSERT, UPDATE", on="application", to=("door",))
    grant("INSERT", on="notice_request", to=("door",))
    grant("INSERT", on="employer", to=("door",))
    grant("INSERT", on="staff", to=("door",))
    grant("INSERT", on="outbox", to=("door",))
