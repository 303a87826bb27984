-- What could not be accepted, kept with its reason until a person retries or discards it.
CREATE SCHEMA intake;

CREATE TABLE intake.quarantine (
    id          uuid        PRIMARY KEY,
    source      text        NOT NULL,
    received_at timestamptz NOT NULL,
    dialect     text        NOT NULL,            -- the format it came in, so that a retry goes through the same door
    context     jsonb       NOT NULL DEFAULT '{}', -- what the request said around the item: type of call, time of sending
    code        text        NOT NULL,            -- stable reason for machines
    reason      text        NOT NULL,            -- sentence with place and remedy
    body        bytea       NOT NULL,            -- the item as it came, sealed under its own key
    status      text        NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'retried', 'discarded')),
    resolved_at timestamptz,
    resolved_by text
);

-- The list of a source, newest first, and the count of what is open.
CREATE INDEX quarantine_by_source ON intake.quarantine (source, id DESC);
CREATE INDEX quarantine_open ON intake.quarantine (source) WHERE status = 'open';
