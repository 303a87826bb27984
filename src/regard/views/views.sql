-- name: open_customer
-- Everything a role's screen needs, in one round trip: any id that ever named the customer finds it.
-- $2 types on the desktop, $3 types of the timeline's filter, $4 entries per type, $5 entries of the timeline,
-- $6 with accesses since $7, $8 with the household.
WITH customer AS MATERIALIZED (
    SELECT p.*
    FROM identity.membership AS m JOIN profiles.profile AS p ON p.customer_id = m.customer_id
    WHERE m.record_id = $1
), newest AS (
    SELECT e.*, e.type = ANY ($3::text[]) AS in_filter
    FROM customer
    CROSS JOIN unnest(customer.record_ids) AS r (record_id)
    CROSS JOIN unnest($2::text[]) AS t (type)
    CROSS JOIN LATERAL (
        SELECT * FROM timeline.entry
        WHERE entry.record_id = r.record_id AND entry.type = t.type AND NOT entry.deleted
        ORDER BY entry.occurred_at DESC, entry.entry_id
        LIMIT $5
    ) AS e
), placed AS (
    SELECT newest.*,
           row_number() OVER (PARTITION BY in_filter ORDER BY occurred_at DESC, entry_id) AS place,
           row_number() OVER (PARTITION BY type ORDER BY occurred_at DESC, entry_id) AS place_of_type
    FROM newest
)
SELECT c.customer_id, c.kind, c.name, c.version, c.confidence, c.golden::text AS golden, f.figures::text AS figures,
    (SELECT json_agg(json_build_array(entry_id, type, source, external_id, occurred_at, status, amount_minor,
                                      currency, thread, in_filter AND place <= $5, body -> 'fields', undated)
                     ORDER BY occurred_at DESC, entry_id)
     FROM placed WHERE place_of_type <= $4 OR (in_filter AND place <= $5))::text AS entries,
    (SELECT json_agg(json_build_array(r.record_id, r.source, r.stream, r.external_id, r.kind,
                                      r.first_seen, r.last_seen) ORDER BY r.first_seen, r.record_id)
     FROM records.source_record AS r WHERE r.record_id = ANY (c.record_ids))::text AS records,
    (SELECT json_agg(json_build_array(s.purpose, s.channel, s.contact_point, s.state, s.stated_at, s.source))
     FROM consent.statement AS s WHERE s.record_id = ANY (c.record_ids))::text AS consents,
    CASE WHEN c.kind = 'person' THEN (
        SELECT json_build_array(o.customer_id, o.name)
        FROM records.reference AS w
        JOIN identity.membership AS om ON om.record_id = w.target
        JOIN profiles.profile AS o ON o.customer_id = om.customer_id
        WHERE w.record_id = ANY (c.record_ids) AND w.kind = 'works_at'
        ORDER BY o.customer_id LIMIT 1)
    END::text AS organisation,
    CASE WHEN c.kind = 'person' THEN (
        SELECT json_build_array(o.customer_id, o.name)
        FROM identity.tie AS w
        JOIN identity.tie AS e ON e.key = w.key AND e.role = 'employs'
        JOIN identity.membership AS om ON om.record_id = e.record_id
        JOIN profiles.profile AS o ON o.customer_id = om.customer_id
        WHERE w.record_id = ANY (c.record_ids) AND w.role = 'works_at'
        ORDER BY o.customer_id LIMIT 1)
    END::text AS employer,
    CASE WHEN $8 THEN (
        SELECT json_agg(json_build_array(p.customer_id, p.name, h.how) ORDER BY p.name, p.customer_id)
        FROM (
            -- A name that many share at one address, as in a home or a block, makes no household.
            SELECT other.customer_id, min(split_part(mine.key, ':', 1)) AS how
            FROM (SELECT DISTINCT key FROM identity.tie
                  WHERE record_id = ANY (c.record_ids) AND role = 'household') AS mine
            CROSS JOIN LATERAL (
                SELECT array_agg(DISTINCT om.customer_id) AS customers
                FROM (SELECT record_id FROM identity.tie AS t
                      WHERE t.key = mine.key AND t.role = 'household' LIMIT 65) AS t
                JOIN identity.membership AS om ON om.record_id = t.record_id
                JOIN records.source_record AS s ON s.record_id = t.record_id AND NOT s.deleted
                HAVING count(*) < 65
            ) AS sharing
            CROSS JOIN LATERAL unnest(sharing.customers) AS other (customer_id)
            WHERE cardinality(sharing.customers) <= 8 AND other.customer_id <> c.customer_id
            GROUP BY other.customer_id
        ) AS h JOIN profiles.profile AS p ON p.customer_id = h.customer_id)
    END::text AS household,
    CASE WHEN c.kind = 'organisation' THEN (
        SELECT json_agg(json_build_array(customer_id, name, job_title, total))
        FROM (
            SELECT p.customer_id, p.name, p.golden -> 'job_title' ->> 'value' AS job_title,
                   count(*) OVER () AS total
            FROM profiles.profile AS p
            WHERE (p.name <> '' OR p.golden <> '{}' OR views.is_stated(p.record_ids)) AND p.customer_id IN (
                SELECT pm.customer_id
                FROM records.reference AS w JOIN identity.membership AS pm ON pm.record_id = w.record_id
                WHERE w.target = ANY (c.record_ids) AND w.kind = 'works_at'
                UNION
                SELECT pm.customer_id
                FROM identity.tie AS e
                JOIN identity.tie AS w ON w.key = e.key AND w.role = 'works_at'
                JOIN identity.membership AS pm ON pm.record_id = w.record_id
                WHERE e.record_id = ANY (c.record_ids) AND e.role = 'employs')
            ORDER BY p.name, p.customer_id LIMIT 12) AS people)
    END::text AS people,
    CASE WHEN $6 THEN (
        SELECT json_agg(json_build_array(at, username, role, action, total) ORDER BY at DESC)
        FROM (SELECT at, username, role, action, count(*) OVER () AS total FROM access.audit_read AS a
              WHERE a.customer_id = c.customer_id AND a.at > $7
              ORDER BY at DESC LIMIT 12) AS accesses)
    END::text AS accesses
