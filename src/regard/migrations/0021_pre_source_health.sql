-- Which places the raw records of a stream have had, to notice fields that come and go at the source.
CREATE TABLE intake.stream_place (
    source       text        NOT NULL,
    stream       text        NOT NULL,
    place        text        NOT NULL,
    first_at     timestamptz NOT NULL,
    first_record bigint      NOT NULL,  -- the number of the record that had it first, and last
    last_at      timestamptz NOT NULL,
    last_record  bigint      NOT NULL,
    filled       bigint      NOT NULL,
    PRIMARY KEY (source, stream, place)
);
