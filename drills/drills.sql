-- name: read_orders_of_log
-- What the log holds of the drill, and how often.
SELECT event_id, count(*) AS times FROM eventlog.event WHERE source = $1 AND event_id LIKE 'order-%' GROUP BY event_id;

-- name: count_numbers
-- Numbers within a partition are contiguous: as many rows as the head says, up to the last.
SELECT coalesce(sum(abs(h.seq - coalesce(e.rows, 0)) + abs(h.seq - coalesce(e.last, 0))), 0)::bigint AS wrong
FROM eventlog.partition_head AS h
LEFT JOIN (SELECT part, count(*) AS rows, max(seq) AS last FROM eventlog.event GROUP BY part) AS e USING (part);

-- name: count_parked
-- Events that the projector had to set aside; a killed process is no reason.
SELECT count(*) FROM pipeline.parked_event;

-- name: read_orders_of_timeline
-- The orders as the timeline shows them, each with the record it belongs to.
SELECT e.external_id, r.external_id AS party
FROM timeline.entry AS e JOIN records.source_record AS r ON r.record_id = e.record_id
WHERE e.source = $1 AND e.type = 'order' AND NOT e.deleted;

-- name: read_figures
-- What the figures say was ordered, by the customers' records.
SELECT r.external_id AS party, (f.figures #>> '{orders,count}')::bigint AS orders,
       (f.figures #>> '{orders,by_currency,EUR,ordered}')::bigint AS minor
FROM records.source_record AS r
JOIN identity.membership AS m ON m.record_id = r.record_id
LEFT JOIN indicators.figures AS f ON f.customer_id = m.customer_id
WHERE r.source = $1 AND r.stream = 'customers';