FROM customer AS c
LEFT JOIN indicators.figures AS f ON f.customer_id = c.customer_id;

-- name: read_timeline_page
-- The next entries of a customer before a place in time: newest first within equal instants by id.
WITH customer AS MATERIALIZED (
    SELECT p.customer_id, p.record_ids, p.version
    FROM identity.membership AS m JOIN profiles.profile AS p ON p.customer_id = m.customer_id
    WHERE m.record_id = $1
)
SELECT c.customer_id, c.version,
    (SELECT json_agg(json_build_array(entry_id, type, source, external_id, occurred_at, status, amount_minor,
                                      currency, thread, true, body -> 'fields', undated)
                     ORDER BY occurred_at DESC, entry_id)
     FROM (
        SELECT e.*
        FROM unnest(c.record_ids) AS r (record_id)
        CROSS JOIN unnest($2::text[]) AS t (type)
        CROSS JOIN LATERAL (
            SELECT * FROM timeline.entry
            WHERE entry.record_id = r.record_id AND entry.type = t.type AND NOT entry.deleted
              AND ($3::timestamptz IS NULL
                   OR (entry.occurred_at <= $3 AND NOT (entry.occurred_at = $3 AND entry.entry_id <= $4)))
            ORDER BY entry.occurred_at DESC, entry.entry_id
            LIMIT $5
        ) AS e
        ORDER BY e.occurred_at DESC, e.entry_id
        LIMIT $5
     ) AS page)::text AS entries
FROM customer AS c;

-- name: find_shown_threads
-- Threads of a page that have a later entry have been shown as a row of an earlier page.
SELECT DISTINCT coalesce(e.thread, e.type || ':' || e.external_id) AS thread
FROM identity.membership AS m
JOIN profiles.profile AS p ON p.customer_id = m.customer_id
JOIN timeline.entry AS e ON e.record_id = ANY (p.record_ids)
WHERE m.record_id = $1 AND NOT e.deleted AND e.type = ANY ($2::text[])
  AND coalesce(e.thread, e.type || ':' || e.external_id) = ANY ($5::text[])
  AND (e.occurred_at > $3 OR (e.occurred_at = $3 AND e.entry_id <= $4));

