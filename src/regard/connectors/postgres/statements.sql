-- What Regard asks a PostgreSQL source about itself. Columns that older servers lack are taken from JSON.

-- name: describe_server
-- One row: version, the settings that matter, and what this role may do.
SELECT json_build_object(
    'version', current_setting('server_version_num')::int,
    'wal_level', current_setting('wal_level'),
    'max_replication_slots', current_setting('max_replication_slots')::int,
    'max_wal_senders', current_setting('max_wal_senders')::int,
    'max_slot_wal_keep_size', current_setting('max_slot_wal_keep_size', true),
    'encoding', current_setting('server_encoding'),
    'in_recovery', pg_is_in_recovery(),
    'now', clock_timestamp(),
    'may_replicate', coalesce((SELECT rolreplication OR rolsuper FROM pg_roles WHERE rolname = current_user), false)
        OR EXISTS (SELECT FROM pg_roles r WHERE r.rolname IN ('rds_replication', 'azure_pg_admin')
                   AND pg_has_role(current_user, r.oid, 'member')),
    'bypasses_rows', coalesce((SELECT rolbypassrls OR rolsuper FROM pg_roles WHERE rolname = current_user), false),
    'may_create', has_database_privilege(current_database(), 'CREATE'),
    'slots_used', (SELECT count(*) FROM pg_replication_slots),
    'senders_used', (SELECT count(*) FROM pg_stat_replication),
    'oldest_transaction_seconds', coalesce((SELECT extract(epoch FROM clock_timestamp() - min(xact_start))
        FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()), 0)::float8
)::text;

-- name: describe_slot
-- No row when there is no slot of that name.
SELECT json_build_object(
    'plugin', plugin, 'database', database, 'active', active, 'active_pid', active_pid,
    'here', database = current_database(),
    'confirmed', confirmed_flush_lsn::text, 'restart', restart_lsn::text,
    'wal_status', to_jsonb(s) ->> 'wal_status',
    'invalid', coalesce(to_jsonb(s) ->> 'wal_status' = 'lost'
        OR to_jsonb(s) ->> 'invalidation_reason' IS NOT NULL
        OR (restart_lsn IS NULL AND NOT active), false)
)::text
FROM pg_replication_slots s WHERE slot_name = %(slot)s;

-- name: measure_lag
-- No row when there is no slot of that name.
SELECT json_build_object(
    'bytes_behind', pg_wal_lsn_diff(here.lsn, confirmed_flush_lsn)::bigint,
    'bytes_retained', pg_wal_lsn_diff(here.lsn, restart_lsn)::bigint,
    'wal_status', to_jsonb(s) ->> 'wal_status',
    'bytes_until_lost', (to_jsonb(s) ->> 'safe_wal_size')::bigint,
    'active', active
)::text
FROM pg_replication_slots s,
     (SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END AS lsn) here
WHERE slot_name = %(slot)s;

-- name: describe_publication
-- No row when there is no publication of that name.
SELECT json_build_object(
    'all_tables', puballtables,
    'owned', pg_has_role(current_user, pubowner, 'usage'),
    'changes', pubinsert AND pubupdate AND pubdelete AND pubtruncate,
    'tables', coalesce((SELECT json_agg(json_build_object(
            'schema', t.schemaname, 'table', t.tablename,
            'columns', to_jsonb(t) -> 'attnames', 'filter', to_jsonb(t) ->> 'rowfilter',
            'member', p.oid::text || coalesce((SELECT '.' || r.oid FROM pg_publication_rel r
                JOIN pg_class c ON c.oid = r.prrelid JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE r.prpubid = p.oid AND c.relname = t.tablename AND n.nspname = t.schemaname), '')))
        FROM pg_publication_tables t WHERE t.pubname = p.pubname), '[]'::json)
)::text
FROM pg_publication p WHERE pubname = %(publication)s;

-- name: describe_tables
-- Every table that holds rows of a user: columns in their order with the type beneath domains, keys, rights.
-- Generated columns are left out because the replication stream leaves them out.
WITH RECURSIVE base (type_oid, name, next) AS (
    SELECT oid, typname, CASE WHEN typtype = 'd' THEN typbasetype ELSE 0 END FROM pg_type
  UNION ALL
    SELECT base.type_oid, t.typname, CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE 0 END
    FROM base JOIN pg_type t ON t.oid = base.next
)
SELECT json_build_object(
    'oid', c.oid::bigint, 'schema', n.nspname, 'table', c.relname,
    'kind', c.relkind, 'persistence', c.relpersistence, 'identity', c.relreplident,
    'partition', c.relispartition,
    'filtered', c.relrowsecurity AND NOT (pg_has_role(current_user, c.relowner, 'usage') AND NOT c.relforcerowsecurity),
    'owned', pg_has_role(current_user, c.relowner, 'usage'),
    'readable', has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'),
    'columns', coalesce((SELECT json_agg(json_build_object(
            'name', a.attname, 'declared', format_type(a.atttypid, a.atttypmod),
            'base', (SELECT b.name FROM base b WHERE b.type_oid = a.atttypid AND b.next = 0))
            ORDER BY a.attnum)
        FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
          AND coalesce(to_jsonb(a) ->> 'attgenerated', '') = ''), '[]'::json),
    'primary_key', coalesce((SELECT json_agg(a.attname ORDER BY a.attnum) FROM pg_index i
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey[0:i.indnkeyatts - 1])
        WHERE i.indrelid = c.oid AND i.indisprimary), '[]'::json),
    'identity_index', coalesce((SELECT json_agg(a.attname ORDER BY a.attnum) FROM pg_index i
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey[0:i.indnkeyatts - 1])
        WHERE i.indrelid = c.oid AND i.indisreplident), '[]'::json)
)::text
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND n.nspname NOT LIKE 'pg\_%%' AND n.nspname <> 'information_schema'
ORDER BY n.nspname, c.relname;

-- name: drop_slot
-- Does nothing while somebody reads from it.
SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = %(slot)s AND NOT active;

-- name: share_snapshot
-- The state that another session exported; only as the first statement of a transaction.
SET TRANSACTION SNAPSHOT %(snapshot)s;

-- name: tell_time
-- By the clock of the source.
SELECT clock_timestamp();
