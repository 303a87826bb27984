"""Reads tables from files (CSV, JSON Lines, Excel) and turns their rows into events by a mapping."""
