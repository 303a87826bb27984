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
       notes, NULL::bytea AS samples, mapping, created_at, created_by, rows_total, rows_read, bytes_read, account, error,
       run, attempt, remembers, revert_total, revert_done, handed_over
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
WHERE import_id = $1 AND status NOT IN ('running', 'dry_running', 'reverting')
RETURNING import_id;

-- name: start_import
-- Begins anew; what an earlier run stored is seen as unchanged, unless it was taken back.
UPDATE imports.import AS i
SET status = $2, account = NULL, error = NULL, rows_read = 0, bytes_read = 0, finished_at = NULL,
    owner = NULL, expires_at = NULL, run = run + CASE WHEN $2 = 'running' THEN 1 ELSE 0 END,
    attempt = coalesce((SELECT times FROM imports.reverted_file AS f
                        WHERE f.source = i.source AND f.digest = i.digest), 0)
WHERE import_id = $1 AND status NOT IN ('running', 'dry_running', 'reverting')
RETURNING import_id;

-- name: claim_waiting
-- The oldest one that nobody alive works on.
UPDATE imports.import AS i
SET owner = $1, expires_at = now() + $2::interval
FROM (
    SELECT import_id FROM imports.import
    WHERE (runner = 'server' AND status IN ('running', 'dry_running') OR status = 'reverting')
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

-- name: renew_import
-- Beside work that takes long; the owner is the fence.
UPDATE imports.import SET expires_at = now() + $3::interval WHERE import_id = $1 AND owner = $2 RETURNING import_id;

-- name: release_import
-- A clean stop hands over at once.
UPDATE imports.import SET expires_at = NULL, owner = NULL WHERE import_id = $1 AND owner = $2;

-- name: delete_import
-- Its rows in quarantine go with it.
DELETE FROM imports.import WHERE import_id = $1 AND status NOT IN ('running', 'dry_running', 'reverting')
RETURNING import_id;

-- name: read_ids
-- Which of these imports are known: the files of the others are left-overs.
SELECT import_id FROM imports.import WHERE import_id = ANY ($1::uuid[]);

-- name: add_taken_rows
-- An unchanged row remembers the event that said the same before, should that be taken back.
INSERT INTO imports.taken_row (import_id, run, row_number, place, object_id, outcome, part, seq, owns)
SELECT $1, $2, r.row_number, r.place, r.object_id, r.outcome, coalesce(r.part, same.part), coalesce(r.seq, same.seq),
       r.part IS NOT NULL
FROM unnest($3::bigint[], $4::smallint[], $5::uuid[], $6::text[], $7::smallint[], $8::bigint[])
    AS r (row_number, place, object_id, outcome, part, seq)
LEFT JOIN LATERAL (SELECT t.part, t.seq FROM imports.taken_row AS t
                   WHERE r.part IS NULL AND t.object_id = r.object_id AND t.owns
                   ORDER BY t.seq DESC LIMIT 1) AS same ON true
ON CONFLICT DO NOTHING;

-- name: list_taken_rows
-- The rows of a run that came to one outcome, in the order of the file and from a window of it. A row of two events is
-- stored when one of them is.
SELECT row_number, array_agg(object_id ORDER BY place) AS objects, bool_or(taken_back) AS taken_back
FROM imports.taken_row
WHERE import_id = $1 AND run = $2 AND row_number > $4 AND row_number <= $4 + $6::bigint
GROUP BY row_number
HAVING CASE WHEN bool_or(outcome = 'stored') THEN 'stored' ELSE 'unchanged' END = $3
ORDER BY row_number
LIMIT $5;

-- name: last_taken_row
-- Where looking for more ends.
SELECT max(row_number) FROM imports.taken_row WHERE import_id = $1 AND run = $2;

-- name: count_owned
-- What there is to take back.
SELECT count(*) FROM imports.taken_row WHERE import_id = $1 AND owns;

-- name: start_revert
-- From here on the worker takes it back, whatever happens meanwhile.
UPDATE imports.import
SET status = 'reverting', error = NULL, owner = NULL, expires_at = NULL, revert_total = $2, revert_done = 0,
    handed_over = 0
WHERE import_id = $1 AND status NOT IN ('running', 'dry_running', 'reverting')
RETURNING import_id;

-- name: count_reverts
-- The file's rows get other event ids from now on: what was taken once is never taken again.
INSERT INTO imports.reverted_file AS f (source, digest, times) VALUES ($1, $2, 1)
ON CONFLICT (source, digest) DO UPDATE SET times = f.times + 1;

-- name: list_owned
-- What is still to be taken back.
SELECT part, seq FROM imports.taken_row WHERE import_id = $1 AND owns ORDER BY part, seq LIMIT $2;

-- name: hand_over
-- What a later import found unchanged is its own from now on: it says the same, and stands.
WITH heir AS (
    SELECT DISTINCT ON (m.part, m.seq) m.part, m.seq, o.import_id, o.run, o.row_number, o.place
    FROM unnest($2::smallint[], $3::bigint[]) AS w (part, seq)
    JOIN imports.taken_row AS m ON m.import_id = $1 AND m.part = w.part AND m.seq = w.seq AND m.owns
    JOIN imports.taken_row AS o ON o.object_id = m.object_id AND o.part = m.part AND o.seq = m.seq
     AND o.outcome = 'unchanged' AND o.import_id <> $1
    JOIN imports.import AS i ON i.import_id = o.import_id AND i.status NOT IN ('reverting', 'reverted')
    ORDER BY m.part, m.seq, o.import_id DESC
), passed AS (
    UPDATE imports.taken_row AS t SET owns = true
    FROM heir AS h
    WHERE t.import_id = h.import_id AND t.run = h.run AND t.row_number = h.row_number AND t.place = h.place
    RETURNING t.part, t.seq
), freed AS (
    UPDATE imports.taken_row AS t SET owns = false
    FROM passed AS p WHERE t.import_id = $1 AND t.part = p.part AND t.seq = p.seq AND t.owns
    RETURNING t.part, t.seq
)
SELECT part, seq FROM freed;

-- name: settle_revert
-- In the transaction that takes the statements back; the owner is the fence.
WITH done AS (
    UPDATE imports.taken_row AS t SET owns = false, taken_back = true
    FROM unnest($3::smallint[], $4::bigint[]) AS w (part, seq)
    WHERE t.import_id = $1 AND t.part = w.part AND t.seq = w.seq AND t.owns
    RETURNING 1)
UPDATE imports.import
SET revert_done = revert_done + (SELECT count(*) FROM done) + $5, handed_over = handed_over + $5,
    expires_at = now() + $6::interval
WHERE import_id = $1 AND owner = $2 AND status = 'reverting'
RETURNING import_id;

-- name: add_quarantined_rows
-- A batch that is repeated after a crash keeps every row once.
INSERT INTO imports.quarantined_row (import_id, row_number, code, content)
SELECT $1, row_number, code, content
FROM unnest($2::bigint[], $3::text[], $4::bytea[]) AS q (row_number, code, content)
ON CONFLICT (import_id, row_number) DO UPDATE SET code = excluded.code, content = excluded.content;

-- name: count_quarantined_rows
-- For the list of sources: rows of files that were imported and not taken back.
SELECT i.source, count(*)::bigint AS open
FROM imports.quarantined_row AS q JOIN imports.import AS i ON i.import_id = q.import_id
WHERE i.status IN ('running', 'done', 'failed') GROUP BY i.source;

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

-- name: sample_taken_rows
-- Some rows of a run, spread by chance over the file, with the events that say what they said; the same seed, the same.
SELECT row_number, object_id, part, seq FROM imports.taken_row
WHERE import_id = $1 AND run = $2 AND place = 0 AND part IS NOT NULL AND NOT taken_back
ORDER BY md5(row_number::text || ' ' || $3), row_number LIMIT $4;
