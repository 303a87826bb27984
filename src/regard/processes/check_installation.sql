-- name: read_version
-- For people, so the short form.
SELECT split_part(current_setting('server_version'), ' ', 1)
