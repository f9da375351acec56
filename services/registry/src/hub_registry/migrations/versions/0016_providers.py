"""Signing in by an OpenID provider: whom an account belongs to is recorded; what signing out there takes is kept."""

from hub_chassis.migrations import grant, sql

revision = "0016"
down_revision = "0015"

_TOKENS = """
ALTER TABLE visit ADD COLUMN id_token text;

CREATE TABLE provider_session (
    session_id uuid PRIMARY KEY REFERENCES session ON DELETE CASCADE,
    id_token   text NOT NULL
);
COMMENT ON TABLE provider_session IS 'What the provider is shown when its person signs out; dropped with the session';
ALTER TABLE provider_session ENABLE ROW LEVEL SECURITY;
"""

_AUDIT = """
CREATE FUNCTION audit_identity() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$ BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO audit (hub_id, staff_id, action, subject_kind, subject_id, after)
        SELECT a.hub_id, scope_staff(), 'created', 'identity', a.account_id::text,
               jsonb_build_object('issuer', NEW.issuer, 'subject', NEW.subject)
          FROM account a WHERE a.account_id = NEW.account_id;
    ELSE
        INSERT INTO audit (hub_id, staff_id, action, subject_kind, subject_id, before)
        SELECT a.hub_id, scope_staff(), 'removed', 'identity', a.account_id::text,
               jsonb_build_object('issuer', OLD.issuer, 'subject', OLD.subject)
          FROM account a WHERE a.account_id = OLD.account_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER audit_identity AFTER INSERT OR DELETE ON identity FOR EACH ROW EXECUTE FUNCTION audit_identity();
"""

# The hub sees that an account belongs to somebody at the provider, and since when; not to whom.
_RIGHTS = """
CREATE POLICY identity_by_hub ON identity FOR SELECT TO hub_registry_app
    USING ((SELECT scope_role()) = 'hub'
           AND EXISTS (SELECT FROM account a
                        WHERE a.account_id = identity.account_id AND a.hub_id = (SELECT scope_hub())));
GRANT SELECT (account_id, created_at) ON identity TO hub_registry_app;
"""


def upgrade() -> None:
    for part in (_TOKENS, _AUDIT, _RIGHTS):
        sql(part)
    for role in ("worker", "door"):
        sql(f"CREATE POLICY {role}_all ON provider_session TO hub_registry_{role} USING (true) WITH CHECK (true)")
        grant("SELECT, INSERT, UPDATE, DELETE", on="provider_session", to=(role,))
