-- Whether any of these records is there and was stated, or has an interaction: asked only of customers without values,
-- because what calls it cannot be inlined.
CREATE SCHEMA views;
CREATE FUNCTION views.is_stated(record_ids uuid[]) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT EXISTS (
        SELECT FROM unnest(record_ids) AS one (id) JOIN records.source_record AS r ON r.record_id = one.id
        WHERE NOT r.deleted AND (r.base_version <> '' OR r.patches <> '{}' OR EXISTS (
            SELECT FROM timeline.entry AS e WHERE e.record_id = r.record_id AND NOT e.deleted)))
$$;

-- Records lose a field that all of the stream had: what they stated before stays until a person decides.
ALTER TABLE intake.stream ADD COLUMN held_places text[] NOT NULL DEFAULT '{}';
ALTER TABLE intake.stream ADD COLUMN held_since timestamptz;
ALTER TABLE intake.stream ADD COLUMN first_read_at timestamptz; -- the end of the first reading: what comes later is new
UPDATE intake.stream SET first_read_at = read_at;
-- A key may be there without a value.
ALTER TABLE intake.stream_place ADD COLUMN present bigint NOT NULL DEFAULT 0;
UPDATE intake.stream_place SET present = filled;
ALTER TABLE intake.stream_place ADD COLUMN given_up_at timestamptz; -- somebody said that it may be gone
ALTER TABLE intake.stream_place ADD COLUMN given_up_by text;

-- When a source that cannot be opened is tried again.
ALTER TABLE intake.connection ADD COLUMN retry_at timestamptz;
-- What the reading itself noticed, beside what the connector says of its source.
ALTER TABLE intake.stream ADD COLUMN warning text;

-- The last sixty minutes, counted by the minute; older ones are removed as newer come.
CREATE TABLE sources.traffic_minute (
    source   text        NOT NULL,
    minute   timestamptz NOT NULL,
    accepted bigint      NOT NULL DEFAULT 0,
    PRIMARY KEY (source, minute)
);
-- When the newest thing was received: how far the source is behind itself.
ALTER TABLE sources.traffic ADD COLUMN newest_received_at timestamptz;
