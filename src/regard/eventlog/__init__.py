"""Keeps every event once, sealed, in order, and hands it to consumers."""
