"""Rounds, preferences, pins, frozen inputs, runs, results, approvals, placements and the ledger of notices.

Everyone of a hub sees its rounds. Preferences, submissions, pins and participants are the school's and the hub's;
runs, results and approvals the hub's alone; a placement is also its school's and (through ``hosted_student``, which
shows no more than a host needs) its employer's, but only while its run is the one that stands.

Tables that take many thousand rows at once have no foreign keys: each costs as much as the row itself, because it looks
up, locks and writes to the other row once for every row that names it. They refer to students by statement instead
(``names_students``); slots, runs and rounds are never deleted, and whoever writes such rows has just read them.
Large contents are stored as they are: compressing them costs more than writing them.
"""

from hub_chassis.migrations import grant, sql

revision = "0002"
down_revision = "0001"

_ROUNDS = """
CREATE TABLE round (
    round_id            uuid PRIMARY KEY,
    hub_id              uuid NOT NULL REFERENCES hub,
    programme_id        uuid NOT NULL REFERENCES programme,
    name                text NOT NULL CHECK (name <> ''),
    state               text NOT NULL CHECK (state IN ('draft', 'open', 'closed', 'published', 'settled', 'cancelled')),
    opens_at            timestamptz,
    closes_at           timestamptz NOT NULL,
    policy              jsonb NOT NULL,
    lottery_commitment  text NOT NULL CHECK (lottery_commitment ~ '^[0-9a-f]{64}$'),
    created_at          timestamptz NOT NULL DEFAULT now(),
    created_by          uuid,
    opened_at           timestamptz,
    closed_at           timestamptz,
    cancelled_at        timestamptz,
    cancel_reason       text,
    published_at        timestamptz,
    published_run_id    uuid,
    settled_at          timestamptz,
    input_id            uuid,
    closing_failed      text,
    CHECK (opens_at IS NULL OR closes_at > opens_at),
    CHECK ((state IN ('closed', 'published', 'settled')) <= (input_id IS NOT NULL AND closed_at IS NOT NULL)),
    CHECK ((state IN ('published', 'settled')) <= (published_run_id IS NOT NULL))
);
CREATE UNIQUE INDEX round_one_at_once ON round (programme_id) WHERE state IN ('open', 'closed');
CREATE INDEX round_by_hub ON round (hub_id, round_id);

-- Apart from its round, because rows and not columns have policies: schools and employers read it from closing on.
CREATE TABLE lottery (
    round_id  uuid PRIMARY KEY REFERENCES round,
    hub_id    uuid NOT NULL REFERENCES hub,
    seed      text NOT NULL CHECK (length(seed) >= 32)
);

CREATE TABLE preference (
    round_id    uuid NOT NULL,
    hub_id      uuid NOT NULL,
    school_id   text NOT NULL,
    student_id  uuid NOT NULL,
    rank        integer NOT NULL CHECK (rank >= 1),
    slot_id     uuid NOT NULL,
    PRIMARY KEY (round_id, student_id, slot_id)
);
CREATE INDEX preference_by_school ON preference (round_id, school_id);

CREATE TABLE submission (
    round_id      uuid NOT NULL REFERENCES round,
    hub_id        uuid NOT NULL REFERENCES hub,
    school_id     text NOT NULL,
    submitted_at  timestamptz NOT NULL,
    submitted_by  uuid,
    students      integer NOT NULL CHECK (students >= 0),
    preferences   integer NOT NULL CHECK (preferences >= 0),
    PRIMARY KEY (round_id, school_id)
);

CREATE TABLE pin (
    round_id    uuid NOT NULL REFERENCES round,
    hub_id      uuid NOT NULL REFERENCES hub,
    school_id   text NOT NULL,
    student_id  uuid NOT NULL REFERENCES student ON DELETE CASCADE,
    slot_id     uuid NOT NULL REFERENCES slot,
    pinned_by   uuid,
    pinned_at   timestamptz NOT NULL,
    PRIMARY KEY (round_id, student_id)
);
"""

