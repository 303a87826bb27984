-- Who takes a source out says why, as judgements do.
ALTER TABLE intake.removal ADD COLUMN reason text NOT NULL DEFAULT ''; -- in the words of whoever asked for it
