-- name: read_head
-- Where the feed stands now.
SELECT position FROM pipeline.feed_head;

-- name: read_after
-- What changed since, for all; in slices so that a long pause does not fill the memory.
SELECT position, customer_id, kinds FROM pipeline.change_feed WHERE position > $1 ORDER BY position LIMIT $2;

-- name: read_missed
-- What a returning browser has missed: the last change of each customer it watches.
SELECT max(position) AS position, customer_id, array_agg(DISTINCT kind) AS kinds
FROM pipeline.change_feed CROSS JOIN unnest(kinds) AS kind
WHERE position > $1 AND position > $3 AND ($2::uuid[] IS NULL OR customer_id = ANY ($2))
GROUP BY customer_id ORDER BY position;
