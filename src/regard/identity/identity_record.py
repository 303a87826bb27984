"""The words every other file of this room speaks: records in, judgements in, membership changes out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

Kind = Literal["person", "organisation"]
Verdict = Literal["same", "different"]
# No name of a user has a colon.
_BY_SOURCE = "source:"
FieldValues = Mapping[str, Any]
"""Canonical fields of a record, raw: text, list of texts, or a mapping such as ``organisation_ref``."""


class Identifier(NamedTuple):
    """One value that can name a party; ``authority``: who issues it ('' = the world)."""

    type: str
    authority: str
    value: str


@dataclass(frozen=True, slots=True)
class IdentityRecord:
    """The latest state of one source record, as far as identity needs it.

    ``first_seen`` (aware UTC) only names customers: the oldest member gives its id. ``fields`` holds raw
    values under the canonical names; keys this room does not know are ignored. ``country`` (ISO 3166) is that
    of the source: for what the record itself does not place.
    """

    record_id: UUID
    kind: Kind
    source: str
    stream: str
    external_id: str
    first_seen: datetime
    fields: FieldValues
    country: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict on records. Where two active judgements contradict, the greater `rank` wins.

    ``same``: all records of left and right belong to one customer. ``different``: no record of left may
    ever be in one customer with a record of right. ``by``: who said so, ``source:<slug>`` for what the staff
    of a source did there.
    """

    judgement_id: UUID
    verdict: Verdict
    left: tuple[UUID, ...]
    right: tuple[UUID, ...]
    by: str = ""

    @property
    def rank(self) -> tuple[bool, UUID]:
        """People before sources; among people the later, whose id (UUIDv7) is greater.

        Ids of what sources said are hashes and say nothing of time; sources only ever say ``same``, so their
        order among themselves needs to be the same every time and no more.
        """
        return (not self.by.startswith(_BY_SOURCE), self.judgement_id)


@dataclass(frozen=True, slots=True)
class MembershipChange:
    """``record_id`` moved from customer ``before`` (None: it is new) to ``after`` (None: it is gone)."""

    record_id: UUID
    before: UUID | None
    after: UUID | None
