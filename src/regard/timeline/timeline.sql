-- name: read_versions
-- Which state of these entries is kept, and whose they are.
SELECT entry_id, version, record_id FROM timeline.entry WHERE entry_id = ANY ($1::uuid[]);

-- name: write_entries
-- The newer version wins whatever arrived first; a deletion stays as a mark so that an older state cannot return.
INSERT INTO timeline.entry AS kept
    (entry_id, record_id, stated_party, type, source, stream, external_id, occurred_at, version, deleted,
     status, amount_minor, currency, thread, body)
SELECT entry_id, stated_party, stated_party, type, source, stream, external_id, occurred_at, version, deleted,
       status, amount_minor, currency, thread, body
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::text[],
            $9::boolean[], $10::text[], $11::bigint[], $12::text[], $13::text[], $14::text[]::jsonb[])
    AS e (entry_id, stated_party, type, source, stream, external_id, occurred_at, version,
          deleted, status, amount_minor, currency, thread, body)
ON CONFLICT (entry_id) DO UPDATE SET
    record_id = excluded.record_id, stated_party = excluded.stated_party, type = excluded.type,
    occurred_at = excluded.occurred_at, version = excluded.version, deleted = excluded.deleted,
    status = excluded.status, amount_minor = excluded.amount_minor, currency = excluded.currency,
    thread = excluded.thread, body = excluded.body
WHERE excluded.version > kept.version;

-- name: inherit_party
-- An entry without a party belongs to the party of its order or ticket: from the child's side and from the parent's.
WITH child AS (
    SELECT entry_id, source, thread, record_id FROM timeline.entry
    WHERE entry_id = ANY ($1::uuid[]) AND stated_party IS NULL AND thread IS NOT NULL AND NOT deleted
    UNION
    SELECT c.entry_id, c.source, c.thread, c.record_id
    FROM timeline.entry AS p
    JOIN timeline.entry AS c
      ON c.source = p.source AND c.thread = p.type || ':' || p.external_id
     AND c.thread IS NOT NULL AND c.stated_party IS NULL
    WHERE p.entry_id = ANY ($1::uuid[]) AND p.type IN ('order', 'ticket') AND NOT c.deleted
), parent AS (
    SELECT child.entry_id, child.record_id AS before, min(p.stated_party::text)::uuid AS after
    FROM child
    LEFT JOIN timeline.entry AS p
      ON p.source = child.source AND p.type IN ('order', 'ticket')
     AND p.external_id = substr(child.thread, strpos(child.thread, ':') + 1)
     AND p.type = split_part(child.thread, ':', 1) AND NOT p.deleted AND p.entry_id <> child.entry_id
    GROUP BY child.entry_id, child.record_id
)
UPDATE timeline.entry AS e
SET record_id = parent.after
FROM parent
WHERE e.entry_id = parent.entry_id AND e.record_id IS DISTINCT FROM parent.after
RETURNING parent.before, parent.after;
