"""How much each slot is asked for in a round, in bands: schools see the band and never the number."""

from hub_chassis.migrations import sql

revision = "0011"
down_revision = "0010"

# Each band covers at least two numbers, whatever the seats, so that no count can be read off.
_DEMAND = """
CREATE FUNCTION slot_demand(of_round uuid) RETURNS TABLE (slot_id uuid, band text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
    SELECT s.slot_id,
           CASE WHEN n.seats < 3 AND n.ranked <= n.seats THEN 'even'
                WHEN n.seats < 3 AND n.ranked <= 3 * n.seats THEN 'more'
                WHEN n.seats < 3 THEN 'much_more'
                WHEN n.ranked * 4 < n.seats * 3 THEN 'low'
                WHEN n.ranked * 2 <= n.seats * 3 THEN 'even'
                WHEN n.ranked * 2 <= n.seats * 5 THEN 'more'
                ELSE 'much_more' END
      FROM round r
      JOIN slot s ON s.programme_id = r.programme_id AND s.state = 'published'
      LEFT JOIN (SELECT p.slot_id, count(*) AS ranked FROM preference p WHERE p.round_id = of_round
                  GROUP BY p.slot_id) d ON d.slot_id = s.slot_id
      LEFT JOIN (SELECT p.slot_id, count(*) AS taken
                   FROM round o
                   JOIN placement p ON p.run_id = o.published_run_id
                  WHERE o.round_id <> of_round
                    AND o.programme_id = (SELECT x.programme_id FROM round x WHERE x.round_id = of_round)
                  GROUP BY p.slot_id) t ON t.slot_id = s.slot_id
     CROSS JOIN LATERAL (SELECT greatest(0, s.capacity - coalesce(t.taken, 0)) AS seats,
                                coalesce(d.ranked, 0) AS ranked) n
     WHERE r.round_id = of_round AND r.hub_id = scope_hub() AND scope_role() IN ('adviser', 'hub')
$$;
"""


def upgrade() -> None:
    sql(_DEMAND)
    sql("REVOKE ALL ON FUNCTION slot_demand(uuid) FROM PUBLIC")
    sql("GRANT EXECUTE ON FUNCTION slot_demand(uuid) TO hub_registry_app")
