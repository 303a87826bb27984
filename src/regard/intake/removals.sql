-- name: preview_removal
-- What would go with the source, counted no further than $2: of the records, and of the interactions that raw records
-- state or that are filed under those records. A customer is lost when no other source has a record of them that is there.
WITH mine AS (
    SELECT r.record_id, m.customer_id FROM records.source_record AS r
    JOIN identity.membership AS m ON m.record_id = r.record_id
    WHERE r.source = $1 AND NOT r.deleted LIMIT $2
), touched AS (
    SELECT DISTINCT customer_id FROM mine
), staying AS (
    SELECT t.customer_id FROM touched AS t
    WHERE EXISTS (SELECT FROM identity.membership AS m JOIN records.source_record AS r ON r.record_id = m.record_id
                  WHERE m.customer_id = t.customer_id AND r.source <> $1 AND NOT r.deleted)
)
SELECT (SELECT count(*) FROM mine) AS records,
       greatest(
           (SELECT count(*) FROM (SELECT DISTINCT stream, external_id FROM intake.made_item
                                  WHERE source = $1 AND family = 'interaction' AND NOT gone LIMIT $2) AS made),
           (SELECT count(*) FROM (SELECT FROM mine JOIN timeline.entry AS e USING (record_id)
                                  WHERE NOT e.deleted AND e.source = $1 LIMIT $2) AS pushed)) AS interactions,
       (SELECT count(*) FROM touched) - (SELECT count(*) FROM staying) AS customers_gone,
       (SELECT count(*) FROM staying JOIN profiles.profile AS p USING (customer_id)
        WHERE EXISTS (SELECT FROM jsonb_each(p.golden) AS f WHERE f.value ->> 'source' = $1)) AS customers_changed,
       (SELECT count(*) FROM sources.ingest_key WHERE source = $1 AND revoked_at IS NULL) AS keys;

-- name: lock_source
-- One removal or bringing back at a time; rows that refer to the source may still be written beside it.
SELECT removed_at FROM sources.source WHERE slug = $1 FOR NO KEY UPDATE;

-- name: find_work_in_hand
-- What must come to its end before.
SELECT 'An import into this source is running.' AS what FROM imports.import
WHERE source = $1 AND status IN ('running', 'dry_running', 'reverting')
UNION ALL
SELECT 'The source is being cleansed.' FROM intake.cleansing_run WHERE source = $1 AND status IN ('running', 'undoing')
UNION ALL
SELECT 'The source is being removed or brought back.' FROM intake.removal
WHERE source = $1 AND status IN ('removing', 'restoring')
LIMIT 1;

-- name: mark_removed
-- From here on the source does not exist for anybody who sends or reads.
UPDATE sources.source SET removed_at = $2, removed_by = $3 WHERE slug = $1;

-- name: end_connection
-- Whoever reads it loses it; everything is read again if the source comes back.
UPDATE intake.connection SET removed = true, enabled = false, changed_at = $2, changed_by = $3, warnings = '{}',
    error_code = NULL, error = NULL, error_at = NULL WHERE source = $1;

-- name: forget_cursors
-- The source may have gone on, and its slot is dropped.
UPDATE intake.stream SET cursor = NULL, whole_since = NULL, ending_since = NULL, ending_as_of = NULL, failures = 0,
    error_code = NULL, error = NULL,
    error_at = NULL, retry_at = NULL, read_at = NULL WHERE source = $1;

-- name: revoke_keys
-- Nobody sends for it any more.
UPDATE sources.ingest_key SET revoked_at = $2 WHERE source = $1 AND revoked_at IS NULL;

-- name: forget_wanted
-- Nothing is fetched any more.
DELETE FROM intake.wanted_record WHERE source = $1;

-- name: forget_secrets
-- Once the source was left.
WITH trial AS (DELETE FROM intake.renewed_in_trial WHERE source = $1)
UPDATE intake.connection SET secrets = NULL WHERE source = $1;