_INPUTS = """
CREATE TABLE participant (
    round_id        uuid NOT NULL,
    hub_id          uuid NOT NULL,
    participant_id  text NOT NULL,
    student_id      uuid NOT NULL,
    school_id       text NOT NULL,
    PRIMARY KEY (round_id, participant_id),
    UNIQUE (round_id, student_id)
);

CREATE TABLE frozen_input (
    input_id         uuid PRIMARY KEY,
    hub_id           uuid NOT NULL REFERENCES hub,
    round_id         uuid NOT NULL REFERENCES round,
    parent_input_id  uuid REFERENCES frozen_input,
    sha256           text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    rows             jsonb NOT NULL,
    chunks           integer NOT NULL CHECK (chunks >= 0),
    frozen_at        timestamptz NOT NULL,
    held_at          timestamptz
);
CREATE INDEX frozen_input_by_round ON frozen_input (round_id);

CREATE TABLE frozen_table (
    input_id  uuid NOT NULL REFERENCES frozen_input,
    hub_id    uuid NOT NULL REFERENCES hub,
    name      text NOT NULL,
    content   bytea STORAGE EXTERNAL NOT NULL,
    PRIMARY KEY (input_id, name)
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a frozen input does not change' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER frozen_table_stays BEFORE UPDATE OR DELETE ON frozen_table
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER frozen_input_stays BEFORE DELETE ON frozen_input
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER frozen_input_same BEFORE UPDATE ON frozen_input
    FOR EACH ROW WHEN ((OLD.input_id, OLD.hub_id, OLD.round_id, OLD.parent_input_id, OLD.sha256, OLD.rows, OLD.chunks,
                        OLD.frozen_at)
        IS DISTINCT FROM (NEW.input_id, NEW.hub_id, NEW.round_id, NEW.parent_input_id, NEW.sha256, NEW.rows, NEW.chunks,
                        NEW.frozen_at))
    EXECUTE FUNCTION refuse_change();
"""

_RUNS = """
CREATE TABLE run (
    run_id        uuid PRIMARY KEY,
    hub_id        uuid NOT NULL REFERENCES hub,
    round_id      uuid NOT NULL REFERENCES round,
    input_id      uuid NOT NULL REFERENCES frozen_input,
    policy        jsonb NOT NULL,
    state         text NOT NULL CHECK (state IN ('requested', 'waiting', 'solving', 'solved', 'approved', 'published',
                                                 'superseded', 'failed', 'cancelled')),
    requested_by  uuid,
    requested_at  timestamptz NOT NULL,
    waiting_for   text,
    progress      jsonb,
    report        jsonb,
    chunks_held   integer NOT NULL DEFAULT 0,
    failure       jsonb,
    verdict       text,
    recipients    integer CHECK (recipients >= 0),
    solved_at     timestamptz,
    approved_at   timestamptz,
    published_at  timestamptz,
    ended_at      timestamptz,
    CHECK ((state IN ('solved', 'approved', 'published', 'superseded')) <= (report IS NOT NULL))
);
CREATE INDEX run_by_round ON run (round_id, run_id);
CREATE UNIQUE INDEX run_one_stands ON run (round_id) WHERE state = 'published';
CREATE INDEX run_to_assemble ON run (run_id) WHERE state IN ('requested', 'waiting', 'solving') AND report IS NOT NULL;

CREATE TABLE result_chunk (
    run_id    uuid NOT NULL REFERENCES run,
    hub_id    uuid NOT NULL REFERENCES hub,
    place     integer NOT NULL CHECK (place >= 0),
    part      text NOT NULL,
    content   text STORAGE EXTERNAL NOT NULL,
    PRIMARY KEY (run_id, place)
);

CREATE TABLE run_result (
    run_id   uuid NOT NULL REFERENCES run,
    hub_id   uuid NOT NULL REFERENCES hub,
    name     text NOT NULL,
    content  bytea STORAGE EXTERNAL NOT NULL,
    PRIMARY KEY (run_id, name)
);

CREATE TABLE approval (
    run_id       uuid NOT NULL REFERENCES run,
    hub_id       uuid NOT NULL REFERENCES hub,
    staff_id     uuid NOT NULL REFERENCES staff,
    approved_at  timestamptz NOT NULL,
    comment      text NOT NULL DEFAULT '',
    PRIMARY KEY (run_id, staff_id)
);

CREATE TABLE placement (
    run_id       uuid NOT NULL,
    hub_id       uuid NOT NULL,
    round_id     uuid NOT NULL,
    student_id   uuid NOT NULL,
    school_id    text NOT NULL,
    slot_id      uuid NOT NULL,
    employer_id  uuid NOT NULL,
    rank         integer CHECK (rank >= 1),
    minutes      integer NOT NULL CHECK (minutes >= 0),
    mode_used    text NOT NULL,
    PRIMARY KEY (run_id, student_id, slot_id)
);
CREATE INDEX placement_by_school ON placement (run_id, school_id);
CREATE INDEX placement_by_employer ON placement (run_id, employer_id);

CREATE TABLE unplaced (
    run_id      uuid NOT NULL,
    hub_id      uuid NOT NULL,
    round_id    uuid NOT NULL,
    student_id  uuid NOT NULL,
    school_id   text NOT NULL,
    reason      text NOT NULL,
    PRIMARY KEY (run_id, student_id)
);
CREATE INDEX unplaced_by_school ON unplaced (run_id, school_id);

CREATE TABLE explanation (
    run_id      uuid NOT NULL,
    hub_id      uuid NOT NULL,
    place       integer NOT NULL,
    student_id  uuid,
    school_id   text,
    body        text NOT NULL,
    PRIMARY KEY (run_id, place)
);
CREATE INDEX explanation_by_school ON explanation (run_id, school_id, student_id);

CREATE TABLE notice (
    notice_id       uuid PRIMARY KEY,
    hub_id          uuid NOT NULL REFERENCES hub,
    round_id        uuid NOT NULL REFERENCES round,
    run_id          uuid NOT NULL REFERENCES run,
    recipient_kind  text NOT NULL CHECK (recipient_kind IN ('adviser', 'employer')),
    recipient_id    text NOT NULL,
    state           text NOT NULL CHECK (state IN ('sent', 'failed', 'uncertain')),
    reason          text NOT NULL DEFAULT '',
    sent_at         timestamptz,
    recorded_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX notice_by_round ON notice (hub_id, round_id, notice_id);
"""

