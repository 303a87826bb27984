-- Credentials that a source renewed while settings were tried that nobody has saved yet: sealed, with the ones tried.
CREATE TABLE intake.renewed_in_trial (
    source  text        PRIMARY KEY REFERENCES sources.source (slug) ON UPDATE CASCADE ON DELETE CASCADE,
    secrets bytea       NOT NULL,
    at      timestamptz NOT NULL
);

-- A reading of everything that ended: what it did not meet is removed in portions, also by a later process.
ALTER TABLE intake.stream ADD COLUMN ending_since timestamptz;  -- records not seen since then are gone
ALTER TABLE intake.stream ADD COLUMN ending_as_of timestamptz;  -- when, by the source's clock

-- A comparison with everything that the source has notes of each record that it was met. No index has that time, and with
-- room beside them the rows stay on their pages, so that no index is written.
ALTER TABLE intake.raw_head SET (fillfactor = 70);

-- How many records of a stream are there, kept in the transaction that changes it, so that nobody counts them. What was
-- there before, and what a program of the version before writes beside the new one, the housekeeper counts.
ALTER TABLE intake.stream ADD COLUMN there bigint NOT NULL DEFAULT 0;
ALTER TABLE intake.stream ADD COLUMN there_checks smallint NOT NULL DEFAULT 0;
ALTER TABLE intake.stream ADD COLUMN there_checked_at timestamptz;

-- A raw record that only the quarantine can keep: which state of it, so that it is kept once.
ALTER TABLE intake.quarantine ADD COLUMN state bytea;
