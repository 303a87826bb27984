-- A deletion hides an entry but forgets nothing of it: what belongs to a deleted order still knows whose it was.
ALTER TABLE timeline.entry ADD COLUMN deleted_version text NOT NULL DEFAULT '';
