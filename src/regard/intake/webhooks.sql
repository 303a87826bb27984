-- name: note_deliveries
-- Those that are new, in one statement; a twin under way waits here for the other's commit, and sorted they cannot
-- deadlock.
INSERT INTO intake.seen_delivery (source, delivery_id, at)
SELECT $1, d.delivery_id, $3 FROM unnest($2::text[]) AS d (delivery_id) ORDER BY d.delivery_id
ON CONFLICT (source, delivery_id) DO NOTHING RETURNING delivery_id;

-- name: drop_seen_deliveries
-- Senders give up after days; in small portions, so that nobody waits.
DELETE FROM intake.seen_delivery WHERE (source, delivery_id) IN
    (SELECT source, delivery_id FROM intake.seen_delivery WHERE at < $1 ORDER BY at LIMIT $2);

-- name: want_records
-- Asked for again while it waits: the newer wish counts, and at once.
INSERT INTO intake.wanted_record (source, stream, external_id, asked_at)
SELECT $1, w.stream, w.external_id, $4 FROM unnest($2::text[], $3::text[]) AS w (stream, external_id)
ON CONFLICT (source, stream, external_id) DO UPDATE SET asked_at = excluded.asked_at, failures = 0, retry_at = NULL;

-- name: read_wanted
-- What is due, oldest first.
SELECT stream, external_id, asked_at, failures FROM intake.wanted_record
WHERE source = $1 AND (retry_at IS NULL OR retry_at <= $2) ORDER BY asked_at, stream, external_id LIMIT $3;

-- name: drop_wanted
-- Fetched; a wish that came in the meantime stays.
DELETE FROM intake.wanted_record AS w
USING unnest($2::text[], $3::text[], $4::timestamptz[]) AS d (stream, external_id, asked_at)
WHERE w.source = $1 AND w.stream = d.stream AND w.external_id = d.external_id AND w.asked_at = d.asked_at;

-- name: put_off_wanted
-- Could not be fetched now.
UPDATE intake.wanted_record AS w SET failures = failures + 1, retry_at = $4, error_code = $5, error = $6
FROM unnest($2::text[], $3::text[]) AS d (stream, external_id)
WHERE w.source = $1 AND w.stream = d.stream AND w.external_id = d.external_id;

-- name: count_wanted
-- How much waits, since when, and why.
SELECT count(*)::bigint AS waiting, min(asked_at) AS oldest,
       count(*) FILTER (WHERE failures > 0)::bigint AS failing, max(error) AS error
FROM intake.wanted_record WHERE source = $1;

-- name: count_webhooks
-- Sorted, so that two processes cannot deadlock; names that are no source are not counted.
INSERT INTO intake.webhook_count AS c (source, code, requests, first_at, last_at, sentence)
SELECT n.source, n.code, n.requests, n.at, n.at, n.sentence
FROM unnest($1::text[], $2::text[], $3::bigint[], $4::timestamptz[], $5::text[]) AS n (source, code, requests, at, sentence)
JOIN sources.source AS s ON s.slug = n.source
ORDER BY n.source, n.code
ON CONFLICT (source, code) DO UPDATE SET
    requests = c.requests + excluded.requests, last_at = greatest(c.last_at, excluded.last_at),
    sentence = excluded.sentence;

-- name: list_webhook_counts
-- For the page of a source.
SELECT code, requests, first_at, last_at, sentence FROM intake.webhook_count
WHERE source = $1 AND code <> 'accepted' ORDER BY last_at DESC, code;
