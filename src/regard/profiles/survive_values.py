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
from typing import Any

from regard.identity.fold_text import words
from regard.profiles.display_name import display_name
from regard.records.fold_record import SourceRecord

# Not values of the customer but links to others.
_LINKS = frozenset({"organisation_ref"})
_MOST_OTHERS = 20


@dataclass(frozen=True, slots=True)
class Survivorship:
    """The rules of `survivorship.toml`: a rule per field, and the group a field belongs to."""

    default: str
    rules: Mapping[str, str]
    group_of: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One value of a field as one record has it."""

    value: str
    record: SourceRecord
    stated_at: datetime

    @property
    def order(self) -> tuple[datetime, str]:
        """Later statements first; of equals the larger record id, so that ties are settled."""
        return self.stated_at, self.record.record_id.hex


@cache
def shipped_survivorship() -> Survivorship:
    """The rules that ship with Regard."""
    raw = tomllib.loads(files(__package__).joinpath("survivorship.toml").read_text())
    group_of = {field: group for group, fields in raw["groups"].items() for field in fields}
    return Survivorship(raw["default"], raw["fields"], group_of)


def golden_record(kind: str, records: Sequence[SourceRecord], rules: Survivorship) -> dict[str, Any]:
    """Field -> surviving value with record, source, time, rule and the values that lost."""
    named = _name_candidates(kind, records)
    name_winner = _most_frequent(named) if named else None
    candidates = _collect(records)
    group_winner = _winners_of_groups(candidates, rules)
    golden: dict[str, Any] = {}
    for field in sorted(candidates):
        rule = rules.rules.get(field, rules.default)
        group = rules.group_of.get(field)
        found = candidates[field]
        winner: Candidate | None
        if group:
            rule, record = f"together_{group}", group_winner[group]
            winner = next((c for c in found if c.record is record), None)
        elif rule == "with_name":
            winner = next(
                (c for c in found if name_winner and c.record is name_winner.record), None
            ) or _latest(found)
        elif rule == "most_frequent":
            winner = _most_frequent(found)
        else:
            winner = _latest(found)
        if winner is not None:
            golden[field] = _provenance(winner, rule, found)
    if name_winner is not None:
        golden["name"] = _provenance(name_winner, "most_frequent", named)
    return golden


def search_text(kind: str, records: Iterable[SourceRecord]) -> str:
    """All names of the customer, folded, for the search by name."""
    names: list[str] = []
    for record in records:
        fields = record.effective_fields()
        for text in (display_name(kind, fields), fields.get("organisation")):
            folded = words(text) if isinstance(text, str) else ""
            if folded:
                names.append(folded)
    return " | ".join(sorted(set(names)))[:500]


def _collect(records: Sequence[SourceRecord]) -> dict[str, list[Candidate]]:
    candidates: dict[str, list[Candidate]] = defaultdict(list)
    for record in records:
        for field, value in record.effective_fields().items():
            if field in _LINKS or isinstance(value, dict):
                continue
            stated_at = record.stated_at(field)
            for one in [value] if isinstance(value, str) else value:
                if one.strip():
                    candidates[field].append(Candidate(one, record, stated_at))
    return candidates


def _name_candidates(kind: str, records: Sequence[SourceRecord]) -> list[Candidate]:
    named = []
    for record in records:
        fields = record.effective_fields()
        name = display_name(kind, fields)
        if name:
            at = max(record.stated_at(f) for f in ("full_name", "given_name", "family_name", "name"))
            named.append(Candidate(name, record, at))
    return named


def _winners_of_groups(
    candidates: Mapping[str, list[Candidate]], rules: Survivorship
) -> dict[str, SourceRecord]:
    """Per group the record with the fullest statement, of equals the latest."""
    by_group: dict[str, list[Candidate]] = defaultdict(list)
    for field, found in candidates.items():
        if group := rules.group_of.get(field):
            by_group[group] += found
    winners = {}
    for group, found in by_group.items():
        filled = Counter(c.record.record_id for c in found)
        best = max(found, key=lambda c: (min(filled[c.record.record_id], 3), c.order))
        winners[group] = best.record
    return winners


def _latest(found: Sequence[Candidate]) -> Candidate:
    return max(found, key=lambda c: c.order)


def _most_frequent(found: Sequence[Candidate]) -> Candidate:
    """The value most records agree on; of its spellings the latest one with mixed letters."""
    votes = Counter(words(c.value) for c in found)
    return max(found, key=lambda c: (votes[words(c.value)], c.order))


def _provenance(winner: Candidate, rule: str, found: Sequence[Candidate]) -> dict[str, Any]:
    others: dict[str, Candidate] = {}
    for candidate in sorted(found, key=lambda c: c.order, reverse=True):
        if candidate is not winner:
            others.setdefault(candidate.record.record_id.hex + candidate.value, candidate)
    return {
        **_statement(winner),
        "rule": rule,
        "others": [_statement(c) for c in list(others.values())[:_MOST_OTHERS]],
    }


def _statement(candidate: Candidate) -> dict[str, str]:
    key = candidate.record.key
    return {
        "value": candidate.value,
        "record": str(candidate.record.record_id),
        "source": key.source,
        "stream": key.stream,
        "external_id": key.external_id,
        "at": candidate.stated_at.isoformat(),
    }
