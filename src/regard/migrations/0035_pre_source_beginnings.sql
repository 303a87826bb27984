-- Where the log stood when a source was added: what the source said lies behind it. Empty: nobody noted it.
ALTER TABLE sources.source ADD COLUMN log_heads bigint[] NOT NULL DEFAULT '{}';
