-- name: read_members
-- The records of the customer that an id names today.
SELECT p.customer_id, p.kind, p.record_ids
FROM identity.membership AS m JOIN profiles.profile AS p ON p.customer_id = m.customer_id
WHERE m.record_id = $1;

-- name: read_judgement
-- Whether a judgement is there, and whether it still stands.
SELECT left_records, right_records, withdrawn_at IS NULL AS stands
FROM identity.judgement WHERE judgement_id = $1 AND verdict IS NOT NULL;

-- name: read_doubt
-- A pair of records on which it is close, as long as it is.
SELECT left_record, right_record, together FROM identity.doubt WHERE left_record = $1 AND right_record = $2;

-- name: postpone_doubt
-- Whoever puts it off last decides until when.
INSERT INTO stewardship.postponed (left_record, right_record, until, by) VALUES ($1, $2, $3, $4)
ON CONFLICT (left_record, right_record) DO UPDATE SET until = excluded.until, by = excluded.by;

-- name: is_applied
-- The projector writes the judgement in the transaction in which its effect shows.
SELECT EXISTS (
    SELECT FROM identity.judgement
    WHERE judgement_id = $1 AND verdict IS NOT NULL AND (withdrawn_at IS NOT NULL) = $2);

-- name: read_customer_of
-- Which customer a record belongs to now.
SELECT customer_id FROM identity.membership WHERE record_id = $1;
