"""Keeps the latest state of every source record."""
