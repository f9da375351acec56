-- The plumbing's own tables, in every service's database. Added to by new revisions, never edited.

CREATE TABLE outbox (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic      text NOT NULL,
    key        text NOT NULL,
    payload    bytea STORAGE EXTERNAL NOT NULL, -- as it is: compressing a chunk costs more than writing it
    created_at timestamptz NOT NULL DEFAULT now(),
    sent_at    timestamptz
);
CREATE INDEX outbox_unsent ON outbox (id) WHERE sent_at IS NULL;
CREATE INDEX outbox_sent ON outbox (sent_at) WHERE sent_at IS NOT NULL;

CREATE TABLE inbox (
    envelope_id uuid PRIMARY KEY,
    handled_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX inbox_handled ON inbox (handled_at);

CREATE TABLE passed_seq (
    source  text NOT NULL,
    topic   text NOT NULL,
    subject text NOT NULL,
    seq     bigint NOT NULL,
    PRIMARY KEY (source, topic, subject)
);

CREATE TABLE dead_letter (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic       text NOT NULL,
    key         text,
    partition   integer NOT NULL,
    "offset"    bigint NOT NULL,
    reason      text NOT NULL CHECK (reason IN ('unreadable', 'permanent', 'parked')),
    error       text NOT NULL,
    written_at  timestamptz NOT NULL,
    headers     jsonb NOT NULL DEFAULT '[]',
    value       bytea NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    settled_at  timestamptz,
    settled_how text CHECK (settled_how IN ('replayed', 'discarded')),
    UNIQUE (topic, partition, "offset", written_at), -- a topic made anew counts from 0 again
    CHECK ((settled_at IS NULL) = (settled_how IS NULL))
);
CREATE INDEX dead_letter_open ON dead_letter (topic, key, id) WHERE settled_at IS NULL;

CREATE TABLE parked_key (
    topic     text NOT NULL,
    key       text NOT NULL,
    parked_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic, key)
);

CREATE TABLE due (
    id         uuid PRIMARY KEY,
    hub_id     uuid,
    kind       text NOT NULL,
    subject    text NOT NULL,
    due_at     timestamptz NOT NULL,
    payload    jsonb NOT NULL DEFAULT '{}',
    tries      integer NOT NULL DEFAULT 0 CHECK (tries >= 0),
    next_try   timestamptz NOT NULL,
    last_error text,
    UNIQUE (kind, subject, due_at)
);
CREATE INDEX due_next ON due (next_try);
