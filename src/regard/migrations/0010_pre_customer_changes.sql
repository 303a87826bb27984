-- What became of customers, for people, destinations and the account of why; told once, never written anew by a rebuild.
-- A row per customer the change was about: before and after are the customers there were and are.
CREATE TABLE identity.customer_change (
    customer_id uuid NOT NULL,
    at          timestamptz NOT NULL,
    change_id   uuid NOT NULL,             -- rows of one change share it
    kind        text NOT NULL,             -- created, joined, renamed, merged, split, moved
    before      uuid[] NOT NULL,
    after       uuid[] NOT NULL,
    records     uuid[] NOT NULL,           -- those that came or went
    came_from   uuid[],                    -- the customer each record had; null: they were all new
    went_to     uuid[],                    -- the customer each record got; null: all the one of after
    cause       text NOT NULL,             -- records, judgement, judgement withdrawn, model, country
    caused_by   uuid[] NOT NULL,           -- the records or judgements
    model       text NOT NULL,             -- the version of the weights that decided
    PRIMARY KEY (customer_id, at, change_id)
);
INSERT INTO identity.customer_change
SELECT c.customer_id, m.at, gen_random_uuid(), CASE WHEN m.before IS NULL THEN 'joined' ELSE 'moved' END,
       array_remove(ARRAY[m.before], NULL), array_remove(ARRAY[m.after], NULL), ARRAY[m.record_id], ARRAY[m.before],
       NULL, m.cause, '{}', ''
FROM identity.membership_change AS m CROSS JOIN LATERAL unnest(ARRAY[m.before, m.after]) AS c (customer_id)
WHERE c.customer_id IS NOT NULL;
