"""Measures Regard on this machine and prints one table."""
