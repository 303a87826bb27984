-- What pushed requests leave behind besides their records: deliveries seen, records to be fetched, what was turned away.
CREATE TABLE intake.seen_delivery (
    source      text        NOT NULL,
    delivery_id text        NOT NULL,                    -- the sender's own name of it, or a hash of a long one
    at          timestamptz NOT NULL,
    PRIMARY KEY (source, delivery_id)
);
CREATE INDEX seen_delivery_by_time ON intake.seen_delivery (at);

-- Records that a push only named: written with the push, removed with the record.
CREATE TABLE intake.wanted_record (
    source      text        NOT NULL REFERENCES sources.source (slug),
    stream      text        NOT NULL,
    external_id text        NOT NULL,
    asked_at    timestamptz NOT NULL,
    failures    integer     NOT NULL DEFAULT 0,          -- in a row
    retry_at    timestamptz,
    error_code  text,
    error       text,
    PRIMARY KEY (source, stream, external_id)
);
CREATE INDEX wanted_record_by_time ON intake.wanted_record (source, asked_at);

-- Pushes that brought nothing, counted by reason; nothing of them is kept.
CREATE TABLE intake.webhook_count (
    source   text        NOT NULL REFERENCES sources.source (slug),
    code     text        NOT NULL,                       -- wrong_signature, stale_signature, seen_before …
    requests bigint      NOT NULL,
    first_at timestamptz NOT NULL,
    last_at  timestamptz NOT NULL,
    sentence text        NOT NULL,                       -- the latest reason, with what to check
    PRIMARY KEY (source, code)
);
