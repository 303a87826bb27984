"""The one door out: what a principal sees of a customer, redacted and audited."""
