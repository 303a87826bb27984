"""Mappings that come with Regard: what the raw records of each connector mean."""
