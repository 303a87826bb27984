"""Lets through what the role may see of each value, and remembers by name what it let through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from regard.access.decide_policy import Decision, Policy
from regard.access.mask_values import mask_identifier, mask_value
from regard.views.customer_data import GoldenValue, RawEntry
from regard.views.source_titles import SourceTitles

Json = dict[str, Any]
_STATES = {"show": "shown", "mask": "masked", "exists": "exists"}


@dataclass(frozen=True, slots=True)
class Seen:
    """An interaction as the role sees it; None where it sees nothing."""

    type: str
    number: str | None
    title: str | None
    status: str | None
    amount: str | None
    fields: Mapping[str, str]

    def get(self, field: str) -> str | None:
        """Another field, as the role sees it."""
        return self.fields.get(field)


_NUMBERED = frozenset({"order", "invoice", "ticket", "payment", "refund", "subscription", "deal"})


class Redactor:
    """Redacts for one answer to one role; `summary` is what the audit keeps.

    `seen` holds the interactions that were looked at already, by id.
    """

    __slots__ = ("_existing", "_masked", "_shown", "policy", "seen", "titles")

    def __init__(self, policy: Policy, titles: SourceTitles) -> None:
        self.policy = policy
        self.titles = titles
        self.seen: dict[str, Seen] = {}
        self._shown: set[str] = set()
        self._masked: set[str] = set()
        self._existing: set[str] = set()

    def text(self, field: str, raw: object) -> str | None:
        """A value of a field of a customer: in clear, masked, or None."""
        return self._let_through(self.policy.decide(field), raw)

    def number_of(self, entry: RawEntry) -> str | None:
        """The number people know a thing by; only orders, tickets and the like have one.

        Some systems number things by a person's address: such a number must not undo a mask.
        """
        if entry.type not in _NUMBERED:
            return None
        if "@" in entry.number and not self.policy.shows("email"):
            return mask_identifier(entry.number)
        return entry.number

    def entry_text(self, entry_type: str, field: str, raw: object) -> str | None:
        """A value of a field of an interaction: in clear, masked, or None."""
        if raw is None or raw == "":
            return None
        return self._let_through(self.policy.decide_entry(entry_type, field), raw)

    def shown(self, field: str, raw: object) -> str | None:
        """A value only if the role sees it in clear."""
        return self.text(field, raw) if self.policy.shows(field) else None

    def golden(self, field: str, golden: GoldenValue) -> Json | None:
        """A value of the golden record as the screen takes it; None when the field is hidden."""
        decision = self.policy.decide(field)
        action, rule = decision.action, decision.rule
        if action == "hide":
            return None
        # One literal instead of several merged: a view holds dozens of these.
        return {
            "field": field,
            "label": rule.label,
            "value": self._let_through(decision, golden.value) or "",
            "state": _STATES[action],
            "class": rule.class_,
            "source": golden.source,
            "source_title": self.titles.title(golden.source),
            "as_of": golden.at,
            "others": golden.differing,
        }

    def value(self, field: str, raw: object) -> Json | None:
        """A value with label, state and class; None when the field is hidden."""
        return self._value(self.policy.decide(field), field, raw)

    def entry_value(self, entry: RawEntry, field: str, raw: object) -> Json | None:
        """A value of an interaction with label, state, class and source; None when it is hidden."""
        found = self._value(self.policy.decide_entry(entry.type, field), field, raw)
        if found is not None:
            found |= {
                "source": entry.source,
                "source_title": self.titles.title(entry.source),
                "as_of": entry.at,
                "others": 0,
            }
        return found

    def summary(self) -> str:
        """The names of the fields that left, by action; never a value."""
        parts = [("show", self._shown), ("mask", self._masked), ("exists", self._existing)]
        return ";".join(f"{action}={','.join(sorted(names))}" for action, names in parts if names)

    def _value(self, decision: Decision, field: str, raw: object) -> Json | None:
        action, rule = decision.action, decision.rule
        if action == "hide":
            return None
        text = self._let_through(decision, raw)
        state = "shown" if action == "show" else "masked" if action == "mask" else "exists"
        return {
            "field": field,
            "label": rule.label,
            "value": text or "",
            "state": state,
            "class": rule.class_,
        }

    def _let_through(self, decision: Decision, raw: object) -> str | None:
        action, rule = decision.action, decision.rule
        if action == "show":
            self._shown.add(rule.field)
            return raw if isinstance(raw, str) else str(raw)
        if action == "mask":
            self._masked.add(rule.field)
            return mask_value(rule.mask, str(raw))
        if action == "exists":
            self._existing.add(rule.field)
        return None
