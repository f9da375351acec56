"""What people enter: hubs, staff and tokens, programmes, schools, students, employers, slots; who may see what."""

from hub_chassis.migrations import chassis_tables, grant, sql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# The scope of a transaction, as the settings that the service sets with set_config(…, true). After the transaction a
# setting reads '' and not NULL, hence nullif: without a scope every policy below is false.
_SCOPE = """
CREATE FUNCTION scope_hub() RETURNS uuid LANGUAGE sql STABLE
    RETURN nullif(current_setting('hub.hub_id', true), '')::uuid;
CREATE FUNCTION scope_role() RETURNS text LANGUAGE sql STABLE
    RETURN nullif(current_setting('hub.role', true), '');
CREATE FUNCTION scope_staff() RETURNS uuid LANGUAGE sql STABLE
    RETURN nullif(current_setting('hub.staff_id', true), '')::uuid;
CREATE FUNCTION scope_school() RETURNS text LANGUAGE sql STABLE
    RETURN nullif(current_setting('hub.school_id', true), '');
CREATE FUNCTION scope_employer() RETURNS uuid LANGUAGE sql STABLE
    RETURN nullif(current_setting('hub.employer_id', true), '')::uuid;
"""

_PEOPLE = """
CREATE TABLE hub (
    hub_id       uuid PRIMARY KEY,
    slug         text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9][a-z0-9-]{1,62}$'),
    name         text NOT NULL CHECK (name <> ''),
    notices_held boolean NOT NULL DEFAULT false,
    created_at   timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE staff (
    staff_id    uuid PRIMARY KEY,
    hub_id      uuid NOT NULL REFERENCES hub,
    role        text NOT NULL CHECK (role IN ('adviser', 'employer', 'hub', 'operator')),
    name        text NOT NULL CHECK (name <> ''),
    email       text NOT NULL CHECK (email LIKE '%_@_%'),
    school_id   text,
    employer_id uuid,
    active      boolean NOT NULL DEFAULT true,
    created_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (hub_id, staff_id),
    CHECK ((role = 'adviser') = (school_id IS NOT NULL)),
    CHECK ((role = 'employer') = (employer_id IS NOT NULL))
);
CREATE UNIQUE INDEX staff_email ON staff (hub_id, lower(email), role, coalesce(school_id, ''),
    coalesce(employer_id, '00000000-0000-0000-0000-000000000000'));

CREATE TABLE token (
    token_id      uuid PRIMARY KEY,
    staff_id      uuid NOT NULL,
    hub_id        uuid NOT NULL,
    secret_sha256 bytea NOT NULL UNIQUE CHECK (length(secret_sha256) = 32),
    scopes        text[] NOT NULL DEFAULT '{}',
    created_at    timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz NOT NULL,
    revoked_at    timestamptz,
    last_used_at  timestamptz,
    FOREIGN KEY (hub_id, staff_id) REFERENCES staff (hub_id, staff_id)
);
CREATE INDEX token_staff ON token (staff_id);
"""

_PLACES = """
CREATE TABLE programme (
    programme_id               uuid PRIMARY KEY,
    hub_id                     uuid NOT NULL REFERENCES hub,
    name                       text NOT NULL CHECK (name <> ''),
    school_year                text NOT NULL CHECK (school_year ~ '^20[0-9]{2}/[0-9]{2}$'),
    first_date                 date NOT NULL,
    last_date                  date NOT NULL,
    year_groups                integer[] NOT NULL CHECK (year_groups <@ '{7,8,9,10,11,12,13}'),
    default_max_travel_minutes integer NOT NULL DEFAULT 60 CHECK (default_max_travel_minutes BETWEEN 1 AND 600),
    support_points             jsonb NOT NULL,
    created_at                 timestamptz NOT NULL DEFAULT now(),
    UNIQUE (hub_id, programme_id),
    UNIQUE (hub_id, name, school_year),
    CHECK (first_date <= last_date)
);

CREATE TABLE school (
    hub_id     uuid NOT NULL REFERENCES hub,
    school_id  text NOT NULL CHECK (school_id ~ '^[0-9]{5,6}$'),
    name       text NOT NULL CHECK (name <> ''),
    la         text NOT NULL DEFAULT '',
    postcode   text NOT NULL DEFAULT '',
    phase      text NOT NULL DEFAULT '',
    gender     text NOT NULL DEFAULT '',
    status     text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (hub_id, school_id)
);

CREATE TABLE postcode (
    postcode text PRIMARY KEY,
    lat      double precision NOT NULL CHECK (lat BETWEEN 49 AND 61),
    lon      double precision NOT NULL CHECK (lon BETWEEN -9 AND 3),
    lsoa21   text NOT NULL DEFAULT ''
);
"""

