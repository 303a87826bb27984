-- Finding whether the quarantine keeps a state already.
CREATE INDEX CONCURRENTLY quarantine_by_state ON intake.quarantine (source, state) WHERE state IS NOT NULL;
