-- name: keep_model
-- Equal versions are equal weights; the body is sealed anew, for its key may have been destroyed.
INSERT INTO identity.model AS kept (version, digest, how, made_at, made_by, records, notes, body)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (version) DO UPDATE SET body = excluded.body WHERE kept.digest = excluded.digest
RETURNING (xmax = 0) AS is_new;

-- name: read_model
-- One with its weights.
SELECT version, digest, body FROM identity.model WHERE version = $1;

-- name: read_choice
-- The latest choice; the id decides between two of one moment.
SELECT version, digest FROM identity.model_use ORDER BY used_at DESC, event_id DESC LIMIT 1;

-- name: read_decided
-- The weights that the customers stand by now.
SELECT version FROM identity.model_state WHERE version <> '';
