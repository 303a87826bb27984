-- A source may be filled before its records are shown: they stand in the log, and state nothing yet.
ALTER TABLE intake.connection ADD COLUMN shown boolean NOT NULL DEFAULT true;
