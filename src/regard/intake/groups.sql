-- name: claim_group
-- Waits while an earlier try of the same group is still being committed; nothing comes back when that one went in.
INSERT INTO intake.written_group (token, at) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING token;

-- name: drop_old_groups
-- Nobody asks about a group any more after its tries are over.
DELETE FROM intake.written_group
WHERE token IN (SELECT token FROM intake.written_group WHERE at < $1 ORDER BY at LIMIT $2);
