-- Weights that decide who is who. Kept for ever: what decided once can decide again.
CREATE TABLE identity.model (
    version  text PRIMARY KEY,             -- ends with the beginning of the digest: equal weights, equal version
    digest   text NOT NULL,                -- SHA-256 of the content, hexadecimal
    how      text NOT NULL,                -- shipped, learnt, imported
    made_at  timestamptz NOT NULL,
    made_by  text NOT NULL,
    records  bigint,                       -- learnt from so many
    notes    text NOT NULL,
    body     bytea NOT NULL                -- the weights as JSON, compressed, sealed: common values may be personal
);
-- Which weights were to decide from when on; follows from the log, the latest counts.
CREATE TABLE identity.model_use (
    event_id text PRIMARY KEY,
    version  text NOT NULL,
    digest   text NOT NULL,
    used_at  timestamptz NOT NULL,
    used_by  text NOT NULL,
    reason   text NOT NULL
);
-- Which weights the customers are decided by now, or how far the worker is with deciding anew.
CREATE TABLE identity.model_state (
    one        boolean PRIMARY KEY DEFAULT true CHECK (one),
    version    text NOT NULL,
    stage      text NOT NULL,              -- reading, deciding, done
    records    bigint NOT NULL,            -- read so far
    of_records bigint NOT NULL,
    customers  bigint NOT NULL,            -- that changed
    at         timestamptz NOT NULL
);
-- Learning new weights and comparing two sets of them: long work that the worker does beside everything else.
CREATE TABLE identity.model_job (
    job_id      uuid PRIMARY KEY,
    kind        text NOT NULL CHECK (kind IN ('train', 'compare')),
    status      text NOT NULL CHECK (status IN ('waiting', 'running', 'done', 'failed')),
    version     text,                      -- compare: the weights to look at; train: those that were learnt
    against     text,                      -- compare: the weights that decided meanwhile
    asked_at    timestamptz NOT NULL,
    asked_by    text NOT NULL,
    stage       text NOT NULL DEFAULT '',
    done        bigint NOT NULL DEFAULT 0,
    of_all      bigint NOT NULL DEFAULT 0,
    result      jsonb,                     -- counts
    error       text,
    finished_at timestamptz,
    owner       text,                      -- the process that works on it, and until when it is believed
    expires_at  timestamptz
);
CREATE INDEX model_job_waiting ON identity.model_job (asked_at) WHERE status IN ('waiting', 'running');
CREATE INDEX model_job_by_version ON identity.model_job (version, asked_at DESC);
-- What a comparison found: customers that would be others. Nothing is decided by it.
CREATE TABLE identity.model_difference (
    job_id    uuid NOT NULL REFERENCES identity.model_job (job_id) ON DELETE CASCADE,
    number    integer NOT NULL,            -- those that concern the most records first
    kind      text NOT NULL,               -- merged, split, moved
    before    uuid[] NOT NULL,             -- customers there are
    after     uuid[] NOT NULL,             -- customers there would be
    records   uuid[] NOT NULL,             -- all records of these customers
    came_from uuid[] NOT NULL,             -- the customer of each record now
    went_to   uuid[] NOT NULL,             -- and with the other weights
    PRIMARY KEY (job_id, number)
);
