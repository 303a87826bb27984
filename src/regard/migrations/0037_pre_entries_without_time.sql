-- What takes its time from an order or ticket is found when that comes; built while others write.
CREATE INDEX CONCURRENTLY entry_without_time ON timeline.entry (source, thread)
    WHERE thread IS NOT NULL AND dated_by IS NOT NULL;
