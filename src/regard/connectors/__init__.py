"""Translates the formats of outside systems into events, one file each."""
