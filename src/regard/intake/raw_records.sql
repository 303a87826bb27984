-- name: read_heads
-- The latest raw states of these records.
SELECT object_id, part, seq, digest, updated_at, received_at, revision, mapping, deleted, quarantine_id
FROM intake.raw_head WHERE object_id = ANY ($1::uuid[]);

-- name: write_heads
-- The latest raw states after this batch.
INSERT INTO intake.raw_head
    (object_id, source, stream, external_id, part, seq, digest, updated_at, received_at, revision, mapping, deleted,
     quarantine_id, seen_at)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::smallint[], $6::bigint[], $7::bytea[],
                     $8::timestamptz[], $9::timestamptz[], $10::int[], $11::int[], $12::bool[], $13::uuid[], $14::timestamptz[])
ON CONFLICT (object_id) DO UPDATE SET
    part = coalesce(excluded.part, raw_head.part), seq = coalesce(excluded.seq, raw_head.seq),
    digest = excluded.digest, updated_at = excluded.updated_at, received_at = excluded.received_at,
    revision = excluded.revision, mapping = excluded.mapping, deleted = excluded.deleted, quarantine_id = excluded.quarantine_id,
    seen_at = excluded.seen_at;

-- name: mark_seen
-- Unchanged records that a full reading met.
UPDATE intake.raw_head SET seen_at = $2 WHERE object_id = ANY ($1::uuid[]);

-- name: read_unseen
-- Of a page of $5 records after $4: up to $6 that a full reading did not meet, for the source no longer has them; and as
-- the last row, without a name, where the page ends, when more may follow.
WITH page AS MATERIALIZED (
    SELECT object_id, external_id, deleted, seen_at FROM intake.raw_head
    WHERE source = $1 AND stream = $2 AND object_id > $4 ORDER BY object_id LIMIT $5
)
(SELECT object_id, external_id FROM page WHERE NOT deleted AND seen_at < $3 ORDER BY object_id LIMIT $6)
UNION ALL
(SELECT object_id, NULL FROM page ORDER BY object_id OFFSET $5::bigint - 1 LIMIT 1);

-- name: read_made
-- What these records stated before.
SELECT object_id, family, stream, external_id, judgement
FROM intake.made_item WHERE object_id = ANY ($1::uuid[]) AND NOT gone;

-- name: read_makers
-- Who states these items or did, and when each was stated or ended last.
SELECT m.family, m.stream, m.external_id, m.object_id, m.gone, m.stated_at
FROM intake.made_item m
JOIN unnest($2::text[], $3::text[], $4::text[]) AS w(family, stream, external_id)
  ON m.source = $1 AND m.family = w.family AND m.stream = w.stream AND m.external_id = w.external_id;

-- name: add_made
-- What a record states.
INSERT INTO intake.made_item (source, family, stream, external_id, object_id, judgement, stated_at)
SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::uuid[], $6::uuid[], $7::timestamptz[])
ON CONFLICT (source, family, stream, external_id, object_id) DO UPDATE SET
    judgement = excluded.judgement, gone = false, stated_at = greatest(made_item.stated_at, excluded.stated_at);

-- name: end_made
-- What a record no longer states; when it ended is kept.
UPDATE intake.made_item m SET gone = true, stated_at = greatest(m.stated_at, w.stated_at)
FROM unnest($2::text[], $3::text[], $4::text[], $5::uuid[], $6::timestamptz[])
     AS w(family, stream, external_id, object_id, stated_at)
WHERE m.source = $1 AND m.family = w.family AND m.stream = w.stream AND m.external_id = w.external_id
  AND m.object_id = w.object_id;

-- name: list_heads
-- The raw records of a stream page by page, where each stands in the log.
SELECT object_id, external_id, part, seq, updated_at, received_at, mapping, deleted, quarantine_id
FROM intake.raw_head
WHERE source = $1 AND stream = $2 AND ($3::uuid IS NULL OR object_id > $3) AND part IS NOT NULL
ORDER BY object_id LIMIT $4;

-- name: count_heads
-- How many raw records each stream has, and how many of them its latest mapping has not read.
SELECT s.stream, s.there AS records,
       CASE WHEN m.number IS NULL THEN s.there
            ELSE (SELECT count(*) FROM intake.raw_head h
                  WHERE h.source = $1 AND h.stream = s.stream AND h.mapping < m.number AND NOT h.deleted) END AS behind,
       q.quarantined
FROM intake.stream s
LEFT JOIN LATERAL (SELECT max(number) + coalesce((SELECT c.rereads FROM intake.connection c WHERE c.source = $1), 0) AS number
                   FROM intake.stream_mapping WHERE source = $1 AND stream = s.stream) m ON true
LEFT JOIN LATERAL (SELECT count(*) AS quarantined FROM intake.raw_head
                   WHERE source = $1 AND stream = s.stream AND quarantine_id IS NOT NULL) q ON true
WHERE s.source = $1 AND (s.there > 0 OR q.quarantined > 0);

-- name: read_raw_events
-- Raw events by their place in the log.
SELECT e.part, e.seq, e.subject, e.subject_key, e.body, e.stated_at, e.received_at
FROM eventlog.event e JOIN unnest($1::smallint[], $2::bigint[]) AS w(part, seq) USING (part, seq);

