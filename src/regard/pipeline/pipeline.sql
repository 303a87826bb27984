-- name: read_source_countries
-- The countries that the records were read with.
SELECT source, country FROM identity.source_country;

-- name: drop_source_countries
-- A handful; written anew when one changed.
DELETE FROM identity.source_country;

-- name: write_source_countries
-- In the transaction in which the records are read with them.
INSERT INTO identity.source_country (source, country) SELECT * FROM unnest($1::text[], $2::text[]);

-- name: read_memberships
-- Who is who as it is written, to be compared with a memory that was made anew.
SELECT record_id, customer_id FROM identity.membership;

-- name: read_hubs
-- Likewise.
SELECT key FROM identity.hub;

-- name: read_confidences
-- Likewise; a customer of one record is sure.
SELECT customer_id, confidence FROM profiles.profile WHERE confidence < 1;

-- name: write_memberships
-- The one mapping that a merge or a split rewrites.
INSERT INTO identity.membership (record_id, customer_id)
SELECT * FROM unnest($1::uuid[], $2::uuid[])
ON CONFLICT (record_id) DO UPDATE SET customer_id = excluded.customer_id;

-- name: drop_memberships
-- Records that are no more.
DELETE FROM identity.membership WHERE record_id = ANY ($1::uuid[]);

-- name: write_customer_changes
-- What became of customers: a row for each it is about, its lists as texts of ids.
INSERT INTO identity.customer_change (customer_id, at, change_id, kind, before, after, records, came_from, went_to,
                                      cause, caused_by, model)
SELECT c.customer_id, $1, change_id, kind, string_to_array(before, ' ')::uuid[], string_to_array(after, ' ')::uuid[],
       string_to_array(records, ' ')::uuid[], string_to_array(came_from, ' ', '-')::uuid[],
       string_to_array(went_to, ' ', '-')::uuid[], cause, string_to_array(caused_by, ' ')::uuid[], $2
FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[])
    AS t (change_id, kind, before, after, records, came_from, went_to, cause, caused_by)
CROSS JOIN LATERAL (SELECT unnest(string_to_array(before, ' ')::uuid[]) AS customer_id
                    UNION SELECT unnest(string_to_array(after, ' ')::uuid[])) AS c;

-- name: write_births
-- The same for new customers of one record, which bear its id: two lists say it all.
INSERT INTO identity.customer_change (customer_id, at, change_id, kind, before, after, records, cause, caused_by, model)
SELECT customer_id, $1, change_id, 'created', '{}', ARRAY[customer_id], ARRAY[customer_id], $3, '{}', $2
FROM unnest($4::uuid[], $5::uuid[]) AS t (change_id, customer_id);

-- name: read_untold
-- Where the account of changes ends with another customer of a record than there is. Its lists are as long as records,
-- a missing one stands for the one customer after.
WITH last AS (
    SELECT DISTINCT ON (r.record_id) r.record_id,
           CASE WHEN c.went_to IS NULL THEN c.after[1] ELSE c.went_to[r.place] END AS customer_id
    FROM identity.customer_change AS c CROSS JOIN LATERAL unnest(c.records) WITH ORDINALITY AS r (record_id, place)
    ORDER BY r.record_id, c.at DESC, c.change_id DESC)
SELECT record_id, t.customer_id AS before, m.customer_id AS after
FROM last AS t FULL JOIN identity.membership AS m USING (record_id)
WHERE t.customer_id IS DISTINCT FROM m.customer_id
ORDER BY record_id;

-- name: drop_identifiers
-- Identifiers of changed records are written anew.
DELETE FROM identity.identifier WHERE record_id = ANY ($1::uuid[]);

-- name: drop_ties
-- Ties of changed records are written anew; the keys are those that others may have had in common with them.
DELETE FROM identity.tie WHERE record_id = ANY ($1::uuid[]) RETURNING record_id, key, role;

-- name: read_ties
-- The ties of records that changed hands.
SELECT DISTINCT key, role FROM identity.tie WHERE record_id = ANY ($1::uuid[]);

-- name: find_tied
-- Who is at the other end of these ties; a crowd at one address has nothing in common.
SELECT DISTINCT m.customer_id
FROM unnest($1::text[], $2::text[]) AS k (key, role)
CROSS JOIN LATERAL (
    SELECT record_id, count(*) OVER () AS carriers
    FROM (SELECT record_id FROM identity.tie AS t WHERE t.key = k.key AND t.role = k.role LIMIT 65) AS few
) AS t
JOIN identity.membership AS m ON m.record_id = t.record_id
WHERE t.carriers < 65;

-- name: drop_hubs
-- The list of hubs is small and follows from the records; it is written anew when it changed.
DELETE FROM identity.hub;

-- name: write_hubs
-- Keys carried by so many records that they say nothing about who somebody is.
INSERT INTO identity.hub (key) SELECT unnest($1::text[]);

-- name: drop_doubts
-- Pairs of records on which it is no longer close.
DELETE FROM identity.doubt AS d USING unnest($1::uuid[], $2::uuid[]) AS g (left_record, right_record)
WHERE d.left_record = g.left_record AND d.right_record = g.right_record;

