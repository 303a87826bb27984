-- name: add_import
-- A file that was received and looked at.
INSERT INTO imports.import
    (import_id, filename, source, stream, status, runner, size_bytes, digest, encoding, compressed, format, columns,
     notes, samples, mapping, created_at, created_by)
VALUES ($1, $2, $3, $4, 'proposed', $5, $6, $7, $8, $9, $10::jsonb, $11::jsonb, $12::jsonb, $13, $14::jsonb, $15, $16);

-- name: read_import
-- One import with everything that is known of it.
SELECT * FROM imports.import WHERE import_id = $1;

-- name: list_imports
-- The newest first; ids sort by time. The samples stay behind: a list shows none.
SELECT import_id, filename, source, stream, status, runner, size_bytes, digest, encoding, compressed, format, columns,
       notes, NULL::bytea AS samples, mapping, created_at, created_by, rows_total, rows_read, bytes_read, account, error
FROM imports.import WHERE ($1::text IS NULL OR source = $1) ORDER BY import_id DESC LIMIT $2;

-- name: find_unfinished
-- The same file with the same mapping that a killed program left behind.
SELECT import_id FROM imports.import
WHERE source = $1 AND stream = $2 AND digest = $3 AND mapping = $4::jsonb AND runner = 'terminal'
  AND status = 'running' AND (expires_at IS NULL OR expires_at < now())
ORDER BY import_id DESC
LIMIT 1;

-- name: change_mapping
-- Not while somebody follows the old one.
UPDATE imports.import
SET mapping = $2::jsonb, status = 'proposed', account = NULL, error = NULL, rows_read = 0, bytes_read = 0
WHERE import_id = $1 AND status NOT IN ('running', 'dry_running')
RETURNING import_id;

-- name: start_import
-- Begins anew; what an earlier run stored is seen as unchanged.
UPDATE imports.import
SET status = $2, account = NULL, error = NULL, rows_read = 0, bytes_read = 0, finished_at = NULL,
    owner = NULL, expires_at = NULL
WHERE import_id = $1 AND status NOT IN ('running', 'dry_running')
RETURNING import_id;

-- name: claim_waiting
-- The oldest one that nobody alive works on.
UPDATE imports.import AS i
SET owner = $1, expires_at = now() + $2::interval
FROM (
    SELECT import_id FROM imports.import
    WHERE runner = 'server' AND status IN ('running', 'dry_running')
      AND (expires_at IS NULL OR expires_at < now())
    ORDER BY created_at
    LIMIT 1
    FOR UPDATE SKIP LOCKED
) AS waiting
WHERE i.import_id = waiting.import_id
RETURNING i.*;

-- name: claim_one
-- For the terminal, which works on its own import only.
UPDATE imports.import SET owner = $2, expires_at = now() + $3::interval
WHERE import_id = $1 AND (owner = $2 OR expires_at IS NULL OR expires_at < now())
RETURNING *;

-- name: save_progress
-- In the transaction of the batch, so that rows and account move together; the owner is the fence.
UPDATE imports.import
SET rows_read = $3, bytes_read = $4, account = $5, expires_at = now() + $6::interval
WHERE import_id = $1 AND owner = $2 AND status IN ('running', 'dry_running')
RETURNING import_id;

-- name: finish_import
-- The end, good or bad; the number of rows is known now.
UPDATE imports.import
SET status = $3, rows_total = coalesce($4, rows_total), error = $5, finished_at = $6, owner = NULL, expires_at = NULL,
    bytes_read = CASE WHEN $3 = 'failed' THEN bytes_read ELSE size_bytes END
WHERE import_id = $1 AND owner = $2;

-- name: release_import
-- A clean stop hands over at once.
UPDATE imports.import SET expires_at = NULL, owner = NULL WHERE import_id = $1 AND owner = $2;

-- name: delete_import
-- Its rows in quarantine go with it.
DELETE FROM imports.import WHERE import_id = $1 AND status NOT IN ('running', 'dry_running') RETURNING import_id;

-- name: read_ids
-- Which of these imports are known: the files of the others are left-overs.
SELECT import_id FROM imports.import WHERE import_id = ANY ($1::uuid[]);

-- name: add_quarantined_rows
-- A batch that is repeated after a crash keeps every row once.
INSERT INTO imports.quarantined_row (import_id, row_number, code, content)
SELECT $1, row_number, code, content
FROM unnest($2::bigint[], $3::text[], $4::bytea[]) AS q (row_number, code, content)
ON CONFLICT (import_id, row_number) DO UPDATE SET code = excluded.code, content = excluded.content;

-- name: clear_quarantined_rows
-- A new run judges anew.
DELETE FROM imports.quarantined_row WHERE import_id = $1;

-- name: list_quarantined_rows
-- In the order of the file.
SELECT row_number, code, content FROM imports.quarantined_row
WHERE import_id = $1 AND row_number > $2
ORDER BY row_number
LIMIT $3;

-- name: save_mapping
-- Every change is a new version; the same again is none.
INSERT INTO imports.mapping (source, stream, version, mapping, saved_at, saved_by)
SELECT $1, $2, coalesce(max(version), 0) + 1, $3::jsonb, $4, $5
FROM imports.mapping AS m
WHERE m.source = $1 AND m.stream = $2
HAVING NOT coalesce((array_agg(m.mapping ORDER BY m.version DESC))[1] = $3::jsonb, false)
ON CONFLICT DO NOTHING;

-- name: read_mapping
-- The last version of a stream.
SELECT mapping FROM imports.mapping WHERE source = $1 AND stream = $2 ORDER BY version DESC LIMIT 1;

-- name: read_party_stream
-- The stream of persons or organisations that was last imported from the source.
SELECT stream FROM imports.mapping
WHERE source = $1 AND mapping ->> 'target' IN ('person', 'organisation')
ORDER BY saved_at DESC
LIMIT 1;
