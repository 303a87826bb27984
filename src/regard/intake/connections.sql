-- name: save_connection
-- Settings of a source; secrets stay as they are unless new ones are given.
INSERT INTO intake.connection
    (source, settings, secrets, enabled, time_zone, freshness_seconds, changed_at, changed_by, shown)
VALUES ($1, $2::jsonb, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (source) DO UPDATE SET
    settings = excluded.settings, secrets = coalesce(excluded.secrets, connection.secrets),
    enabled = excluded.enabled, time_zone = excluded.time_zone, freshness_seconds = excluded.freshness_seconds,
    changed_at = excluded.changed_at, changed_by = excluded.changed_by, shown = excluded.shown,
    error_code = NULL, error = NULL, error_at = NULL;

-- name: ensure_connection
-- A row to lock, also for sources that only push.
INSERT INTO intake.connection (source, changed_at, changed_by) VALUES ($1, $2, 'regard') ON CONFLICT DO NOTHING;

-- name: lock_connection
-- Raw records of one source are taken one transaction after the other.
SELECT time_zone, shown, removed FROM intake.connection WHERE source = $1 FOR UPDATE;

-- name: await_turn
-- Waits for the end of a transaction that somebody who was cut off may still have open; what is read afterwards,
-- in another statement, is what that left.
SELECT 1 FROM intake.connection WHERE source = $1 FOR SHARE;

-- name: read_connection
-- How a source is reached.
SELECT * FROM intake.connection WHERE source = $1;

-- name: list_connections
-- All of them, with what the source itself says.
SELECT c.*, s.connector, s.title, s.country, s.currency
FROM intake.connection c JOIN sources.source s ON s.slug = c.source ORDER BY c.source;

-- name: claim_connections
-- Sources that nobody reads at the moment, or that this process reads already. One that is just taking records is
-- locked by that: it stays with whoever reads it.
WITH claimed AS (
    UPDATE intake.connection SET owner = $1, expires_at = $2::timestamptz + $3::interval
    WHERE source IN (SELECT source FROM intake.connection
                     WHERE enabled AND NOT removed AND (owner IS NULL OR owner = $1 OR expires_at < $2)
                     ORDER BY source FOR UPDATE SKIP LOCKED)
    RETURNING source, changed_at
)
SELECT source, changed_at FROM claimed
UNION ALL
SELECT source, changed_at FROM intake.connection
WHERE owner = $1 AND enabled AND NOT removed AND source NOT IN (SELECT source FROM claimed);

-- name: release_connections
-- Let others read them at once.
UPDATE intake.connection SET owner = NULL, expires_at = NULL WHERE owner = $1;

-- name: note_connection
-- Whether the settings work.
UPDATE intake.connection SET checked_at = CASE WHEN $2::text IS NULL THEN $4 ELSE checked_at END,
    error_code = $2, error = $3, error_at = CASE WHEN $2::text IS NULL THEN NULL ELSE $4::timestamptz END,
    retry_at = $5
WHERE source = $1;

-- name: note_warnings
-- What a person should look at.
UPDATE intake.connection SET warnings = $2::text[] WHERE source = $1 AND warnings <> $2::text[];

-- name: release_dead
-- What processes of this machine that are no more still hold.
UPDATE intake.connection SET owner = NULL, expires_at = NULL WHERE owner = ANY ($1::text[]);

-- name: read_owners
-- Who holds sources.
SELECT DISTINCT owner FROM intake.connection WHERE owner IS NOT NULL;

-- name: add_streams
-- The streams that a source has; what is known of them stays.
INSERT INTO intake.stream (source, stream, title, poll_seconds)
SELECT $1, s.stream, s.title, s.poll_seconds FROM unnest($2::text[], $3::text[], $4::float8[]) AS s(stream, title, poll_seconds)
ON CONFLICT (source, stream) DO UPDATE SET title = excluded.title, poll_seconds = excluded.poll_seconds;

-- name: retire_streams
-- Streams that the settings no longer give are not waited for.
UPDATE intake.stream SET read_at = NULL, failures = 0, error_code = NULL, error = NULL, error_at = NULL, retry_at = NULL
WHERE source = $1 AND NOT stream = ANY ($2::text[]);

-- name: read_stream
-- How far a stream was read.
SELECT * FROM intake.stream WHERE source = $1 AND stream = $2;

-- name: list_streams
-- All streams of a source, or of all.
SELECT * FROM intake.stream WHERE $1::text IS NULL OR source = $1 ORDER BY source, stream;

-- name: count_stream
-- What came, in its own transaction's account.
INSERT INTO intake.stream (source, stream, records, new_at)
SELECT $1, s.stream, s.records, CASE WHEN s.records > 0 THEN $4::timestamptz END
FROM unnest($2::text[], $3::bigint[]) AS s(stream, records)
ON CONFLICT (source, stream) DO UPDATE SET
    records = stream.records + excluded.records, new_at = coalesce(excluded.new_at, stream.new_at);

-- name: move_cursor
-- Only the process that holds the source may; gives nothing when another took it over.
UPDATE intake.stream SET cursor = coalesce($3::jsonb, cursor)
WHERE source = $1 AND stream = $2
  AND EXISTS (SELECT 1 FROM intake.connection c WHERE c.source = $1 AND c.owner = $4 AND c.changed_at = $5)
RETURNING 1;

-- name: keep_marks
-- What a connector notes by name, with its cursor.
INSERT INTO intake.kept_mark (source, stream, name, mark)
SELECT $1, $2, * FROM unnest($3::text[], $4::text[])
ON CONFLICT (source, stream, name) DO UPDATE SET mark = excluded.mark;

-- name: forget_marks
-- What is there no more.
DELETE FROM intake.kept_mark WHERE source = $1 AND stream = $2 AND name = ANY ($3::text[]);

-- name: read_marks
-- All of a stream, once for each time that its source is opened.
SELECT name, mark FROM intake.kept_mark WHERE source = $1 AND stream = $2;

-- name: begin_whole
-- Everything of these streams follows from now on.
INSERT INTO intake.stream (source, stream, whole_since) SELECT $1, unnest($2::text[]), $3
ON CONFLICT (source, stream) DO UPDATE SET whole_since = excluded.whole_since;

-- name: read_whole
-- Readings of everything that have not ended.
SELECT stream, whole_since FROM intake.stream WHERE source = $1 AND whole_since IS NOT NULL;

-- name: end_whole
-- Everything was said: what was not met is removed from here on, portion by portion.
INSERT INTO intake.stream (source, stream, ending_since, ending_as_of) SELECT $1, unnest($2::text[]), $3, $4
ON CONFLICT (source, stream) DO UPDATE SET
    ending_since = coalesce(stream.whole_since, excluded.ending_since), ending_as_of = excluded.ending_as_of,
    whole_since = NULL;

-- name: read_endings
-- Readings of everything whose end is not carried out yet.
SELECT stream, ending_since, ending_as_of FROM intake.stream
WHERE source = $1 AND ending_since IS NOT NULL ORDER BY stream;

-- name: clear_ending
-- Carried out, unless the next one ended meanwhile.
UPDATE intake.stream SET ending_since = NULL, ending_as_of = NULL
WHERE source = $1 AND stream = $2 AND ending_since = $3;

-- name: count_there
-- By how many the records of each stream became more or fewer.
INSERT INTO intake.stream AS s (source, stream, there)
SELECT $1, w.stream, w.grown FROM unnest($2::text[], $3::bigint[]) AS w(stream, grown)
ON CONFLICT (source, stream) DO UPDATE SET there = s.there + excluded.there;

-- name: find_unchecked
-- Streams whose number of records is to be counted: once when they are new here, and again an hour later, for what a
-- program of an older version wrote meanwhile without keeping the number.
SELECT source, stream FROM intake.stream
WHERE there_checks = 0 OR (there_checks = 1 AND there_checked_at < $1::timestamptz - interval '50 minutes')
ORDER BY source, stream;

-- name: measure_there
-- By how much the number is wrong. Both are of the same moment, and what comes later keeps the number by itself: nobody
-- has to wait for the count.
SELECT (SELECT count(*) FROM intake.raw_head WHERE source = $1 AND stream = $2 AND NOT deleted) - there
FROM intake.stream WHERE source = $1 AND stream = $2;

-- name: correct_there
-- As it was measured.
UPDATE intake.stream SET there = there + $3, there_checks = there_checks + 1, there_checked_at = $4
WHERE source = $1 AND stream = $2;

-- name: note_read
-- A reading ended well.
UPDATE intake.stream SET read_at = $3, first_read_at = coalesce(first_read_at, $3), failures = 0, error_code = NULL,
    error = NULL, error_at = NULL, retry_at = NULL
WHERE source = $1 AND stream = $2;

-- name: note_failure
-- A reading broke off.
UPDATE intake.stream SET failures = failures + 1, error_code = $3, error = $4, error_at = $5, retry_at = $6
WHERE source = $1 AND stream = $2 RETURNING failures;

-- name: reset_stream
-- Read again from the beginning.
UPDATE intake.stream SET cursor = NULL, retry_at = NULL WHERE source = $1 AND stream = $2;

-- name: touch_connection
-- Begin anew with the settings as they are.
UPDATE intake.connection SET changed_at = $2, changed_by = $3, error_code = NULL, error = NULL, error_at = NULL
WHERE source = $1;

-- name: lock_settings
-- Nobody saves settings, and nobody else renews them, until what was renewed is laid over these.
SELECT settings, secrets, changed_at FROM intake.connection WHERE source = $1 FOR UPDATE;

-- name: keep_renewed
-- What a source renewed by itself is no change by a person: readers go on. Only over the version that was read.
UPDATE intake.connection SET settings = $2::jsonb, secrets = $3 WHERE source = $1 AND changed_at = $4;

-- name: keep_trial
-- What was renewed while settings were tried; the latest trial counts.
INSERT INTO intake.renewed_in_trial (source, secrets, at) VALUES ($1, $2, $3)
ON CONFLICT (source) DO UPDATE SET secrets = excluded.secrets, at = excluded.at;

-- name: take_trial
-- Saving settings ends their trial, whatever was saved.
DELETE FROM intake.renewed_in_trial WHERE source = $1 RETURNING secrets;

-- name: note_places
-- Places of new raw records; `records` is the stream's account after them.
INSERT INTO intake.stream_place AS p
    (source, stream, place, first_at, first_record, last_at, last_record, filled, present)
SELECT $1, w.stream, w.place, $4, s.records, $4, s.records, w.n, w.present
FROM unnest($2::text[], $3::text[], $5::bigint[], $6::bigint[]) AS w(stream, place, n, present)
JOIN intake.stream s ON s.source = $1 AND s.stream = w.stream
ON CONFLICT (source, stream, place) DO UPDATE SET
    last_at = excluded.last_at, last_record = excluded.last_record, filled = p.filled + excluded.filled,
    present = p.present + excluded.present, given_up_at = NULL, given_up_by = NULL;

-- name: note_empty_places
-- Known places that records had without a value: they are not gone.
UPDATE intake.stream_place p SET present = p.present + w.present
FROM unnest($2::text[], $3::text[], $4::bigint[]) AS w(stream, place, present)
WHERE p.source = $1 AND p.stream = w.stream AND p.place = w.place;

-- name: count_places
-- A source that makes up names of fields must not fill the table.
SELECT stream, count(*) AS places FROM intake.stream_place WHERE source = $1 GROUP BY stream;

-- name: read_drift
-- Fields that came after the first reading (or the first hour of a stream that is pushed or never ends), and fields that
-- most records had and the last ones have not; deletions have no fields and do not count. Ten records tell it of a field
-- that nearly all had, never without a value (a key with nothing in it is no loss); others may come in clusters.
WITH placed AS (
    SELECT p.*, max(p.last_record) OVER stream AS records, min(p.first_at) OVER stream AS begun_at
    FROM intake.stream_place p WHERE $1::text IS NULL OR p.source = $1
    WINDOW stream AS (PARTITION BY p.source, p.stream)
), judged AS (
    SELECT p.*, p.filled >= 20 AND p.filled * 5 >= p.last_record AND p.given_up_at IS NULL
                AND p.records - p.last_record >= CASE
                    WHEN p.present = p.filled AND p.filled * 50 >= p.last_record * 49 THEN 10
                    ELSE greatest(50, 10 * p.last_record / greatest(p.filled, 1)) END AS vanished,
           p.first_at > $2::timestamptz - interval '14 days'
                AND p.first_at > coalesce(s.first_read_at, p.begun_at + interval '1 hour') AS new
    FROM placed p JOIN intake.stream s ON s.source = p.source AND s.stream = p.stream
)
SELECT source, stream, place, first_at, last_at, CASE WHEN vanished THEN 'vanished' ELSE 'new' END AS change
FROM judged WHERE vanished OR new
ORDER BY source, stream, first_at DESC, place LIMIT 500;

-- name: read_health
-- What every source is judged by; a source that is polled is as fresh as its last reading that ended well. Of pushes:
-- when one was proved last, and what the last was turned away for.
SELECT s.slug, s.title, s.connector, c.enabled, c.shown, c.freshness_seconds, c.error AS trouble, c.error_code, c.warnings,
       c.error_at, c.retry_at AS opened_again_at, t.last_received_at, r.read_at, r.poll_seconds, r.failing,
       r.stream_trouble, r.retry_at, m.unmapped, m.mapped, p.accepted_at AS push_proved_at, p.refused, p.refused_at,
       p.refusal, p.repeated, p.repeated_at, (s.settings ->> 'expected_every_seconds')::float8 AS expected_every
FROM sources.source s
LEFT JOIN intake.connection c ON c.source = s.slug
LEFT JOIN sources.traffic t ON t.source = s.slug
LEFT JOIN LATERAL (
    SELECT min(read_at) AS read_at, max(poll_seconds) AS poll_seconds, count(*) FILTER (WHERE error IS NOT NULL) AS failing,
           (array_agg(stream || ': ' || error ORDER BY error_at DESC) FILTER (WHERE error IS NOT NULL))[1] AS stream_trouble,
           (array_agg(retry_at ORDER BY error_at DESC) FILTER (WHERE error IS NOT NULL))[1] AS retry_at
    FROM intake.stream WHERE source = s.slug AND (read_at IS NOT NULL OR error IS NOT NULL)) r ON true
LEFT JOIN LATERAL (
    SELECT array_agg(i.stream ORDER BY i.stream) FILTER (WHERE NOT known) AS unmapped, count(*) FILTER (WHERE known) AS mapped
    FROM (SELECT stream, EXISTS (SELECT FROM intake.stream_mapping m
                                 WHERE m.source = s.slug AND m.stream = one.stream) AS known
          FROM intake.stream one WHERE one.source = s.slug AND one.there > 0) i) m ON true
LEFT JOIN LATERAL (
    SELECT max(last_at) FILTER (WHERE code = 'accepted') AS accepted_at,
           sum(requests) FILTER (WHERE code LIKE '%\_signature') AS refused,
           max(last_at) FILTER (WHERE code LIKE '%\_signature') AS refused_at,
           (array_agg(sentence ORDER BY last_at DESC) FILTER (WHERE code LIKE '%\_signature'))[1] AS refusal,
           sum(requests) FILTER (WHERE code = 'seen_before') AS repeated,
           max(last_at) FILTER (WHERE code = 'seen_before') AS repeated_at
    FROM intake.webhook_count WHERE source = s.slug) p ON true
WHERE s.removed_at IS NULL
ORDER BY s.title, s.slug;
