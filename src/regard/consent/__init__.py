"""Keeps what each customer allowed."""
