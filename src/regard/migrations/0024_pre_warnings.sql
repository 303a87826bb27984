-- What a person should look at although a source is read: a slot that fills its disk, a table without a key.
ALTER TABLE intake.connection ADD COLUMN warnings text[] NOT NULL DEFAULT '{}';
