"""Decides, explainably, which source records are one customer."""
