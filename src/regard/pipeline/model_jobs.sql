-- name: count_records
-- How much there is to read.
SELECT count(*) FROM records.source_record;

-- name: claim_job
-- The oldest that waits.
UPDATE identity.model_job SET status = 'running', owner = $1, expires_at = now() + $2::interval
WHERE job_id = (SELECT job_id FROM identity.model_job WHERE status = 'waiting'
                ORDER BY asked_at, job_id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING job_id;

-- name: fail_abandoned
-- Whoever worked on it is gone; trying again by itself could go wrong for ever.
UPDATE identity.model_job SET status = 'failed', error = $1, finished_at = $2, owner = NULL, expires_at = NULL
WHERE status = 'running' AND expires_at < now();

-- name: read_job
-- One that is mine.
SELECT kind, version, asked_by FROM identity.model_job WHERE job_id = $1 AND owner = $2 AND status = 'running';

-- name: note_progress
-- Also says that its owner is alive.
UPDATE identity.model_job SET stage = $3, done = $4, of_all = $5, expires_at = now() + $6::interval
WHERE job_id = $1 AND owner = $2 AND status = 'running'
RETURNING job_id;

-- name: finish_job
-- The end, good or bad.
UPDATE identity.model_job
SET status = CASE WHEN $6::text IS NULL THEN 'done' ELSE 'failed' END, version = coalesce($3, version), against = $4,
    result = $5::jsonb, error = $6, finished_at = $7, owner = NULL, expires_at = NULL
WHERE job_id = $1 AND owner = $2 AND status = 'running'
RETURNING job_id;

-- name: release_job
-- A clean stop lets it begin anew.
UPDATE identity.model_job SET status = 'waiting', owner = NULL, expires_at = NULL, stage = '', done = 0, of_all = 0
WHERE job_id = $1 AND owner = $2 AND status = 'running';

-- name: drop_older_differences
-- Of each version the latest comparison is kept with its list.
DELETE FROM identity.model_difference AS d USING identity.model_job AS j
WHERE d.job_id = j.job_id AND j.version = $1 AND j.job_id <> $2;

-- name: write_differences
-- Lists of ids as texts.
INSERT INTO identity.model_difference (job_id, number, kind, before, after, records, came_from, went_to)
SELECT $1, number, kind, string_to_array(before, ' ')::uuid[], string_to_array(after, ' ')::uuid[],
       string_to_array(records, ' ')::uuid[], string_to_array(came_from, ' ')::uuid[], string_to_array(went_to, ' ')::uuid[]
FROM unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
    AS t (number, kind, before, after, records, came_from, went_to);

-- name: begin_training
-- For the terminal, which does it itself.
INSERT INTO identity.model_job (job_id, kind, status, asked_at, asked_by, owner, expires_at)
VALUES ($1, 'train', 'running', $2, $3, $4, now() + $5::interval);

-- name: read_outcome
-- How it ended.
SELECT status, version, error FROM identity.model_job WHERE job_id = $1;