-- name: count_statements
-- What is to be taken back, in a stretch of the log.
SELECT count(*) FROM eventlog.event AS e
WHERE e.source = $1 AND e.part = $2 AND e.seq > $3 AND e.seq <= $4
  AND e.type IN ('record.upserted', 'record.patched', 'record.deleted', 'interaction.stated', 'interaction.deleted')
  AND NOT EXISTS (SELECT FROM eventlog.withdrawn AS w WHERE w.source = e.source AND w.event_id = e.event_id);

-- name: list_statements
-- What of it is left in a stretch of the log.
SELECT e.part, e.seq FROM eventlog.event AS e
WHERE e.source = $1 AND e.part = $2 AND e.seq > $3 AND e.seq <= $4
  AND e.type IN ('record.upserted', 'record.patched', 'record.deleted', 'interaction.stated', 'interaction.deleted')
  AND NOT EXISTS (SELECT FROM eventlog.withdrawn AS w WHERE w.source = e.source AND w.event_id = e.event_id)
ORDER BY e.seq LIMIT $5;

-- name: add_removal
-- The worker does it.
INSERT INTO intake.removal (run_id, source, status, asked_at, asked_by, reason) VALUES ($1, $2, 'removing', $3, $4, $5);

-- name: latest_removal
-- How far it has come, with what people call the source.
SELECT r.*, s.title, s.removed_at FROM intake.removal AS r JOIN sources.source AS s ON s.slug = r.source
WHERE r.source = $1 ORDER BY r.asked_at DESC, r.run_id DESC LIMIT 1;

-- name: list_removed
-- Sources that can be brought back.
SELECT DISTINCT ON (s.slug) r.*, s.title, s.removed_at
FROM sources.source AS s JOIN intake.removal AS r ON r.source = s.slug
WHERE s.removed_at IS NOT NULL ORDER BY s.slug, r.asked_at DESC, r.run_id DESC;

-- name: adopt_kept
-- What an earlier bringing back could not read is tried again.
UPDATE intake.removed_statement SET run_id = $1
WHERE run_id IN (SELECT run_id FROM intake.removal WHERE source = $2 AND run_id <> $1);

-- name: start_restoring
-- Everything that was taken back is said again.
UPDATE intake.removal SET status = 'restoring', error = NULL, owner = NULL, expires_at = NULL, finished_at = NULL, done = 0,
    statements = (SELECT count(*) FROM intake.removed_statement WHERE run_id = $1), notes = '{}'
WHERE run_id = $1;

-- name: claim_removal
-- The oldest that nobody alive works on; what was removed is swept once all processes have forgotten its keys.
UPDATE intake.removal AS r SET owner = $1, expires_at = now() + $2::interval
FROM (SELECT run_id FROM intake.removal
      WHERE (status IN ('removing', 'restoring') OR (status = 'removed' AND NOT swept AND finished_at < $3::timestamptz))
        AND (expires_at IS NULL OR expires_at < now())
      ORDER BY asked_at LIMIT 1 FOR UPDATE SKIP LOCKED) AS waiting
WHERE r.run_id = waiting.run_id
RETURNING r.run_id, r.source, r.status, r.left_source;

-- name: note_left
-- The source was told, or why not; the owner is the fence.
UPDATE intake.removal SET left_source = true, notes = $3::text[], statements = $4, expires_at = now() + $5::interval
WHERE run_id = $1 AND owner = $2 AND status IN ('removing', 'removed')
RETURNING run_id;

-- name: renew_removal
-- Beside work that takes long.
UPDATE intake.removal SET expires_at = now() + $3::interval WHERE run_id = $1 AND owner = $2 RETURNING run_id;

-- name: keep_removed
-- With the withdrawals, in one transaction; the owner is the fence.
WITH kept AS (
    INSERT INTO intake.removed_statement (run_id, part, seq)
    SELECT $1, * FROM unnest($3::smallint[], $4::bigint[]) ON CONFLICT DO NOTHING)
