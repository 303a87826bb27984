-- How good each source is, field by field; made anew from the log by a rebuild.
CREATE SCHEMA quality;

-- What was thought of the values of a record: field:verdict:reason, so that a change takes back exactly what was counted.
CREATE TABLE quality.record_score (
    record_id uuid   PRIMARY KEY,
    source    text   NOT NULL,
    kind      text   NOT NULL,
    flags     text[] NOT NULL
);
CREATE INDEX record_score_of_source ON quality.record_score (source, record_id);

CREATE TABLE quality.flag_count (
    source text   NOT NULL,
    kind   text   NOT NULL,
    flag   text   NOT NULL,
    n      bigint NOT NULL,
    PRIMARY KEY (source, kind, flag)
);
