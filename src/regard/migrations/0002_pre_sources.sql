-- The configured outside systems, their ingest keys (hashed) and what they have sent.
CREATE SCHEMA sources;

CREATE TABLE sources.source (
    slug       text PRIMARY KEY,
    title      text NOT NULL,
    connector  text NOT NULL,
    country    text,                    -- ISO 3166 default for telephone numbers and addresses
    currency   text,                    -- ISO 4217 default for amounts
    settings   jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL
);

CREATE TABLE sources.ingest_key (
    key_hash   bytea PRIMARY KEY,
    source     text NOT NULL REFERENCES sources.source (slug),
    hint       text NOT NULL,           -- the last four characters, to tell keys apart
    created_at timestamptz NOT NULL,
    revoked_at timestamptz
);

CREATE TABLE sources.traffic (
    source           text PRIMARY KEY REFERENCES sources.source (slug),
    accepted         bigint NOT NULL DEFAULT 0,
    duplicate        bigint NOT NULL DEFAULT 0,
    rejected         bigint NOT NULL DEFAULT 0,
    last_received_at timestamptz,
    last_occurred_at timestamptz
);

CREATE TABLE sources.traffic_hour (
    source   text NOT NULL,
    hour     timestamptz NOT NULL,
    accepted bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (source, hour)
);
