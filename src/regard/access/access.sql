-- name: find_user
-- For the sign-in: the name is compared without case.
SELECT user_id, username, name, password_hash, roles, disabled FROM access.app_user WHERE lower(username) = lower($1);

-- name: add_user
-- A name that is taken stays with whoever has it.
INSERT INTO access.app_user (user_id, username, name, password_hash, roles, is_demo, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT DO NOTHING
RETURNING user_id;

-- name: count_real_users
-- The first run is over once somebody other than the demo sign-ins exists.
SELECT count(*) FROM access.app_user WHERE NOT is_demo;

-- name: read_demo_names
-- Which demo sign-ins are there already.
SELECT username FROM access.app_user WHERE is_demo;

-- name: disable_demo_users
-- An installation that stops being a demo must not keep doors whose password everybody knows.
UPDATE access.app_user SET disabled = NOT $1::boolean WHERE is_demo AND disabled = $1::boolean;

-- name: add_session
-- One row per signed-in browser.
INSERT INTO access.session (token_hash, user_id, role, created_at, used_at) VALUES ($1, $2, $3, $4, $4);

-- name: find_session
-- A session lives while it is used and not too long altogether; a disabled user has none.
SELECT s.role, s.used_at, u.user_id, u.username, u.name, u.roles
FROM access.session AS s JOIN access.app_user AS u USING (user_id)
WHERE s.token_hash = $1 AND s.used_at > $2 AND s.created_at > $3 AND NOT u.disabled;

-- name: find_live_sessions
-- For the open streams, all in one go.
SELECT s.token_hash, s.role
FROM access.session AS s JOIN access.app_user AS u USING (user_id)
WHERE s.token_hash = ANY ($1::bytea[]) AND s.used_at > $2 AND s.created_at > $3 AND NOT u.disabled;

-- name: touch_session
-- Seldom enough not to write with every read.
UPDATE access.session SET used_at = $2 WHERE token_hash = $1 AND used_at < $2;

-- name: change_role
-- Only a role the user has; the token changes with it, so that an old one is worth nothing.
UPDATE access.session AS s SET role = $2, token_hash = $3
FROM access.app_user AS u
WHERE s.token_hash = $1 AND u.user_id = s.user_id AND $2 = ANY (u.roles)
RETURNING s.token_hash;

-- name: end_session
-- Sign-out.
DELETE FROM access.session WHERE token_hash = $1;

-- name: drop_old_sessions
-- Swept at every sign-in.
DELETE FROM access.session WHERE used_at <= $1 OR created_at <= $2;

-- name: take_try
-- Counted before the password is looked at, so that tries at the same moment count one after the other.
-- No row means: too early. $3 is the time before which failures are forgotten, $4 how many are free, $5 the
-- seconds to wait after each one more.
INSERT INTO access.sign_in_failure AS f (bucket, failures, last_at) VALUES ($1, 1, $2)
ON CONFLICT (bucket) DO UPDATE
    SET failures = CASE WHEN f.last_at > $3 THEN f.failures + 1 ELSE 1 END,
        last_at = greatest(f.last_at, excluded.last_at)
    WHERE f.last_at <= $3 OR f.failures <= $4::integer
       OR f.last_at + make_interval(secs => ($5::integer[])[least(f.failures - $4, cardinality($5))]) <= $2
RETURNING failures;

-- name: read_failures
-- How often sign-ins failed lately, to tell how long to wait.
SELECT failures, last_at FROM access.sign_in_failure WHERE bucket = $1;

-- name: give_back_tries
-- What was no failure after all does not count.
UPDATE access.sign_in_failure SET failures = greatest(failures - 1, 0) WHERE bucket = ANY ($1::bytea[]);

-- name: forget_failures
-- A right password clears the account.
DELETE FROM access.sign_in_failure WHERE bucket = $1;

-- name: drop_old_failures
-- Swept with the old sessions: names and addresses tried once would stay for ever.
DELETE FROM access.sign_in_failure WHERE last_at <= $1;

-- name: write_setup_code
-- A new start gives a new code.
INSERT INTO access.setup_code (code_hash) VALUES ($1) ON CONFLICT (one) DO UPDATE SET code_hash = excluded.code_hash;

-- name: take_setup_code
-- Taken in the transaction that makes the administrator: used once, or not at all.
DELETE FROM access.setup_code WHERE code_hash = $1 RETURNING one;

-- name: insert_audit
-- A batch, one array per column.
INSERT INTO access.audit_read
    (writer, seq, at, user_id, username, role, session, action, customer_id, asked, fields, results,
     decision, request_id, policy, hash)
SELECT $1, seq, at, user_id, username, role, session, action, customer_id, asked, fields, results,
       decision, request_id, policy, hash
FROM unnest($2::bigint[], $3::timestamptz[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::uuid[],
            $10::text[], $11::text[], $12::int[], $13::text[], $14::text[], $15::text[], $16::bytea[])
    AS a (seq, at, user_id, username, role, session, action, customer_id, asked, fields, results,
          decision, request_id, policy, hash);

-- name: list_audit_writers
-- One chain per writing process.
SELECT DISTINCT writer FROM access.audit_read ORDER BY writer;

-- name: read_audit_chain
-- A piece of one chain, in order.
SELECT seq, at, user_id, username, role, session, action, customer_id, asked, fields, results, decision,
       request_id, policy, hash
FROM access.audit_read WHERE writer = $1 AND seq > $2 ORDER BY seq LIMIT $3;
