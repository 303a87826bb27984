-- Sources can be taken out as a whole and brought back: a name stays taken, for records and log know it.
ALTER TABLE sources.source ADD COLUMN removed_at timestamptz;
ALTER TABLE sources.source ADD COLUMN removed_by text;
-- Beside the settings too, because that row is what whoever takes raw records locks.
ALTER TABLE intake.connection ADD COLUMN removed boolean NOT NULL DEFAULT false;
-- How often all records of the source were read again with the same mappings, as when it is hidden or shown.
ALTER TABLE intake.connection ADD COLUMN rereads integer NOT NULL DEFAULT 0;

CREATE TABLE intake.removal (
    run_id      uuid        PRIMARY KEY,
    source      text        NOT NULL REFERENCES sources.source (slug),
    status      text        NOT NULL CHECK (status IN ('removing', 'removed', 'restoring', 'restored', 'failed')),
    asked_at    timestamptz NOT NULL,
    asked_by    text        NOT NULL,
    statements  bigint      NOT NULL DEFAULT 0,         -- to take back or to say again, and how many are done
    done        bigint      NOT NULL DEFAULT 0,
    left_source boolean     NOT NULL DEFAULT false,     -- the source was told, as far as it could be
    swept       boolean     NOT NULL DEFAULT false,     -- looked once more, after every key was forgotten everywhere
    notes       text[]      NOT NULL DEFAULT '{}',      -- what a person should know or do
    error       text,
    finished_at timestamptz,
    owner       text,                                   -- the process that works on it, and until when it is believed
    expires_at  timestamptz
);
CREATE INDEX removal_of_source ON intake.removal (source, asked_at DESC);
CREATE INDEX removal_waiting ON intake.removal (asked_at) WHERE status IN ('removing', 'restoring', 'removed');

-- What a removal took back: written with it, so that bringing back is exact.
CREATE TABLE intake.removed_statement (
    run_id uuid     NOT NULL REFERENCES intake.removal (run_id) ON DELETE CASCADE,
    part   smallint NOT NULL,
    seq    bigint   NOT NULL,
    PRIMARY KEY (run_id, part, seq)
);
