-- name: refresh_figures
-- Every figure of the customers asked for, from their entries alone; nothing depends on the clock. What nothing dates
-- is counted, and gives no figure its time.
WITH entry AS MATERIALIZED (
    SELECT m.customer_id, t.entry_id, t.type, t.source, t.external_id, t.status,
           CASE WHEN NOT t.undated THEN t.occurred_at END AS occurred_at,
           t.amount_minor, coalesce(t.currency, '') AS currency, t.thread,
           t.body -> 'fields' ->> 'due_at' AS due_at,
           t.body -> 'fields' ->> 'direction' AS direction,
           t.body -> 'fields' ->> 'channel' AS channel,
           t.body -> 'fields' ->> 'action' AS action
    FROM identity.membership AS m
    JOIN timeline.entry AS t ON t.record_id = m.record_id
    WHERE m.customer_id = ANY ($1::uuid[]) AND NOT t.deleted AND t.type NOT IN ('page_view', 'track')
), visited AS (
    -- Visits are many and only counted, so they are read from the index and not one by one.
    SELECT m.customer_id, count(*) AS entries, count(*) FILTER (WHERE t.type = 'page_view') AS pages,
           max(t.occurred_at) AS last_at
    FROM identity.membership AS m
    JOIN timeline.entry AS t ON t.record_id = m.record_id
    WHERE m.customer_id = ANY ($1::uuid[]) AND NOT t.deleted AND t.type IN ('page_view', 'track')
    GROUP BY m.customer_id
), bought AS (
    -- An order counts its own amount; where it has none, that of its lines.
    SELECT customer_id, coalesce(thread, 'order:' || external_id) AS number, source,
           min(occurred_at) AS at,
           max(currency) AS currency,
           bool_or(type = 'order' AND status IS NOT DISTINCT FROM 'cancelled') AS cancelled,
           coalesce(max(amount_minor) FILTER (WHERE type = 'order'),
                    sum(amount_minor) FILTER (WHERE type = 'order_line'), 0) AS amount_minor
    FROM entry
    WHERE type IN ('order', 'order_line') AND (status IS DISTINCT FROM 'returned' OR type = 'order')
    GROUP BY customer_id, number, source
), ordered AS (
    SELECT customer_id, currency, sum(amount_minor)::bigint AS minor FROM bought WHERE NOT cancelled GROUP BY 1, 2
), refunded AS (
    SELECT customer_id, currency, sum(abs(amount_minor))::bigint AS minor
    FROM entry WHERE type = 'refund' OR (type = 'order_line' AND status = 'returned') GROUP BY 1, 2
), turnover AS (
    SELECT customer_id, jsonb_object_agg(currency, jsonb_build_object(
               'ordered', coalesce(ordered.minor, 0), 'refunded', coalesce(refunded.minor, 0))) AS by_currency
    FROM ordered FULL JOIN refunded USING (customer_id, currency)
    WHERE currency <> ''
    GROUP BY customer_id
), orders AS (
    SELECT customer_id, jsonb_build_object('count', count(*), 'first_at', min(at), 'last_at', max(at)) AS figure
    FROM bought WHERE NOT cancelled GROUP BY customer_id
), paid AS (
    SELECT customer_id, jsonb_build_object('count', sum(n), 'last_at', max(last_at),
               'by_currency', jsonb_object_agg(currency, minor)) AS figure
    FROM (SELECT customer_id, currency, count(*) AS n, sum(amount_minor)::bigint AS minor, max(occurred_at) AS last_at
          FROM entry WHERE type = 'payment' AND status IS DISTINCT FROM 'failed' GROUP BY 1, 2) AS p
    GROUP BY customer_id
), unpaid AS (
    SELECT customer_id, jsonb_build_object('unpaid', sum(n), 'oldest_due_at', min(oldest),
               'unpaid_by_currency', jsonb_object_agg(currency, minor)) AS figure
    FROM (SELECT customer_id, currency, count(*) AS n, sum(amount_minor)::bigint AS minor, min(due_at) AS oldest
          FROM entry WHERE type = 'invoice' AND status IN ('open', 'overdue') GROUP BY 1, 2) AS i
    GROUP BY customer_id
), single AS (
    SELECT customer_id,
           count(*) AS entries,
           jsonb_build_object(
               'open', count(*) FILTER (WHERE type = 'ticket' AND status IN ('open', 'pending')),
               'total', count(*) FILTER (WHERE type = 'ticket'),
               'oldest_open_at', min(occurred_at) FILTER (WHERE type = 'ticket' AND status IN ('open', 'pending'))
           ) AS tickets,
           jsonb_build_object(
               'sent', count(*) FILTER (WHERE type = 'campaign' AND action = 'sent'),
               'opened', count(*) FILTER (WHERE type = 'campaign' AND action = 'opened'),
               'clicked', count(*) FILTER (WHERE type = 'campaign' AND action = 'clicked'),
               'last_at', max(occurred_at) FILTER (WHERE type = 'campaign')) AS campaigns
    FROM entry GROUP BY customer_id
), contact AS (
    SELECT DISTINCT ON (customer_id) customer_id, jsonb_build_object(
               'last_at', occurred_at, 'last_type', type, 'last_channel', channel, 'last_direction', direction) AS figure
    FROM entry WHERE type IN ('ticket', 'message', 'call', 'meeting')
    ORDER BY customer_id, occurred_at DESC NULLS LAST, entry_id
)
INSERT INTO indicators.figures AS kept (customer_id, figures)
SELECT customer_id, jsonb_strip_nulls(jsonb_build_object(
           'entries', coalesce(single.entries, 0) + coalesce(visited.entries, 0),
           'tickets', coalesce(single.tickets, '{"open": 0, "total": 0}'),
           'web', jsonb_build_object('pages', coalesce(visited.pages, 0), 'last_at', visited.last_at),
           'campaigns', coalesce(single.campaigns, '{"sent": 0, "opened": 0, "clicked": 0}'),
           'orders', coalesce(orders.figure, '{"count": 0}') || jsonb_build_object('by_currency', coalesce(turnover.by_currency, '{}')),
           'payments', coalesce(paid.figure, '{"count": 0}'),
           'invoices', coalesce(unpaid.figure, '{"unpaid": 0}'),
           'contact', contact.figure))
FROM single
FULL JOIN visited USING (customer_id)
LEFT JOIN orders USING (customer_id)
LEFT JOIN turnover USING (customer_id)
LEFT JOIN paid USING (customer_id)
LEFT JOIN unpaid USING (customer_id)
LEFT JOIN contact USING (customer_id)
ON CONFLICT (customer_id) DO UPDATE SET figures = excluded.figures
WHERE kept.figures IS DISTINCT FROM excluded.figures;

-- name: drop_figures
-- Customers that are no more, or have no entries left, have no figures.
DELETE FROM indicators.figures AS f
WHERE f.customer_id = ANY ($1::uuid[])
  AND NOT EXISTS (
      SELECT FROM identity.membership AS m
      JOIN timeline.entry AS t ON t.record_id = m.record_id AND NOT t.deleted
      WHERE m.customer_id = f.customer_id);
