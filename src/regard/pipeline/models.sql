-- name: record_choice
-- Applied twice is applied once.
INSERT INTO identity.model_use (event_id, version, digest, used_at, used_by, reason)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING;

-- name: count_records
-- How much there is to decide on.
SELECT count(*) FROM records.source_record;

-- name: write_state
-- One row. The version is that of the weights the customers stand by, so it changes at the very end; a decision that
-- moved nobody keeps the number of the one that did.
INSERT INTO identity.model_state AS s (version, stage, records, of_records, customers, at)
VALUES (CASE WHEN $2::text = 'done' THEN $1::text ELSE '' END, $2, $3, $4, $5, $6)
ON CONFLICT (one) DO UPDATE SET
    version = CASE WHEN $2::text = 'done' THEN $1::text ELSE s.version END,
    stage = excluded.stage, records = excluded.records, of_records = excluded.of_records,
    customers = CASE WHEN $2::text <> 'done' OR s.version = $1::text AND excluded.customers = 0 THEN s.customers
                     ELSE excluded.customers END,
    at = CASE WHEN $2::text = 'done' AND s.version = $1::text THEN s.at ELSE excluded.at END;
