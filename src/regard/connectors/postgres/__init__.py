"""PostgreSQL as a source: a snapshot, then every change as it is committed, by logical replication."""