_STUDENTS = """
CREATE TABLE student (
    student_id         uuid PRIMARY KEY,
    hub_id             uuid NOT NULL,
    school_id          text NOT NULL,
    upn                text CHECK (upn <> ''),
    mis_id             text NOT NULL CHECK (mis_id <> ''),
    first_name         text NOT NULL,
    last_name          text NOT NULL,
    date_of_birth      date NOT NULL,
    year_group         integer NOT NULL CHECK (year_group BETWEEN 7 AND 13),
    gender             text NOT NULL DEFAULT '',
    home_postcode      text NOT NULL DEFAULT '',
    email              text NOT NULL DEFAULT '',
    free_school_meals  boolean NOT NULL DEFAULT false,
    send_status        text NOT NULL DEFAULT 'N' CHECK (send_status IN ('N', 'K', 'E')),
    access_needs       text[] NOT NULL DEFAULT '{}',
    travel_modes       text[] NOT NULL DEFAULT '{}'
                       CHECK (travel_modes <@ '{walk,cycle,public_transport,car}'),
    max_travel_minutes integer CHECK (max_travel_minutes BETWEEN 0 AND 600),
    available          text NOT NULL DEFAULT '',
    interests          text[] NOT NULL DEFAULT '{}',
    past_sectors       text[] NOT NULL DEFAULT '{}',
    excluded_employers text[] NOT NULL DEFAULT '{}',
    companion_mis_id   text CHECK (companion_mis_id <> mis_id),
    consent            text NOT NULL DEFAULT '' CHECK (consent IN ('yes', 'no', '')),
    left_at            timestamptz,
    created_at         timestamptz NOT NULL DEFAULT now(),
    -- Checked when a whole statement is done, because two students may swap ids in one import. The hub comes last:
    -- where all rows have the same, an index that begins with it is taken for a good one and is not.
    UNIQUE (school_id, mis_id, hub_id) DEFERRABLE INITIALLY IMMEDIATE,
    UNIQUE (upn, hub_id) DEFERRABLE INITIALLY IMMEDIATE,
    FOREIGN KEY (hub_id, school_id) REFERENCES school (hub_id, school_id)
);
"""

