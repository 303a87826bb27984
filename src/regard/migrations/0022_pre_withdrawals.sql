-- Statements that were taken back: they stay in the log, and readers pass them over.
CREATE TABLE eventlog.withdrawn (
    source   text NOT NULL,
    event_id text NOT NULL,
    PRIMARY KEY (source, event_id)
);

-- What each run of an import made of the rows it could read, so that their numbers can be looked behind and the import
-- can be taken back. Written in the transaction of the rows.
CREATE TABLE imports.taken_row (
    import_id  uuid     NOT NULL REFERENCES imports.import (import_id) ON DELETE CASCADE,
    run        integer  NOT NULL,
    row_number bigint   NOT NULL,
    place      smallint NOT NULL,                   -- 0; 1 for the contact person of an organisation
    object_id  uuid     NOT NULL,                   -- the record or interaction
    outcome    text     NOT NULL CHECK (outcome IN ('stored', 'unchanged')),
    part       smallint,                            -- of the event that says so; of an unchanged row, when it is known
    seq        bigint,
    owns       boolean  NOT NULL,                   -- taking the import back takes the event back
    taken_back boolean  NOT NULL DEFAULT false,
    PRIMARY KEY (import_id, run, row_number, place)
);
CREATE INDEX taken_row_by_object ON imports.taken_row (object_id);
CREATE INDEX taken_row_owned ON imports.taken_row (import_id, part, seq) WHERE owns;

-- How often imports of a file were taken back: its rows have other event ids the next time.
CREATE TABLE imports.reverted_file (
    source text    NOT NULL,
    digest text    NOT NULL,
    times  integer NOT NULL,
    PRIMARY KEY (source, digest)
);

ALTER TABLE imports.import ADD COLUMN run integer NOT NULL DEFAULT 0;
ALTER TABLE imports.import ADD COLUMN attempt integer NOT NULL DEFAULT 0; -- `times` of the file when the run began
ALTER TABLE imports.import ADD COLUMN remembers boolean NOT NULL DEFAULT false; -- what it stored is in taken_row
ALTER TABLE imports.import ALTER COLUMN remembers SET DEFAULT true;
ALTER TABLE imports.import ADD COLUMN revert_total bigint NOT NULL DEFAULT 0; -- statements to take back, and how many are
ALTER TABLE imports.import ADD COLUMN revert_done bigint NOT NULL DEFAULT 0;
ALTER TABLE imports.import ADD COLUMN handed_over bigint NOT NULL DEFAULT 0; -- kept, for a later import says the same
ALTER TABLE imports.import DROP CONSTRAINT import_status_check;
ALTER TABLE imports.import ADD CONSTRAINT import_status_check CHECK
    (status IN ('proposed', 'dry_running', 'checked', 'running', 'done', 'failed', 'reverting', 'reverted'));
DROP INDEX imports.import_waiting;
CREATE INDEX import_waiting ON imports.import (created_at) WHERE status IN ('running', 'dry_running', 'reverting');
