"""Travel times that an adviser who knows better puts in the place of an estimate, each with its reason."""

from hub_chassis.migrations import grant, sql

revision = "0013"
down_revision = "0012"

_OVERRIDES = """
CREATE TABLE travel_override (
    override_id  uuid PRIMARY KEY,
    hub_id       uuid NOT NULL,
    school_id    text NOT NULL,
    origin       text NOT NULL CHECK (origin <> ''),
    destination  text NOT NULL CHECK (destination <> ''),
    mode         text NOT NULL CHECK (mode IN ('walk', 'cycle', 'public_transport', 'car')),
    minutes      integer NOT NULL CHECK (minutes BETWEEN 1 AND 600),
    estimate     integer NOT NULL CHECK (estimate >= 0),
    reason       text NOT NULL CHECK (reason <> ''),
    set_by       uuid NOT NULL REFERENCES staff,
    set_at       timestamptz NOT NULL,
    UNIQUE (hub_id, school_id, origin, destination, mode),
    FOREIGN KEY (hub_id, school_id) REFERENCES school (hub_id, school_id)
);
CALL audit_table('travel_override', 'override_id');

ALTER TABLE travel_override ENABLE ROW LEVEL SECURITY;
CREATE POLICY by_hub ON travel_override FOR SELECT TO hub_registry_app, hub_registry_import
    USING (hub_id = (SELECT scope_hub()) AND (SELECT scope_role()) = 'hub');
CREATE POLICY own_school ON travel_override TO hub_registry_app
    USING (hub_id = (SELECT scope_hub()) AND (SELECT scope_role()) = 'adviser'
           AND school_id = (SELECT scope_school()));
CREATE POLICY worker_all ON travel_override TO hub_registry_worker USING (true);

-- A time belongs to the journey, so all schools plan with it; whose it is and why is the school's and the hub's.
CREATE FUNCTION overridden_journeys()
    RETURNS TABLE (origin text, destination text, mode text, minutes integer, estimate integer)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
    SELECT DISTINCT ON (o.origin, o.destination, o.mode) o.origin, o.destination, o.mode, o.minutes, o.estimate
      FROM travel_override o
     WHERE o.hub_id = scope_hub() AND scope_role() IN ('adviser', 'hub')
     ORDER BY o.origin, o.destination, o.mode, o.set_at DESC
$$;
"""


def upgrade() -> None:
    sql(_OVERRIDES)
    grant("SELECT, INSERT, UPDATE, DELETE", on="travel_override", to=("app",))
    grant("SELECT", on="travel_override", to=("worker",))
    sql("REVOKE ALL ON FUNCTION overridden_journeys() FROM PUBLIC")
    sql("GRANT EXECUTE ON FUNCTION overridden_journeys() TO hub_registry_app")
