-- Credentials that a source renewed while settings were tried that nobody has saved yet: sealed, with the ones tried.
CREATE TABLE intake.renewed_in_trial (
    source  text        PRIMARY KEY REFERENCES sources.source (slug) ON UPDATE CASCADE ON DELETE CASCADE,
    secrets bytea       NOT NULL,
    at      timestamptz NOT NULL
);

-- A reading of everything that ended: what it did not meet is removed in portions, also by a later process.
ALTER TABLE intake.stream ADD COLUMN ending_since timestamptz;  -- records not seen since then are gone
ALTER TABLE intake.stream ADD COLUMN ending_as_of timestamptz;  -- when, by the source's clock
CREATE INDEX raw_head_unseen ON intake.raw_head (source, stream, seen_at) WHERE NOT deleted;

-- How many records of a stream are there, kept in the transaction that changes it, so that nobody counts them.
ALTER TABLE intake.stream ADD COLUMN there bigint NOT NULL DEFAULT 0;
INSERT INTO intake.stream (source, stream, there)
SELECT source, stream, count(*) FROM intake.raw_head WHERE NOT deleted GROUP BY source, stream
ON CONFLICT (source, stream) DO UPDATE SET there = excluded.there;
CREATE INDEX raw_head_quarantined ON intake.raw_head (source, stream) WHERE quarantine_id IS NOT NULL;