-- name: read_entry
-- One entry of a customer, and what belongs to the same order or ticket.
WITH customer AS MATERIALIZED (
    SELECT p.customer_id, p.record_ids, p.version
    FROM identity.membership AS m JOIN profiles.profile AS p ON p.customer_id = m.customer_id
    WHERE m.record_id = $1
), entry AS MATERIALIZED (
    SELECT e.*, coalesce(e.thread, e.type || ':' || e.external_id) AS theme
    FROM timeline.entry AS e, customer AS c
    WHERE e.entry_id = $2 AND e.record_id = ANY (c.record_ids) AND NOT e.deleted
)
SELECT c.customer_id, c.version,
    (SELECT json_agg(json_build_array(e.entry_id, e.type, e.source, e.external_id, e.occurred_at, e.status,
                                      e.amount_minor, e.currency, e.thread, true, e.body -> 'fields', e.undated))
     FROM entry AS e)::text AS entry,
    (SELECT json_agg(json_build_array(t.entry_id, t.type, t.source, t.external_id, t.occurred_at, t.status,
                                      t.amount_minor, t.currency, t.thread, true, t.body -> 'fields', t.undated)
                     ORDER BY t.occurred_at DESC, t.entry_id)
     FROM (SELECT t.* FROM entry AS e
           CROSS JOIN unnest(c.record_ids) AS r (record_id)
           JOIN timeline.entry AS t ON t.record_id = r.record_id
           WHERE NOT t.deleted AND t.entry_id <> e.entry_id AND t.type = ANY ($3::text[])
             AND coalesce(t.thread, t.type || ':' || t.external_id) = e.theme
           ORDER BY t.occurred_at DESC, t.entry_id LIMIT 100) AS t)::text AS children
FROM customer AS c WHERE EXISTS (SELECT FROM entry);

-- name: read_golden
-- The golden record alone, for the question where a value is from.
SELECT p.customer_id, p.kind, p.name, p.version, p.golden::text AS golden
FROM identity.membership AS m JOIN profiles.profile AS p ON p.customer_id = m.customer_id
WHERE m.record_id = $1;

-- name: read_identity
-- The records behind a customer with what they state, and the judgements about them.
WITH customer AS MATERIALIZED (
    SELECT p.customer_id, p.version, p.record_ids
    FROM identity.membership AS m JOIN profiles.profile AS p ON p.customer_id = m.customer_id
    WHERE m.record_id = $1
)
SELECT c.customer_id, c.version, c.record_ids,
    (SELECT json_agg(json_build_array(r.record_id, r.source, r.stream, r.external_id, r.kind, r.first_seen,
                                      r.last_seen, (SELECT count(*) FROM timeline.entry AS e
                                                    WHERE e.record_id = r.record_id AND NOT e.deleted))
                     ORDER BY r.first_seen, r.record_id)
     FROM records.source_record AS r WHERE r.record_id = ANY (c.record_ids))::text AS records,
    (SELECT json_agg(json_build_array(j.judgement_id, j.verdict, j.made_by, j.made_at, j.reason,
                                      j.withdrawn_at IS NULL) ORDER BY j.made_at DESC, j.judgement_id)
     FROM (SELECT * FROM identity.judgement AS j
           WHERE j.verdict IS NOT NULL
             AND (j.left_records && c.record_ids OR j.right_records && c.record_ids)
           ORDER BY j.made_at DESC LIMIT 50) AS j)::text AS judgements
FROM customer AS c;

-- name: read_changes
-- What became of the customers that these records ever named, the newest first, before a place; with the names of the
-- records it speaks of, and the judgement behind it.
WITH mine AS MATERIALIZED (
    SELECT DISTINCT ON (c.at, c.change_id) c.*
    FROM unnest($1::uuid[]) AS r (record_id)
    CROSS JOIN LATERAL (
        SELECT * FROM identity.customer_change AS c
        WHERE c.customer_id = r.record_id
          AND ($2::timestamptz IS NULL OR (c.at, c.change_id) < ($2, $3::uuid))
        ORDER BY c.at DESC, c.change_id DESC LIMIT $4
    ) AS c
    ORDER BY c.at DESC, c.change_id DESC LIMIT $4
)
SELECT m.change_id, m.at, m.kind, m.before, m.after, m.records, m.came_from, m.went_to, m.cause, m.caused_by, m.model,
    (SELECT json_agg(json_build_array(s.record_id, s.source, s.external_id)) FROM records.source_record AS s
     WHERE s.record_id = ANY (m.before || m.after || m.records[1:20] || m.caused_by))::text AS named,
    (SELECT json_build_array(j.made_by, j.reason, j.withdrawn_by) FROM identity.judgement AS j
     WHERE j.judgement_id = ANY (m.caused_by) AND j.verdict IS NOT NULL LIMIT 1)::text AS judged