UPDATE intake.removal SET done = done + cardinality($3::smallint[]), expires_at = now() + $5::interval
WHERE run_id = $1 AND owner = $2 AND status IN ('removing', 'removed')
RETURNING run_id;

-- name: list_kept
-- What is to be said again, in the order of the log.
SELECT part, seq FROM intake.removed_statement WHERE run_id = $1 AND (part, seq) > ($3::smallint, $4::bigint)
ORDER BY part, seq LIMIT $2;

-- name: drop_kept
-- Said again; the owner is the fence.
WITH gone AS (
    DELETE FROM intake.removed_statement AS k USING unnest($3::smallint[], $4::bigint[]) AS w (part, seq)
    WHERE k.run_id = $1 AND k.part = w.part AND k.seq = w.seq)
UPDATE intake.removal SET done = done + cardinality($3::smallint[]), expires_at = now() + $5::interval
WHERE run_id = $1 AND owner = $2 AND status = 'restoring'
RETURNING run_id;

-- name: move_taken_rows
-- Whoever answers for a statement answers for it at its new place.
UPDATE imports.taken_row AS t SET part = w.part, seq = w.seq
FROM unnest($1::uuid[], $2::smallint[], $3::bigint[], $4::smallint[], $5::bigint[]) AS w (object_id, was_part, was_seq, part, seq)
WHERE t.object_id = w.object_id AND t.part = w.was_part AND t.seq = w.was_seq;

-- name: move_corrections
-- The same for cleansings.
UPDATE intake.correction AS c SET part = w.part, seq = w.seq
FROM unnest($1::smallint[], $2::bigint[], $3::smallint[], $4::bigint[]) AS w (was_part, was_seq, part, seq)
WHERE c.part = w.was_part AND c.seq = w.was_seq;

-- name: list_links
-- Merges that the source's own staff made and that it states.
SELECT DISTINCT judgement FROM intake.made_item
WHERE source = $1 AND family = 'link' AND NOT gone AND judgement IS NOT NULL;

-- name: find_links
-- Where they were recorded in the log, unless somebody else than the source took them back: that holds.
SELECT DISTINCT ON (e.subject) e.part, e.seq FROM eventlog.event AS e
WHERE e.subject = ANY ($2::uuid[]) AND e.source = $1 AND e.type = 'judgement.recorded'
  AND NOT EXISTS (SELECT FROM eventlog.event AS w
                  WHERE w.subject = e.subject AND w.type = 'judgement.withdrawn' AND w.source <> $1)
ORDER BY e.subject, e.part, e.seq;

-- name: rename_links
-- The same merges under judgements of their own for this time.
UPDATE intake.made_item AS m SET judgement = w.again
FROM unnest($2::uuid[], $3::uuid[]) AS w (judgement, again)
WHERE m.source = $1 AND m.family = 'link' AND m.judgement = w.judgement;

-- name: finish_removal
-- Removed, restored, or failed with a sentence.
UPDATE intake.removal SET status = $3, error = $4, finished_at = $5, owner = NULL, expires_at = NULL,
    swept = swept OR (status = 'removed' AND $3 = 'removed'), notes = notes || $6::text[]
WHERE run_id = $1 AND owner = $2
RETURNING source;

-- name: mark_restored
-- The source exists again; how it is reached must be filled in.
UPDATE sources.source SET removed_at = NULL, removed_by = NULL WHERE slug = $1;

-- name: reopen_connection
-- Switched off until its secrets are there; what a reading said that met the removal is past.
WITH well AS (
    UPDATE intake.stream SET failures = 0, error_code = NULL, error = NULL, error_at = NULL, retry_at = NULL WHERE source = $1)
UPDATE intake.connection SET removed = false, changed_at = $2, error_code = NULL, error = NULL, error_at = NULL,
    retry_at = NULL WHERE source = $1;

-- name: release_removal
-- A clean stop hands over at once.
UPDATE intake.removal SET owner = NULL, expires_at = NULL WHERE run_id = $1 AND owner = $2;
