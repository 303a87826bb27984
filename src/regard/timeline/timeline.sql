-- name: read_versions
-- Which state of these entries is kept, whose they are, and whether a statement behind it was taken back meanwhile. A
-- version is nineteen digits, a colon and the event's id.
SELECT entry_id, version, deleted_version, record_id, source, stream, external_id, occurred_at,
       CASE WHEN type IN ('order', 'ticket') THEN type || ':' || external_id END AS thread_of,
       EXISTS (SELECT FROM eventlog.withdrawn AS w
               WHERE w.source = e.source
                 AND w.event_id IN (substr(e.version, 21), substr(e.deleted_version, 21))) AS withdrawn,
       deleted_version <> '' AND NOT EXISTS (
           SELECT FROM eventlog.withdrawn AS w
           WHERE w.source = e.source AND w.event_id = substr(e.deleted_version, 21)) AS deletion_stands
FROM timeline.entry AS e WHERE entry_id = ANY ($1::uuid[]);

-- name: drop_entries
-- What they said was taken back; what still stands is written anew.
DELETE FROM timeline.entry WHERE entry_id = ANY ($1::uuid[]);

-- name: write_entries
-- The newer version wins whatever arrived first, and is hidden where a deletion is newer still. Versions compare
-- as bytes, whatever the database's collation. What states no time is given that of its order or ticket afterwards.
INSERT INTO timeline.entry AS kept
    (entry_id, record_id, stated_party, type, source, stream, external_id, occurred_at, version, deleted,
     status, amount_minor, currency, thread, body, dated_by, own_at, undated)
SELECT entry_id, stated_party, stated_party, type, source, stream, external_id, occurred_at, version, false,
       status, amount_minor, currency, thread, body,
       dated_by, CASE WHEN dated_by IS NOT NULL THEN occurred_at END, dated_by IS NOT DISTINCT FROM 'arrival'
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::text[],
            $9::text[], $10::bigint[], $11::text[], $12::text[], $13::text[]::jsonb[], $14::text[])
    AS e (entry_id, stated_party, type, source, stream, external_id, occurred_at, version,
          status, amount_minor, currency, thread, body, dated_by)
ON CONFLICT (entry_id) DO UPDATE SET
    record_id = excluded.record_id, stated_party = excluded.stated_party, type = excluded.type,
    occurred_at = excluded.occurred_at, version = excluded.version,
    deleted = kept.deleted_version > excluded.version COLLATE "C",
    status = excluded.status, amount_minor = excluded.amount_minor, currency = excluded.currency,
    thread = excluded.thread, body = excluded.body,
    dated_by = excluded.dated_by, own_at = excluded.own_at, undated = excluded.undated
WHERE excluded.version > kept.version COLLATE "C";

-- name: delete_entries
-- A deletion that comes before what it deletes waits as an empty, hidden entry.
INSERT INTO timeline.entry AS kept
    (entry_id, type, source, stream, external_id, occurred_at, version, deleted, deleted_version, body)
SELECT entry_id, 'deleted', source, stream, external_id, occurred_at, '', true, deleted_version, '{}'
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[])
    AS e (entry_id, source, stream, external_id, occurred_at, deleted_version)
ON CONFLICT (entry_id) DO UPDATE SET
    deleted_version = excluded.deleted_version,
    deleted = excluded.deleted_version > kept.version COLLATE "C",
    occurred_at = CASE WHEN kept.version = '' THEN excluded.occurred_at ELSE kept.occurred_at END
WHERE excluded.deleted_version > kept.deleted_version COLLATE "C";

-- name: inherit_from_threads
-- An entry without a party belongs to the party of its order or ticket, one without a time stands at the time of that:
-- from the child's side and from the parent's. Deleted ones count on both sides, so that it does not matter what was
-- deleted when. A parent gives only what it states itself, so that two that name each other settle. $2, $3: threads
-- whose order or ticket was another before, or none.
WITH moved AS (
    SELECT source, type || ':' || external_id AS thread FROM timeline.entry
    WHERE entry_id = ANY ($1::uuid[]) AND type IN ('order', 'ticket')
    UNION
    SELECT * FROM unnest($2::text[], $3::text[])
), child AS (
    SELECT c.entry_id, c.source, c.thread, c.record_id, c.stated_party, c.dated_by, c.own_at, c.occurred_at
    FROM timeline.entry AS c
    WHERE c.entry_id = ANY ($1::uuid[]) AND c.thread IS NOT NULL
      AND (c.stated_party IS NULL OR c.dated_by IS NOT NULL)
    UNION
    SELECT c.entry_id, c.source, c.thread, c.record_id, c.stated_party, c.dated_by, c.own_at, c.occurred_at
    FROM moved JOIN timeline.entry AS c USING (source, thread)
    WHERE c.thread IS NOT NULL AND c.stated_party IS NULL
    UNION
    SELECT c.entry_id, c.source, c.thread, c.record_id, c.stated_party, c.dated_by, c.own_at, c.occurred_at
    FROM moved JOIN timeline.entry AS c USING (source, thread)
    WHERE c.thread IS NOT NULL AND c.dated_by IS NOT NULL
), parent AS (
    SELECT child.entry_id, min(p.stated_party::text)::uuid AS party,
           min(coalesce(p.own_at, p.occurred_at)) FILTER (WHERE p.dated_by IS DISTINCT FROM 'arrival') AS at
    FROM child
    JOIN timeline.entry AS p
      ON p.source = child.source AND p.type IN ('order', 'ticket')
     AND p.external_id = substr(child.thread, strpos(child.thread, ':') + 1)
     AND p.type = split_part(child.thread, ':', 1) AND p.entry_id <> child.entry_id
    GROUP BY child.entry_id
), settled AS (
    SELECT child.entry_id, child.record_id AS before, coalesce(child.stated_party, parent.party) AS after,
           CASE WHEN child.dated_by IS NULL THEN child.occurred_at ELSE coalesce(parent.at, child.own_at) END AS at,
           parent.at IS NULL AND child.dated_by IS NOT DISTINCT FROM 'arrival' AS undated
    FROM child LEFT JOIN parent USING (entry_id)
)
UPDATE timeline.entry AS e
SET record_id = settled.after, occurred_at = settled.at, undated = settled.undated
FROM settled
WHERE e.entry_id = settled.entry_id
  AND (e.record_id, e.occurred_at, e.undated) IS DISTINCT FROM (settled.after, settled.at, settled.undated)
RETURNING settled.before, settled.after;
