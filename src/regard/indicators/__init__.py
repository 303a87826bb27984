"""Computes numbers about a customer, one file each."""
