-- Of each item that raw records state: when it was stated or ended last, so that the next statement wins over it
-- whatever time its record names. Ended items keep their row for that.
ALTER TABLE intake.made_item ADD COLUMN stated_at timestamptz NOT NULL DEFAULT '0001-01-01 00:00:00+00';
ALTER TABLE intake.made_item ADD COLUMN gone boolean NOT NULL DEFAULT false;

DROP INDEX intake.raw_head_by_mapping;
CREATE INDEX raw_head_by_mapping ON intake.raw_head (source, stream, mapping) WHERE NOT deleted;
