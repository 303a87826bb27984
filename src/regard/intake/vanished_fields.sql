-- name: read_constant_places
-- Of these streams: places that every record had so far, and those for which records wait already.
SELECT p.stream, p.place, false AS held
FROM intake.stream_place p
JOIN (SELECT stream, max(present) AS most FROM intake.stream_place
      WHERE source = $1 AND stream = ANY ($2::text[]) GROUP BY stream) s ON s.stream = p.stream
WHERE p.source = $1 AND p.present = s.most AND s.most >= $3 AND p.given_up_at IS NULL
UNION ALL
SELECT stream, unnest(held_places), true FROM intake.stream WHERE source = $1 AND stream = ANY ($2::text[]);

-- name: hold_places
-- Records of the stream that lack these wait from now on.
UPDATE intake.stream SET held_since = coalesce(held_since, $4),
    held_places = ARRAY(SELECT DISTINCT p FROM unnest(held_places || $3::text[]) AS p ORDER BY p)
WHERE source = $1 AND stream = $2;

-- name: release_places
-- Only what of these waits is given free; without any left nothing waits.
UPDATE intake.stream SET held_places = ARRAY(SELECT p FROM unnest(held_places) AS p WHERE NOT p = ANY ($3::text[])),
    held_since = CASE WHEN held_places <@ $3::text[] THEN NULL ELSE held_since END
WHERE source = $1 AND stream = $2;

-- name: read_held
-- Which fields records wait for.
SELECT held_places FROM intake.stream WHERE source = $1 AND stream = $2;

-- name: count_waiting
-- How many records of a stream wait, up to $3.
SELECT count(*) FROM (SELECT FROM intake.raw_head WHERE source = $1 AND stream = $2 AND mapping = -1 AND NOT deleted
                      LIMIT $3) AS h;

-- name: list_holds
-- Streams with fields that are gone, and how many records wait, up to $2.
SELECT s.source, s.stream, s.held_places, s.held_since,
       (SELECT count(*) FROM (SELECT FROM intake.raw_head h
                              WHERE h.source = s.source AND h.stream = s.stream AND h.mapping = -1 AND NOT h.deleted
                              LIMIT $2) AS h) AS waiting
FROM intake.stream s WHERE s.held_places <> '{}' AND ($1::text IS NULL OR s.source = $1)
ORDER BY s.source, s.stream;

-- name: give_up_places
-- Somebody said that these may be gone: nothing waits for them again.
UPDATE intake.stream_place SET given_up_at = $4, given_up_by = $5
WHERE source = $1 AND stream = $2 AND place = ANY ($3::text[]);

-- name: read_mappings_of
-- What is read of some streams, as (source, stream).
SELECT DISTINCT ON (m.source, m.stream) m.source, m.stream, m.mapping
FROM intake.stream_mapping m JOIN unnest($1::text[], $2::text[]) AS w(source, stream)
  ON m.source = w.source AND m.stream = w.stream
ORDER BY m.source, m.stream, m.number DESC;
