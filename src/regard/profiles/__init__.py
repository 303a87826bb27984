"""Keeps one golden record per customer, with the source of every value."""
