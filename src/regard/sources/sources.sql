-- name: add_source
-- A slug is a name for ever: it is part of every record's id. Whoever looks for what the source said begins behind the
-- log as it is now.
INSERT INTO sources.source (slug, title, connector, country, currency, created_at, log_heads)
VALUES ($1, $2, $3, $4, $5, $6, (SELECT array_agg(h.seq ORDER BY h.part) FROM eventlog.partition_head AS h))
ON CONFLICT (slug) DO NOTHING
RETURNING slug;

-- name: list_sources
-- With what each has sent; the last sixty minutes are counted by the minute.
SELECT s.slug, s.title, s.connector, s.country, s.currency, s.created_at,
       coalesce(t.accepted, 0) AS accepted, coalesce(t.duplicate, 0) AS duplicate, coalesce(t.rejected, 0) AS rejected,
       t.last_received_at, t.last_occurred_at, t.newest_received_at,
       (SELECT coalesce(sum(m.accepted), 0)::bigint FROM sources.traffic_minute AS m
        WHERE m.source = s.slug AND m.minute > $1::timestamptz - interval '60 minutes' AND m.minute <= $1) AS last_hour
FROM sources.source AS s
LEFT JOIN sources.traffic AS t ON t.source = s.slug
WHERE s.removed_at IS NULL AND ($2::text IS NULL OR s.slug = $2)
ORDER BY s.title, s.slug;

-- name: read_source
-- What the door needs to know of a source.
SELECT slug, title, connector, country, currency, removed_at FROM sources.source WHERE slug = $1;

-- name: change_source
-- What people call it, and what its national telephone numbers mean.
UPDATE sources.source SET title = $2, country = $3 WHERE slug = $1;

-- name: read_log_start
-- Where the log stood when the source was added, by partition; nothing for sources older than this note.
SELECT log_heads FROM sources.source WHERE slug = $1;

-- name: read_countries
-- For the records of sources that have one.
SELECT slug, country FROM sources.source WHERE country IS NOT NULL;

-- name: add_key
-- Only the keyed hash is stored; the key itself is shown once.
INSERT INTO sources.ingest_key (key_hash, source, hint, created_at) VALUES ($1, $2, $3, $4);

-- name: find_key
-- The source a key belongs to, with what the door needs to know of it.
SELECT s.slug, s.title, s.connector, s.country, s.currency
FROM sources.ingest_key AS k
JOIN sources.source AS s ON s.slug = k.source
WHERE k.key_hash = $1 AND k.revoked_at IS NULL;

-- name: list_keys
-- To tell keys apart without showing them.
SELECT key_hash, hint, created_at, revoked_at FROM sources.ingest_key WHERE source = $1 ORDER BY created_at, hint;

-- name: revoke_key
-- Revoked keys stay in the list, for the account of who could send.
UPDATE sources.ingest_key SET revoked_at = $3
WHERE source = $1 AND key_hash = $2 AND revoked_at IS NULL
RETURNING hint;

-- name: count_traffic
-- In the transaction of the events themselves; sorted, so that two writers cannot deadlock.
INSERT INTO sources.traffic AS t
    (source, accepted, duplicate, rejected, last_received_at, last_occurred_at, newest_received_at)
SELECT c.source, c.accepted, c.duplicate, c.rejected, c.received_at, c.occurred_at,
       CASE WHEN c.occurred_at IS NOT NULL THEN c.received_at END
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::timestamptz[], $6::timestamptz[])
    AS c (source, accepted, duplicate, rejected, received_at, occurred_at)
JOIN sources.source AS s ON s.slug = c.source
ORDER BY c.source
ON CONFLICT (source) DO UPDATE
    SET accepted = t.accepted + excluded.accepted,
        duplicate = t.duplicate + excluded.duplicate,
        rejected = t.rejected + excluded.rejected,
        last_received_at = greatest(t.last_received_at, excluded.last_received_at),
        newest_received_at = CASE WHEN t.last_occurred_at IS NULL OR excluded.last_occurred_at > t.last_occurred_at
                                  THEN excluded.newest_received_at ELSE t.newest_received_at END,
        last_occurred_at = greatest(t.last_occurred_at, excluded.last_occurred_at);

-- name: count_traffic_minute
-- What arrived in which minute; two hours of it are kept.
WITH old AS (
    DELETE FROM sources.traffic_minute AS m USING unnest($1::text[], $3::timestamptz[]) AS c (source, received_at)
    WHERE m.source = c.source AND m.minute < c.received_at - interval '2 hours')
INSERT INTO sources.traffic_minute AS m (source, minute, accepted)
SELECT c.source, date_trunc('minute', c.received_at, 'UTC'), c.accepted
FROM unnest($1::text[], $2::bigint[], $3::timestamptz[]) AS c (source, accepted, received_at)
JOIN sources.source AS s ON s.slug = c.source
WHERE c.accepted > 0
ORDER BY c.source
ON CONFLICT (source, minute) DO UPDATE SET accepted = m.accepted + excluded.accepted;
