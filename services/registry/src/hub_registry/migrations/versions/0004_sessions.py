"""Sessions of people signed in at the pages; the door of the demo."""

from hub_chassis.migrations import grant, sql

revision = "0004"
down_revision = "0003"

_SESSIONS = """
CREATE TABLE session (
    session_id    uuid PRIMARY KEY,
    staff_id      uuid NOT NULL,
    hub_id        uuid NOT NULL,
    secret_sha256 bytea NOT NULL UNIQUE CHECK (length(secret_sha256) = 32),
    how           text NOT NULL CHECK (how IN ('password', 'provider', 'demo')),
    second_factor boolean NOT NULL,
    agent         text NOT NULL DEFAULT '',
    created_at    timestamptz NOT NULL DEFAULT now(),
    seen_at       timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz NOT NULL,
    ended_at      timestamptz,
    FOREIGN KEY (hub_id, staff_id) REFERENCES staff (hub_id, staff_id)
);
CREATE INDEX session_staff ON session (staff_id);

ALTER TABLE session ENABLE ROW LEVEL SECURITY;
CREATE POLICY session_self ON session TO hub_registry_app
    USING (hub_id = (SELECT scope_hub()) AND staff_id = (SELECT scope_staff()));
CREATE POLICY session_by_hub ON session FOR UPDATE TO hub_registry_app
    USING (hub_id = (SELECT scope_hub()) AND (SELECT scope_role()) = 'hub');
CREATE POLICY worker_all ON session TO hub_registry_worker USING (true) WITH CHECK (true);
"""

# Like authenticate: known by the secret alone, before any scope is set.
_DOORS = """
CREATE FUNCTION session_of(secret bytea, idle interval)
    RETURNS TABLE (session_id uuid, staff_id uuid, hub_id uuid, role text, school_id text, employer_id uuid, name text,
                   how text, second_factor boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$ BEGIN
    UPDATE session s SET seen_at = now()
     WHERE s.secret_sha256 = secret AND s.ended_at IS NULL AND s.seen_at > now() - idle
       AND s.seen_at < now() - interval '1 minute';
    RETURN QUERY
        SELECT s.session_id, p.staff_id, p.hub_id, p.role, p.school_id, p.employer_id, p.name, s.how, s.second_factor
          FROM session s JOIN staff p ON p.staff_id = s.staff_id
         WHERE s.secret_sha256 = secret AND p.active AND s.ended_at IS NULL
           AND s.expires_at > now() AND s.seen_at > now() - idle;
END $$;

-- Whom a visitor of the demo may be: the service asks this in demo mode only.
CREATE FUNCTION demo_people()
    RETURNS TABLE (staff_id uuid, hub_id uuid, role text, name text, school_id text, employer_id uuid, place text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
    SELECT p.staff_id, p.hub_id, p.role, p.name, p.school_id, p.employer_id, coalesce(c.name, e.name, h.name)
      FROM (SELECT s.*, row_number() OVER (PARTITION BY s.hub_id, s.role ORDER BY s.staff_id) AS place
              FROM staff s WHERE s.active) p
      JOIN hub h ON h.hub_id = p.hub_id
      LEFT JOIN school c ON c.hub_id = p.hub_id AND c.school_id = p.school_id
      LEFT JOIN employer e ON e.employer_id = p.employer_id
     WHERE p.place <= 6
     ORDER BY h.created_at DESC, p.role DESC, p.staff_id
     LIMIT 100
$$;
"""


def upgrade() -> None:
    sql(_SESSIONS)
    sql(_DOORS)
    grant("SELECT, INSERT, UPDATE", on="session", to=("app",))
    grant("DELETE", on="idempotency_key", to=("app", "import"))
    grant("SELECT, INSERT, UPDATE, DELETE", on="session", to=("worker",))
    sql("REVOKE ALL ON FUNCTION session_of(bytea, interval), demo_people() FROM PUBLIC")
    sql("GRANT EXECUTE ON FUNCTION session_of(bytea, interval), demo_people() TO hub_registry_app")
