"""Turns the log into projections, and rebuilds them."""
