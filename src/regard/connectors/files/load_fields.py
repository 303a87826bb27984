"""The fields that a column can be mapped to, with the words that name them in headers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Literal

import msgspec

PARTY_TARGETS = ("person", "organisation")
FieldKind = Literal[
    "text", "name", "email", "phone", "day", "instant", "amount", "number", "currency", "state"
]


class ImportField(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One field: where it may be used, how its values are read, and how headers call it."""

    id: str
    label: str
    targets: list[str]
    kind: FieldKind = "text"
    multiple: bool = False
    words: list[str] = []


class ImportTarget(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What rows can be: a party or a type of interaction, and how headers and file names call it."""

    id: str
    label: str
    words: list[str] = []


class _File(msgspec.Struct, forbid_unknown_fields=True):
    target: list[ImportTarget]
    field: list[ImportField]
    empty_values: list[str]
    date_words: dict[str, list[str]]
    id_words: list[str]
    party_words: dict[str, list[str]]
    states: dict[str, list[str]]
    statuses: dict[str, list[str]]
    given_names: list[str]


@dataclass(frozen=True, slots=True)
class ImportFields:
    """Everything the file `import_fields.toml` says, ready for look-ups."""

    targets: tuple[ImportTarget, ...]
    fields: tuple[ImportField, ...]
    empty_values: frozenset[str]
    date_words: dict[str, tuple[str, ...]]
    id_words: frozenset[str]
    party_streams: dict[str, str]
    states: dict[str, str]
    statuses: dict[str, str]
    given_names: frozenset[str]


@cache
def load_fields() -> ImportFields:
    """The shipped list, read when first asked for."""
    raw = resources.files(__package__).joinpath("import_fields.toml").read_bytes()
    file = msgspec.toml.decode(raw, type=_File)
    return ImportFields(
        tuple(file.target),
        tuple(file.field),
        frozenset(file.empty_values),
        {name: tuple(words) for name, words in file.date_words.items()},
        frozenset(file.id_words),
        _turn(file.party_words),
        _turn(file.states),
        _turn(file.statuses),
        frozenset(file.given_names),
    )


@cache
def fields_of(target: str) -> Mapping[str, ImportField]:
    """The fields that rows of a target can have, by id, in the order of the file."""
    group = target if target in PARTY_TARGETS else "interaction"
    fields = (field for field in load_fields().fields if group in field.targets or target in field.targets)
    return MappingProxyType({field.id: field for field in fields})


def _turn(words: dict[str, list[str]]) -> dict[str, str]:
    return {word: meaning for meaning, group in words.items() for word in group}
