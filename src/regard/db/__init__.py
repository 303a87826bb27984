"""Talks to PostgreSQL: embedded server, pool, transactions, named queries, migrations."""
