"""Chooses, field by field, the value of the golden record, and keeps where it and the others came from.

Pure: the same records give the same bytes in any order.
"""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import msgspec

from regard.identity.fold_text import words
from regard.profiles.display_name import display_name
from regard.records.fold_record import SourceRecord, version_time

# Not values of the customer but links to others.
_LINKS = frozenset({"organisation_ref"})
_MOST_OTHERS = 20
_NAME_FIELDS = ("full_name", "given_name", "family_name", "name")


@dataclass(frozen=True, slots=True)
class Survivorship:
    """The rules of `survivorship.toml`: a rule per field, and the group a field belongs to.

    The rule of a field of the group g is `together_g`.
    """

    default: str
    rules: Mapping[str, str]
    group_of: Mapping[str, str]


class Statement(msgspec.Struct, frozen=True, gc=False):
    """Who stated a value, and when. Its parts stand in the order of their names, as they are kept."""

    at: str
    corrected_by: str | msgspec.UnsetType
    external_id: str
    record: str
    source: str
    stream: str
    value: str


class Survivor(msgspec.Struct, frozen=True, gc=False):
    """The statement that won a field, by which rule, and those that lost to it."""

    at: str
    corrected_by: str | msgspec.UnsetType
    external_id: str
    others: list[Statement]
    record: str
    rule: str
    source: str
    stream: str
    value: str


class Member:
    """One record of the customer with what it states now, worked out once."""

    __slots__ = ("_at", "_id", "_when", "fields", "name", "record", "tie_breaker")

    def __init__(self, kind: str, record: SourceRecord) -> None:
        self.record = record
        self.fields = record.effective_fields()
        self.name = display_name(kind, self.fields)
        self._id = str(record.record_id)
        self.tie_breaker = self._id.replace("-", "")
        # A record that was stated as a whole states every field at one time.
        self._when = None if record.patches else version_time(record.base_version)
        self._at = self._when.isoformat() if self._when else ""

    def stated_at(self, field: str) -> datetime:
        """When the record stated the field."""
        return self._when or self.record.stated_at(field)

    def named_at(self) -> datetime:
        """When the record last stated a part of its name."""
        return self._when or self.record.last_stated(_NAME_FIELDS)

    def state(self, candidate: Candidate, field: str) -> Statement:
        """A value of this record as it is kept; `field`: '' for the name that is shown."""
        key = self.record.key
        return Statement(
            self._at or candidate.stated_at.isoformat(), self._corrected_by(field), key.external_id, self._id,
            key.source, key.stream, candidate.value,
        )  # fmt: skip

    def survive(self, won: Candidate, rule: str, others: Iterable[Candidate], field: str) -> Survivor:
        """A value of this record that won its field by `rule` over `others`."""
        key = self.record.key
        return Survivor(
            self._at or won.stated_at.isoformat(), self._corrected_by(field), key.external_id,
            [other.member.state(other, field) for other in others] if others else [],
            self._id, rule, key.source, key.stream, won.value,
        )  # fmt: skip

    def _corrected_by(self, field: str) -> str | msgspec.UnsetType:
        run = self.record.corrected_by(field) if field and not self._at else None
        return run or msgspec.UNSET


class Candidate(NamedTuple):
    """One value of a field as one record has it; later statements win, then the larger record id."""

    stated_at: datetime
    tie_breaker: str
    value: str
    member: Member


@cache
def shipped_survivorship() -> Survivorship:
    """The rules that ship with Regard."""
    raw = tomllib.loads(files(__package__).joinpath("survivorship.toml").read_text())
    group_of = {field: group for group, fields in raw["groups"].items() for field in fields}
    together = {field: f"together_{group}" for field, group in group_of.items()}
    return Survivorship(raw["default"], {**raw["fields"], **together}, group_of)


