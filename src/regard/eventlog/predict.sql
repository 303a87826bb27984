-- name: create_scratch
-- Private to the connection: a prediction writes nothing that others see and locks nothing they need.
CREATE TEMPORARY TABLE predicted_head (object_id uuid PRIMARY KEY, digest bytea NOT NULL);

-- name: drop_scratch
-- The connection goes back to the pool as it came.
DROP TABLE IF EXISTS pg_temp.predicted_head;

-- name: read_event_keys
-- What was stored under ids that are taken.
SELECT k.event_id, k.digest
FROM eventlog.event_key AS k
WHERE k.source = $1 AND k.event_id = ANY ($2::text[]);

-- name: seed_heads
-- Objects not seen yet begin with their last content in the log.
INSERT INTO pg_temp.predicted_head (object_id, digest)
SELECT object_id, digest FROM eventlog.content_head WHERE object_id = ANY ($1::uuid[])
ON CONFLICT DO NOTHING;

-- name: move_heads
-- The same rule as for the real heads: what comes back would be stored.
INSERT INTO pg_temp.predicted_head AS head (object_id, digest)
SELECT object_id, digest FROM unnest($1::uuid[], $2::bytea[]) AS o (object_id, digest)
ON CONFLICT (object_id) DO UPDATE SET digest = excluded.digest WHERE head.digest <> excluded.digest
RETURNING object_id;
