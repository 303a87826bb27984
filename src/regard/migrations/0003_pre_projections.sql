-- Everything below follows from the log and can be thrown away and rebuilt from it.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE SCHEMA records;
CREATE TABLE records.source_record (
    record_id      uuid PRIMARY KEY,
    source         text        NOT NULL,
    stream         text        NOT NULL,
    external_id    text        NOT NULL,
    kind           text        NOT NULL,
    base_version   text        NOT NULL,   -- of the last whole statement; '' while none was made
    fields         jsonb       NOT NULL,   -- field -> value of that statement
    patches        jsonb       NOT NULL,   -- what partial statements changed since: name -> [version, value]
    deleted_version text       NOT NULL DEFAULT '',  -- of the last deletion at the source
    deleted        boolean     NOT NULL,   -- nothing was stated since that deletion
    first_seen     timestamptz NOT NULL,
    last_seen      timestamptz NOT NULL
);
CREATE INDEX source_record_by_source ON records.source_record (source, stream);

CREATE TABLE records.reference (
    record_id uuid NOT NULL,
    kind      text NOT NULL,               -- works_at
    target    uuid NOT NULL,
    PRIMARY KEY (record_id, kind, target)
);
CREATE INDEX reference_by_target ON records.reference (target, kind);

CREATE SCHEMA identity;
CREATE TABLE identity.membership (
    record_id   uuid PRIMARY KEY,
    customer_id uuid NOT NULL
);
CREATE INDEX membership_by_customer ON identity.membership (customer_id);

CREATE TABLE identity.identifier (
    value     text NOT NULL,
    type      text NOT NULL,
    authority text NOT NULL,
    record_id uuid NOT NULL,
    PRIMARY KEY (value, type, authority, record_id)
);
CREATE INDEX identifier_by_record ON identity.identifier (record_id);

CREATE TABLE identity.hub (
    key text PRIMARY KEY
);

CREATE TABLE identity.judgement (
    judgement_id uuid PRIMARY KEY,
    verdict      text,
    left_records uuid[] NOT NULL DEFAULT '{}',
    right_records uuid[] NOT NULL DEFAULT '{}',
    made_by      text,
    made_at      timestamptz,
    reason       text,
    withdrawn_by text,
    withdrawn_at timestamptz,
    withdrawn_reason text
);

-- What changed in membership, for people to read; not a projection that a rebuild must reproduce.
CREATE TABLE identity.membership_change (
    at          timestamptz NOT NULL,
    record_id   uuid NOT NULL,
    before      uuid,
    after       uuid,
    cause       text NOT NULL
);
CREATE INDEX membership_change_by_after ON identity.membership_change (after, at DESC);
CREATE INDEX membership_change_by_before ON identity.membership_change (before, at DESC);

CREATE SCHEMA profiles;
CREATE TABLE profiles.profile (
    customer_id uuid PRIMARY KEY,
    kind        text   NOT NULL,
    name        text   NOT NULL,
    search_name text   NOT NULL,
    golden      jsonb  NOT NULL,
    record_ids  uuid[] NOT NULL,
    version     bigint NOT NULL          -- position of its last change; not indexed, so that raising it stays cheap
) WITH (fillfactor = 75);
CREATE INDEX profile_by_name ON profiles.profile USING gin (search_name gin_trgm_ops);

CREATE SCHEMA timeline;
CREATE TABLE timeline.entry (
    entry_id     uuid PRIMARY KEY,
    record_id    uuid,                     -- the party's source record; null for a guest
    stated_party uuid,                     -- null when the party is that of the order or ticket it belongs to
    type         text        NOT NULL,
    source       text        NOT NULL,
    stream       text        NOT NULL,
    external_id  text        NOT NULL,
    occurred_at  timestamptz NOT NULL,
    version      text        NOT NULL,
    deleted      boolean     NOT NULL,
    status       text,
    amount_minor bigint,
    currency     text,
    thread       text,                     -- the order or ticket it belongs to, as type:external id
    body         jsonb       NOT NULL
);
CREATE INDEX entry_by_record ON timeline.entry (record_id, occurred_at DESC, entry_id) WHERE NOT deleted;
CREATE INDEX entry_by_number ON timeline.entry (lower(external_id))
    WHERE type IN ('order', 'invoice', 'ticket', 'payment', 'refund', 'subscription', 'deal');
CREATE INDEX entry_of_consent ON timeline.entry (record_id) WHERE type = 'consent' AND NOT deleted;
CREATE INDEX entry_by_thread ON timeline.entry (source, thread) WHERE thread IS NOT NULL AND stated_party IS NULL;
CREATE INDEX entry_as_thread ON timeline.entry (source, external_id) WHERE type IN ('order', 'ticket');

CREATE SCHEMA consent;
CREATE TABLE consent.statement (
    record_id     uuid NOT NULL,
    purpose       text NOT NULL,
    channel       text NOT NULL,
    contact_point text NOT NULL,
    state         text NOT NULL,
    stated_at     timestamptz NOT NULL,
    version       text NOT NULL,
    source        text NOT NULL,
    PRIMARY KEY (record_id, purpose, channel, contact_point)
);

CREATE SCHEMA indicators;
CREATE TABLE indicators.figures (
    customer_id uuid PRIMARY KEY,
    figures     jsonb NOT NULL
);

CREATE SCHEMA pipeline;
-- One row per changed customer and micro-batch; screens and destinations follow it by position.
CREATE TABLE pipeline.change_feed (
    position    bigint PRIMARY KEY,
    customer_id uuid NOT NULL,
    kinds       text[] NOT NULL,
    at          timestamptz NOT NULL
);
CREATE INDEX change_feed_by_customer ON pipeline.change_feed (customer_id, position DESC);
CREATE TABLE pipeline.feed_head (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    position bigint NOT NULL
);
INSERT INTO pipeline.feed_head (position) VALUES (0);

-- Events that could not be applied, set aside with the reason so that the rest goes on.
CREATE TABLE pipeline.parked_event (
    part      smallint NOT NULL,
    seq       bigint NOT NULL,
    source    text NOT NULL,
    event_id  text NOT NULL,
    reason    text NOT NULL,
    parked_at timestamptz NOT NULL,
    PRIMARY KEY (part, seq)
);
