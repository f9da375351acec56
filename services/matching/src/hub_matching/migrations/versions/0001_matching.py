"""Frozen inputs, runs, jobs, results.

Large contents are stored as they are: compressing them costs more than writing them.
"""

from hub_chassis.migrations import chassis_tables, grant, sql

revision = "0001"
down_revision = None

_INPUTS = """
CREATE TABLE frozen_input (
    input_id        uuid PRIMARY KEY,
    hub_id          uuid NOT NULL,
    round_id        uuid NOT NULL,
    expected_sha256 text CHECK (expected_sha256 ~ '^[0-9a-f]{64}$'),
    expected_chunks int CHECK (expected_chunks >= 0),
    expected_rows   jsonb,
    correlation_id  uuid,
    causation_id    uuid,
    first_seen_at   timestamptz NOT NULL DEFAULT now(),
    announced_at    timestamptz,
    found_sha256    text,
    fault           text,
    held_at         timestamptz,
    unusable_reason text,
    CHECK ((announced_at IS NULL) = (expected_sha256 IS NULL)),
    CHECK ((announced_at IS NULL) = (expected_chunks IS NULL)),
    CHECK (held_at IS NULL OR found_sha256 = expected_sha256)
);
COMMENT ON COLUMN frozen_input.found_sha256 IS 'what the chunks made when last checked; NULL: not checked as they are';
CREATE INDEX frozen_input_pending ON frozen_input (first_seen_at) WHERE held_at IS NULL;

CREATE FUNCTION frozen_input_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.held_at IS NOT NULL AND NEW.held_at IS DISTINCT FROM OLD.held_at)
    OR (OLD.announced_at IS NOT NULL AND (NEW.expected_sha256, NEW.expected_chunks, NEW.expected_rows)
            IS DISTINCT FROM (OLD.expected_sha256, OLD.expected_chunks, OLD.expected_rows)) THEN
        RAISE EXCEPTION 'frozen input % does not change', OLD.input_id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER frozen_input_stays BEFORE UPDATE ON frozen_input
    FOR EACH ROW EXECUTE FUNCTION frozen_input_stays();

CREATE TABLE input_chunk (
    input_id   uuid NOT NULL REFERENCES frozen_input,
    index      int NOT NULL CHECK (index >= 0),
    table_name text NOT NULL,
    rows       text STORAGE EXTERNAL NOT NULL,
    PRIMARY KEY (input_id, index)
);
COMMENT ON COLUMN input_chunk.rows IS 'JSON array of rows of cells; deleted once the input is held';

CREATE TABLE input_table (
    input_id   uuid NOT NULL REFERENCES frozen_input,
    table_name text NOT NULL,
    content    bytea STORAGE EXTERNAL NOT NULL,
    PRIMARY KEY (input_id, table_name)
);
COMMENT ON COLUMN input_table.content IS 'canonical bytes; changed by erasure only, which ends the input''s use';

CREATE TABLE erased_participant (
    hub_id         uuid NOT NULL,
    participant_id text NOT NULL,
    erased_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (hub_id, participant_id)
);
"""

_RUNS = """
CREATE TABLE run (
    run_id         uuid PRIMARY KEY,
    hub_id         uuid NOT NULL,
    round_id       uuid NOT NULL,
    input_id       uuid NOT NULL REFERENCES frozen_input,
    input_sha256   text NOT NULL,
    policy         jsonb NOT NULL,
    state          text NOT NULL
                   CHECK (state IN ('waiting', 'queued', 'solving', 'solved', 'failed', 'cancelled')),
    waiting_for    text,
    correlation_id uuid,
    causation_id   uuid,
    requested_at   timestamptz NOT NULL DEFAULT now(),
    started_at     timestamptz,
    ended_at       timestamptz,
    result_sha256  text,
    failure_code   text,
    failure_reason text,
    CHECK ((state = 'waiting') = (waiting_for IS NOT NULL)),
    CHECK ((state IN ('solved', 'failed', 'cancelled')) = (ended_at IS NOT NULL)),
    CHECK ((state = 'solved') = (result_sha256 IS NOT NULL)),
    CHECK ((state = 'failed') = (failure_code IS NOT NULL))
);
CREATE INDEX run_by_input ON run (input_id, state);

CREATE TABLE run_cancellation (
    run_id       uuid PRIMARY KEY,
    hub_id       uuid NOT NULL,
    requested_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE run_cancellation IS 'cancellations that came before their run was requested';

CREATE TABLE job (
    run_id      uuid NOT NULL REFERENCES run,
    component   int NOT NULL DEFAULT 0 CHECK (component >= 0),
    fence       bigint NOT NULL DEFAULT 0,
    attempts    int NOT NULL DEFAULT 0,
    queued_at   timestamptz NOT NULL DEFAULT now(),
    not_before  timestamptz NOT NULL DEFAULT now(),
    worker      text,
    lease_until timestamptz,
    last_fault  text,
    PRIMARY KEY (run_id, component),
    CHECK ((worker IS NULL) = (lease_until IS NULL))
);
COMMENT ON TABLE job IS 'work still to be done: a run (component 0) or one of its components; ended jobs are deleted';
CREATE INDEX job_queue ON job (queued_at, run_id, component);

CREATE TABLE run_result (
    run_id uuid NOT NULL REFERENCES run,
    index  int NOT NULL CHECK (index >= 0),
    count  int NOT NULL CHECK (count > index),
    part   text NOT NULL CHECK (part IN ('allocations', 'unplaced', 'explanations', 'run', 'certificate')),
    rows   text STORAGE EXTERNAL NOT NULL,
    PRIMARY KEY (run_id, index)
);
COMMENT ON COLUMN run_result.rows IS 'JSON array of rows of cells, as sent';
"""

_TABLES = (
    "frozen_input", "input_chunk", "input_table", "erased_participant", "run", "run_cancellation", "job", "run_result",
)  # fmt: skip


def upgrade() -> None:
    chassis_tables()
    sql(_INPUTS)
    sql(_RUNS)
    for table in _TABLES:
        grant("SELECT, INSERT, UPDATE, DELETE", on=table, to=("worker",))
        grant("SELECT", on=table, to=("app",))