def golden_record(members: Sequence[Member], rules: Survivorship) -> dict[str, Survivor]:
    """Field -> surviving value with record, source, time, rule and the values that lost."""
    named = _name_candidates(members)
    name_winner = _most_frequent(named) if named else None
    candidates = _collect(members)
    group_winner = _winners_of_groups(candidates, rules) if len(members) > 1 else {}
    golden: dict[str, Survivor] = {}
    for field, found in candidates.items():
        rule = rules.rules.get(field, rules.default)
        if len(found) == 1 and not group_winner:
            golden[field] = found[0].member.survive(found[0], rule, (), field)
            continue
        group = rules.group_of.get(field)
        winner: Candidate | None
        if group:
            winner = _of_member(found, group_winner[group]) if group_winner else found[0]
        elif rule == "with_name":
            winner = (_of_member(found, name_winner.member) if name_winner else None) or max(
                found, key=_order
            )
        elif rule == "most_frequent":
            winner = _most_frequent(found)
        else:
            winner = max(found, key=_order)
        if winner is not None:
            golden[field] = winner.member.survive(winner, rule, _others(winner, found), field)
    if name_winner is not None:
        others = _others(name_winner, named)
        golden["name"] = name_winner.member.survive(name_winner, "most_frequent", others, "")
    return golden


def search_text(members: Iterable[Member]) -> str:
    """All names of the customer, folded, for the search by name."""
    names: set[str] = set()
    for member in members:
        for text in (member.name, member.fields.get("organisation")):
            if isinstance(text, str) and (folded := words(text)):
                names.add(folded)
    return " | ".join(sorted(names))[:500]


def _collect(members: Sequence[Member]) -> dict[str, list[Candidate]]:
    candidates: dict[str, list[Candidate]] = {}
    for member in members:
        for field, value in member.fields.items():
            if field in _LINKS or isinstance(value, dict):
                continue
            stated_at = member.stated_at(field)
            for one in [value] if isinstance(value, str) else value:
                if one.strip():
                    found = Candidate(stated_at, member.tie_breaker, one, member)
                    candidates.setdefault(field, []).append(found)
    return candidates


def _name_candidates(members: Sequence[Member]) -> list[Candidate]:
    return [
        Candidate(member.named_at(), member.tie_breaker, member.name, member)
        for member in members
        if member.name
    ]


def _winners_of_groups(candidates: Mapping[str, list[Candidate]], rules: Survivorship) -> dict[str, Member]:
    """Per group the record with the fullest statement, of equals the latest."""
    by_group: dict[str, list[Candidate]] = defaultdict(list)
    for field, found in candidates.items():
        if group := rules.group_of.get(field):
            by_group[group] += found
    winners = {}
    for group, found in by_group.items():
        filled = Counter(candidate.tie_breaker for candidate in found)
        winners[group] = max(found, key=lambda c: (min(filled[c.tie_breaker], 3), c[:2])).member
    return winners


def _of_member(found: Sequence[Candidate], member: Member) -> Candidate | None:
    for candidate in found:
        if candidate.member is member:
            return candidate
    return None


def _order(candidate: Candidate) -> tuple[datetime, str, str]:
    return candidate[:3]


def _most_frequent(found: Sequence[Candidate]) -> Candidate:
    """The value most records agree on, in the spelling stated last."""
    if len(found) == 1:
        return found[0]
    votes = Counter(words(candidate.value) for candidate in found)
    return max(found, key=lambda c: (votes[words(c.value)], c[:3]))


def _others(winner: Candidate, found: Sequence[Candidate]) -> list[Candidate]:
    """What lost, latest first, each value of a record once."""
    if len(found) == 1:
        return []
    others: dict[tuple[str, str], Candidate] = {}
    for candidate in sorted(found, reverse=True, key=lambda c: c[:3]):
        if candidate is not winner:
            others.setdefault((candidate.tie_breaker, candidate.value), candidate)
    return list(others.values())[:_MOST_OTHERS]
