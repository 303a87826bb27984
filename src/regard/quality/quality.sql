-- name: read_scores
-- What these records were counted as.
SELECT record_id, source, kind, flags FROM quality.record_score WHERE record_id = ANY ($1::uuid[]);

-- name: write_scores
-- What they count as now; the texts are flags joined with blanks.
INSERT INTO quality.record_score (record_id, source, kind, flags)
SELECT record_id, source, kind, string_to_array(flags, ' ')
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS s(record_id, source, kind, flags)
ON CONFLICT (record_id) DO UPDATE SET kind = excluded.kind, flags = excluded.flags;

-- name: drop_scores
-- Records that are no more.
DELETE FROM quality.record_score WHERE record_id = ANY ($1::uuid[]) RETURNING source, kind, flags;

-- name: count_flags
-- The difference of a batch.
INSERT INTO quality.flag_count (source, kind, flag, n) SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
ON CONFLICT (source, kind, flag) DO UPDATE SET n = flag_count.n + excluded.n;

-- name: read_counts
-- The scorecard's figures.
SELECT source, kind, flag, n FROM quality.flag_count WHERE n > 0 AND ($1::text IS NULL OR source = $1)
ORDER BY source, kind, flag;

-- name: read_flagged
-- The records behind one figure, page by page.
SELECT record_id FROM quality.record_score
WHERE source = $1 AND ($2 = ANY (flags)) AND ($3::uuid IS NULL OR record_id > $3)
ORDER BY record_id LIMIT $4;
