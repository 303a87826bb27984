"""Keeps the configured outside systems and their ingest keys."""
