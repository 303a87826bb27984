-- name: list_models
-- Without the weights; the newest first.
SELECT version, how, made_at, made_by, records, notes FROM identity.model ORDER BY made_at DESC, version;

-- name: read_choices
-- Who let which weights decide, the newest first.
SELECT version, used_at, used_by, reason FROM identity.model_use ORDER BY used_at DESC, event_id DESC LIMIT $1;

-- name: read_state
-- What the customers stand by, and how far a decision on everybody is.
SELECT version, stage, records, of_records, customers, at FROM identity.model_state;

-- name: list_jobs
-- The newest first, and whatever is not finished.
SELECT job_id, kind, status, version, against, asked_at, asked_by, stage, done, of_all, result, error, finished_at
FROM identity.model_job ORDER BY status IN ('waiting', 'running') DESC, asked_at DESC, job_id LIMIT $1;

-- name: ask_job
-- Unless the same waits or runs already.
INSERT INTO identity.model_job (job_id, kind, status, version, asked_at, asked_by)
SELECT $1, $2, 'waiting', $3, $4, $5
WHERE NOT EXISTS (SELECT FROM identity.model_job
                  WHERE kind = $2 AND version IS NOT DISTINCT FROM $3 AND status IN ('waiting', 'running'))
RETURNING job_id;

-- name: has_model
-- Its digest too, for the event.
SELECT digest FROM identity.model WHERE version = $1;

-- name: read_choice
-- The latest.
SELECT version FROM identity.model_use ORDER BY used_at DESC, event_id DESC LIMIT 1;

-- name: is_chosen
-- The worker has read the choice.
SELECT EXISTS (SELECT FROM identity.model_use WHERE event_id = $1);
