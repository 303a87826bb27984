"""Wires the rooms into runnable programs; settings and the command line."""
