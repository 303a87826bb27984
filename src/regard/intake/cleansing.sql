-- name: add_run
-- Somebody has looked at the preview and wants it.
INSERT INTO intake.cleansing_run (run_id, source, status, flags, asked_at, asked_by)
VALUES ($1, $2, 'running', $3, $4, $5);

-- name: find_busy
-- One at a time for each source.
SELECT run_id FROM intake.cleansing_run WHERE source = $1 AND status IN ('running', 'undoing');

-- name: list_runs
-- The newest first.
SELECT run_id, status, flags, asked_at, asked_by, records, values, undone, error, finished_at
FROM intake.cleansing_run WHERE source = $1 ORDER BY asked_at DESC LIMIT 50;

-- name: lock_run
-- Before it is taken back.
SELECT status FROM intake.cleansing_run WHERE run_id = $1 AND source = $2 FOR UPDATE;

-- name: start_undo
-- The worker does it.
UPDATE intake.cleansing_run SET status = 'undoing', error = NULL, owner = NULL, expires_at = NULL WHERE run_id = $1;

-- name: claim_run
-- The oldest one that nobody alive works on.
UPDATE intake.cleansing_run AS r
SET owner = $1, expires_at = now() + $2::interval
FROM (SELECT run_id FROM intake.cleansing_run
      WHERE status IN ('running', 'undoing') AND (expires_at IS NULL OR expires_at < now())
      ORDER BY asked_at LIMIT 1 FOR UPDATE SKIP LOCKED) AS waiting
WHERE r.run_id = waiting.run_id
RETURNING r.run_id, r.source, r.status, r.flags, r.last_record;

-- name: save_step
-- With the corrections, in one transaction; the owner is the fence.
UPDATE intake.cleansing_run
SET last_record = $3, records = records + $4, values = values + $5, expires_at = now() + $6::interval
WHERE run_id = $1 AND owner = $2 AND status = 'running'
RETURNING run_id;

-- name: finish_run
-- Done, undone, or failed with a sentence.
UPDATE intake.cleansing_run
SET status = $3, error = $4, finished_at = $5, owner = NULL, expires_at = NULL
WHERE run_id = $1 AND owner = $2;

-- name: renew_run
-- Beside work that takes long.
UPDATE intake.cleansing_run SET expires_at = now() + $3::interval WHERE run_id = $1 AND owner = $2 RETURNING run_id;

-- name: release_run
-- A clean stop hands over at once.
UPDATE intake.cleansing_run SET owner = NULL, expires_at = NULL WHERE run_id = $1 AND owner = $2;

-- name: add_corrections
-- Where the statements of a run stand.
INSERT INTO intake.correction (run_id, part, seq)
SELECT $1, * FROM unnest($2::smallint[], $3::bigint[]) ON CONFLICT DO NOTHING;

-- name: list_corrections
-- What is still to be taken back.
SELECT part, seq FROM intake.correction WHERE run_id = $1 ORDER BY part, seq LIMIT $2;

-- name: drop_corrections
-- Taken back.
DELETE FROM intake.correction AS c USING unnest($2::smallint[], $3::bigint[]) AS w (part, seq)
WHERE c.run_id = $1 AND c.part = w.part AND c.seq = w.seq;

-- name: save_undo
-- In the transaction that takes them back; the owner is the fence.
UPDATE intake.cleansing_run SET undone = undone + $3, expires_at = now() + $4::interval
WHERE run_id = $1 AND owner = $2 AND status = 'undoing'
RETURNING run_id;

-- name: find_candidates
-- Records with a value that was not simply well, from one on.
SELECT record_id FROM quality.record_score
WHERE source = $1 AND ($2::uuid IS NULL OR record_id > $2)
  AND EXISTS (SELECT FROM unnest(flags) AS flag WHERE split_part(flag, ':', 2) IN ('fixed', 'suspect', 'invalid'))
ORDER BY record_id LIMIT $3;
