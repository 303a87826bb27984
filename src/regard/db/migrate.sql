-- name: prepare
-- The history of the database and the row that makes migrating programs take turns.
CREATE SCHEMA IF NOT EXISTS db;
CREATE TABLE IF NOT EXISTS db.migration (
    number     integer     PRIMARY KEY,
    name       text        NOT NULL,
    checksum   text        NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS db.migration_turn (one boolean PRIMARY KEY DEFAULT true CHECK (one));
INSERT INTO db.migration_turn DEFAULT VALUES ON CONFLICT DO NOTHING;

-- name: has_history
-- A database that never was migrated has no history to read.
SELECT to_regclass('db.migration') IS NOT NULL

-- name: read_history
-- What was applied, to compare with the files.
SELECT number, name, checksum FROM db.migration ORDER BY number

-- name: take_turn
-- Nothing while another program migrates. Whoever waited here would hold a snapshot, for which an index that is being
-- built without locks waits in turn.
SELECT one FROM db.migration_turn FOR UPDATE SKIP LOCKED

-- name: is_applied
-- Asked again under the lock row: another program may have applied it meanwhile.
SELECT EXISTS (SELECT FROM db.migration WHERE number = $1)

-- name: limit_lock_wait
-- A migration that waits for a table lock makes everybody behind it wait too, so it gives up soon.
SELECT set_config('lock_timeout', '5s', true)

-- name: remember
-- In the transaction of the migration itself: applied and remembered, or neither.
INSERT INTO db.migration (number, name, checksum) VALUES ($1, $2, $3)
