-- name: ring
-- pg_notify takes the channel as a value; delivered once per transaction, after its commit.
SELECT pg_notify($1, $2)
