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
from typing import Any, NamedTuple

from regard.identity.fold_text import words
from regard.profiles.display_name import display_name
from regard.records.fold_record import SourceRecord

# Not values of the customer but links to others.
_LINKS = frozenset({"organisation_ref"})
_MOST_OTHERS = 20
_NAME_FIELDS = ("full_name", "given_name", "family_name", "name")


@dataclass(frozen=True, slots=True)
class Survivorship:
    """The rules of `survivorship.toml`: a rule per field, and the group a field belongs to."""

    default: str
    rules: Mapping[str, str]
    group_of: Mapping[str, str]


class Member:
    """One record of the customer with what it states now, worked out once."""

    __slots__ = ("fields", "name", "origin", "record", "tie_breaker")

    def __init__(self, kind: str, record: SourceRecord) -> None:
        self.record = record
        self.fields = record.effective_fields()
        self.name = display_name(kind, self.fields)
        self.tie_breaker = record.record_id.hex
        self.origin = {
            "record": str(record.record_id),
            "source": record.key.source,
            "stream": record.key.stream,
            "external_id": record.key.external_id,
        }


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
    return Survivorship(raw["default"], raw["fields"], group_of)


def golden_record(members: Sequence[Member], rules: Survivorship) -> dict[str, Any]:
    """Field -> surviving value with record, source, time, rule and the values that lost."""
    named = _name_candidates(members)
    name_winner = _most_frequent(named) if named else None
    candidates = _collect(members)
    group_winner = _winners_of_groups(candidates, rules) if len(members) > 1 else {}
    golden: dict[str, Any] = {}
    for field, found in candidates.items():
        rule = rules.rules.get(field, rules.default)
        group = rules.group_of.get(field)
        winner: Candidate | None
        if group:
            rule = f"together_{group}"
            winner = _of_member(found, group_winner[group]) if group_winner else found[0]
        elif len(found) == 1:
            winner = found[0]
        elif rule == "with_name":
            winner = (_of_member(found, name_winner.member) if name_winner else None) or max(
                found, key=_order
            )
        elif rule == "most_frequent":
            winner = _most_frequent(found)
        else:
            winner = max(found, key=_order)
        if winner is not None:
            golden[field] = _provenance(winner, rule, found, field)
    if name_winner is not None:
        golden["name"] = _provenance(name_winner, "most_frequent", named, "")
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
    candidates: dict[str, list[Candidate]] = defaultdict(list)
    for member in members:
        for field, value in member.fields.items():
            if field in _LINKS or isinstance(value, dict):
                continue
            stated_at = member.record.stated_at(field)
            for one in [value] if isinstance(value, str) else value:
                if one.strip():
                    candidates[field].append(Candidate(stated_at, member.tie_breaker, one, member))
    return candidates


def _name_candidates(members: Sequence[Member]) -> list[Candidate]:
    return [
        Candidate(
            member.record.last_stated(_NAME_FIELDS),
            member.tie_breaker,
            member.name,
            member,
        )
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


def _provenance(winner: Candidate, rule: str, found: Sequence[Candidate], field: str) -> dict[str, Any]:
    stated: dict[str, Any] = _statement(winner, field)
    stated["rule"] = rule
    stated["others"] = [_statement(other, field) for other in _others(winner, found)]
    return stated


def _others(winner: Candidate, found: Sequence[Candidate]) -> list[Candidate]:
    """What lost, latest first, each value of a record once."""
    if len(found) == 1:
        return []
    others: dict[tuple[str, str], Candidate] = {}
    for candidate in sorted(found, reverse=True, key=lambda c: c[:3]):
        if candidate is not winner:
            others.setdefault((candidate.tie_breaker, candidate.value), candidate)
    return list(others.values())[:_MOST_OTHERS]


def _statement(candidate: Candidate, field: str) -> dict[str, str]:
    origin = candidate.member.origin
    if field and (run := candidate.member.record.corrected_by(field)):
        origin = {**origin, "corrected_by": run}
    return {"value": candidate.value, "at": candidate.stated_at.isoformat(), **origin}
