-- name: write_profiles
-- The golden record as it follows from the records; the version says when it last changed.
INSERT INTO profiles.profile (customer_id, kind, name, search_name, golden, record_ids, version,
                              confidence)
SELECT customer_id, kind, name, search_name, golden,
       ARRAY(SELECT r::uuid FROM unnest(string_to_array(record_ids, ' ')) AS r), version, confidence
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[]::jsonb[], $6::text[], $7::bigint[],
            $8::float8[])
    AS p (customer_id, kind, name, search_name, golden, record_ids, version, confidence)
ON CONFLICT (customer_id) DO UPDATE SET
    kind = excluded.kind, name = excluded.name, search_name = excluded.search_name, golden = excluded.golden,
    record_ids = excluded.record_ids, version = excluded.version, confidence = excluded.confidence;

-- name: drop_profiles
-- Customers whose records all went to others.
DELETE FROM profiles.profile WHERE customer_id = ANY ($1::uuid[]);

-- name: raise_versions
-- Customers that changed in what hangs on their records, not in the golden record.
UPDATE profiles.profile AS p SET version = v.version
FROM unnest($1::uuid[], $2::bigint[]) AS v (customer_id, version)
WHERE p.customer_id = v.customer_id;
