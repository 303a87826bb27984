-- What was said of one judgement, found without reading the log; there are few beside all that sources say.
CREATE INDEX CONCURRENTLY event_of_judgement ON eventlog.event (subject)
    WHERE type IN ('judgement.recorded', 'judgement.withdrawn');
