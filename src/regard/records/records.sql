-- name: read_records
-- The kept state of the records asked for.
SELECT record_id, source, stream, external_id, kind, base_version, fields::text AS fields,
       patches::text AS patches, deleted_version, first_seen, last_seen
FROM records.source_record
WHERE record_id = ANY ($1::uuid[]);

-- name: read_known_ids
-- Interactions name records by the thousand; most are known, and nothing but that is asked of them.
SELECT record_id FROM records.source_record WHERE record_id = ANY ($1::uuid[]);

-- name: read_all_records
-- For the resolver's memory at start; a server-side cursor walks it.
SELECT record_id, source, stream, external_id, kind, base_version, fields::text AS fields,
       patches::text AS patches, deleted_version, first_seen, last_seen
FROM records.source_record;

-- name: read_records_of
-- When what a source means by its values has changed.
SELECT record_id, source, stream, external_id, kind, base_version, fields::text AS fields,
       patches::text AS patches, deleted_version, first_seen, last_seen
FROM records.source_record WHERE source = ANY ($1::text[]);

-- name: write_records
-- The fold is done in Python, under the projector's lease, so the new state simply replaces the old.
INSERT INTO records.source_record
    (record_id, source, stream, external_id, kind, base_version, fields, patches,
     deleted_version, deleted, first_seen, last_seen)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                     $7::text[]::jsonb[], $8::text[]::jsonb[], $9::text[],
                     $10::boolean[], $11::timestamptz[], $12::timestamptz[])
ON CONFLICT (record_id) DO UPDATE SET
    kind = excluded.kind, base_version = excluded.base_version, fields = excluded.fields,
    patches = excluded.patches, deleted_version = excluded.deleted_version, deleted = excluded.deleted,
    first_seen = excluded.first_seen, last_seen = excluded.last_seen;

-- name: drop_records
-- Records of which nothing is left, because all that was said of them was taken back.
DELETE FROM records.source_record WHERE record_id = ANY ($1::uuid[]);

-- name: drop_references
-- References of changed records are written anew.
DELETE FROM records.reference WHERE record_id = ANY ($1::uuid[]);

-- name: write_references
-- Who works where, as the source's own reference from record to record.
INSERT INTO records.reference (record_id, kind, target)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[])
ON CONFLICT DO NOTHING;

