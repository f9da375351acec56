"""Accounts, invitations and what signing in needs; forms kept while a session was over."""

from hub_chassis.migrations import grant, sql

revision = "0006"
down_revision = "0005"

# An account is a person's way in, and is known by hub and address: the hub that adds a person may also let them set a
# new password, so an account that reached into another hub would open it to the first one's coordinators.
_ACCOUNTS = """
CREATE TABLE account (
    account_id    uuid PRIMARY KEY,
    hub_id        uuid NOT NULL REFERENCES hub,
    email         text NOT NULL CHECK (email = lower(email) AND email LIKE '%_@_%'),
    password_hash text,
    password_at   timestamptz,
    totp_secret   text,
    totp_at       timestamptz,
    totp_step     bigint,
    created_at    timestamptz NOT NULL DEFAULT now(),
    UNIQUE (email, hub_id),
    CHECK ((password_hash IS NULL) = (password_at IS NULL)),
    CHECK ((totp_secret IS NULL) = (totp_at IS NULL))
);
COMMENT ON COLUMN account.totp_step IS 'The last step of thirty seconds whose code was taken: none is taken twice';

CREATE TABLE recovery_code (
    account_id  uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    code_sha256 bytea NOT NULL CHECK (length(code_sha256) = 32),
    used_at     timestamptz,
    PRIMARY KEY (account_id, code_sha256)
);

CREATE TABLE identity (
    issuer     text NOT NULL,
    subject    text NOT NULL,
    account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (issuer, subject, account_id),
    UNIQUE (issuer, account_id)
);

CREATE TABLE invitation (
    invitation_id uuid PRIMARY KEY,
    hub_id        uuid NOT NULL,
    staff_id      uuid NOT NULL,
    secret_sha256 bytea NOT NULL UNIQUE CHECK (length(secret_sha256) = 32),
    resets_codes  boolean NOT NULL DEFAULT false,
    made_by       uuid,
    created_at    timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz NOT NULL,
    used_at       timestamptz,
    revoked_at    timestamptz,
    FOREIGN KEY (hub_id, staff_id) REFERENCES staff (hub_id, staff_id)
);
CREATE UNIQUE INDEX invitation_open ON invitation (staff_id) WHERE used_at IS NULL AND revoked_at IS NULL;

ALTER TABLE session ADD COLUMN account_id uuid REFERENCES account;
CREATE INDEX session_account ON session (account_id) WHERE account_id IS NOT NULL;
"""

_SIGNING_IN = """
CREATE TABLE attempt (
    key_sha256 bytea PRIMARY KEY CHECK (length(key_sha256) = 32),
    failures   integer NOT NULL,
    last_at    timestamptz NOT NULL DEFAULT now(),
    free_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE known_browser (
    secret_sha256 bytea PRIMARY KEY CHECK (length(secret_sha256) = 32),
    account_id    uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    used_at       timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX known_browser_account ON known_browser (account_id);

CREATE TABLE visit (
    secret_sha256 bytea PRIMARY KEY CHECK (length(secret_sha256) = 32),
    account_ids   uuid[] NOT NULL DEFAULT '{}',
    how           text CHECK (how IN ('password', 'provider')),
    second_factor boolean NOT NULL DEFAULT false,
    staff_id      uuid REFERENCES staff,
    totp_secret   text,
    asked         jsonb,
    next_page     text NOT NULL DEFAULT '/',
    expires_at    timestamptz NOT NULL
);

CREATE TABLE kept_form (
    kept_id    uuid PRIMARY KEY,
    hub_id     uuid NOT NULL,
    staff_id   uuid NOT NULL,
    address    text NOT NULL,
    came_from  text NOT NULL,
    fields     jsonb NOT NULL,
    had_files  boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (hub_id, staff_id) REFERENCES staff (hub_id, staff_id)
);
CREATE INDEX kept_form_staff ON kept_form (staff_id);
"""

# What of an account is recorded: that there is a new password or new codes, never the secrets themselves.
_AUDIT = """
CREATE FUNCTION audit_account() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$ BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO audit (hub_id, staff_id, action, subject_kind, subject_id, after)
        VALUES (NEW.hub_id, scope_staff(), 'created', 'account', NEW.account_id::text,
                jsonb_build_object('email', NEW.email));
    ELSIF (NEW.password_at, NEW.totp_at) IS DISTINCT FROM (OLD.password_at, OLD.totp_at) THEN
        INSERT INTO audit (hub_id, staff_id, action, subject_kind, subject_id, before, after)
        VALUES (NEW.hub_id, scope_staff(), 'changed', 'account', NEW.account_id::text,
                jsonb_build_object('password_at', OLD.password_at, 'totp_at', OLD.totp_at),
                jsonb_build_object('password_at', NEW.password_at, 'totp_at', NEW.totp_at));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER audit_account AFTER INSERT OR UPDATE ON account FOR EACH ROW EXECUTE FUNCTION audit_account();
CALL audit_table('invitation', 'invitation_id');
"""

# The hub sees who has a way in, and never the hash, the secret or the codes. The role of the door sees everybody's,
# because nobody has a scope before they are signed in; it sees nothing of students, slots or rounds.
_RIGHTS = """
CREATE POLICY account_by_hub ON account FOR SELECT TO hub_registry_app
    USING (hub_id = (SELECT scope_hub()) AND (SELECT scope_role()) = 'hub');
GRANT SELECT (account_id, hub_id, email, password_at, totp_at, created_at) ON account TO hub_registry_app;
CREATE POLICY invitation_by_hub ON invitation TO hub_registry_app
    USING (hub_id = (SELECT scope_hub()) AND (SELECT scope_role()) = 'hub');
CREATE POLICY session_seen_by_hub ON session FOR SELECT TO hub_registry_app
    USING (hub_id = (SELECT scope_hub()) AND (SELECT scope_role()) = 'hub');
CREATE POLICY kept_form_own ON kept_form TO hub_registry_app, hub_registry_import
    USING (hub_id = (SELECT scope_hub()) AND staff_id = (SELECT scope_staff()));

CREATE POLICY door_reads ON hub FOR SELECT TO hub_registry_door USING (true);
CREATE POLICY door_reads ON staff FOR SELECT TO hub_registry_door USING (true);
CREATE POLICY door_reads ON school FOR SELECT TO hub_registry_door USING (true);
CREATE POLICY door_reads ON employer FOR SELECT TO hub_registry_door USING (true);
GRANT SELECT (hub_id, name) ON hub TO hub_registry_door;
GRANT SELECT ON staff TO hub_registry_door;
GRANT SELECT (hub_id, school_id, name) ON school TO hub_registry_door;
GRANT SELECT (employer_id, name) ON employer TO hub_registry_door;
CREATE POLICY door_all ON session TO hub_registry_door USING (true) WITH CHECK (true);
"""

_DOORS_OWN = ("account", "recovery_code", "identity", "invitation", "attempt", "known_browser", "visit", "kept_form")


def upgrade() -> None:
    for part in (_ACCOUNTS, _SIGNING_IN, _AUDIT):
        sql(part)
    for table in _DOORS_OWN:
        sql(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        for role in ("worker", "door"):
            sql(f"CREATE POLICY {role}_all ON {table} TO hub_registry_{role} USING (true) WITH CHECK (true)")
            grant("SELECT, INSERT, UPDATE, DELETE", on=table, to=(role,))
    sql(_RIGHTS)
    grant("SELECT, INSERT, UPDATE", on="session", to=("door",))
    grant("SELECT, INSERT, UPDATE", on="invitation", to=("app",))
    grant("SELECT, DELETE", on="kept_form", to=("app",))