-- name: latest_mapping
-- What the records of a stream mean now.
SELECT number, mapping, shipped, saved_at, saved_by FROM intake.stream_mapping
WHERE source = $1 AND stream = $2 ORDER BY number DESC LIMIT 1;

-- name: latest_mappings
-- The same for all streams of a source.
SELECT DISTINCT ON (stream) stream, number, mapping, shipped, saved_at, saved_by
FROM intake.stream_mapping WHERE source = $1 ORDER BY stream, number DESC;

-- name: list_mappings
-- All versions of a stream's mapping, newest first.
SELECT number, mapping, shipped, saved_at, saved_by FROM intake.stream_mapping
WHERE source = $1 AND stream = $2 ORDER BY number DESC LIMIT 100;

-- name: add_mapping
-- A new version.
INSERT INTO intake.stream_mapping (source, stream, number, mapping, shipped, saved_at, saved_by)
SELECT $1, $2, coalesce(max(number), 0) + 1, $3::jsonb, $4, $5, $6
FROM intake.stream_mapping WHERE source = $1 AND stream = $2
RETURNING number;

-- name: find_stale
-- Streams with records that an older mapping read. What waits for a person (-1) is left alone; where nothing is stale the
-- index says so at once, however many wait. The order keeps the planner at that index.
SELECT m.source, m.stream, m.number
FROM (SELECT DISTINCT ON (n.source, n.stream) n.source, n.stream, n.number + coalesce(c.rereads, 0) AS number,
             CASE WHEN c.shown AND s.held_places <> '{}' THEN 0 ELSE -1 END AS least
      FROM intake.stream_mapping n
      LEFT JOIN intake.connection c ON c.source = n.source
      LEFT JOIN intake.stream s ON s.source = n.source AND s.stream = n.stream
      WHERE c.removed IS NOT TRUE
      ORDER BY n.source, n.stream, n.number DESC) m
CROSS JOIN LATERAL (SELECT FROM intake.raw_head h
                    WHERE h.source = m.source AND h.stream = m.stream AND h.mapping >= m.least AND h.mapping < m.number
                      AND NOT h.deleted
                    ORDER BY h.mapping LIMIT 1) AS one;

-- name: count_stale
-- How many records of a stream an older mapping read.
SELECT count(*) FROM intake.raw_head h
WHERE h.source = $1 AND h.stream = $2 AND NOT h.deleted
  AND h.mapping < $3 + coalesce((SELECT c.rereads FROM intake.connection c WHERE c.source = $1), 0);

-- name: read_stale
-- Some of them.
SELECT object_id, external_id, part, seq, updated_at, received_at, mapping, deleted, quarantine_id
FROM intake.raw_head
WHERE source = $1 AND stream = $2 AND mapping < $3 AND NOT deleted
  AND mapping >= (SELECT CASE WHEN EXISTS (
      SELECT FROM intake.stream s JOIN intake.connection c ON c.source = s.source AND c.shown
      WHERE s.source = $1 AND s.stream = $2 AND s.held_places <> '{}') THEN 0 ELSE -1 END)
ORDER BY mapping LIMIT $4;

-- name: skip_stale
-- What a mapping has been tried on, or what cannot be opened any more, because its key was destroyed.
UPDATE intake.raw_head SET mapping = $2 WHERE object_id = ANY ($1::uuid[]) AND mapping < $2;

-- name: sample_heads
-- Object ids are digests, so the first ones are a sample by chance that stays the same.
SELECT object_id, external_id, part, seq, updated_at, received_at, mapping, deleted, quarantine_id
FROM intake.raw_head
WHERE source = $1 AND stream = $2 AND NOT deleted ORDER BY object_id LIMIT $3;

-- name: party_streams
-- The streams of a source that ids of parties may point into: what its records stated, and what it has.
SELECT DISTINCT stream FROM intake.made_item WHERE source = $1 AND family = 'record' AND NOT gone
UNION SELECT stream FROM intake.stream WHERE source = $1 AND stream <> $2;

-- name: read_all_again
-- Every record of the source is behind from now on, whatever its mapping.
UPDATE intake.connection SET rereads = rereads + 1 WHERE source = $1;

-- name: latest_readings
-- How records are read now. The number of a reading grows with every mapping and with every time all is read again, so
-- that it names one state of both.
SELECT DISTINCT ON (m.stream) m.stream, m.mapping,
       m.number + coalesce((SELECT c.rereads FROM intake.connection c WHERE c.source = $1), 0) AS number
FROM intake.stream_mapping m WHERE m.source = $1 ORDER BY m.stream, m.number DESC;

-- name: find_known
-- Which of these identifiers a record of another source bears.
SELECT DISTINCT i.value, i.type, i.authority
FROM unnest($2::text[], $3::text[], $4::text[]) AS w(value, type, authority)
JOIN identity.identifier i USING (value, type, authority)
JOIN records.source_record r ON r.record_id = i.record_id
WHERE r.source <> $1 AND NOT r.deleted;
