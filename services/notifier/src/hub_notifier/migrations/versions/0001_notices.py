"""Publications, their notices, holds and the delivery ledger."""

from hub_chassis.migrations import chassis_tables, grant, sql

revision = "0001"
down_revision = None


def upgrade() -> None:
    chassis_tables()
    sql(
        """
        CREATE TABLE publication (
            run_id         uuid PRIMARY KEY,
            round_id       uuid NOT NULL,
            hub_id         uuid NOT NULL,
            programme_id   uuid NOT NULL,
            result_sha256  text NOT NULL CHECK (result_sha256 ~ '^[0-9a-f]{64}$'),
            published_at   timestamptz NOT NULL,
            correlation_id uuid NOT NULL,
            state          text NOT NULL CHECK (state IN ('recorded', 'expanded', 'superseded')),
            due_at         timestamptz NOT NULL DEFAULT now(),
            recorded_at    timestamptz NOT NULL DEFAULT now()
        );
        CREATE INDEX publication_recorded ON publication (due_at, run_id) WHERE state = 'recorded';

        -- Runs that no longer stand, also when the news of that came before the news of their publication.
        CREATE TABLE superseded_run (
            run_id        uuid PRIMARY KEY,
            superseded_at timestamptz NOT NULL DEFAULT now()
        );

        -- due_at: in waiting, when to try next; in sending and handing_over, when the lease of the claim ends.
        CREATE TABLE notice (
            notice_id        uuid PRIMARY KEY,
            run_id           uuid NOT NULL REFERENCES publication,
            hub_id           uuid NOT NULL,
            kind             text NOT NULL CHECK (kind IN ('adviser', 'employer')),
            recipient_id     text NOT NULL CHECK (recipient_id <> ''),
            state            text NOT NULL DEFAULT 'waiting'
                CHECK (state IN ('waiting', 'sending', 'handing_over', 'sent', 'failed', 'uncertain')),
            reason           text,
            claim            uuid,
            due_at           timestamptz NOT NULL DEFAULT now(),
            deferrals        integer NOT NULL DEFAULT 0 CHECK (deferrals >= 0),
            first_put_off_at timestamptz,
            created_at       timestamptz NOT NULL DEFAULT now(),
            settled_at       timestamptz,
            UNIQUE (run_id, kind, recipient_id),
            CHECK (state NOT IN ('sending', 'handing_over') OR claim IS NOT NULL),
            CHECK (state NOT IN ('waiting', 'sent', 'failed') OR claim IS NULL),
            CHECK ((state IN ('sent', 'failed', 'uncertain')) = (settled_at IS NOT NULL)),
            CHECK (state NOT IN ('failed', 'uncertain') OR reason IS NOT NULL)
        );
        CREATE INDEX notice_due ON notice (due_at, notice_id) WHERE state IN ('waiting', 'sending');
        CREATE INDEX notice_handing_over ON notice (due_at) WHERE state = 'handing_over';

        -- A hub that holds its notices, as the registry last said; looked at again from look_at on.
        CREATE TABLE hold (
            hub_id  uuid PRIMARY KEY,
            look_at timestamptz NOT NULL
        );

        -- The delivery ledger: how each try ended. Codes only: no address, no name, no words of a mail server.
        CREATE TABLE delivery (
            delivery_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            notice_id   uuid NOT NULL REFERENCES notice,
            channel     text NOT NULL,
            outcome     text NOT NULL CHECK (outcome IN ('sent', 'put_off', 'failed', 'uncertain', 'retried_by_hand')),
            reason      text,
            at          timestamptz NOT NULL DEFAULT now()
        );
        CREATE INDEX delivery_notice ON delivery (notice_id, delivery_id);
        """
    )
    for table in ("publication", "superseded_run", "notice", "delivery"):
        grant("SELECT, INSERT, UPDATE", on=table, to=("worker",))
    grant("SELECT, INSERT, UPDATE, DELETE", on="hold", to=("worker",))
    grant("SELECT, UPDATE", on="notice", to=("app",))
    grant("SELECT", on="publication", to=("app",))
    grant("SELECT", on="hold", to=("app",))
    grant("SELECT, INSERT", on="delivery", to=("app",))
