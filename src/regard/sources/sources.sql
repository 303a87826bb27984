-- name: add_source
-- A slug is a name for ever: it is part of every record's id.
INSERT INTO sources.source (slug, title, connector, country, currency, created_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (slug) DO NOTHING
RETURNING slug;

-- name: list_sources
-- With what each has sent; the rate is estimated over the last sixty minutes from two hourly counts.
SELECT s.slug, s.title, s.connector, s.country, s.currency, s.created_at,
       coalesce(t.accepted, 0) AS accepted, coalesce(t.duplicate, 0) AS duplicate, coalesce(t.rejected, 0) AS rejected,
       t.last_received_at, t.last_occurred_at,
       coalesce(now_hour.accepted, 0) AS this_hour, coalesce(last_hour.accepted, 0) AS hour_before
FROM sources.source AS s
LEFT JOIN sources.traffic AS t ON t.source = s.slug
LEFT JOIN sources.traffic_hour AS now_hour
    ON now_hour.source = s.slug AND now_hour.hour = date_trunc('hour', $1::timestamptz, 'UTC')
LEFT JOIN sources.traffic_hour AS last_hour
    ON last_hour.source = s.slug AND last_hour.hour = date_trunc('hour', $1::timestamptz, 'UTC') - interval '1 hour'
WHERE s.removed_at IS NULL AND ($2::text IS NULL OR s.slug = $2)
ORDER BY s.title, s.slug;

-- name: read_source
-- What the door needs to know of a source.
SELECT slug, title, connector, country, currency, removed_at FROM sources.source WHERE slug = $1;

-- name: change_source
-- What people call it, and what its national telephone numbers mean.
UPDATE sources.source SET title = $2, country = $3 WHERE slug = $1;

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
INSERT INTO sources.traffic AS t (source, accepted, duplicate, rejected, last_received_at, last_occurred_at)
SELECT c.source, c.accepted, c.duplicate, c.rejected, c.received_at, c.occurred_at
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::timestamptz[], $6::timestamptz[])
    AS c (source, accepted, duplicate, rejected, received_at, occurred_at)
JOIN sources.source AS s ON s.slug = c.source
ORDER BY c.source
ON CONFLICT (source) DO UPDATE
    SET accepted = t.accepted + excluded.accepted,
        duplicate = t.duplicate + excluded.duplicate,
        rejected = t.rejected + excluded.rejected,
        last_received_at = greatest(t.last_received_at, excluded.last_received_at),
        last_occurred_at = greatest(t.last_occurred_at, excluded.last_occurred_at);

-- name: count_traffic_hour
-- What arrived in which hour, for rates.
INSERT INTO sources.traffic_hour AS h (source, hour, accepted)
SELECT c.source, date_trunc('hour', c.received_at, 'UTC'), c.accepted
FROM unnest($1::text[], $2::bigint[], $3::timestamptz[]) AS c (source, accepted, received_at)
JOIN sources.source AS s ON s.slug = c.source
WHERE c.accepted > 0
ORDER BY c.source
ON CONFLICT (source, hour) DO UPDATE SET accepted = h.accepted + excluded.accepted;
