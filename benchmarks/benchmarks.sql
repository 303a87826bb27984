-- name: drop_sample
-- What pgbench needed goes with the benchmark.
DROP SCHEMA IF EXISTS benchmark CASCADE;

-- name: make_sample
-- pgbench has no random ids: it draws a number, and this table gives the customer.
CREATE SCHEMA benchmark;
CREATE TABLE benchmark.sample (at int PRIMARY KEY, id uuid NOT NULL);

-- name: fill_sample
-- Any customers, in an order that has nothing to do with their place on the disk.
INSERT INTO benchmark.sample (at, id)
SELECT row_number() OVER (), customer_id
FROM (SELECT customer_id FROM profiles.profile ORDER BY random() LIMIT $1) AS chosen;

-- name: read_sample
-- The same customers, for the requests over HTTP.
SELECT id FROM benchmark.sample;

-- name: read_known
-- Records that events can be about, in an order that has nothing to do with their age.
SELECT r.external_id, r.stream, m.customer_id
FROM records.source_record AS r JOIN identity.membership AS m ON m.record_id = r.record_id
WHERE r.source = $1 AND r.stream = ANY ($2::text[]) AND NOT r.deleted
ORDER BY md5(r.external_id) LIMIT $3;

-- name: read_size
-- What the tables and indexes take.
SELECT pg_database_size(current_database());

-- name: count_checkpoints
-- A consumer that never ran has none, and nothing can be said of what waits for it.
SELECT count(*) FROM eventlog.checkpoint;

-- name: is_followed
-- Whether a worker holds the lease of the log now.
SELECT EXISTS (SELECT FROM eventlog.lease WHERE consumer = 'projector' AND expires_at > now());
