"""How many seats of each slot other rounds of the programme have given away: a number, for advisers too.

Row-level security shows an adviser the placements of their own school only, so their page counted too many seats left.
"""

from hub_chassis.migrations import sql

revision = "0021"
down_revision = "0020"

_TAKEN = """
CREATE FUNCTION seats_taken(of_round uuid) RETURNS TABLE (slot_id uuid, taken integer)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
    SELECT p.slot_id, count(*)::int
      FROM round r
      JOIN round o ON o.programme_id = r.programme_id AND o.round_id <> of_round
      JOIN placement p ON p.run_id = o.published_run_id
     WHERE r.round_id = of_round AND r.hub_id = scope_hub() AND scope_role() IN ('adviser', 'hub')
     GROUP BY p.slot_id
$$;
"""


def upgrade() -> None:
    sql(_TAKEN)
    sql("REVOKE ALL ON FUNCTION seats_taken(uuid) FROM PUBLIC")
    sql("GRANT EXECUTE ON FUNCTION seats_taken(uuid) TO hub_registry_app, hub_registry_worker")
