"""Keeps what happened, in order."""
