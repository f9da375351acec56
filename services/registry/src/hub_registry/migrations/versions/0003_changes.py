"""Change runs: the run they start from, who moves; inputs frozen anew keep the names of those who take part."""

from hub_chassis.migrations import grant, sql

revision = "0003"
down_revision = "0002"

_CHANGES = """
ALTER TABLE run
    ADD COLUMN parent_run_id uuid REFERENCES run,
    ADD COLUMN mode          text CHECK (mode IN ('best', 'frozen')),
    ADD CHECK ((parent_run_id IS NULL) = (mode IS NULL));

CREATE TABLE move (
    run_id        uuid NOT NULL,
    hub_id        uuid NOT NULL,
    round_id      uuid NOT NULL,
    place         integer NOT NULL CHECK (place >= 0),
    student_id    uuid NOT NULL,
    school_id     text NOT NULL,
    from_slot_id  uuid,
    to_slot_id    uuid,
    reason        text NOT NULL,
    PRIMARY KEY (run_id, place),
    CHECK (from_slot_id IS DISTINCT FROM to_slot_id)
);
CREATE INDEX move_by_school ON move (run_id, school_id);

CREATE TRIGGER names_students AFTER INSERT ON move REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION names_students();
CREATE TRIGGER move_goes AFTER DELETE ON student REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION student_goes('move');
DROP TRIGGER student_moves ON student;
CREATE TRIGGER student_moves AFTER UPDATE ON student REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION
    student_moves('preference', 'pin', 'participant', 'placement', 'unplaced', 'explanation', 'move');

ALTER TABLE move ENABLE ROW LEVEL SECURITY;
CREATE POLICY by_hub ON move TO hub_registry_app, hub_registry_import
    USING (hub_id = (SELECT scope_hub()) AND (SELECT scope_role()) = 'hub');
CREATE POLICY worker_all ON move TO hub_registry_worker USING (true);
CREATE POLICY own_school ON move FOR SELECT TO hub_registry_app, hub_registry_import
    USING (hub_id = (SELECT scope_hub()) AND (SELECT scope_role()) = 'adviser' AND school_id = (SELECT scope_school())
           AND run_id IN (SELECT published_run_id FROM round WHERE published_run_id IS NOT NULL));
"""


def upgrade() -> None:
    sql(_CHANGES)
    grant("SELECT", on="move", to=("app",))
    grant("SELECT, INSERT, UPDATE, DELETE", on="move", to=("worker",))
