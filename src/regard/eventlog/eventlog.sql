-- name: take_event_keys
-- Sorted, so that two writers with the same ids wait for each other instead of deadlocking.
INSERT INTO eventlog.event_key (source, event_id, digest)
SELECT source, event_id, digest
FROM unnest($1::text[], $2::text[], $3::bytea[]) AS k (source, event_id, digest)
ORDER BY source, event_id
ON CONFLICT DO NOTHING
RETURNING source, event_id;

-- name: read_event_keys
-- What was stored under ids that are already taken: the same content is a duplicate, other content a conflict.
SELECT k.source, k.event_id, k.digest
FROM unnest($1::text[], $2::text[]) AS asked (source, event_id)
JOIN eventlog.event_key AS k USING (source, event_id);

-- name: move_content_heads
-- Only objects whose content differs from the last one come back, with their new revision.
INSERT INTO eventlog.content_head AS head (object_id, digest, revision)
SELECT object_id, digest, 1
FROM unnest($1::uuid[], $2::bytea[]) AS o (object_id, digest)
ORDER BY object_id
ON CONFLICT (object_id) DO UPDATE
    SET digest = excluded.digest, revision = head.revision + 1
    WHERE head.digest <> excluded.digest
RETURNING object_id, revision;

-- name: add_subject_keys
-- A key that another writer made a moment earlier stays; the next statement reads which one won.
INSERT INTO eventlog.subject_key (subject, wrapped)
SELECT subject, wrapped
FROM unnest($1::uuid[], $2::bytea[]) AS k (subject, wrapped)
ORDER BY subject
ON CONFLICT DO NOTHING;

-- name: read_subject_keys
-- The wrapped keys of the subjects asked for.
SELECT subject, wrapped FROM eventlog.subject_key WHERE subject = ANY ($1::uuid[]);

-- name: lock_heads
-- In ascending order, so that writers of several partitions cannot deadlock.
SELECT part, seq FROM eventlog.partition_head WHERE part = ANY ($1::smallint[]) ORDER BY part FOR UPDATE;

-- name: move_heads
-- The numbers are visible to readers together with their rows, at commit, while the head is locked.
UPDATE eventlog.partition_head AS head
SET seq = moved.seq
FROM unnest($1::smallint[], $2::bigint[]) AS moved (part, seq)
WHERE head.part = moved.part;

-- name: insert_events
-- The batch, one array per column. subject_key travels as three arrays because arrays of arrays do not unnest.
INSERT INTO eventlog.event
    (part, seq, source, event_id, type, subject, subject_key, occurred_at, stated_at, received_at, body)
SELECT part, seq, source, event_id, type, subject, ARRAY[key_source, key_stream, key_id],
       occurred_at, stated_at, received_at, body
FROM unnest($1::smallint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::uuid[],
            $7::text[], $8::text[], $9::text[],
            $10::timestamptz[], $11::timestamptz[], $12::timestamptz[], $13::bytea[])
    AS e (part, seq, source, event_id, type, subject, key_source, key_stream, key_id,
          occurred_at, stated_at, received_at, body);

-- name: wake_readers
-- One bell per batch; it only wakes, a slow poll finds the same rows.
SELECT pg_notify('regard_log', '');

-- name: read_after
-- The next events of every partition after its position, oldest first within each.
SELECT e.part, e.seq, e.source, e.event_id, e.type, e.subject, e.subject_key,
       e.occurred_at, e.stated_at, e.received_at, e.body, k.wrapped, w.event_id IS NOT NULL AS withdrawn
FROM unnest($1::smallint[], $2::bigint[]) AS after (part, position)
CROSS JOIN LATERAL (
    SELECT * FROM eventlog.event
    WHERE event.part = after.part AND event.seq > after.position
    ORDER BY event.seq
    LIMIT $3
) AS e
LEFT JOIN eventlog.subject_key AS k ON k.subject = e.subject
LEFT JOIN eventlog.withdrawn AS w ON w.source = e.source AND w.event_id = e.event_id
ORDER BY e.part, e.seq;

-- name: read_at
-- Single events by their place.
SELECT e.part, e.seq, e.source, e.event_id, e.type, e.subject, e.subject_key,
       e.occurred_at, e.stated_at, e.received_at, e.body, k.wrapped, w.event_id IS NOT NULL AS withdrawn
FROM unnest($1::smallint[], $2::bigint[]) AS place (part, seq)
JOIN eventlog.event AS e ON e.part = place.part AND e.seq = place.seq
LEFT JOIN eventlog.subject_key AS k ON k.subject = e.subject
LEFT JOIN eventlog.withdrawn AS w ON w.source = e.source AND w.event_id = e.event_id
ORDER BY e.part, e.seq;

