-- name: drop_statements
-- The statements of these records are read anew from their consent interactions.
DELETE FROM consent.statement WHERE record_id = ANY ($1::uuid[]);

-- name: write_statements
-- Per record, purpose, channel and contact point the latest statement; of two at the same instant the refusal.
INSERT INTO consent.statement (record_id, purpose, channel, contact_point, state, stated_at, version, source)
SELECT DISTINCT ON (record_id, purpose, channel, contact_point)
       record_id, purpose, channel, contact_point, state, occurred_at, version, source
FROM (
    SELECT record_id, occurred_at, version, source,
           coalesce(body -> 'fields' ->> 'purpose', 'marketing') AS purpose,
           coalesce(body -> 'fields' ->> 'channel', 'email') AS channel,
           coalesce(body -> 'fields' ->> 'contact_point', '') AS contact_point,
           CASE WHEN body -> 'fields' ->> 'state' = 'granted' THEN 'granted' ELSE 'denied' END AS state
    FROM timeline.entry
    WHERE record_id = ANY ($1::uuid[]) AND type = 'consent' AND NOT deleted
) AS stated
ORDER BY record_id, purpose, channel, contact_point, occurred_at DESC, state, version DESC;
