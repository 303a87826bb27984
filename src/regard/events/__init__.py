"""The language of the log: the envelope and one module per family of event."""