-- name: read_statements
-- What one source said about parties and interactions, from one partition; of some subjects or of all.
SELECT e.part, e.seq, e.source, e.event_id, e.type, e.subject, e.subject_key,
       e.occurred_at, e.stated_at, e.received_at, e.body, k.wrapped, w.event_id IS NOT NULL AS withdrawn
FROM (SELECT * FROM eventlog.event
      WHERE part = $1 AND seq > $2 AND seq <= $6 AND source = $3 AND ($4::uuid[] IS NULL OR subject = ANY ($4))
        AND type IN ('record.upserted', 'record.patched', 'record.deleted', 'interaction.stated', 'interaction.deleted')
      ORDER BY seq LIMIT $5) AS e
LEFT JOIN eventlog.subject_key AS k ON k.subject = e.subject
LEFT JOIN eventlog.withdrawn AS w ON w.source = e.source AND w.event_id = e.event_id
ORDER BY e.seq;

-- name: read_all_heads
-- How far every partition goes; all numbers up to it are there to be read.
SELECT part, seq FROM eventlog.partition_head ORDER BY part;

-- name: lock_all_heads
-- Nobody appends anywhere until the commit; in the order of every other writer.
SELECT part, seq FROM eventlog.partition_head ORDER BY part FOR UPDATE;

-- name: add_withdrawn
-- From here on readers pass these statements over.
INSERT INTO eventlog.withdrawn (source, event_id) SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING;

-- name: forget_content
-- What is said next about these objects is news, also when it is what was taken back.
UPDATE eventlog.content_head SET digest = '' WHERE object_id = ANY ($1::uuid[]);

-- name: add_checkpoints
-- A new consumer starts at the beginning of every partition.
INSERT INTO eventlog.checkpoint (consumer, part)
SELECT $1, part FROM eventlog.partition_head
ON CONFLICT DO NOTHING;

-- name: read_checkpoints
-- How far the consumer has come.
SELECT part, position FROM eventlog.checkpoint WHERE consumer = $1 ORDER BY part;

-- name: move_checkpoints
-- Inside the consumer's own transaction, so that effect and position move together.
UPDATE eventlog.checkpoint AS c
SET position = moved.position
FROM unnest($2::smallint[], $3::bigint[]) AS moved (part, position)
WHERE c.consumer = $1 AND c.part = moved.part;

-- name: copy_checkpoints
-- Remember how far one has come under another name; what is remembered there already stays.
INSERT INTO eventlog.checkpoint (consumer, part, position)
SELECT $2, part, position FROM eventlog.checkpoint WHERE consumer = $1
ON CONFLICT DO NOTHING;

-- name: drop_checkpoints
-- The name is not needed any more.
DELETE FROM eventlog.checkpoint WHERE consumer = $1;

-- name: reset_checkpoints
-- For a rebuild: the consumer reads the whole log again.
UPDATE eventlog.checkpoint SET position = 0 WHERE consumer = $1;

-- name: claim_lease
-- Taken when nobody holds it or its holder has been silent too long; the epoch fences the former holder out.
INSERT INTO eventlog.lease AS lease (consumer, owner, epoch, expires_at)
VALUES ($1, $2, 1, now() + $3::interval)
ON CONFLICT (consumer) DO UPDATE
    SET owner = excluded.owner, epoch = lease.epoch + 1, expires_at = excluded.expires_at
    WHERE lease.expires_at < now() OR lease.owner = excluded.owner
RETURNING epoch;

-- name: hold_lease
-- The fence of every batch: locks the row and proves that nobody took over.
UPDATE eventlog.lease SET expires_at = now() + $4::interval
WHERE consumer = $1 AND owner = $2 AND epoch = $3
RETURNING epoch;

-- name: release_lease
-- A clean stop hands over at once.
UPDATE eventlog.lease SET expires_at = now() - interval '1 second'
WHERE consumer = $1 AND owner = $2 AND epoch = $3;

-- name: count_lag
-- Events accepted but not yet applied by the consumer, and the age of the oldest of them in seconds.
SELECT coalesce(sum(head.seq - coalesce(c.position, 0)), 0)::bigint AS events,
       coalesce(extract(epoch FROM now() - min(e.received_at)), 0)::float8 AS seconds
FROM eventlog.partition_head AS head
LEFT JOIN eventlog.checkpoint AS c ON c.part = head.part AND c.consumer = $1
LEFT JOIN eventlog.event AS e ON e.part = head.part AND e.seq = coalesce(c.position, 0) + 1;

-- name: count_events
-- Numbers are contiguous, so the heads count the log.
SELECT coalesce(sum(seq), 0)::bigint AS events FROM eventlog.partition_head;

-- name: read_keyring_check
-- The constant that tells whether the root key fits.
SELECT sealed FROM eventlog.keyring_check;

-- name: add_keyring_check
-- Written at the first start.
INSERT INTO eventlog.keyring_check (sealed) VALUES ($1) ON CONFLICT DO NOTHING;
