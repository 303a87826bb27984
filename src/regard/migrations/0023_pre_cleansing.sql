-- Cleansing of a source's records: a run corrects values as partial statements of the source, and can be taken back.
CREATE TABLE intake.cleansing_run (
    run_id      uuid        PRIMARY KEY,
    source      text        NOT NULL REFERENCES sources.source (slug),
    status      text        NOT NULL CHECK (status IN ('running', 'done', 'undoing', 'undone', 'failed')),
    flags       text[]      NOT NULL,                   -- what is corrected: field:verdict:reason
    asked_at    timestamptz NOT NULL,
    asked_by    text        NOT NULL,
    last_record uuid,                                   -- how far it has come
    records     bigint      NOT NULL DEFAULT 0,         -- corrected ones
    values      bigint      NOT NULL DEFAULT 0,
    undone      bigint      NOT NULL DEFAULT 0,         -- statements taken back
    error       text,
    finished_at timestamptz,
    owner       text,                                   -- the process that works on it, and until when it is believed
    expires_at  timestamptz
);
CREATE INDEX cleansing_run_of_source ON intake.cleansing_run (source, asked_at DESC);
CREATE INDEX cleansing_run_waiting ON intake.cleansing_run (asked_at) WHERE status IN ('running', 'undoing');

-- The statements of a run: written with them, so that taking them back is exact.
CREATE TABLE intake.correction (
    run_id uuid     NOT NULL REFERENCES intake.cleansing_run (run_id) ON DELETE CASCADE,
    part   smallint NOT NULL,
    seq    bigint   NOT NULL,
    PRIMARY KEY (run_id, part, seq)
);
