"""Mapping as data: what a source's raw records mean in Regard's words."""
