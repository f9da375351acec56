"""A merge of employers takes their slots in draft along; the hub moves them without reading them."""

from hub_chassis.migrations import sql

revision = "0020"
down_revision = "0019"

_MOVE = """
CREATE FUNCTION move_drafts(of_id uuid, to_id uuid, only_these uuid[]) RETURNS SETOF uuid
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
    UPDATE slot_draft
       SET employer_id = to_id
     WHERE hub_id = scope_hub() AND scope_role() = 'hub' AND employer_id = of_id
       AND (only_these IS NULL OR draft_id = ANY (only_these))
    RETURNING draft_id
$$;
"""


def upgrade() -> None:
    sql(_MOVE)
    sql("REVOKE ALL ON FUNCTION move_drafts(uuid, uuid, uuid[]) FROM PUBLIC")
    sql("GRANT EXECUTE ON FUNCTION move_drafts(uuid, uuid, uuid[]) TO hub_registry_app")