_EMPLOYERS = """
CREATE TABLE employer (
    employer_id           uuid PRIMARY KEY,
    hub_id                uuid NOT NULL REFERENCES hub,
    employer_ref          text NOT NULL CHECK (employer_ref <> ''),
    name                  text NOT NULL CHECK (name <> ''),
    sector                text NOT NULL,
    postcode              text NOT NULL DEFAULT '',
    contact_name          text NOT NULL DEFAULT '',
    contact_email         text NOT NULL DEFAULT '',
    insurance_valid_until date,
    risk_band             text NOT NULL DEFAULT 'low' CHECK (risk_band IN ('low', 'less_familiar', 'higher')),
    max_at_once           integer CHECK (max_at_once >= 0),
    verified_at           timestamptz,
    verified_by           uuid,
    created_at            timestamptz NOT NULL DEFAULT now(),
    UNIQUE (hub_id, employer_ref),
    UNIQUE (hub_id, employer_id)
);

CREATE TABLE slot (
    slot_id          uuid PRIMARY KEY,
    hub_id           uuid NOT NULL,
    programme_id     uuid NOT NULL,
    employer_id      uuid NOT NULL,
    slot_ref         text NOT NULL CHECK (slot_ref <> ''),
    title            text NOT NULL,
    sector           text NOT NULL,
    kind             text NOT NULL CHECK (kind IN ('placement', 'visit', 'talk', 'tour')),
    mode             text NOT NULL CHECK (mode IN ('in_person', 'virtual', 'hybrid')),
    postcode         text NOT NULL DEFAULT '',
    dates            text NOT NULL CHECK (dates <> ''),
    first_date       date NOT NULL,
    last_date        date NOT NULL,
    capacity         integer NOT NULL CHECK (capacity >= 0),
    min_group        integer CHECK (min_group >= 0),
    max_per_school   integer CHECK (max_per_school >= 0),
    single_school    boolean NOT NULL DEFAULT false,
    min_age          integer CHECK (min_age BETWEEN 0 AND 25),
    year_groups      integer[] NOT NULL DEFAULT '{}' CHECK (year_groups <@ '{7,8,9,10,11,12,13}'),
    access_provided  text[] NOT NULL DEFAULT '{}',
    reserved         integer NOT NULL DEFAULT 0,
    state            text NOT NULL DEFAULT 'published' CHECK (state IN ('published', 'withdrawn')),
    withdrawn_reason text,
    created_at       timestamptz NOT NULL DEFAULT now(),
    UNIQUE (programme_id, slot_ref),
    UNIQUE (hub_id, slot_id),
    FOREIGN KEY (hub_id, programme_id) REFERENCES programme (hub_id, programme_id),
    FOREIGN KEY (hub_id, employer_id) REFERENCES employer (hub_id, employer_id),
    CHECK (mode = 'virtual' OR postcode <> ''),
    CHECK (first_date <= last_date),
    CHECK (reserved BETWEEN 0 AND capacity),
    CHECK ((state = 'withdrawn') = (withdrawn_reason IS NOT NULL))
);
CREATE INDEX slot_employer ON slot (employer_id);

ALTER TABLE staff
    ADD FOREIGN KEY (hub_id, school_id) REFERENCES school (hub_id, school_id),
    ADD FOREIGN KEY (hub_id, employer_id) REFERENCES employer (hub_id, employer_id);
"""

_RECORDS = """
CREATE TABLE idempotency_key (
    staff_id       uuid NOT NULL REFERENCES staff,
    hub_id         uuid NOT NULL REFERENCES hub,
    key            text NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
    request_sha256 bytea NOT NULL,
    status         integer,
    headers        jsonb,
    body           bytea,
    created_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (staff_id, key)
);
CREATE INDEX idempotency_key_age ON idempotency_key (created_at);

CREATE TABLE import_receipt (
    import_id  uuid PRIMARY KEY,
    hub_id     uuid NOT NULL REFERENCES hub,
    kind       text NOT NULL,
    school_id  text,
    staff_id   uuid, -- none: the hub command
    at         timestamptz NOT NULL DEFAULT now(),
    sha256     text NOT NULL,
    size_bytes bigint NOT NULL,
    receipt    jsonb NOT NULL
);
CREATE INDEX import_receipt_recent ON import_receipt (hub_id, import_id);

CREATE TABLE audit (
    audit_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hub_id       uuid NOT NULL,
    staff_id     uuid,
    at           timestamptz NOT NULL DEFAULT now(),
    action       text NOT NULL CHECK (action IN ('created', 'changed', 'removed')),
    subject_kind text NOT NULL,
    subject_id   text NOT NULL,
    before       jsonb,
    after        jsonb
);
CREATE INDEX audit_subject ON audit (hub_id, subject_kind, subject_id, audit_id);
"""

