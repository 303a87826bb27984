"""What a source says about one of its records of a party."""

from __future__ import annotations

from typing import Literal

import msgspec

PartyKind = Literal["person", "organisation"]
FieldValue = str | list[str] | dict[str, str]

# Fields that hold several values; a patch adds to them instead of replacing.
MULTIPLE_FIELDS = frozenset(
    {"email", "phone", "account_id", "handle", "anonymous_id", "device_id", "domain", "tags"}
)


class RecordUpserted(msgspec.Struct, frozen=True, tag="record.upserted"):
    """The whole record as the source has it now; fields not named are gone."""

    stream: str
    external_id: str
    kind: PartyKind
    fields: dict[str, FieldValue]


class RecordPatched(msgspec.Struct, frozen=True, tag="record.patched", omit_defaults=True):
    """Some fields of the record; None removes one, multiple fields gain values.

    `in_passing`: noted while something else was said (two ids in one call). It has no time of its
    own, says nothing about the record's age, and stays until the record itself is erased.
    """

    stream: str
    external_id: str
    kind: PartyKind
    fields: dict[str, FieldValue | None]
    in_passing: bool = False


class RecordDeleted(msgspec.Struct, frozen=True, tag="record.deleted"):
    """The source no longer has the record."""

    stream: str
    external_id: str
