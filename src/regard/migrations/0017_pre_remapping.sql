-- Finding the raw records that an older mapping read.
CREATE INDEX raw_head_by_mapping ON intake.raw_head (source, stream, mapping);
