-- Users, their sessions, and the record of who looked at what.
CREATE SCHEMA access;

CREATE TABLE access.app_user (
    user_id       uuid PRIMARY KEY,
    username      text        NOT NULL,
    name          text        NOT NULL,
    password_hash text        NOT NULL,    -- argon2id
    roles         text[]      NOT NULL,    -- the first is taken at sign-in
    is_demo       boolean     NOT NULL DEFAULT false,
    disabled      boolean     NOT NULL DEFAULT false,
    created_at    timestamptz NOT NULL
);
CREATE UNIQUE INDEX app_user_by_username ON access.app_user (lower(username));

CREATE TABLE access.session (
    token_hash bytea PRIMARY KEY,
    user_id    uuid        NOT NULL REFERENCES access.app_user (user_id),
    role       text        NOT NULL,
    created_at timestamptz NOT NULL,
    used_at    timestamptz NOT NULL
);
CREATE INDEX session_by_user ON access.session (user_id);

-- Failed sign-ins per account and per address, under keyed hashes.
CREATE TABLE access.sign_in_failure (
    bucket    bytea PRIMARY KEY,
    failures  integer     NOT NULL,
    last_at   timestamptz NOT NULL
);

-- The one-time code that makes the first administrator; gone once used.
CREATE TABLE access.setup_code (
    one       boolean PRIMARY KEY DEFAULT true CHECK (one),
    code_hash bytea NOT NULL
);

-- Who looked: one chain of hashes per writing process, field names and never values.
CREATE TABLE access.audit_read (
    writer      uuid        NOT NULL,
    seq         bigint      NOT NULL,
    at          timestamptz NOT NULL,
    user_id     uuid        NOT NULL,
    username    text        NOT NULL,
    role        text        NOT NULL,
    session     text        NOT NULL,      -- the first characters of the session's hash
    action      text        NOT NULL,      -- view, timeline, search, export …
    customer_id uuid,
    asked       text        NOT NULL,      -- a keyed hash of a search text; empty otherwise
    fields      text        NOT NULL,      -- names of what was shown, masked, or said to exist
    results     integer     NOT NULL,
    decision    text        NOT NULL,
    request_id  text        NOT NULL,
    policy      text        NOT NULL,
    hash        bytea       NOT NULL,
    PRIMARY KEY (writer, seq)
);
CREATE INDEX audit_read_by_customer ON access.audit_read (customer_id, at DESC) WHERE customer_id IS NOT NULL;

-- A customer's screen asks for the newest few entries of each type: one short descent per record and type.
CREATE INDEX entry_by_record_and_type ON timeline.entry (record_id, type, occurred_at DESC, entry_id)
    WHERE NOT deleted;
