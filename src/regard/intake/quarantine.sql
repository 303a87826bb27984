-- name: add_items
-- The id is made before the first try, so that a repeated transaction keeps an item once.
INSERT INTO intake.quarantine (id, source, received_at, dialect, context, code, reason, body, state)
SELECT id, source, received_at, dialect, context::jsonb, code, reason, body, state
FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bytea[],
            $9::bytea[]) AS q (id, source, received_at, dialect, context, code, reason, body, state)
ON CONFLICT (id) DO NOTHING;

-- name: find_states
-- Which of these states of raw records are kept here; one that was tried again and refused again is kept anew.
SELECT DISTINCT state FROM intake.quarantine
WHERE source = $1 AND state = ANY ($2::bytea[]) AND status <> 'retried';

-- name: list_items
-- Ids sort by time, so the page before an id is the page of older items.
SELECT id, source, received_at, dialect, context, code, reason, body, status, resolved_at, resolved_by
FROM intake.quarantine
WHERE source = $1 AND ($2::uuid IS NULL OR id < $2) AND ($3::text IS NULL OR status = $3)
ORDER BY id DESC
LIMIT $4;

-- name: lock_item
-- Two stewards who press retry at once must not both succeed.
SELECT id, source, received_at, dialect, context, code, reason, body, status, resolved_at, resolved_by
FROM intake.quarantine
WHERE source = $1 AND id = $2
FOR UPDATE;

-- name: resolve_item
-- Kept after it is resolved: the account of what was sent must stay whole.
UPDATE intake.quarantine
SET status = $2, resolved_at = $3, resolved_by = $4
WHERE id = $1;

-- name: reopen_item
-- A retry that changed nothing.
UPDATE intake.quarantine SET status = 'open', resolved_at = NULL, resolved_by = NULL WHERE id = $1;

-- name: close_items
-- A later state of the record was taken in, so that nobody needs to look at the refused one any more.
UPDATE intake.quarantine SET status = 'retried', resolved_at = $2, resolved_by = 'regard'
WHERE id = ANY ($1::uuid[]) AND status = 'open';

-- name: restate_reason
-- A retry that was refused again says why it was refused this time; a corrected body takes the place of the old one.
UPDATE intake.quarantine SET code = $2, reason = $3, body = $4 WHERE id = $1;

-- name: count_open
-- For the list of sources.
SELECT source, count(*)::bigint AS open FROM intake.quarantine WHERE status = 'open' GROUP BY source;
