-- Sources that Regard reads or that push raw records: how they are reached, how far each stream was read, what the
-- raw records mean, and which raw record stated what.
CREATE TABLE intake.connection (
    source            text        PRIMARY KEY REFERENCES sources.source (slug),
    settings          jsonb       NOT NULL DEFAULT '{}',
    secrets           bytea,                              -- the secret settings, sealed under the source's own key
    enabled           boolean     NOT NULL DEFAULT true,
    time_zone         text        NOT NULL DEFAULT 'UTC', -- of times that carry none
    freshness_seconds integer,                            -- how old the last news may be before somebody is told
    changed_at        timestamptz NOT NULL,
    changed_by        text        NOT NULL,
    owner             text,                               -- the process that reads it, and until when it is believed
    expires_at        timestamptz,
    checked_at        timestamptz,                        -- the last time that its settings were seen to work
    error_code        text,
    error             text,
    error_at          timestamptz
);

CREATE TABLE intake.stream (
    source       text        NOT NULL REFERENCES sources.source (slug),
    stream       text        NOT NULL,
    title        text        NOT NULL DEFAULT '',
    poll_seconds double precision NOT NULL DEFAULT 60,
    cursor       jsonb,                                   -- written in the transaction of the records before it
    read_at      timestamptz,                             -- the last reading that ended well
    new_at       timestamptz,                             -- the last time that something new came
    records      bigint      NOT NULL DEFAULT 0,          -- accepted ones
    failures     integer     NOT NULL DEFAULT 0,          -- in a row
    error_code   text,
    error        text,
    error_at     timestamptz,
    retry_at     timestamptz,
    whole_since  timestamptz,                             -- a reading of everything began then and has not ended
    PRIMARY KEY (source, stream)
);

-- What the records of a stream mean; every change is a new number.
CREATE TABLE intake.stream_mapping (
    source   text        NOT NULL,
    stream   text        NOT NULL,
    number   integer     NOT NULL,
    mapping  jsonb       NOT NULL,
    shipped  boolean     NOT NULL,
    saved_at timestamptz NOT NULL,
    saved_by text        NOT NULL,
    PRIMARY KEY (source, stream, number)
);

-- The latest raw state of each record: where it stands in the log, and which mapping read it last.
CREATE TABLE intake.raw_head (
    object_id     uuid        PRIMARY KEY,
    source        text        NOT NULL,
    stream        text        NOT NULL,
    external_id   text        NOT NULL,
    part          smallint,                               -- of the raw event in the log; null while in quarantine
    seq           bigint,
    digest        bytea       NOT NULL,                   -- keyed, of the raw text and its stated time
    updated_at    timestamptz,
    received_at   timestamptz NOT NULL,
    revision      integer     NOT NULL,                   -- how often a state of it was taken
    mapping       integer     NOT NULL,                   -- 0: the stream had no mapping
    deleted       boolean     NOT NULL DEFAULT false,
    quarantine_id uuid,
    seen_at       timestamptz NOT NULL                    -- when a reading met it last
);
CREATE INDEX raw_head_by_stream ON intake.raw_head (source, stream, object_id);

-- Which raw record stated which party, interaction or link: what it no longer states is gone, unless another does.
CREATE TABLE intake.made_item (
    source      text NOT NULL,
    family      text NOT NULL,
    stream      text NOT NULL,
    external_id text NOT NULL,
    object_id   uuid NOT NULL,
    judgement   uuid,                                     -- of a link
    PRIMARY KEY (source, family, stream, external_id, object_id)
);
CREATE INDEX made_item_by_record ON intake.made_item (object_id);
