"""Calendars at a secret address: one for each employer and school, and what each of them said last."""

from hub_chassis.migrations import grant, sql

revision = "0015"
down_revision = "0014"

_CALENDARS = """
CREATE TABLE calendar (
    calendar_id   uuid PRIMARY KEY,
    hub_id        uuid NOT NULL REFERENCES hub,
    school_id     text,
    employer_id   uuid,
    secret_sha256 bytea UNIQUE CHECK (length(secret_sha256) = 32),
    made_by       uuid NOT NULL,
    made_at       timestamptz NOT NULL DEFAULT now(),
    revoked_at    timestamptz,
    UNIQUE (hub_id, school_id),
    UNIQUE (hub_id, employer_id),
    FOREIGN KEY (hub_id, school_id) REFERENCES school (hub_id, school_id),
    FOREIGN KEY (hub_id, employer_id) REFERENCES employer (hub_id, employer_id),
    CHECK ((school_id IS NULL) <> (employer_id IS NULL)),
    CHECK ((secret_sha256 IS NULL) = (revoked_at IS NOT NULL))
);

-- How often it was read lately: apart, so that the record of changes has changes only.
CREATE TABLE calendar_read (
    calendar_id uuid PRIMARY KEY REFERENCES calendar,
    since       timestamptz NOT NULL DEFAULT now(),
    reads       integer NOT NULL DEFAULT 1,
    read_at     timestamptz NOT NULL DEFAULT now()
);

-- starts and ends are a day or a moment, as ISO 8601 writes them.
CREATE TABLE calendar_entry (
    calendar_id  uuid NOT NULL REFERENCES calendar,
    hub_id       uuid NOT NULL,
    uid          text NOT NULL,
    starts       text NOT NULL,
    ends         text NOT NULL,
    title        text NOT NULL,
    about        text NOT NULL,
    place        text NOT NULL,
    page         text NOT NULL,
    sequence     integer NOT NULL CHECK (sequence >= 0),
    changed_at   timestamptz NOT NULL,
    cancelled_at timestamptz,
    PRIMARY KEY (calendar_id, uid)
);

-- A calendar is its school's or employer's own, and what it read and said is seen by who sees it.
ALTER TABLE calendar ENABLE ROW LEVEL SECURITY;
ALTER TABLE calendar_read ENABLE ROW LEVEL SECURITY;
ALTER TABLE calendar_entry ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON calendar TO hub_registry_app
    USING (hub_id = (SELECT scope_hub())
           AND (((SELECT scope_role()) = 'adviser' AND school_id = (SELECT scope_school()))
                OR ((SELECT scope_role()) = 'employer' AND employer_id = (SELECT scope_employer()))));
CREATE POLICY own ON calendar_read FOR SELECT TO hub_registry_app
    USING (calendar_id IN (SELECT calendar_id FROM calendar));
CREATE POLICY own ON calendar_entry TO hub_registry_app
    USING (hub_id = (SELECT scope_hub()) AND calendar_id IN (SELECT calendar_id FROM calendar));
CALL audit_table('calendar', 'calendar_id');
"""

# Like session_of: known by the secret alone, before any scope is set.
_DOOR = """
CREATE FUNCTION calendar_of(secret bytea)
    RETURNS TABLE (calendar_id uuid, hub_id uuid, school_id text, employer_id uuid, name text, reads integer)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
DECLARE
    found uuid;
BEGIN
    SELECT c.calendar_id INTO found FROM calendar c WHERE c.secret_sha256 = secret;
    IF found IS NULL THEN
        RETURN;
    END IF;
    INSERT INTO calendar_read AS r (calendar_id) VALUES (found)
        ON CONFLICT ON CONSTRAINT calendar_read_pkey DO UPDATE
       SET reads = CASE WHEN r.since < now() - interval '10 minutes' THEN 1 ELSE r.reads + 1 END,
           since = CASE WHEN r.since < now() - interval '10 minutes' THEN now() ELSE r.since END,
           read_at = now();
    RETURN QUERY
        SELECT c.calendar_id, c.hub_id, c.school_id, c.employer_id, coalesce(s.name, e.name), r.reads
          FROM calendar c
          JOIN calendar_read r ON r.calendar_id = c.calendar_id
          LEFT JOIN school s ON s.hub_id = c.hub_id AND s.school_id = c.school_id
          LEFT JOIN employer e ON e.employer_id = c.employer_id
         WHERE c.calendar_id = found;
END $$;
"""


def upgrade() -> None:
    sql(_CALENDARS)
    sql(_DOOR)
    grant("SELECT, INSERT, UPDATE", on="calendar", to=("app",))
    grant("SELECT", on="calendar_read", to=("app",))
    grant("SELECT, INSERT, UPDATE, DELETE", on="calendar_entry", to=("app",))
    sql("REVOKE ALL ON FUNCTION calendar_of(bytea) FROM PUBLIC")
    sql("GRANT EXECUTE ON FUNCTION calendar_of(bytea) TO hub_registry_app")