FROM mine AS m ORDER BY m.at DESC, m.change_id DESC;

-- name: read_doubts
-- The pairs on which it is close and that nobody put off: the likeliest errors, ordered by what hangs on them.
WITH near AS MATERIALIZED (
    SELECT d.* FROM identity.doubt AS d
    WHERE NOT EXISTS (SELECT FROM stewardship.postponed AS p
                      WHERE p.left_record = d.left_record AND p.right_record = d.right_record AND p.until > $1)
    ORDER BY d.risk DESC, d.left_record, d.right_record LIMIT 2000
), weighed AS (
    SELECT n.left_record, n.right_record, n.together, n.reason, n.risk,
           l.customer_id AS left_customer, l.name AS left_name, cardinality(l.record_ids) AS left_records,
           coalesce((lf.figures ->> 'entries')::int, 0) AS left_entries,
           r.customer_id AS right_customer, r.name AS right_name, cardinality(r.record_ids) AS right_records,
           coalesce((rf.figures ->> 'entries')::int, 0) AS right_entries
    FROM near AS n
    JOIN identity.membership AS lm ON lm.record_id = n.left_record
    JOIN identity.membership AS rm ON rm.record_id = n.right_record
    JOIN profiles.profile AS l ON l.customer_id = lm.customer_id
    JOIN profiles.profile AS r ON r.customer_id = rm.customer_id
    LEFT JOIN indicators.figures AS lf ON lf.customer_id = l.customer_id
    LEFT JOIN indicators.figures AS rf ON rf.customer_id = r.customer_id
    WHERE (l.name <> '' OR l.golden <> '{}' OR views.is_stated(l.record_ids))
      AND (r.name <> '' OR r.golden <> '{}' OR views.is_stated(r.record_ids))
)
SELECT * FROM weighed
ORDER BY risk * ln(2 + least(left_records + left_entries, right_records + right_entries)) DESC,
         left_record, right_record
LIMIT $2;

-- name: count_doubts
-- How many wait.
SELECT count(*) FROM identity.doubt AS d
JOIN identity.membership AS lm ON lm.record_id = d.left_record
JOIN identity.membership AS rm ON rm.record_id = d.right_record
JOIN profiles.profile AS l ON l.customer_id = lm.customer_id
JOIN profiles.profile AS r ON r.customer_id = rm.customer_id
WHERE (l.name <> '' OR l.golden <> '{}' OR views.is_stated(l.record_ids))
  AND (r.name <> '' OR r.golden <> '{}' OR views.is_stated(r.record_ids))
  AND NOT EXISTS (SELECT FROM stewardship.postponed AS p
                  WHERE p.left_record = d.left_record AND p.right_record = d.right_record AND p.until > $1);

-- name: read_members
-- The customer that an id names today, and its records.
SELECT p.customer_id, p.record_ids
FROM identity.membership AS m JOIN profiles.profile AS p ON p.customer_id = m.customer_id
WHERE m.record_id = $1;

-- name: read_sources
-- Titles for people and how fresh each source is; asked for every few seconds, not with every view.
SELECT s.slug, s.title, greatest(t.last_received_at, r.read_at) AS last_received_at,
       coalesce(c.freshness_seconds, (s.settings ->> 'expected_every_seconds')::float8,
                CASE WHEN r.read_at IS NOT NULL THEN greatest(900, 10 * r.poll_seconds) END)::float8 AS expected_every
FROM sources.source AS s
LEFT JOIN sources.traffic AS t ON t.source = s.slug
LEFT JOIN intake.connection AS c ON c.source = s.slug
LEFT JOIN LATERAL (SELECT min(read_at) AS read_at, max(poll_seconds) AS poll_seconds
                   FROM intake.stream WHERE source = s.slug AND read_at IS NOT NULL) AS r ON true;

