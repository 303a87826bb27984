-- Raw records whose latest state is in quarantine, to count them.
CREATE INDEX CONCURRENTLY raw_head_quarantined ON intake.raw_head (source, stream) WHERE quarantine_id IS NOT NULL;
