-- The log: contiguous numbers per partition from a head row, so that no reader can step over a late commit.
CREATE SCHEMA eventlog;

CREATE TABLE eventlog.partition_head (
    part smallint PRIMARY KEY,
    seq  bigint   NOT NULL DEFAULT 0
);
INSERT INTO eventlog.partition_head (part) SELECT generate_series(0, 15);

CREATE TABLE eventlog.event (
    part        smallint    NOT NULL,
    seq         bigint      NOT NULL,
    source      text        NOT NULL,
    event_id    text        NOT NULL,
    type        text        NOT NULL,
    subject     uuid        NOT NULL,   -- the source record whose key seals the body
    subject_key text[]      NOT NULL,   -- that record's source, stream and external id
    occurred_at timestamptz NOT NULL,
    stated_at   timestamptz,
    received_at timestamptz NOT NULL,
    body        bytea       NOT NULL,   -- sealed
    PRIMARY KEY (part, seq)
);

-- One row per (source, event id) for the life of the log: what was taken once is never taken again.
CREATE TABLE eventlog.event_key (
    source   text  NOT NULL,
    event_id text  NOT NULL,
    digest   bytea NOT NULL,            -- keyed, so that it says nothing about the content
    PRIMARY KEY (source, event_id)
);

-- The last content of an object whose source gives no event ids, so that a repetition is seen as unchanged.
CREATE TABLE eventlog.content_head (
    object_id uuid   PRIMARY KEY,
    digest    bytea  NOT NULL,
    revision  bigint NOT NULL
);

-- The key of a source record, wrapped under the root key; destroying the row makes its events unreadable.
CREATE TABLE eventlog.subject_key (
    subject uuid  PRIMARY KEY,
    wrapped bytea NOT NULL
);

CREATE TABLE eventlog.keyring_check (
    one     boolean PRIMARY KEY DEFAULT true CHECK (one),
    sealed  bytea   NOT NULL
);

-- How far a consumer has come, and who may move it: owner and epoch fence out a worker that was thought dead.
CREATE TABLE eventlog.lease (
    consumer   text        PRIMARY KEY,
    owner      text        NOT NULL,
    epoch      bigint      NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE TABLE eventlog.checkpoint (
    consumer text     NOT NULL,
    part     smallint NOT NULL,
    position bigint   NOT NULL DEFAULT 0,
    PRIMARY KEY (consumer, part)
);