-- name: write_doubts
-- What a person should look at.
INSERT INTO identity.doubt (left_record, right_record, bits, together, reason, risk)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::float8[], $4::boolean[], $5::text[], $6::real[])
ON CONFLICT (left_record, right_record) DO UPDATE SET
    bits = excluded.bits, together = excluded.together, reason = excluded.reason, risk = excluded.risk;

-- name: read_doubts
-- All, to bring them in step with a memory that was made anew.
SELECT left_record, right_record, bits, together, reason FROM identity.doubt;

-- name: record_judgement
-- A judgement and its withdrawal may come in any order.
INSERT INTO identity.judgement (judgement_id, verdict, left_records, right_records, made_by, made_at, reason)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (judgement_id) DO UPDATE SET
    verdict = excluded.verdict, left_records = excluded.left_records, right_records = excluded.right_records,
    made_by = excluded.made_by, made_at = excluded.made_at, reason = excluded.reason;

-- name: withdraw_judgement
-- The first withdrawal counts.
INSERT INTO identity.judgement AS kept (judgement_id, withdrawn_by, withdrawn_at, withdrawn_reason)
VALUES ($1, $2, $3, $4)
ON CONFLICT (judgement_id) DO UPDATE SET
    withdrawn_by = excluded.withdrawn_by, withdrawn_at = excluded.withdrawn_at,
    withdrawn_reason = excluded.withdrawn_reason
WHERE kept.withdrawn_at IS NULL OR excluded.withdrawn_at < kept.withdrawn_at;

-- name: read_standing_judgements
-- Those in force.
SELECT judgement_id, verdict, left_records, right_records, made_by
FROM identity.judgement WHERE verdict IS NOT NULL AND withdrawn_at IS NULL;

-- name: read_judgements
-- Some of them, and whether they are in force.
SELECT judgement_id, verdict, left_records, right_records, made_by, verdict IS NOT NULL AND withdrawn_at IS NULL AS stands
FROM identity.judgement WHERE judgement_id = ANY ($1::uuid[]);

-- name: take_feed_positions
-- Numbers of the change feed; the row lock keeps them contiguous and in commit order.
UPDATE pipeline.feed_head SET position = position + $1 RETURNING position;

-- name: wake_screens
-- One bell per micro-batch.
SELECT pg_notify('regard_change', '');

-- name: park_event
-- An event that cannot be applied waits here with the reason; the rest goes on.
INSERT INTO pipeline.parked_event (part, seq, source, event_id, reason, parked_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (part, seq) DO UPDATE SET reason = excluded.reason, parked_at = excluded.parked_at;

-- name: count_parked
-- What was acknowledged and could not be applied, by the source it came from.
SELECT source, count(*)::bigint AS parked FROM pipeline.parked_event GROUP BY source;

-- name: empty_projections
-- For a rebuild: everything that follows from the log. History of decisions and the feed stay.
TRUNCATE records.source_record, records.reference, identity.membership, identity.identifier, identity.tie, identity.hub,
    identity.doubt, identity.source_country, identity.judgement, identity.model_use,
    profiles.profile, timeline.entry, consent.statement, indicators.figures, quality.record_score, quality.flag_count,
    pipeline.parked_event;

-- name: digest_customers
-- One line per customer over all that is known of him, but for the number of his last change.
SELECT p.customer_id,
       md5(concat_ws(E'\n', p.kind, p.name, p.search_name, p.golden::text, p.record_ids::text, p.confidence::text,
           (SELECT string_agg(e::text, E'\n' ORDER BY e.entry_id)
              FROM timeline.entry AS e WHERE e.record_id = ANY (p.record_ids)),
           (SELECT string_agg(c::text, E'\n' ORDER BY c.record_id, c.purpose, c.channel, c.contact_point)
              FROM consent.statement AS c WHERE c.record_id = ANY (p.record_ids)),
           (SELECT f.figures::text FROM indicators.figures AS f WHERE f.customer_id = p.customer_id),
           (SELECT string_agg(r::text, E'\n' ORDER BY r.record_id)
              FROM records.source_record AS r WHERE r.record_id = ANY (p.record_ids)),
           (SELECT string_agg(m::text, E'\n' ORDER BY m.record_id)
              FROM identity.membership AS m WHERE m.record_id = ANY (p.record_ids)),
           (SELECT string_agg(i::text, E'\n' ORDER BY i.record_id, i.type, i.authority, i.value)
              FROM identity.identifier AS i WHERE i.record_id = ANY (p.record_ids)),
           (SELECT string_agg(t::text, E'\n' ORDER BY t.record_id, t.key, t.role)
              FROM identity.tie AS t WHERE t.record_id = ANY (p.record_ids)),
           (SELECT string_agg(d::text, E'\n' ORDER BY d.left_record, d.right_record)
              FROM identity.doubt AS d
              WHERE d.left_record = ANY (p.record_ids) OR d.right_record = ANY (p.record_ids)))) AS digest
FROM profiles.profile AS p;

-- name: prune_feed
-- The oldest part of what everybody who listens has long heard; whoever was away longer asks for all anew.
DELETE FROM pipeline.change_feed
WHERE position IN (
    SELECT position FROM pipeline.change_feed
    WHERE position <= (SELECT position FROM pipeline.feed_head) - $1::bigint
    ORDER BY position LIMIT $2);
