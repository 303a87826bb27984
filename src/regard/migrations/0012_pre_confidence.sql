-- How sure it is that the records of a customer are one, 0 to 1; worked out where it changes, not where it is read.
ALTER TABLE profiles.profile ADD COLUMN confidence double precision NOT NULL DEFAULT 1;
