"""Decides who may see what, and keeps a record of who looked."""