# Written by triggers of the owner, so that nobody who changes a row can leave out, or invent, the record of it.
# A creation keeps no copy of the row: the row as it is and the later changes tell what it was.
# CREATE TRIGGER names the columns that make the subject's id, and the trigger's argument is their name.
_AUDIT = """
CREATE FUNCTION audit_created() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$ BEGIN
    -- Put together for the table, because a row's jsonb costs more than the row when thousands are entered.
    EXECUTE format('INSERT INTO audit (hub_id, staff_id, action, subject_kind, subject_id) '
                   'SELECT r.hub_id, $1, ''created'', $2, r.%I::text FROM new_rows r', TG_ARGV[0])
      USING scope_staff(), TG_TABLE_NAME;
    RETURN NULL;
END $$;

CREATE FUNCTION audit_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$ BEGIN
    WITH o AS MATERIALIZED (SELECT to_jsonb(r) AS row FROM old_rows r),
         n AS MATERIALIZED (SELECT to_jsonb(r) AS row FROM new_rows r)
    INSERT INTO audit (hub_id, staff_id, action, subject_kind, subject_id, before, after)
    SELECT (o.row ->> 'hub_id')::uuid, scope_staff(), 'changed', TG_TABLE_NAME, o.row ->> TG_ARGV[0], d.before, d.after
      FROM o
      JOIN n ON n.row ->> TG_ARGV[0] = o.row ->> TG_ARGV[0] AND n.row ->> 'hub_id' = o.row ->> 'hub_id'
     CROSS JOIN LATERAL (
           SELECT jsonb_object_agg(b.key, b.value) AS before, jsonb_object_agg(b.key, n.row -> b.key) AS after
             FROM jsonb_each(o.row) b
            WHERE b.value IS DISTINCT FROM n.row -> b.key) d
     WHERE d.before IS NOT NULL;
    RETURN NULL;
END $$;

CREATE FUNCTION audit_removed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$ BEGIN
    INSERT INTO audit (hub_id, staff_id, action, subject_kind, subject_id, before)
    SELECT r.hub_id, scope_staff(), 'removed', TG_TABLE_NAME, to_jsonb(r) ->> TG_ARGV[0], to_jsonb(r) FROM old_rows r;
    RETURN NULL;
END $$;

CREATE PROCEDURE audit_table(audited regclass, subject text) LANGUAGE plpgsql AS $$ BEGIN
    EXECUTE format('CREATE TRIGGER audit_created AFTER INSERT ON %s REFERENCING NEW TABLE AS new_rows '
                   'FOR EACH STATEMENT EXECUTE FUNCTION audit_created(%L)', audited, subject);
    EXECUTE format('CREATE TRIGGER audit_changed AFTER UPDATE ON %s '
                   'REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows '
                   'FOR EACH STATEMENT EXECUTE FUNCTION audit_changed(%L)', audited, subject);
    EXECUTE format('CREATE TRIGGER audit_removed AFTER DELETE ON %s REFERENCING OLD TABLE AS old_rows '
                   'FOR EACH STATEMENT EXECUTE FUNCTION audit_removed(%L)', audited, subject);
END $$;

CALL audit_table('hub', 'hub_id');
CALL audit_table('staff', 'staff_id');
CALL audit_table('programme', 'programme_id');
CALL audit_table('school', 'school_id');
CALL audit_table('student', 'student_id');
CALL audit_table('employer', 'employer_id');
CALL audit_table('slot', 'slot_id');
"""

# A caller is known by the secret alone, before any scope is set: these two run with the owner's rights and give
# away no more than the row of a secret that the caller already holds, or which of its own UPNs are taken.
_DOORS = """
CREATE FUNCTION authenticate(secret bytea)
    RETURNS TABLE (token_id uuid, staff_id uuid, hub_id uuid, role text, school_id text, employer_id uuid,
                   scopes text[], name text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$ BEGIN
    UPDATE token t SET last_used_at = now()
     WHERE t.secret_sha256 = secret AND (t.last_used_at IS NULL OR t.last_used_at < now() - interval '1 minute');
    RETURN QUERY
        SELECT t.token_id, s.staff_id, s.hub_id, s.role, s.school_id, s.employer_id, t.scopes, s.name
          FROM token t JOIN staff s ON s.staff_id = t.staff_id
         WHERE t.secret_sha256 = secret AND s.active AND t.revoked_at IS NULL AND t.expires_at > now();
END $$;

CREATE FUNCTION upns_elsewhere(school text, upns text[]) RETURNS SETOF text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
    SELECT upn FROM student
     WHERE hub_id = scope_hub() AND school_id <> school AND upn = ANY (upns)
$$;
"""

