"""Knows every field: its class, its label and how it is masked; what it does not know is sensitive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from regard.access.mask_values import MASKS
from regard.kit.errors import RegardError

FieldClass = Literal["C0", "C1", "C2", "C3", "C4"]
"""C0 public, C1 internal, C2 personal, C3 sensitive, C4 never shown."""


class RulesUnreadableError(RegardError):
    """A file of field classes or roles says something that cannot be followed."""

    code = "rules_unreadable"


class _Entry(msgspec.Struct, forbid_unknown_fields=True):
    label: str
    class_: FieldClass = msgspec.field(name="class")
    mask: str = "text"


class _File(msgspec.Struct, forbid_unknown_fields=True):
    fields: dict[str, _Entry]


@dataclass(frozen=True, slots=True)
class FieldRule:
    """What is known of one field."""

    field: str
    class_: FieldClass
    label: str
    mask: str
    known: bool = True


@dataclass(frozen=True, slots=True)
class FieldRegistry:
    """All known fields by name; interaction fields are called `interaction.x` or `type.x`."""

    rules: Mapping[str, FieldRule]

    def rule(self, field: str) -> FieldRule:
        """The rule of a field of a customer; an unknown one is sensitive."""
        known = self.rules.get(field)
        return known or FieldRule(field, "C3", field.replace("_", " ").capitalize(), "text", known=False)

    def entry_rule(self, type_: str, field: str) -> FieldRule:
        """The rule of a field of an interaction: that of its type, else that of all interactions."""
        return self.rules.get(f"{type_}.{field}") or self.rule(f"interaction.{field}")


def read_registry(raw: str, place: str) -> FieldRegistry:
    """The registry from its TOML text; raises `RulesUnreadableError` naming file and key."""
    try:
        file = msgspec.toml.decode(raw, type=_File)
    except msgspec.DecodeError as error:
        raise RulesUnreadableError(f"{place}: {error}") from None
    for name, entry in file.fields.items():
        if entry.mask not in MASKS:
            known = ", ".join(sorted(MASKS))
            raise RulesUnreadableError(
                f"{place}: fields.{name}.mask is “{entry.mask}”; the kinds are {known}"
            )
    return FieldRegistry(
        {name: FieldRule(name, e.class_, e.label, e.mask) for name, e in file.fields.items()}
    )


@cache
def shipped_registry() -> FieldRegistry:
    """The registry that comes with Regard."""
    return read_registry(files(__package__).joinpath("fields.toml").read_text("utf-8"), "access/fields.toml")
