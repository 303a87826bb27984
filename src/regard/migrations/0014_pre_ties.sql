-- What ties parties to one another without making them one: facts of single records, joined through membership when
-- they are read. Written as records are resolved; for records that are there already, by a rebuild.
CREATE TABLE identity.tie (
    key       text NOT NULL,               -- what both sides have in common
    role      text NOT NULL,               -- household; works_at, employs
    record_id uuid NOT NULL,
    PRIMARY KEY (key, role, record_id)
);
CREATE INDEX tie_by_record ON identity.tie (record_id);