# What the hub has to look at itself: an employer neither decides it nor keeps the hub's word when it changes.
_VERIFYING = """
CREATE FUNCTION employer_changes_itself() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF (NEW.risk_band, NEW.employer_ref) IS DISTINCT FROM (OLD.risk_band, OLD.employer_ref)
        OR ((NEW.verified_at, NEW.verified_by) IS DISTINCT FROM (OLD.verified_at, OLD.verified_by)
            AND NEW.verified_at IS NOT NULL)
    THEN
        RAISE EXCEPTION 'only the hub verifies an employer and sets its risk band and reference'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.insurance_valid_until IS DISTINCT FROM OLD.insurance_valid_until THEN
        NEW.verified_at := NULL;
        NEW.verified_by := NULL;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER employer_changes_itself BEFORE UPDATE ON employer
    FOR EACH ROW WHEN (scope_role() = 'employer') EXECUTE FUNCTION employer_changes_itself();
"""

# USING decides what is seen and may be changed, WITH CHECK what may be written. Sub-selects are evaluated once per
# statement, not once per row.
_POLICIES = """
CREATE POLICY hub_own ON hub FOR SELECT TO {app}, {imports} USING (hub_id = (SELECT scope_hub()));
CREATE POLICY hub_by_hub ON hub FOR UPDATE TO {app}
    USING (hub_id = (SELECT scope_hub()) AND (SELECT scope_role()) = 'hub');

CREATE POLICY staff_by_hub ON staff TO {app}, {imports}
    USING (hub_id = (SELECT scope_hub()) AND (SELECT scope_role()) = 'hub');
CREATE POLICY staff_self ON staff FOR SELECT TO {app}, {imports}
    USING (hub_id = (SELECT scope_hub()) AND staff_id = (SELECT scope_staff()));
CREATE POLICY token_by_hub ON token TO {app}
    USING (hub_id = (SELECT scope_hub()) AND (SELECT scope_role()) = 'hub');
CREATE POLICY token_self ON token FOR SELECT TO {app}
    USING (hub_id = (SELECT scope_hub()) AND staff_id = (SELECT scope_staff()));
CREATE POLICY token_self_revoked ON token FOR UPDATE TO {app}
    USING (hub_id = (SELECT scope_hub()) AND staff_id = (SELECT scope_staff()));
CREATE POLICY token_stays_revoked ON token AS RESTRICTIVE FOR UPDATE TO {app}
    USING (true) WITH CHECK (revoked_at IS NOT NULL);

CREATE POLICY programme_seen ON programme FOR SELECT TO {app}, {imports} USING (hub_id = (SELECT scope_hub()));
CREATE POLICY programme_by_hub ON programme TO {app}
    USING (hub_id = (SELECT scope_hub()) AND (SELECT scope_role()) = 'hub');

CREATE POLICY school_by_hub ON school TO {app}, {imports}
    USING (hub_id = (SELECT scope_hub()) AND (SELECT scope_role()) = 'hub');
CREATE POLICY school_public ON school FOR SELECT TO {app}, {imports}
    USING (hub_id = (SELECT scope_hub()) AND (SELECT scope_role()) IN ('employer', 'operator'));
CREATE POLICY school_own ON school FOR SELECT TO {app}, {imports}
    USING (hub_id = (SELECT scope_hub()) AND (SELECT scope_role()) = 'adviser'
           AND school_id = (SELECT scope_school()));

CREATE POLICY postcode_seen ON postcode FOR SELECT TO {app}, {imports} USING (true);
CREATE POLICY postcode_by_hub ON postcode TO {app}, {imports} USING ((SELECT scope_role()) = 'hub');

CREATE POLICY student_by_hub ON student TO {app}, {imports}
    USING (hub_id = (SELECT scope_hub()) AND (SELECT scope_role()) = 'hub');
CREATE POLICY student_own_school ON student TO {app}, {imports}
    USING (hub_id = (SELECT scope_hub()) AND (SELECT scope_role()) = 'adviser'
           AND school_id = (SELECT scope_school()));

CREATE POLICY employer_by_hub ON employer TO {app}, {imports}
    USING (hub_id = (SELECT scope_hub()) AND (SELECT scope_role()) = 'hub');
CREATE POLICY employer_offered ON employer FOR SELECT TO {app}, {imports}
    USING (hub_id = (SELECT scope_hub()) AND (SELECT scope_role()) = 'adviser');
CREATE POLICY employer_own ON employer FOR SELECT TO {app}, {imports}
    USING (hub_id = (SELECT scope_hub()) AND (SELECT scope_role()) = 'employer'
           AND employer_id = (SELECT scope_employer()));
CREATE POLICY employer_own_changed ON employer FOR UPDATE TO {app}, {imports}
    USING (hub_id = (SELECT scope_hub()) AND (SELECT scope_role()) = 'employer'
           AND employer_id = (SELECT scope_employer()));

CREATE POLICY slot_by_hub ON slot TO {app}, {imports}
    USING (hub_id = (SELECT scope_hub()) AND (SELECT scope_role()) = 'hub');
CREATE POLICY slot_offered ON slot FOR SELECT TO {app}, {imports}
    USING (hub_id = (SELECT scope_hub()) AND (SELECT scope_role()) IN ('adviser', 'operator'));
CREATE POLICY slot_own ON slot TO {app}, {imports}
    USING (hub_id = (SELECT scope_hub()) AND (SELECT scope_role()) = 'employer'
           AND employer_id = (SELECT scope_employer()));

CREATE POLICY idempotency_own ON idempotency_key TO {app}, {imports}
    USING (hub_id = (SELECT scope_hub()) AND staff_id = (SELECT scope_staff()));
CREATE POLICY receipt_by_hub ON import_receipt TO {app}, {imports}
    USING (hub_id = (SELECT scope_hub()) AND (SELECT scope_role()) = 'hub');
CREATE POLICY receipt_own ON import_receipt TO {app}, {imports}
    USING (hub_id = (SELECT scope_hub()) AND staff_id = (SELECT scope_staff()));
CREATE POLICY audit_by_hub ON audit FOR SELECT TO {app}
    USING (hub_id = (SELECT scope_hub()) AND (SELECT scope_role()) = 'hub');
"""

