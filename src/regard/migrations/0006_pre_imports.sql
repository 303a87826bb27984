-- Files that are imported: what they are, how they are read, how far it went, and the rows that could not be taken.
CREATE SCHEMA imports;

CREATE TABLE imports.import (
    import_id    uuid        PRIMARY KEY,
    filename     text        NOT NULL,
    source       text        NOT NULL REFERENCES sources.source (slug),
    stream       text        NOT NULL,
    status       text        NOT NULL
                 CHECK (status IN ('proposed', 'dry_running', 'checked', 'running', 'done', 'failed')),
    runner       text        NOT NULL CHECK (runner IN ('server', 'terminal')),
    size_bytes   bigint      NOT NULL,
    digest       text        NOT NULL,              -- SHA-256 of the file in hexadecimal digits
    encoding     text        NOT NULL,
    compressed   boolean     NOT NULL,
    format       jsonb       NOT NULL,
    columns      jsonb       NOT NULL,              -- name and proposal of every column
    notes        jsonb       NOT NULL,
    samples      bytea       NOT NULL,              -- column -> first values, sealed: they are customers' data
    mapping      jsonb       NOT NULL,
    rows_total   bigint,
    rows_read    bigint      NOT NULL DEFAULT 0,
    bytes_read   bigint      NOT NULL DEFAULT 0,
    account      bytea,                             -- counts and reasons with an example, sealed
    error        text,
    created_at   timestamptz NOT NULL,
    created_by   text        NOT NULL,
    finished_at  timestamptz,
    owner        text,                              -- the process that works on it, and until when it is believed
    expires_at   timestamptz
);
CREATE INDEX import_waiting ON imports.import (created_at) WHERE status IN ('running', 'dry_running');
CREATE INDEX import_by_digest ON imports.import (source, stream, digest);

CREATE TABLE imports.quarantined_row (
    import_id  uuid   NOT NULL REFERENCES imports.import (import_id) ON DELETE CASCADE,
    row_number bigint NOT NULL,
    code       text   NOT NULL,
    content    bytea  NOT NULL,                     -- column, sentence and the row itself, sealed
    PRIMARY KEY (import_id, row_number)
);

-- What the columns of a stream's files mean; every change is a new version.
CREATE TABLE imports.mapping (
    source   text        NOT NULL,
    stream   text        NOT NULL,
    version  integer     NOT NULL,
    mapping  jsonb       NOT NULL,
    saved_at timestamptz NOT NULL,
    saved_by text        NOT NULL,
    PRIMARY KEY (source, stream, version)
);
