-- Lines, payments and messages whose source does not say when they happened stand at the time of their order or ticket.
ALTER TABLE timeline.entry ADD COLUMN dated_by text;         -- of which time own_at is: change, arrival; null when stated
ALTER TABLE timeline.entry ADD COLUMN own_at timestamptz;    -- its time while no order or ticket gives it one
ALTER TABLE timeline.entry ADD COLUMN undated boolean NOT NULL DEFAULT false; -- nothing says when it happened
