"""Breaks a running installation on purpose and counts what is lost."""
