"""Runs cut into shares, change runs, parts of a result as an open set, inputs that follow another."""

from hub_chassis.migrations import grant, sql

revision = "0002"
down_revision = "0001"

_CHANGES = """
ALTER TABLE frozen_input ADD COLUMN parent_input_id uuid;
COMMENT ON COLUMN frozen_input.parent_input_id IS 'the input it follows, when something changed after the closing';

ALTER TABLE run
    ADD COLUMN parent_run_id        uuid,
    ADD COLUMN parent_result_sha256 text CHECK (parent_result_sha256 ~ '^[0-9a-f]{64}$'),
    ADD COLUMN mode                 text CHECK (mode IN ('best', 'frozen')),
    ADD COLUMN shares               int CHECK (shares > 1),
    ADD CHECK ((parent_run_id IS NULL) = (parent_result_sha256 IS NULL)),
    ADD CHECK ((parent_run_id IS NULL) = (mode IS NULL));
COMMENT ON COLUMN run.parent_run_id IS 'the run whose allocation stands; it may not be known here: then the run fails';
COMMENT ON COLUMN run.shares IS 'how many jobs its components were dealt out to; NULL: not planned, or solved as one';
COMMENT ON TABLE job IS
    'work still to be done: a run as a whole (component 0, which waits for ever while shares are solved) or share 1, 2 …
     of its components; ended jobs are deleted';

CREATE TABLE run_share (
    run_id      uuid NOT NULL REFERENCES run,
    share       int NOT NULL CHECK (share >= 1),
    content     bytea STORAGE EXTERNAL NOT NULL,
    seconds     jsonb NOT NULL,
    peak_rss_mb double precision NOT NULL CHECK (peak_rss_mb >= 0),
    solved_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (run_id, share)
);
COMMENT ON TABLE run_share IS 'what each share came to, until all of them are put together; deleted when the run ends';

ALTER TABLE run_result DROP CONSTRAINT run_result_part_check;
ALTER TABLE run_result ADD CONSTRAINT run_result_part_check CHECK (part ~ '^[a-z][a-z_]{0,39}$');
"""


def upgrade() -> None:
    sql(_CHANGES)
    grant("SELECT, INSERT, UPDATE, DELETE", on="run_share", to=("worker",))
    grant("SELECT", on="run_share", to=("app",))
