"""SQL databases as sources, read again and again by plain queries."""
