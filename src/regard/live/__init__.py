"""Tells open screens which customers changed, in ids and versions only."""
