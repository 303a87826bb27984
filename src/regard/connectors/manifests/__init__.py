"""Connectors written as data: manifests in the low-code language of Airbyte, interpreted here."""