-- name: search_identifiers
-- Exact: the same normal form on both sides. Authority '*' stands for any. What is gone or not shown finds nobody.
SELECT p.customer_id, min(asked.type) AS type
FROM unnest($1::text[], $2::text[], $3::text[]) AS asked (type, authority, value)
JOIN identity.identifier AS i
  ON i.value = asked.value AND i.type = asked.type AND (asked.authority = '*' OR i.authority = asked.authority)
JOIN identity.membership AS m ON m.record_id = i.record_id
JOIN profiles.profile AS p ON p.customer_id = m.customer_id
JOIN records.source_record AS r ON r.record_id = i.record_id AND NOT r.deleted
WHERE asked.type <> 'phone_tail' OR EXISTS (
    -- The last digits only find candidates: nothing but the country's digits may be missing (ITU-T E.164 list).
    SELECT FROM (
        SELECT regexp_replace(whole.value, '\D', '', 'g') AS digits FROM identity.identifier AS whole
        WHERE whole.record_id = i.record_id AND whole.type = 'phone' AND $4 <> '') AS whole
    WHERE right(digits, length($4)) = $4
      AND length(digits) - length($4) <= CASE
          WHEN digits ~ '^[17]' THEN 1
          WHEN digits ~ '^(2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])' THEN 2
          ELSE 3 END)
GROUP BY p.customer_id ORDER BY min(asked.type), p.customer_id LIMIT $5;

-- name: search_numbers
-- Orders, tickets, invoices by their number.
SELECT p.customer_id, min(e.type) AS type, max(e.external_id) AS number
FROM timeline.entry AS e
JOIN identity.membership AS m ON m.record_id = e.record_id
JOIN profiles.profile AS p ON p.customer_id = m.customer_id
WHERE lower(e.external_id) = lower($1) AND e.type = ANY ($2::text[]) AND NOT e.deleted
  AND e.type IN ('order', 'invoice', 'ticket', 'payment', 'refund', 'subscription', 'deal')
GROUP BY p.customer_id ORDER BY p.customer_id LIMIT $3;

-- name: search_names_containing
-- Every word typed occurs in the name; each has two patterns, for a short word is sought at the start of words only.
-- Unless $9 the whole name must be as alike as demanded, so that the index gives the nearest of very many.
SELECT customer_id
FROM (
    SELECT customer_id, search_name FROM profiles.profile
    WHERE (search_name LIKE $2 OR search_name LIKE $3)
      AND (search_name LIKE $4 OR search_name LIKE $5)
      AND (search_name LIKE $6 OR search_name LIKE $7)
      AND ($9 OR search_name % $1)
    LIMIT $8
) AS found
ORDER BY similarity($1, search_name) DESC, length(search_name), customer_id;

-- name: search_names_alike
-- With a typing error: the closest names by shared trigrams.
SELECT customer_id
FROM (
    SELECT customer_id, word_similarity($1, search_name) AS closeness, length(search_name) AS length
    FROM profiles.profile WHERE $1 <% search_name
    LIMIT $2
) AS found
ORDER BY closeness DESC, length, customer_id;

-- name: prepare_name_search
-- For this transaction only: how alike a name must be, and a plan made for the very words that were typed.
SELECT set_config('pg_trgm.word_similarity_threshold', $1, true),
       set_config('pg_trgm.similarity_threshold', $1, true),
       set_config('plan_cache_mode', 'force_custom_plan', true);

-- name: list_latest
-- Without a search text: whose data changed last, from the newest $3 rows of the feed before a position. Only a
-- customer's last row has the position that is its version.
WITH read AS MATERIALIZED (
    SELECT position, customer_id FROM pipeline.change_feed
    WHERE $1::bigint IS NULL OR position < $1
    ORDER BY position DESC LIMIT $3
)
SELECT p.customer_id, p.version
FROM read JOIN profiles.profile AS p ON p.customer_id = read.customer_id AND p.version = read.position
WHERE p.name <> '' OR p.golden <> '{}' OR views.is_stated(p.record_ids)
ORDER BY p.version DESC LIMIT $2;

