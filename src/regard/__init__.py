"""Regard, the open-source, self-hosted unified customer view."""
