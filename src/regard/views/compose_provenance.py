"""Answers where a value is from: the source that won, the rule, and the values that did not win."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from regard.kit.errors import RegardError
from regard.views.customer_data import GoldenOther, GoldenValue
from regard.views.redact_values import Redactor

_RULES = {
    "most_recent": "The value that was stated last counts",
    "most_frequent": "The value that most records agree on counts; of equals the latest",
    "with_name": "It comes from the record whose full name most records agree on",
    "together_address": "The parts of an address come together, from the record with the fullest address",
}


class FieldUnknownError(RegardError):
    """The customer has no such field, or the role does not see it: the same answer for both."""

    code = "field_unknown"
    status = 404


def rule_sentence(rule: str) -> str:
    """The rule in words."""
    known = _RULES.get(rule)
    if known:
        return known
    if rule.startswith("together_"):
        return f"The parts of the {rule.removeprefix('together_')} come together, from one record"
    return rule.replace("_", " ").capitalize()


def compose_provenance(redactor: Redactor, golden: dict[str, GoldenValue], field: str) -> dict[str, Any]:
    """Winner and others, each as far as the role sees it; raises `FieldUnknownError`."""
    value = golden.get(field)
    decision = redactor.policy.decide(field)
    if value is None or decision.action == "hide":
        raise FieldUnknownError("there is no such field of this customer that your role sees")
    return {
        "field": field,
        "label": decision.rule.label,
        "rule": rule_sentence(value.rule),
        "winner": _stated(redactor, field, value, value.at),
        "others": [_stated(redactor, field, other, other.at) for other in value.others],
    }


def _stated(redactor: Redactor, field: str, value: GoldenValue | GoldenOther, at: datetime) -> dict[str, Any]:
    return {
        "value": redactor.text(field, value.value) or "",
        "source": value.source,
        "source_title": redactor.titles.title(value.source),
        "stream": value.stream,
        "external_id": redactor.text("external_id", value.external_id) or "",
        "stated_at": at,
        "corrected": value.corrected_by is not None,
    }