_TABLES = (
    "hub", "staff", "token", "programme", "school", "postcode", "student", "employer", "slot",
    "idempotency_key", "import_receipt", "audit",
)  # fmt: skip


def upgrade() -> None:
    """Create the tables, their rights, and the policies that keep schools, employers and hubs apart."""
    chassis_tables()
    for part in (_SCOPE, _PEOPLE, _PLACES, _STUDENTS, _EMPLOYERS, _RECORDS, _AUDIT, _DOORS, _VERIFYING):
        sql(part)
    for table in _TABLES:
        sql(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        sql(f"CREATE POLICY worker_all ON {table} TO hub_registry_worker USING (true) WITH CHECK (true)")
        grant("SELECT, INSERT, UPDATE, DELETE", on=table, to=["worker"])
    sql(_POLICIES.format(app="hub_registry_app", imports="hub_registry_import"))
    grant("SELECT, UPDATE", on="hub", to=["app"])
    grant("SELECT", on="hub", to=["import"])
    grant("SELECT, INSERT, UPDATE", on="staff", to=["app"])
    grant("SELECT", on="staff", to=["import"])
    grant("SELECT, INSERT, UPDATE (revoked_at)", on="token", to=["app"])
    for table in ("programme", "student", "employer", "slot", "idempotency_key"):
        grant("SELECT, INSERT, UPDATE", on=table, to=["app"])
    grant("SELECT", on="programme", to=["import"])
    for table in ("school", "postcode", "student", "employer", "slot", "idempotency_key"):
        grant("SELECT, INSERT, UPDATE", on=table, to=["import"])
    for table in ("school", "postcode", "audit", "import_receipt"):
        grant("SELECT", on=table, to=["app"])
    grant("SELECT, INSERT", on="import_receipt", to=["import"])
    sql("REVOKE ALL ON FUNCTION authenticate(bytea), upns_elsewhere(text, text[]) FROM PUBLIC")
    sql("GRANT EXECUTE ON FUNCTION authenticate(bytea) TO hub_registry_app, hub_registry_worker")
    sql(
        "GRANT EXECUTE ON FUNCTION upns_elsewhere(text, text[]) "
        "TO hub_registry_app, hub_registry_import, hub_registry_worker"
    )
