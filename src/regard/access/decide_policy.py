"""Decides, per role and field, whether a value is shown, masked, said to exist, or hidden.

Pure: the same role and registry give the same answer, and a field that nobody classified is hidden.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from regard.access.field_registry import FieldClass, FieldRegistry, FieldRule

Action = Literal["show", "mask", "exists", "hide"]
ACTIONS: tuple[Action, ...] = ("show", "mask", "exists", "hide")


@dataclass(frozen=True, slots=True)
class Decision:
    """What a role may see of one field."""

    action: Action
    rule: FieldRule


@dataclass(frozen=True)
class Policy:
    """What one role may see, ready for quick answers.

    `fingerprint` changes whenever the role or the classes of the fields do.
    """

    role: str
    classes: Mapping[FieldClass, Action]
    overrides: Mapping[str, Action]
    types: frozenset[str]
    rights: frozenset[str]
    registry: FieldRegistry
    fingerprint: str
    _decided: dict[str, Decision] = field(default_factory=dict)
    _entries: dict[tuple[str, str], Decision] = field(default_factory=dict)

    def decide(self, name: str) -> Decision:
        """What the role may see of a field of a customer."""
        known = self._decided.get(name)
        if known is not None:
            return known
        rule = self.registry.rule(name)
        decision = Decision(self._action(rule, name), rule)
        if rule.known:
            # Only known names are kept: unknown ones come from outside and have no end.
            self._decided[name] = decision
        return decision

    def decide_entry(self, type_: str, name: str) -> Decision:
        """What the role may see of a field of an interaction of this type."""
        known = self._entries.get((type_, name))
        if known is not None:
            return known
        rule = self.registry.entry_rule(type_, name)
        specific, general = f"{type_}.{name}", f"interaction.{name}"
        # An override for all types gives way where a type has a class of its own for the field.
        named = general if rule.field == general and specific not in self.overrides else specific
        action = self._action(rule, named) if type_ in self.types else "hide"
        decision = Decision(action, rule)
        if rule.known:
            self._entries[(type_, name)] = decision
        return decision

    def shows(self, name: str) -> bool:
        """Whether the field is shown in clear."""
        return self.decide(name).action == "show"

    def shows_entry(self, type_: str, name: str) -> bool:
        """Whether the field of interactions of this type is shown in clear."""
        return self.decide_entry(type_, name).action == "show"

    def _action(self, rule: FieldRule, name: str) -> Action:
        if not rule.known or rule.class_ == "C4":
            return "hide"
        return self.overrides.get(name) or self.classes.get(rule.class_, "hide")


def make_policy(
    role: str,
    classes: Mapping[FieldClass, Action],
    overrides: Mapping[str, Action],
    types: frozenset[str],
    rights: frozenset[str],
    registry: FieldRegistry,
) -> Policy:
    """The policy of a role over a registry."""
    known = sorted((r.field, r.class_, r.mask, r.label) for r in registry.rules.values())
    said = (role, sorted(classes.items()), sorted(overrides.items()), sorted(types), sorted(rights), known)
    fingerprint = hashlib.sha256(repr(said).encode()).hexdigest()[:12]
    return Policy(role, classes, overrides, types, rights, registry, fingerprint)
