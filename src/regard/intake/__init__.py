"""Receives what outside systems send, fills the log, and keeps in quarantine what cannot be accepted."""