# What a foreign key to student would do, once a statement: the students are held against deletion until the
# transaction ends, those that are gone are refused, and a deleted student takes these rows along.
# Planned anew each time, because a plan made while the tables were empty would stay.
_STUDENTS = """
CREATE FUNCTION names_students() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
DECLARE
    unknown uuid;
BEGIN
    EXECUTE 'SELECT FROM student WHERE student_id IN (SELECT n.student_id FROM new_rows n) FOR KEY SHARE';
    EXECUTE 'SELECT n.student_id FROM new_rows n LEFT JOIN student s USING (student_id)'
            ' WHERE s.student_id IS NULL AND n.student_id IS NOT NULL LIMIT 1' INTO unknown;
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION 'there is no student %', unknown USING ERRCODE = 'foreign_key_violation', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION student_goes() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$ BEGIN
    EXECUTE format('DELETE FROM %I WHERE student_id IN (SELECT o.student_id FROM old_rows o)', TG_ARGV[0]);
    RETURN NULL;
END $$;

-- What is kept of a student belongs to the school that the student is at, else neither school would see it.
CREATE FUNCTION student_moves() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
DECLARE
    moved uuid[];
    name  text;
BEGIN
    EXECUTE 'SELECT array_agg(n.student_id) FROM old_rows o JOIN new_rows n USING (student_id)'
            ' WHERE o.school_id <> n.school_id' INTO moved;
    IF moved IS NOT NULL THEN
        FOREACH name IN ARRAY TG_ARGV LOOP
            EXECUTE format('UPDATE %I kept SET school_id = s.school_id FROM student s'
                           ' WHERE s.student_id = kept.student_id AND kept.student_id = ANY ($1)', name) USING moved;
        END LOOP;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER student_moves AFTER UPDATE ON student REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION
    student_moves('preference', 'pin', 'participant', 'placement', 'unplaced', 'explanation');

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['preference', 'participant', 'placement', 'unplaced', 'explanation']
    LOOP
        EXECUTE format('CREATE TRIGGER names_students AFTER INSERT ON %I REFERENCING NEW TABLE AS new_rows '
                       'FOR EACH STATEMENT EXECUTE FUNCTION names_students()', name);
        EXECUTE format('CREATE TRIGGER %I AFTER DELETE ON student REFERENCING OLD TABLE AS old_rows '
                       'FOR EACH STATEMENT EXECUTE FUNCTION student_goes(%L)', name || '_goes', name);
    END LOOP;
END $$;
"""