-- name: list_by_version
-- The same where the feed does not reach: it was pruned, or its newest rows are all about a few customers.
SELECT customer_id, version FROM profiles.profile
WHERE ($1::bigint IS NULL OR version < $1) AND (name <> '' OR golden <> '{}' OR views.is_stated(record_ids))
ORDER BY version DESC LIMIT $2;

-- name: read_hits
-- What a line of a result shows, before redaction.
SELECT p.customer_id, p.kind, p.name, p.golden::text AS golden
FROM profiles.profile AS p WHERE p.customer_id = ANY ($1::uuid[]);

-- name: resolve_customers
-- The customers that ids name today.
SELECT m.record_id, m.customer_id FROM identity.membership AS m WHERE m.record_id = ANY ($1::uuid[]);

-- name: count_customers
-- Exact while it is cheap, the planner's estimate beyond.
SELECT CASE WHEN (SELECT reltuples FROM pg_class WHERE oid = 'profiles.profile'::regclass) > 200000
    THEN (SELECT reltuples::bigint FROM pg_class WHERE oid = 'profiles.profile'::regclass)
    ELSE (SELECT count(*) FROM profiles.profile)
       - (SELECT count(*) FROM profiles.profile AS p
          WHERE p.golden = '{}' AND p.name = '' AND NOT views.is_stated(p.record_ids)) END;

-- name: read_standing_judgements
-- The judgements in force about any of these records.
SELECT judgement_id, verdict, left_records, right_records, made_by
FROM identity.judgement
WHERE verdict IS NOT NULL AND withdrawn_at IS NULL
  AND (left_records && $1::uuid[] OR right_records && $1::uuid[]);

-- name: read_hubs
-- Identifiers that too many records carry to mean anything.
SELECT key FROM identity.hub;

-- name: read_model_comparison
-- The latest finished one of these weights.
SELECT job_id, against, finished_at, result::text AS result FROM identity.model_job
WHERE kind = 'compare' AND version = $1 AND status = 'done' ORDER BY asked_at DESC, job_id LIMIT 1;

-- name: read_model_differences
-- A page of what it found.
SELECT number, kind, before, after, records, came_from, went_to FROM identity.model_difference
WHERE job_id = $1 AND ($2::text IS NULL OR kind = $2) AND number > $3 ORDER BY number LIMIT $4;

-- name: read_names
-- Of customers as they are called today.
SELECT customer_id, name FROM profiles.profile WHERE customer_id = ANY ($1::uuid[]);

-- name: read_owners
-- Whose records or interactions these are, and who that customer is today.
SELECT o.object_id, o.type, o.occurred_at, o.external_id, o.source, m.customer_id, p.name, p.kind
FROM (SELECT r.record_id AS object_id, r.record_id, NULL AS type, NULL::timestamptz AS occurred_at, r.external_id, r.source
      FROM records.source_record AS r WHERE r.record_id = ANY ($1::uuid[])
      UNION ALL
      SELECT e.entry_id, e.record_id, e.type, CASE WHEN NOT e.undated THEN e.occurred_at END, e.external_id, e.source
      FROM timeline.entry AS e WHERE e.entry_id = ANY ($1::uuid[]) AND NOT e.deleted) AS o
LEFT JOIN identity.membership AS m ON m.record_id = o.record_id
LEFT JOIN profiles.profile AS p ON p.customer_id = m.customer_id;

-- name: read_goldens
-- The golden records of the customers that these records belong to.
SELECT m.record_id, m.customer_id, p.name, p.golden::text AS golden
FROM identity.membership AS m JOIN profiles.profile AS p ON p.customer_id = m.customer_id
WHERE m.record_id = ANY ($1::uuid[]);

-- name: read_stated_entries
-- Interactions as they stand, and whose they are.
SELECT e.entry_id, e.type, e.source, CASE WHEN NOT e.undated THEN e.occurred_at END AS occurred_at, e.status,
       e.amount_minor, e.currency, (e.body -> 'fields')::text AS fields, m.customer_id, p.name
FROM timeline.entry AS e
LEFT JOIN identity.membership AS m ON m.record_id = e.record_id
LEFT JOIN profiles.profile AS p ON p.customer_id = m.customer_id
WHERE e.entry_id = ANY ($1::uuid[]) AND NOT e.deleted;
