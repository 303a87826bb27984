"""Composes why two records, or two customers, are one or are not, as much of it as the role sees."""

from __future__ import annotations

from typing import Any

from regard.identity.show_values import canonical_fields
from regard.identity.word_evidence import label_of
from regard.records.fold_record import SourceRecord
from regard.views.compose_identity import compose_pair, record_values
from regard.views.explain_customer import Compared
from regard.views.redact_values import Redactor


def compose_comparison(redactor: Redactor, compared: Compared) -> dict[str, Any]:
    """The evidence between two records and between their customers, and in words what decides."""
    found = compared.comparison
    return {
        "left": _side(redactor, compared.left, compared),
        "right": _side(redactor, compared.right, compared),
        "together": compared.left_customer == compared.right_customer,
        "why": found.why,
        "crowded": [label_of(field) for field in found.crowded if _visible(redactor, field)],
        "pair": compose_pair(redactor, found.pair),
        "whole": compose_pair(redactor, found.whole) if found.whole else None,
    }


def _side(redactor: Redactor, record: SourceRecord, compared: Compared) -> dict[str, Any]:
    mine = record is compared.left
    return {
        "record": str(record.record_id),
        "source": record.key.source,
        "source_title": redactor.titles.title(record.key.source),
        "stream": record.key.stream,
        "external_id": redactor.text("external_id", record.key.external_id) or "",
        "customer": str(compared.left_customer if mine else compared.right_customer),
        "records": compared.left_records if mine else compared.right_records,
        "values": record_values(redactor, record),
    }


def _visible(redactor: Redactor, field: str) -> bool:
    return all(redactor.policy.decide(name).action != "hide" for name in canonical_fields(field))