_SECURITY = """
DO $$
DECLARE
    of_hub    text := 'hub_id = (SELECT scope_hub())';
    by_hub    text := '(SELECT scope_role()) = ''hub''';
    by_school text := '(SELECT scope_role()) = ''adviser'' AND school_id = (SELECT scope_school())';
    stands    text := 'run_id IN (SELECT published_run_id FROM round WHERE published_run_id IS NOT NULL)';
    people    text := 'hub_registry_app, hub_registry_import';
    name      text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'round', 'lottery', 'preference', 'submission', 'pin', 'participant', 'frozen_input', 'frozen_table', 'run',
        'result_chunk', 'run_result', 'approval', 'placement', 'unplaced', 'explanation', 'notice']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY by_hub ON %I TO %s USING (%s AND %s)', name, people, of_hub, by_hub);
        EXECUTE format('CREATE POLICY worker_all ON %I TO hub_registry_worker USING (true)', name);
    END LOOP;
    EXECUTE format('CREATE POLICY seen ON round FOR SELECT TO %s USING (%s)', people, of_hub);
    EXECUTE format('CREATE POLICY revealed ON lottery FOR SELECT TO %s USING (%s AND round_id IN '
                   '(SELECT round_id FROM round WHERE closed_at IS NOT NULL))', people, of_hub);
    FOREACH name IN ARRAY ARRAY['preference', 'submission'] LOOP
        EXECUTE format('CREATE POLICY own_school ON %I TO %s USING (%s AND %s)', name, people, of_hub, by_school);
    END LOOP;
    EXECUTE format('CREATE POLICY own_school ON pin FOR SELECT TO %s USING (%s AND %s)', people, of_hub, by_school);
    FOREACH name IN ARRAY ARRAY['placement', 'unplaced', 'explanation'] LOOP
        EXECUTE format('CREATE POLICY own_school ON %I FOR SELECT TO %s USING (%s AND %s AND %s)',
            name, people, of_hub, by_school, stands);
    END LOOP;
END $$;

-- Whoever enters preferences keeps the round open meanwhile, without a right to change it.
CREATE FUNCTION hold_round(held uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public
AS $$ BEGIN
    PERFORM FROM round WHERE round_id = held AND hub_id = scope_hub() FOR SHARE;
END $$;

CREATE VIEW hosted_student WITH (security_barrier) AS
    SELECT p.run_id, p.round_id, p.slot_id, p.student_id, s.first_name, s.year_group, s.access_needs
      FROM placement p
      JOIN round r ON r.published_run_id = p.run_id
      JOIN student s USING (student_id)
     WHERE p.hub_id = (SELECT scope_hub())
       AND (SELECT scope_role()) = 'employer'
       AND p.employer_id = (SELECT scope_employer());
COMMENT ON VIEW hosted_student IS
    'What an employer sees of who is coming: no rank, home, priority or family name, whatever is asked of it.';

CALL audit_table('round', 'round_id');
CALL audit_table('submission', 'school_id');
CALL audit_table('pin', 'student_id');
CALL audit_table('approval', 'run_id');
"""

_WRITTEN_BY_PEOPLE = ("round", "run", "preference", "submission", "pin", "participant", "approval")
_WRITTEN_ONCE = ("lottery", "frozen_input", "frozen_table")
_FROM_MATCHING = ("result_chunk", "run_result", "placement", "unplaced", "explanation", "notice")


def upgrade() -> None:
    for part in (_ROUNDS, _INPUTS, _RUNS, _STUDENTS, _SECURITY):
        sql(part)
    for table in _WRITTEN_BY_PEOPLE:
        grant("SELECT, INSERT, UPDATE, DELETE", on=table, to=("app", "worker"))
    for table in _WRITTEN_ONCE:
        grant("SELECT, INSERT", on=table, to=("app", "worker"))
    for table in _FROM_MATCHING:
        grant("SELECT", on=table, to=("app",))
        grant("SELECT, INSERT, UPDATE, DELETE", on=table, to=("worker",))
    sql("GRANT UPDATE (held_at) ON frozen_input TO hub_registry_worker")
    grant("SELECT", on="hosted_student", to=("app",))
    for table in ("round", "lottery"):
        grant("SELECT", on=table, to=("import",))
    for table in ("preference", "submission"):
        grant("SELECT, INSERT, UPDATE, DELETE", on=table, to=("import",))
    sql("REVOKE ALL ON FUNCTION hold_round(uuid) FROM PUBLIC")
    sql("GRANT EXECUTE ON FUNCTION hold_round(uuid) TO hub_registry_app, hub_registry_import, hub_registry_worker")
