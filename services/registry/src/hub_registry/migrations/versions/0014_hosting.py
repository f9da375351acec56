"""What employers do at the pages: begin a slot and go on later, see how far along it is and who comes."""

from hub_chassis.migrations import grant, sql

revision = "0014"
down_revision = "0013"

# A draft is its employer's own: what is typed so far, whether it goes together or not.
_DRAFTS = """
CREATE TABLE slot_draft (
    draft_id    uuid PRIMARY KEY,
    hub_id      uuid NOT NULL,
    employer_id uuid NOT NULL,
    made_by     uuid NOT NULL,
    typed       jsonb NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    changed_at  timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (hub_id, employer_id) REFERENCES employer (hub_id, employer_id)
);
CREATE INDEX slot_draft_employer ON slot_draft (employer_id, draft_id);

ALTER TABLE slot_draft ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON slot_draft TO hub_registry_app
    USING (hub_id = (SELECT scope_hub()) AND (SELECT scope_role()) = 'employer'
           AND employer_id = (SELECT scope_employer()));
CREATE POLICY worker_all ON slot_draft TO hub_registry_worker USING (true) WITH CHECK (true);

CREATE POLICY staff_colleagues ON staff FOR SELECT TO hub_registry_app
    USING (hub_id = (SELECT scope_hub()) AND (SELECT scope_role()) = 'employer' AND role = 'employer'
           AND employer_id = (SELECT scope_employer()));
"""

# Before publication an employer is told a band and never a number: whoever publishes a slot for one school would
# otherwise learn who asked. Fewer than five are told as one band, none among them.
_REACH = """
CREATE OR REPLACE VIEW hosted_student WITH (security_barrier) AS
    SELECT p.run_id, p.round_id, p.slot_id, p.student_id, s.first_name, s.year_group, s.access_needs, s.school_id
      FROM placement p
      JOIN round r ON r.published_run_id = p.run_id
      JOIN student s USING (student_id)
     WHERE p.hub_id = (SELECT scope_hub())
       AND (SELECT scope_role()) = 'employer'
       AND p.employer_id = (SELECT scope_employer());
COMMENT ON VIEW hosted_student IS
    'What an employer sees of who is coming: no rank, home, priority or family name, whatever is asked of it.';

CREATE FUNCTION slots_asked() RETURNS TABLE (slot_id uuid, round_id uuid, at_least integer)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
    SELECT s.slot_id, r.round_id,
           CASE WHEN n.asked >= 50 THEN 50 WHEN n.asked >= 20 THEN 20 WHEN n.asked >= 10 THEN 10
                WHEN n.asked >= 5 THEN 5 ELSE 0 END
      FROM slot s
      JOIN round r ON r.programme_id = s.programme_id AND r.state IN ('open', 'closed')
      LEFT JOIN (SELECT p.round_id, p.slot_id, count(*) AS asked
                   FROM preference p
                  WHERE p.round_id IN (SELECT o.round_id FROM round o
                                        WHERE o.hub_id = scope_hub() AND o.state IN ('open', 'closed'))
                  GROUP BY p.round_id, p.slot_id) a ON a.round_id = r.round_id AND a.slot_id = s.slot_id
     CROSS JOIN LATERAL (SELECT coalesce(a.asked, 0) AS asked) n
     WHERE s.hub_id = scope_hub() AND scope_role() = 'employer' AND s.employer_id = scope_employer()
       AND s.state = 'published'
$$;

-- Whom to write to on the day: advisers of schools whose students the caller hosts, nobody else's.
CREATE FUNCTION hosted_contacts() RETURNS TABLE (school_id text, name text, email text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
    SELECT f.school_id, f.name, f.email
      FROM staff f
     WHERE f.hub_id = scope_hub() AND scope_role() = 'employer' AND f.role = 'adviser' AND f.active
       AND f.school_id IN (SELECT p.school_id
                             FROM placement p
                             JOIN round r ON r.published_run_id = p.run_id
                            WHERE p.hub_id = scope_hub() AND p.employer_id = scope_employer())
     ORDER BY f.school_id, f.name, f.staff_id
$$;
"""


def upgrade() -> None:
    sql(_DRAFTS)
    sql(_REACH)
    grant("SELECT, INSERT, UPDATE, DELETE", on="slot_draft", to=("app", "worker"))
    sql("REVOKE ALL ON FUNCTION slots_asked(), hosted_contacts() FROM PUBLIC")
    sql("GRANT EXECUTE ON FUNCTION slots_asked(), hosted_contacts() TO hub_registry_app")
