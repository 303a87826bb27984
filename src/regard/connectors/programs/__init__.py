"""Connectors that are programs of their own (Singer taps, Airbyte-protocol sources), fenced in."""
